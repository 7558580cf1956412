// How long after `new Worker` the first answer is there: of a map, or of nothing but the worker.

import { parentPort, workerData } from 'node:worker_threads'

const { start, handle } = workerData
let wrong = 0
if (handle !== undefined) {
  const { SharedMap } = await import('../../dist/index.js')
  if (SharedMap.attach(handle).get('here') !== 1) wrong++
}
parentPort.postMessage({ ns: Number(process.hrtime.bigint()) - start, wrong })
