// Many keys in one call against as many single calls.

import { SharedMap } from '../../dist/index.js'
import { inThread } from '../lib/single.mjs'
import { medians } from '../lib/measure.mjs'
import { duration, grouped, ratioOfRounds } from '../lib/numbers.mjs'

const bulk = (method, keys, entries, size, quick = false) => ({
  name: `${method}/${keys}/${entries}/${size}`, quick,
  async run(bench) {
    if (typeof SharedMap.prototype[method] !== 'function') return bench.say(`left out: this build has no ${method}`)
    const { times } = await inThread('bulk', { method, keys, entries, size, ...bench.effort })
    const middle = medians(times), what = `${method} of ${grouped(size)} ${keys} keys at ${grouped(entries)} entries, against single calls`
    bench.figure(`bulk.${method}/${keys}/${entries}/${size}`, what, ratioOfRounds(times.single, times.bulk), 'x',
      `${duration(middle.bulk)} a key; single ${duration(middle.single)}`, { rounds: times })
  },
})

export default {
  name: 'bulk',
  title: 'Many keys in one call',
  about: 'The time of single calls by that of one call for all. Each answer is compared.',
  cases: [
    bulk('getMany', 'integer', 1_000_000, 1000, true), bulk('getMany', 'integer', 1_000_000, 16), bulk('getMany', 'integer', 100_000, 1000),
    bulk('getMany', 'string', 100_000, 1000),
    bulk('setMany', 'integer', 1_000_000, 1000), bulk('setMany', 'string', 100_000, 1000),
  ],
}
