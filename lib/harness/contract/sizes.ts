// Growth, shrinking, memory that is used again, memory that is used up, and what the map says of itself.

import { OutOfMemoryError } from '../../errors'
import type { Model, Shared, Term, Trial } from './trial'

export const SIZE_TERMS: readonly Term[] = [
  { name: 'the map grows, and keeps every entry', run: grows },
  { name: 'the map shrinks after many deletes', run: shrinks },
  { name: 'many keys in turn, few at a time, take no more room', run: reuses },
  { name: 'repair finds no loss where there is none', run: findsNoLoss },
  { name: 'stats agree with the map and with themselves', run: statesAgree },
  { name: 'without memory a write throws, and changes nothing', applies: ({ small }) => small !== undefined, run: runsOut },
]

/** Whole models are compared now and then: more often where they are small. */
const isMilestone = (n: number): boolean => (n & n - 1) === 0

function grows(trial: Trial): void {
  const map = trial.create(), model: Model = new Map(), { entries } = trial.setup
  for (let n = 0; n < entries; n++) {
    const value = trial.value(n)
    map.set(trial.key(n), value)
    trial.agreesOn(map, model.set(n, value), n)
    trial.agreesOn(map, model, trial.random.below(n + 1))
    if (isMilestone(n)) trial.agrees(map, model)
  }
  for (let n = entries; n < entries + 100; n++) trial.agreesOn(map, model, n)
  trial.agrees(map, model)
  trial.isWithin('stats().capacity', map.stats().capacity, entries, Infinity)
}

/** Entries that are there at a time, and how many slots each may take: twice as many as a table that is not too large has. */
const ALIVE = 16
const SLOTS_EACH = 16

/** How many writes for each slot of the largest table may pass until the map has shrunk. */
const WRITES_TO_SHRINK = 4

function shrinks(trial: Trial): void {
  const map = trial.create(), model = trial.model(trial.setup.entries), least = map.stats().capacity
  trial.fill(map, model)
  const most = map.stats().capacity, few = Math.max(least, most / 8, ALIVE * SLOTS_EACH)
  for (const n of [...model.keys()].slice(ALIVE)) {
    trial.is(`delete(key ${n})`, map.delete(trial.key(n)), model.delete(n))
    if (isMilestone(model.size)) trial.agrees(map, model)
  }
  // Writes carry a resize on, deletes begin one: the map has no thread of its own.
  for (let write = 0; write < WRITES_TO_SHRINK * most && (write % 256 !== 0 || map.stats().capacity > few); write++) {
    if (write % 2 === 0) map.set(trial.key(ALIVE), trial.value(ALIVE))
    else map.delete(trial.key(ALIVE))
  }
  map.delete(trial.key(ALIVE))
  trial.isWithin('stats().capacity after deletes', map.stats().capacity, 1, few)
  trial.agrees(map, model)
}

function reuses(trial: Trial): void {
  const map = trial.create(), model: Model = new Map(), { entries } = trial.setup, most = Math.max(map.stats().capacity, ALIVE * SLOTS_EACH)
  let used = 0
  for (let n = 0; n < 2 * entries; n++) {
    map.set(trial.key(n), trial.value(n % entries))
    model.set(n, trial.value(n % entries))
    if (n >= ALIVE) trial.is(`delete(key ${n - ALIVE})`, map.delete(trial.key(n - ALIVE)), model.delete(n - ALIVE))
    if (n % 64 === 0) trial.isWithin(`stats().capacity with ${ALIVE} entries`, map.stats().capacity, 1, most)
    if (isMilestone(n)) trial.agrees(map, model)
    if (n === entries) used = map.stats().memory.used
  }
  trial.isWithin(`stats().memory.used after ${entries} more keys in turn`, map.stats().memory.used, 1, used * 1.25)
  trial.agrees(map, model)
}

/** A map that has grown, shrunk and been changed in every way. */
function worn(trial: Trial, map: Shared): Model {
  const model = trial.model(400)
  trial.fill(map, model)
  for (let turn = 0; turn < 1000; turn++) {
    const n = trial.random.below(400), value = trial.value(trial.random.below(50))
    if (trial.random.below(3) === 0) trial.is(`delete(key ${n})`, map.delete(trial.key(n)), model.delete(n))
    else trial.isValue(`swap(key ${n})`, map.swap(trial.key(n), value), model.get(n)), model.set(n, value)
  }
  return model
}

