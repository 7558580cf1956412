// Threads that ended without a word, where the platform can tell. Node 24.5 can, by the locks of `node:worker_threads`; on an
// older one a stand-in with the same promises is put there: a lock is seen by all threads, and is free when its thread has ended.

import { Worker } from 'node:worker_threads'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { SharedMap, reapOnExit } from '../../lib/index'
import type { Handle } from '../../lib/index'

type AnyMap = SharedMap<any, any>

const LIBRARY = new URL('../../build/checked/index.js', import.meta.url).href
const table = new Int32Array(new SharedArrayBuffer(1 << 16))

/** Puts locks into a thread that has none. A cell of the table holds the number of the thread that has the lock. */
const INSTALL = `(table, thread, late) => {
  const threads = process.getBuiltinModule('node:worker_threads')
  if (threads.locks !== undefined) return false
  const cellOf = name => [...name].reduce((hash, letter) => Math.imul(hash, 31) + letter.charCodeAt(0) | 0, 7) >>> 18
  threads.locks = {
    async request(name, options, callback = options) {
      const cell = cellOf(name)
      if (options.ifAvailable) return callback(Atomics.load(table, cell) === 0 ? {} : null)
      while (Atomics.compareExchange(table, cell, 0, thread) !== 0) await new Promise(resolve => setTimeout(resolve, 1))
      return callback({})
    },
  }
  return true
}`
const isStandIn = (0, eval)(INSTALL)(table, 1000)

/** What the system does when a thread has ended. */
function releaseOf(thread: number): void {
  for (let cell = 0; cell < table.length; cell++) Atomics.compareExchange(table, cell, thread, 0)
}

const SOURCE = `
const { parentPort, threadId, workerData: { library, handle, table, busy, install } } = require('node:worker_threads')
eval(install)(table, threadId)
import(library).then(({ SharedMap }) => {
  const map = SharedMap.attach(handle)
  for (let i = 0; i < 100; i++) map.set(threadId + ':' + i % 10, 'x'.repeat(i))
  parentPort.postMessage(map.participant)
  while (busy) map.add('turns', 1)
  parentPort.on('message', () => {
    try { SharedMap.attach(handle).set('alive', threadId); parentPort.postMessage('written') } catch (error) { parentPort.postMessage(error.code) }
  })
}, () => {}).catch(error => parentPort.postMessage(error.code))
`

interface Started { participant: unknown, end(): Promise<void>, ask(): Promise<unknown>, worker: Worker }

async function start(handle: Handle, busy = false): Promise<Started> {
  const worker = new Worker(SOURCE, { eval: true, workerData: { library: LIBRARY, handle, table, busy, install: INSTALL } }), thread = worker.threadId
  const answer = (): Promise<unknown> => new Promise((resolve, reject) => { worker.once('message', resolve); worker.once('error', reject) })
  const participant = await answer()
  // Once back in its event loop, it holds its lock.
  if (!busy) await sleep(50)
  return {
    participant, worker,
    async end() { await worker.terminate(); if (isStandIn) releaseOf(thread) },
    ask() { const answered = answer(); worker.postMessage('ask'); return answered },
  }
}

const newMap = (places: number): AnyMap => SharedMap.create<any, any>({ maxByteLength: 1 << 20, places })
const used = (map: AnyMap): unknown[] => map.stats().participants.map(({ participant }) => participant)
const state = (map: AnyMap, participant: unknown): string | undefined => map.stats().participants.find(each => each.participant === participant)?.state

describe('a worker that was terminated', () => {
  it('is found by reapEnded, and nobody who lives is', async () => {
    const map = newMap(8), [first, second] = await Promise.all([start(map.handle), start(map.handle)]) as [Started, Started]
    expect(await map.reapEnded()).toBe(0)
    expect(used(map)).toHaveLength(3)
    await first.end()
    await expect.poll(() => map.reapEnded()).toBe(1)
    expect([used(map).sort(), await map.reapEnded()]).toEqual([[map.participant, second.participant].sort(), 0])
    expect(await second.ask()).toBe('written')
    await second.end()
    await expect.poll(() => map.reapEnded()).toBe(1)
    expect(map.repair()).toMatchObject({ entries: map.size, sizeError: 0, reclaimed: 0 })
  })

  it('makes room for the next, without anybody\'s help', async () => {
    const map = newMap(4), held = await start(map.handle)
    for (let n = 0; n < 12; n++) {
      const worker = await start(map.handle)
      expect(worker.participant, `worker ${n}`).toBeTypeOf('number')
      await worker.end()
    }
    expect(await held.ask()).toBe('written')
    expect(used(map).length).toBeLessThanOrEqual(4)
    await held.end()
  })

  it('makes room after an attach has failed: the next one succeeds', async () => {
    const map = newMap(2), first = await start(map.handle), second = await start(map.handle)
    expect([typeof first.participant, second.participant]).toEqual(['number', 'NO_PLACE'])
    await second.end()
    await first.end()
    expect(() => map.invite()).toThrow(/All 2 places/)
    await expect.poll(() => { try { return map.invite().participant } catch { return 0 } }).toBeGreaterThan(0)
  })

  it('and reaped before, when nobody knew whether it lived, has its place given to another in the end', async () => {
    const map = newMap(4), { participant, end, ask } = await start(map.handle)
    map.reap(participant as number)
    expect([await map.reapEnded(), state(map, participant), await ask()]).toEqual([0, 'reaped', 'written'])
    await end()
    await expect.poll(() => map.reapEnded()).toBe(1)
    expect(used(map)).toEqual([map.participant])
  })

  it('and was a web worker has its place given to another once it has stopped', async () => {
    const map = newMap(4), invitation = map.invite(), { end, participant } = await start(invitation)
    const web = { terminate: () => { void end() } }
    reapOnExit(map, web, invitation.participant)
    expect(participant).toBe(invitation.participant)
    web.terminate()
    expect(state(map, participant)).toBe('reaped')
    await expect.poll(() => used(map)).toEqual([map.participant])
  })
})

describe('a worker that lives', () => {
  it('and has never come back to its event loop is not taken for one that ended', async () => {
    const map = newMap(4), { participant, end } = await start(map.handle, true)
    for (let n = 0; n < 20; n++) { expect(await map.reapEnded()).toBe(0); await sleep(5) }
    expect(state(map, participant)).toBe('owned')
    const before = map.get('turns')
    await expect.poll(() => map.get('turns')).toBeGreaterThan(before)
    await end()
  })

  it('is not kept alive by its lock', async () => {
    const map = newMap(4), worker = new Worker(`
      const { workerData: { library, handle, table, install } } = require('node:worker_threads')
      eval(install)(table, 77)
      import(library).then(({ SharedMap }) => { SharedMap.attach(handle).set('done', true) })`,
    { eval: true, workerData: { library: LIBRARY, handle: map.handle, table, install: INSTALL } })
    await new Promise(resolve => worker.once('exit', resolve))
    expect([map.get('done'), used(map)]).toEqual([true, [map.participant]])
  })
})
