import { describe, expect, it } from 'vitest'
import { ZONE, Zone, ZoneStep, isOpen, zoneGeneration, zonePages, zoneWord } from '../../../lib/kernel/words/zone'
import { type Step } from '../../../lib/kernel/step'
import { expectBackward, expectOnlyListedSteps, expectReachable } from '../../support/words'

const word = (state: string, generation: number, pages: number): bigint => zoneWord(generation, pages, Zone[state as keyof typeof Zone])
/** As many pages after the step as it asks for, of the generation that it asks for. */
const after = ({ id }: Step): [number, number] => [id === ZoneStep.Open ? 6 : 5, id === ZoneStep.Extend ? 9 : id === ZoneStep.Shrink ? 7 : 8]

describe('the zone word', () => {
  it('reads back what it was made of, up to the largest', () => {
    for (const generation of [2, 0x7fffffff, -1]) for (const pages of [1, 2, 0x3fffff]) for (const state of [Zone.Closed, Zone.Open]) {
      const made = zoneWord(generation, pages, state)
      expect([zoneGeneration(made), zonePages(made), isOpen(made)]).toEqual([generation, pages, state === Zone.Open])
    }
  })
  it('is Closed when all zero', () => { expect(ZONE.stateOf(0n)).toBe('Closed') })
  it('reaches every state', () => { expectReachable(ZONE, 'Closed') })
  it('takes no step that is not listed', () => { expectOnlyListedSteps(ZONE, (from, to, step) => [word(from, 5, 8), word(to, ...after(step))]) })
  it('is opened for a later generation, and keeps its pages then', () => {
    expectBackward(ZoneStep.Open, word('Closed', 5, 8), word('Open', 5, 8))
    expectBackward(ZoneStep.Open, word('Closed', 5, 8), word('Open', 4, 8))
    for (const pages of [7, 9]) expectBackward(ZoneStep.Open, word('Closed', 5, 8), word('Open', 6, pages))
    expect(ZONE.forward(word('Closed', -1 >>> 1, 8), word('Open', -0x80000000, 8), ZONE.steps[0]!)).toBe(true)
  })
  it('grows while it is open, shrinks while it is closed, and changes neither way when it is closed', () => {
    for (const pages of [7, 8]) expectBackward(ZoneStep.Extend, word('Open', 5, 8), word('Open', 5, pages))
    for (const pages of [8, 9]) expectBackward(ZoneStep.Shrink, word('Closed', 5, 8), word('Closed', 5, pages))
    for (const pages of [7, 9]) expectBackward(ZoneStep.Close, word('Open', 5, 8), word('Closed', 5, pages))
    for (const step of [ZoneStep.Extend, ZoneStep.Close, ZoneStep.Shrink]) {
      const { from, to } = ZONE.steps.find(({ id }) => id === step)!
      expectBackward(step, word(from, 5, 8), word(to, 6, after({ id: step } as Step)[1]))
    }
  })
})
