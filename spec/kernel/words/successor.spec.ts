import { describe, expect, it } from 'vitest'
import { generationOf } from '../../../lib/kernel/words/root'
import { SUCCESSOR, Successor, SuccessorStep, successorKind, successorWord } from '../../../lib/kernel/words/successor'
import { expectBackward, expectOnlyListedSteps, expectReachable } from '../../support/words'

const word = (state: string, generation: number): bigint => successorWord(generation, Successor[state as keyof typeof Successor])

describe('a successor word', () => {
  it('reads back what it was made of', () => {
    for (const kind of [Successor.None, Successor.Copy, Successor.Clear]) {
      expect([generationOf(successorWord(-1, kind)), successorKind(successorWord(-1, kind))]).toEqual([-1, kind])
    }
  })
  it('is None when all zero', () => { expect(SUCCESSOR.stateOf(0n)).toBe('None') })
  it('reaches every state', () => { expectReachable(SUCCESSOR, 'None') })
  it('takes no step that is not listed', () => {
    expectOnlyListedSteps(SUCCESSOR, (from, to, step) => [word(from, 5), word(to, step.from === 'Older' ? 6 : 5)])
  })
  it('is installed once, in its own generation', () => {
    expectBackward(SuccessorStep.InstallCopy, word('None', 5), word('Copy', 6))
    expectBackward(SuccessorStep.InstallClear, word('None', 5), word('Clear', 4))
    expectBackward(SuccessorStep.Renew, word('Copy', 5), word('None', 5))
  })
  it('has steps that follow from the kind', () => {
    expect([SuccessorStep.Renew + Successor.Copy, SuccessorStep.Renew + Successor.Clear]).toEqual([SuccessorStep.InstallCopy, SuccessorStep.InstallClear])
  })
})
