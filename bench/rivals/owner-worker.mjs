// The thread that owns the Map: it answers one message after the other.

import { parentPort } from 'node:worker_threads'

const map = new Map()

function answer([what, key, value]) {
  if (what === 0) return map.get(key)
  const next = what === 1 ? value : (map.get(key) ?? 0) + value
  map.set(key, next)
  return what === 1 ? 0 : next
}

parentPort.on('message', ({ port, signal }) => {
  const answered = new Int32Array(signal)
  port.on('message', request => {
    port.postMessage(answer(request))
    Atomics.store(answered, 0, 1)
    Atomics.notify(answered, 0)
  })
})
