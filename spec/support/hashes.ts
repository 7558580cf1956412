// Keys made to order: the inverse of the kernel's base hash.

import { seedFrom } from '../../lib/kernel/hash'

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
export function crowded(count: number, hash = 0x40000000): number[] {
  return Array.from({ length: count }, (_, n) => keyWithHash(hash + n))
}
