import { describe, expect, it } from 'vitest'
import { Area, Field, Table } from '../../lib/kernel/layout'
import { low } from '../../lib/kernel/memory'
import { Status } from '../../lib/kernel/read'
import { isKeyed } from '../../lib/kernel/words/header'
import { Tag } from '../../lib/kernel/words/key'
import { Successor } from '../../lib/kernel/words/successor'
import { BACKENDS, RawMap, Random } from '../support/kernels'
import { keyWithHash } from '../support/hashes'
import { fill, headerWord, quiesce, startCopy } from '../support/tables'
import { longText, putLong } from '../support/records'

type Text = number | string

/** One walk over all windows; `between` is called after each entry and each window. Windows that end early are dropped. */
function walk(map: RawMap, slots: number, between: () => void): Text[] {
  const all: Text[] = []
  for (let from = 0, more = true; more;) {
    const window = walkWindow(map, from, slots, between)
    if (window === undefined) continue
    all.push(...window.keys)
    more = window.to !== 0
    from = window.to
    between()
  }
  return all
}

function walkWindow(map: RawMap, from: number, slots: number, between: () => void): { keys: Text[], to: number } | undefined {
  if (map.kernel.scanBegin(map.map, map.me, from, slots) !== Status.Found) return undefined
  const keys = new Set<Text>(), to = map.field(Field.ScanTo)
  for (;;) {
    const status = map.kernel.scanNext(map.map, map.me)
    if (status === Status.Absent) return { keys: [...keys], to }
    if (status === Status.Retry) return undefined
    keys.add(map.field(Field.Form) === Tag.Record ? map.read(Area.Key, map.field(Field.Length)) : map.field(Field.Payload))
    between()
  }
}

const numbers = (count: number): number[] => [...Array(count).keys()]
const names = numbers(60).flatMap(n => [n, `name ${n}`])

