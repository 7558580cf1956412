// Jobs that take the time of each single operation. The clock is read once an operation: its cost is in each figure, and
// the control loop, which does nothing else, shows what that is.

import { Histogram } from '../lib/histogram.mjs'
import { RING, indices, isRight, keyMaker, valueAt } from '../lib/keys.mjs'
import { Word } from '../lib/words.mjs'

/** Inserts its share and times each insertion. */
function timedInsert(map, { keys, length, to, id = 0, count = 1 }) {
  const keyOf = keyMaker(keys, length), histogram = new Histogram()
  warmClock()
  return () => {
    let operations = 0, before = performance.now()
    for (let index = id; index < to; index += count, operations++) {
      map.set(keyOf(index), valueAt(index, 0))
      const after = performance.now()
      histogram.record(after - before)
      before = after
    }
    return { operations, histogram: histogram.plain }
  }
}

/** Reads entries that are there, and times each read, until it is stopped. */
function timedReads(map, { keys, length, entries, id = 0 }, words) {
  const keyOf = keyMaker(keys, length), histogram = new Histogram(), asked = indices('uniform', entries, id + 1)
  warmClock()
  return () => {
    let operations = 0, misses = 0, wrong = 0, before = performance.now()
    for (; Atomics.load(words, Word.Stop) === 0; operations++) {
      const index = asked[operations & RING - 1], value = map.get(keyOf(index))
      if (value === undefined) misses++
      else if (!isRight(index, value)) wrong++
      const after = performance.now()
      histogram.record(after - before)
      before = after
    }
    return { operations, misses, wrong, histogram: histogram.plain }
  }
}

/** Nothing but reading the clock, until it is stopped: its gaps are those of the machine. */
function control(_, parameters, words) {
  const histogram = new Histogram()
  warmClock()
  return () => {
    let operations = 0, before = performance.now()
    for (; Atomics.load(words, Word.Stop) === 0; operations++) {
      const after = performance.now()
      histogram.record(after - before)
      before = after
    }
    return { operations, histogram: histogram.plain }
  }
}

function warmClock() {
  const histogram = new Histogram()
  for (let n = 0, before = performance.now(); n < 20_000; n++) {
    const after = performance.now()
    histogram.record(after - before)
    before = after
  }
}

export const LATENCY = { timedInsert, timedReads, control }
