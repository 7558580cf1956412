import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Kernel } from '../../lib/backend/kernel'
import { AccessKind } from '../../lib/harness/access'
import { callAlone, callText, callerOf } from '../../lib/harness/alone'
import { type Scene, Victim, killAtEveryAccess } from '../../lib/harness/crash'
import type { Members } from '../../lib/harness/map/driver'
import { mapSystem } from '../../lib/harness/map/system'
import type { Answer, Call, Code } from '../../lib/harness/system'
import { type Access, Traced } from '../../lib/harness/traced'
import { World } from '../../lib/harness/world'
import { Status } from '../../lib/kernel/read'
import { Tag } from '../../lib/kernel/words/key'
import { Participant, areaIn } from '../../lib/kernel/words/participant'
import { valueTag } from '../../lib/kernel/words/value'
import type { Attachment } from '../../lib/map/attachment'
import { type Repaired, repair } from '../../lib/map/repair'
import { rawKernel } from '../support/kernels'

const built = (file: string): URL => new URL(`../../build/${file}`, import.meta.url)
const compiled = (file: string): WebAssembly.Module => new WebAssembly.Module(readFileSync(built(file)))
const traced = compiled('traced/kernel.wasm'), release = compiled('release/kernel.wasm')

/** Keys and values in records; `set` and `read` are of integers. */
const MAP = mapSystem({ code: built('release/kernel.js'), held: 'records' })
const KEYS = [1, 2, 3, 4, 5, 6]
const ENTRIES: readonly Call[] = KEYS.flatMap((key): Call[] => [['put', key, key * 10], ['set', key, key * 100]])
/** What reads the entries, and what they are. */
const READS = ENTRIES.map(([name, key, value]): readonly [Call, Answer] => [[name === 'put' ? 'get' : 'read', key], value])
/** A block of a record of the harness's length, in bytes. */
const BLOCK = 32
/** Places for members, of the harness's map. */
const PLACES = 5

/** Memory in which a victim acts, and others look at what it has left. */
class Stage implements Scene {
  readonly victim: Victim
  readonly kernelOfVictim: Kernel
  /** The others' kernel; it holds each of its swaps against the table of legal steps. */
  readonly kernel: Kernel
  /** Without those checks, for what takes long. */
  readonly fast: Kernel

  /** `gone` are the entries, by the calls that read them, that are not there any more. */
  constructor(private readonly beginning: BigInt64Array, readonly members: readonly number[], private readonly gone: readonly string[] = []) {
    this.victim = new Victim(traced, beginning.byteLength)
    const { memory, code } = this.victim
    this.kernelOfVictim = code as unknown as Kernel
    this.kernel = rawKernel('wasm', memory)
    this.fast = new WebAssembly.Instance(release, { env: { memory } }).exports as unknown as Kernel
    this.restore()
  }

  restore(): this {
    this.victim.cells.set(this.beginning)
    return this
  }

  /** The memory as it is now becomes the beginning. */
  beginHere(): this {
    this.beginning.set(this.victim.cells)
    return this
  }

  call(me: number, call: Call, kernel = this.kernel): Answer {
    return callAlone(MAP, callerOf(kernel as unknown as Code, this.victim.cells, 0, { members: [me] }), call)
  }

  repair(me: number, kernel = this.kernel): Repaired { return repair({ kernel, at: 0, me, ints: new Int32Array(this.victim.memory.buffer) } as Attachment) }

  /** How many entries there are. */
  get entries(): number { return READS.length - this.gone.length }

  /** The entries, a line each that is not as it should be. */
  wrongEntries(me: number): string[] {
    return READS.map(([call, value]) => [callText(call), this.gone.includes(callText(call)) ? undefined : value, this.call(me, call)] as const)
      .filter(([, right, found]) => right !== found).map(line => line.join(' '))
  }

  /** What is wrong with the map, by the laws of a map at rest to which nothing has happened: they ask for no lost block and an exact size. */
  wrong(me: number): string {
    const program = { prefix: ENTRIES, threads: [] }, finals = MAP.final!(program).map(call => this.call(me, call))
    return MAP.audit!({ code: this.kernel as unknown as Code, memory: this.victim.cells, context: { members: [me] }, kills: 0, finals, program })
  }

  /** Writes as others do that were there all the time. */
  work(me: number): Answer[] { return ([['put', 50, 5], ['get', 50], ['add', 50, 1], ['delete', 50], ['get', 50]] as Call[]).map(call => this.call(me, call)) }

