import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { SharedMap, reapOnExit } from '../../lib/index'
import type { Handle } from '../../lib/index'
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

describe('a web worker', () => {
  /** What a page sees of one. */
  class Web {
    terminated = 0
    terminate(): void { this.terminated++ }
  }

  it('is reaped when terminate is called, after it has ended', async () => {
    const map = newMap(), invitation = map.invite(), { worker, ready } = start(invitation, 'terminate'), web = new Web(), seen: number[] = []
    const reap = map.reap.bind(map)
    map.reap = (participant, options) => { seen.push(web.terminated); return reap(participant, options) }
    reapOnExit(map, web, invitation.participant)
    await ready
    expect(map.stats().participants.find(({ participant }) => participant === invitation.participant)?.state).toBe('owned')
    await worker.terminate()
    web.terminate()
    expect(web.terminated).toBe(1)
    expect(seen).toEqual([1])
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
