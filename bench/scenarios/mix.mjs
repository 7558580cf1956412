// Reads and writes of keys that are there: by keys, values, sizes, shares of writes, and distributions; on one thread against
// Map, and on two workers against one.

import { grouped } from '../lib/numbers.mjs'

const STYLES = { called: 'called from a function', inlined: 'in a loop that V8 inlines' }
const OPERATIONS = { 0: 'get', 100: 'set of existing keys', 5: '95/5', 50: '50/50' }
const VALUES = { text16: 'strings of 16 characters', text200: 'strings of 200 characters', object: 'objects of five fields' }

const single = (name, what, spec, quick = false) => ({ name, quick, run: bench => bench.single(`mix.${name}`, what, spec) })

/** Integers against Map: all four shares of writes at each size, in both styles where the goals look. */
function integers(entries, { writes, styles, distribution = 'uniform', quick = [] }) {
  return writes.flatMap(share => styles.map(style => {
    const name = `integers/${entries}/${share}% writes/${distribution}/${style}`
    const what = `integers, ${grouped(entries)} entries, ${OPERATIONS[share]}${distribution === 'zipf' ? ', Zipf' : ''}, ${STYLES[style]}`
    return single(name, what, { keys: 'integer', entries, writes: share, distribution, style }, quick.includes(share))
  }))
}

/** Strings against Map: freshly built for each call, or the same objects again. */
const strings = (length, entries, keys, writes, quick = false) => single(`strings of ${length}/${entries}/${keys}/${writes}% writes`,
  `strings of ${length} characters, ${keys === 'fresh' ? 'built for each call' : 'used again'}, ${grouped(entries)} entries, ${OPERATIONS[writes]}`,
  { keys, length, entries, writes }, quick)

const valuesOf = (values, writes) => single(`values/${values}/${writes}% writes`, `integer keys, values are ${VALUES[values]}, 100,000 entries, ${OPERATIONS[writes]}`,
  { keys: 'integer', values, entries: 100_000, writes })

/** Two workers, or as many as there are cores, against one. */
const workers = (name, what, { entries, quick = false, ...parameters }) => ({
  name: `workers/${name}`, quick,
  async run(bench) {
    const count = bench.pair, size = bench.scaled(entries, Math.min(entries, 100_000)), crew = await bench.filledCrew('ours', count, { ...parameters, entries: size })
    const job = { ...parameters, entries: size, operations: bench.scaled(1_500_000, 400_000) >> (parameters.keys === 'integer' ? 0 : 2) }
    const side = number => ({ crew, job: 'mix', parameters: job, count: number })
    const rates = await bench.throughputs({ [`${count} workers`]: side(count), 'one worker': side(1), ...bench.machineSides(crew, [1, count]) }, bench.rounds(9))
    crew.check((await crew.run([{ job: 'verify', parameters: { ...parameters, to: size } }])).all)
    bench.compare(`mix.workers/${name}`, `${what}: ${count} workers / one`, rates, `${count} workers`, 'one worker', bench.machineNote(rates, count))
  },
})

const shares = [0, 5, 50, 100]

export default {
  name: 'mix',
  title: 'Reads and writes of entries that are there',
  about: 'Ratios above 1 are in favour of SharedMap: Map\'s time by SharedMap\'s, or two workers\' throughput by that of one.',
  cases: [
    ...integers(1000, { writes: shares, styles: ['inlined'] }),
    ...integers(100_000, { writes: [0, 100], styles: ['called', 'inlined'], quick: [0, 100] }),
    ...integers(100_000, { writes: [5, 50], styles: ['inlined'] }),
    ...integers(100_000, { writes: [5], styles: ['inlined'], distribution: 'zipf' }),
    ...integers(1_000_000, { writes: [0, 100], styles: ['called', 'inlined'] }),
    ...integers(1_000_000, { writes: [5, 50], styles: ['inlined'] }),
    ...integers(1_000_000, { writes: [5], styles: ['inlined'], distribution: 'zipf' }),
    ...integers(10_000_000, { writes: [0, 100], styles: ['inlined'] }),
    ...[8, 19, 40].flatMap(length => ['fresh', 'reused'].map(keys => strings(length, 100_000, keys, 0, length === 19))),
    ...['fresh', 'reused'].flatMap(keys => [strings(19, 1000, keys, 0), strings(19, 1_000_000, keys, 0), strings(19, 100_000, keys, 5), strings(19, 100_000, keys, 100)]),
    ...Object.keys(VALUES).flatMap(values => [valuesOf(values, 0), valuesOf(values, 100)]),
    ...shares.map(writes => workers(`integers/${writes}% writes`, `integers, 1,000,000 entries, ${100 - writes}/${writes}`,
      { keys: 'integer', entries: 1_000_000, writes, quick: writes === 5 })),
    workers('integers/5% writes/zipf', 'integers, 1,000,000 entries, 95/5, Zipf', { keys: 'integer', entries: 1_000_000, writes: 5, distribution: 'zipf' }),
    workers('strings/5% writes', 'strings of 19 characters, 100,000 entries, 95/5', { keys: 'string', entries: 100_000, writes: 5 }),
  ],
}
