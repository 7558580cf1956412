// How long single operations take while the map grows: the tail, beside Map's own pauses and beside a control loop that does
// nothing but read the clock at the same time. What the control loop misses, the machine has taken.

import { Histogram, tailOf } from '../lib/histogram.mjs'
import { duration, grouped, median } from '../lib/numbers.mjs'

const KEYS = { keys: 'integer' }

/** Inserts up to `to` with so many workers, and one more that only reads the clock. */
async function timedGrowth(crew, to, count) {
  await crew.create({ entries: to, presized: false, ...KEYS })
  const inserting = Array.from({ length: count }, (_, id) => ({ job: 'timedInsert', parameters: { ...KEYS, to, id, count } }))
  const { all } = await crew.run([...inserting, { job: 'control', parameters: { untilStopped: true } }])
  const histograms = all.map(({ histogram }) => Histogram.from(histogram)), operations = histograms.slice(0, count).reduce((sum, other) => sum.merge(other), new Histogram())
  return { operations, control: histograms[count] }
}

/** Tails of all rounds: medians of the percentiles, the worst and the median of the longest. */
function summary(rounds) {
  const tails = rounds.map(({ operations }) => tailOf(operations)), gaps = rounds.map(({ control }) => control.max)
  const middle = Object.fromEntries(['p50', 'p99', 'p999', 'max'].map(name => [name, median(tails.map(tail => tail[name]))]))
  return { ...middle, worst: Math.max(...tails.map(({ max }) => max)), gap: median(gaps), beyondGap: median(tails.map(({ max }, n) => max - gaps[n])) }
}

const noteOf = ({ p50, p99, p999, max, worst, gap }) =>
  `p50 ${duration(p50)}, p99 ${duration(p99)}, p99.9 ${duration(p999)}, max ${duration(max)} (worst round ${duration(worst)}); control loop's longest gap ${duration(gap)}`

/** Curves for the chart: percentile and nanoseconds. */
const POINTS = [50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.999, 100]
const curveOf = histograms => POINTS.map(point => [point, median(histograms.map(histogram => histogram.percentile(point)))])

async function growthTails(bench) {
  const to = bench.scaled(4_000_000, 500_000), rounds = { ours: [], Map: [], pair: [], locked: [] }
  const ours = await bench.crewOf('ours', bench.pair + 1), plain = await bench.crewOf('plain', 2), locked = await bench.crewOf('locked', 2)
  for (let round = 0; round < bench.rounds(5); round++) {
    rounds.ours.push(await timedGrowth(ours, to, 1))
    rounds.Map.push(await timedGrowth(plain, to, 1))
    if (!bench.quick) rounds.pair.push(await timedGrowth(ours, to, bench.pair))
    if (!bench.quick) rounds.locked.push(await timedGrowth(locked, to, 1))
  }
  const one = summary(rounds.ours), map = summary(rounds.Map), size = grouped(to)
  bench.curves = { SharedMap: curveOf(rounds.ours.map(({ operations }) => operations)), Map: curveOf(rounds.Map.map(({ operations }) => operations)),
    'control loop': curveOf(rounds.ours.map(({ control }) => control)) }
  bench.figure('latency.growth/p99.9', `insert during growth to ${size}, p99.9, one worker`, one.p999, 'ns', noteOf(one), one)
  bench.figure('latency.growth/max', `insert during growth to ${size}, longest, beyond the control loop's longest gap`, one.beyondGap, 'ns',
    `longest ${duration(one.max)}, gap ${duration(one.gap)}; Map's own pause ${duration(map.max)}`, { mapMax: map.max })
  bench.figure('latency.growth/Map', `Map's own longest pause, against SharedMap's longest`, map.max / one.max, 'x', `Map: ${noteOf(map)}`, map)
  if (bench.quick) return
  const both = summary(rounds.pair), mutex = summary(rounds.locked)
  bench.curves['lock-based map'] = curveOf(rounds.locked.map(({ operations }) => operations))
  bench.figure('latency.growth/workers', `the same, ${bench.pair} workers inserting and the control loop a third thread, p99.9`, both.p999, 'ns', noteOf(both), both)
  bench.figure('latency.growth/locked', `the lock-based map's own longest pause (all threads wait), against SharedMap's longest`, mutex.max / one.max, 'x', noteOf(mutex), mutex)
}

/** Reads by one worker while another grows the map. */
async function readTails(bench) {
  const base = 200_000, to = bench.scaled(4_000_000, 600_000), crew = await bench.crewOf('ours', 2), quiet = [], growing = []
  for (let round = 0; round < bench.rounds(5); round++) {
    await crew.create({ entries: to, presized: false, ...KEYS })
    await crew.run([{ job: 'insert', parameters: { ...KEYS, to: base } }])
    const reads = { job: 'timedReads', parameters: { ...KEYS, entries: base, untilStopped: true, id: 1 } }
    const besides = async job => {
      const { all } = await crew.run([job, reads])
      crew.check(all)
      return Histogram.from(all[1].histogram)
    }
    quiet.push(tailOf(await besides({ job: 'mix', parameters: { ...KEYS, entries: base, operations: 3_000_000 } })))
    growing.push(tailOf(await besides({ job: 'insert', parameters: { ...KEYS, from: base, to } })))
  }
  const of = (tails, name) => median(tails.map(tail => tail[name]))
  for (const name of ['p50', 'p999']) {
    bench.figure(`latency.reads/${name}`, `a read while another worker grows the map, ${name === 'p50' ? 'p50' : 'p99.9'}`, of(growing, name), 'ns',
      `while it only reads: ${duration(of(quiet, name))}; longest ${duration(of(growing, 'max'))}, ${duration(of(quiet, 'max'))}`)
  }
}

export default {
  name: 'latency',
  title: 'How long single operations take',
  about: 'Absolute times, since a tail is no ratio; the clock\'s own cost (the control loop\'s p50) is in each. Read them beside the control loop.',
  cases: [
    { name: 'growth', quick: true, run: growthTails },
    { name: 'reads during growth', quick: false, run: readTails },
  ],
}
