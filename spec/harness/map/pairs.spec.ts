import { describe, expect, it } from 'vitest'
import { profile, runPart } from '../../support/profile'

describe('every pair of operations, from every stage of a resize, one thread killed at any access', () => {
  it('is right in every interleaving (one in fifteen; npm run explore does all)', () => {
    const rows = runPart(profile(150_000), 'pairs', 15)
    // Nothing is left out silently: what is not exhaustive here is at least bounded.
    expect(rows.filter(row => row.verdict === 'exhaustive').length).toBeGreaterThan(rows.length * 0.9)
    expect(rows.filter(row => row.verdict === 'sampled')).toEqual([])
  })
})
