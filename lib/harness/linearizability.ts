// Linearizability: whether some order of the operations, in keeping with what ended before what began, explains every
// answer. Judges recorded histories of any size, of any object that has a sequential model.
//
// The search is Wing and Gong's in Lowe's form, one for each part of the object. A configuration is the set of operations
// taken so far and the state they led to; none is searched twice. Three rules cut it further:
// - A configuration is covered by one with the same returned operations, the same state and fewer of those that never
//   returned, since these may be left out. So none of them is taken if the state after the next operation shows nothing of it.
// - Of equal operations that never returned, the one that was called first is taken first.
// - An operation that returned, may come next and leaves the state alone is taken at once, and nothing is tried in its place:
//   whatever could have come before it can come after it. That holds for reads. It does not for an operation that would
//   change another state and answer the same, so that all states that were met are looked at before anything is called wrong.

/** Stands for the unknown answer of an operation that never returned. */
export const PENDING: unique symbol = Symbol('pending')

/** One operation of a history: what was asked, what was answered, and when. */
export interface Event<Op = unknown, Answer = unknown> {
  readonly op: Op
  /** Ignored when the operation never returned. */
  readonly answer: Answer
  /** Time of the call, in any unit, by one clock for all threads. */
  readonly call: number
  /**
   * Time of the return. An operation that returns at the very time at which another is called overlaps it. Infinity: it
   * never returned (its worker was killed); it may have taken effect, once, at any time after its call, or never.
   */
  readonly back: number
  /** Who did it; for the reader of a failure. */
  readonly thread?: number
}

/**
 * What the object does when operations come one at a time. With `partition`, `start` and `step` describe one part (for a
 * map: the register of one key), and every part starts from `start`; without, they describe the whole object.
 */
export interface Model<State, Op, Answer> {
  /** Where the object, or each part of it, starts. Anything but undefined. */
  readonly start: State
  /**
   * The state after `op`, if in `state` it may answer so; undefined if it may not. `answer` is PENDING for an operation
   * that never returned: then any answer will do (the step must still say the next state). Must not change `state`, and
   * may be asked about any operation in any state that was met.
   */
  step(state: State, op: Op, answer: Answer | typeof PENDING): State | undefined
  /** What tells states apart; may be left out for primitive states. Equal keys must mean equal states. */
  key?(state: State): string | number
  /**
   * The part of the state that the operation touches, for models that fall apart into independent parts (a map: its key).
   * An operation that touches all has none: `judge` refuses undefined, since `step` then knows one part only. Such
   * histories need a model of the whole state, which leaves this out.
   */
  partition?(op: Op): string | number | undefined
}

/** What `judge` found out. */
export interface Judgement<Op, Answer> {
  /** Whether an order explains the history; unknown if the search was given up. */
  readonly ok: true | false | 'unknown'
  /** Where ok is not true: the part (partition) that has no explanation, or none yet; undefined without `partition`. */
  readonly part: string | number | undefined
  /** The longest sequence of operations that could be explained in it (most returned ones), in linearized order. */
  readonly longest: readonly Event<Op, Answer>[]
  /** The operations of which one would have to come next, by time of call. If ok is false, none of them can. */
  readonly blocked: readonly Event<Op, Answer>[]
  /** Steps of the search: calls of `step` that tried an operation, and comparisons of whole configurations. */
  readonly steps: number
}

/** How much is searched: some seconds. */
const MAX_STEPS = 50_000_000
/** How many pairs of a state and an operation are looked at to justify a search; beyond, one that needs no excuse is cheaper. */
const MOST_PAIRS = 10_000_000

/**
 * Judges whether a history is linearizable.
 *
 * Configurations that were searched are remembered by 63 bits of hash, so a search may pass one over by mistake. That
 * cannot make a wrong history right; and before one is called wrong, the part is searched again with a memory of the
 * configurations themselves.
 *
 * Complexity: for n operations, c of them at a time, of which the model tells s states apart, O(n * c * 2^c * s)
 * steps at most, about n for a right history whose operations answer what they saw. Operations that never returned count as
 * concurrent with all later ones; what they do to the search is bounded by the different effects that they could have had.
 *
 * Sources: Wing and Gong, "Testing and Verifying Concurrent Objects", 1993; Lowe, "Testing for Linearizability", 2017 (the
 * list of calls and returns, the memory of configurations); Horn and Kroening, "Faster linearizability checking via
 * P-compositionality", 2015 (the parts), as in Athalye's Porcupine.
 *
 * @param history The events, in any order.
 * @param options `maxSteps`: how many steps to spend in all, second searches included. Default: 50 million.
 * @returns The judgement; the smallest parts are searched first, and it is about the first that is not right.
 * @throws TypeError if a time is not a number, a call is not finite, or a return comes before its call; if `partition`
 *   gives undefined for an operation; if the model starts with undefined; if `maxSteps` is not a number from 0 up.
 */
