// The first two words of a block. The stamp tells one use of the block from the next; it is stored, never swapped,
// because only the one worker that holds the block writes it.
//
//    63                   35    34     33  32 31   20 19   17  16  15     8 7     0
//   +-----------------------+---------+-----+--------+-------+----+--------+-------+
//   | stamp (29)            | writing | 0   | 0      | hash  | 1  | class  | type  |
//   +-----------------------+---------+-----+--------+-------+----+--------+-------+
//   | hash (29)                   | 1  0  0 | length in bytes (32)               |
//   +-----------------------------------------+------------------------------------+
//
// Laws: a reader that sees the same stamp, not being written, before and after its copy, and its slot word unchanged between, has
// copied one use of the block, the one that was published there. And the words can be none of a slot's: the first lies where a
// slot has its key word, but has no tag and a payload above 1; the second where it has its value word, but with a tag of 4.
// So a swap by a worker that takes this memory for the slot it once was fails.

import { Word, high, low, pack } from '../memory'

export const enum StampBits { Writing = 4, Next = 8, Used = 0x10000, HashShift = 17, HashLow = 7, ValueTag = 4 }

export function stampOf(word: Word): i32 { return high(word) >>> 3 }
export function classOfBlock(word: Word): i32 { return low(word) >>> 8 & 0xff }
export function typeOfBlock(word: Word): i32 { return low(word) & 0xff }
export function isBeingWritten(word: Word): boolean { return (high(word) & StampBits.Writing) !== 0 }
/** Whether the memory has been a block before, as far as its first word tells. */
export function wasBlock(word: Word): boolean { return (low(word) & StampBits.Used) !== 0 && (high(word) & 3) === 0 }
/** The block is being written, under the stamp that comes after the last. */
export function openStamp(seen: Word, sizeClass: i32, type: i32, hash: i32): Word {
  return pack(high(seen) & ~7 | StampBits.Writing, (hash & StampBits.HashLow) << StampBits.HashShift | StampBits.Used | sizeClass << 8 | type)
}
/** The same, for a record whose hash is known only once it is written. */
export function hashedStamp(seen: Word, hash: i32): Word {
  return pack(high(seen), low(seen) & ~(StampBits.HashLow << StampBits.HashShift) | (hash & StampBits.HashLow) << StampBits.HashShift)
}
export function sealedStamp(seen: Word): Word { return pack((high(seen) & ~7) + StampBits.Next | 0, low(seen)) }
/** The stamp that the block has, or will have once it is sealed. */
export function finalStamp(word: Word): i32 { return (high(word) + StampBits.Writing | 0) >>> 3 }
/** The second word: a record's length, and what of its hash the first does not hold. */
export function lengthWord(length: i32, hash: i32): Word { return pack(hash & ~StampBits.HashLow | StampBits.ValueTag, length) }
export function hashIn(header: Word, second: Word): i32 { return high(second) & ~StampBits.HashLow | low(header) >>> StampBits.HashShift & StampBits.HashLow }