describe.each(BACKENDS)('a scan, %s', backend => {
  it.each([1, 2, 7, 64, 1000])('gives every key once, in windows of %i slots', slots => {
    const map = new RawMap(backend)
    fill(map, names)
    for (let n = 0; n < 30; n++) map.put(n, undefined)
    const keys = walk(map, slots, () => {}), expected = names.filter(key => !(Number(key) < 30))
    expect([...keys].sort()).toEqual([...expected].sort())
  })

  it('is in the order of the hashes', () => {
    const map = new RawMap(backend), hashes = [5, 0x40000000, 0x7fffffff, -2147483648, -5]
    fill(map, [...hashes].reverse().map(hash => keyWithHash(hash)))
    quiesce(map)
    const all: number[] = []
    for (let from = 0, more = true; more; more = from !== 0) {
      const window = walkWindow(map, from, 1, () => {})!
      all.push(...window.keys as number[])
      from = window.to
    }
    expect(all).toEqual(hashes.map(hash => keyWithHash(hash)))
  })

  it('finds keys that lie past the end of the table, around its corner', () => {
    const map = new RawMap(backend, { capacity: 8 }), keys = [-1, -2, -3, -4].map(hash => keyWithHash(hash))
    fill(map, keys)
    expect(map.capacity).toBe(8)
    for (const slots of [1, 3, 8]) expect(walk(map, slots, () => {}).sort(), `${slots} slots`).toEqual([...keys].sort())
  })

  it('ends in an empty map, and in one that is full', () => {
    const map = new RawMap(backend, { bytes: 1 << 16, places: 1 })
    expect(walk(map, 3, () => {})).toEqual([])
    for (let n = 0; map.put(n, n) === Status.Written; n++);
    expect(walk(map, 10, () => {}).length).toBe(map.size)
  })

  it.each([1, 7, 64])('gives what stays exactly once while the map grows and shrinks, in windows of %i slots', slots => {
    const map = new RawMap(backend, { shift: 1 }), other = new RawMap(backend, {}, map), random = new Random(), stay = names.slice(0, 40)
    fill(map, stay)
    let growing = true, resized = 0
    for (let round = 0; round < 6 || resized <= 3; round++) {
      expect(round, `${resized} resizes, seed ${random.seed}`).toBeLessThan(100)
      const before = map.generation
      const keys = walk(map, slots, () => {
        if (random.below(60) === 0) growing = !growing
        for (let n = random.below(5); n > 0; n--) {
          const key = random.below(2) === 0 ? 100 + random.below(200) : `other ${random.below(200)}`
          other.put(key, growing ? 1 : undefined)
        }
      })
      resized += map.generation - before
      for (const key of stay) expect(keys.filter(each => each === key).length, `${key}, seed ${random.seed}`).toBe(1)
      expect(new Set(keys).size, `seed ${random.seed}`).toBe(keys.length)
    }
  })

  it('gives every key once while a copy stands still at any slot', () => {
    for (let done = 0; done <= 8; done++) {
      const map = new RawMap(backend, { capacity: 8 })
      fill(map, [1, 2, 'a', 'b'])
      const generation = startCopy(map)
      for (let n = 0; n < done; n++) map.kernel.copyChunk(map.map, map.me, generation, n)
      for (const slots of [1, 3, 16]) expect(walk(map, slots, () => {}).sort(), `${done} chunks, ${slots} slots`).toEqual([1, 2, 'a', 'b'])
    }
  })

  it('drops its window when the root moves', () => {
    const map = new RawMap(backend), other = new RawMap(backend, {}, map)
    fill(map, [1, 2, 3])
    expect(map.kernel.scanBegin(map.map, map.me, 0, 4)).toBe(Status.Found)
    startCopy(other)
    quiesce(other)
    expect(map.kernel.scanNext(map.map, map.me)).toBe(Status.Retry)
  })

  it('lets a clear take effect before it begins', () => {
    const map = new RawMap(backend)
    fill(map, [1, 2])
    startCopy(map, Successor.Clear)
    expect(walk(map, 4, () => {})).toEqual([])
  })

  it('goes on after a reseed by what the old order had given', () => {
    const map = new RawMap(backend), given: Text[] = []
    fill(map, names)
    quiesce(map)
    let from = 0
    for (let n = 0; n < 5; n++) { const window = walkWindow(map, from, 8, () => {})!; given.push(...window.keys); from = window.to }
    const keyed = map.field(Field.ScanKeyed), seeds = [map.field(Field.ScanSeedLow), map.field(Field.ScanSeedHigh)] as const
    startCopy(map, Successor.Copy, true)
    quiesce(map)
    const rest: Text[] = [], all: Text[] = []
    const look = (): void => {
      const key = map.field(Field.Form) === Tag.Record ? map.read(Area.Key, map.field(Field.Length)) : map.field(Field.Payload)
      if (map.kernel.scanHash(map.map, map.me, keyed, ...seeds) >>> 0 >= from >>> 0) rest.push(key)
    }
    for (let next = 0, more = true; more; more = next !== 0) { const window = walkWindow(map, next, 16, look)!; all.push(...window.keys); next = window.to }
    expect([keyed, map.field(Field.ScanKeyed), given.length > 10]).toEqual([0, 1, true])
    expect([...all].sort()).toEqual([...names].sort())
    expect([...given, ...new Set(rest)].sort()).toEqual([...names].sort())
  })

  it('tells the hash of a key under the order of its own table', () => {
    const map = new RawMap(backend)
    fill(map, names.slice(0, 10))
    quiesce(map)
    startCopy(map, Successor.Copy, true)
    quiesce(map)
    expect(isKeyed(headerWord(map, map.generation, Table.Capacity))).toBe(true)
    expect(map.kernel.scanBegin(map.map, map.me, 0, 1000)).toBe(Status.Found)
    const seeds = [map.field(Field.ScanSeedLow), map.field(Field.ScanSeedHigh)] as const
    expect(seeds).toEqual([Table.SeedLow, Table.SeedHigh].map(word => low(headerWord(map, map.generation, word))))
    const hashes: number[] = []
    while (map.kernel.scanNext(map.map, map.me) === Status.Found) hashes.push(map.kernel.scanHash(map.map, map.me, 1, ...seeds) >>> 0)
    expect(hashes.length).toBe(10)
    const homes = hashes.map(hash => Math.floor(hash / 2 ** 32 * map.capacity))
    expect(homes).toEqual([...homes].sort((a, b) => a - b))
  })

  it('gives keys longer than the window in pieces', () => {
    const map = new RawMap(backend), key = longText(5000)
    putLong(map, key, 'value')
    expect(map.kernel.scanBegin(map.map, map.me, 0, 100)).toBe(Status.Found)
    expect([map.kernel.scanNext(map.map, map.me), map.field(Field.Length)]).toEqual([Status.Found, 5000])
    expect(map.found()).toBe('value')
    let text = map.read(Area.Key, 2048)
    for (const cell of [256, 512]) { map.kernel.scanMoreKey(map.map, map.me, cell); text += map.read(Area.Key, Math.min(2048, 5000 - cell * 8)) }
    expect(text).toBe(key)
  })

  it('knows whether an entry it gave is still the same', () => {
    const map = new RawMap(backend)
    fill(map, ['a'])
    const look = (): [number, number, number, number] => {
      expect([map.kernel.scanBegin(map.map, map.me, 0, 100), map.kernel.scanNext(map.map, map.me)]).toEqual([Status.Found, Status.Found])
      return [map.field(Field.ScanGeneration), map.field(Field.FoundSlot), map.field(Field.FoundHigh), map.field(Field.FoundLow)]
    }
    const first = look(), unchanged = (seen: [number, number, number, number]): boolean => Boolean(map.kernel.isUnchanged(map.map, ...seen))
    expect(unchanged(first)).toBe(true)
    fill(map, ['a'])
    expect(unchanged(first)).toBe(false)
    const second = look()
    expect(unchanged(second)).toBe(true)
    fill(map, [1, 2, 3])
    quiesce(map)
    expect(unchanged(second)).toBe(false)
  })
})
