// The veil: what the bytes of a record are mixed with where they lie in shared memory.
//
// Memory that holds bytes now may have been slots, and a worker that sleeps may still take it for them. Its swap expects a word
// that a slot once had. Bytes can be anything, so they could be made to look like that word. Under a veil they cannot: it is
// drawn from the map's secret, the block and its stamp, and who does not know the secret hits a word in one case of 2^64.

import { Word, fixed, high, imul, load, low, pack } from './memory'
import { At, blockAt } from './layout'
import { mix } from './hash'
import { RECORD_HEADER } from './sizes'
import { finalStamp } from './words/stamp'

/** A number that nobody can guess who does not know the secret. */
export function secretMix(map: i32, x: i32): i32 {
  const secret = fixed(map + At.Secret)
  return mix(mix(x ^ low(secret)) ^ high(secret))
}

/** The veil of the record in a block whose first word is `header`. */
// inline
export function veilOf(map: i32, record: i32, header: Word): Word {
  const secret = fixed(map + At.Secret), a = imul(finalStamp(header) ^ low(secret), -1640531535) ^ record
  const b = imul(a ^ a >>> 15, -2048144777) ^ high(secret)
  return pack(imul(b ^ b >>> 13, -1028477379), b ^ a)
}

/** The veil of bytes that begin at a cell: none where they lie in a worker's own area. */
// inline
export function veilAt(map: i32, place: i32): Word {
  const record = place - map - RECORD_HEADER >> 1
  return place - map < (low(fixed(map + At.Ground)) << 1) ? pack(0, 0) : veilOf(map, record, load(blockAt(map, record)))
}
