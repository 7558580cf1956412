// What a worker of a crew can be told to do. A job gets ready (keys drawn, code warm) and returns the work itself, which
// answers how many operations it did and how many answers were missing or wrong.

import { ASYNCHRONOUS } from './jobs-async.mjs'
import { RING, indices, isRight, keyMaker, valueAt, writeFlags } from '../lib/keys.mjs'
import { CONTENTION } from './jobs-contention.mjs'
import { LATENCY } from './jobs-latency.mjs'

const rings = new Map()

/** The keys to ask for and where to write: made once for the same parameters. */
function ringOf({ distribution = 'uniform', entries, writes = 0, id = 0 }) {
  const name = [distribution, entries, writes, id].join()
  if (!rings.has(name)) rings.set(name, { asked: indices(distribution, entries, id + 1), isWrite: writeFlags(writes, id + 1) })
  return rings.get(name)
}

/** Reads and writes of keys that are there. */
function mix(map, parameters) {
  const { keys, length, operations, warm = 20_000 } = parameters, { asked, isWrite } = ringOf(parameters), keyOf = keyMaker(keys, length)
  const work = count => {
    let misses = 0, wrong = 0
    for (let n = 0; n < count; n++) {
      const index = asked[n & RING - 1]
      if (isWrite[n & RING - 1] === 1) map.set(keyOf(index), valueAt(index, n))
      else {
        const value = map.get(keyOf(index))
        if (value === undefined) misses++
        else if (!isRight(index, value)) wrong++
      }
    }
    return { operations: count, misses, wrong }
  }
  work(warm)
  return () => work(operations)
}

/** Inserts its share of the entries from `from` to `to`: every `count`-th. */
function insert(map, { keys, length, from = 0, to, id = 0, count = 1 }) {
  const keyOf = keyMaker(keys, length)
  return () => {
    let operations = 0
    for (let index = from + id; index < to; index += count, operations++) map.set(keyOf(index), valueAt(index, 0))
    return { operations }
  }
}

/** Pairs that one call of `insertMany` writes. */
const PAIRS = 1000

/** As `insert`, with `setMany`. */
function insertMany(map, { keys, length, from = 0, to, id = 0, count = 1 }) {
  const keyOf = keyMaker(keys, length), pairs = Array.from({ length: PAIRS }, () => [undefined, 0])
  return () => {
    let operations = 0
    for (let index = from + id; index < to;) {
      let filled = 0
      for (; filled < PAIRS && index < to; index += count, filled++) {
        pairs[filled][0] = keyOf(index)
        pairs[filled][1] = valueAt(index, 0)
      }
      map.setMany(filled === PAIRS ? pairs : pairs.slice(0, filled))
      operations += filled
    }
    return { operations }
  }
}

/** Deletes its share. */
function remove(map, { keys, length, from = 0, to, id = 0, count = 1 }) {
  const keyOf = keyMaker(keys, length)
  return () => {
    let operations = 0, misses = 0
    for (let index = from + id; index < to; index += count, operations++) if (!map.delete(keyOf(index))) misses++
    return { operations, misses }
  }
}

/** Reads every entry once. */
function verify(map, { keys, length, from = 0, to }) {
  const keyOf = keyMaker(keys, length)
  return () => {
    let misses = 0, wrong = 0
    for (let index = from; index < to; index++) {
      const value = map.get(keyOf(index))
      if (value === undefined) misses++
      else if (!isRight(index, value)) wrong++
    }
    return { operations: to - from, misses, wrong, size: map.size }
  }
}

/** Inserts its share and, after each, reads an entry that was there from the start. */
function growAndRead(map, { keys, length, base, to, id = 0, count = 1 }) {
  const keyOf = keyMaker(keys, length), asked = indices('uniform', base, id + 1)
  return () => {
    let operations = 0, misses = 0, wrong = 0
    for (let index = base + id; index < to; index += count, operations += 2) {
      map.set(keyOf(index), valueAt(index, 0))
      const other = asked[index & RING - 1], value = map.get(keyOf(other))
      if (value === undefined) misses++
      else if (!isRight(other, value)) wrong++
    }
    return { operations, misses, wrong }
  }
}

/** Fills and empties its part of the keys again and again, so that the map grows and shrinks. */
function breathe(map, { keys, length, entries, cycles, id = 0 }) {
  const keyOf = keyMaker(keys, length), from = id * entries, to = from + entries
  return () => {
    let misses = 0
    for (let cycle = 0; cycle < cycles; cycle++) {
      for (let index = from; index < to; index++) map.set(keyOf(index), valueAt(index, cycle))
      for (let index = from; index < to; index++) if (!map.delete(keyOf(index))) misses++
    }
    return { operations: 2 * cycles * entries, misses, resizes: map.stats?.().resizes.count }
  }
}

/** Calculates on its own: how this scales is how the machine does. */
function spin(_, { operations }) {
  const work = count => {
    let mixed = 1
    for (let n = 0; n < count; n++) mixed = Math.imul(mixed ^ n, 0x85ebca6b)
    return { operations: count, mixed }
  }
  work(20_000)
  return () => work(operations)
}

const synchronous = { spin, mix, insert, insertMany, remove, verify, growAndRead, breathe, ...CONTENTION, ...LATENCY }

/** A job by its name: for a map that answers with promises, one that awaits them. */
export const jobOf = (map, name) => (map?.asynchronous ? ASYNCHRONOUS : synchronous)[name]
