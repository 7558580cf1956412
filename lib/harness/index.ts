// nonblocking-map/harness: a checker for algorithms on shared memory. The public names, nothing else.

export { type Clause, type Contract, ContractError, type ContractOptions, mapContract } from './contract'
export { type Answer, type Call, type Caller, type Driven, type Driver, type Operation, type Own, type Program, type Range, type Rest, type Run, type System,
  type SystemOptions, type Transition, type View, type WordInfo, type Words, op, read, system } from './system'
export { CheckError, type ExploreOptions, type Explored, type Failure, type Verdict, expectCovered, explore, replay } from './explore'
export { type StressOptions, type Stressed, StressError, stress } from './stress'
export { type Event, type Judgement, type Model, PENDING, judge } from './linearizability'
export { type Edit, type Mutant, MutantError, type MutantResult, type Trial, expectKilled, mutants, mutated } from './mutants'
export { type FastCheck, type ProgramShape, programs } from './programs'
export { mapPrograms } from './map/programs'
export { type Step, trace } from './trace'
export { Monitor } from './monitor'
export { type Confirmation, confirm } from './confirm'
export { InstrumentError } from './survey'
export { MAP, REGISTER, type MapSystemOptions, mapSystem } from './map/system'
