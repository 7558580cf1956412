import { describe, expect, it } from 'vitest'
import { FRONTIER, FrontierStep, areaSlots, frontierWord, lowestUnit } from '../../../lib/kernel/words/frontier'
import { expectBackward, expectOnlyListedSteps } from '../../support/words'

describe('a frontier word', () => {
  it('reads back what it was made of, up to the largest', () => {
    for (const [lowest, slots] of [[0, 0], [1, 2], [0x0fffffff, 0x0fffffff]] as const) {
      expect([lowestUnit(frontierWord(lowest, slots)), areaSlots(frontierWord(lowest, slots))]).toEqual([lowest, slots])
    }
  })
  it('takes no step that is not listed', () => {
    expectOnlyListedSteps(FRONTIER, (_from, _to, step) => [frontierWord(100, 10), step.id === FrontierStep.Carve ? frontierWord(99, 10) : frontierWord(100, 11)])
  })
  it('never gives back what it gave', () => {
    const seen = frontierWord(100, 10)
    expectBackward(FrontierStep.Carve, seen, frontierWord(101, 10))
    expectBackward(FrontierStep.Extend, seen, frontierWord(100, 9))
    expectBackward(FrontierStep.Extend, seen, seen)
  })
})
