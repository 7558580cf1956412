// From a key to 32 bits. The base hash is fast and seeded; the keyed hash is HalfSipHash-2-4, for tables whose
// base hashes were found to crowd (a pseudo-random function: nobody without the key can choose keys that collide).
// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; the finalizer is MurmurHash3's.

import { high, imul, load, low } from './memory'

function rotate(x: i32, by: i32): i32 { return x << by | x >>> (32 - by) }

/** MurmurHash3's finalizer: every bit of the input reaches every bit of the output. */
export function mix(x: i32): i32 {
  let h = x ^ x >>> 16
  h = imul(h, -2048144789)
  h ^= h >>> 13
  h = imul(h, -1028477387)
  return h ^ h >>> 16
}

/** The base hash of an integer or a constant. */
export function hashPayload(payload: i32, seed: i32): i32 { return mix(payload ^ seed) }

function absorb(h: i32, x: i32): i32 {
  return imul(rotate(h ^ imul(rotate(imul(x, -862048943), 15), 461845907), 13), 5) - 430675100 | 0
}

/** The base hash of `length` bytes at `at`, the last cell filled up with zeros. */
export function hashBytes(at: i32, length: i32, type: i32, seed: i32): i32 {
  let h = seed ^ length
  const cells = length + 7 >>> 3
  for (let n = 0; n < cells; n++) {
    const word = load(at + n)
    h = absorb(absorb(h, low(word)), high(word))
  }
  return mix(h ^ type << 24)
}

/** HalfSipHash-2-4 over the cells at `at`, then `a`, then `b`, under the key (k0, k1). */
export function keyedHash(at: i32, cells: i32, a: i32, b: i32, k0: i32, k1: i32): i32 {
  let v0 = k0, v1 = k1, v2 = k0 ^ 0x6c796765, v3 = k1 ^ 0x74656462
  const words = (cells << 1) + 2
  // Two rounds a word, then four: each turn of the loop is one round.
  for (let n = 0; n < (words << 1) + 4; n++) {
    const index = n >> 1
    const word = index >= words ? 0 : index === words - 1 ? b : index === words - 2 ? a
      : (index & 1) === 0 ? low(load(at + (index >> 1))) : high(load(at + (index >> 1)))
    if ((n & 1) === 0) v3 ^= word
    if (n === words << 1) v2 ^= 0xff
    v0 = v0 + v1 | 0; v1 = rotate(v1, 5) ^ v0; v0 = rotate(v0, 16)
    v2 = v2 + v3 | 0; v3 = rotate(v3, 8) ^ v2
    v0 = v0 + v3 | 0; v3 = rotate(v3, 7) ^ v0
    v2 = v2 + v1 | 0; v1 = rotate(v1, 13) ^ v2; v2 = rotate(v2, 16)
    if ((n & 1) === 1) v0 ^= word
  }
  return v1 ^ v3
}
