import { describe, expect, it } from 'vitest'
import { CapacityBits, isKeyed, slotsOf } from '../../../lib/kernel/words/header'
import { ROOT, RootStep, generationOf, isOlder, rootWord } from '../../../lib/kernel/words/root'
import { expectBackward, expectOnlyListedSteps } from '../../support/words'

describe('the root word', () => {
  it('reads back its generation, with the capacity and flags of its table, up to the largest', () => {
    for (const generation of [0, 2, 0x7fffffff, -0x80000000, -1]) for (const bits of [4, CapacityBits.Slots, CapacityBits.Keyed | CapacityBits.Fresh | CapacityBits.Slots]) {
      const word = rootWord(generation, bits)
      expect([generationOf(word), slotsOf(word), isKeyed(word)]).toEqual([generation, bits & CapacityBits.Slots, (bits & CapacityBits.Keyed) !== 0])
    }
  })
  it('takes no step that is not listed', () => { expectOnlyListedSteps(ROOT, () => [rootWord(5, 4), rootWord(6, 4)]) })
  it('goes on one generation at a time, across the wrap too', () => {
    for (const next of [4, 5, 7]) expectBackward(RootStep.Promote, rootWord(5, 4), rootWord(next, 4))
    expectOnlyListedSteps(ROOT, () => [rootWord(0x7fffffff, 4), rootWord(-0x80000000, 4)])
  })
})

describe('generations', () => {
  it('are older or not, across the wrap too', () => {
    expect([isOlder(1, 2), isOlder(2, 1), isOlder(2, 2)]).toEqual([true, false, false])
    expect([isOlder(0x7fffffff, -0x80000000), isOlder(-0x80000000, 0x7fffffff), isOlder(-1, 0)]).toEqual([true, false, true])
  })
})
