// A program about to be run: its threads, its memory in numbers of words, and the state that a search is in. A step is one
// access and one look-up; it is undone by one write.

import { isRead, wordAfter } from './access'
import { beginningOf, callAlone, callText, textOf } from './alone'
import { type Answer, type Call, type Caller, type Program, type System, type View, freshMemory } from './system'
import { type Place, Threads } from './tree'
import { Interner, laneA, laneB } from './words'

/** What a thread does next in a schedule: a step, or to be killed. A number for each: 2 x thread, and 1 more for a kill. */
export type Choice = number
export const stepOf = (thread: number): Choice => thread * 2
export const killOf = (thread: number): Choice => thread * 2 + 1
export const threadOf = (choice: Choice): number => choice >> 1
export const isKill = (choice: Choice): boolean => (choice & 1) === 1

/** An operation of a thread, by its number among all of the program. */
export interface Numbered { readonly thread: number, readonly call: Call }

/** What undoes a step. */
export interface Undo { place: Place, cell: number, word: number, a: number, b: number }

/** Thrown where the code fails before any thread has begun. */
export class PrefixError extends Error { override readonly name = 'PrefixError' }

function beforehand<T>(call: Call, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw new PrefixError(`the prefix alone goes wrong: ${callText(call)}: ${(error as Error).message}`, { cause: error })
  }
}

export class World {
  readonly words: Interner
  readonly threads: Threads
  /** The memory: for each cell the number of its word; and one cell more, for operations that make no access. */
  readonly cells: Int32Array
  readonly initial: View
  readonly context: unknown
  /** All operations of the threads; those of one thread in a row. */
  readonly operations: readonly Numbered[]
  /** What each call of the prefix answered. */
  readonly prefixAnswers: readonly Answer[]
  readonly at: Place[]
  readonly killed: boolean[]
  /** For each operation that has begun, which operations had ended. */
  readonly before: Int32Array
  /** For each operation that has begun and may end killed threads, which threads had been killed, as bits. */
  readonly deadBefore: Int32Array
  /** The hash of the memory, and of the state of the threads, in two lanes each. */
  memoryA = 0
  memoryB = 0
  /** Whether it has been run at random already, see `scout`. */
  isScouted = false
  /** Cells that a step has changed. */
  readonly touched = new Set<number>()

  constructor(readonly system: System, readonly program: Program) {
    const count = program.threads.length
    if (count < 1 || count > 8) throw new TypeError(`the program has ${count} threads: it must have 1 to 8`)
    this.operations = program.threads.flatMap((calls, thread) => calls.map(call => ({ thread, call })))
    if (this.operations.length > 30) throw new TypeError(`the program has ${this.operations.length} operations: at most 30 can be explored`)
    this.words = new Interner(system.wide)
    const { memory, context, alone } = beginningOf(system, count)
    this.initial = memory
    this.context = context
    this.prefixAnswers = (program.prefix ?? []).map(call => beforehand(call, () => callAlone(system, alone, call)))
    this.cells = new Int32Array(memory.length + 1)
    for (let cell = 0; cell < memory.length; cell++) this.cells[cell] = this.words.id(memory[cell]!)
    const view = freshMemory(system)
    new Uint8Array(view.buffer).set(new Uint8Array(memory.buffer))
    this.threads = new Threads(system, program, view, this.words, this.context)
    this.at = [...this.threads.roots]
    this.killed = this.at.map(() => false)
    this.before = new Int32Array(this.operations.length).fill(-1)
    this.deadBefore = new Int32Array(this.operations.length)
  }

  /** Operations that have ended, as bits. */
  ended(): number {
    let bits = 0
    for (const place of this.at) bits |= place.ended
    return bits
  }

  /** Threads that were killed, as bits. */
  private dead(): number {
    let bits = 0
    this.killed.forEach((was, thread) => { if (was) bits |= 1 << thread })
    return bits
  }

  isOver(thread: number): boolean { return this.killed[thread]! || this.at[thread]!.done }

  /** Whether the access that a thread is about to make would change nothing, here and now. */
  wouldRead(place: Place): boolean { return isRead(place, this.cells[place.cell]!) }

  /** Where a thread would get by its next step. */
  next(place: Place): Place {
    const found = this.cells[place.cell]!
    return place.kids.get(found) ?? this.threads.grow(place, found)
  }

  /** Where a thread stands behind the operations, from this place on, that make no access: a real worker does not stop for them. */
  settled(place: Place): Place {
    let at = place
    while (at.isSilent) at = this.next(at)
    return at
  }

  /** One step of a thread. Notes in `undo` what takes it back. */
  step(place: Place, undo: Undo): void {
    const { cell, thread } = place, found = this.cells[cell]!, after = wordAfter(this.words, place.kind, found, place.a, place.b)
    undo.place = place
    undo.cell = cell
    undo.word = found
    undo.a = this.memoryA
    undo.b = this.memoryB
    if (place.isCall) this.begin(this.threads.first[thread]! + place.answers.length)
    this.at[thread] = place.kids.get(found) ?? this.threads.grow(place, found)
    if (after === found) return
    this.cells[cell] = after
    this.touched.add(cell)
    this.memoryA ^= laneA(cell, found) ^ laneA(cell, after)
    this.memoryB ^= laneB(cell, found) ^ laneB(cell, after)
  }

  /** Notes what came before an operation that begins now. */
  private begin(n: number): void {
    this.before[n] = this.ended()
    if (this.system.ends?.[this.operations[n]!.call[0]] !== undefined) this.deadBefore[n] = this.dead()
  }

  private unbegin(n: number): void {
    this.before[n] = -1
    this.deadBefore[n] = 0
  }

  undo({ place, cell, word, a, b }: Undo): void {
    this.at[place.thread] = place
    this.cells[cell] = word
    this.memoryA = a
    this.memoryB = b
    if (place.isCall) this.unbegin(this.threads.first[place.thread]! + place.answers.length)
  }

  /** The hash of the state but for the memory: where the threads stand, what ended before what began, who was killed before it. */
  threadsA(): number { return this.fold(laneA) }
  threadsB(): number { return this.fold(laneB) }
  private fold(lane: (a: number, b: number) => number): number {
    let hash = 0
    for (let t = 0; t < this.at.length; t++) hash ^= lane(t, this.killed[t] ? this.at[t]!.afterlife : this.at[t]!.id)
    for (let n = 0; n < this.before.length; n++) if (this.before[n]! >= 0) hash ^= lane(64 + n, this.before[n]!)
    for (let n = 0; n < this.deadBefore.length; n++) if (this.deadBefore[n] !== 0) hash ^= lane(96 + n, this.deadBefore[n]!)
    return hash
  }

  /** The memory as it is now, as real memory. */
  copyTo(memory: View): void {
    new Uint8Array(memory.buffer).set(new Uint8Array(this.initial.buffer))
    for (const cell of this.touched) memory[cell] = this.words.word(this.cells[cell]!) as never
  }

  callOf(number: number): string { return callText(this.operations[number]!.call) }
  answerOf(number: number): Answer {
    const { thread } = this.operations[number]!
    return this.at[thread]!.answers[number - this.threads.first[thread]!]
  }
  hasAnswered(number: number): boolean {
    const { thread } = this.operations[number]!
    return number - this.threads.first[thread]! < this.at[thread]!.answers.length
  }
}

export const noUndo = (): Undo => ({ place: undefined as never, cell: 0, word: 0, a: 0, b: 0 })
export { callText, textOf, type Caller }
