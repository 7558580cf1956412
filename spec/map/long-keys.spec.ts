// Keys that no window holds (2 KiB and more): to look for one, and to delete it, takes no memory.

import { afterEach, describe, expect, it } from 'vitest'
import { ABSENT, OutOfMemoryError, SharedMap } from '../../lib/index'
import { createShaped } from '../../lib/map/shared-map'
import { seedFrom } from '../../lib/kernel/hash'
import { crowded, sameUnder } from '../support/hashes'
import { BACKENDS, type Backend } from '../support/kernels'

const open = new Set<SharedMap<any, any>>()
afterEach(() => { for (const map of open) map.detach(); open.clear() })

function create(backend: Backend, options = {}): SharedMap<any, any> {
  const map = SharedMap.create<any, any>({ backend, maxByteLength: 1 << 20, ...options })
  open.add(map)
  return map
}

const long = (n: number, length = 5000): string => `${n} `.repeat(length).slice(0, length)

/** Fills all memory that there is, for records of any size. */
function fillUp(map: SharedMap<any, any>): void {
  for (const size of [100_000, 10_000, 1000, 100, 10]) {
    for (let n = 0; ; n++) {
      try { map.set(`${size} ${n}`, 'v'.repeat(size)) } catch (error) {
        expect(error).toBeInstanceOf(OutOfMemoryError)
        break
      }
    }
  }
}

describe.each(BACKENDS)('keys longer than a window, %s', backend => {
  it('are read in a map that is full', () => {
    const map = create(backend), bytes = new Uint8Array(3000).fill(7)
    map.set(long(1), 'one').set(long(2), 2).set(bytes, { three: 3 })
    fillUp(map)
    expect([map.get(long(1)), map.get(long(2)), map.get(bytes), map.get(long(3)), map.get(long(1, 5001))]).toEqual(['one', 2, { three: 3 }, undefined, undefined])
    expect([map.has(long(1)), map.has(long(3)), map.getMany([long(2), 1, long(3)])]).toEqual([true, false, [2, undefined, undefined]])
  })

  it('are looked for where they are larger than the map', () => {
    const map = create(backend, { maxByteLength: 128 << 10 })
    const key = 'k'.repeat(1 << 20)
    expect([map.get(key), map.has(key), map.delete(key), map.replace(key, 1), map.take(key)]).toEqual([undefined, false, false, false, undefined])
    expect(() => map.set(key, 1)).toThrow(OutOfMemoryError)
    expect(map.size).toBe(0)
  })

  it('are deleted in a map that is full, whatever deletes them', () => {
    const map = create(backend)
    for (let n = 0; n < 6; n++) map.set(long(n), n)
    fillUp(map)
    expect([map.delete(long(0)), map.take(long(1)), map.compareAndDelete(long(2), 2), map.putIfMatch(long(3), 3, ABSENT).written]).toEqual([true, 1, true, true])
    expect([map.delete(long(0)), map.take(long(1)), map.compareAndDelete(long(4), 5), map.getMany([0, 1, 2, 3, 4, 5].map(n => long(n)))])
      .toEqual([false, undefined, false, [undefined, undefined, undefined, undefined, 4, 5]])
  })

  it('are refused and replaced in a map that is full', () => {
    const map = create(backend)
    map.set(long(1), 1)
    fillUp(map)
    expect([map.getOrInsert(long(1), 5), map.compareAndSet(long(1), 2, 3), map.compareAndSet(long(1), ABSENT, 3), map.replace(long(2), 3)]).toEqual([1, false, false, false])
    expect([map.compareAndSet(long(1), 1, 2), map.swap(long(1), 3), map.add(long(1), 4), map.get(long(1))]).toEqual([true, 2, 7, 7])
    expect(() => map.set(long(2), 1)).toThrow(OutOfMemoryError)
    expect(map.has(long(2))).toBe(false)
  })

  it('cost no memory that stays taken', () => {
    const map = create(backend)
    const used = (): number => { const { memory } = map.stats(); return memory.blocks - memory.free }
    const round = (): void => {
      for (let n = 0; n < 20; n++) map.set(long(n, 2049 + n * 300), long(n, 3000))
      for (let n = 0; n < 20; n++) expect(map.get(long(n, 2049 + n * 300))).toBe(long(n, 3000))
      expect(map.compareAndSet(long(1, 2349), long(1, 3000), long(2, 3000))).toBe(true)
      expect(map.getOrInsert(long(1, 2349), long(5, 3000))).toBe(long(2, 3000))
      for (let n = 0; n < 20; n++) expect(map.delete(long(n, 2049 + n * 300))).toBe(true)
    }
    round()
    map.clear()
    map.repair()
    const before = used()
    for (let n = 0; n < 20; n++) round()
    map.clear()
    expect(map.repair()).toMatchObject({ entries: 0, reclaimed: 0 })
    expect(used()).toBeLessThanOrEqual(before)
  })

  it('are told apart where their hashes are equal, and their lengths and types', () => {
    // Both secrets are known here: texts of one block's sum, followed by the same long rest, have the same hash.
    const secret = [42, 0] as const, keys = sameUnder(secret, 5).map(text => `${text}${long(0, 4000)}`), map = create(backend, { seed: 42 })
    for (const [n, key] of keys.entries()) map.set(key, n)
    expect(keys.map(key => map.get(key))).toEqual([0, 1, 2, 3, 4])
    expect(map.get(`${sameUnder(secret, 6)[5]!}${long(0, 4000)}`)).toBeUndefined()
    expect([map.delete(keys[2]!), map.set(keys[3]!, 'x').get(keys[3]!), map.get(keys[2]!), map.take(keys[4]!), map.size]).toEqual([true, 'x', undefined, 4, 3])
    map.set(keys[2]!, 'again')
    expect(keys.map(key => map.get(key))).toEqual([0, 1, 'again', 'x', undefined])
    map.set(Buffer.from(keys[0]!, 'latin1'), 'bytes')
    expect([map.get(keys[0]!), map.get(new Uint8Array(Buffer.from(keys[0]!, 'latin1')))]).toEqual([0, 'bytes'])
  })

  it('are found in keyed tables, and at every step of a reseed', () => {
    const map = createShaped<any, any>({ backend, maxByteLength: 1 << 21, seed: 42 }, { chunkShift: 0, fewestSlots: 16 }), model = new Map<any, any>()
    open.add(map)
    const check = (): void => { for (let n = 0; n < 9; n++) expect(map.get(long(n))).toBe(model.get(long(n))) }
    const put = (key: unknown, value: unknown): void => { map.set(key, value); model.set(key, value) }
    for (let n = 0; n < 8; n++) put(long(n), n)
    // The seed is known, so these crowd, and the table is keyed once they are found out.
    for (const [n, key] of crowded(300, 0x40000000, seedFrom(42, 0)).entries()) {
      put(key, n)
      if (n > 180) check()
      if (n > 180 && n % 3 === 0) put(long(n % 8), n)
      if (n > 180 && n % 7 === 0) expect(map.delete(long(n % 8))).toBe(model.delete(long(n % 8)))
    }
    expect([map.stats().keyed, map.size]).toEqual([true, model.size])
    check()
    expect(new Map(map)).toEqual(model)
  })
})
