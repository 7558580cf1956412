import { describe, expect, it } from 'vitest'
import { At, Table, tableAt } from '../../lib/kernel/layout'
import { Status } from '../../lib/kernel/read'
import { Start } from '../../lib/kernel/resize'
import { Expect } from '../../lib/kernel/write'
import { closedWord } from '../../lib/kernel/words/claims'
import { isFresh, isKeyed } from '../../lib/kernel/words/header'
import { low, pack } from '../../lib/kernel/memory'
import { Region, regionWord } from '../../lib/kernel/words/region'
import { Successor } from '../../lib/kernel/words/successor'
import { Zone, zoneWord } from '../../lib/kernel/words/zone'
import { BACKENDS, RawMap, Random } from '../support/kernels'
import { crowded } from '../support/hashes'
import { chunkStates, fill, headerWord, quiesce, regionOf, slotStates, slotsIn, startCopy, successorOf } from '../support/tables'

type Text = number | string
const numbers = (count: number): number[] => [...Array(count).keys()]
const longest = (map: RawMap): number => Math.max(...numbers(map.capacity).map(n => map.kernel.probeLength(map.map, map.me, n)))
const keyedNow = (map: RawMap): boolean => isKeyed(headerWord(map, map.generation, Table.Capacity))

/** Puts until there is no memory; what was written. */
function fillUp(map: RawMap, key: (n: number) => Text, value: (n: number) => Text): Map<Text, Text> {
  const model = new Map<Text, Text>()
  for (let n = 0; map.put(key(n), value(n)) === Status.Written; n++) model.set(key(n), value(n))
  return model
}

function expectModel(map: RawMap, model: Map<Text, Text>, where = ''): void {
  for (const [key, value] of model) expect(map.get(key), `${key} ${where}`).toBe(value)
  expect([new Map(map.entries()), map.size], where).toEqual([model, model.size])
}

describe.each(BACKENDS)('resizing, %s', backend => {
  const many = backend === 'wasm' ? 200_000 : 20_000

  it('builds the successor whole before it is installed', () => {
    const map = new RawMap(backend)
    fill(map, [1, 2, 3])
    const generation = startCopy(map)
    expect([slotsIn(map, generation + 1), regionOf(map, generation + 1), successorOf(map, generation + 1)]).toEqual([8, 'InUse', 'None'])
    expect(chunkStates(map, generation + 1)).toEqual(Array(8).fill('Open'))
    expect(slotStates(map, generation + 1)).toEqual(Array(8).fill('Empty Empty'))
    expect(low(headerWord(map, generation + 1, Table.Claims))).toBe(3)
  })

  it('keeps the table between four thirds and eight times its entries while it grows', () => {
    const map = new RawMap(backend, { shift: 4 })
    for (let n = 1; n <= 3000; n++) {
      expect(map.put(n, n)).toBe(Status.Written)
      expect(map.capacity, `${n} entries`).toBeLessThanOrEqual(Math.max(4, n * 8))
    }
    quiesce(map)
    expect(map.capacity).toBeGreaterThanOrEqual(4000)
    expect(map.capacity).toBeLessThanOrEqual(12000)
  })

  it('needs no larger table for any number of fresh keys while one lives', () => {
    const map = new RawMap(backend)
    let largest = 0
    fill(map, ['alive'])
    for (let n = 0; n < many; n++) {
      map.put(n, n)
      map.put(n, undefined)
      largest = Math.max(largest, map.capacity)
    }
    expect(largest).toBeLessThanOrEqual(16)
    expect([map.get('alive'), map.size]).toEqual(['alive', 1])
  })

  it('needs no more memory for any number of fresh string keys while one lives', () => {
    const map = new RawMap(backend)
    const churn = (from: number, to: number): number => {
      let fewest = Infinity
      for (let n = from; n < to; n++) {
        fill(map, [`key ${n + 100_000}`], key => `value of ${key}`)
        map.put(`key ${n + 100_000}`, undefined)
        fewest = Math.min(fewest, map.kernel.freePages(map.map))
      }
      return fewest
    }
    fill(map, ['alive'])
    const before = churn(0, 1000)
    expect(churn(1000, 1000 + many / 20)).toBe(before)
    expect([map.get('alive'), map.size]).toEqual(['alive', 1])
  })

  it('gives slots back when the map is drained', () => {
    const map = new RawMap(backend, { shift: 5 })
    fill(map, numbers(2000))
    quiesce(map)
    const full = map.capacity
    for (const n of numbers(2000)) map.put(n, undefined)
    quiesce(map)
    expect(full).toBeGreaterThan(2000)
    expect(map.capacity).toBeLessThanOrEqual(full / 16)
    expect(map.size).toBe(0)
  })

  it('keeps the fewest slots that were asked for', () => {
    const map = new RawMap(backend, { capacity: 64, shift: 3 })
    fill(map, numbers(500))
    for (const n of numbers(500)) map.put(n, undefined)
    for (let n = 0; n < 500; n++) { map.put(n, n); map.put(n, undefined) }
    quiesce(map)
    expect(map.capacity).toBe(64)
    map.clear()
    expect(map.capacity).toBe(64)
  })

  it.each([0, 1, 3, 6])('goes on as a map through every size, chunks of 2^%i slots', shift => {
    const map = new RawMap(backend, { shift, capacity: 5 }), model = new Map<Text, Text>(), random = new Random()
    for (let n = 0; n < 3000; n++) {
      const key = random.below(200), growing = Math.floor(n / 500) % 2 === 0
      if (random.below(10) < (growing ? 8 : 1)) { map.put(key, n); model.set(key, n) } else { map.put(key, undefined); model.delete(key) }
      if (n % 250 === 0) expectModel(map, model, `seed ${random.seed}, step ${n}`)
    }
    quiesce(map)
    expectModel(map, model, `seed ${random.seed}`)
  })
})

