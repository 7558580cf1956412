// node bench/limits.mjs: what an integer read costs at best, in loops that know their types, and what of it is a guess of the
// processor's that was wrong: 512 keys asked for again and again are searched for alike each time, so that it learns the way.

import { SharedMap } from '../dist/index.js'

const OPERATIONS = 1 << 17, ROUNDS = 40

/** A loop of its own for each map, so that V8 knows all types in it. */
const loop = (map, asked) => new Function('map', 'asked', `
  let sum = 0
  return (from, count) => { for (let i = from; i < from + count; i++) sum = sum + map.get(asked[i]) | 0; return sum }`)(map, asked)

/** Nanoseconds a read, the loops taking turns: the lower quartile, since others may be using the machine. */
function measure(loops) {
  const times = loops.map(() => [])
  for (let round = 0; round < ROUNDS + 5; round++) {
    for (const [n, run] of loops.entries()) {
      const started = performance.now()
      run((round & 7) * OPERATIONS, OPERATIONS)
      if (round >= 5) times[n].push((performance.now() - started) * 1e6 / OPERATIONS)
    }
  }
  return times.map(list => list.sort((a, b) => a - b)[list.length >> 2])
}

const rows = []
for (const count of [1000, 100_000, 1_000_000]) {
  const keys = Int32Array.from({ length: count }, (_, i) => Math.imul(i, 0x9e3779b1)), map = SharedMap.create({ capacity: count }), plain = new Map()
  keys.forEach((key, i) => { map.set(key, i); plain.set(key, i) })
  const random = Int32Array.from({ length: 8 * OPERATIONS }, () => keys[Math.floor(Math.random() * count)])
  const repeated = Int32Array.from({ length: 8 * OPERATIONS }, (_, i) => random[i & 511])
  const [mapRandom, mapRepeated, plainRandom, plainRepeated] = measure([loop(map, random), loop(map, repeated), loop(plain, random), loop(plain, repeated)])
  for (const i of repeated.subarray(0, 512)) if (map.get(i) !== plain.get(i)) throw new Error(`wrong value at ${i}`)
  rows.push({ entries: count, 'random keys': mapRandom.toFixed(1), '512 keys': mapRepeated.toFixed(1), 'Map, random keys': plainRandom.toFixed(1), 'Map, 512 keys': plainRepeated.toFixed(1) })
  map.detach()
}
console.table(rows)
