// Keys that were chosen to collide cost no more than twice as much as any others: counted in reads of shared words, whoever makes them (searches,
// copies, sweeps), on both backends.

import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Kernel } from '../../lib/backend/kernel'
import { Field, Table } from '../../lib/kernel/layout'
import { low } from '../../lib/kernel/memory'
import { isBeyondChance } from '../../lib/kernel/probe'
import { Status } from '../../lib/kernel/read'
import { isFresh, isKeyed } from '../../lib/kernel/words/header'
import { keyedWords } from '../../lib/kernel/hash'
import { BACKENDS, type Backend, Random, RawMap, type Shape } from '../support/kernels'
import { SECRET, crowded, multicollisions, sameUnder } from '../support/hashes'
import { fill, headerWord, quiesce } from '../support/tables'

type Text = number | string
const MANY = 12_000
const traced = new WebAssembly.Module(readFileSync(new URL('../../build/traced/kernel.wasm', import.meta.url)))

/** Reads of shared words so far. */
let reads = 0
beforeEach(() => { reads = 0 })

/** A map whose reads of shared words are counted. */
function counted(backend: Backend, shape: Shape = {}): RawMap {
  const map = new RawMap(backend, { bytes: 1 << 23, shift: 7, capacity: 16, identity: [Math.random() * 2 ** 32 | 0, 5], ...shape })
  Object.assign(map, { kernel: backend === 'wasm' ? countedWasm(map) : countedJavaScript(map.kernel) })
  return map
}
function countedWasm({ memory, cells }: RawMap): Kernel {
  const access = {
    load: (at: number) => { reads++; return Atomics.load(cells, at) }, store: (at: number, next: bigint) => { Atomics.store(cells, at, next) },
    cas: (at: number, seen: bigint, next: bigint) => Atomics.compareExchange(cells, at, seen, next), add: (at: number, delta: number) => { Atomics.add(cells, at, BigInt(delta >>> 0)) },
  }
  return new WebAssembly.Instance(traced, { env: { memory }, access, checks: {} }).exports as unknown as Kernel
}
const { load } = Atomics
function countedJavaScript(kernel: Kernel): Kernel {
  const counting = ((view: BigInt64Array, at: number) => { reads++; return load(view, at) }) as typeof Atomics.load
  return new Proxy(kernel, {
    get: (_, name) => (...args: unknown[]) => {
      Atomics.load = counting
      try { return (kernel as unknown as Record<string | symbol, (...args: unknown[]) => unknown>)[name]!(...args) } finally { Atomics.load = load }
    },
  })
}

/** What it costs to set all keys and to get each. */
function costOf(map: RawMap, keys: readonly Text[]): number {
  const before = reads
  for (const key of keys) if (typeof key === 'string' || !map.kernel.setInteger(map.map, map.me, key, 1)) expect(map.put(key, 1)).toBe(Status.Written)
  for (const key of keys) if (map.get(key) !== 1) throw new Error(`${key} is lost`)
  return reads - before
}

const keyed = (map: RawMap): boolean => isKeyed(headerWord(map, map.generation, Table.Capacity))
const integers = (count: number): number[] => Array.from({ length: count }, (_, n) => Math.imul(n + 1, 0x9e3779b1))
const texts = (count: number, length: number): string[] => integers(count).map(n => `${n}`.padStart(length, 'x'))

