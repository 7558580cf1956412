// Who has the places of a map: attachments, invitations, and threads that ended or forgot.

import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { OptionsError, PlacesError, SharedMap } from '../../lib/index'
import { collect } from '../support/collect'
import { BACKENDS } from '../support/kernels'
import { tinyMap } from '../support/maps'

type AnyMap = SharedMap<any, any>
const states = (map: AnyMap): string[] => map.stats().participants.map(({ state }) => state)
const fewPlaces = (places: number): AnyMap => SharedMap.create<any, any>({ maxByteLength: 1 << 20, places })
/** A worker that holds a place for as long as it lives. */
const LIBRARY = new URL('../../build/checked/index.js', import.meta.url).href

describe.each(BACKENDS)('an invitation, %s', backend => {
  it('to a thread that is attached already is given back, however many come', () => {
    const map = tinyMap<any, any>({ backend })
    for (let n = 0; n < 100; n++) SharedMap.attach(map.invite(), { backend })
    expect(states(map)).toEqual(['owned'])
  })

  it('that this thread has accepted stays its place when it attaches once more', () => {
    const map = tinyMap<any, any>({ backend }), { handle } = map, invitation = map.invite()
    map.detach()
    const first = SharedMap.attach<any, any>(invitation), second = SharedMap.attach<any, any>(invitation)
    expect([first.participant, second.participant]).toEqual([invitation.participant, invitation.participant])
    first.detach()
    second.set('a', 1)
    expect(states(second)).toEqual(['owned'])
    second.detach()
    expect(states(SharedMap.attach<any, any>(handle))).toEqual(['owned'])
  })

  it('that was taken back meanwhile still lets its worker in', () => {
    const map = tinyMap<any, any>({ backend }), invitation = map.invite()
    map.reap(invitation.participant)
    map.detach()
    expect(states(SharedMap.attach<any, any>(invitation))).toEqual(['owned'])
  })
})

describe('places', () => {
  it('run out with an error of their own, whose advice works', async () => {
    const map = fewPlaces(2), invitation = map.invite(), worker = new Worker(`
      const { parentPort, workerData: { library, handle } } = require('node:worker_threads')
      import(library).then(({ SharedMap }) => {
        const attach = () => { try { return SharedMap.attach(handle).size } catch ({ name, code, message }) { return { name, code, message } } }
        parentPort.on('message', () => parentPort.postMessage(attach()))
        parentPort.postMessage(attach())
      })`, { eval: true, workerData: { library: LIBRARY, handle: map.handle } })
    const answer = (): Promise<unknown> => new Promise(resolve => worker.once('message', resolve))
    const error = { name: 'PlacesError', code: 'NO_PLACE', message: expect.stringMatching(/All 2 places.*reapOnExit.*reapEnded.*SharedMap.create\(\{ places \}\)/s) }
    expect(await answer()).toEqual(error)
    expect(() => map.invite()).toThrow(PlacesError)
    worker.postMessage('again')
    expect(await answer()).toEqual(error)
    expect(map.reap(invitation.participant)).toBe(true)
    worker.postMessage('again')
    expect(await answer()).toBe(0)
    await worker.terminate()
  })

  it('are as many as memory allows, or as were asked for', () => {
    const places = (maxByteLength: number): number => SharedMap.create({ maxByteLength }).stats().places
    expect([128 << 10, 1 << 20, 4 << 20, 16 << 20, 128 << 20, 512 << 20].map(places)).toEqual([3, 7, 16, 64, 256, 1000])
    expect(SharedMap.create({ places: 2000 }).stats().places).toBe(2000)
    for (const wrong of [0, -1, 1.5, 4096, NaN, '7', null]) expect(() => SharedMap.create({ places: wrong as never }), String(wrong)).toThrow(OptionsError)
    expect(() => SharedMap.create({ maxByteLength: 1 << 20, places: 65 })).toThrow(/places is 65. It must be a whole number from 1 to 64/)
  })

  it('that nobody has taken cost nothing when the size is asked', () => {
    const map = SharedMap.create<number, number>({ places: 4095 })
    map.set(1, 1)
    expect([map.size, map.stats().participants.length, map.stats().places]).toEqual([1, 1, 4095])
  })

  it('may all be in use, and are free again', () => {
    const map = SharedMap.create<any, any>({ maxByteLength: 16 << 20 })
    const invitations = Array.from({ length: 63 }, () => map.invite())
    expect([map.stats().participants.length, map.stats().places]).toEqual([64, 64])
    expect(() => map.invite()).toThrow(PlacesError)
    for (const { participant } of invitations) map.reap(participant)
    expect(states(map)).toEqual(['owned'])
  })
})

describe('a map that is forgotten without being detached', () => {
  it('gives its place back once it is collected', async () => {
    const map = tinyMap<any, any>()
    const worker = new Worker(`
      const { parentPort, workerData: { library, handle } } = require('node:worker_threads')
      require('node:v8').setFlagsFromString('--expose-gc')
      const collect = require('node:vm').runInNewContext('gc')
      import(library).then(({ SharedMap }) => {
        SharedMap.attach(handle).set('from', 'the forgetful')
        setInterval(collect, 20)
        parentPort.postMessage('attached')
      })`, { eval: true, workerData: { library: LIBRARY, handle: map.handle } })
    await new Promise(resolve => worker.once('message', resolve))
    expect(map.get('from')).toBe('the forgetful')
    await expect.poll(() => states(map)).toEqual(['owned'])
    await worker.terminate()
  })

  it('keeps its memory no longer than it is itself known', async () => {
    const kept: WeakRef<object>[] = []
    for (let n = 0; n < 30; n++) {
      // One that was handed over and one that was not; neither is detached.
      for (const map of [tinyMap<any, any>(), tinyMap<any, any>()]) {
        map.set('a', n)
        kept.push(new WeakRef(n % 2 === 0 ? map.handle.buffer : map))
      }
      await new Promise(resolve => setTimeout(resolve, 0))
    }
    await expect.poll(() => { collect(); return kept.filter(ref => ref.deref() !== undefined).length }).toBeLessThan(5)
  })

  it('is not given up while somebody walks it', async () => {
    const walk = ((): IterableIterator<[any, any]> => {
      const map = tinyMap<any, any>()
      for (let n = 0; n < 500; n++) map.set(n, n)
      void map.handle
      return map.entries()
    })()
    let seen = 0
    for (const [key, value] of walk) {
      expect(key).toBe(value)
      if (seen++ % 100 === 0) { await new Promise(resolve => setTimeout(resolve, 5)); collect() }
    }
    expect(seen).toBe(500)
  })
})

