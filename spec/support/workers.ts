// Starts the workers of the worker specs, and waits for them.

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { SharedMap } from '../../lib/index'
import type { Backend } from './kernels'

export interface Job { job: string, id: number, backend?: Backend, arg?: unknown, words?: Int32Array, release?: boolean }

export interface Running {
  readonly worker: Worker
  /** Settles when the worker has attached. */
  readonly ready: Promise<void>
  /** What the job returned; rejects when it failed or was killed. */
  readonly result: Promise<any>
}

export function start(map: SharedMap<any, any>, { job, id, backend, arg, release, words = new Int32Array(new SharedArrayBuffer(64)) }: Job, handle = map.handle): Running {
  const worker = new Worker(new URL('../workers/worker.mjs', import.meta.url), { workerData: { job, id, backend, arg, words, handle, release } })
  let attached = (): void => {}
  const ready = new Promise<void>(resolve => { attached = resolve })
  const result = new Promise<unknown>((resolve, reject) => {
    worker.on('message', message => { if (message.ready === true) attached(); else resolve(message.result) })
    worker.on('error', reject)
    worker.on('exit', code => reject(new Error(`worker ${id} ended with code ${code} in job ${job}`)))
  })
  result.catch(() => attached())
  return { worker, ready, result }
}

/** Runs a job in so many workers at once, each on a backend of the list in turn; their results. */
export async function runAll(map: SharedMap<any, any>, count: number, job: string, arg: unknown, backends: readonly Backend[] = ['wasm'], release = false): Promise<any[]> {
  const running = Array.from({ length: count }, (_, id) => start(map, { job, id, arg, release, backend: backends[id % backends.length]! }))
  const results = await Promise.all(running.map(({ result }) => result))
  await Promise.all(running.map(({ worker }) => worker.threadId === -1 ? undefined : once(worker, 'exit')))
  return results
}
