// Memory that comes back: what was deleted is of use for whatever comes next. The benchmark's `memory/refill` in small, and with
// margins: `npm run bench -- --only memory/refill` has the goals. All that lives is read again and compared.

import { afterAll, describe, expect, it } from 'vitest'
import { KINDS, Lab, MIB, WAYS, churn, creepUp, growOne, refillEmptied, refillThinned, usableShare } from '../../bench/lib/refill.mjs'
import * as library from '../../lib/index'
import { collect } from '../support/collect'
import { BACKENDS, Random } from '../support/kernels'

const KINDS_THAT_FIT = ['integers', '16 B', '100 B', '1 kB', '10 kB', '100 kB', 'keys of 3 kB'], ways = Object.keys(WAYS)
/** What lies below the goals: a spec's maps are small, and one value more or less is much of them. */
const EMPTIED = 0.9, THINNED = 0.7

interface Refilled { held: number, wanted: number, share: number }
/** The kinds of which less fits than must: `10 of 820 of 1 kB`. One value of many counts, one of a few does not. */
const short = (least: number, { held, wanted }: Refilled, what: string): string[] => held >= Math.floor(wanted * least) ? [] : [`${held} of ${wanted} ${what}`]

describe.each(BACKENDS)('memory that comes back, %s', backend => {
  // A collection after each map would take as long as the map.
  let maps = 0
  const seed = new Random().seed, lab = new Lab(library, { backend, seed, collect: () => { if (++maps % 25 === 0) collect() } })
  afterAll(() => collect())
  const where = `seed ${seed}`
  /** JavaScript is slow: its maps are smaller, and each kind meets one other, in place of all. */
  const size = backend === 'wasm' ? MIB : MIB / 2
  const othersOf = (kind: string): string[] => {
    const others = KINDS_THAT_FIT.filter(other => other !== kind), n = KINDS_THAT_FIT.indexOf(kind)
    return backend === 'wasm' ? others : [KINDS_THAT_FIT[(n + 3) % KINDS_THAT_FIT.length]!]
  }

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

  it.each(KINDS_THAT_FIT.filter(kind => kind !== '100 kB'))('a random tenth of a map full of %s, left alive, keeps nothing else from its room', kind => {
    const missing = othersOf(kind).flatMap(other => short(THINNED, refillThinned(lab, size, kind, other), `of ${other}`))
    expect(missing, where).toEqual([])
  })

  it('a value that grows at each write can grow to three tenths of the map', () => {
    expect(growOne(lab, size, backend === 'wasm' ? 64 : 512) / size).toBeGreaterThan(0.3)
  })

  it('values that all grow little by little fill most of the map before the first write fails', () => {
    expect(creepUp(lab, 4 * MIB, { keys: 200, most: 512 }).share, where).toBeGreaterThan(0.65)
  })

  it('a map whose values change their sizes again and again, 60 % of it live, never runs out of memory and takes no more and more', () => {
    const writes = backend === 'wasm' ? 60_000 : 16_000, { failures, growth } = churn(lab, 4 * MIB, { writes, window: writes / 20 })
    expect(failures, where).toBe(0)
    expect(growth, where).toBeLessThan(1.05)
  })

  it('a new map of 8 MiB is mostly for the entries that are put into it', () => {
    const least = { 'integers': 0.5, '100 B': 0.77, '1 kB': 0.85, '100 kB': 0.85, '1 MB': 0.7 }
    const kinds = Object.entries(least).filter(([kind]) => backend === 'wasm' || kind !== 'integers')
    const poor = kinds.map(([kind, share]) => [kind, usableShare(lab, 8 * MIB, kind).share, share] as const).filter(([, share, wanted]) => share < wanted)
    expect(poor).toEqual([])
  })

  it.each(['integers', '100 B', '1 kB', '10 kB'])('half of the smallest map is for entries: %s', kind => {
    expect(usableShare(lab, MIB / 8, kind).share).toBeGreaterThan(0.46)
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
