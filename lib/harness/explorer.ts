// The explorer: every interleaving of a small program on the shipped kernel, kills included.
//
// A deterministic thread is a tree whose edges are the values it has read. The tree is grown lazily, by running the
// instrumented kernel once for each new edge; the search itself runs no code of the map: a step is one access and one
// look-up, and is undone by one write. A state is the memory, each thread's place in its tree, and which operations had
// ended before which began.

import { strictChecks } from '../backend/checks'
import { AREA_CELLS, Area, Field } from '../kernel/layout'
import { Expect } from '../kernel/write'
import { Sentinel, Status } from '../kernel/read'
import { Tag } from '../kernel/words/key'
import { type Access, AccessKind, type Runtime } from './instrument'

/** One operation on an integer key, as a program names it. */
export type Op = readonly ['get' | 'delete', number] | readonly ['put' | 'putIfAbsent' | 'add', number, number]
  | readonly ['compareAndSet', number, number, number] | readonly ['clear'] | readonly ['resize']

/** A program: what was done before, and what each thread does. */
export interface Program { readonly name: string, readonly prefix: readonly Op[], readonly threads: readonly (readonly Op[])[] }

export interface ExploreOptions { readonly kills?: number, readonly maxStates?: number, readonly capacity?: number }

/** What an exploration found out. The verdict is always named. */
export interface Explored {
  readonly verdict: 'exhaustive' | 'bounded' | 'failed'
  readonly states: number
  /** Different ends that were checked for linearizability. */
  readonly ends: number
  readonly kills: number
  /** Most accesses that a thread needed for its remaining operations when it ran alone from some state. */
  readonly longestSolo: number
  readonly failure: string | undefined
  /** The schedule of the failure: the thread of each access, or `kill` and a thread. */
  readonly schedule: readonly string[]
}

/** The instrumented kernel: each export is a generator where it touches shared memory. */
export type SteppedKernel = Record<string, (...args: any[]) => any>
export type Instantiate = (runtime: Runtime, checks: unknown) => SteppedKernel

type Steps<T> = Generator<undefined, T, bigint | undefined>
type Answer = number | string | undefined

const PLACES = 4
const CELLS = (1 << 17) / 8
/** Fields that live on from one operation of a thread to its next. */
const LASTING = [Field.RoomGeneration, Field.Room, Field.Deletes] as const

/** The memory of one simulated map, and the worker-private part of each thread. */
class Machine implements Runtime {
  readonly words: bigint[]
  readonly own = new BigInt64Array(AREA_CELLS)
  private readonly ownInts = new Int32Array(this.own.buffer)
  readonly access: Access = { kind: AccessKind.Load, at: 0, seen: 0n, next: 0n }
  /** The first cell of the running thread's area. */
  area = 0
  /** What was overwritten since it was set, to be put back: cell and word in turn. */
  journal: (number | bigint)[] | undefined

  constructor(words: bigint[]) { this.words = words }

  /** The windows, the fields and the statistics; owner word, stripe and caches are seen by others. */
  isOwn(at: number): boolean {
    const offset = at - this.area
    return offset >= Area.Fields && offset < AREA_CELLS || offset > Area.Stripe && offset < Area.Caches
  }
  ownWord(at: number): bigint { return this.own[at - this.area]! }
  setOwnWord(at: number, next: bigint): void { this.own[at - this.area] = next }
  fixed(at: number): bigint { return this.words[at]! }
  peek(at: number, i: number): number { return this.ownInts[(at - this.area) * 2 + i]! }
  poke(at: number, i: number, value: number): void { this.ownInts[(at - this.area) * 2 + i] = value }
  field(n: number): number { return this.ownInts[Area.Fields * 2 + n]! }
  setField(n: number, value: number): void { this.ownInts[Area.Fields * 2 + n] = value }
}

/** Makes the access that is described; returns what it gives back. */
function perform({ words, journal }: Machine, { kind, at, seen, next }: Access): bigint {
  const found = words[at]!
  if (kind === AccessKind.Load || kind === AccessKind.Swap && found !== seen) return found
  journal?.push(at, found)
  words[at] = kind === AccessKind.Add ? BigInt.asIntN(64, found + next) : next
  return found
}

