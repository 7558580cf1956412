import { describe, expect, it } from 'vitest'
import { REGION, Region, RegionStep, regionState, regionWord } from '../../../lib/kernel/words/region'
import { generationOf } from '../../../lib/kernel/words/root'
import { expectBackward, expectOnlyListedSteps, expectReachable } from '../../support/words'

const word = (state: string, generation: number): bigint => regionWord(generation, Region[state as keyof typeof Region])

describe('a directory word', () => {
  it('reads back what it was made of', () => {
    for (const generation of [0, 2, 0x7fffffff, -1]) for (const state of [Region.Free, Region.InUse, Region.Retired]) {
      expect([generationOf(regionWord(generation, state)), regionState(regionWord(generation, state))]).toEqual([generation, state])
    }
  })
  it('is free when all zero', () => { expect(REGION.stateOf(0n)).toBe('Free') })
  it('reaches every state', () => { expectReachable(REGION, 'Free') })
  it('takes no step that is not listed', () => { expectOnlyListedSteps(REGION, (from, to) => [word(from, 5), word(to, to === 'InUse' ? 7 : 5)]) })
  it('is taken for a later generation only, and otherwise keeps its own', () => {
    expectBackward(RegionStep.Take, word('Free', 5), word('InUse', 5))
    expectBackward(RegionStep.Take, word('Free', 5), word('InUse', 4))
    expectBackward(RegionStep.Retire, word('InUse', 5), word('Retired', 6))
    expectBackward(RegionStep.Release, word('Retired', 5), word('Free', 4))
  })
})
