// The two backends side by side: what the WebAssembly kernel gives over the JavaScript one, and what a mixed pair of workers does.

import { ratioOfRounds, rate, median } from '../lib/numbers.mjs'

const subjects = ['SharedMap', 'SharedMap, JavaScript backend']
const single = (name, what, spec, quick = false) => ({ name, quick, run: bench => bench.single(`backends.${name}`, what, { ...spec, subjects }) })
const alone = (name, what, spec) => ({
  name, quick: false, run: bench => bench.single(`backends.${name}`, what, { ...spec, subjects: ['SharedMap, JavaScript backend', 'Map'] }),
})

/** Two workers on one map, each on a backend: both on WebAssembly, one on each, both on JavaScript. */
const together = {
  name: 'together', quick: false,
  async run(bench) {
    const parameters = { keys: 'integer', entries: 100_000, writes: 5 }, sides = {}, operations = { wasm: 1_000_000, mixed: 200_000, javascript: 200_000 }
    const backends = { wasm: ['wasm', 'wasm'], mixed: ['wasm', 'javascript'], javascript: ['javascript', 'javascript'] }
    for (const [name, pair] of Object.entries(backends)) {
      const crew = await bench.filledCrew('ours', 2, { ...parameters, options: { backends: pair } })
      sides[name] = { crew, job: 'mix', parameters: { ...parameters, operations: operations[name] }, count: 2 }
    }
    const rates = await bench.throughputs(sides, bench.rounds(5)), of = name => rate(median(rates[name]))
    for (const { crew } of Object.values(sides)) crew.check((await crew.run([{ job: 'verify', parameters: { ...parameters, to: parameters.entries } }])).all)
    bench.figure('backends.together', 'integers, 95/5, 2 workers: both on WebAssembly, against both on JavaScript', ratioOfRounds(rates.wasm, rates.javascript), 'x',
      `${of('wasm')}; ${of('javascript')}; one of each, together ${of('mixed')}`, { rounds: rates })
  },
}

const growth = {
  name: 'growth', quick: false,
  async run(bench) {
    const to = 300_000, seconds = { wasm: [], javascript: [] }
    for (let round = 0; round < bench.rounds(3); round++) {
      for (const backend of Object.keys(seconds)) {
        const crew = await bench.crewOf('ours', 1, { backends: [backend] })
        await crew.create({ entries: to, presized: false, keys: 'integer' })
        seconds[backend].push((await crew.rate('insert', { keys: 'integer', to })).seconds)
        crew.check((await crew.run([{ job: 'verify', parameters: { keys: 'integer', to } }])).all)
      }
    }
    bench.figure('backends.growth', 'growth to 300,000 integers: WebAssembly, against JavaScript', ratioOfRounds(seconds.javascript, seconds.wasm), 'x',
      `${rate(to / median(seconds.wasm))}; ${rate(to / median(seconds.javascript))}`, { rounds: seconds })
  },
}

export default {
  name: 'backends',
  title: 'WebAssembly and JavaScript',
  about: 'The JavaScript backend reads 64-bit words as bigints. It is for places where WebAssembly may not be compiled.',
  cases: [
    single('integer get', 'integer get, 100,000 entries: WebAssembly, against JavaScript', { keys: 'integer', entries: 100_000, writes: 0 }, true),
    single('integer set', 'integer set of existing keys, 100,000 entries: WebAssembly, against JavaScript', { keys: 'integer', entries: 100_000, writes: 100 }),
    single('string get', 'string get, 19 characters built for each call, 100,000 entries: WebAssembly, against JavaScript', { keys: 'fresh', entries: 100_000, writes: 0 }),
    alone('integer get, against Map', 'integer get, 100,000 entries: the JavaScript backend', { keys: 'integer', entries: 100_000, writes: 0 }),
    together, growth,
  ],
}