export function judge<State, Op, Answer>(
  history: readonly Event<Op, Answer>[], model: Model<State, Op, Answer>, options: { maxSteps?: number } = {},
): Judgement<Op, Answer> {
  const budget: Budget = { spent: 0, most: options.maxSteps ?? MAX_STEPS }
  if (!(budget.most >= 0)) throw new TypeError(`maxSteps is ${String(budget.most)}. It must be a number from 0 up.`)
  if (model.start === undefined) throw new TypeError('The model starts with undefined, which stands for "may not". Start with another value, such as null.')
  history.forEach(check)
  const parts = [...partsOf(history, model)].sort((a, b) => a[1].length - b[1].length)
  for (const [part, events] of parts) {
    const { ok, search } = judgePart(lineUp(events), model, budget)
    if (ok !== true) return { ok, part, longest: search.longest(), blocked: search.blocked(), steps: budget.spent }
  }
  return { ok: true, part: undefined, longest: [], blocked: [], steps: budget.spent }
}

interface Budget { spent: number, readonly most: number }
interface Verdict<State, Op, Answer> { ok: true | false | 'unknown', search: Search<State, Op, Answer> }

function judgePart<State, Op, Answer>(line: Line<Op, Answer>, model: Model<State, Op, Answer>, budget: Budget): Verdict<State, Op, Answer> {
  const first = new Search(line, model, budget, { exact: false, eager: true }), found = first.run()
  if (found !== false) return { ok: found, search: first }
  if (first.wasRightlyEager()) {
    const search = new Search(line, model, budget, { exact: true, eager: true }), ok = search.run()
    if (ok === true || ok === false && search.wasRightlyEager()) return { ok, search }
  }
  const last = new Search(line, model, budget, { exact: true, eager: false }), ok = last.run()
  // A search that was cut short knows less than the first one, which came to its end.
  return { ok, search: ok === 'unknown' ? first : last }
}

function check({ call, back }: Event, index: number): void {
  if (!Number.isFinite(call)) throw new TypeError(`history[${index}]: call is ${String(call)}. It must be a finite number.`)
  if (typeof back !== 'number' || Number.isNaN(back)) throw new TypeError(`history[${index}]: back is ${String(back)}. It must be a number, or Infinity.`)
  if (back < call) throw new TypeError(`history[${index}]: it is back at ${back}, before its call at ${call}.`)
}

type Parts<Op, Answer> = Map<string | number | undefined, Event<Op, Answer>[]>

/** The events of each part. */
function partsOf<State, Op, Answer>(history: readonly Event<Op, Answer>[], model: Model<State, Op, Answer>): Parts<Op, Answer> {
  const parts: Parts<Op, Answer> = new Map()
  if (model.partition === undefined) return parts.set(undefined, [...history])
  history.forEach((event, index) => {
    const part = model.partition!(event.op)
    if (part === undefined) throw new TypeError(`history[${index}]: its operation belongs to no part. Use a model of the whole state, without partition.`)
    const events = parts.get(part)
    if (events === undefined) parts.set(part, [event])
    else events.push(event)
  })
  return parts
}

// --- a part, laid out for the search

/**
 * The events of a part, and the ring of their calls and returns by time. Operations have numbers: first those that
 * returned, then the others, each in the order of their calls. Operation i is called at entry 2i, and back at 2i + 1.
 */
interface Line<Op, Answer> {
  readonly events: readonly Event<Op, Answer>[]
  /** How many returned. It is also half the number of the ring's head. */
  readonly returned: number
  readonly next: Int32Array
  readonly previous: Int32Array
  /** For each operation that returned: how many others, in the order of their calls, it does not wholly precede. */
  readonly reach: Int32Array
  /** For each operation that did not: the last one before it that asked the same, or -1. */
  readonly twins: Int32Array
}

function lineUp<Op, Answer>(part: readonly Event<Op, Answer>[]): Line<Op, Answer> {
  const byCall = (a: Event, b: Event): number => a.call - b.call
  const done = part.filter(event => event.back !== Infinity).sort(byCall), pending = part.filter(event => event.back === Infinity).sort(byCall)
  return { events: [...done, ...pending], returned: done.length, twins: twinsOf(pending, done.length), ...ringOf(done) }
}

