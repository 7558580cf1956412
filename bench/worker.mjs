// One worker of the throughput runs: random integer keys, so many percent of writes, as fast as it can.

import { parentPort, workerData } from 'node:worker_threads'
import { SharedMap } from '../dist/index.js'

const { handle, words, id, count, operations, writes } = workerData
const map = SharedMap.attach(handle)
const RING = 1 << 16, keys = new Int32Array(RING), isWrite = new Uint8Array(RING)
for (let i = 0; i < RING; i++) {
  keys[i] = Math.imul(Math.floor(Math.random() * count), 0x9e3779b1)
  isWrite[i] = Math.random() * 100 < writes ? 1 : 0
}

function run(n) {
  let misses = 0
  for (let i = 0; i < n; i++) {
    const key = keys[i & RING - 1]
    if (isWrite[i & RING - 1] === 1) map.set(key, i)
    else if (map.get(key) === undefined) misses++
  }
  return misses
}

run(200_000)
Atomics.add(words, 0, 1)
Atomics.wait(words, 1, 0)
const start = performance.now()
const misses = run(operations)
const time = performance.now() - start
if (misses > 0) throw new Error(`worker ${id} missed ${misses} keys`)
map.detach()
parentPort.postMessage(time)
