// When a worker ends, for whatever reason, what it left in its maps is taken back.

import { OptionsError } from '../errors'
import { type SharedMap, attachmentOf } from '../map/shared-map'
import { type Bare, hasThread, takeBack, takeBackThread, takeBackSoon } from '../map/places'

/** A worker that tells its thread and its end: of `node:worker_threads`, or a web worker of Bun. */
export interface ThreadWorker {
  readonly threadId: number
  once?(event: 'exit', listener: () => void): unknown
  addEventListener?(event: 'close', listener: () => void): unknown
}
/** A web worker: only its `terminate` can be seen. */
export interface WebWorker { terminate(): unknown, readonly threadId?: undefined }
/** A pool of threads, such as piscina's and tinypool's: its present workers, and its events. */
export interface WorkerPool {
  readonly threads: Iterable<unknown>
  on?(event: string, listener: () => void): unknown
  run?(...args: any[]): unknown
}

/**
 * Reaps a worker's participant when that worker ends: by return, by error, by `process.exit` or by `terminate()`.
 *
 * A worker of `node:worker_threads` is recognized by its thread. A web worker says nothing of its end: give the
 * `participant` of the handle it was invited with, and it is reaped when `terminate()` is called on it. Of a pool, all
 * workers are watched, those of today and those that take their place. A worker gets no more listeners for more maps, and a
 * map may be detached here before the worker ends.
 *
 * A worker that ends takes the workers that it started along, and their listeners with it: those inner workers are to be
 * reaped by whoever ended the outer one, with `reapEnded()` or by their participants.
 *
 * @param map - any attachment of this thread to the map
 * @param worker - the worker, or several of them, or a pool
 * @param participant - `invite().participant`; needed for a web worker only
 * @throws {@link OptionsError} for what is no worker and no pool
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
export function reapOnExit(map: SharedMap<any, any>,
  worker: ThreadWorker | WebWorker | WorkerPool | Iterable<ThreadWorker | WebWorker>, participant = 0): void {
  const of = Object(worker) as { readonly threads?: unknown, readonly threadId?: unknown, readonly terminate?: unknown }
  if (isIterable(of.threads)) return watchPool(map, worker as WorkerPool)
  if (typeof worker === 'object' && isIterable(worker)) {
    for (const each of worker) reapOnExit(map, each as ThreadWorker, participant)
    return
  }
  if (typeof of.threadId !== 'number' && typeof of.terminate !== 'function') {
    throw new OptionsError('reapOnExit was given no worker. Pass a Worker, several of them, or a pool of piscina or tinypool.')
  }
  watchOf(worker as ThreadWorker | WebWorker).add(attachmentOf(map), participant)
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof (value as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === 'function'
}

// --- one worker

interface Watched extends Bare { readonly me: number, readonly participants: Set<number> }

/** What one worker may leave behind: in which maps, and in which places that were kept for it. */
class Watch {
  /** Held until the worker ends, since it may use a map longer than this thread does. */
  private readonly maps = new Map<string, Watched>()
  private most = 16

  constructor(private readonly thread: number | undefined) {}

  add({ kernel, at, me, place: { identity } }: ReturnType<typeof attachmentOf>, participant: number): void {
    const known = this.maps.get(identity)?.participants ?? new Set()
    if (participant !== 0) known.add(participant)
    this.maps.set(identity, { kernel, at, me, participants: known })
    if (this.maps.size > this.most) this.forget()
  }

  /** Maps that neither this thread nor the worker has a place in are of no use to either: a worker that lives long may see thousands. */
  private forget(): void {
    for (const [identity, map] of this.maps) if (!this.isOfUse(map)) this.maps.delete(identity)
    this.most = Math.max(16, this.maps.size * 2)
  }

  private isOfUse(map: Watched): boolean {
    return map.kernel.owns(map.at, map.me) || map.participants.size > 0 || this.thread !== undefined && hasThread(map, this.thread)
  }

  /** `ended`: it is known; otherwise the worker has only been told to end. */
  reap(ended: boolean): void {
    for (const map of this.maps.values()) {
      if (this.thread !== undefined && ended) takeBackThread(map, this.thread)
      for (const participant of map.participants) {
        takeBack(map, participant, ended)
        // It throws nothing but what a corrupted buffer makes the kernel throw.
        if (!ended) takeBackSoon(map, participant).catch(() => {})
      }
    }
    if (ended) this.maps.clear()
  }
}

const watches = new WeakMap<object, Watch>()

function watchOf(worker: ThreadWorker | WebWorker): Watch {
  const known = watches.get(worker)
  if (known !== undefined) return known
  // Read now: an ended worker has forgotten its number.
  const watch = new Watch(worker.threadId)
  watches.set(worker, watch)
  if (worker.threadId === undefined) reapAtTerminate(worker, watch)
  else reapAtExit(worker as ThreadWorker, watch)
  return watch
}

function reapAtExit(worker: ThreadWorker, watch: Watch): void {
  const reap = (): void => {
    watches.delete(worker)
    watch.reap(true)
  }
  // A worker that has ended already tells it no more; there is nobody left who could attach.
  if (worker.threadId < 0) return queueMicrotask(reap)
  if (typeof worker.once === 'function') worker.once('exit', reap)
  else worker.addEventListener?.('close', reap)
}

function reapAtTerminate(worker: WebWorker, watch: Watch): void {
  const terminate = worker.terminate.bind(worker)
  worker.terminate = () => {
    const result: unknown = terminate()
    watch.reap(false)
    return result
  }
}

// --- a pool

const pools = new WeakMap<WorkerPool, { add(map: SharedMap<any, any>): void }>()

/** The maps of a pool are held weakly: it may live as long as the program. */
class PoolWatch {
  private readonly maps = new Set<WeakRef<SharedMap<any, any>>>()
  private readonly seen = new WeakSet<object>()

  constructor(private readonly pool: WorkerPool) {
    for (const event of ['workerCreate', 'drain']) pool.on?.(event, this.look)
    this.lookAtRuns()
  }

  add(map: SharedMap<any, any>): void {
    for (const known of this.maps) if (known.deref() === undefined) this.maps.delete(known)
    if (![...this.maps].some(known => known.deref() === map)) this.maps.add(new WeakRef(map))
    for (const worker of this.pool.threads) this.watch(worker as ThreadWorker, [map])
  }

  /** Watches the workers that have come since. */
  private readonly look = (): void => {
    for (const worker of this.pool.threads) if (!this.seen.has(worker as object)) this.watch(worker as ThreadWorker, this.live())
  }

  private live(): SharedMap<any, any>[] { return [...this.maps].map(map => map.deref()).filter(map => map !== undefined) }

  private watch(worker: ThreadWorker, maps: readonly SharedMap<any, any>[]): void {
    for (const map of maps) reapOnExit(map, worker)
    if (this.seen.has(worker)) return
    this.seen.add(worker)
    // Another comes in its place, perhaps a little later.
    worker.once?.('exit', () => { setTimeout(this.look, 0) })
  }

  /** Not every pool has an event for a new worker. It makes one when a task is given, or when another worker has ended. */
  private lookAtRuns(): void {
    const { pool, look } = this, run = pool.run
    if (typeof run !== 'function') return
    pool.run = (...args) => {
      const result = run.apply(pool, args)
      look()
      return result
    }
  }
}

function watchPool(map: SharedMap<any, any>, pool: WorkerPool): void {
  if (!pools.has(pool)) pools.set(pool, new PoolWatch(pool))
  pools.get(pool)!.add(map)
}
