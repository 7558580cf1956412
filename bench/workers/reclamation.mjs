// Reads with the shared accesses that schemes of reclamation add.

import { parentPort, workerData } from 'node:worker_threads'
import { SharedMap } from '../../dist/index.js'
import { RING, indices, isRight, spread } from '../lib/keys.mjs'
import { OPERATIONS, inTurns } from '../lib/measure.mjs'

const { backend, entries } = workerData
const map = SharedMap.create({ capacity: entries, backend }), asked = indices('uniform', entries, 1)
for (let index = 0; index < entries; index++) map.set(spread(index), index)

// The worker's own word and the global one, each on a cache line of its own, as a careful implementation would have them.
const words = new Int32Array(new SharedArrayBuffer(1024)), OWN = 64, GLOBAL = 128
words[GLOBAL] = 7

const READS = {
  versions: 'const value = map.get(key)',
  epoch: `Atomics.store(words, ${OWN}, Atomics.load(words, ${GLOBAL}) << 1 | 1)
    const value = map.get(key)
    words[${OWN}] = 0`,
  hazard: `Atomics.store(words, ${OWN}, key)
    if (Atomics.load(words, ${GLOBAL}) !== 7) throw new Error('the word that led to the slot has changed')
    const value = map.get(key)
    words[${OWN}] = 0`,
}

const tally = { wrong: 0 }

/** A function of its own for each scheme: V8 learns about each alone. */
function loopOf(read) {
  return new Function('map', 'asked', 'words', 'isRight', 'tally', `let at = 0
return () => {
  let wrong = 0
  for (const end = at + ${OPERATIONS}; at < end; at++) {
    const index = asked[at & ${RING - 1}], key = Math.imul(index, 0x9e3779b1)
    ${read}
    if (!isRight(index, value)) wrong++
  }
  if (at >= ${RING}) at = 0
  tally.wrong += wrong
}`)(map, asked, words, isRight, tally)
}

const times = await inTurns('reclamation', Object.fromEntries(Object.entries(READS).map(([name, read]) => [name, loopOf(read)])), workerData)
parentPort.postMessage({ times, wrong: tally.wrong })
