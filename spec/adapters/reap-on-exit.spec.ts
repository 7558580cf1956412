import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { OptionsError, SharedMap, reapOnExit } from '../../lib/index'
import type { Handle } from '../../lib/index'
import { collect } from '../support/collect'
import { tinyMap } from '../support/maps'

const LIBRARY = new URL('../../build/checked/index.js', import.meta.url).href

/** Attaches, works so that its caches are full, tells of it, and does what it was made for when it is told to go on. */
const SOURCE = `
const { parentPort, workerData: { library, handle, end } } = require('node:worker_threads')
import(library).then(({ SharedMap }) => {
  const map = SharedMap.attach(handle)
  for (let i = 0; i < 300; i++) map.set('key ' + i % 40, 'x'.repeat(i))
  parentPort.once('message', () => {
    if (end === 'error') throw new Error('on purpose')
    if (end === 'exit') process.exit(3)
    if (end === 'detach') map.detach()
  })
  if (end === 'terminate') setInterval(() => {}, 1000)
  parentPort.postMessage('ready')
})
`

interface Started { worker: Worker, ready: Promise<unknown>, ended: Promise<unknown> }

function start(handle: Handle, end: string): Started {
  const worker = new Worker(SOURCE, { eval: true, workerData: { library: LIBRARY, handle, end } })
  worker.on('error', () => {})
  return { worker, ready: once(worker, 'message'), ended: new Promise(resolve => worker.once('exit', resolve)) }
}

const newMap = (): SharedMap<any, any> => tinyMap<any, any>({ maxByteLength: 2 << 20 })
const threads = (map: SharedMap<any, any>): (number | undefined)[] => map.stats().participants.map(({ thread }) => thread)

describe('a worker of node:worker_threads', () => {
  it.each([['return', 0], ['detach', 0], ['error', 1], ['exit', 3], ['terminate', 1]])('is reaped when it ends by %s', async (end, code) => {
    const map = newMap(), { worker, ready, ended } = start(map.handle, end), thread = worker.threadId
    reapOnExit(map, worker)
    await ready
    expect(threads(map)).toContain(thread)
    if (end === 'terminate') await worker.terminate()
    else worker.postMessage('go on')
    expect(await ended).toBe(code)
    expect(map.stats().participants.map(({ participant, state }) => [participant, state])).toEqual([[map.participant, 'owned']])
    // Its caches too are the map's again.
    expect(map.repair()).toEqual({ entries: 40, sizeError: 0, reclaimed: 0 })
  })

  it('gives its place to the next, however many come', async () => {
    const map = newMap()
    for (let i = 0; i < 10; i++) {
      const { worker, ready } = start(map.handle, 'terminate')
      reapOnExit(map, worker)
      await ready
      expect(map.stats().participants).toHaveLength(2)
      await worker.terminate()
    }
    expect(map.stats().participants).toHaveLength(1)
    expect(map.size).toBe(40)
  })

  it('is reaped alone: the places of others stay theirs', async () => {
    const map = newMap(), first = start(map.handle, 'terminate'), second = start(map.handle, 'terminate'), thread = second.worker.threadId
    reapOnExit(map, first.worker)
    reapOnExit(map, second.worker)
    await Promise.all([first.ready, second.ready])
    await first.worker.terminate()
    expect(map.stats().participants).toHaveLength(2)
    expect(threads(map)).toContain(thread)
    await second.worker.terminate()
    expect(map.stats().participants).toHaveLength(1)
  })

  it('gives back its invitation, even if it ended before it could attach', async () => {
    const map = newMap(), invitation = map.invite(), { worker } = start(invitation, 'terminate')
    reapOnExit(map, worker, invitation.participant)
    expect(map.stats().participants.map(({ state }) => state)).toEqual(['owned', 'invited'])
    await worker.terminate()
    expect(map.stats().participants.map(({ state }) => state)).toEqual(['owned'])
  })

  it('is reaped from every map that it was handed', async () => {
    const maps = [newMap(), newMap()], { worker, ready } = start(maps[0]!.handle, 'terminate')
    for (const map of maps) reapOnExit(map, worker)
    await ready
    await worker.terminate()
    expect(maps.map(map => map.stats().participants.length)).toEqual([1, 1])
  })
})

