// A map gives its slots back, whatever deletes its keys, and no table begins nearly full.

import { describe, expect, it } from 'vitest'
import { ABSENT, SharedMap } from '../../lib/index'
import { BACKENDS, type Backend } from '../support/kernels'

type Integers = SharedMap<number, number>
const WAYS: readonly (readonly [string, (map: Integers, key: number) => unknown])[] = [
  ['delete', (map, key) => map.delete(key)], ['take', (map, key) => map.take(key)], ['compareAndDelete', (map, key) => map.compareAndDelete(key, key)],
  ['putIfMatch', (map, key) => map.putIfMatch(key, key, ABSENT)],
]

/** As many as a user lost the slots of, on one way; what differs from way to way shows with fewer. */
const entriesFor = (backend: Backend, way: string): number => backend === 'wasm' && way === 'delete' ? 500_000 : 30_000

const filled = (backend: Backend, entries: number): Integers => {
  const map = SharedMap.create<number, number>({ backend, maxByteLength: 1 << 26 })
  for (let n = 0; n < entries; n++) map.set(n, n)
  return map
}

describe.each(BACKENDS)('a map that is drained, %s', backend => {
  it.each(WAYS)('gives its slots back while all but 50 keys are deleted with %s', (way, remove) => {
    const entries = entriesFor(backend, way), map = filled(backend, entries), before = map.stats().capacity
    for (let n = 50; n < entries; n++) remove(map, n)
    const { capacity, entries: left } = map.stats()
    expect([before > entries, left, Array.from({ length: 51 }, (_, n) => map.get(n))]).toEqual([true, 50, [...Array(50).keys(), undefined]])
    expect(capacity).toBeLessThan(4096)
    map.detach()
  })

  it('begins no table nearly full after a walk has deleted what it gave first', () => {
    // Just below three quarters, so that a few new keys begin a resize.
    const slots = backend === 'wasm' ? 1 << 18 : 1 << 15, map = filled(backend, slots * 0.745)
    let given = 0, most = 0
    for (const [key] of map) if (map.delete(key) && ++given === 1000) break
    const before = map.stats().resizes.count
    for (let n = 1; n < slots / 8; n++) {
      map.set(-n, n)
      if (n % 100 !== 0) continue
      const { claimed, capacity, resizes } = map.stats()
      if (resizes.count > before) most = Math.max(most, claimed / capacity)
    }
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(0.8)
    map.detach()
  })
})