describe('reap', () => {
  const map = tinyMap<any, any>(), own = map.participant
  const call = (...given: unknown[]): void => { (map.reap as (...args: unknown[]) => boolean).apply(map, given) }
  const expectRefused = (...given: unknown[]): void => {
    expect(() => call(...given)).toThrow(OptionsError)
    expect(() => call(...given)).toThrow(/Pass /)
    expect([states(map), map.stats().participants[0]!.participant]).toEqual([['owned'], own])
  }

  it.each([2 ** 32 + own, -1, -own, own + 0.5, NaN, Infinity, Symbol('me'), BigInt(own), '1', null, undefined, {}].map(value => [value]))(
    'of %s is refused with what to pass, and reaps nobody', participant => expectRefused(participant))
  it.each([null, 1, true, 'ended', { ended: 1 }, { ended: null }].map(value => [value]))(
    'with the options %j is refused with what to pass, and reaps nobody', options => expectRefused(own, options))

  it('of nobody says so', () => { expect([0, 1, own + 1, 2 ** 31 - 1].map(each => map.reap(each))).toEqual([false, false, false, false]) })
})

describe('a thread', () => {
  it('listens to its own end once, however many maps it attaches to', async () => {
    const maps = Array.from({ length: 30 }, () => tinyMap<any, any>({ maxByteLength: 128 << 10 }))
    const worker = new Worker(`
      const { parentPort, workerData: { library, handles } } = require('node:worker_threads')
      const warnings = []
      process.on('warning', warning => warnings.push(warning.message))
      const before = process.listenerCount('exit')
      import(library).then(({ SharedMap }) => {
        const maps = handles.map(handle => SharedMap.attach(handle))
        setTimeout(() => { parentPort.postMessage([process.listenerCount('exit') - before, maps.length, warnings]) }, 20)
      })`, { eval: true, workerData: { library: LIBRARY, handles: maps.map(({ handle }) => handle) } })
    expect(await new Promise(resolve => worker.once('message', resolve))).toEqual([1, 30, []])
    await new Promise(resolve => worker.once('exit', resolve))
    expect(maps.map(map => map.stats().participants.length)).toEqual(maps.map(() => 1))
  })

  it.each(['return', 'process.exit(3)', 'throw new Error(\'on purpose\')'])('that ends by %s gives its places back without anybody\'s help', async end => {
    const map = tinyMap<any, any>()
    const worker = new Worker(`
      const { workerData: { library, handle } } = require('node:worker_threads')
      import(library).then(({ SharedMap }) => {
        const map = SharedMap.attach(handle)
        // The program's own listeners come later, and may still use the map.
        setTimeout(() => {
          process.on('exit', () => { map.set('last words', 'written') })
          setTimeout(() => { ${end} }, 10)
        }, 10)
        for (let i = 0; i < 300; i++) map.set('key ' + i % 40, 'x'.repeat(i))
      })`, { eval: true, workerData: { library: LIBRARY, handle: map.handle } })
    worker.on('error', () => {})
    await new Promise(resolve => worker.once('exit', resolve))
    expect([map.get('last words'), map.size, states(map)]).toEqual(['written', 41, ['owned']])
    expect(map.repair()).toEqual({ entries: 41, sizeError: 0, reclaimed: 0 })
  })

  it('whose exit listener was added at the last moment may still use its map', async () => {
    const map = tinyMap<any, any>()
    const worker = new Worker(`
      const { workerData: { library, handle } } = require('node:worker_threads')
      import(library).then(({ SharedMap }) => {
        const map = SharedMap.attach(handle)
        process.on('exit', () => { map.set('last words', 'written') })
        process.exit(0)
      })`, { eval: true, workerData: { library: LIBRARY, handle: map.handle } })
    await new Promise(resolve => worker.once('exit', resolve))
    expect(map.get('last words')).toBe('written')
  })

  it('takes part once, whichever copies of the library it has loaded', async () => {
    const map = tinyMap<any, any>(), copy = await import(LIBRARY) as { SharedMap: typeof SharedMap }
    const other = copy.SharedMap.attach<any, any>(map.handle, { backend: 'javascript' })
    other.set('by', 'the copy')
    expect([map.get('by'), other.participant, states(map)]).toEqual(['the copy', map.participant, ['owned']])
    map.detach()
    expect([other.get('by'), states(other)]).toEqual(['the copy', ['owned']])
    other.detach()
    expect(states(SharedMap.attach<any, any>(other.handle))).toEqual(['owned'])
  })

  it('whose memory it alone knows is asked for nothing: no lock, no listener', () => {
    const before = process.listenerCount('exit')
    for (let n = 0; n < 20; n++) tinyMap<any, any>({ maxByteLength: 128 << 10 }).set(1, 1)
    expect(process.listenerCount('exit')).toBe(before)
  })
})
