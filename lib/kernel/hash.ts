// From a key to 32 bits. Each map has a secret of its own, and nothing that is hashed here can be made to collide by
// somebody who does not know it.
//
// Bytes, in the base order: NH of UMAC over up to 32 cells, whose collisions are bounded: for any two keys, of any
// lengths, at most one secret in 2^32 makes their 64-bit sums differ by any one amount; and for sums that differ, at most one in
// 2^32 makes them the same 32 bits (multiplying modulo 2^64 and taking the upper half is strongly universal). Longer keys are sums
// of many blocks, gathered by HalfSipHash.
// Integers, in the base order: MurmurHash3's finalizer over the seed. No two have the same hash; but who learns
// the seed can crowd them.
// In tables whose searches were found to be long, any key: HalfSipHash-1-3, under seeds that are new at each reseed.
//
// Sources: Black, Halevi, Krawczyk, Krovetz and Rogaway, "UMAC: fast and secure message authentication", 1999 (theorem 4.2);
// Lemire and Kaser, "Strongly universal string hashing is fast", 2014; Aumasson and Bernstein, "SipHash: a fast
// short-input PRF", 2012. HalfSipHash-1-3 is what Linux trusts for its hash tables (Documentation/security/siphash.rst).

import { Word, fixed, foldSum, high, imul, load, low, pack, peek, poke, store, sumProducts } from './memory'
import { Area, At, BLOCK_CELLS, Field, HASH_KEYS, HashKey, fieldsOf } from './layout'

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

// --- bytes

/** The cell where a field that begins one lies. */
function fieldCell(map: i32, me: i32, field: i32): i32 { return fieldsOf(map, me) + (field >> 1) }

/** Cells of the piece of a key that begins at its cell `from`: as many as the `Key` window holds. */
export function pieceCells(length: i32, from: i32): i32 {
  const left = (length + 7 >>> 3) - from
  return left < Area.KeyCells ? left : Area.KeyCells
}

/** The base hash of `length` bytes at `at`, which are the caller's own; the last cell filled up with zeros. */
export function hashBytes(map: i32, me: i32, at: i32, length: i32, type: i32): i32 {
  const cells = length + 7 >>> 3
  if (cells > BLOCK_CELLS) return hashBlocks(map, me, at, length, type)
  const sum = fieldCell(map, me, Field.Sum), keys = map + At.HashKeys
  sumProducts(sum, keys, length, type, at, cells)
  return mix(foldSum(sum, keys + HashKey.Fold))
}

function hashBlocks(map: i32, me: i32, at: i32, length: i32, type: i32): i32 {
  for (let from = 0; from < length + 7 >>> 3; from += Area.KeyCells) hashPiece(map, me, at + from, from, length, type)
  return hashEnd(map, me, length, type)
}

/** Takes a piece of a key of several blocks into its base hash; `from` is the piece's first cell among the key's. */
export function hashPiece(map: i32, me: i32, at: i32, from: i32, length: i32, type: i32): void {
  const sum = fieldCell(map, me, Field.Sum), state = fieldCell(map, me, Field.SumState)
  const keys = map + At.HashKeys, cells = pieceCells(length, from)
  if (from === 0) sipStart(state, peek(keys + HashKey.Gather, 0), peek(keys + HashKey.Gather, 1))
  for (let n = 0; n < cells; n += BLOCK_CELLS) {
    // The first block's sum tells keys of different lengths and types apart.
    const first = from + n === 0, many = cells - n < BLOCK_CELLS ? cells - n : BLOCK_CELLS
    sumProducts(sum, keys, first ? length : 0, first ? type : 0, at + n, many)
    sipCells(state, sum, 1, pack(0, 0))
  }
}
export function hashEnd(map: i32, me: i32, length: i32, type: i32): i32 { return sipOf(fieldCell(map, me, Field.SumState), length, type) }

// --- HalfSipHash-1-3: a state of two cells in the caller's own area, where it goes through many words

export function sipStart(state: i32, k0: i32, k1: i32): void {
  poke(state, 0, k0)
  poke(state, 1, k1)
  poke(state, 2, k0 ^ 0x6c796765)
  poke(state, 3, k1 ^ 0x74656462)
}

