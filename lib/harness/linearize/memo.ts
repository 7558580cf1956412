// What the search remembers: which operations were taken, and which configurations were searched.

import { mix } from '../words'

/** Steps of the search, spent and to spend. */
export interface Budget { spent: number, readonly most: number }

// --- the set of operations that were taken

/** Beside `mix`, a second mixer of counters, a bijection of 32 bits as well: lowbias32 (Wellons, "Prospecting for Hash Functions", 2018). */
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
export class Taken {
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
    this.a ^= mix(op << 1)
    this.b ^= mixB(op << 1)
  }

  private bitOf(op: number): number { return op < this.returned ? op : (this.pendingAt << 5) + op - this.returned }
}

// --- the configurations that were searched

/**
 * An open-addressing table of configurations, by the hash of state and returned operations. Beside it lie, where there are
 * any, the other operations; and if it is to be exact, state and returned operations too. Never forgets.
 */
export class Memo {
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
    const a = this.taken.a ^ mix(state << 1 | 1), b = this.taken.b ^ mixB(state << 1 | 1) | 1
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
