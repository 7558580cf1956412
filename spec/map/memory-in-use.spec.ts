// Memory that comes back while entries live in the map: few that are left keep nothing from the others, and sizes may change. See
// `memory.spec.ts`; the goals are in the benchmark's `memory/refill`.

import { describe, expect, it } from 'vitest'
import { MIB, churn, creepUp, growOne, refillThinned } from '../../bench/lib/refill.mjs'
import { BACKENDS } from '../support/kernels'
import { KINDS_THAT_FIT, labFor, short } from '../support/refill'

/** The goal is 80 % in larger maps. */
const THINNED = 0.7
/** A tenth of them would be less than one. */
const TOO_FEW = '100 kB'

describe.each(BACKENDS)('memory that comes back around what lives, %s', backend => {
  const { lab, where, size, othersOf } = labFor(backend)

  it.each(KINDS_THAT_FIT.filter(kind => kind !== TOO_FEW))('a random tenth of a map full of %s, left alive, keeps nothing else from its room', kind => {
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
    const writes = backend === 'wasm' ? 60_000 : 20_000, { failures, growth } = churn(lab, 4 * MIB, { writes, window: 3000 })
    expect(failures, where).toBe(0)
    expect(growth, where).toBeLessThan(1.05)
  })
})
