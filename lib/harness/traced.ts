// The WebAssembly kernel under the explorer's schedules. Its traced build makes each shared access by a call of the host, so
// that all threads of a program can run in one, an access at a time, and be compared with the JavaScript code step by step.
//
// WebAssembly cannot be stopped and gone on with. So an operation is run again from its start each time, is told what its
// accesses have found so far, and is left by an exception where it would make the next one.

import { AccessKind } from './access'
import { callAlone, callText, callerOf, textOf } from './alone'
import { type Answer, type Caller, type Code, type Program, type System, type View, freshMemory } from './system'
import type { Ownership, Place } from './tree'
import { type Choice, type Undo, World, isKill, noUndo, threadOf } from './world'

const PAGE = 65536

/** One access to memory that others see. The operands are 0n where there are none. */
export interface Access { readonly kind: AccessKind, readonly cell: number, readonly a: bigint, readonly b: bigint }

/** The host's side of the traced kernel: makes an access and returns what it has found. */
export type MakeAccess = (kind: AccessKind, cell: number, a: bigint, b: bigint) => bigint

/**
 * The exports of the traced kernel over a memory, its shared accesses made by `make`. What `make` throws comes out of the
 * export that was called.
 */
export function instantiateTraced(module: WebAssembly.Module, memory: WebAssembly.Memory, make: MakeAccess): Code {
  const access = {
    load: (cell: number) => make(AccessKind.Load, cell, 0n, 0n),
    store: (cell: number, next: bigint) => { make(AccessKind.Store, cell, next, 0n) },
    cas: (cell: number, seen: bigint, next: bigint) => make(AccessKind.CompareExchange, cell, seen, next),
    add: (cell: number, delta: number) => { make(AccessKind.Add, cell, BigInt(delta >>> 0), 0n) },
  }
  return new WebAssembly.Instance(module, { env: { memory }, access }).exports as Code
}

/** Makes an access, and returns what it has found. Nothing else runs meanwhile: there is one JavaScript thread. */
export function makeAccess(cells: BigInt64Array, kind: AccessKind, cell: number, a: bigint, b: bigint): bigint {
  const found = cells[cell]
  if (found === undefined) throw new RangeError(`access to cell ${cell} of ${cells.length}`)
  if (kind === AccessKind.Store) cells[cell] = a
  else if (kind === AccessKind.Add) cells[cell] = found + a
  else if (kind === AccessKind.CompareExchange && found === a) cells[cell] = b
  return found
}

/** Shared WebAssembly memory of that many bytes, which must be whole pages. */
export function wholePages(bytes: number): WebAssembly.Memory {
  if (bytes % PAGE !== 0) throw new TypeError(`memory is ${bytes} bytes: WebAssembly needs a multiple of ${PAGE}`)
  return new WebAssembly.Memory({ initial: bytes / PAGE, maximum: bytes / PAGE, shared: true })
}

/** Thrown out of an import where an operation is to stop. */
const STOP = new Error('the next access was not scheduled')

/** An access that was made, and what it found. */
interface Made extends Access { readonly found: bigint }

