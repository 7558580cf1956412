// Keys that somebody chose to make a map slow.

import { instantiate } from '../../dist/harness/kernel.js'

const rotate = (x, by) => x << by | x >>> 32 - by

/** The number that times `x` is 1, modulo 2^32. */
function inverse(x) {
  let y = x
  for (let n = 0; n < 5; n++) y = Math.imul(y, 2 - Math.imul(x, y))
  return y
}

/** What MurmurHash3's finalizer makes into `hash`. */
function unmix(hash) {
  let h = hash ^ hash >>> 16
  h = Math.imul(h, inverse(-1028477387))
  h ^= h >>> 13 ^ h >>> 26
  h = Math.imul(h, inverse(-2048144789))
  return h ^ h >>> 16
}

/** Integers with one home in a map whose option `seed` is known. */
export function crowdedIntegers(count, seed) {
  const { keyedWords } = instantiate(new BigInt64Array(1)), own = keyedWords(0, 256, seed, 0)
  return Array.from({ length: count }, (_, n) => unmix(0x40000000 + n) ^ own)
}

/** Strings that MurmurHash3 cannot tell apart, whatever its seed: 2^14 of them, of 112 characters. */
export function murmurTwins(count) {
  const absorbed = word => Math.imul(rotate(Math.imul(word, -862048943), 15), 461845907)
  const whose = mixed => Math.imul(rotate(Math.imul(mixed, inverse(461845907)), 17), inverse(-862048943))
  const textOf = word => String.fromCharCode(word & 255, word >>> 8 & 255, word >>> 16 & 255, word >>> 24)
  // A difference in bit 18 of one word is turned to bit 31, and taken back by bit 31 of the next.
  const pieces = [0, 1].map(bit => textOf(whose(absorbed(0x61616161) ^ bit << 18)) + textOf(whose(absorbed(0x62626262) ^ bit << 31)))
  return Array.from({ length: count }, (_, key) => Array.from({ length: 14 }, (_, bit) => pieces[key >> bit & 1]).join(''))
}
