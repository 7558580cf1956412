// The races that the map's documents show. Each is told in the kernel's own terms; the pictures, and the traces that the
// player ships with, are recorded from the shipped kernel.

import { Successor } from '../kernel/words/successor'
import type { Call, Program, System } from '../harness/system'
import { collidingKeys } from '../harness/map/scenarios'
import { type Leg, direct } from './direct'
import { type Trace, record } from './record'

interface Race {
  /** As in the names of files. */
  readonly name: string
  readonly title: string
  readonly about: string
  readonly program: Program
  readonly legs: readonly Leg[]
}

function racesOn([a, b, c]: readonly number[]): Race[] {
  const before: Call[] = [['put', a, 1], ['put', b, 1]], begun: Call[] = [...before, ['install', Successor.Copy]]
  return [{
    name: 'empty-slot', title: 'Two puts race for an Empty slot',
    about: 'Both have found the same slot Empty. One swap can win; the loser looks at what it lost to, and goes on to the next slot.',
    program: { prefix: before.slice(0, 1), threads: [[['put', b, 2]], [['put', c, 3]]] },
    legs: [[0, { before: 'insert' }], [1, { before: 'insert' }], [0, 'end'], [1, 'end']],
  }, {
    name: 'reader-meets-prime', title: 'A reader meets Prime',
    about: 'A copier has frozen the value, and has not moved it yet. The reader neither waits nor helps: a Prime still holds the value.',
    program: { prefix: begun, threads: [[['copyChunks', 1, 3]], [['get', a]]] },
    legs: [[0, { before: 'carryOver', what: 'access' }], [1, 'end'], [0, 'end']],
  }, {
    name: 'stalled-copier', title: 'A copier stalls, and another finishes',
    about: 'Worker 0 stands still in the middle of a slot. Worker 1 copies that slot, all others, and promotes the new table. When worker 0 wakes up, its swaps are lost.',
    program: { prefix: begun, threads: [[['finish']], [['finish']]] },
    legs: [[0, { before: 'carryOver' }], [1, 'end'], [0, 'end']],
  }, {
    name: 'killed-in-mid-copy', title: 'A worker is killed in mid-copy',
    about: 'Worker 0 has frozen a value and is killed. Worker 1 only wants to put; it copies what is left, and the resize ends. Nobody waits for the dead.',
    program: { prefix: begun, threads: [[['finish']], [['put', a, 5], ['put', b, 6], ['get', a]]] },
    legs: [[0, { before: 'carryOver' }], [0, 'killed'], [1, 'end']],
  }]
}

/** The races, recorded on a map system (`mapSystem()`). */
export function recordRaces(system: System): Record<string, Trace> {
  const races = racesOn(collidingKeys(system, 3))
  return Object.fromEntries(races.map(({ name, title, about, program, legs }) => [name, record(system, program, direct(system, program, legs), { title, about })]))
}
