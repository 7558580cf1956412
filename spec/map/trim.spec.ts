// trim, and what writes do by themselves where what is free lies in pieces.

import { describe, expect, it } from 'vitest'
import { DetachedError, OutOfMemoryError, SharedMap } from '../../lib/index'
import { BACKENDS, Random } from '../support/kernels'
import { tinyMap } from '../support/maps'

const MIB = 1 << 20
type Any = SharedMap<any, any>

/** Fills a map, and deletes all but each tenth entry; those. */
function thinned(map: Any, key: (n: number) => number | string, length: number): Map<number | string, string> {
  const stay = new Map<number | string, string>()
  let many = 0
  try { for (;; many++) map.set(key(many), `${many} `.padEnd(length)) } catch (error) { expect(error).toBeInstanceOf(OutOfMemoryError) }
  for (let n = 0; n < many; n++) {
    if (n % 10 === 0) stay.set(key(n), map.get(key(n)))
    else map.delete(key(n))
  }
  return stay
}
const ascending = (a: [any, any], b: [any, any]): number => String(a[0]) < String(b[0]) ? -1 : 1
const expectSame = (map: Any, model: Map<number | string, string>): void => { expect([...map].sort(ascending)).toEqual([...model].sort(ascending)) }

describe.each(BACKENDS)('trim, %s', backend => {
  it('puts together what is free, keeps every entry, and tells what stats tell', () => {
    for (const key of [(n: number) => n, (n: number) => `key ${n} `.repeat(9)]) {
      const map: Any = tinyMap({ backend }), stay = thinned(map, key, 300), before = map.stats()
      const trimmed = map.trim(), { memory, capacity } = map.stats()
      expect(trimmed).toEqual({ gained: memory.free - before.memory.free, free: memory.free, largest: memory.largest })
      expect([trimmed.gained > 0, memory.largest > 2 * before.memory.largest, capacity < before.capacity]).toEqual([true, true, true])
      // What lives in the middle takes no more than its entries need; the rest is free in one piece at each end.
      expect(memory.largest).toBeGreaterThan(0.4 * memory.free)
      expectSame(map, stay)
    }
  })

  it('has nothing left to do when it is called again', () => {
    const map: Any = tinyMap({ backend }), stay = thinned(map, n => n, 300)
    map.trim()
    const { memory } = map.stats()
    expect([map.trim(), map.stats().memory]).toEqual([{ gained: 0, free: memory.free, largest: memory.largest }, memory])
    expectSame(map, stay)
  })

  it('leaves a map of which every write works as before, from empty to full', () => {
    const map: Any = tinyMap({ backend }), random = new Random(), model = new Map<number, string>()
    for (let n = 0; n < 3000; n++) {
      const key = random.below(200), value = 'v'.repeat(random.below(1500)) + n
      if (random.below(3) === 0) expect(map.delete(key), `seed ${random.seed}`).toBe(model.delete(key))
      else {
        map.set(key, value)
        model.set(key, value)
      }
      if (n % 100 === 0) map.trim()
    }
    expectSame(map, model as Map<number | string, string>)
    map.clear()
    expect(map.trim().free).toBeGreaterThan(0.95 * (map.stats().memory.limit - map.stats().memory.header))
    expect(map.repair()).toEqual({ entries: 0, sizeError: 0, reclaimed: 0 })
  })

  it('works while another worker is in the middle of the map, and after detach is refused', () => {
    const map: Any = tinyMap({ backend }), stay = thinned(map, n => n, 300), other = SharedMap.attach<any, any>(map.handle), met = new Map()
    for (const [key, value] of other) {
      met.set(key, value)
      if (met.size % 10 === 0) map.trim()
    }
    expect(met).toEqual(stay)
    other.detach()
    expect(() => other.trim()).toThrow(DetachedError)
  })
})

describe.each(BACKENDS)('a record that is larger than any free piece, %s', backend => {
  const size = backend === 'wasm' ? 8 * MIB : MIB
  it.each([['integer keys', (n: number) => n], ['text keys that are records', (n: number) => `key ${n} `.repeat(9)]])('fits, if so much is free in all: %s', (_, key) => {
    const map: Any = SharedMap.create({ maxByteLength: size, backend }), stay = thinned(map, key, 1000), { memory } = map.stats(), large = new Uint8Array(0.75 * memory.free).fill(7)
    expect(large.length).toBeGreaterThan(0.55 * size)
    for (let n = 0; n < 3; n++) {
      map.set('large', large)
      expect(Buffer.compare(map.get('large'), large)).toBe(0)
      map.delete('large')
    }
    expectSame(map, stay)
    expect(map.repair()).toMatchObject({ sizeError: 0, reclaimed: 0 })
  })

  it('and many small ones take turns', () => {
    const map: Any = SharedMap.create({ maxByteLength: size, backend }), stay = thinned(map, n => n, 1000), large = new Uint8Array(0.6 * size), many = size / 4000
    for (let turn = 0; turn < 3; turn++) {
      map.set('large', large)
      map.delete('large')
      for (let n = 0; n < many; n++) map.set(`${turn} ${n}`, 'small'.repeat(200))
      for (let n = 0; n < many; n++) expect(map.take(`${turn} ${n}`)).toBe('small'.repeat(200))
    }
    expectSame(map, stay)
  })

  it('that is longer than all that is free throws, and changes nothing', () => {
    const map: Any = SharedMap.create({ maxByteLength: MIB, backend }), stay = thinned(map, n => n, 1000)
    const { free, tables } = map.stats().memory, tooLarge = new Uint8Array(free + tables)
    for (let n = 0; n < 3; n++) expect(() => map.set('large', tooLarge)).toThrow(OutOfMemoryError)
    expectSame(map, stay)
  })
})