/** Runs a generator alone to its end; throws when it takes suspiciously long. */
function alone<T>(machine: Machine, steps: Steps<T>, most = 100_000): T {
  let result = steps.next()
  for (let n = 0; result.done !== true; n++) {
    if (n > most) throw new Error('an operation that runs alone does not end')
    result = steps.next(perform(machine, machine.access))
  }
  return result.value
}

/** One operation of a thread, as the map layer would ask the kernel for it. */
function* operate(machine: Machine, kernel: SteppedKernel, me: number, op: Op): Steps<Answer> {
  const [name, key = 0, value = 0, next = 0] = op
  if (name === 'clear') { yield* kernel.clear!(0, me); return undefined }
  if (name === 'resize') {
    const generation = yield* kernel.rootGeneration!(0)
    yield* kernel.startResize!(0, me, generation, 1, false)
    yield* kernel.finishCopy!(0, me, generation)
    return undefined
  }
  if (name === 'add') {
    const sum = yield* kernel.addInteger!(0, key, value)
    if (sum !== Sentinel.Other) return sum
  }
  kernel.seekPayload!(0, me, Field.Sought, Tag.Integer, key)
  if (name === 'get') return found(machine, (yield* kernel.get!(0, me)) as Status)
  if (name === 'add') return yield* addSlowly(machine, kernel, me, key, value)
  machine.setField(Field.Expect, name === 'putIfAbsent' ? Expect.Absent : name === 'compareAndSet' ? Expect.Equal : Expect.Any)
  machine.setField(Field.ExpectTag, Tag.Integer)
  machine.setField(Field.ExpectPayload, value)
  machine.setField(Field.NextTag, name === 'delete' ? Tag.None : Tag.Integer)
  machine.setField(Field.NextPayload, name === 'compareAndSet' ? next : value)
  machine.setField(Field.NextRecord, 0)
  return found(machine, (yield* kernel.putIfMatch!(0, me)) as Status)
}

function* addSlowly(machine: Machine, kernel: SteppedKernel, me: number, key: number, delta: number): Steps<Answer> {
  for (;;) {
    const before = yield* operate(machine, kernel, me, ['get', key])
    const op: Op = before === undefined ? ['putIfAbsent', key, delta] : ['compareAndSet', key, before as number, before as number + delta]
    if ((yield* operate(machine, kernel, me, op)) === before) return (before as number | undefined ?? 0) + delta
  }
}

/** The value that was found, whatever the operation did; undefined for none. */
function found(machine: Machine, status: Status): Answer {
  if (status === Status.NoMemory || status === Status.Corrupt) return Status[status]
  return status === Status.Absent || machine.field(Field.Tag) === Tag.None ? undefined : machine.field(Field.FoundPayload)
}

/** The sequential map: the next contents if the operation may answer so, or undefined. `pending` may answer anything. */
function apply(model: ReadonlyMap<number, number>, op: Op, answer: Answer, pending: boolean): ReadonlyMap<number, number> | undefined {
  const [name, key = 0, value = 0, next = 0] = op, before = model.get(key)
  const set = (to: number | undefined): ReadonlyMap<number, number> => {
    const copy = new Map(model)
    if (to === undefined) copy.delete(key)
    else copy.set(key, to)
    return copy
  }
  if (name === 'clear') return new Map()
  if (name === 'resize') return model
  if (name === 'add') return pending || answer === (before ?? 0) + value ? set((before ?? 0) + value) : undefined
  if (!pending && answer !== before) return undefined
  switch (name) {
    case 'get': return model
    case 'put': return set(value)
    case 'delete': return set(undefined)
    case 'putIfAbsent': return before === undefined ? set(value) : model
    default: return before === value ? set(next) : model
  }
}

/** What a memory turns out to hold, when the threads have ended. */
interface Rest { finals: Answer[], rested: Answer[], size: number, error: string | undefined }
interface Event { op: Op, answer: Answer, pending: boolean, before: number }

/** Whether some order of the operations, in keeping with what ended before what began, explains all answers. */
export function isLinearizable(history: readonly Event[], start: ReadonlyMap<number, number>): boolean {
  const needed = history.reduce((bits, event, i) => event.pending ? bits : bits | 1 << i, 0), tried = new Set<string>()
  const from = (done: number, model: ReadonlyMap<number, number>): boolean => {
    if ((done & needed) === needed) return true
    const key = `${done}|${[...model].sort((a, b) => a[0] - b[0]).join()}`
    if (tried.has(key)) return false
    tried.add(key)
    return history.some((event, i) => {
      if ((done & 1 << i) !== 0 || (event.before & ~done) !== 0) return false
      const next = apply(model, event.op, event.answer, event.pending)
      return next !== undefined && from(done | 1 << i, next)
    })
  }
  return from(0, start)
}

