// Keys that were chosen to collide, and as many others: all set in a map that grows, and each read.

import { parentPort, workerData as spec } from 'node:worker_threads'
import { SharedMap } from '../../dist/index.js'
import { crowdedIntegers, murmurTwins } from '../lib/chosen.mjs'
import { spread } from '../lib/keys.mjs'

const { kind, backend, rounds = 7 } = spec, COUNT = 12_000, SEED = 42
const other = n => kind === 'integers' ? spread(n + 1) : `${spread(n + 1)}`.padStart(112, 'x')
const sets = { chosen: kind === 'integers' ? crowdedIntegers(COUNT, SEED) : murmurTwins(COUNT), others: Array.from({ length: COUNT }, (_, n) => other(n)) }
const times = { chosen: [], others: [] }, probes = {}
let wrong = 0

for (let round = 0; round < rounds; round++) {
  for (const [name, keys] of Object.entries(sets)) {
    const map = SharedMap.create({ backend, maxByteLength: 1 << 24, seed: kind === 'integers' ? SEED : undefined }), start = performance.now()
    for (const key of keys) map.set(key, 1)
    for (let n = 0; n < 5; n++) for (const key of keys) if (map.get(key) !== 1) wrong++
    times[name].push((performance.now() - start) / keys.length * 1e6)
    probes[name] = map.stats().probes
    map.detach()
  }
}
parentPort.postMessage({ times, probes, wrong })
