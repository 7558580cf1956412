// Jobs in which all workers want the same few keys.

import { RING, indices, keyMaker } from '../lib/keys.mjs'

/** Adds 1 to one of a few keys. */
function increment(map, { keys, length, entries, operations, id = 0 }) {
  const keyOf = keyMaker(keys, length), asked = indices('uniform', entries, id + 1)
  return () => {
    for (let n = 0; n < operations; n++) map.add(keyOf(asked[n & RING - 1]), 1)
    return { operations }
  }
}

/** The sum of all values: what the increments must come to. */
function total(map, { keys, length, entries }) {
  const keyOf = keyMaker(keys, length)
  return () => {
    let sum = 0
    for (let index = 0; index < entries; index++) sum += map.get(keyOf(index)) ?? 0
    return { operations: entries, sum }
  }
}

/** Inserts and deletes keys that all workers share, in a random order. What a read finds must belong to its key. */
function churn(map, { keys, length, entries, operations, id = 0 }) {
  const keyOf = keyMaker(keys, length), asked = indices('uniform', entries, id + 1)
  return () => {
    let wrong = 0
    for (let n = 0; n < operations; n += 2) {
      const index = asked[n & RING - 1]
      if ((n >> 1) % 2 === id % 2) map.set(keyOf(index), index)
      else map.delete(keyOf(index))
      const other = asked[n + 1 & RING - 1], value = map.get(keyOf(other))
      if (value !== undefined && value !== other) wrong++
    }
    return { operations, wrong }
  }
}

/** How many of the keys are there, one by one, and how many the map says. */
function census(map, { keys, length, entries }) {
  const keyOf = keyMaker(keys, length)
  return () => {
    let present = 0
    for (let index = 0; index < entries; index++) if (map.get(keyOf(index)) !== undefined) present++
    return { operations: entries, present, size: map.size }
  }
}

export const CONTENTION = { increment, total, churn, census }