function ringOf(done: readonly Event[]): Pick<Line<unknown, unknown>, 'next' | 'previous' | 'reach'> {
  const head = done.length * 2, next = new Int32Array(head + 1), previous = new Int32Array(head + 1), reach = new Int32Array(done.length + 1)
  let last = head, calls = 0
  const append = (entry: number): void => { next[last] = entry; previous[entry] = last; last = entry }
  for (const op of done.map((_, i) => i).sort((a, b) => done[a]!.back - done[b]!.back)) {
    // A call at the time of a return goes first: the two overlap.
    while (calls < done.length && done[calls]!.call <= done[op]!.back) append(2 * calls++)
    append(2 * op + 1)
    reach[op] = calls
  }
  append(head)
  reach[done.length] = done.length
  return { next, previous, reach }
}

function twinsOf(pending: readonly Event[], first: number): Int32Array {
  const twins = new Int32Array(pending.length).fill(-1), seen = new Map<string, number>(), things = new Map<unknown, number>()
  if (pending.length < 2) return twins
  pending.forEach(({ op }, i) => {
    const text = spell(op, things)
    twins[i] = seen.get(text) ?? -1
    seen.set(text, first + i)
  })
  return twins
}

/** How deep an operation is looked into; it may be a ring. */
const DEEPEST = 8

/** A text that only equal values share. What is not plain is equal to itself alone. */
function spell(value: unknown, things: Map<unknown, number>, depth = 0): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol' || value === null) return String(value)
  if (depth < DEEPEST && isPlain(value)) {
    const inside = Reflect.ownKeys(value).map(key => `${spell(key, things)}:${spell((value as Record<PropertyKey, unknown>)[key], things, depth + 1)}`)
    return Array.isArray(value) ? `[${inside.join()}]` : `{${inside.join()}}`
  }
  const thing = things.get(value) ?? things.size
  things.set(value, thing)
  return `#${thing}`
}

function isPlain(value: object | symbol): value is object {
  if (typeof value !== 'object') return false
  const kind: unknown = Object.getPrototypeOf(value)
  return kind === Array.prototype || kind === Object.prototype || kind === null
}

// --- the set of operations that were taken

// Two mixers of counters, each a bijection of 32 bits. Sources: the finalizer of MurmurHash3 (Appleby), and lowbias32
// (Wellons, "Prospecting for Hash Functions", 2018).

function mixA(counter: number): number {
  let h = Math.imul(counter ^ counter >>> 16, 0x85ebca6b)
  h = Math.imul(h ^ h >>> 13, 0xc2b2ae35)
  return h ^ h >>> 16
}

function mixB(counter: number): number {
  let h = counter + 0x9e3779b9 | 0
  h = Math.imul(h ^ h >>> 16, 0x7feb352d)
  h = Math.imul(h ^ h >>> 15, 0x846ca68b)
  return h ^ h >>> 16
}

/**
 * The operations that were taken, as bits: those that returned, then in words of their own those that did not. The
 * former are also kept as two lanes of Zobrist's hash (1970): one number for each member, all of them xored.
 */
class Taken {
  readonly bits: Int32Array
  /** The first word of those that did not return, and how many words these are. */
  readonly pendingAt: number
  readonly pendingWords: number
  a = 0
  b = 0

  constructor(private readonly returned: number, pending: number) {
    this.pendingAt = returned + 31 >>> 5
    this.pendingWords = pending + 31 >>> 5
    this.bits = new Int32Array(this.pendingAt + this.pendingWords)
  }

  has(op: number): boolean {
    const bit = this.bitOf(op)
    return (this.bits[bit >>> 5]! >>> (bit & 31) & 1) === 1
  }

  /** Puts an operation in, or takes it out. */
  toggle(op: number): void {
    const bit = this.bitOf(op)
    this.bits[bit >>> 5]! ^= 1 << (bit & 31)
    if (op >= this.returned) return
    // Even counters are for operations, odd ones for states.
    this.a ^= mixA(op << 1)
    this.b ^= mixB(op << 1)
  }

  private bitOf(op: number): number { return op < this.returned ? op : (this.pendingAt << 5) + op - this.returned }
}

// --- the configurations that were searched

/**
 * An open-addressing table of configurations, by the hash of state and returned operations. Beside it lie, where there are
 * any, the other operations; and if it is to be exact, state and returned operations too. Never forgets.
 */
class Memo {
  private mask: number
  private used = 0
  private as: Int32Array
  private bs: Int32Array
  /** The first record of a slot, and in each record the next one; 0: none. */
  private ats: Int32Array
  private records = new Int32Array(64)
  private filled = 1
  private readonly hasRecords: boolean

  constructor(private readonly taken: Taken, private readonly reach: Int32Array, private readonly budget: Budget, private readonly exact: boolean) {
    this.hasRecords = exact || taken.pendingWords > 0
    const slots = 2 << 32 - Math.clz32(reach.length)
    this.mask = slots - 1
    this.as = new Int32Array(slots)
    this.bs = new Int32Array(slots)
    this.ats = new Int32Array(this.hasRecords ? slots : 0)
  }

