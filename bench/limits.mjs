// node bench/limits.mjs: what the machine asks for, whatever a map does.
//
// An integer read at best, in loops that know their types, and what of it is a guess of the processor's that was wrong: 512
// keys asked for again and again are searched for alike each time, so that it learns the way. What of a read that is called from
// a function is the loop around it. A string read, and what of it is the key alone. An insert into a growing map, and what
// of it is one swap in memory of that size, a read that the next one waits for, and the first touch of that memory.

import { SharedMap } from '../dist/index.js'
import { TEXTS, spread } from './lib/keys.mjs'
import { OPERATIONS as PER_CALL } from './lib/measure.mjs'
import { median } from './lib/numbers.mjs'
import { loopOver, prepare } from './workers/loops.mjs'

const OPERATIONS = 1 << 17, ROUNDS = 40
/** Times the factor of `spread`: 1, in 32 bits. */
const UNSPREAD = 0xe8b2f51

/** Nanoseconds that each of so many operations takes. */
const timed = (count, work) => { const start = performance.now(); work(); return (performance.now() - start) * 1e6 / count }

/** A loop of its own for each map, so that V8 knows all types in it. */
const loop = (map, asked) => new Function('map', 'asked', `
  let sum = 0
  return (from, count) => { for (let i = from; i < from + count; i++) sum = sum + map.get(asked[i]) | 0; return sum }`)(map, asked)

/** Nanoseconds a read, the loops taking turns: the lower quartile, since others may be using the machine. */
function measure(loops) {
  const times = loops.map(() => [])
  for (let round = 0; round < ROUNDS + 5; round++) {
    for (const [n, run] of loops.entries()) {
      const time = timed(OPERATIONS, () => run((round & 7) * OPERATIONS, OPERATIONS))
      if (round >= 5) times[n].push(time)
    }
  }
  return times.map(list => list.sort((a, b) => a - b)[list.length >> 2])
}

const rows = []
for (const count of [1000, 100_000, 1_000_000]) {
  const keys = Int32Array.from({ length: count }, (_, i) => spread(i)), map = SharedMap.create({ capacity: count }), plain = new Map()
  keys.forEach((key, i) => { map.set(key, i); plain.set(key, i) })
  const random = Int32Array.from({ length: 8 * OPERATIONS }, () => keys[Math.floor(Math.random() * count)])
  const repeated = Int32Array.from({ length: 8 * OPERATIONS }, (_, i) => random[i & 511])
  const [mapRandom, mapRepeated, plainRandom, plainRepeated] = measure([loop(map, random), loop(map, repeated), loop(plain, random), loop(plain, repeated)])
  for (const i of repeated.subarray(0, 512)) if (map.get(i) !== plain.get(i)) throw new Error(`wrong value at ${i}`)
  rows.push({ entries: count, 'random keys': mapRandom.toFixed(1), '512 keys': mapRepeated.toFixed(1), 'Map, random keys': plainRandom.toFixed(1), 'Map, 512 keys': plainRepeated.toFixed(1) })
  map.detach()
}
console.table(rows)

// --- the style 'called' by itself

/** A map that has nothing to look for: it undoes what `spread` did. */
const nothing = { get: key => Math.imul(key, UNSPREAD) }, spec = { keys: 'integer', entries: 100_000, writes: 0, style: 'called' }
const prepared = prepare(spec), run = loopOver(nothing, spec, prepared), times = []
for (let round = 0; round < 50 * ROUNDS; round++) times.push(timed(PER_CALL, run))
if (prepared.tally.wrong !== 0) throw new Error('a wrong value')
console.log(`called from a function, a get that looks for nothing: ${median(times).toFixed(1)} ns\n`)

// --- strings

const textOf = TEXTS[19]

