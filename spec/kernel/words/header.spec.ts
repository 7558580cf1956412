import { describe, expect, it } from 'vitest'
import { CAPACITY, CapacityBits, HeaderStep, SEED, TABLE_FLOOR, isFresh, isKeyed, slotsOf } from '../../../lib/kernel/words/header'
import { pack } from '../../../lib/kernel/memory'
import { expectBackward, expectOnlyListedSteps } from '../../support/words'

describe('a capacity word', () => {
  it('holds the most slots beside its flags', () => {
    for (const slots of [0, 1, 4, 0x0fffffff]) for (const keyed of [false, true]) for (const fresh of [false, true]) {
      const word = pack(9, slots | (keyed ? CapacityBits.Keyed : 0) | (fresh ? CapacityBits.Fresh : 0))
      expect([slotsOf(word), isKeyed(word), isFresh(word)]).toEqual([slots, keyed, fresh])
    }
  })
})

describe.each([
  ['capacity', CAPACITY, HeaderStep.SetCapacity], ['seed', SEED, HeaderStep.SetSeed], ['table floor', TABLE_FLOOR, HeaderStep.SetFloor],
] as const)('a %s word', (_, kind, step) => {
  it('takes no step that is not listed', () => { expectOnlyListedSteps(kind, () => [pack(5, 1), pack(6, 2)]) })
  it('is set for a later generation only', () => {
    expectBackward(step, pack(5, 1), pack(5, 2))
    expectBackward(step, pack(5, 1), pack(4, 2))
  })
  it('is set across the wrap of the generations', () => {
    expectOnlyListedSteps(kind, () => [pack(0x7fffffff, 1), pack(-0x80000000, 1)])
    expectBackward(step, pack(-0x80000000, 1), pack(0x7fffffff, 1))
  })
})
