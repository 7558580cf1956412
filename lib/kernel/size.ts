// The number of entries, in stripes: one counter a participant on a line of its own, and one for what `repair` found.
//
//    63                            32 31                             0
//   +--------------------------------+--------------------------------+
//   | deletes (32)                   | entries (32), signed           |
//   +--------------------------------+--------------------------------+
//   as a sum: deletes x 2^32 + entries. So one addition of 2^32 - 1 counts a delete in both.
//
// Law: at rest, when nobody was killed, the stripes add up to the number of live values. A worker killed between its
// swap and its count leaves the sum wrong by one, for ever; `repair` counts anew, and nothing is ever decided by it
// that could lose data.

import { Word, add, high, load, low, pack, store } from './memory'
import { Area, At, areaAt, areaOf } from './layout'
import { placesTaken } from './words/places'

/** Counts one entry more (1) or one deleted (-1): what `add` takes unsigned. */
export function addSize(map: i32, me: i32, delta: i32): void {
  add(areaOf(map, me) + Area.Stripe, delta)
}

/** The sum of the stripes. Not a snapshot: exact when no write is in progress and nobody was killed. */
export function size(map: i32): i32 {
  const taken = placesTaken(map)
  let sum = low(load(map + At.SharedStripe))
  for (let area = 1; area <= taken; area++) sum = sum + low(load(areaAt(map, area) + Area.Stripe)) | 0
  return sum
}

/** How many deletes there were, by all workers: a change says that there were more. */
export function deletedByAll(map: i32): i32 {
  let deletes = 0
  for (let area = 1; area <= placesTaken(map); area++) deletes = deletes + deletesIn(load(areaAt(map, area) + Area.Stripe)) | 0
  return deletes
}
function deletesIn(stripe: Word): i32 { return high(stripe) - (low(stripe) >> 31) | 0 }

/** Sets the sum; only for `repair`, when nobody else is running. */
export function setSize(map: i32, entries: i32): void {
  const taken = placesTaken(map)
  // The deletes stay: who has noted how many there were must not find the same number again.
  for (let area = 1; area <= taken; area++) store(areaAt(map, area) + Area.Stripe, pack(deletesIn(load(areaAt(map, area) + Area.Stripe)), 0))
  store(map + At.SharedStripe, pack(0, entries))
}