/** One thread of the program. */
class TracedThread {
  answers: Answer[] = []
  /** The access that comes next; undefined when all operations have ended. */
  pending: Access | undefined
  /** What the running operation has done so far, and how much of it this run has repeated. */
  private log: Made[] = []
  private repeated = 0
  /** Accesses that may be made before it stops, and those that were. */
  private left = 0
  private made: Access[] = []
  private lasting: readonly number[] = []
  private readonly caller: Caller
  private readonly ints: Int32Array

  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory, private readonly cells: BigInt64Array, private readonly world: World,
    private readonly thread: number) {
    const code = instantiateTraced(module, memory, (kind, cell, a, b) => this.access(kind, cell, a, b))
    this.ints = new Int32Array(memory.buffer)
    this.caller = callerOf(code, cells, thread, world.context)
  }

  /** Before the first access, in memory as it is at the beginning. */
  begin(): void {
    this.answers = []
    this.log = []
    this.left = 0
    this.lasting = this.readLasting()
    this.run()
  }

  /** Makes up to so many accesses, over the ends of operations, and returns them. */
  step(times: number): readonly Access[] {
    this.left = times
    this.made = []
    if (this.pending !== undefined) this.run()
    return this.made
  }

  /** Runs the operation from its start to where it stops, and what follows it. */
  private run(): void {
    const { world: { system, program }, answers, caller, thread } = this, calls = program.threads[thread]!
    this.pending = undefined
    while (answers.length < calls.length) {
      this.resetOwn()
      this.repeated = 0
      try {
        answers.push(callAlone(system, caller, calls[answers.length]!))
      } catch (error) {
        if (error === STOP) return
        throw error
      }
      this.lasting = this.readLasting()
      this.log = []
    }
  }

  /** An access of the code: made at once where nobody else can see it, repeated from the log, made now, or left for later. */
  private access(kind: AccessKind, cell: number, a: bigint, b: bigint): bigint {
    const { ownership } = this.world.threads
    if (ownership.ownerOf(cell) === this.thread) return ownership.isForgotten(cell) ? 0n : makeAccess(this.cells, kind, cell, a, b)
    if (this.repeated < this.log.length) return this.repeat({ kind, cell, a, b })
    if (this.left === 0) {
      this.pending = { kind, cell, a, b }
      throw STOP
    }
    const made = { kind, cell, a, b, found: makeAccess(this.cells, kind, cell, a, b) }
    this.left--
    this.repeated++
    this.log.push(made)
    this.made.push(made)
    return made.found
  }

  private repeat(access: Access): bigint {
    const made = this.log[this.repeated++]!
    if (!isSame(access, made)) throw new Error(`the code does not repeat itself: ${accessText(made)} is now ${accessText(access)}`)
    return made.found
  }

  /** The thread's own memory as it was when the operation began. */
  private resetOwn(): void {
    const { cells = [], forgotten = [], lasting = [] } = this.world.threads.ownership.owns[this.thread]!
    for (const [from, to] of [...cells, ...forgotten]) this.cells.fill(0n, from, to)
    lasting.forEach((place, n) => { this.ints[place] = this.lasting[n]! })
  }

  private readLasting(): number[] { return (this.world.threads.ownership.owns[this.thread]!.lasting ?? []).map(place => this.ints[place]!) }
}

/**
 * The program of a world, run by the traced WebAssembly kernel over memory of its own, which begins as the world's does: after
 * `init` and the prefix, which the shipped code has run.
 *
 * An access costs as many calls of the host as its operation has made before it, unless many are made in one `step`.
 *
 * @throws `TypeError` if the memory is not a whole number of pages
 */
export class Traced {
  readonly memory: BigInt64Array
  private readonly threads: readonly TracedThread[]
  private readonly killed: boolean[]

  constructor(module: WebAssembly.Module, private readonly world: World) {
    const memory = wholePages(world.system.bytes)
    this.memory = new BigInt64Array(memory.buffer)
    this.killed = world.program.threads.map(() => false)
    this.threads = world.program.threads.map((_, thread) => new TracedThread(module, memory, this.memory, world, thread))
    this.restart()
  }

  /** Back to the beginning. O(memory). */
  restart(): void {
    this.memory.set(this.world.initial as BigInt64Array)
    this.killed.fill(false)
    for (const thread of this.threads) thread.begin()
  }

  /** The access that the thread makes next; undefined when all its operations have ended. */
  pending(thread: number): Access | undefined { return this.threads[thread]!.pending }

  /**
   * Makes the next access of a thread, or so many: fewer where its operations end before.
   *
   * @returns the accesses that were made
   * @throws what the kernel throws, a trap above all; `Error` if an operation run again does not do what it did before
   */
  step(thread: number, times = 1): readonly Access[] { return this.isOver(thread) ? [] : this.threads[thread]!.step(times) }

  /** The thread makes no further access. */
  kill(thread: number): void { this.killed[thread] = true }
  /** Whether the thread was killed, or has ended all its operations. */
  isOver(thread: number): boolean { return this.killed[thread]! || this.pending(thread) === undefined }
  /** What the thread's operations have answered so far. */
  answers(thread: number): readonly Answer[] { return this.threads[thread]!.answers }
}

// --- compared with the JavaScript code

/** One program, run both ways: as the explorer runs it and by the WebAssembly kernel. */
export class Conformance {
  /** Accesses that were compared, of all schedules together. */
  accesses = 0
  readonly world: World
  private readonly traced: Traced
  private readonly atRest: View
  private readonly undos: Undo[] = []

  constructor(system: System, module: WebAssembly.Module, program: Program) {
    this.world = new World(system, program)
    this.traced = new Traced(module, this.world)
    this.atRest = freshMemory(system)
  }

