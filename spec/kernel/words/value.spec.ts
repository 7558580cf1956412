import { describe, expect, it } from 'vitest'
import { low, pack } from '../../../lib/kernel/memory'
import { illegality } from '../../../lib/kernel/transitions'
import { Tag } from '../../../lib/kernel/words/key'
import {
  VALUE, Value, ValueStep, bareWord, emptyValue, isDead, isEmptyValue, isLive, isPrime, isReadable, primeWord, valueReference, valueState, valueTag, valueWord,
  versionOf,
} from '../../../lib/kernel/words/value'
import { expectBackward, expectOnlyListedSteps, expectReachable } from '../../support/words'

const LAST = 0x1fffffff
const BARE = [Value.Empty, Value.Tombstone, Value.DeadEmpty, Value.DeadDeleted, Value.DeadMoved]
const TAGS = [Tag.Integer, Tag.Record, Tag.Constant]
/** A word that precedes the given version. */
const before = (version: number): bigint => pack(version - 1 << 3, 0)

/** A word of the state, in this version. */
function word(state: string, version: number): bigint {
  if (state === 'Value') return valueWord(before(version), Tag.Integer, 7)
  if (state === 'Prime') return primeWord(valueWord(before(version - 1), Tag.Integer, 7))
  return bareWord(before(version), Value[state as keyof typeof Value])
}

describe('a value word', () => {
  it('holds every payload under every tag, live and Prime, in every version', () => {
    for (const version of [1, 2, LAST - 1]) for (const tag of TAGS) for (const payload of [0, 1, 4, -1, 0x7fffffff, -0x80000000]) {
      const live = valueWord(before(version), tag, payload), prime = primeWord(live)
      expect([valueTag(live), low(live), versionOf(live), valueState(live)]).toEqual([tag, payload, version, Value.Value])
      expect([valueTag(prime), low(prime), versionOf(prime), valueState(prime)]).toEqual([tag, payload, version + 1, Value.Prime])
      expect([isReadable(live), isLive(live), isPrime(live), isDead(live), isEmptyValue(live)]).toEqual([true, true, false, false, false])
      expect([isReadable(prime), isLive(prime), isPrime(prime), isDead(prime), isEmptyValue(prime)]).toEqual([true, false, true, false, false])
    }
  })
  it('says without a value why there is none', () => {
    for (const state of BARE) {
      const bare = bareWord(before(LAST), state), dead = state >= Value.DeadEmpty
      expect([valueState(bare), valueTag(bare), versionOf(bare)]).toEqual([state, Tag.None, LAST])
      expect([isReadable(bare), isLive(bare), isPrime(bare), isDead(bare), isEmptyValue(bare)]).toEqual([false, false, false, dead, state === Value.Empty])
    }
  })
  it('holds a reference below the stamp\'s bits', () => {
    expect(valueReference(valueWord(0n, Tag.Record, 0x0fffffff | 15 << 28))).toBe(0x0fffffff)
    expect(valueReference(valueWord(0n, Tag.Record, 1))).toBe(1)
  })
  it('is Empty when all zero', () => { expect([VALUE.stateOf(0n), isEmptyValue(0n)]).toEqual(['Empty', true]) })
  it('wraps its version alone', () => {
    const last = pack(LAST << 3 | Tag.Integer, 9)
    expect(valueWord(last, Tag.Constant, 5)).toBe(pack(Tag.Constant, 5))
    expect(primeWord(last)).toBe(pack(Tag.Integer | 4, 9))
    expect(bareWord(last, Value.Empty)).toBe(0n)
  })
  it('is cleaned, on a page that comes back to the tables, to the Empty word of the floor\'s version, whatever was there', () => {
    for (const version of [0, 9, LAST]) expect([versionOf(emptyValue(version)), VALUE.stateOf(emptyValue(version))]).toEqual([version, 'Empty'])
    for (const seen of [0n, word('Prime', 5), word('DeadMoved', 9)]) expect(illegality(ValueStep.CleanValue, seen, emptyValue(7))).toBe('')
    expect(illegality(ValueStep.CleanValue, word('Value', 5), word('Tombstone', 6))).toContain('illegal step of a value word')
  })
  it('reaches every state', () => { expectReachable(VALUE, 'Empty') })
  it('takes no step that is not listed', () => { expectOnlyListedSteps(VALUE, (from, to) => [word(from, 5), word(to, 6)]) })
  it('never stands still, goes back or skips a version', () => {
    for (const version of [4, 5, 7]) for (const step of VALUE.steps) {
      if (step.id !== ValueStep.CleanValue) expectBackward(step.id, word(step.from, 5), word(step.to, version))
    }
    expectBackward(ValueStep.SweepMoved, word('DeadMoved', 5), 0n)
  })
})
