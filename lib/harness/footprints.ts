// What a thread may still access, from each place on: the accesses of the place and of all places that it can lead to, as
// far as they are known. A search relies on there being no others, and is told when one turns up.
//
// Cells are numbered as they are met, in a fixed number of bits: where there are more cells than bits some share one, and
// a footprint says more than is true. That costs speed, not truth.

import type { Place } from './tree'

const WORDS = 16

/** The footprint of one place, and what a search relies on: that some cells will not be written, or not be touched at all. */
export class Footprint {
  readonly reads = new Int32Array(WORDS)
  readonly writes = new Int32Array(WORDS)
  readonly unwritten = new Int32Array(WORDS)
  readonly untouched = new Int32Array(WORDS)
  /** The places that lead here. */
  readonly parents: Place[] = []
}

export class Footprints {
  /** Whether an access has turned up that a search relied on not to come. Whoever looks at it sets it back. */
  mistaken = false
  private readonly numbers = new Map<number, number>()

  /** An access of a place. */
  note({ cell, footprint }: Place, writes: boolean): void {
    const n = this.numberOf(cell), word = n >>> 5, bit = 1 << n
    if (((writes ? footprint.writes : footprint.reads)[word]! & bit) === 0) this.spread(footprint, word, bit, writes)
  }

  /** One place leads to another: whatever is done from there on may be done from here on. */
  link(parent: Place, kid: Place): void {
    kid.footprint.parents.push(parent)
    const { reads, writes } = kid.footprint
    for (let word = 0; word < WORDS; word++) {
      if (reads[word] !== 0) this.spread(parent.footprint, word, reads[word]!, false)
      if (writes[word] !== 0) this.spread(parent.footprint, word, writes[word]!, true)
    }
  }

  /** Whether an access to a cell commutes with all that a thread is known to do from a place on. */
  commutes(cell: number, reads: boolean, { footprint }: Place): boolean {
    const n = this.numberOf(cell), word = n >>> 5, bit = 1 << n
    return ((reads ? footprint.writes[word]! : footprint.writes[word]! | footprint.reads[word]!) & bit) === 0
  }

  /** The search relies on that from now on. */
  rely(cell: number, reads: boolean, { footprint }: Place): void {
    const n = this.numberOf(cell)
    ;(reads ? footprint.unwritten : footprint.untouched)[n >>> 5]! |= 1 << n
  }

  private numberOf(cell: number): number {
    let number = this.numbers.get(cell)
    if (number === undefined) this.numbers.set(cell, number = this.numbers.size % (WORDS * 32))
    return number
  }

  /** Adds accesses to a footprint and to those of all places that lead there. */
  private spread(to: Footprint, word: number, bits: number, writes: boolean): void {
    const open = [to]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const set = writes ? at.writes : at.reads
      if ((bits & ~set[word]!) === 0) continue
      const relied = writes ? at.unwritten[word]! | at.untouched[word]! : at.untouched[word]!
      if ((relied & bits & ~set[word]!) !== 0) this.mistaken = true
      set[word]! |= bits
      for (const { footprint } of at.parents) open.push(footprint)
    }
  }
}
