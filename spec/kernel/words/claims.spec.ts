import { describe, expect, it } from 'vitest'
import { CLAIMS, ClaimsBits, ClaimsStep, claimsCount, closedWord, isClosed, isForClear, isSettled, reservedWord, settledWord } from '../../../lib/kernel/words/claims'
import { high, pack } from '../../../lib/kernel/memory'
import { expectBackward, expectOnlyListedSteps, expectReachable } from '../../support/words'

const flags: Record<string, number> = { Unsettled: 0, Open: ClaimsBits.Settled, Closed: ClaimsBits.Settled | ClaimsBits.Closed, Clearing: ClaimsBits.Settled | ClaimsBits.Closed | ClaimsBits.Clear }
const word = (state: string, generation: number, count = 5): bigint => pack(generation, count | flags[state]!)

describe('a claims word', () => {
  it('counts reservations, up to the most', () => {
    const most = reservedWord(pack(7, 0), ClaimsBits.Count)
    expect([claimsCount(most), isClosed(most), isSettled(most), high(most)]).toEqual([0x0fffffff, false, false, 7])
    expect(claimsCount(reservedWord(pack(7, 3), 4))).toBe(7)
  })
  it('is closed and settled beside its count', () => {
    const settled = settledWord(pack(7, 10), 4)
    expect([claimsCount(settled), isSettled(settled), isClosed(settled)]).toEqual([6, true, false])
    const closed = closedWord(settled, false), clearing = closedWord(settled, true)
    expect([claimsCount(closed), isSettled(closed), isClosed(closed), isForClear(closed), high(closed)]).toEqual([6, true, true, false, 7])
    expect([claimsCount(clearing), isSettled(clearing), isClosed(clearing), isForClear(clearing), high(clearing)]).toEqual([6, true, true, true, 7])
  })
  it('is unsettled when all zero', () => { expect(CLAIMS.stateOf(0n)).toBe('Unsettled') })
  it('reaches every state', () => { expectReachable(CLAIMS, 'Unsettled') })
  it('takes no step that is not listed', () => {
    expectOnlyListedSteps(CLAIMS, (from, to, step) => [word(from, 5), word(to, step.from === 'Older' ? 6 : 5, 6)])
  })
  it('is renewed for a later generation only, and otherwise keeps its own', () => {
    expectBackward(ClaimsStep.Renew, word('Closed', 5), word('Unsettled', 5))
    expectBackward(ClaimsStep.Reserve, word('Open', 5), word('Open', 6))
    expectBackward(ClaimsStep.Close, word('Open', 5), word('Closed', 4))
  })
})
