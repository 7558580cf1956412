// The worker of the worker specs: runs one named job on the map it was handed, over the checked kernels, or over the
// release ones where the number of operations matters more.

import { parentPort, workerData } from 'node:worker_threads'

const { job, handle, backend, id, arg, words, release } = workerData
/** The word by which survivors are asked to rest while others load their code: they would only take the processor from them. */
const PAUSE = 9
const { SharedMap } = await import(release ? '../../dist/index.js' : '../../build/checked/index.js')
// Whoever comes finds the survivors at work.
Atomics.store(words, PAUSE, 0)
Atomics.notify(words, PAUSE)
const map = SharedMap.attach(handle, { backend })

/** Words that the main thread watches, one a worker: how much this one has done and had acknowledged. */
const tell = n => Atomics.store(words, id, n)

let state = id * 7919 + 1
const random = below => {
  state = state + 0x6d2b79f5 | 0
  let x = Math.imul(state ^ state >>> 15, state | 1)
  x ^= x + Math.imul(x ^ x >>> 7, x | 61)
  return ((x ^ x >>> 14) >>> 0) % below
}

const jobs = {
  /** Keys of its own: set, checked, half of them deleted. */
  disjoint({ count }) {
    for (let i = 0; i < count; i++) map.set(`${id}:${i}`, i)
    for (let i = 0; i < count; i++) if (map.get(`${id}:${i}`) !== i) throw new Error(`lost ${id}:${i}, got ${map.get(`${id}:${i}`)}`)
    for (let i = 0; i < count; i += 2) if (!map.delete(`${id}:${i}`)) throw new Error(`delete found nothing at ${id}:${i}`)
  },

  /** Adds one to each of a few counters, in turns of both kinds of keys. */
  increments({ count, keys }) {
    for (let i = 0; i < count; i++) map.add(i % 2 === 0 ? i % keys : `counter ${i % keys}`, 1)
  },

  /** Adds by compareAndSet, so that each success replaces just the value it read. */
  exchanges({ count, keys }) {
    for (let i = 0; i < count; i++) {
      const key = `cell ${i % keys}`
      for (;;) {
        const seen = map.get(key)
        if (map.compareAndSet(key, seen, { n: seen.n + 1, by: id })) break
      }
    }
  },

  /** Everybody takes from the same pile: each item may be taken once. */
  takers({ count }) {
    const mine = []
    for (let i = 0; i < count; i++) if (map.take(`item ${i}`) !== undefined) mine.push(i)
    return mine
  },

  /** Everybody inserts the same keys: one value wins, and all see it. */
  inserters({ count }) {
    const seen = []
    for (let i = 0; i < count; i++) seen.push(map.getOrInsert(`once ${i}`, `${id}-${i}`))
    return seen
  },

  /** All operations on the same keys through many resizes; a value always belongs to its key. */
  mixed({ count, keys }) {
    for (let n = 0; n < count; n++) {
      const i = random(n % 2000 < 1000 ? keys : 4), key = i % 2 === 0 ? i : `key ${i}`, value = i % 3 === 0 ? i * 1000 + id : `${i} ${'p'.repeat(random(60))} ${id}`
      const belongs = found => found === undefined || (typeof found === 'number' ? Math.floor(found / 1000) === i : found.startsWith(`${i} `))
      const op = random(8)
      const found = op < 3 ? map.get(key) : op < 5 ? map.swap(key, value) : op === 5 ? map.take(key) : op === 6 ? map.getOrInsert(key, value) : undefined
      if (!belongs(found)) throw new Error(`key ${key} gave ${JSON.stringify(found)}`)
      if (op === 7 && n % 200 === 0) {
        const given = new Set()
        for (const k of map.keys()) { if (given.has(k)) throw new Error(`key ${k} twice in one walk`); given.add(k) }
      }
      if (n % 5000 === 4999 && id === 0) map.clear()
    }
  },

  /** Walks while others write: every lasting key just once, each time. */
  walks({ rounds, lasting }) {
    for (let n = 0; n < rounds; n++) {
      const given = new Map()
      for (const [key, value] of map) {
        if (given.has(key)) throw new Error(`key ${key} twice in one walk`)
        given.set(key, value)
      }
      for (let i = 0; i < lasting; i++) if (given.get(`lasting ${i}`) !== i) throw new Error(`walk ${n} missed lasting ${i}`)
    }
  },

  /** Grows and drains, again and again. */
  tides({ rounds, count }) {
    for (let n = 0; n < rounds; n++) {
      for (let i = 0; i < count; i++) map.set(`${id} tide ${i}`, n)
      for (let i = 0; i < count; i++) map.delete(`${id} tide ${i}`)
    }
  },

  /** Until it is killed: sets keys of its own and tells how many were acknowledged; updates and deletes shared ones. */
  victim() {
    for (let i = 0; ; i++) {
      map.set(`victim ${id}:${i}`, `value ${i} ${'q'.repeat(i % 90)}`)
      tell(i + 1)
      map.set(`shared ${random(20)}`, 's'.repeat(random(200)))
      map.delete(`shared ${random(20)}`)
      if (i % 50 === 0) map.add(-1 - random(3), 1)
      if (i % 97 === 0) for (let n = 0; n < 40; n++) map.delete(`victim ${id}:${i - n - 200}`)
    }
  },

  /** Until it is told to stop: works, and counts its turns so that the main thread can see it go on. */
  survivor() {
    let turns = 0
    for (; Atomics.load(words, 0) === 0; turns++) {
      Atomics.wait(words, PAUSE, 1, 1000)
      const i = random(40)
      map.set(`shared ${i}`, 't'.repeat(random(200)))
      const found = map.get(`shared ${random(40)}`)
      if (found !== undefined && !/^(s*|t*)$/.test(found)) throw new Error(`torn value ${found}`)
      map.set(1000 + i, turns)
      map.delete(1000 + random(40))
      tell(turns + 1)
    }
    return turns
  },

  /** Pairs of put and delete of fresh keys. */
  churn({ count, text }) {
    for (let i = 0; i < count; i++) {
      const key = text ? `${id} fresh ${i}` : id * 0x20000000 + i
      map.set(key, i)
      if (!map.delete(key)) throw new Error(`lost ${key}`)
    }
  },
}

parentPort.postMessage({ ready: true })
const result = jobs[job](arg ?? {})
map.detach()
parentPort.postMessage({ done: true, result })
