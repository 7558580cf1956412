import { describe, expect, it } from 'vitest'
import { ROOT, RootStep, generationOf, isOlder, rootWord } from '../../../lib/kernel/words/root'
import { expectBackward, expectOnlyListedSteps } from '../../support/words'

describe('the root word', () => {
  it('reads back its generation', () => { for (const generation of [0, 2, 0x7fffffff, -0x80000000, -1]) expect(generationOf(rootWord(generation))).toBe(generation) })
  it('takes no step that is not listed', () => { expectOnlyListedSteps(ROOT, () => [rootWord(5), rootWord(6)]) })
  it('goes on one generation at a time, across the wrap too', () => {
    for (const next of [4, 5, 7]) expectBackward(RootStep.Promote, rootWord(5), rootWord(next))
    expectOnlyListedSteps(ROOT, () => [rootWord(0x7fffffff), rootWord(-0x80000000)])
  })
})

describe('generations', () => {
  it('are older or not, across the wrap too', () => {
    expect([isOlder(1, 2), isOlder(2, 1), isOlder(2, 2)]).toEqual([true, false, false])
    expect([isOlder(0x7fffffff, -0x80000000), isOlder(-0x80000000, 0x7fffffff), isOlder(-1, 0)]).toEqual([true, false, true])
  })
})
