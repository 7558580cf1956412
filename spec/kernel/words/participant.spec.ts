import { describe, expect, it } from 'vitest'
import { PARTICIPANT, Participant, ParticipantStep, areaIn, meOf, participantState, participantWord, threadOf, ticketIn, ticketOf } from '../../../lib/kernel/words/participant'
import { expectBackward, expectOnlyListedSteps, expectReachable } from '../../support/words'

const word = (state: string, generation: number): bigint => participantWord(generation, 3, Participant[state as keyof typeof Participant])

describe('an owner word', () => {
  it('reads back what it was made of, up to the largest', () => {
    for (const thread of [0, 1, 0x3fffffff]) for (const state of [Participant.Vacant, Participant.Invited, Participant.Owned, Participant.Reaped]) {
      const made = participantWord(-1, thread, state)
      expect([threadOf(made), participantState(made), ticketOf(made)]).toEqual([thread, state, 0xfff])
    }
  })
  it('gives `me`: the area above the ticket', () => {
    for (const area of [1, 4095, 0x7ffff]) for (const generation of [1, 0xfff, 0x1000, 0x12345]) {
      const me = meOf(area, participantWord(generation, 0, Participant.Owned))
      expect([areaIn(me), ticketIn(me)]).toEqual([area, generation & 0xfff])
    }
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