function findsNoLoss(trial: Trial): void {
  const map = trial.create()
  trial.is('repair of an empty map', map.repair(), { entries: 0, sizeError: 0, reclaimed: 0 })
  const model = worn(trial, map)
  trial.is('repair', map.repair(), { entries: model.size, sizeError: 0, reclaimed: 0 })
  trial.agrees(map, model)
  trial.fill(map, trial.model(100, 400))
  for (const [n, value] of trial.model(100, 400)) model.set(n, value)
  trial.agrees(map, model)
  map.clear()
  trial.is('repair after clear', map.repair(), { entries: 0, sizeError: 0, reclaimed: 0 })
}

function statesAgree(trial: Trial): void {
  const map = trial.create()
  checkStats(trial, map, 0)
  const { size } = worn(trial, map)
  checkStats(trial, map, size)
  map.clear()
  checkStats(trial, map, 0)
}

function checkStats(trial: Trial, map: Shared, size: number): void {
  const { entries, capacity, claimed, load, probes, resizes, retries, memory, participants } = map.stats()
  trial.is('stats().entries', entries, size)
  trial.isWithin('stats().capacity', capacity, Math.max(1, size), Infinity)
  trial.isWithin('stats().claimed', claimed, size, capacity)
  trial.is('stats().load', load, entries / capacity)
  trial.isWithin('stats().probes.sampled', probes.sampled, size > 0 ? 1 : 0, capacity)
  trial.isWithin('stats().probes.mean', probes.mean, 0, probes.max)
  trial.isWithin('stats().resizes.count', resizes.count, resizes.last.length, Infinity)
  trial.isWithin('stats().retries', retries, 0, Infinity)
  trial.isWithin('stats().memory.used', memory.used, 1, memory.limit)
  trial.is('the parts of stats().memory.used', memory.header + memory.tables + memory.blocks, memory.used)
  trial.isWithin('stats().memory.tables', memory.tables, capacity * 16, memory.limit)
  trial.is('stats().memory.used and free', memory.used + memory.free, memory.limit)
  trial.isWithin('stats().memory.largest', memory.largest, 0, memory.free)
  const own = participants.filter(({ participant, state }) => participant === map.participant && state === 'owned')
  trial.is('the number of its own places in stats().participants', own.length, 1)
}

/** A map with room for more entries than this is not small. */
const TOO_MANY = 100_000

function runsOut(trial: Trial): void {
  const map = trial.create(trial.setup.small), model = fillUp(trial, map), full = model.size
  trial.agreesOn(map, model, full)
  trial.agrees(map, model)
  trial.throws('set of a new key, once more', OutOfMemoryError, () => map.set(trial.key(full), trial.value(full)))
  for (let n = 0; n < full; n += 2) trial.is(`delete(key ${n})`, map.delete(trial.key(n)), model.delete(n))
  trial.agrees(map, model)
  // Freed blocks keep their sizes while others are in use beside them, so that not quite as much fits as before.
  for (let n = 0; n < full; n += 4) {
    map.set(trial.key(n), trial.value(n))
    trial.agreesOn(map, model.set(n, trial.value(n)), n)
  }
  trial.agrees(map, model)
  trial.is('repair', map.repair(), { entries: model.size, sizeError: 0, reclaimed: 0 })
  trial.agrees(map, model)
}

/** Writes until there is no memory; gives what was written. */
function fillUp(trial: Trial, map: Shared): Model {
  const model: Model = new Map()
  for (let n = 0; n < TOO_MANY; n++) {
    const value = trial.value(n)
    try {
      map.set(trial.key(n), value)
    } catch (error) {
      if (error instanceof OutOfMemoryError) return model
      throw error
    }
    model.set(n, value)
    if (isMilestone(n)) trial.is('size', map.size, model.size)
  }
  return trial.fail(`set of ${TOO_MANY} keys`, 'no error', 'an OutOfMemoryError')
}
