// Times of the first steps: import, create, attach.

import { parentPort, workerData } from 'node:worker_threads'

const now = () => Number(process.hrtime.bigint())
const timed = work => { const start = now(); const result = work(); return [now() - start, result] }

const start = now(), { SharedMap } = await import('../../dist/index.js'), load = now() - start
const [first, map] = timed(() => SharedMap.create()), creates = [], attaches = []
for (let n = 0; workerData.warm && n < 200; n++) {
  creates.push(timed(() => SharedMap.create({ maxByteLength: 1 << 22 }))[0])
  attaches.push(timed(() => SharedMap.attach(map.handle))[0])
}
map.set('a', 1)
parentPort.postMessage({ load, first, creates, attaches, wrong: map.get('a') === 1 ? 0 : 1 })
