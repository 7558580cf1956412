import { describe, expect, it } from 'vitest'
import { classOfBlock, isBeingWritten, openStamp, sealedStamp, stampOf, typeOfBlock } from '../../../lib/kernel/words/stamp'
import { pack } from '../../../lib/kernel/memory'

describe('a stamp', () => {
  it('holds class and type, up to the largest', () => {
    const word = openStamp(0n, 0xff, 0xff)
    expect([classOfBlock(word), typeOfBlock(word)]).toEqual([0xff, 0xff])
    expect([classOfBlock(openStamp(0n, 5, 0)), typeOfBlock(openStamp(0n, 0, 5))]).toEqual([5, 5])
  })
  it('is odd while the block is written, and even from then on', () => {
    const open = openStamp(0n, 1, 2), sealed = sealedStamp(open)
    expect([isBeingWritten(open), isBeingWritten(sealed), stampOf(sealed) - stampOf(open)]).toEqual([true, false, 1])
    expect([classOfBlock(sealed), typeOfBlock(sealed)]).toEqual([1, 2])
  })
  it('is another at each use, also where the last was never sealed', () => {
    const seen = new Set<number>()
    let word = 0n
    for (let n = 0; n < 20; n++) {
      word = openStamp(word, 1, n)
      expect(isBeingWritten(word)).toBe(true)
      seen.add(stampOf(word))
      if (n % 3 > 0) { word = sealedStamp(word); seen.add(stampOf(word)) }
    }
    expect(seen.size).toBe(20 + 13)
  })
  it('wraps', () => { expect([stampOf(sealedStamp(pack(-1, 0))), stampOf(openStamp(pack(-1, 0), 0, 0)), stampOf(openStamp(pack(0, 0), 0, 0))]).toEqual([0, 1, 1]) })
})