/** What a builder that was killed may have left: the words it had set. */
const LEFT: readonly (readonly [string, (map: RawMap, generation: number) => void])[] = [
  ['a region taken', takeRegion],
  ['a zone opened', (map, generation) => { takeRegion(map, generation); openZone(map, generation) }],
  ['claims closed', (map, generation) => { takeRegion(map, generation); openZone(map, generation); close(map, generation) }],
  ['a capacity set', (map, generation) => { takeRegion(map, generation); openZone(map, generation); close(map, generation); setCapacity(map, generation) }],
  ['half a header', (map, generation) => {
    startCopy(map)
    openZone(map, generation)
    map.cells[tableAt(map.map, generation) + Table.Successor] = pack(generation, Successor.None)
    map.cells[tableAt(map.map, generation + 1) + Table.Claims] = pack(generation - 1, 0)
  }],
  ['a header and no successor, the zone open', (map, generation) => {
    startCopy(map)
    openZone(map, generation)
    map.cells[tableAt(map.map, generation) + Table.Successor] = pack(generation, Successor.None)
  }],
  ['a header and no successor', (map, generation) => {
    startCopy(map)
    map.cells[tableAt(map.map, generation) + Table.Successor] = pack(generation, Successor.None)
  }],
]
function takeRegion(map: RawMap, generation: number): void { map.cells[map.map + At.Region + (generation + 1 & 1)] = regionWord(generation + 1, Region.InUse) }
function openZone(map: RawMap, generation: number): void {
  map.cells[tableAt(map.map, generation + 1) + Table.Floor] = pack(generation + 1, low(map.cells[map.map + At.Floor]!))
  map.cells[map.map + At.Zone] = zoneWord(generation + 1, map.kernel.zoneSize(map.map), Zone.Open)
}
function close(map: RawMap, generation: number): void { map.cells[tableAt(map.map, generation) + Table.Claims] = closedWord(headerWord(map, generation, Table.Claims), false) }
function setCapacity(map: RawMap, generation: number): void { map.cells[tableAt(map.map, generation + 1) + Table.Capacity] = pack(generation + 1, 16) }

