// The same, with calls that block: the asking thread sleeps in Atomics.wait until the owner has answered.

import { receiveMessageOnPort } from 'node:worker_threads'
import { startOwner } from './owner.mjs'

export default {
  name: 'Map behind a MessagePort, blocking', keys: ['integer', 'string'], shares: true, grows: true, package: undefined,
  note: 'a call blocks for ever if the owner dies; not on the main thread of a page',
  create: () => startOwner(),
  attach: ({ port, signal }) => {
    const answered = new Int32Array(signal)
    const ask = request => {
      Atomics.store(answered, 0, 0)
      port.postMessage(request)
      // Who has not slept before the answer was there is woken by its notify in the next call.
      while (Atomics.load(answered, 0) === 0) Atomics.wait(answered, 0, 0)
      return receiveMessageOnPort(port).message
    }
    return { get: key => ask([0, key, 0]), set: (key, value) => ask([1, key, value]), add: (key, delta) => ask([2, key, delta]), end: () => port.close() }
  },
  close: map => map.end(),
}
