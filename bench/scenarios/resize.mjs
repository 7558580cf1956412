// Growth: alone, by several workers at once, beside readers, again and again; and that nothing is lost meanwhile.

import { medians, onceEach } from '../lib/measure.mjs'
import { duration, grouped, rate, ratioOfRounds } from '../lib/numbers.mjs'

const KEYS = { keys: 'integer' }

/** Inserts from the smallest map; seconds. Then every entry is read once. */
async function grow(crew, entries, count, { verify = true, job = 'insert' } = {}) {
  await crew.create({ entries, presized: false, ...KEYS })
  const { seconds } = await crew.rate(job, { ...KEYS, to: entries }, count)
  if (verify) crew.check((await crew.run([{ job: 'verify', parameters: { ...KEYS, to: entries } }])).all)
  return seconds
}

/** SharedMap growing with so many workers, by `set` or by `setMany`, against one Map growing alone. */
const growth = (name, entries, count, { quick = false, job = 'insert' } = {}) => ({
  name: `growth/${name}`, quick,
  async run(bench) {
    const size = bench.scaled(entries, 500_000), ours = await bench.crewOf('ours', count), plain = await bench.crewOf('plain', 1)
    // The code must be compiled before it is timed.
    await grow(ours, 300_000, count, { job })
    await grow(plain, 300_000, 1, { verify: false })
    const times = await onceEach({ ours: () => grow(ours, size, count, { job }), Map: () => grow(plain, size, 1, { verify: false }) }, bench.rounds(5))
    const middle = medians(times), who = count === 1 ? 'one worker' : `${count} workers`
    bench.figure(`resize.growth/${name}`, `growth from the smallest size to ${grouped(size)} integers, ${who}${job === 'insert' ? '' : ' with setMany'}, against one Map growing alone`,
      ratioOfRounds(times.Map, times.ours), 'x', `${rate(size / middle.ours)} inserts; Map ${rate(size / middle.Map)}`, { rounds: times })
  },
})

/** A reader's speed while another worker grows the same map, and while it grows one of its own. */
const readsBesideGrowth = {
  name: 'reads during growth', quick: false,
  async run(bench) {
    const base = 200_000, to = bench.scaled(3_000_000, 500_000), same = await bench.crewOf('ours', 2), other = await bench.crewOf('ours', 1), apart = await bench.crewOf('ours', 1)
    const sides = {
      'same map': () => readBeside(base, to, same, same),
      'its own map': () => readBeside(base, to, apart, other),
    }
    const rates = await onceEach(sides, bench.rounds(5)), middle = medians(rates)
    bench.figure('resize.reads during growth', `reads while another worker grows the map from 200,000 to ${grouped(to)}, against reads while it grows a map of its own`,
      ratioOfRounds(rates['same map'], rates['its own map']), 'x', `${rate(middle['same map'])}; beside another map ${rate(middle['its own map'])}`, { rounds: rates })
  },
}

async function readBeside(base, to, reading, growing) {
  for (const crew of new Set([reading, growing])) {
    await crew.create({ entries: to, presized: false, ...KEYS })
    await crew.run([{ job: 'insert', parameters: { ...KEYS, to: base } }])
  }
  const reader = { job: 'timedReads', parameters: { ...KEYS, entries: base, untilStopped: true, id: 1 } }
  const grower = { job: 'insert', parameters: { ...KEYS, from: base, to } }
  const answers = reading === growing ? (await reading.run([grower, reader])).all.slice(1) : await bothAtOnce(reading, reader, growing, grower)
  reading.check(answers)
  return answers[0].operations / answers[0].ns * 1e9
}

/** The jobs of two crews at the same time; the first is stopped when the second has ended. */
async function bothAtOnce(reading, reader, growing, grower) {
  const stopped = reading.run([reader])
  await growing.run([grower])
  reading.stop()
  return (await stopped).all
}

const mixedGrowth = {
  name: 'reads and inserts during growth', quick: false,
  async run(bench) {
    const base = 100_000, to = bench.scaled(2_000_000, 400_000), count = bench.pair
    const ours = await bench.crewOf('ours', count), plain = await bench.crewOf('plain', 1)
    const work = (crew, workers) => async () => {
      await crew.create({ entries: to, presized: false, ...KEYS })
      await crew.run([{ job: 'insert', parameters: { ...KEYS, to: base } }])
      const { perSecond, all } = await crew.rate('growAndRead', { ...KEYS, base, to }, workers)
      crew.check(all)
      return perSecond
    }
    const rates = await onceEach({ ours: work(ours, count), Map: work(plain, 1) }, bench.rounds(5)), middle = medians(rates)
    const what = `one insert and one read in turns while the map grows from ${grouped(base)} to ${grouped(to)}, ${count} workers, against one Map alone`
    bench.figure('resize.reads and inserts during growth', what, ratioOfRounds(rates.ours, rates.Map), 'x', `${rate(middle.ours)}; Map ${rate(middle.Map)}`,
      { rounds: rates })
  },
}

const manyResizes = {
  name: 'many resizes', quick: true,
  async run(bench) {
    const parameters = { ...KEYS, entries: 20_000, cycles: bench.scaled(40, 8) }
    const ours = await bench.crewOf('ours', bench.pair), plain = await bench.crewOf('plain', 1)
    let resizes = 0
    const work = (crew, count) => async () => {
      await crew.create({ entries: 100_000, presized: false, ...KEYS })
      const { perSecond, all } = await crew.rate('breathe', parameters, count)
      crew.check(all)
      resizes = Math.max(resizes, ...all.map(answer => answer.resizes ?? 0))
      return perSecond
    }
    const rates = await onceEach({ one: work(ours, 1), both: work(ours, bench.pair), Map: work(plain, 1) }, bench.rounds(5)), middle = medians(rates)
    bench.figure('resize.many resizes', `20,000 entries inserted and deleted again and again, one worker, against Map`,
      ratioOfRounds(rates.one, rates.Map), 'x', `${duration(1e9 / middle.one)}; Map ${duration(1e9 / middle.Map)} an operation; ${resizes} resizes`, { rounds: rates })
    bench.figure('resize.many resizes/workers', `the same, ${bench.pair} workers with keys of their own, against one`, ratioOfRounds(rates.both, rates.one),
      'x', `${rate(middle.both)}; one worker ${rate(middle.one)}`)
  },
}

export default {
  name: 'resize',
  title: 'Growing and shrinking',
  about: 'Each round begins with a new map of the smallest size. After each, every entry is read and compared.',
  cases: [
    growth('1 million, one worker', 1_000_000, 1), growth('4 million, one worker', 4_000_000, 1), growth('4 million, two workers', 4_000_000, 2, { quick: true }),
    growth('4 million, two workers, setMany', 4_000_000, 2, { job: 'insertMany' }),
    readsBesideGrowth, mixedGrowth, manyResizes,
  ],
}
