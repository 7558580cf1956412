// The jobs that a map behind messages can do: each call is awaited before the next.

import { RING, indices, isRight, keyMaker, valueAt, writeFlags } from '../lib/keys.mjs'

function mix(map, { keys, length, entries, distribution = 'uniform', writes = 0, operations, id = 0 }) {
  const asked = indices(distribution, entries, id + 1), isWrite = writeFlags(writes, id + 1), keyOf = keyMaker(keys, length)
  return async () => {
    let misses = 0, wrong = 0
    for (let n = 0; n < operations; n++) {
      const index = asked[n & RING - 1]
      if (isWrite[n & RING - 1] === 1) await map.set(keyOf(index), valueAt(index, n))
      else {
        const value = await map.get(keyOf(index))
        if (value === undefined) misses++
        else if (!isRight(index, value)) wrong++
      }
    }
    return { operations, misses, wrong }
  }
}

/** The messages of an insertion need not wait for one another: this is no measurement of single calls. */
function insert(map, { keys, length, from = 0, to, id = 0, count = 1 }) {
  const keyOf = keyMaker(keys, length)
  return async () => {
    let operations = 0, answers = []
    for (let index = from + id; index < to; index += count, operations++) {
      answers.push(map.set(keyOf(index), valueAt(index, 0)))
      if (answers.length === 1000) { await Promise.all(answers); answers = [] }
    }
    await Promise.all(answers)
    return { operations }
  }
}

function verify(map, { keys, length, from = 0, to }) {
  const keyOf = keyMaker(keys, length)
  return async () => {
    let misses = 0, wrong = 0
    for (let index = from; index < to; index++) {
      const value = await map.get(keyOf(index))
      if (value === undefined) misses++
      else if (!isRight(index, value)) wrong++
    }
    return { operations: to - from, misses, wrong }
  }
}

function increment(map, { keys, length, entries, operations, id = 0 }) {
  const keyOf = keyMaker(keys, length), asked = indices('uniform', entries, id + 1)
  return async () => {
    for (let n = 0; n < operations; n++) await map.add(keyOf(asked[n & RING - 1]), 1)
    return { operations }
  }
}

function total(map, { keys, length, entries }) {
  const keyOf = keyMaker(keys, length)
  return async () => {
    let sum = 0
    for (let index = 0; index < entries; index++) sum += await map.get(keyOf(index)) ?? 0
    return { operations: entries, sum }
  }
}

export const ASYNCHRONOUS = { mix, insert, verify, increment, total }
