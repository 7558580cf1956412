// Words as small numbers. A word of shared memory is a 32-bit number or a 64-bit bigint; the search handles neither, but
// the number under which each distinct word was first met. And the mixing of numbers into two 32-bit lanes, by which
// states are told apart.

/** A word as the checked code sees it: a number in an Int32Array, a bigint in a BigInt64Array. */
export type Word = number | bigint

/** Gives each distinct word a small number, for good. Zero is number 0. */
export class Interner {
  readonly words: Word[] = []
  private readonly ids = new Map<Word, number>()

  constructor(readonly wide: boolean) { this.id(wide ? 0n : 0) }

  id(word: Word): number {
    const known = this.ids.get(word)
    if (known !== undefined) return known
    const id = this.words.length
    this.ids.set(word, id)
    this.words.push(word)
    return id
  }

  word(id: number): Word { return this.words[id]! }
}

/** The finalizer of MurmurHash3: every bit of the input reaches every bit of the output. */
export function mix(x: number): number {
  let h = x ^ x >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ h >>> 16
}

/** 32 bits from a pair of numbers; the two lanes are independent of each other. */
export function laneA(a: number, b: number): number { return mix(Math.imul(a, 0x9e3779b1) + mix(b + 0x2545f491) | 0) }
export function laneB(a: number, b: number): number { return mix(mix(a ^ 0x5bd1e995) + Math.imul(b, 0xc2b2ae3d) + 0x27d4eb2f | 0) }
