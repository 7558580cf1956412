// Memory that comes back: a map that was emptied is as good as a new one. The benchmark's `memory/refill` in small, and with margins:
// `npm run bench -- --only memory/refill` has the goals. All that lives is read again and compared.

import { describe, expect, it } from 'vitest'
import { KINDS, MIB, WAYS, refillEmptied, usableShare } from '../../bench/lib/refill.mjs'
import type { SharedMap } from '../../lib/index'
import { BACKENDS } from '../support/kernels'
import { KINDS_THAT_FIT, labFor, short } from '../support/refill'

const ways = Object.keys(WAYS)
/** The goal is 95 % in larger maps. */
const EMPTIED = 0.9

describe.each(BACKENDS)('memory that comes back, %s', backend => {
  const { lab, where, size, othersOf } = labFor(backend)

  it.each(KINDS_THAT_FIT)('a map that was full of %s and was emptied holds as much of anything else as a new one', kind => {
    const missing = othersOf(kind).flatMap((other, n) => {
      const way = ways[(n + KINDS_THAT_FIT.indexOf(kind)) % ways.length]!
      return short(EMPTIED, refillEmptied(lab, size, kind, other, way), `of ${other}, deleted ${way}`)
    })
    expect(missing, where).toEqual([])
  })

  it.each(ways)('whichever way all is deleted, the memory comes back: %s', way => {
    const pairs = [['100 B', '1 kB'], ['1 kB', '100 B'], ['100 kB', '16 B']]
    const missing = pairs.flatMap(([a, b]) => short(EMPTIED, refillEmptied(lab, size, a, b, way), `of ${b}, after ${a}`))
    expect(missing, where).toEqual([])
  })

  it.each([['of 100 bytes', (n: number) => n], ['with a key of 100 bytes', (n: number) => `${n}`.padEnd(100)]])('one entry %s that lives on, wherever it lies, keeps no table from growing', (_, keyOf) => {
    const share = (n: number): string[] => {
      const map = lab.create(size) as SharedMap<any, any>
      let many = 0
      try { for (;; many++) map.set(keyOf(many), `${many}`.padEnd(100)) } catch { /* it is full */ }
      for (let other = 0; other < many; other++) if (other !== Math.floor(many * n / 12)) map.delete(keyOf(other))
      let held = 0
      try { for (;; held++) map.set(-1 - held, held) } catch { /* it is full */ }
      return short(EMPTIED, { held, wanted: lab.fresh(size, 'integers') }, `after entry ${n} of 12`)
    }
    expect(Array.from({ length: 12 }, (__, n) => n).flatMap(share), where).toEqual([])
  })

  // Two tables of the same size are kept: integers cannot use more than half, and entries of 100 bytes have 32 of slots and 128 of block.
  const least = { 'integers': 0.47, '100 B': 0.63, '1 kB': 0.85, '100 kB': 0.85, '1 MB': 0.9 }
  it.each(Object.entries(least).filter(([kind]) => backend === 'wasm' || kind !== 'integers'))('a new map of 8 MiB is mostly for its entries: %s', (kind, share) => {
    expect(usableShare(lab, 8 * MIB, kind).share).toBeGreaterThan(share)
  })

  it.each(['integers', '100 B', '1 kB', '10 kB'])('half of the smallest map is for its entries: %s', kind => {
    expect(usableShare(lab, MIB / 8, kind).share).toBeGreaterThan(kind === 'integers' ? 0.36 : 0.46)
  })
})

describe('the kinds of values that maps are filled with', () => {
  it('have the bytes that they say, and are different for different entries and fillings', () => {
    for (const { bytes, make, same } of Object.values<any>(KINDS)) {
      const values = [0, 1, 2, 99, 100_000].flatMap(n => [make(n, 1), make(n, 2)])
      for (const value of values) if (typeof value !== 'number') expect(value.length).toBe(bytes)
      values.forEach((value, i) => values.forEach((other, j) => expect(same(value, other)).toBe(i === j)))
    }
  })
})
