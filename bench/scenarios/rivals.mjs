// What users would pick instead. All take part in the same rounds, one after the other; what a rival loses is said.

import { grouped, median, rate, ratioOfRounds } from '../lib/numbers.mjs'

const MILLISECONDS = 150
const WARM_ROUNDS = 8
const KINDS = { integer: 'integers', string: 'strings of 19 characters' }

/** The crew of one rival, filled, and how many operations take about as long as a round should. */
async function sideOf(bench, file, count, { entries, ...parameters }) {
  const crew = await bench.filledCrew(file, count, { ...parameters, entries })
  const trial = { ...parameters, entries, operations: 2000, warm: 2000 }
  await crew.rate('mix', trial, count)
  const { perSecond } = await crew.rate('mix', trial, count), wanted = Math.round(perSecond / count * MILLISECONDS / 1000)
  const operations = Math.min(2_000_000, Math.max(1000, wanted))
  return { crew, job: 'mix', parameters: { ...trial, operations, warm: Math.min(20_000, operations) }, count }
}

/** Misses and wrong values of a rival are facts about it, and those of SharedMap end the run. */
function lossesOf(crew, all) {
  if (crew.adapter.package === undefined) crew.check(all)
  return all.reduce((sum, { misses = 0, wrong = 0 }) => sum + misses + wrong, 0)
}

const mixture = (name, parameters, { shared, quick }) => ({
  name, quick,
  async run(bench) {
    const count = shared ? bench.pair : 1, keys = parameters.keys, entries = bench.scaled(100_000, 10_000)
    const rivals = bench.rivals.filter(rival => rival.keys.includes(keys) && (rival.shares || !shared))
    const sides = { SharedMap: await sideOf(bench, 'ours', count, { ...parameters, entries }) }, losses = {}
    for (const rival of rivals) {
      const side = await bench.attempt(rival, () => sideOf(bench, rival.file, rival.shares ? count : 1, { ...parameters, entries }))
      if (side !== undefined) sides[rival.name] = side
    }
    const rates = await bench.throughputs(sides, bench.rounds(5), (side, crew, all) => { losses[side] = (losses[side] ?? 0) + lossesOf(crew, all) })
    const what = `${KINDS[keys]}, ${grouped(entries)} entries, ${100 - parameters.writes}/${parameters.writes}, ${count === 1 ? 'one worker' : `${count} workers`}`
    for (const rival of rivals.filter(({ name: title }) => rates[title] !== undefined)) {
      const ours = rates.SharedMap, theirs = rates[rival.name], lost = losses[rival.name], remark = lost > 0 ? `; it LOST or got wrong ${lost} answers` : ''
      bench.figure(`rivals.${name}/${rival.file}`, `${rival.name}: ${what}`, ratioOfRounds(ours, theirs), 'x', `${rate(median(ours))}; it ${rate(median(theirs))}${remark}`,
        { rival: rival.file, shared, lost, rounds: { ours, theirs } })
    }
    fastest(bench, name, keys)
  },
})

/** Against the best of those that lost nothing: what npm has, and the lock-based map. */
function fastest(bench, name, keys) {
  const sharing = bench.figures.filter(({ id, shared, rival }) => shared && id.startsWith(`rivals.${name}/`) && rival !== 'locked')
  const best = sharing.filter(({ lost }) => lost === 0).sort((a, b) => a.value - b.value)[0]
  if (best !== undefined) bench.figure(`rivals.${name}/fastest`, `the fastest sharing rival, ${KINDS[keys]}`, best.value, 'x', `${best.rival}: ${best.note}`)
}

