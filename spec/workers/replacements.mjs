// Pools that replace their threads again and again: `npm run replace [-- THREADS]`, 10,000 by default. A third of the threads is
// terminated, the others return; each attaches without detaching. With `reapOnExit`, which works everywhere, and without, where
// the platform tells who has ended (Node 24.5). It must never run out of places, and lose nothing.

import { pathToFileURL } from 'node:url'
import { Worker, threadId } from 'node:worker_threads'

const POOL = 8
const SOURCE = `
const { parentPort, threadId, workerData: { library, handle, n } } = require('node:worker_threads')
import(library).then(({ SharedMap }) => {
  const map = SharedMap.attach(handle)
  for (let i = 0; i < 50; i++) map.set('scratch ' + i, 'x'.repeat(i * 7))
  map.add('threads', 1)
  if (n % 3 === 0) setInterval(() => {}, 1000)
  setTimeout(() => parentPort.postMessage('done'), 5)
}).catch(error => parentPort.postMessage(error.code))
`

/** One thread, from its start to its end: undefined, or what went wrong. */
async function runThread(library, handle, n, watch) {
  const worker = new Worker(SOURCE, { eval: true, workerData: { library, handle, n } })
  watch(worker)
  const ended = new Promise(resolve => worker.once('exit', resolve))
  const answer = await Promise.race([new Promise(resolve => worker.once('message', resolve)), ended.then(() => 'ended')])
  if (n % 3 === 0) await worker.terminate()
  await ended
  return answer === 'done' ? undefined : answer
}

/** Replaces the threads of a pool so many times: what failed, and the map afterwards. */
export async function replaceThreads({ SharedMap, reapOnExit }, library, { threads, places, reaping, pool = POOL }) {
  const map = SharedMap.create({ maxByteLength: 64 << 20, places }), failures = []
  let next = 0
  const lane = async () => {
    while (next < threads) {
      const failure = await runThread(library, map.handle, next++, worker => { if (reaping) reapOnExit(map, worker) })
      if (failure !== undefined) failures.push(failure)
    }
  }
  await Promise.all(Array.from({ length: pool }, lane))
  if (!reaping) await map.reapEnded()
  return { failures, threads: map.get('threads'), left: map.stats().participants.length - 1, repaired: map.repair() }
}

if (threadId === 0 && process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const threads = Number(process.argv[2] ?? 10_000), library = new URL('../../dist/index.js', import.meta.url).href, exports = await import(library)
  const canTell = process.getBuiltinModule?.('node:worker_threads').locks !== undefined
  for (const reaping of canTell ? [true, false] : [true]) {
    const start = performance.now(), { failures, ...rest } = await replaceThreads(exports, library, { threads, places: 64, reaping })
    console.log(`${process.version}, ${reaping ? 'with' : 'without'} reapOnExit: ${rest.threads} threads in ${((performance.now() - start) / 1000).toFixed(0)} s, `
      + `${failures.length} failures, ${rest.left} places left behind, size wrong by ${rest.repaired.sizeError}, ${rest.repaired.reclaimed} bytes lost`)
    if (failures.length > 0 || rest.threads !== threads) process.exitCode = 1
  }
  if (!canTell) console.log(`${process.version} does not tell who has ended: without reapOnExit, each terminated thread keeps its place.`)
}