const texts = []
for (const count of [1000, 100_000]) {
  const map = SharedMap.create({ capacity: count }), plain = new Map(), asked = Int32Array.from({ length: OPERATIONS }, () => Math.floor(Math.random() * count))
  for (let i = 0; i < count; i++) { map.set(textOf(i), i); plain.set(textOf(i), i) }
  let sum = 0
  const ways = {
    'key alone': () => { for (const i of asked) sum += textOf(i).charCodeAt(18) },
    'all its characters': () => { for (const i of asked) { const text = textOf(i); for (let n = 0; n < 19; n++) sum += text.charCodeAt(n) } },
    'SharedMap, key and get': () => { for (const i of asked) sum += map.get(textOf(i)) },
    'Map, key and get': () => { for (const i of asked) sum += plain.get(textOf(i)) },
  }
  const times = Object.fromEntries(Object.keys(ways).map(name => [name, []]))
  for (let round = 0; round < ROUNDS; round++) for (const [name, work] of Object.entries(ways)) times[name].push(timed(OPERATIONS, work))
  texts.push({ entries: count, ...Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list).toFixed(0)])) })
  if (Number.isNaN(sum)) throw new Error('a key was not found')
  map.detach()
}
console.log('strings of 19 characters, built for each read; ns')
console.table(texts)

// --- growth

/** Memory that nobody has used: 4 million entries need half as much again, since the last table but one stays. */
const freshMemory = bytes => new Int32Array(new WebAssembly.Memory({ initial: bytes / 65536, maximum: bytes / 65536, shared: true }).buffer)

/** Pairs to insert, in one array that is used again. */
function* pairs(count) {
  const pair = [0, 0]
  for (let i = 0; i < count; i++) {
    pair[0] = spread(i)
    pair[1] = i
    yield pair
  }
}

let helped = 0
const ENTRIES = 4_000_000, TABLE = 1 << 27, PAGES = TABLE * 1.5 / 4096, growth = { touch: [], swap: [], wait: [], ours: [], many: [], plain: [] }
for (let round = 0; round < 5; round++) {
  const ints = freshMemory(TABLE * 1.5)
  growth.touch.push(timed(ENTRIES, () => { for (let page = 0; page < PAGES; page++) Atomics.compareExchange(ints, page << 10, 0, 0) }))
  growth.swap.push(timed(ENTRIES, () => { for (let i = 0; i < ENTRIES; i++) Atomics.compareExchange(ints, spread(i) >>> 9 << 2, 0, i) }))
  // As a search does, which must know what is in a slot before it goes on: so no two of these misses overlap.
  let next = 0
  growth.wait.push(timed(ENTRIES, () => { for (let i = 0; i < ENTRIES; i++) next = spread(next + ints[next >>> 9 << 2] + i | 0) }))
  const many = SharedMap.create({ maxByteLength: 512 << 20 })
  growth.many.push(timed(ENTRIES, () => { many.setMany(pairs(ENTRIES)) }))
  if (many.size !== ENTRIES || Number.isNaN(next)) throw new Error('an entry is missing')
  many.detach()
  const map = SharedMap.create({ maxByteLength: 512 << 20 }), plain = new Map()
  growth.ours.push(timed(ENTRIES, () => { for (let i = 0; i < ENTRIES; i++) map.set(spread(i), i) }))
  growth.plain.push(timed(ENTRIES, () => { for (let i = 0; i < ENTRIES; i++) plain.set(spread(i), i) }))
  if (map.size !== ENTRIES || plain.size !== ENTRIES) throw new Error('an entry is missing')
  const [{ copied, swept }] = map.stats().participants
  helped = (copied + swept) / ENTRIES
  map.detach()
}
console.log(`growth from the smallest size to ${ENTRIES.toLocaleString('en')} integers, one worker; ns an insert`)
console.table([{
  'first touch of the memory': median(growth.touch).toFixed(0), 'one swap at a random slot': median(growth.swap).toFixed(0), 'one read that the next waits for': median(growth.wait).toFixed(0), 'SharedMap, in all': median(growth.ours).toFixed(0),
  'with setMany, in all': median(growth.many).toFixed(0), 'Map, in all': median(growth.plain).toFixed(0), 'slots copied or swept an insert': helped.toFixed(1),
}])
