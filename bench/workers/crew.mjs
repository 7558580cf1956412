// One worker of a crew: attaches to maps and does jobs on them. It knows one kind of map, so that V8 sees one kind only.

import { parentPort, workerData } from 'node:worker_threads'
import { collect } from '../lib/collect.mjs'
import { Word } from '../lib/words.mjs'
import { jobOf } from './jobs.mjs'

const { file, id, options } = workerData
const adapter = (await import(`../rivals/${file}.mjs`)).default
let map

/** Says that this worker is ready, and spins until all may start. */
function awaitStart(words) {
  Atomics.add(words, Word.Arrived, 1)
  for (let spins = 0; Atomics.load(words, Word.Go) === 0; spins++) {
    // With more workers than cores somebody else must run.
    if (spins > 1e7) Atomics.wait(words, Word.Go, 0, 1)
  }
}

const now = () => Number(process.hrtime.bigint())

async function run({ job, parameters, words }) {
  const work = await jobOf(map, job)(map, parameters ?? {}, words)
  awaitStart(words)
  const start = now()
  let result = work()
  // A synchronous job is not made to wait for a turn of the event loop before its time is taken.
  if (result instanceof Promise) result = await result
  const end = now()
  return { ...result, start, end, ns: end - start }
}

async function handle(request) {
  if (request.kind === 'run') return run(request)
  if (map !== undefined) {
    await adapter.close(map)
    map = undefined
    collect()
  }
  map = adapter.attach(request.token, options, id)
  return {}
}

parentPort.on('message', request => {
  handle(request).then(answer => parentPort.postMessage(answer), error => parentPort.postMessage({ error: String(error?.stack ?? error) }))
})
parentPort.postMessage('ready')
