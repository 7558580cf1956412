// The search for an order of one part's operations. Its rules are told in linearizability.ts.

import { type Event, type Model, PENDING } from './model'
import type { Line } from './line'
import { type Budget, Memo, Taken } from './memo'

/** How many pairs of a state and an operation are looked at to justify a search; beyond, one that needs no excuse is cheaper. */
const MOST_PAIRS = 10_000_000

/**
 * What each of the operations that never returned would do in a state: the number of the next one, or -1 for nothing. Equal
 * rows are the same row: if one operation leads from a state to another that has the same row, no second one need follow.
 */
class Effects {
  private readonly rows: Int32Array[] = []
  private readonly distinct = new Map<string, Int32Array>()

  constructor(private readonly first: number, private readonly end: number, private readonly step: (from: number, op: number) => number) {}

  of(state: number): Int32Array { return this.rows[state] ??= this.row(state) }

  private row(state: number): Int32Array {
    const row = new Int32Array(this.end - this.first).map((_, i) => this.step(state, this.first + i)).map(next => next === state ? -1 : next)
    const text = row.join(), known = this.distinct.get(text) ?? row
    this.distinct.set(text, known)
    return known
  }
}

/** Whether the memory of configurations is exact, and whether what leaves the state alone is taken at once. */
interface How { readonly exact: boolean, readonly eager: boolean }

/** The search for an order of one part's operations, depth first. */
export class Search<State, Op, Answer> {
  private readonly head: number
  private readonly taken: Taken
  private readonly memo: Memo
  private readonly effects: Effects
  /** The states that were met, and the number of each. */
  private readonly states: State[] = []
  private readonly numbers = new Map<unknown, number>()
  private state: number
  // The stack: the operation that was taken, the state before it, and the entry at which its search went on.
  private readonly stack: Int32Array
  private readonly befores: Int32Array
  private readonly entries: Int32Array
  private depth = 0
  /** The latest call of what was taken, before each entry of the stack, and now: what may take effect only until then is too late. */
  private readonly latests: Float64Array
  private latest = -Infinity
  /** How many operations that returned are taken. */
  private done = 0
  // What to try next: the call at `entry`; when that is a return, the operation `later`, which never returned.
  private entry: number
  private later: number
  // The longest sequence, how long it is, how many of it returned, and how far it agrees with the stack.
  private readonly best: Int32Array
  private bestDepth = 0
  private bestDone = 0
  private agrees = 0
  /** The operations in whose place nothing else was tried, since they left the state alone. */
  private readonly hurried = new Set<number>()

  constructor(
    private readonly line: Line<Op, Answer>, private readonly model: Model<State, Op, Answer>, private readonly budget: Budget, private readonly how: How,
  ) {
    const operations = line.events.length
    this.head = line.returned * 2
    this.taken = new Taken(line.returned, operations - line.returned)
    this.memo = new Memo(this.taken, line.reach, budget, how.exact)
    this.effects = new Effects(line.returned, operations, (from, op) => { budget.spent++; return this.step(from, op) })
    this.stack = new Int32Array(operations)
    this.befores = new Int32Array(operations)
    this.entries = new Int32Array(operations)
    this.latests = new Float64Array(operations)
    this.best = new Int32Array(operations)
    this.state = this.numberOf(model.start)
    this.entry = line.next[this.head]!
    this.later = line.returned
  }

  /** Searches until all operations that returned are taken, none is left to try, or the budget is spent. */
  run(): true | false | 'unknown' {
    this.memo.add(this.state, 0)
    while (this.done < this.line.returned) {
      const op = this.candidate()
      if (op < 0) {
        if (!this.retreat()) return false
        continue
      }
      if (this.budget.spent++ >= this.budget.most) return this.giveUp()
      const state = this.after(op)
      if (state < 0) continue
      this.take(op, state)
      if (!this.memo.add(this.state, this.line.next[this.head]! >> 1) && !this.retreat()) return false
    }
    return true
  }

  /**
   * Whether none of the operations that were taken at once would change any state that was met; false also if these are too
   * many. It is enough to look at these: could one of the operations come later in an explanation and change a state there,
   * the operations before it could be taken without it as well as after it, so that this state was met.
   */
  wasRightlyEager(): boolean {
    const pairs = this.hurried.size * this.states.length
    if (pairs > Math.min(MOST_PAIRS, this.budget.most - this.budget.spent)) return false
    this.budget.spent += pairs
    return [...this.hurried].every(op => this.states.every((_, state) => this.isIdle(op, state)))
  }

  private isIdle(op: number, state: number): boolean {
    const next = this.step(state, op)
    return next < 0 || next === state
  }

  /** The sequence that took most of the operations that returned. */
  longest(): Event<Op, Answer>[] { return Array.from(this.best.subarray(0, this.bestDepth), op => this.line.events[op]!) }

  /** The operations that returned of which one would have come next. */
  blocked(): Event<Op, Answer>[] {
    const taken = new Set(this.best.subarray(0, this.bestDepth))
    const left = this.line.events.filter((_, op) => op < this.line.returned && !taken.has(op))
    const gate = left.reduce((least, { back }) => Math.min(least, back), Infinity)
    return left.filter(({ call }) => call <= gate)
  }