/** Takes in the words of cells, which may be shared, and lie under a veil then. */
export function sipCells(state: i32, at: i32, cells: i32, veil: Word): void {
  let v0 = peek(state, 0), v1 = peek(state, 1), v2 = peek(state, 2), v3 = peek(state, 3)
  for (let n = 0; n < cells << 1; n++) {
    const cell = load(at + (n >> 1)) ^ veil, word = (n & 1) === 0 ? low(cell) : high(cell)
    v3 ^= word
    v0 = v0 + v1 | 0; v1 = rotate(v1, 5) ^ v0; v0 = rotate(v0, 16)
    v2 = v2 + v3 | 0; v3 = rotate(v3, 8) ^ v2
    v0 = v0 + v3 | 0; v3 = rotate(v3, 7) ^ v0
    v2 = v2 + v1 | 0; v1 = rotate(v1, 13) ^ v2; v2 = rotate(v2, 16)
    v0 ^= word
  }
  poke(state, 0, v0)
  poke(state, 1, v1)
  poke(state, 2, v2)
  poke(state, 3, v3)
}

/** The hash of a state's words, and of `a` and `b` after them. */
export function sipOf(state: i32, a: i32, b: i32): i32 {
  return sipEnd(peek(state, 0), peek(state, 1), peek(state, 2), peek(state, 3), a, b)
}

function sipEnd(v0: i32, v1: i32, v2: i32, v3: i32, a: i32, b: i32): i32 {
  // One round for each word, then three: each turn of the loop is one.
  for (let n = 0; n < 5; n++) {
    const word = n === 0 ? a : n === 1 ? b : 0
    if (n === 2) v2 ^= 0xff
    v3 ^= word
    v0 = v0 + v1 | 0; v1 = rotate(v1, 5) ^ v0; v0 = rotate(v0, 16)
    v2 = v2 + v3 | 0; v3 = rotate(v3, 8) ^ v2
    v0 = v0 + v3 | 0; v3 = rotate(v3, 7) ^ v0
    v2 = v2 + v1 | 0; v1 = rotate(v1, 13) ^ v2; v2 = rotate(v2, 16)
    v0 ^= word
  }
  return v1 ^ v3
}

/** HalfSipHash of two words under the key (k0, k1). */
export function keyedWords(a: i32, b: i32, k0: i32, k1: i32): i32 { return sipEnd(k0, k1, k0 ^ 0x6c796765, k1 ^ 0x74656462, a, b) }

/** HalfSipHash of the cells at `at`, under their veil, then `a`, then `b`, under the key (k0, k1). */
export function keyedHash(map: i32, me: i32, at: i32, cells: i32, veil: Word, a: i32, b: i32, k0: i32, k1: i32): i32 {
  const state = fieldCell(map, me, Field.SipState)
  sipStart(state, k0, k1)
  sipCells(state, at, cells, veil)
  return sipOf(state, a, b)
}

// --- what is drawn from the secret. `b` says what for: no two uses share a word, so that who learns one learns no other.

const enum Use { Seed = 256, HashKeys = 257 }

/** The seed of the base hash of integers. */
export function seedFrom(secretLow: i32, secretHigh: i32): i32 { return keyedWords(0, Use.Seed, secretLow, secretHigh) }

/** Writes the keys of the base hash of bytes: once, by `create`. */
export function writeHashKeys(map: i32, secretLow: i32, secretHigh: i32): void {
  for (let n = 0; n < HASH_KEYS; n++) {
    const lower = keyedWords(n << 1, Use.HashKeys, secretLow, secretHigh)
    const upper = keyedWords(n << 1 | 1, Use.HashKeys, secretLow, secretHigh)
    store(map + At.HashKeys + n, pack(upper, lower))
  }
}

/** A seed that is new with the generation. The identity is random also where the program chose the secret (`seed`): whoever knows
 *  that one can crowd a table, but not the one that follows. */
export function freshSeed(map: i32, generation: i32, word: i32): i32 {
  const secret = fixed(map + At.Secret), identity = fixed(map + At.Identity)
  return keyedWords(keyedWords(generation, word, low(secret), high(secret)), word, low(identity), high(identity))
}