/** A place in a thread's tree: what it is about to do, after all it has read. */
interface Place {
  readonly id: number
  readonly thread: number
  readonly done: boolean
  readonly access: Access
  /** Whether this is the first access of an operation. */
  readonly isCall: boolean
  readonly answers: readonly Answer[]
  readonly kids: Map<bigint, Place>
  readonly start: Start
  readonly path: readonly bigint[]
}
/** The beginning of an operation: which one, and what lives on from those before. */
interface Start { readonly thread: number, readonly index: number, readonly answers: readonly Answer[], readonly lasting: readonly number[] }

/** Explores a program. Throws only for mistakes of the caller; what the kernel does wrong is in the result. */
export function explore(instantiate: Instantiate, program: Program, { kills = 0, maxStates = 1_000_000, capacity = 4 }: ExploreOptions = {}): Explored {
  return new Exploration(instantiate, program, kills, maxStates, capacity).run()
}

class Exploration {
  private readonly machine = new Machine(new Array<bigint>(CELLS).fill(0n))
  private readonly kernel: SteppedKernel
  private readonly members: number[] = []
  private model: ReadonlyMap<number, number> = new Map()
  private readonly current: Place[] = []
  private readonly killed: boolean[] = []
  /** For each thread, for each operation begun: the bits of the operations that had ended. */
  private readonly precedence: number[][]
  private readonly numbers = new Map<string, number>()
  private readonly starts = new Map<string, Place>()
  private readonly seen = new Map<string, number>()
  private readonly ends = new Set<string>()
  private readonly rests = new Map<bigint, Rest>()
  private readonly keys: readonly number[]
  private readonly zobrist = new Map<string, bigint>()
  private readonly schedule: string[] = []
  private memory = 0n
  private ids = 0
  private states = 0
  private killsMade = 0
  private longestSolo = 0
  private cut = false
  private failure: string | undefined

  constructor(instantiate: Instantiate, private readonly program: Program, private kills: number, private readonly maxStates: number, capacity: number) {
    const machine = this.machine
    this.kernel = instantiate(machine, strictChecks)
    machine.area = -AREA_CELLS * 8
    alone(machine, this.kernel.create!(0, CELLS, PLACES, 0, capacity, 123, 456, 7, 8))
    program.threads.forEach((_, t) => this.members.push(alone(machine, this.joined(t))))
    for (const op of program.prefix) this.doAlone(op, `prefix ${op.join(' ')}`)
    this.keys = [...new Set([...this.model.keys(), ...program.threads.flat().flatMap(op => op.length > 1 ? [op[1]!] : [])])]
    program.threads.forEach((ops, t) => ops.forEach((_, i) => this.numbers.set(`${t}:${i}`, this.numbers.size)))
    this.precedence = program.threads.map(() => [])
    program.threads.forEach((_, t) => { this.current.push(this.placeAt({ thread: t, index: 0, answers: [], lasting: [0, 0, 0] })); this.killed.push(false) })
  }

  private *joined(thread: number): Steps<number> {
    this.machine.area = (thread + 1) * AREA_CELLS
    return yield* this.kernel.join!(0, 0)
  }

  /** Runs one operation alone, as the first participant, and checks its answer against the model. */
  private doAlone(op: Op, what: string): Answer {
    const machine = this.machine
    machine.own.fill(0n)
    machine.area = AREA_CELLS
    const answer = alone(machine, operate(machine, this.kernel, this.members[0]!, op)), next = apply(this.model, op, answer, false)
    if (next === undefined) throw new Error(`${what} answered ${answer}`)
    this.model = next
    return answer
  }

  run(): Explored {
    this.visit()
    return { verdict: this.failure !== undefined ? 'failed' : this.cut ? 'bounded' : 'exhaustive', states: this.states, ends: this.ends.size,
      kills: this.killsMade, longestSolo: this.longestSolo, failure: this.failure, schedule: this.failure === undefined ? [] : [...this.schedule] }
  }