  /** Adds what is taken now, with its state and the first operation that is not taken. False if that is covered already. */
  add(state: number, first: number): boolean {
    // The lowest bit marks a slot as used.
    const a = this.taken.a ^ mixA(state << 1 | 1), b = this.taken.b ^ mixB(state << 1 | 1) | 1
    let slot = a & this.mask
    while (this.bs[slot] !== 0 && (this.as[slot] !== a || this.bs[slot] !== b)) slot = slot + 1 & this.mask
    const isKnown = this.bs[slot] !== 0
    if (isKnown && this.isCovered(slot, state, first)) return false
    this.as[slot] = a
    this.bs[slot] = b
    if (this.hasRecords) this.ats[slot] = this.record(this.ats[slot]!, state, first)
    if (!isKnown && ++this.used > this.mask - (this.mask >>> 2)) this.grow()
    return true
  }

  /** Whether a slot with the right hash has a record that covers what is taken now. */
  private isCovered(slot: number, state: number, first: number): boolean {
    if (!this.hasRecords) return true
    for (let at = this.ats[slot]!; at !== 0; at = this.records[at]!) {
      // There may be many, so that looking at one is a step of the search.
      this.budget.spent++
      if (this.covers(at + 1, state, first)) return true
    }
    return false
  }

  /** Whether a record has no operation that never returned but those that are taken now, and is the same otherwise. */
  private covers(at: number, state: number, first: number): boolean {
    const { bits, pendingAt, pendingWords } = this.taken
    for (let n = 0; n < pendingWords; n++) {
      if ((this.records[at + n]! & ~bits[pendingAt + n]!) !== 0) return false
    }
    return !this.exact || this.isSame(at + pendingWords, state, first)
  }

  private isSame(at: number, state: number, first: number): boolean {
    if (this.records[at] !== state || this.records[at + 1] !== first) return false
    const from = first >>> 5, words = this.wordsFrom(first)
    for (let n = 0; n < words; n++) {
      if (this.records[at + 2 + n] !== this.taken.bits[from + n]) return false
    }
    return true
  }

  /** How many words tell sets apart: all before the first that is missing are in, none that was called after its return is. */
  private wordsFrom(first: number): number { return (this.reach[first]! + 31 >>> 5) - (first >>> 5) }

  /** Writes a record down, before those that have the same hash. */
  private record(next: number, state: number, first: number): number {
    const { bits, pendingAt, pendingWords } = this.taken, at = this.filled, from = first >>> 5, words = this.exact ? this.wordsFrom(first) : 0
    this.makeRoom(pendingWords + 3 + words)
    this.records[this.filled++] = next
    this.records.set(bits.subarray(pendingAt), this.filled)
    this.filled += pendingWords
    if (!this.exact) return at
    this.records[this.filled++] = state
    this.records[this.filled++] = first
    this.records.set(bits.subarray(from, from + words), this.filled)
    this.filled += words
    return at
  }

  private makeRoom(words: number): void {
    if (this.filled + words <= this.records.length) return
    const larger = new Int32Array(Math.max(this.filled + words, this.records.length * 2))
    larger.set(this.records)
    this.records = larger
  }

  private grow(): void {
    const { as, bs, ats } = this, slots = as.length * 2
    this.mask = slots - 1
    this.as = new Int32Array(slots)
    this.bs = new Int32Array(slots)
    this.ats = new Int32Array(this.hasRecords ? slots : 0)
    for (let old = 0; old < bs.length; old++) {
      if (bs[old] === 0) continue
      let slot = as[old]! & this.mask
      while (this.bs[slot] !== 0) slot = slot + 1 & this.mask
      this.as[slot] = as[old]!
      this.bs[slot] = bs[old]!
      if (this.hasRecords) this.ats[slot] = ats[old]!
    }
  }
}

// --- the search

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
class Search<State, Op, Answer> {
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
      if (effect >= 0 && effect !== before?.[op - returned] && this.isFree(op)) return op
    }
    return -1
  }

  /** Whether an operation that never returned is not taken, and its twin is. */
  private isFree(op: number): boolean {
    const twin = this.line.twins[op - this.line.returned]!
    return !this.taken.has(op) && (twin < 0 || this.taken.has(twin))
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
    this.entries[this.depth++] = this.entry
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
    const isChoice = !(this.how.eager && returned && before === this.state)
    if (!isChoice) this.hurried.add(op)
    if (returned && this.done > this.bestDone) this.keep()
    this.depth--
    if (this.agrees > this.depth) this.agrees = this.depth
    this.state = before
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
