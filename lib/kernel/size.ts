// The number of entries, in stripes: one counter a participant on a line of its own, and one for what `repair` found.
//
// Law: at rest, when nobody was killed, the stripes add up to the number of live values. A worker killed between its
// swap and its count leaves the sum wrong by one, for ever; `repair` counts anew, and nothing is ever decided by it
// that could lose data.

import { add, load, low, pack, store } from './memory'
import { Area, At, areaAt, areaOf } from './layout'
import { placesTaken } from './words/places'

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

/** Sets the sum; only for `repair`, when nobody else is running. */
export function setSize(map: i32, entries: i32): void {
  const taken = placesTaken(map)
  for (let area = 1; area <= taken; area++) store(areaAt(map, area) + Area.Stripe, pack(0, 0))
  store(map + At.SharedStripe, pack(0, entries))
}
