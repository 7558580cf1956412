import { describe, expect, it } from 'vitest'
import { FLOOR, FloorStep, floorIn, floorWord, isAbove } from '../../../lib/kernel/words/floor'
import { expectBackward, expectOnlyListedSteps } from '../../support/words'

const LAST = 0x1fffffff

describe('the floor word', () => {
  it('reads back its version, up to the largest', () => {
    for (const version of [0, 1, LAST]) expect(floorIn(floorWord(version))).toBe(version)
  })
  it('compares versions across the wrap', () => {
    expect([isAbove(6, 5), isAbove(5, 6), isAbove(5, 5), isAbove(0, LAST), isAbove(LAST, 0)]).toEqual([true, false, false, true, false])
  })
  it('takes no step that is not listed', () => { expectOnlyListedSteps(FLOOR, () => [floorWord(5), floorWord(6)]) })
  it('only grows, also across the wrap', () => {
    for (const version of [5, 4, LAST]) expectBackward(FloorStep.Raise, floorWord(5), floorWord(version))
    expect(FLOOR.forward(floorWord(LAST), floorWord(3), FLOOR.steps[0]!)).toBe(true)
  })
})
