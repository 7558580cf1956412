import { describe, expect, it } from 'vitest'
import { expectCovered } from '../../../lib/harness/explore'
import { profile, runPart } from '../../support/profile'

describe('the map under the explorer', () => {
  const all = profile()

  it('is right with three threads across a resize', () => { runPart(all, 'triples', 7) })
  it('is right while a keyed table is keyed anew, and with keys in pieces, any one thread killed', { timeout: 240_000 }, () => { runPart(all, 'reseeds', 3) })
  it('is right while workers join, leave and are reaped, any one of them killed', { timeout: 240_000 }, () => { runPart(all, 'comings', 1) })
  it('is right when many keys are read or written in one call', () => { runPart(all, 'bulk', 14) })
  it('is right when one thread stands still while another goes through several tables', () => { runPart(all, 'stalls', 19) })

  it('takes every step of TRANSITIONS on the way', () => {
    runPart(all, 'pairs', 37)
    runPart(all, 'memory', 3)
    const { integers, records } = all.monitors
    for (const [step, count] of records.taken) integers.taken.set(step, (integers.taken.get(step) ?? 0) + count)
    // Cells that are cleaned have no names before they are slots: zone.spec holds these steps against TRANSITIONS.
    expectCovered(integers, ['key: clean key', 'value: clean value'])
    expect(integers.taken.size).toBeGreaterThan(50)
  })
})
