// A Map behind a MessagePort: one thread owns it, the others ask by message and await the answer, one call at a time.

import { startOwner } from './owner.mjs'

export default {
  name: 'Map behind a MessagePort', keys: ['integer', 'string'], shares: true, grows: true, asynchronous: true, package: undefined,
  note: 'one call at a time, awaited; no answer ever comes if the owner dies',
  create: () => startOwner(),
  attach: ({ port }) => {
    const waiting = []
    port.on('message', answer => waiting.shift()(answer))
    const ask = request => new Promise(resolve => { waiting.push(resolve); port.postMessage(request) })
    return { asynchronous: true, get: key => ask([0, key, 0]), set: (key, value) => ask([1, key, value]), add: (key, delta) => ask([2, key, delta]), end: () => port.close() }
  },
  close: map => map.end(),
}
