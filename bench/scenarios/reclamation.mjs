// What it would cost a read to protect memory from being reclaimed under it, in the ways that others do. One kernel, one map,
// one loop; only the shared accesses that a scheme adds to each read differ.
//
// - versions (what this library does): nothing. The words that are read carry a generation, and a read of the root ends each get.
// - epoch pin: the global epoch is read and announced in a word of the worker's own with a sequentially consistent store (that
//   is the fence); after the read the word is cleared by a plain store.
// - hazard announcement: the slot is announced by such a store, and the word that led there is read again before it is believed;
//   cleared by a plain store.

import { medians } from '../lib/measure.mjs'
import { duration, grouped, ratioOfRounds } from '../lib/numbers.mjs'
import { inThread } from '../lib/single.mjs'

const SCHEMES = { epoch: 'an epoch pin', hazard: 'a hazard announcement' }

const schemes = (backend, entries, quick = false) => ({
  name: `${backend}/${entries}`, quick,
  async run(bench) {
    const { times } = await inThread('reclamation', { backend, entries, ...bench.effort }), middle = medians(times)
    for (const [scheme, title] of Object.entries(SCHEMES)) {
      bench.figure(`reclamation.${backend}/${entries}/${scheme}`, `integer get with ${title} added, against versions: ${backend}, ${grouped(entries)} entries`,
        ratioOfRounds(times[scheme], times.versions), 'x', `${duration(middle[scheme])}; versions ${duration(middle.versions)}`, { rounds: times })
    }
  },
})

export default {
  name: 'reclamation',
  title: 'What reclamation would cost a read',
  about: 'The time of a read with the scheme added, by that of the read as it is. The writers\' side of either scheme (scans, deferred frees) is not in it.',
  cases: [schemes('javascript', 1000), schemes('wasm', 1000, true), schemes('wasm', 100_000)],
}
