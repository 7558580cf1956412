// The JavaScript flavour of the only file that touches shared memory. `memory.wasm.ts` takes its place in WebAssembly:
// same names, same meaning, same bytes.
//
// An address is a cell: the index of a 64-bit word. Every shared word is read and written here, atomically, at that width.
// `peek`, `poke` and `keep` reach the caller's own area, which no other worker touches while its ticket holds.

/** A 64-bit word. It is only compared with `===`, packed, and taken apart by `low` and `high`: never calculated with. */
export type Word = bigint

declare const cells: BigInt64Array
declare const ints: Int32Array
declare const checks: { propose(step: number, seen: Word, next: Word): void, took(step: number): void, fail(code: number): void }

/** How many cells the buffer has: what its words say can be held against that. */
export function cellsInAll(): i32 { return cells.length }
export function load(at: i32): Word { return Atomics.load(cells, at) }
/** A word that never changes once `create` has written it: read plainly, it is no step of the protocol. */
export function fixed(at: i32): Word { return cells[at] as Word }
/** Whether cells can be brought near before they are needed. Here that would cost more than it saves. */
export const BRINGS_NEAR: boolean = false
/** Brings a cell near: only speed. */
export function touch(_at: i32): void {}
export function store(at: i32, next: Word): void { Atomics.store(cells, at, next) }
/** Writes a cell of a block that the caller alone holds: a swap publishes it later, and only then need others see it. */
export function write(at: i32, next: Word): void { Atomics.store(cells, at, next) }
/** Writes `next` if the cell holds `seen`; returns the witness, the word that was found. */
export function cas(at: i32, seen: Word, next: Word): Word { return Atomics.compareExchange(cells, at, seen, next) }
/** Adds an unsigned number to a counter that only gives hints or is summed at rest. */
export function add(at: i32, delta: i32): void { Atomics.add(cells, at, BigInt(delta >>> 0)) }

/** The 32-bit integer `i` places after the cell `at`, in the caller's own area. */
export function peek(at: i32, i: i32): i32 { return ints[(at << 1) + i] as i32 }
export function poke(at: i32, i: i32, value: i32): void { ints[(at << 1) + i] = value }
/** Writes a whole cell of the caller's own area. */
export function keep(at: i32, word: Word): void { cells[at] = word }

export function low(word: Word): i32 { return Number(BigInt.asIntN(32, word)) }
export function high(word: Word): i32 { return Number(BigInt.asIntN(32, word >> 32n)) }
export function pack(highHalf: i32, lowHalf: i32): Word { return BigInt.asIntN(64, BigInt(highHalf) << 32n | BigInt(lowHalf >>> 0)) }

/** Whether a word's low half agrees with `payload` in the bits of `mask`, and the low six bits of its high half with `form`. */
export function agrees(word: Word, form: i32, payload: i32, mask: i32): boolean {
  return (high(word) & 63) === form && ((low(word) ^ payload) & mask) === 0
}

export function imul(a: i32, b: i32): i32 { return Math.imul(a, b) }
/** The high half of the 64-bit product, both factors unsigned; `b` is below 2^28. */
export function mulHigh(a: i32, b: i32): i32 {
  return Math.floor(((a >>> 16) * b + Math.floor((a & 0xffff) * b / 65536)) / 65536)
}
/** Whether a < b as unsigned numbers. */
export function below(a: i32, b: i32): boolean { return a >>> 0 < b >>> 0 }

/** The high half of the 64-bit product of any two factors, both unsigned. */
function highProduct(a: i32, b: i32): i32 {
  const u = imul(a >>> 16, b & 0xffff) + (imul(a & 0xffff, b & 0xffff) >>> 16) | 0, w = imul(a & 0xffff, b >>> 16) + (u & 0xffff) | 0
  return imul(a >>> 16, b >>> 16) + (u >>> 16) + (w >>> 16) | 0
}
/** What an addition of a and b, unsigned, carries over where its low half is `sum`. */
function carry(a: i32, b: i32, sum: i32): i32 { return (a & b | (a | b) & ~sum) >>> 31 }

/**
 * The sum of 64-bit products that the hash of bytes begins with, written to the cell `sum`: of `first` and `second`, and of the halves
 * of each of the `cells` cells at `at`, each factor plus the half of a key at `keys` (see `hashBytes`). The bytes and the sum
 * are the caller's own, the keys never change.
 */
export function sumProducts(sum: i32, keys: i32, first: i32, second: i32, at: i32, cells: i32): void {
  let a = first + ints[keys << 1]! | 0, b = second + ints[(keys << 1) + 1]! | 0, lower = imul(a, b), upper = highProduct(a, b)
  for (let n = 0; n < cells; n++) {
    a = ints[at + n << 1]! + ints[keys + n + 1 << 1]! | 0
    b = ints[(at + n << 1) + 1]! + ints[(keys + n + 1 << 1) + 1]! | 0
    const product = imul(a, b), next = lower + product | 0
    upper = upper + highProduct(a, b) + carry(lower, product, next) | 0
    lower = next
  }
  ints[sum << 1] = lower
  ints[(sum << 1) + 1] = upper
}
/** From the 64 bits at `sum` to 32: the upper half of low x K0 + high x K1 + K2, where the three cells at `keys` are K0 to K2. */
export function foldSum(sum: i32, keys: i32): i32 {
  const s = ints[sum << 1]!, t = ints[(sum << 1) + 1]!, k = keys << 1
  const p = imul(s, ints[k]!), q = imul(t, ints[k + 2]!), r = p + q | 0, e = ints[k + 4]!
  const carried = carry(p, q, r) + carry(r, e, r + e | 0)
  const upper = imul(s, ints[k + 1]!) + highProduct(s, ints[k]!) + imul(t, ints[k + 3]!) + highProduct(t, ints[k + 2]!) | 0
  return upper + ints[k + 5]! + carried | 0
}
/** Copies cells of a record under their veil to the caller's own area. */
export function copyVeiledOut(to: i32, from: i32, cells: i32, veil: Word): void { for (let n = 0; n < cells; n++) keep(to + n, load(from + n) ^ veil) }
/** Writes cells of the caller's own area under a veil into a block that nobody reads yet: `sealBlock` publishes them. */
export function copyVeiledIn(to: i32, from: i32, cells: i32, veil: Word): void { for (let n = 0; n < cells; n++) write(to + n, load(from + n) ^ veil) }
/** Whether cells of a record differ from others just by `veils`. */
export function differBy(a: i32, b: i32, cells: i32, veils: Word): boolean {
  for (let n = 0; n < cells; n++) if ((load(a + n) ^ load(b + n)) !== veils) return false
  return true
}
export function leadingZeros(a: i32): i32 { return Math.clz32(a) }

/** Only in checked builds: holds a step against TRANSITIONS before it is tried, counts it once it was made. */
export function propose(step: i32, seen: Word, next: Word): void { checks.propose(step, seen, next) }
export function took(step: i32): void { checks.took(step) }
/** Only in checked builds: a law was found broken. */
export function fail(code: i32): void { checks.fail(code) }
