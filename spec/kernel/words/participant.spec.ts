import { describe, expect, it } from 'vitest'
import {
  MOST_PLACES, PARTICIPANT, Participant, ParticipantStep, areaIn, guardedWord, isGuarded, meOf, participantState, participantWord, reapedWord, threadOf, ticketIn, ticketOf,
} from '../../../lib/kernel/words/participant'
import { expectBackward, expectOnlyListedSteps, expectReachable } from '../../support/words'

const word = (state: string, generation: number): bigint => participantWord(generation, 3, Participant[state as keyof typeof Participant])

describe('an owner word', () => {
  it('reads back what it was made of, up to the largest', () => {
    for (const thread of [0, 1, 0x1fffffff]) for (const state of [Participant.Vacant, Participant.Invited, Participant.Owned, Participant.Reaped]) {
      const made = participantWord(-1, thread, state)
      expect([threadOf(made), participantState(made), ticketOf(made)]).toEqual([thread, state, 0x7ffff])
    }
  })
  it('gives `me`: the area above the ticket', () => {
    for (const area of [1, 100, MOST_PLACES]) for (const generation of [1, 0x7ffff, 0x80000, 0x1234567]) {
      const me = meOf(area, participantWord(generation, 0, Participant.Owned))
      expect([areaIn(me), ticketIn(me)]).toEqual([area, generation & 0x7ffff])
      expect(me).toBeGreaterThan(0)
    }
  })
  it('remembers its thread and its guard when it is reaped, and forgets both for the next owner', () => {
    const owned = participantWord(5, 77, Participant.Owned), guarded = guardedWord(owned), reaped = reapedWord(guarded)
    expect([isGuarded(owned), isGuarded(guarded), isGuarded(reaped), isGuarded(reapedWord(owned))]).toEqual([false, true, true, false])
    expect([threadOf(guarded), threadOf(reaped), participantState(reaped), ticketOf(reaped)]).toEqual([77, 77, Participant.Reaped, 6])
  })
  it('is vacant when all zero', () => { expect(PARTICIPANT.stateOf(0n)).toBe('Vacant') })
  it('reaches every state', () => { expectReachable(PARTICIPANT, 'Vacant') })
  it('takes no step that is not listed', () => { expectOnlyListedSteps(PARTICIPANT, (from, to) => [word(from, 5), word(to, 6)]) })
  it('keeps its generation or goes on to the next', () => {
    expectBackward(ParticipantStep.Join, word('Vacant', 5), word('Owned', 4))
    expectBackward(ParticipantStep.Reap, word('Owned', 5), word('Reaped', 7))
    expectBackward(ParticipantStep.Leave, word('Owned', 5), word('Vacant', 3))
  })
})