  // --- the threads' trees

  private placeAt(start: Start): Place {
    const key = `${start.thread}|${start.index}|${start.answers.join()}|${start.lasting.join()}`
    let place = this.starts.get(key)
    if (place === undefined) this.starts.set(key, place = this.grow(start, []))
    return place
  }

  /** Runs a thread's operation from its beginning along what it has read; where it stops is a new place. */
  private grow(start: Start, path: readonly bigint[]): Place {
    const machine = this.machine, ops = this.program.threads[start.thread]!
    const leaf = { id: this.ids++, thread: start.thread, answers: start.answers, kids: new Map<bigint, Place>(), start, path }
    if (start.index >= ops.length) return { ...leaf, done: true, isCall: false, access: { ...machine.access } }
    machine.own.fill(0n)
    machine.area = (start.thread + 1) * AREA_CELLS
    LASTING.forEach((field, i) => machine.setField(field, start.lasting[i]!))
    const steps = operate(machine, this.kernel, this.members[start.thread]!, ops[start.index]!)
    let result = steps.next()
    for (const value of path) result = steps.next(value)
    if (result.done !== true) return { ...leaf, done: false, isCall: path.length === 0, access: { ...machine.access } }
    return this.placeAt({ thread: start.thread, index: start.index + 1, answers: [...start.answers, result.value], lasting: LASTING.map(field => machine.field(field)) })
  }

  // --- the search

  private step(t: number): void {
    const place = this.current[t]!, { access } = place, before = this.machine.words[access.at]!
    if (place.isCall) this.precedence[t]!.push(this.endedOperations())
    const found = perform(this.machine, access), after = this.machine.words[access.at]!
    if (before !== after) this.memory ^= this.bits(access.at, before) ^ this.bits(access.at, after)
    let kid = place.kids.get(found)
    if (kid === undefined) place.kids.set(found, kid = this.grow(place.start, [...place.path, found]))
    this.current[t] = kid
  }

  private endedOperations(): number {
    return this.current.reduce((bits, place, t) => place.answers.reduce((all: number, _, i) => all | 1 << this.numbers.get(`${t}:${i}`)!, bits), 0)
  }

  /** Visits the present state; returns, for each thread, how many accesses it needs when it runs alone from here. */
  private visit(): number {
    const key = this.stateKey(), known = this.seen.get(key)
    if (known === -1) return this.fail('a cycle: the threads can keep each other from ending')
    if (known !== undefined) return known
    if (++this.states > this.maxStates) { this.cut = true; return 0 }
    this.seen.set(key, -1)
    let packed = 0, running = false
    for (let t = 0, unit = 1; t < this.current.length && !this.stopped; t++, unit *= 65536) {
      if (this.current[t]!.done || this.killed[t]) continue
      running = true
      const solo = Math.min(65535, 1 + Math.floor(this.visitStep(t) / unit) % 65536)
      packed += solo * unit
      this.longestSolo = Math.max(this.longestSolo, solo)
      if (!this.stopped && this.kills > 0 && !this.current[t]!.isCall) this.visitKill(t)
    }
    if (!running) this.checkEnd()
    this.seen.set(key, packed)
    return packed
  }

  private get stopped(): boolean { return this.cut || this.failure !== undefined }

  private visitStep(t: number): number {
    const place = this.current[t]!, memory = this.memory, before = this.machine.words[place.access.at]!
    this.schedule.push(`${t}`)
    try {
      this.step(t)
    } catch (error) {
      return this.fail((error as Error).message)
    }
    const solo = this.visit()
    if (this.failure !== undefined) return solo
    this.schedule.pop()
    this.current[t] = place
    if (place.isCall) this.precedence[t]!.pop()
    this.machine.words[place.access.at] = before
    this.memory = memory
    return solo
  }

  private visitKill(t: number): void {
    this.schedule.push(`kill ${t}`)
    this.kills--
    this.killsMade++
    this.killed[t] = true
    this.visit()
    this.killed[t] = false
    this.kills++
    if (this.failure === undefined) this.schedule.pop()
  }

  private fail(what: string): number {
    this.failure ??= what
    return 0
  }

