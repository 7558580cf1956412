// nonblocking-map/diagrams: recorded runs, and pictures and pages of them. The public names, nothing else.

export { type Goal, type Leg, direct } from './direct'
export { type MachineOptions, type Told, toDot, toMermaid } from './machine'
export { type PlayerOptions, toPlayer } from './player'
export { recordRaces } from './races'
export { type Access, type Machine, type Operation, type Trace, type Word, checkTrace, record } from './record'
export { toSvg } from './timeline'
