import { describe, expect, it } from 'vitest'
import { CACHE, CacheStep, LIST, ListStep, cacheTicket, cacheWord, listHead, listWord } from '../../../lib/kernel/words/list'
import { high, pack } from '../../../lib/kernel/memory'
import { expectBackward, expectOnlyListedSteps, expectReachable } from '../../support/words'

const reference = (state: string): number => state === 'Empty' ? 0 : 0x0fffffff

describe('the head of a shared list', () => {
  it('moves its version at every swap, and wraps', () => {
    const first = listWord(0n, 0x0fffffff), wrapped = listWord(pack(-1, 5), 0)
    expect([listHead(first), high(first), listHead(wrapped), high(wrapped)]).toEqual([0x0fffffff, 1, 0, 0])
  })
  it('is empty when all zero', () => { expect(LIST.stateOf(0n)).toBe('Empty') })
  it('reaches every state', () => { expectReachable(LIST, 'Empty') })
  it('takes no step that is not listed', () => {
    expectOnlyListedSteps(LIST, (from, to) => { const seen = pack(5, reference(from)); return [seen, listWord(seen, reference(to))] })
  })
  it('never stands still nor skips a version', () => {
    expectBackward(ListStep.Push, pack(5, 0), pack(5, 1))
    expectBackward(ListStep.Pop, pack(5, 1), pack(4, 0))
  })
})

describe('the head of a cache', () => {
  it('holds a ticket beside its version, up to the largest, and the version wraps alone', () => {
    const last = pack(0x7ffff << 13 | 0x1fff, 1), next = cacheWord(last, 0x7ffff, 2)
    expect([cacheTicket(last), cacheTicket(next), high(next) & 0x1fff, listHead(next)]).toEqual([0x7ffff, 0x7ffff, 0, 2])
    const other = cacheWord(pack(3 << 13 | 7, 1), 4, 0x0fffffff)
    expect([cacheTicket(other), high(other) & 0x1fff, listHead(other)]).toEqual([4, 8, 0x0fffffff])
  })
  it('reaches every state', () => { expectReachable(CACHE, 'Empty') })
  it('takes no step that is not listed', () => {
    expectOnlyListedSteps(CACHE, (from, to) => { const seen = pack(5 << 13 | 9, reference(from)); return [seen, cacheWord(seen, 5, reference(to))] })
  })
  it('never stands still', () => {
    expectBackward(CacheStep.Push, pack(5, 0), pack(5, 1))
    expectBackward(CacheStep.Adopt, pack(5, 1), pack(5, 1))
  })
})