/** Inserts by all workers into an empty map, by rounds; and how many of them are not there afterwards. The first rounds, up to a second, warm up. */
async function insertsOf(bench, file, parameters, count) {
  const crew = await bench.crewOf(file, count), rates = [], start = performance.now()
  let lost = 0, inserted = 0
  for (let warm = 0; rates.length < bench.rounds(3); warm++) {
    await crew.create({ entries: parameters.to, presized: !crew.adapter.grows, keys: parameters.keys })
    const { perSecond } = await crew.rate('insert', parameters, count)
    inserted += parameters.to
    if (warm >= WARM_ROUNDS || performance.now() - start > 1000) rates.push(perSecond)
    lost += lossesOf(crew, (await crew.run([{ job: 'verify', parameters }])).all)
  }
  return { rates, lost, inserted }
}

const inserts = {
  name: 'inserts by all workers', quick: false,
  async run(bench) {
    const to = 50_000, count = bench.pair, ours = {}
    for (const keys of ['integer', 'string']) ours[keys] = (await insertsOf(bench, 'ours', { keys, to }, count)).rates
    for (const rival of bench.rivals.filter(({ shares }) => shares)) {
      const { name, file, grows, keys: [keys] } = rival, found = await bench.attempt(rival, () => insertsOf(bench, file, { keys, to }, count))
      if (found === undefined) continue
      const what = `${name}: ${grouped(to)} ${KINDS[keys]} inserted by ${count} workers, ${grows ? 'growing' : 'presized: it cannot grow for all'}`
      const remark = found.lost > 0 ? `; it LOST ${found.lost} of ${found.inserted}` : ''
      bench.figure(`rivals.inserts/${file}`, what, ratioOfRounds(ours[keys], found.rates), 'x', `${rate(median(ours[keys]))}; it ${rate(median(found.rates))}${remark}`,
        { lost: found.lost, rounds: { ours: ours[keys], theirs: found.rates } })
    }
  },
}

/** Increments of one key, by those that have an atomic way to add. */
const increments = {
  name: 'increments by all workers', quick: false,
  async run(bench) {
    const count = bench.pair, sides = {}, rounds = bench.rounds(5), parameters = { keys: 'integer', entries: 1 }, due = {}
    const adding = ['locked', 'ems', 'port', 'blocking-port'].filter(file => bench.rivals.some(rival => rival.file === file))
    for (const file of ['ours', ...adding]) {
      const crew = await bench.filledCrew(file, count, parameters), operations = /port/.test(file) ? 5000 : 300_000
      sides[file] = { crew, job: 'increment', parameters: { ...parameters, operations }, count }
      due[file] = rounds * operations * count
    }
    const rates = await bench.throughputs(sides, rounds)
    for (const [file, { crew }] of Object.entries(sides).filter(([name]) => rates[name] !== undefined)) {
      const { all: [{ sum }] } = await crew.run([{ job: 'total', parameters }])
      if (sum !== due[file] && crew.adapter.package === undefined) throw bench.wrong(`${crew.name}: increments come to ${sum}, not ${due[file]}`)
      if (file !== 'ours') {
        const remark = sum === due[file] ? '' : `; it LOST ${due[file] - sum} of ${due[file]}`
        bench.figure(`rivals.increments/${file}`, `${crew.name}: increments of one key, ${count} workers`, ratioOfRounds(rates.ours, rates[file]), 'x',
          `${rate(median(rates.ours))}; it ${rate(median(rates[file]))}${remark}`)
      }
    }
  },
}

export default {
  name: 'rivals',
  title: 'What users would pick instead',
  about: 'SharedMap\'s throughput by the rival\'s, in the same rounds. Rivals that lost entries are not counted as the fastest.',
  cases: [
    mixture('integers/2 workers', { keys: 'integer', writes: 5 }, { shared: true, quick: true }),
    mixture('strings/2 workers', { keys: 'string', writes: 5 }, { shared: true, quick: true }),
    mixture('integers/2 workers/50', { keys: 'integer', writes: 50 }, { shared: true, quick: false }),
    mixture('integers/one worker', { keys: 'integer', writes: 5 }, { shared: false, quick: false }),
    mixture('strings/one worker', { keys: 'string', writes: 5 }, { shared: false, quick: false }),
    inserts, increments,
  ],
}