  /** Puts new keys until there is no memory: how many entries the map then holds. */
  fill(me: number): number {
    for (let key = 1000; ; key++) if (this.call(me, ['put', key, key], this.fast) === 'NoMemory') return this.fast.size(0)
  }
}

const WORKED = [undefined, 5, 6, 6, undefined]

// --- repair

const isSwap = ({ kind }: Access): boolean => kind === AccessKind.CompareExchange

/** Runs a thread until it is where it is to be killed. */
function killWhere(threads: Traced, thread: number, here: (made: Access | undefined, next: Access) => boolean): void {
  for (let made: Access | undefined; ; made = threads.step(thread)[0]) {
    const next = threads.pending(thread)
    if (next === undefined) throw new Error(`thread ${thread} has ended before it was to be killed`)
    if (here(made, next)) return threads.kill(thread)
  }
}

/** In the middle of something, workers that are killed; or that all come to their ends. */
type Preparation = (killed: boolean) => Stage

function preparation(prefix: readonly Call[], threads: readonly (readonly Call[])[], gone: readonly string[], kill: (threads: Traced) => void): Preparation {
  const world = new World(MAP, { prefix: [...ENTRIES, ...prefix], threads })
  return killed => {
    const all = new Traced(traced, world)
    if (killed) kill(all)
    for (let thread = 0; thread < threads.length; thread++) all.step(thread, Infinity)
    return new Stage(all.memory, (world.context as Members).members, gone)
  }
}

const kindOf = ({ cell }: Access): string | undefined => MAP.words!.at(cell)?.kind
const makes = (access: Access, kind: string, state: string): boolean =>
  isSwap(access) && kindOf(access) === kind && MAP.words!.stateOf(kind, access.b) === state
/** A record was unlinked, and is neither counted nor freed. */
const unlinks = (made: Access | undefined, state: string): boolean => made !== undefined && makes(made, 'value', state) && valueTag(made.a) === Tag.Record

const HALF_COPIED: readonly Call[] = [['install', 1], ['copyChunks', 0, 4]]
const RESIZE = preparation(HALF_COPIED, [[['put', 9, 9]], [['delete', 1]], [['finish']]], ['get(1)'], threads => {
  // About to take the key's slot, both records in hand.
  killWhere(threads, 0, (_, next) => makes(next, 'key', 'Key'))
  killWhere(threads, 1, made => unlinks(made, 'Tombstone'))
  // A value is carried over, and its slot not yet dead.
  killWhere(threads, 2, (_, next) => makes(next, 'value', 'DeadMoved'))
})

/** Of all that was there before the clear nothing is left. */
const CLEARED = READS.map(([call]) => callText(call)).filter(call => !/\b[12]\)/.test(call) || call === 'get(2)')
const CLEAR = preparation([], [[['clear']], [['put', 1, 10], ['set', 1, 100], ['set', 2, 200], ['put', 2, 20]], [['delete', 2]]], CLEARED, threads => {
  killWhere(threads, 0, made => unlinks(made, 'DeadDeleted'))
  threads.step(1, Infinity)
  killWhere(threads, 2, made => unlinks(made, 'Tombstone'))
})

/** Takes back the places of all who were there; from then on the caller is alone. */
function reapAll({ kernel, members }: Stage): void { for (const member of members) expect(kernel.reap(0, member, true)).toBeTruthy() }

/** How many entries there are when a map is full in which nobody was killed, and which was never repaired. */
function capacityOf(prepare: Preparation): number {
  const stage = prepare(false), me = stage.kernel.join(0, 0)
  reapAll(stage)
  return stage.fill(me)
}

/** Kills repair at every access, and lets another do it: how often, and how many entries the map could then hold. */
function killRepair(prepare: Preparation): { accesses: number, capacities: Set<number> } {
  const stage = prepare(true), victim = stage.members.at(-1)!, capacities = new Set<number>(), right = { entries: stage.entries, sizeError: 0, reclaimed: 0 }
  const { accesses } = killAtEveryAccess(() => stage.restore(), () => { stage.repair(victim, stage.kernelOfVictim) }, () => {
    const me = stage.kernel.join(0, 0)
    expect(stage.repair(me).entries).toBe(stage.entries)
    expect([stage.kernel.size(0), stage.wrongEntries(me), stage.repair(me), stage.wrong(me)]).toEqual([stage.entries, [], right, ''])
    reapAll(stage)
    // The map can be written until it is full, and still everything is known.
    const entries = stage.fill(me)
    expect([stage.wrongEntries(me), stage.repair(me, stage.fast)]).toEqual([[], { entries, sizeError: 0, reclaimed: 0 }])
    capacities.add(entries)
  })
  return { accesses, capacities }
}

