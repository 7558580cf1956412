// Starts the thread that owns the Map of the two port rivals.

import { MessageChannel, Worker } from 'node:worker_threads'

/** Each invitation is a port of its own, with a word to wake who waits. */
export function startOwner() {
  const owner = new Worker(new URL('owner-worker.mjs', import.meta.url))
  const invite = () => {
    const { port1, port2 } = new MessageChannel(), signal = new SharedArrayBuffer(4)
    owner.postMessage({ port: port1, signal }, [port1])
    return { token: { port: port2, signal }, transfer: [port2] }
  }
  return { invite, close: () => owner.terminate() }
}