describe.each(BACKENDS)('12,000 keys that were chosen to collide, %s', backend => {
  const shape: Shape = { secret: [Math.random() * 2 ** 32 | 0, Math.random() * 2 ** 32 | 0] }

  it.each<readonly [string, () => readonly Text[], () => readonly Text[], Shape]>([
    ['strings that MurmurHash3 cannot tell apart, under no seed', () => multicollisions(14).slice(0, MANY), () => texts(MANY, 112), shape],
    ['strings built for another secret', () => sameUnder(SECRET, MANY), () => texts(MANY, 16), shape],
    ['strings built for this very secret, where `seed` has told it', () => sameUnder(SECRET, MANY), () => texts(MANY, 16), {}],
    ['integers, where `seed` has told the secret', () => crowded(MANY), () => integers(MANY), {}],
  ])('%s', (_, chosen, plain, options) => {
    const random = costOf(counted(backend, options), plain()), attacked = costOf(counted(backend, options), chosen())
    console.log(`${backend}: ${(attacked / random).toFixed(2)} times the reads of other keys`)
    expect(attacked / random).toBeLessThan(2)
  })

  it('beside as many others, in a table that is more than half full', () => {
    const start = integers(11_000), map = counted(backend, { capacity: 16_384 }), other = counted(backend, { capacity: 16_384 })
    fill(map, start, () => 1)
    fill(other, start, () => 1)
    expect(costOf(map, crowded(MANY)) / costOf(other, integers(11_000 + MANY).slice(11_000))).toBeLessThan(2)
    expect(keyed(map)).toBe(true)
  })

  it('again and again: a table that is keyed is keyed anew', () => {
    const map = counted(backend, { capacity: 1024, shift: 3 }), seeds = (): number[] => [Table.SeedLow, Table.SeedHigh].map(word => low(headerWord(map, map.generation, word)))
    fill(map, crowded(200))
    quiesce(map)
    for (let round = 0; round < 3; round++) {
      const [k0, k1] = seeds() as [number, number], keys: number[] = []
      // Who could read the seeds would find keys within one part in 128 of the table.
      for (let key = 0; keys.length < 150; key++) if (keyedWords(key, 1, k0, k1) >>> 25 === 5) keys.push(key)
      expect(keyed(map)).toBe(true)
      fill(map, keys)
      quiesce(map)
      expect(seeds()).not.toEqual([k0, k1])
      for (const key of keys) expect(map.get(key)).toBe(key)
      for (const key of keys) map.put(key, undefined)
    }
    for (const key of crowded(200)) expect(map.get(key)).toBe(key)
  })
})

describe.each(BACKENDS)('what chance makes asks for no reseed, %s', backend => {
  it('at any load, up to the last slot', () => {
    const random = new Random(), map = new RawMap(backend, { bytes: 1 << 20, shift: 7 })
    while (map.put(random.below(2 ** 32) | 0, 1) === Status.Written);
    quiesce(map)
    expect([map.size > 20_000, keyed(map)], `seed ${random.seed}`).toEqual([true, false])
    // The last searches were long: that alone is no reason.
    expect(map.field(Field.Searched)).toBeGreaterThan(128)
  })
})

describe('the bound of a search', () => {
  /** The chance that a search in a table at load a is longer than L: the sum of Borel's distribution over the clusters that it may have met. */
  function chanceOf(length: number, load: number): number {
    const delta = load - 1 - Math.log(load)
    return Math.exp(-length * delta) / (2.5 * load * delta * delta * length ** 1.5)
  }

  it.each([0.1, 0.3, 0.5, 0.55, 0.6, 0.66, 0.7, 0.75, 0.8, 0.9, 0.95, 0.99])('is beyond chance at load %f', load => {
    const capacity = 1 << 26, claimed = Math.floor(capacity * load)
    let length = 1
    while (!isBeyondChance(length, capacity, claimed)) length++
    expect(chanceOf(length, load)).toBeLessThan(1e-12)
    expect(isBeyondChance(capacity, capacity, capacity)).toBe(false)
  })

  it('is computed as tables are', () => {
    const random = new Random(5), capacity = 1 << 18, taken = new Uint8Array(capacity), counts = [16, 32].map(() => 0)
    for (let n = 0; n < capacity / 2; n++) insert(taken, random.below(capacity))
    const tries = 2_000_000
    for (let n = 0; n < tries; n++) { const far = insert(taken, random.below(capacity), false); [16, 32].forEach((length, m) => { if (far > length) counts[m]!++ }) }
    // The formula is that of long searches; at 16 slots it is right but for a factor of two.
    for (const [m, length] of [16, 32].entries()) expect(counts[m]! / tries / chanceOf(length, 0.5)).toBeLessThan(1.5)
  })
})

/** Where linear probing ends, from a home. */
function insert(taken: Uint8Array, home: number, take = true): number {
  let index = home
  while (taken[index] === 1) index = (index + 1) % taken.length
  if (take) taken[index] = 1
  return (index - home + taken.length) % taken.length
}

describe('the seeds of a reseed', () => {
  it('are not what the secret alone says', () => {
    const seeds = [1, 2].map(identity => {
      const map = new RawMap('javascript', { shift: 5, identity: [identity, 8] })
      fill(map, crowded(300))
      quiesce(map)
      const word = headerWord(map, map.generation, Table.Capacity)
      expect([isKeyed(word), isFresh(word)]).toEqual([true, expect.any(Boolean)])
      return low(headerWord(map, map.generation, Table.SeedLow))
    })
    expect(seeds[0]).not.toBe(seeds[1])
  })
})