describe('a map that its worker outlives', () => {
  it.each(['detach', 'using'])('by %s: the worker is reaped all the same, and the program goes on', async how => {
    const map = newMap(), other = SharedMap.attach<any, any>(map.handle), watcher = newMap()
    const { worker, ready } = start(map.handle, 'terminate')
    reapOnExit(other, worker)
    reapOnExit(map, worker)
    reapOnExit(watcher, worker)
    await ready
    const { handle } = map
    for (const each of [other, map]) how === 'detach' ? each.detach() : each[Symbol.dispose]()
    await worker.terminate()
    const again = SharedMap.attach<any, any>(handle)
    expect(again.stats().participants.map(({ participant }) => participant)).toEqual([again.participant])
    expect(again.repair()).toEqual({ entries: 40, sizeError: 0, reclaimed: 0 })
  })

  it('is not kept for ever by a worker that sees thousands of maps', async () => {
    const { worker, ready } = start(newMap().handle, 'terminate'), kept: WeakRef<object>[] = []
    await ready
    for (let n = 0; n < 200; n++) {
      using map = tinyMap<any, any>({ maxByteLength: 128 << 10 })
      reapOnExit(map, worker)
      kept.push(new WeakRef(map.handle.buffer))
      if (n % 20 === 0) await new Promise(resolve => setTimeout(resolve, 0))
    }
    await expect.poll(() => {
      collect()
      return kept.filter(ref => ref.deref() !== undefined).length
    }).toBeLessThan(50)
    await worker.terminate()
  })
})

describe('a worker with many maps', () => {
  it('gets one listener, and no warning is printed', async () => {
    const { worker, ready } = start(newMap().handle, 'terminate'), before = worker.listenerCount('exit'), warnings: string[] = []
    const warn = (warning: Error): void => { warnings.push(warning.message) }
    process.on('warning', warn)
    for (let n = 0; n < 20; n++) reapOnExit(tinyMap({ maxByteLength: 128 << 10 }), worker)
    await ready
    expect(worker.listenerCount('exit') - before).toBe(1)
    await worker.terminate()
    process.off('warning', warn)
    expect(warnings).toEqual([])
  })

  it('that has ended before it was given leaves no place behind', async () => {
    const map = newMap(), invitation = map.invite(), { worker, ready } = start(map.handle, 'terminate')
    await ready
    await worker.terminate()
    reapOnExit(map, worker, invitation.participant)
    await new Promise(resolve => setTimeout(resolve, 0))
    // Whose thread it was cannot be told any more; the place that was kept for it is free.
    expect(map.stats().participants.map(({ state }) => state)).toEqual(['owned', 'owned'])
  })
})

describe('what is watched', () => {
  it('may be several workers at once', async () => {
    const map = newMap(), all = ['return', 'terminate', 'terminate'].map(end => start(map.handle, end))
    reapOnExit(map, new Set(all.map(({ worker }) => worker)))
    await Promise.all(all.map(({ ready }) => ready))
    expect(map.stats().participants).toHaveLength(4)
    all[0]!.worker.postMessage('go on')
    await Promise.all([all[0]!.ended, all[1]!.worker.terminate(), all[2]!.worker.terminate()])
    expect(map.stats().participants).toHaveLength(1)
  })

  it('is a worker or a pool, or an error says what to pass', () => {
    for (const wrong of [undefined, null, 7, 'worker', {}, () => {}]) {
      expect(() => reapOnExit(newMap(), wrong as never), String(wrong)).toThrow(OptionsError)
      expect(() => reapOnExit(newMap(), wrong as never)).toThrow(/Pass a Worker/)
    }
  })

  it('may be a worker with a number and a close event, as Bun\'s web workers are', async () => {
    const map = newMap(), { worker, ready } = start(map.handle, 'terminate'), close: (() => void)[] = []
    reapOnExit(map, { threadId: worker.threadId, addEventListener: (_: 'close', listener: () => void) => { close.push(listener) } })
    await ready
    await worker.terminate()
    expect(map.stats().participants).toHaveLength(2)
    close[0]!()
    expect([close.length, map.stats().participants.length]).toEqual([1, 1])
  })
})

describe('a web worker', () => {
  /** What a page sees of one. */
  class Web {
    terminated = 0
    seen = (): unknown => undefined
    terminate(): void { this.seen(); this.terminated++ }
  }

  it('is reaped when terminate is called, after it has ended', async () => {
    const map = newMap(), invitation = map.invite(), { worker, ready } = start(invitation, 'terminate'), web = new Web(), seen: unknown[] = []
    web.seen = () => seen.push(map.stats().participants.find(({ participant }) => participant === invitation.participant)?.state)
    reapOnExit(map, web, invitation.participant)
    await ready
    await worker.terminate()
    web.terminate()
    expect(web.terminated).toBe(1)
    expect(seen).toEqual(['owned'])
    expect(map.stats().participants.find(({ participant }) => participant === invitation.participant)?.state).toBe('reaped')
    expect(map.repair()).toMatchObject({ sizeError: 0, reclaimed: 0 })
    web.terminate()
    expect(web.terminated).toBe(2)
  })

  it('without an invitation is only terminated', () => {
    const map = newMap(), web = new Web()
    reapOnExit(map, web)
    web.terminate()
    expect(web.terminated).toBe(1)
    expect(map.stats().participants.map(({ state }) => state)).toEqual(['owned'])
  })
})
