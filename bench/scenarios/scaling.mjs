// How throughput grows with workers, and why: the serial fraction that fits it, and the shared cache lines that an operation writes.

import { fitScaling } from '../lib/fit.mjs'
import { median, rate, ratioOfRounds, three } from '../lib/numbers.mjs'
import { inThread } from '../lib/single.mjs'

const KEYS = { keys: 'integer' }
const MOST_WORKERS = 16

/** 1, 2, 4 ... and all cores. */
const steps = cores => [...new Set([1, 2, 4, 8, MOST_WORKERS, Math.min(cores, MOST_WORKERS)].filter(count => count <= cores))].sort((a, b) => a - b)

function scalingFigure(bench, name, what, rates) {
  const points = Object.keys(rates).map(Number).map(count => [count, ratioOfRounds(rates[count], rates[1])]), { serial, coherence } = fitScaling(points)
  bench.scaling ??= {}
  bench.scaling[what] = points
  bench.figure(`scaling.${name}`, `serial fraction: ${what}`, serial, '', `${points.map(([count, speedup]) => `${count}: ${three(speedup)} x`).join(', ')}`
    + `${coherence > 0 ? `; coherence ${three(coherence)}` : ''}; one worker ${rate(median(rates[1]))}`, { points, coherence })
}

const mixes = {
  name: 'serial fraction', quick: true,
  async run(bench) {
    const counts = steps(bench.cores), crew = await bench.filledCrew('ours', counts.at(-1), { ...KEYS, entries: bench.scaled(1_000_000, 100_000) })
    for (const writes of bench.quick ? [5] : [0, 5, 50, 100]) {
      const parameters = { ...KEYS, entries: bench.scaled(1_000_000, 100_000), writes, operations: bench.scaled(1_500_000, 400_000) }
      const sides = Object.fromEntries(counts.map(count => [count, { crew, job: 'mix', parameters, count }]))
      const rates = await bench.throughputs({ ...sides, ...bench.machineSides(crew, counts) }, bench.rounds(9))
      const of = name => Object.fromEntries(counts.map(count => [count, rates[name(count)]]))
      scalingFigure(bench, `mix/${writes}% writes`, `integers, ${100 - writes}/${writes}`, of(String))
      if (writes === 5) scalingFigure(bench, 'machine', 'a loop that shares nothing: the machine itself', of(count => `machine ${count}`))
    }
    if (bench.quick) return
    const rates = Object.fromEntries(counts.map(count => [count, []])), to = 2_000_000
    for (let round = 0; round < bench.rounds(5); round++) {
      for (const count of counts) {
        await crew.create({ entries: to, presized: false, ...KEYS })
        rates[count].push((await crew.rate('insert', { ...KEYS, to }, count)).perSecond)
        crew.check((await crew.run([{ job: 'verify', parameters: { ...KEYS, to } }])).all)
      }
    }
    scalingFigure(bench, 'growth', 'growth from the smallest size to 2 million integers', rates)
  },
}

const LINES = { get: 'get', 'get of an absent key': 'get', has: 'has', 'set of an existing key': 'set', insert: 'set', delete: 'delete', add: 'add' }

const lines = {
  name: 'cache lines written', quick: true,
  async run(bench) {
    const counted = await inThread('lines', { entries: bench.scaled(5000, 1000) })
    for (const [keys, operations] of Object.entries(counted.lines)) {
      for (const [operation, { lines: written, own, accesses }] of Object.entries(operations)) {
        bench.figure(`scaling.lines/${keys}/${operation}`, `shared cache lines written: ${operation}, ${keys} keys`, written, '',
          `${three(own)} of them the worker's own counters; ${three(accesses)} shared accesses`, { own, method: LINES[operation] })
      }
    }
  },
}

export default {
  name: 'scaling',
  title: 'Scaling, and why',
  about: 'Serial fraction 0 is perfect scaling, 1 none; below 0 is noise. Lines of 64 bytes are counted in the traced WebAssembly kernel: different lines, '
    + 'an operation, on average.',
  cases: [mixes, lines],
}