describe.each([
  // Two records of the writer's, one of the deleter's; and the key that it deleted is still counted.
  ['a resize', RESIZE, { sizeError: 1, reclaimed: 3 * BLOCK }],
  // One record of the clearer's and one of the deleter's, each of them still counted.
  ['a clear', CLEAR, { sizeError: 2, reclaimed: 2 * BLOCK }],
] as const)('repair in the middle of %s', (what, prepare, lost) => {
  let done: ReturnType<typeof killRepair> | undefined
  const killed = (): ReturnType<typeof killRepair> => done ??= killRepair(prepare)

  it('finds what the killed have lost', () => {
    const stage = prepare(true), me = stage.members.at(-1)!
    expect(stage.repair(me)).toEqual({ entries: stage.entries, ...lost })
    expect(stage.repair(me)).toEqual({ entries: stage.entries, sizeError: 0, reclaimed: 0 })
  })

  it('killed at every access, is done by another', () => {
    console.info(`repair in the middle of ${what}: killed at ${killed().accesses} accesses`)
    expect(killed().accesses).toBeGreaterThan(400)
  })

  it('killed at every access and done by another, leaves the map its whole capacity', () => {
    expect([...killed().capacities]).toEqual([capacityOf(prepare)])
  })
})

describe('repair of a map that was full and was cleared', () => {
  it('leaves it its whole capacity', () => {
    const stage = stageOfMembers(2), [me] = stage.members as [number, number]
    const filled = (): number => { expect(stage.fast.clear(0, me)).toBe(Status.Written); return stage.fill(me) }
    filled()
    const before = filled()
    stage.fast.clear(0, me)
    stage.repair(me)
    expect(stage.fill(me)).toBe(before)
  })
})

// --- those who come and go

/** So many members, the first of which has written all entries, and vacant places that others have left. */
function stageOfMembers(many: number): Stage {
  const world = new World(MAP, { prefix: ENTRIES, threads: Array.from({ length: many - 1 }, () => []) })
  const stage = new Stage(world.initial as BigInt64Array, (world.context as Members).members), { kernel } = stage
  const before = Array.from({ length: PLACES - many }, () => kernel.join(0, 0))
  for (const me of before) { stage.work(me); kernel.leave(0, me) }
  return stage.beginHere()
}

/**
 * Kills an act of one who comes or goes. Each time another member works on; `takeBack` does what must be done for the place
 * of that area to be vacant; the place is taken again; and nothing is lost: nobody keeps any memory beside a place.
 */
function killEach(what: string, stage: Stage, area: number, act: (kernel: Kernel) => void, takeBack: (killed: boolean) => void): number {
  const { kernel } = stage, other = stage.members[1]!
  const { accesses } = killAtEveryAccess(() => stage.restore(), () => act(stage.kernelOfVictim), (_, __, killed) => {
    expect(stage.work(other)).toEqual(WORKED)
    takeBack(killed)
    expect(kernel.ownerState(0, area)).toBe(Participant.Vacant)
    const newcomer = kernel.join(0, 7)
    expect([areaIn(newcomer), kernel.ownerThread(0, area), stage.work(newcomer)]).toEqual([area, 7, WORKED])
    kernel.leave(0, newcomer)
    expectInOrder(stage, other)
  })
  console.info(`${what}: killed at ${accesses} accesses`)
  return accesses
}

function expectInOrder(stage: Stage, me: number): void {
  expect(stage.repair(me)).toEqual({ entries: stage.entries, sizeError: 0, reclaimed: 0 })
  expect([stage.work(me), stage.wrongEntries(me), stage.wrong(me)]).toEqual([WORKED, [], ''])
}

