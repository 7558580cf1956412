import { describe, expect, it } from 'vitest'
import { high, low, pack } from '../../../lib/kernel/memory'
import { CLASSES, RUN_CLASS } from '../../../lib/kernel/sizes'
import { Key, KEY, Tag, keyTag, sealedKey } from '../../../lib/kernel/words/key'
import {
  classOfBlock, finalStamp, hashIn, hashedStamp, isBeingWritten, lengthWord, openStamp, sealedStamp, stampOf, typeOfBlock, wasBlock,
} from '../../../lib/kernel/words/stamp'
import { ValueBits } from '../../../lib/kernel/words/value'

const HASHES = [0, -1, 7, 8, 0x12345678, -0x80000000]
const TYPES = [0, 1, 0xff]
/** First words that a block may find in its memory: none, slots' words, those of blocks, bytes. */
const SEEN = [0n, sealedKey(0n), pack(5 << 6 | Tag.Integer, 1), pack(-1, -1), pack(0x12345678, 0x9abcdef0 | 0), sealedStamp(openStamp(0n, 3, 1, 77))]

/** All first words that a block has in its life. */
function* firstWords(): Generator<bigint> {
  for (const seen of SEEN) for (const sizeClass of [1, CLASSES - 1, RUN_CLASS]) for (const type of TYPES) for (const hash of HASHES) {
    const open = openStamp(seen, sizeClass, type, hash), hashed = hashedStamp(open, ~hash)
    yield* [open, hashed, sealedStamp(open), sealedStamp(hashed)]
  }
}

describe('a stamp', () => {
  it('holds class and type, up to the largest', () => {
    for (const seen of SEEN) for (const sizeClass of [0, 1, RUN_CLASS]) for (const type of TYPES) {
      const word = openStamp(seen, sizeClass, type, -1)
      for (const each of [word, hashedStamp(word, 0), sealedStamp(word)]) expect([classOfBlock(each), typeOfBlock(each)]).toEqual([sizeClass, type])
    }
  })
  it('says that the block is being written, until it is sealed: then it is the next stamp', () => {
    for (const seen of SEEN) {
      const open = openStamp(seen, 1, 2, 3), sealed = sealedStamp(open)
      expect([isBeingWritten(open), isBeingWritten(hashedStamp(open, 4)), isBeingWritten(sealed), stampOf(sealed)])
        .toEqual([true, true, false, stampOf(open) + 1 & 0x1fffffff])
      expect([finalStamp(open), finalStamp(sealed)]).toEqual([stampOf(sealed), stampOf(sealed)])
    }
  })
  it('is another at each use, also where the last was never sealed', () => {
    const sealed = new Set<number>()
    let word = 0n
    for (let n = 0; n < 20; n++) {
      word = openStamp(word, 1, n, n)
      expect([isBeingWritten(word), sealed.has(finalStamp(word))]).toEqual([true, false])
      if (n % 3 === 0) continue
      word = sealedStamp(word)
      sealed.add(stampOf(word))
    }
    expect(sealed.size).toBe(13)
  })
  it('wraps', () => {
    const last = pack(0x1fffffff << 3, 0)
    const open = openStamp(last, 0, 0, 0), sealed = sealedStamp(open)
    expect([finalStamp(open), stampOf(sealed), isBeingWritten(sealed)]).toEqual([0, 0, false])
  })
  it('is known for one by whoever takes the memory next; no word of a slot is, nor memory that was never used', () => {
    for (const word of firstWords()) expect(wasBlock(word)).toBe(true)
    for (const seen of [0n, sealedKey(pack(5 << 6, 0)), pack(-64, 0), pack(-64 | Tag.Integer, -1), pack(-64 | Tag.Record, -1), pack(-64 | Tag.Constant, -1)]) {
      expect(wasBlock(seen), KEY.stateOf(seen)).toBe(false)
    }
  })
})

describe('the first two words of a block', () => {
  it('hold the hash of its record, and its length, up to the largest', () => {
    for (const hash of HASHES) for (const length of [0, 1, 0x40000000]) {
      const first = openStamp(0n, 5, 3, hash), second = lengthWord(length, hash)
      expect([hashIn(first, second), low(second)]).toEqual([hash, length])
      expect(hashIn(hashedStamp(openStamp(0n, 5, 3, ~hash), hash), second)).toBe(hash)
    }
  })
  it('are none that a slot can have: neither first a key word, nor second a value word', () => {
    for (const word of firstWords()) expect([keyTag(word), low(word) === Key.Empty || low(word) === Key.Sealed]).toEqual([Tag.None, false])
    for (const hash of HASHES) for (const length of [0, 1, 4, 0x40000000]) expect(high(lengthWord(length, hash)) & ValueBits.Tag).toBe(ValueBits.PrimeFlag)
  })
})
