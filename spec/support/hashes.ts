// Keys made to order: the inverse of the kernel's base hash.

import { keyedWords, seedFrom } from '../../lib/kernel/hash'

/** The secret of a RawMap, and the seed of its base hash of integers. */
export const SECRET = [123, 456] as const
export const SEED = seedFrom(...SECRET)

/** The number that times `x` is 1, modulo 2^32. */
function inverse(x: number): number {
  let y = x
  for (let n = 0; n < 5; n++) y = Math.imul(y, 2 - Math.imul(x, y))
  return y
}

/** The number that the finalizer of MurmurHash3 makes into `hash`. */
export function unmix(hash: number): number {
  let h = hash ^ hash >>> 16
  h = Math.imul(h, inverse(-1028477387))
  h ^= h >>> 13 ^ h >>> 26
  h = Math.imul(h, inverse(-2048144789))
  return h ^ h >>> 16
}

/** The integer key that has this hash. */
export function keyWithHash(hash: number): number { return unmix(hash) ^ SEED }

/** Integer keys that all have the same home in tables of any size up to 2^20. */
export function crowded(count: number, hash = 0x40000000, seed = SEED): number[] {
  return Array.from({ length: count }, (_, n) => unmix(hash + n) ^ seed)
}

/**
 * 2^n texts of n pieces of two words each that MurmurHash3 cannot tell apart, under no seed. A word is taken in by h' = f(h ^ g(word)), f adding
 * and turning: a difference in one bit that f only moves to the top bit is undone by that bit of the next word, as adding keeps the top bit.
 */
export function multicollisions(n: number): string[] {
  const absorbed = (word: number): number => Math.imul(rotate(Math.imul(word, -862048943), 15), 461845907)
  const whose = (mixed: number): number => Math.imul(rotate(Math.imul(mixed, inverse(461845907)), 17), inverse(-862048943))
  // Turned left by 13, bit 18 becomes bit 31; times 5 and plus a constant, it is bit 31 still, and nothing else.
  const first = [0, 1 << 18].map(flip => whose(absorbed(0x61616161) ^ flip)), second = [0, 1 << 31].map(flip => whose(absorbed(0x62626262) ^ flip))
  const pieces = first.map((word, m) => [word, second[m]!].map(textOf).join(''))
  return Array.from({ length: 1 << n }, (_, key) => Array.from({ length: n }, (_, bit) => pieces[key >> bit & 1]!).join(''))
}

const rotate = (x: number, by: number): number => x << by | x >>> 32 - by
const textOf = (word: number): string => String.fromCharCode(word & 255, word >>> 8 & 255, word >>> 16 & 255, word >>> 24)

/** Texts that have one and the same base hash in a map of this secret. A word that makes a key's half 1 leaves of each product the other half. */
export function sameUnder(secret: readonly [number, number], count: number): string[] {
  const key = (n: number): number => keyedWords(n, 257, ...secret), one = (n: number): string => textOf(1 - key(2 * n) | 0)
  const rest = (n: number, value: number): string => textOf(value - key(2 * n + 1) | 0)
  return Array.from({ length: count }, (_, n) => one(1) + rest(1, n) + one(2) + rest(2, 0x10000000 - n))
}