describe.each(BACKENDS)('after a builder was killed, %s', backend => {
  describe.each(LEFT)('who left %s', (_, leave) => {
    const stalled = (): [RawMap, Map<Text, Text>] => {
      const map = new RawMap(backend)
      fill(map, ['a', 'b', 3])
      leave(map, map.generation)
      return [map, new Map<Text, Text>([['a', 'a'], ['b', 'b'], [3, 3]])]
    }

    it('reads, updates and deletes go on', () => {
      const [map, model] = stalled()
      expectModel(map, model)
      fill(map, ['a'], () => 'new')
      expect([map.put(3, undefined), map.put('none', 1, Expect.Present)]).toEqual([Status.Written, Status.Refused])
      expectModel(map, new Map<Text, Text>([['a', 'new'], ['b', 'b']]))
    })

    it('new keys are put, and the work is taken up', () => {
      const [map, model] = stalled(), before = map.generation
      fill(map, [10, 11, 12, 13, 14, 15])
      for (const n of [10, 11, 12, 13, 14, 15]) model.set(n, n)
      expectModel(map, model)
      expect(map.generation).toBeGreaterThan(before)
    })

    it('a clear takes it up too', () => {
      const [map] = stalled()
      expect(map.clear()).toBe(Status.Written)
      expectModel(map, new Map())
      fill(map, numbers(20))
      expectModel(map, new Map(numbers(20).map(n => [n, n])))
    })
  })
})

describe.each(BACKENDS)('a map that is full, %s', backend => {
  const small = (): RawMap => new RawMap(backend, { bytes: 1 << 16, places: 1 })
  const KINDS: readonly (readonly [string, (n: number) => Text, (n: number) => Text])[] = [
    ['integers', n => n, n => n],
    ['strings', n => `key ${n + 1e7}`, n => `value ${n + 1e7}`],
    ['long strings', n => `key ${n + 1e7}`.repeat(10), n => n],
    ['integers with long values', n => n, n => `${n + 1e7} `.repeat(50)],
  ]

  describe.each(KINDS)('of %s', (_, key, value) => {
    it('refuses a new key and changes nothing', () => {
      const map = small(), model = fillUp(map, key, value)
      expect(model.size).toBeGreaterThan(10)
      for (let n = 1e6; n < 1e6 + 20; n++) expect(map.put(key(n), value(n))).toBe(Status.NoMemory)
      expectModel(map, model)
    })

    it('answers reads, takes updates and deletes', () => {
      const map = small(), model = fillUp(map, key, value)
      for (const each of [...model.keys()].slice(0, 20)) { expect(map.put(each, 7)).toBe(Status.Written); model.set(each, 7) }
      for (const each of [...model.keys()].slice(10, 30)) { expect(map.put(each, undefined)).toBe(Status.Written); model.delete(each) }
      expect(map.put(key(1e6), undefined)).toBe(Status.Refused)
      expectModel(map, model)
    })

    it('takes new keys again after deletes', () => {
      const map = small(), model = fillUp(map, key, value), keys = [...model.keys()]
      for (const each of keys.slice(0, keys.length / 2)) { map.put(each, undefined); model.delete(each) }
      for (let n = 1e6; n < 1e6 + keys.length / 4; n++) { expect(map.put(key(n), value(n)), `${n}`).toBe(Status.Written); model.set(key(n), value(n)) }
      expectModel(map, model)
    })

    it('is emptied by clear, and takes as much again', () => {
      const map = small(), model = fillUp(map, key, value)
      expect(map.clear()).toBe(Status.Written)
      expect(map.size).toBe(0)
      expect(fillUp(map, key, value).size).toBeGreaterThan(model.size * 0.7)
    })
  })

  it('agrees with Map at the limit, whatever is put and deleted', () => {
    const map = small(), model = new Map<Text, Text>(), random = new Random()
    let refused = 0
    for (let n = 0; n < 8000; n++) {
      const number = random.below(400), key = random.below(2) === 0 ? number : `key ${number}`, value = random.below(3) === 0 ? n : 'v'.repeat(random.below(120))
      const where = `seed ${random.seed}, step ${n}`
      if (random.below(3) > 0) {
        const status = map.put(key, value)
        expect([Status.Written, Status.NoMemory], where).toContain(status)
        if (status === Status.Written) model.set(key, value)
        else refused++
      } else {
        expect(map.put(key, undefined), where).toBe(model.has(key) ? Status.Written : Status.Refused)
        model.delete(key)
      }
      if (n % 500 === 0) expectModel(map, model, where)
    }
    expect(refused).toBeGreaterThan(10)
    expectModel(map, model, `seed ${random.seed}`)
  })

  it('does not begin a resize that would help nobody', () => {
    const map = small()
    fillUp(map, n => n, n => n)
    quiesce(map)
    const before = Buffer.from(map.bytes)
    expect(map.kernel.startResize(map.map, map.me, map.generation, Successor.Copy, false)).toBe(Start.NoMemory)
    expect(Buffer.compare(before, map.bytes)).toBe(0)
  })
})

