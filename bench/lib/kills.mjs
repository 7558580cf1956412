// Workers that write records of random sizes into one map and are terminated at random: who keeps what is written, who reaps, and
// what the map holds in the end.
//
// A worker that is terminated leaves one write in doubt. So each of its keys has two words in shared memory, what it is about to
// hold and what it holds; the worker that takes the lane over, or the main thread at the end, finds one of the two and no other.

import { Worker } from 'node:worker_threads'
import { randomSource } from './keys.mjs'
import { SEED, WrongAnswer } from './refill.mjs'
import { Ledger, Word, KEYS, SHARED, WORDS } from './ledger.mjs'

/**
 * Flags for the process: Node 20 ends it when a worker is terminated while another thread compiles for it ('Assertion failed: (data.first)
 * != nullptr' in `NodePlatform::ForIsolate`). So a worker compiles for itself.
 */
export const ABIDING = ['--no-concurrent-recompilation', '--no-concurrent-sparkplug']

const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

/** One worker's place among the others; it has another worker after each kill. */
class Lane {
  constructor(id, data) {
    this.id = id
    this.data = data
    this.lives = 0
  }

  /** Starts a worker; it has ended well, or been terminated, when `ended` settles. */
  start(library, map) {
    const { reapOnExit } = library
    this.ready = false
    const workerData = { ...this.data, id: this.id, life: this.lives++, handle: map.handle }
    this.worker = new Worker(new URL('../workers/kills.mjs', import.meta.url), { workerData })
    reapOnExit(map, this.worker)
    this.ended = new Promise((resolve, reject) => {
      let done = false
      this.worker.on('message', message => { if (message === 'ready') this.ready = true; else done = true })
      this.worker.on('error', reject)
      this.worker.on('exit', () => resolve(done))
    })
    this.ended.catch(() => {})
  }
}

/** The tickets at which a worker is terminated: one at random in each part of the run. */
function killPoints(operations, kills, random) {
  return Array.from({ length: kills }, (_, n) => Math.floor((n + 0.1 + random() * 0.5) * operations / kills))
}

/** Waits until so many operations have begun and one of the lanes can be terminated. */
async function moment(words, lanes, point, random) {
  for (;;) {
    const able = lanes.filter(({ ready }) => ready)
    if (Atomics.load(words, Word.Tickets) >= point && able.length > 0) return able[Math.floor(random() * able.length)]
    await Promise.race([pause(1), ...lanes.map(({ ended }) => ended.then(done => done ? pause(5) : undefined))])
  }
}

/** Keys of a lane, so that this share of the map is live: five in six have a value, whose mean size is three tenths of the most. */
const keysFor = (limit, live, most, workers) => Math.min(KEYS, Math.max(4, Math.floor(limit * live / (most * 0.3 + 60) / (5 / 6) / workers)))

/**
 * Lets workers write random sizes from 0 to `most` bytes, so many operations in all, and terminates one of them so often.
 *
 * @param library - the exports of the library that this thread uses
 * @param parameters - `url` of the library that the workers load, `backends` of theirs in turn, `live`: the share of `map`
 * that is to be live, `afterKill`: what is done before a terminated worker's lane goes on
 * @returns what lives in the map, each byte of it checked, and how many writes found no memory
 */
export async function runKills(library, { url, workers = 2, backends = ['wasm'], operations, kills, map, live = 0.5, most = 20_000, seed = SEED, afterKill }) {
  const keys = keysFor(map.stats().memory.limit, live, most, workers)
  const words = new Int32Array(new SharedArrayBuffer((WORDS + workers * KEYS * 2) * 4)), random = randomSource(seed)
  const lanes = Array.from({ length: workers }, (_, id) => new Lane(id, { url, backend: backends[id % backends.length], words, operations, keys, most, seed }))
  const points = killPoints(operations, kills, random)
  openGate(words, gateOf(points, 0, operations))
  try {
    await run(library, map, { words, lanes, points, operations, random, afterKill })
  } finally {
    await Promise.all(lanes.map(({ worker }) => worker?.terminate()))
  }
  const checked = checkAll(map, words, { workers, keys, most })
  return { ...checked, operations: Math.min(operations, Atomics.load(words, Word.Tickets)), kills, keys, failures: Atomics.load(words, Word.Failures) }
}

/** From the first worker's start to the last one's end. */
async function run(library, map, { words, lanes, points, operations, random, afterKill }) {
  for (const lane of lanes) lane.start(library, map)
  for (let n = 0; n < points.length; n++) {
    const lane = await moment(words, lanes, points[n], random)
    await lane.worker.terminate()
    if (await lane.ended) throw new Error('a worker ended before its time')
    afterKill?.()
    lane.start(library, map)
    openGate(words, gateOf(points, n + 1, operations))
  }
  await Promise.all(lanes.map(async lane => { if (!await lane.ended) throw new Error(`the worker of lane ${lane.id} ended before its time`) }))
}

/** No lane goes on into the next part before this one's kill: it would be through before its time. */
const gateOf = (points, n, operations) => n >= points.length ? operations : Math.floor((n + 0.98) * operations / points.length)

function openGate(words, to) {
  Atomics.store(words, Word.Gate, to)
  Atomics.notify(words, Word.Gate)
}

/** Every live byte, and nothing but what is live. */
function checkAll(map, words, { workers, keys, most }) {
  let entries = 0, bytes = 0
  for (let id = 0; id < workers; id++) {
    const ledger = new Ledger(map, words, id, keys, most)
    ledger.settle()
    for (let n = 0; n < keys; n++) {
      const size = ledger.check(n)
      if (size >= 0) { entries++; bytes += size }
    }
  }
  const ledger = new Ledger(map, words, 0, keys, most)
  for (let n = 0; n < SHARED; n++) {
    const size = ledger.checkShared(n)
    if (size >= 0) { entries++; bytes += size }
  }
  let walked = 0
  for (const _ of map.keys()) walked++
  if (walked !== entries) throw new WrongAnswer(`a walk gives ${walked} keys, and ${entries} are alive`)
  return { entries, bytes }
}
