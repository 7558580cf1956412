// npm run bench: what SharedMap costs beside a plain Map, measured in one run on one thread (with benny), how it scales to
// two workers, and what memory it takes. Every figure is a ratio of two measurements of this run; correctness is checked
// while measuring. Options: --quick (fewer samples).

import benny from 'benny'
import { once } from 'node:events'
import { availableParallelism, cpus } from 'node:os'
import { Worker } from 'node:worker_threads'
import { SharedMap } from '../dist/index.js'

const quick = process.argv.includes('--quick')
const OPERATIONS = 4096
const MANY = 1024
const cases = { minSamples: quick ? 10 : 40, maxTime: quick ? 0.4 : 1.5 }
let sink = 0

/** Keys that are spread over all 32 bits, and the order in which they are asked for. */
function integers(count) {
  const keys = new Int32Array(count), asked = new Int32Array(1 << 20)
  for (let i = 0; i < count; i++) keys[i] = Math.imul(i, 0x9e3779b1)
  for (let i = 0; i < asked.length; i++) asked[i] = keys[Math.floor(Math.random() * count)]
  return { keys, asked }
}

/** Runs benny over bodies of OPERATIONS operations each, twice in turns; nanoseconds an operation, the median of the samples. */
async function measure(name, bodies) {
  const times = new Map(Object.keys(bodies).map(key => [key, []]))
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    const summary = await benny.suite(name, ...Object.entries(bodies).map(([key, body]) => benny.add(key, body, cases)))
    for (const { name: key, details } of summary.results) times.get(key).push(details.median * 1e9 / OPERATIONS)
  }
  return Object.fromEntries([...times].map(([key, list]) => [key, list.sort((a, b) => a - b)[list.length >> 1]]))
}

/** A body that works through a ring of prepared keys, OPERATIONS at a time. */
function ring(asked, operate) {
  let at = 0
  return () => {
    const end = at + OPERATIONS
    for (; at < end; at++) sink = sink + operate(asked[at & asked.length - 1], at) | 0
    if (at >= asked.length) at = 0
  }
}

const rows = []
const row = (what, ratio, goal, note = '') => rows.push({ what, ratio: ratio.toFixed(2), goal, note })

async function integerPairs(count) {
  const { keys, asked } = integers(count), map = SharedMap.create({ capacity: count }), plain = new Map()
  keys.forEach((key, i) => { map.set(key, i); plain.set(key, i) })
  const ns = await measure(`integers, ${count} entries`, {
    'SharedMap.get': ring(asked, key => map.get(key)), 'Map.get': ring(asked, key => plain.get(key)),
    'SharedMap.set': ring(asked, (key, i) => { map.set(key, i); return 0 }), 'Map.set': ring(asked, (key, i) => { plain.set(key, i); return 0 }),
  })
  for (const key of keys) if (map.get(key) !== plain.get(key) && !plain.has(key)) throw new Error(`wrong value at ${key}`)
  if (map.size !== count) throw new Error('entries were lost')
  row(`integer get, ${count} entries: Map / SharedMap`, ns['Map.get'] / ns['SharedMap.get'], '>= 1.4', `${ns['SharedMap.get'].toFixed(0)} ns, Map ${ns['Map.get'].toFixed(0)} ns`)
  row(`integer set of existing keys, ${count} entries: Map / SharedMap`, ns['Map.set'] / ns['SharedMap.set'], '>= 1.3', `${ns['SharedMap.set'].toFixed(0)} ns, Map ${ns['Map.set'].toFixed(0)} ns`)
  map.detach()
}

/** getMany and setMany beside single calls in a loop; the loop of reads fills an array too. */
async function manyKeys(count) {
  const { keys, asked } = integers(count), map = SharedMap.create({ capacity: count })
  keys.forEach((key, i) => map.set(key, i))
  const lists = Array.from({ length: asked.length / MANY }, (_, n) => Array.from(asked.subarray(n * MANY, (n + 1) * MANY)))
  const entries = lists.slice(0, 256).map(list => list.map((key, i) => [key, i]))
  const each = (of, operate) => { let at = 0; return () => { for (let n = 0; n < OPERATIONS / MANY; n++) operate(of[at++ % of.length]) } }
  const take = found => { for (const value of found) sink = sink + value | 0 }
  const ns = await measure(`many integers, ${count} entries`, {
    'get': each(lists, list => take(list.map(key => map.get(key)))), 'getMany': each(lists, list => take(map.getMany(list))),
    'set': each(entries, list => { for (const [key, value] of list) map.set(key, value) }), 'setMany': each(entries, list => { map.setMany(list) }),
  })
  if (lists.some(list => map.getMany(list).some(value => value === undefined)) || map.size !== count) throw new Error('entries were lost')
  row(`getMany of ${MANY} integer keys, ${count} entries: single gets / getMany`, ns.get / ns.getMany, '>= 2.0', `${ns.getMany.toFixed(0)} ns a key, get ${ns.get.toFixed(0)} ns`)
  row(`setMany of ${MANY} existing integer keys, ${count} entries: single sets / setMany`, ns.set / ns.setMany, '', `${ns.setMany.toFixed(0)} ns a pair, set ${ns.set.toFixed(0)} ns`)
  map.detach()
}