describe.each(BACKENDS)('keys that crowd, %s', backend => {
  const keys = crowded(300)
  const crowd = (): RawMap => { const map = new RawMap(backend, { shift: 5 }); fill(map, keys, key => Number(key) ^ 1); return map }

  it('make the next table keyed, where they do not', () => {
    const map = crowd()
    quiesce(map)
    expect(keyedNow(map)).toBe(true)
    expect(longest(map)).toBeLessThan(40)
    expect(low(headerWord(map, map.generation, Table.SeedLow))).not.toBe(0)
  })

  it('are all there after it, can be changed and deleted', () => {
    const map = crowd()
    for (const key of keys) expect(map.get(key)).toBe(key ^ 1)
    for (const key of keys.slice(0, 100)) expect(map.put(key, undefined)).toBe(Status.Written)
    fill(map, keys.slice(50, 150), () => 5)
    expect([map.get(keys[0]!), map.get(keys[60]!), map.get(keys[299]!), map.size]).toEqual([undefined, 5, keys[299]! ^ 1, 250])
  })

  it('stay in keyed tables as the map grows and shrinks, under the same seeds', () => {
    const map = crowd()
    quiesce(map)
    const seeds = (): number[] => [Table.SeedLow, Table.SeedHigh].map(word => low(headerWord(map, map.generation, word))), before = seeds()
    fill(map, numbers(1000))
    expect([keyedNow(map), isFresh(headerWord(map, map.generation, Table.Capacity)), seeds()]).toEqual([true, false, before])
    for (const key of keys) map.put(key, undefined)
    for (const n of numbers(1000)) map.put(n, undefined)
    quiesce(map)
    expect([keyedNow(map), seeds(), map.size]).toEqual([true, before, 0])
  })

  it('of chance do not: random integers ask for no reseed', () => {
    const map = new RawMap(backend), random = new Random()
    fill(map, Array.from({ length: 2000 }, () => random.below(2 ** 31)))
    expect(keyedNow(map), `seed ${random.seed}`).toBe(false)
  })

  it('are found in a keyed table whatever they are', () => {
    const map = new RawMap(backend), texts = numbers(50).map(n => 'x'.repeat(n)), model = new Map<Text, Text>()
    fill(map, texts)
    quiesce(map)
    startCopy(map, Successor.Copy, true)
    fill(map, numbers(50))
    for (const key of [...texts, ...numbers(50)]) model.set(key, key)
    expectModel(map, model)
    quiesce(map)
    expect(keyedNow(map)).toBe(true)
    expectModel(map, model)
  })
})
