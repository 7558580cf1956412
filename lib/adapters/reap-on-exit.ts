// When a worker ends, for whatever reason, what it left in the map is taken back.

import type { SharedMap } from '../map/shared-map'

/** A worker of Node, Bun or Deno's `node:worker_threads`: it tells its thread, and when it has ended. */
interface ThreadWorker { readonly threadId: number, once(event: 'exit', listener: () => void): unknown }
/** A web worker: only its `terminate` can be seen. */
interface WebWorker { terminate(): unknown, readonly threadId?: undefined }

/**
 * Reaps a worker's participant when that worker ends: by return, by error, by `process.exit` or by `terminate()`.
 *
 * A worker of `node:worker_threads` is recognized by its thread. A web worker says nothing of its end: give the
 * `participant` of the handle it was invited with, and it is reaped when `terminate()` is called on it.
 *
 * @param map - any attachment of this thread to the map; it must not be detached before the worker has ended
 * @param worker - the worker
 * @param participant - `invite().participant`; needed for a web worker only
 * @example
 * ```js
 * // worker.mjs
 * import { parentPort, workerData } from 'node:worker_threads'
 * import { SharedMap } from 'nonblocking-map'
 *
 * SharedMap.attach(workerData).set('state', 'at work')
 * parentPort.on('message', () => {}).postMessage('attached')
 * ```
 * ```js
 * // main.mjs
 * import { once } from 'node:events'
 * import { Worker } from 'node:worker_threads'
 * import { SharedMap, reapOnExit } from 'nonblocking-map'
 *
 * const map = SharedMap.create()
 * const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData: map.handle })
 * reapOnExit(map, worker)
 * await once(worker, 'message')
 * console.log(map.stats().participants.length) // => 2
 * await worker.terminate()
 * console.log(map.stats().participants.length, map.get('state')) // => 1 at work
 * ```
 */
export function reapOnExit(map: SharedMap<any, any>, worker: ThreadWorker | WebWorker, participant = 0): void {
  if (typeof worker.threadId === 'number') return reapThread(map, worker as ThreadWorker, participant)
  const web = worker as WebWorker, terminate = web.terminate.bind(web)
  web.terminate = () => {
    terminate()
    if (participant !== 0) map.reap(participant)
  }
}

function reapThread(map: SharedMap<any, any>, worker: ThreadWorker, participant: number): void {
  // Read now: an ended worker has forgotten its number.
  const thread = worker.threadId
  worker.once('exit', () => {
    for (const place of map.stats().participants) if (place.thread === thread) map.reap(place.participant, { ended: true })
    if (participant !== 0) map.reap(participant, { ended: true })
  })
}