  /**
   * Runs one schedule both ways. A choice of a thread that is over is passed over; when the schedule has ended, those that
   * are left run to their ends, in the order of their numbers.
   *
   * @returns '' or the first difference: of an access (its kind, cell and operands), an answer, or the memory at the end
   * @throws what either code throws
   */
  run(schedule: readonly Choice[]): string {
    this.traced.restart()
    const difference = this.follow(schedule) || this.finish() || this.differenceAtRest()
    while (this.undos.length > 0) this.world.undo(this.undos.pop()!)
    this.world.killed.fill(false)
    return difference
  }

  private follow(schedule: readonly Choice[]): string {
    for (let n = 0; n < schedule.length;) {
      const choice = schedule[n]!, from = n
      while (n < schedule.length && schedule[n] === choice) n++
      const difference = isKill(choice) ? this.kill(threadOf(choice)) : this.steps(threadOf(choice), n - from)
      if (difference !== '') return difference
    }
    return ''
  }

  private finish(): string {
    for (let thread = 0; thread < this.world.at.length; thread++) {
      const difference = this.steps(thread, Infinity)
      if (difference !== '') return difference
    }
    return ''
  }

  private kill(thread: number): string {
    this.world.killed[thread] = true
    this.traced.kill(thread)
    return ''
  }

  /** Steps of one thread in a row, first here and then there. */
  private steps(thread: number, times: number): string {
    const { world } = this, places: Place[] = []
    while (places.length < times && !world.isOver(thread)) {
      const place = world.at[thread]!, undo = noUndo()
      world.step(place, undo)
      this.undos.push(undo)
      if (!place.isSilent) places.push(place)
    }
    this.accesses += places.length
    return this.differenceOf(thread, places, this.traced.step(thread, places.length))
  }

  private differenceOf(thread: number, places: readonly Place[], made: readonly Access[]): string {
    for (let n = 0; n < places.length; n++) {
      const difference = this.differenceAt(places[n]!, made[n])
      if (difference !== '') return difference
    }
    // WebAssembly does not stop before an operation that makes no access.
    const next = this.world.settled(this.world.at[thread]!), answers = next.answers.map(textOf).join(), others = this.traced.answers(thread).map(textOf).join()
    if (answers !== others) return `thread ${thread} answers ${answers}; in WebAssembly ${others}`
    return this.differenceAt(next, this.traced.pending(thread))
  }

  /** Where a thread stands, held against the access that WebAssembly makes there. */
  private differenceAt(place: Place, access: Access | undefined): string {
    const expected = place.done ? undefined : this.accessOf(place)
    if (expected === access || expected !== undefined && access !== undefined && isSame(expected, access)) return ''
    const { thread, answers } = place, call = this.world.program.threads[thread]![answers.length]
    return `thread ${thread}, ${call === undefined ? 'at its end' : callText(call)}: ${accessText(expected)}; in WebAssembly ${accessText(access)}`
  }

  private accessOf({ kind, cell, a, b }: Place): Access {
    const { words } = this.world
    return { kind, cell, a: words.word(a) as bigint, b: words.word(b) as bigint }
  }

  /** The memory that is nobody's own. */
  private differenceAtRest(): string {
    this.world.copyTo(this.atRest)
    const cell = firstDifference(this.atRest as BigInt64Array, this.traced.memory, this.world.threads.ownership)
    return cell < 0 ? '' : `cell ${cell} ends as ${hex(this.atRest[cell] as bigint)}; in WebAssembly as ${hex(this.traced.memory[cell]!)}`
  }
}

/**
 * Runs one schedule of a program both by the explorer's code and by the traced WebAssembly kernel; see `Conformance.run`.
 *
 * @returns '' or the first difference
 */
export function conform(system: System, module: WebAssembly.Module, program: Program, schedule: readonly Choice[]): string {
  return new Conformance(system, module, program).run(schedule)
}

/** The first cell in which two memories differ, of those that are or will be nobody's own; or -1. By 32 bits: that makes no bigints. */
function firstDifference(a: BigInt64Array, b: BigInt64Array, ownership: Ownership): number {
  const x = new Int32Array(a.buffer), y = new Int32Array(b.buffer)
  for (let n = 0; n < x.length; n++) if (x[n] !== y[n] && ownership.ownerOf(n >> 1) < 0 && !ownership.isVacant(n >> 1)) return n >> 1
  return -1
}

const isSame = (x: Access, y: Access): boolean => x.kind === y.kind && x.cell === y.cell && x.a === y.a && x.b === y.b
const hex = (word: bigint): string => `0x${BigInt.asUintN(64, word).toString(16)}`
const accessText = (access: Access | undefined): string =>
  access === undefined ? 'no access' : `${AccessKind[access.kind]} of cell ${access.cell} (${hex(access.a)}, ${hex(access.b)})`
