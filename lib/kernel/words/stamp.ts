// The first two words of a block. The stamp tells one use of the block from the next; it is stored, never swapped,
// because only the one worker that holds the block writes it.
//
//    63                              32 31              16 15     8 7     0
//   +----------------------------------+------------------+--------+-------+
//   | stamp (32): odd while written    | 0                | class  | type  |
//   +----------------------------------+------------------+--------+-------+
//   | hash (32), or depth when free    | length in bytes (32), or link     |
//   +----------------------------------+-----------------------------------+
//
// Law: a reader that sees the same even stamp before and after its copy, and its slot word unchanged between, has
// copied one use of the block, the one that was published there.

import { Word, high, low, pack } from '../memory'

export function stampOf(word: Word): i32 { return high(word) }
export function classOfBlock(word: Word): i32 { return low(word) >>> 8 & 0xff }
export function typeOfBlock(word: Word): i32 { return low(word) & 0xff }
export function isBeingWritten(word: Word): boolean { return (high(word) & 1) !== 0 }
/** The block is being written: an odd stamp, above the last. */
export function openStamp(seen: Word, sizeClass: i32, type: i32): Word { return pack(high(seen) + 1 | 1, sizeClass << 8 | type) }
export function sealedStamp(seen: Word): Word { return pack(high(seen) + 1 | 0, low(seen)) }