  /** At an end: the answers and what is in the map afterwards must have an explanation, and the map must come to rest. */
  private checkEnd(): void {
    let rest = this.rests.get(this.memory)
    if (rest === undefined) this.rests.set(this.memory, rest = this.comeToRest())
    try {
      if (rest.error !== undefined) throw new Error(rest.error)
      const entries = rest.rested.filter(value => value !== undefined).length
      if (this.killed.every(killed => !killed) && rest.size !== entries) throw new Error(`size is ${rest.size}, entries are ${entries}`)
      this.checkHistory(this.history(), this.keys, rest.finals, rest.rested)
    } catch (error) {
      this.fail((error as Error).message)
    }
  }

  /** What the memory as it is now holds for each key, before and after everything unfinished is finished. */
  private comeToRest(): Rest {
    const machine = this.machine, journal = machine.journal = [] as (number | bigint)[], rest: Rest = { finals: [], rested: [], size: 0, error: undefined }
    try {
      rest.finals = this.keys.map(key => this.ask(['get', key]))
      alone(machine, this.kernel.quiesce!(0, this.members[0]))
      rest.rested = this.keys.map(key => this.ask(['get', key]))
      rest.size = alone(machine, this.kernel.size!(0)) as number
    } catch (error) {
      rest.error = (error as Error).message
    }
    machine.journal = undefined
    for (let n = journal.length - 2; n >= 0; n -= 2) machine.words[journal[n] as number] = journal[n + 1] as bigint
    return rest
  }

  private ask(op: Op): Answer {
    const machine = this.machine
    machine.own.fill(0n)
    machine.area = AREA_CELLS
    return alone(machine, operate(machine, this.kernel, this.members[0]!, op))
  }

  private history(): Event[] {
    const events: Event[] = []
    this.program.threads.forEach((ops, t) => ops.forEach((op, i) => {
      const { answers } = this.current[t]!, before = this.precedence[t]![i]
      if (before !== undefined) events[this.numbers.get(`${t}:${i}`)!] = { op, answer: answers[i], pending: i >= answers.length, before }
    }))
    return events
  }

  /** The answers of the threads, then reads of all keys, then reads at rest: a killed operation may take effect in between. */
  private checkHistory(sparse: Event[], keys: readonly number[], finals: readonly Answer[], rested: readonly Answer[]): void {
    const numbers = [...sparse.keys()].filter(n => sparse[n] !== undefined), all: Event[] = []
    const renumber = (bits: number): number => numbers.reduce((out, n, i) => (bits & 1 << n) !== 0 ? out | 1 << i : out, 0)
    for (const n of numbers) all.push({ ...sparse[n]!, before: renumber(sparse[n]!.before) })
    for (const answers of [finals, rested]) {
      const ended = all.reduce((bits, event, i) => event.pending ? bits : bits | 1 << i, 0)
      keys.forEach((key, i) => all.push({ op: ['get', key], answer: answers[i], pending: false, before: ended }))
    }
    const text = all.map(({ op, answer, pending, before }) => `${op.join(' ')} -> ${pending ? 'pending' : answer} after ${before}`).join('; ')
    if (this.ends.has(text)) return
    this.ends.add(text)
    if (!isLinearizable(all, this.model)) throw new Error(`not linearizable: ${text}`)
  }

  // --- what makes two states one

  private stateKey(): string {
    let key = `${this.memory}`
    this.current.forEach((place, t) => { key += `|${this.killed[t] ? -1 - place.id : place.id}:${this.precedence[t]!.join()}` })
    return key
  }

  /** A random number for each value that a cell can have: the memory's hash is the exclusive or of them all. */
  private bits(at: number, word: bigint): bigint {
    const key = `${at}:${word}`
    let bits = this.zobrist.get(key)
    if (bits === undefined) this.zobrist.set(key, bits = randomBits(this.zobrist.size))
    return bits
  }
}

/** 62 well-mixed bits from a counter (SplitMix64). */
function randomBits(n: number): bigint {
  let x = BigInt.asUintN(64, BigInt(n + 1) * 0x9e3779b97f4a7c15n)
  x = BigInt.asUintN(64, (x ^ x >> 30n) * 0xbf58476d1ce4e5b9n)
  x = BigInt.asUintN(64, (x ^ x >> 27n) * 0x94d049bb133111ebn)
  return BigInt.asUintN(62, x ^ x >> 31n)
}