  /** The next operation to try, or -1. Those that never returned come last: most of them did nothing. */
  private candidate(): number {
    const entry = this.entry
    if ((entry & 1) === 1) return this.lateCandidate(this.line.events[entry >> 1]!.back)
    this.entry = this.line.next[entry]!
    return entry >> 1
  }

  /** The next operation that never returned, was called by the time `gate`, when others must come first, and is of use. */
  private lateCandidate(gate: number): number {
    const { events, returned } = this.line
    if (this.later === events.length || events[this.later]!.call > gate) return -1
    const effects = this.effects.of(this.state), before = this.isLate() ? this.effects.of(this.befores[this.depth - 1]!) : undefined
    if (effects === before) return -1
    while (this.later < events.length && events[this.later]!.call <= gate) {
      const op = this.later++, effect = effects[op - returned]!
      if (effect >= 0 && effect !== before?.[op - returned] && this.isFree(op) && !this.isTooLate(op)) return op
    }
    return -1
  }

  /** Whether an operation that never returned is not taken, and its twin is. */
  private isFree(op: number): boolean {
    const twin = this.line.twins[op - this.line.returned]!
    return !this.taken.has(op) && (twin < 0 || this.taken.has(twin))
  }

  /** Whether an operation that never returned would have to come before one that was taken. */
  private isTooLate(op: number): boolean {
    const { untils, returned } = this.line
    return untils !== undefined && untils[op - returned]! < this.latest
  }

  /** Whether taking an operation made one that never returned, and could have come before it, too late. */
  private hasClosed(op: number, before: number): boolean {
    const { untils, events, returned } = this.line, { call } = events[op]!
    return untils !== undefined && untils.some((until, n) => until < call && until >= before && !this.taken.has(returned + n))
  }

  /** Whether the operation that was taken last never returned. */
  private isLate(): boolean { return this.depth > 0 && this.stack[this.depth - 1]! >= this.line.returned }

  /** The number of the state after a candidate; -1 if it may not come next, or shows nothing of one that never returned. */
  private after(op: number): number {
    if (op >= this.line.returned) return this.effects.of(this.state)[op - this.line.returned]!
    const state = this.step(this.state, op)
    return state >= 0 && this.isLate() && this.step(this.befores[this.depth - 1]!, op) === state ? -1 : state
  }

  /** The number of the state after an operation, or -1. */
  private step(from: number, op: number): number {
    const { op: asked, answer } = this.line.events[op]!, before = this.states[from]!
    const state = this.model.step(before, asked, op < this.line.returned ? answer : PENDING)
    return state === undefined ? -1 : state === before ? from : this.numberOf(state)
  }

  private numberOf(state: State): number {
    const key = this.model.key === undefined ? state : this.model.key(state), known = this.numbers.get(key)
    if (known !== undefined) return known
    this.numbers.set(key, this.states.length)
    return this.states.push(state) - 1
  }

  private take(op: number, state: number): void {
    this.stack[this.depth] = op
    this.befores[this.depth] = this.state
    this.latests[this.depth] = this.latest
    this.entries[this.depth++] = this.entry
    this.latest = Math.max(this.latest, this.line.events[op]!.call)
    this.state = state
    this.taken.toggle(op)
    if (op < this.line.returned) {
      this.lift(op)
      this.done++
    }
    this.entry = this.line.next[this.head]!
    this.later = this.line.returned
  }

  /** Goes back to the last choice. False if there is none. */
  private retreat(): boolean {
    while (this.depth > 0) {
      if (this.undo()) return true
    }
    return false
  }

  /** Puts back what was taken last. True if something else may be tried in its place. */
  private undo(): boolean {
    const op = this.stack[this.depth - 1]!, returned = op < this.line.returned, before = this.befores[this.depth - 1]!
    const latest = this.latests[this.depth - 1]!
    const isChoice = !(this.how.eager && returned && before === this.state && !this.hasClosed(op, latest))
    if (!isChoice) this.hurried.add(op)
    if (returned && this.done > this.bestDone) this.keep()
    this.depth--
    if (this.agrees > this.depth) this.agrees = this.depth
    this.state = before
    this.latest = latest
    this.taken.toggle(op)
    if (returned) {
      this.unlift(op)
      this.done--
    }
    this.entry = this.entries[this.depth]!
    this.later = returned ? this.line.returned : op + 1
    return isChoice
  }

  /** Keeps the stack as the longest sequence; copies only what has changed since. */
  private keep(): void {
    this.best.set(this.stack.subarray(this.agrees, this.depth), this.agrees)
    this.bestDone = this.done
    this.bestDepth = this.agrees = this.depth
  }

  /** Undoes all, so that the longest sequence is kept. */
  private giveUp(): 'unknown' {
    while (this.depth > 0) this.undo()
    return 'unknown'
  }

  private lift(op: number): void {
    const { next, previous } = this.line
    for (let entry = 2 * op; entry <= 2 * op + 1; entry++) {
      next[previous[entry]!] = next[entry]!
      previous[next[entry]!] = previous[entry]!
    }
  }

  /** Undoes a lift, the other way round. */
  private unlift(op: number): void {
    const { next, previous } = this.line
    for (let entry = 2 * op + 1; entry >= 2 * op; entry--) {
      next[previous[entry]!] = entry
      previous[next[entry]!] = entry
    }
  }
}
