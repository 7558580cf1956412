// A worker of `lib/kills.mjs`: takes its lane over from the one before, then writes, deletes and reads until the tickets are gone.

import { parentPort, workerData } from 'node:worker_threads'
import { randomSource } from '../lib/keys.mjs'
import { Ledger, SHARED, Word, codeOf } from '../lib/ledger.mjs'
import { logUniform } from '../lib/refill.mjs'

const { url, handle, backend, words, operations, keys, most, id, life, seed } = workerData
const { SharedMap, OutOfMemoryError } = await import(url)
const map = SharedMap.attach(handle, { backend }), ledger = new Ledger(map, words, id, keys, most)
const random = randomSource(seed + id * 7919 + life * 104_729), below = count => Math.floor(random() * count)
/** Operations that a worker takes at once. */
const TICKETS = 16

/** Half of the sizes are uniform, half log-uniform, and some are 0. */
const anySize = () => random() < 0.5 ? below(most + 1) : Math.max(0, logUniform(1, most + 1, random) - 1)
const anyCode = () => codeOf(below(1 << 16), anySize())

/** A write that finds no memory is counted, and an entry is deleted to make room. */
function orMakeRoom(write) {
  try {
    write()
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error
    Atomics.add(words, Word.Failures, 1)
    ledger.write(below(keys), 0)
  }
}

function operate() {
  const what = below(32), n = below(keys)
  if (what < 20) orMakeRoom(() => ledger.write(n, anyCode()))
  else if (what < 24) ledger.write(n, 0)
  else if (what < 29) ledger.check(n)
  else if (what === 29) orMakeRoom(() => ledger.writeShared(below(SHARED), anyCode()))
  else if (what === 30) ledger.checkShared(below(SHARED))
  else ledger.deleteShared(below(SHARED))
}

ledger.settle()
parentPort.postMessage('ready')
for (;;) {
  const ticket = Atomics.add(words, Word.Tickets, TICKETS)
  if (ticket >= operations) break
  for (let gate; (gate = Atomics.load(words, Word.Gate)) <= ticket;) Atomics.wait(words, Word.Gate, gate)
  for (let n = 0; n < TICKETS; n++) operate()
}
map.detach()
parentPort.postMessage('done')