async function stringKeys(count) {
  const map = SharedMap.create({ capacity: count }), plain = new Map(), keyOf = i => `user:session:${100000 + i}`
  for (let i = 0; i < count; i++) { map.set(keyOf(i), i); plain.set(keyOf(i), i) }
  const asked = Int32Array.from({ length: 1 << 18 }, () => Math.floor(Math.random() * count)), reused = Array.from({ length: count }, (_, i) => keyOf(i))
  const ns = await measure(`strings of 19 characters, ${count} entries`, {
    'SharedMap fresh': ring(asked, i => map.get(keyOf(i))), 'Map fresh': ring(asked, i => plain.get(keyOf(i))),
    'SharedMap reused': ring(asked, i => map.get(reused[i])), 'Map reused': ring(asked, i => plain.get(reused[i])),
  })
  for (let i = 0; i < count; i++) if (map.get(keyOf(i)) !== i) throw new Error(`wrong value at ${keyOf(i)}`)
  row(`string get, keys built for each call, ${count} entries: Map / SharedMap`, ns['Map fresh'] / ns['SharedMap fresh'], '>= 1.0', `${ns['SharedMap fresh'].toFixed(0)} ns, Map ${ns['Map fresh'].toFixed(0)} ns`)
  row(`string get, keys used again, ${count} entries: Map / SharedMap`, ns['Map reused'] / ns['SharedMap reused'], '', `${ns['SharedMap reused'].toFixed(0)} ns, Map ${ns['Map reused'].toFixed(0)} ns`)
  map.detach()
}

/** Starts a worker of this folder; its one message, once it has ended. */
function startWorker(file, workerData) {
  const worker = new Worker(new URL(file, import.meta.url), { workerData })
  return Promise.all([once(worker, 'message'), once(worker, 'exit')]).then(([[message]]) => message)
}

// --- two workers: benny measures one thread, so this has a driver of its own

/** Operations a second of so many workers together; they start at one moment, each runs for the same number of operations. */
async function throughput(map, count, workers, writes) {
  const words = new Int32Array(new SharedArrayBuffer(8)), operations = quick ? 1_000_000 : 3_000_000
  const all = Array.from({ length: workers }, (_, id) => startWorker('worker.mjs', { handle: map.handle, words, id, count, operations, writes }))
  while (Atomics.load(words, 0) < workers) await new Promise(resolve => setTimeout(resolve, 1))
  Atomics.store(words, 1, 1)
  Atomics.notify(words, 1)
  const times = await Promise.all(all)
  return times.reduce((sum, ms) => sum + operations / ms * 1000, 0)
}

async function scaling(count) {
  const map = SharedMap.create({ capacity: count }), { keys } = integers(count)
  keys.forEach((key, i) => map.set(key, i))
  for (const writes of [0, 5, 50]) {
    const ratios = [], rates = []
    for (let round = 0; round < (quick ? 2 : 5); round++) {
      const one = await throughput(map, count, 1, writes), two = await throughput(map, count, 2, writes)
      ratios.push(two / one)
      rates.push(two)
    }
    const middle = list => list.sort((a, b) => a - b)[list.length >> 1]
    row(`${100 - writes}/${writes} reads/writes, ${count} integers: two workers / one`, middle(ratios), '>= 1.8', `${(middle(rates) / 1e6).toFixed(1)} million operations a second together`)
  }
  if (map.size !== count) throw new Error('entries were lost')
  map.detach()
}

// --- memory, each figure in a thread of its own

async function memory() {
  const ask = workerData => startWorker('memory.mjs', workerData)
  for (const count of [700_000, 1_000_000, 1_400_000]) {
    const grown = await ask({ kind: 'grown', count }), plain = await ask({ kind: 'Map', count })
    row(`bytes an integer pair, grown from the smallest size, ${count} entries`, grown.stats / count, '<= 72', `resident ${(grown.resident / count).toFixed(0)}; Map resident ${(plain.resident / count).toFixed(0)}`)
  }
  const presized = await ask({ kind: 'presized', count: 1_000_000 })
  row('bytes an integer pair, presized, 1000000 entries', presized.stats / 1e6, '<= 26', `resident ${(presized.resident / 1e6).toFixed(0)}`)
}

console.log(`Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores\n`)
await integerPairs(100_000)
await integerPairs(1_000_000)
await manyKeys(1_000_000)
await stringKeys(100_000)
await scaling(1_000_000)
await memory()
console.table(Object.fromEntries(rows.map(({ what, ...rest }) => [what, rest])))
if (sink === 0.5) console.log(sink)
