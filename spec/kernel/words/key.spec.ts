import { describe, expect, it } from 'vitest'
import {
  KEY, KeyStep, Tag, emptyKey, endsProbe, isEmptyKey, keyForm, keyReference, keyTag, keyWord, recordForm, recordPiece, sealedKey, sweptKey,
} from '../../../lib/kernel/words/key'
import { high, low, pack } from '../../../lib/kernel/memory'
import { illegality } from '../../../lib/kernel/transitions'
import { expectBackward, expectOnlyListedSteps, expectReachable } from '../../support/words'

const LAST = 0x3ffffff
const empty = (incarnation: number): bigint => pack(incarnation << 6, 0)
const word = (state: string, incarnation: number): bigint =>
  state === 'Empty' ? empty(incarnation) : state === 'Sealed' ? sealedKey(empty(incarnation)) : keyWord(empty(incarnation), Tag.Integer, 7)
const incarnationOf = (key: bigint): number => high(key) >>> 6

describe('a key word', () => {
  it('holds every integer, in every incarnation', () => {
    for (const incarnation of [0, 1, LAST]) for (const payload of [0, 1, -1, 0x7fffffff, -0x80000000]) for (const tag of [Tag.Integer, Tag.Constant]) {
      const key = keyWord(empty(incarnation), tag, payload)
      expect([keyTag(key), keyForm(key), low(key), incarnationOf(key)]).toEqual([tag, tag, payload, incarnation])
      expect([endsProbe(key), isEmptyKey(key), KEY.stateOf(key)]).toEqual([false, false, 'Key'])
    }
  })
  it('holds a reference and both pieces of the hash', () => {
    for (const hash of [0, -1, 0x12345678, 0xf0, 0x0f]) for (const reference of [1, 0x0fffffff]) {
      const key = keyWord(empty(LAST), recordForm(hash), recordPiece(hash) | reference)
      expect([keyTag(key), keyForm(key), keyReference(key), incarnationOf(key)]).toEqual([Tag.Record, recordForm(hash), reference, LAST])
      expect([keyForm(key) >>> 2, low(key) >>> 28]).toEqual([hash & 15, hash >>> 4 & 15])
    }
  })
  it('is Empty when all zero', () => { expect([KEY.stateOf(0n), isEmptyKey(0n), endsProbe(0n)]).toEqual(['Empty', true, true]) })
  it('ends a probe where it is Empty or sealed', () => {
    expect([endsProbe(sealedKey(empty(3))), isEmptyKey(sealedKey(empty(3))), KEY.stateOf(sealedKey(empty(3)))]).toEqual([true, false, 'Sealed'])
  })
  it('is swept to the Empty of the next incarnation, from every form, and wraps', () => {
    for (const key of [word('Key', 8), word('Sealed', 8), keyWord(empty(8), recordForm(-1), -1)]) expect(sweptKey(key)).toBe(empty(9))
    expect(sweptKey(word('Key', LAST))).toBe(0n)
  })
  it('is cleaned, on a page that comes back to the tables, to one Empty word for each generation, whatever was there', () => {
    for (const generation of [2, 3, LAST]) expect(emptyKey(generation)).toBe(empty(generation))
    for (const seen of [0n, -1n, word('Key', 5), word('Sealed', 9)]) expect(illegality(KeyStep.CleanKey, seen, emptyKey(7))).toBe('')
    expect(illegality(KeyStep.CleanKey, word('Empty', 5), word('Sealed', 5))).toContain('illegal step of a key word')
  })
  it('reaches every state', () => { expectReachable(KEY, 'Empty') })
  it('takes no step that is not listed', () => { expectOnlyListedSteps(KEY, (from, to) => [word(from, 5), word(to, to === 'Empty' ? 6 : 5)]) })
  it('changes its incarnation when it is swept, and only then', () => {
    expectBackward(KeyStep.Claim, word('Empty', 5), word('Key', 6))
    expectBackward(KeyStep.Seal, word('Empty', 5), word('Sealed', 4))
    for (const incarnation of [4, 5, 7]) expectBackward(KeyStep.SweepKey, word('Key', 5), word('Empty', incarnation))
  })
})