describe('a worker that comes or goes, killed at every access', () => {
  it.each(['reap', 'leave'] as const)('of join: its place is free again after %s', how => {
    const stage = stageOfMembers(3), { kernel } = stage
    const accesses = killEach(`join, ${how}`, stage, 4, it => it.join(0, 9), () => {
      const me = kernel.ownerOf(0, 4)
      if (me !== 0 && how === 'reap') expect(kernel.reap(0, me, true)).toBeTruthy()
      if (me !== 0 && how === 'leave') kernel.leave(0, me)
    })
    // A look at each place up to the vacant one, and at how many were taken; and the swap.
    expect(accesses).toBe(6)
  })

  it('of leave: its place is free again after reap', () => {
    const stage = stageOfMembers(3), { kernel, members: [me] } = stage
    const accesses = killEach('leave', stage, 1, it => it.leave(0, me!), killed => expect(Boolean(kernel.reap(0, me!, true))).toBe(killed))
    expect(accesses).toBe(3)
  })

  it.each([[false], [true]])('of reap, its owner known to have ended: %s: its place is free again after another', ended => {
    const stage = stageOfMembers(3), { kernel, members: [me] } = stage
    const accesses = killEach(`reap, ended ${ended}`, stage, 1, it => it.reap(0, me!, ended), killed => {
      expect(Boolean(kernel.reap(0, me!, true))).toBe(killed || !ended)
    })
    // The owner word twice, once more to vacate it, and the note for those who found no memory.
    expect(accesses).toBe(ended ? 4 : 3)
  })

  it('of invite: its place is free again after reap, whether or not anybody has ended', () => {
    const stage = stageOfMembers(3), { kernel } = stage
    const accesses = killEach('invite', stage, 4, it => it.invite(0), () => {
      const me = kernel.ownerOf(0, 4)
      if (me !== 0) expect([kernel.ownerState(0, 4), Boolean(kernel.reap(0, me, false))]).toEqual([Participant.Invited, true])
    })
    expect(accesses).toBe(6)
  })

  it('of accept: its place is free again after reap', () => {
    const stage = stageOfMembers(3), { kernel } = stage, me = kernel.invite(0)
    stage.beginHere()
    const accesses = killEach('accept', stage, 4, it => it.accept(0, me, 9), killed => {
      expect(kernel.ownerState(0, 4)).toBe(killed ? Participant.Invited : Participant.Owned)
      expect(kernel.reap(0, me, true)).toBeTruthy()
    })
    expect(accesses).toBe(2)
  })
})

describe('clear, killed at every access', () => {
  const SETTLED: readonly (readonly [what: string, settle: (stage: Stage, victim: number, other: number) => void])[] = [
    ['its worker is reaped', ({ kernel }, victim, other) => {
      expect(kernel.settleClear(0, other)).toBeTruthy()
      expect(kernel.reap(0, victim, false)).toBeTruthy()
    }],
    ['the map is repaired', (stage, _, other) => { stage.repair(other) }],
    ['another has written on the general path', (stage, _, other) => { stage.call(other, ['put', 1, 1]) }],
  ]

  it.each(SETTLED)('has happened or never will, once %s: what is written from then on stays', (_, settle) => {
    const stage = stageOfMembers(2), [victim, other] = stage.members as [number, number]
    const { accesses } = killAtEveryAccess(() => stage.restore(), () => stage.kernelOfVictim.clear(0, victim), () => {
      settle(stage, victim, other)
      // First over keys that are there, then new ones, for which the table must grow.
      const keys = [...KEYS, ...Array.from({ length: 20 }, (_, n) => n + 100)]
      for (const key of keys) { stage.call(other, ['set', key, key]); stage.call(other, ['put', key, key]) }
      expect(keys.filter(key => stage.call(other, ['get', key]) !== key || stage.call(other, ['read', key]) !== key)).toEqual([])
    })
    expect(accesses).toBeGreaterThan(50)
  })
})

describe('killAtEveryAccess', () => {
  it('says after how many accesses a check has failed', () => {
    const stage = stageOfMembers(2)
    const check = (_: Stage, accesses: number): void => { if (accesses === 3) throw new Error('no') }
    expect(() => killAtEveryAccess(() => stage.restore(), it => it.kernelOfVictim.size(0), check)).toThrow('killed after 3 accesses: no')
  })

  it('kills before the next access and not before', () => {
    const stage = stageOfMembers(2), killed: [number, boolean][] = []
    // How many places were taken, the stripe that repair sets, and one for each place.
    expect(killAtEveryAccess(() => stage.restore(), it => it.kernelOfVictim.size(0), (_, ...what) => { killed.push(what) })).toEqual({ accesses: PLACES + 2 })
    expect(killed).toEqual(Array.from({ length: PLACES + 3 }, (_, n) => [n, n <= PLACES + 1]))
  })

  it('passes on what the act throws', () => {
    const stage = stageOfMembers(2)
    expect(() => killAtEveryAccess(() => stage, () => { throw new Error('no') }, () => {})).toThrow('no')
    expect(() => new Victim(traced, 1000)).toThrow('multiple of 65536')
  })
})
