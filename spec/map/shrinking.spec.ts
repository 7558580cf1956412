// A map gives its slots back, whatever deletes its keys, and no table begins nearly full.

import { describe, expect, it } from 'vitest'
import { ABSENT, SharedMap } from '../../lib/index'
import { BACKENDS, type Backend } from '../support/kernels'

type Integers = SharedMap<number, number>
const WAYS: readonly (readonly [string, (map: Integers, key: number) => unknown])[] = [
  ['delete', (map, key) => map.delete(key)], ['take', (map, key) => map.take(key)], ['compareAndDelete', (map, key) => map.compareAndDelete(key, key)],
  ['putIfMatch', (map, key) => map.putIfMatch(key, key, ABSENT)],
]

const filled = (backend: Backend, entries: number): Integers => {
  const map = SharedMap.create<number, number>({ backend, maxByteLength: 1 << 26 })
  for (let n = 0; n < entries; n++) map.set(n, n)
  return map
}

describe.each(BACKENDS)('a map that is drained, %s', backend => {
  const entries = backend === 'wasm' ? 500_000 : 60_000

  it.each(WAYS)('gives its slots back while all but 50 keys are deleted with %s', (_, remove) => {
    const map = filled(backend, entries), before = map.stats().capacity
    for (let n = 50; n < entries; n++) remove(map, n)
    const { capacity, entries: left } = map.stats()
    expect([before > entries, left, Array.from({ length: 51 }, (_, n) => map.get(n))]).toEqual([true, 50, [...Array(50).keys(), undefined]])
    expect(capacity).toBeLessThan(4096)
    map.detach()
  })

  it('begins no table nearly full when a walk deletes what it gives', () => {
    const map = filled(backend, entries)
    let most = 0, resizes = map.stats().resizes.count, n = 0
    const look = (): void => {
      const { claimed, capacity, resizes: { count } } = map.stats()
      if (count !== resizes) most = Math.max(most, claimed / capacity)
      resizes = count
    }
    for (const [key] of map) {
      map.delete(key)
      // A new key now and then, so that resizes begin.
      if (++n % 4 === 0) map.set(-n, n)
      if (n % 1000 === 0) look()
    }
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(0.8)
    map.detach()
  })
})
