// 12,000 keys that were chosen to collide, against as many others.

import { inThread } from '../lib/single.mjs'
import { medians } from '../lib/measure.mjs'
import { duration, ratioOfRounds } from '../lib/numbers.mjs'

const WHAT = { integers: 'integers of one home, where the option seed is known', strings: 'strings that MurmurHash3 cannot tell apart' }

const chosen = (kind, backend, quick = false) => ({
  name: `${kind}/${backend}`, quick,
  async run(bench) {
    const { times, probes } = await inThread('chosen', { kind, backend }), middle = medians(times)
    bench.figure(`chosen.${kind}/${backend}`, `12,000 ${WHAT[kind]}, set once and read five times (${backend}), against others`, ratioOfRounds(times.chosen, times.others), 'x',
      `${duration(middle.chosen)} a key; others ${duration(middle.others)}; from home ${probes.chosen.mean.toFixed(2)} slots, others ${probes.others.mean.toFixed(2)}`, { rounds: times })
  },
})

export default {
  name: 'chosen',
  title: 'Keys that were chosen to collide',
  about: 'The time of such keys by that of others. A table that they crowd is keyed anew, and from then on they are keys like all others.',
  cases: [chosen('integers', 'wasm', true), chosen('strings', 'wasm', true), chosen('integers', 'javascript'), chosen('strings', 'javascript')],
}
