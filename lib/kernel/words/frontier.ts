// The frontier word of a half: its table area grows up from the start, blocks are carved downwards from the end.
//
//    63                              32 31                                0
//   +----------------------------------+----------------------------------+
//   | lowest carved unit of 16 bytes   | slots given to the table area    |
//   +----------------------------------+----------------------------------+
//
// Law: the two never cross; slots only grow, the lowest unit only falls, so no word ever comes back.

import { Word, high, low, pack } from '../memory'

export enum FrontierStep { Extend = 58, Carve = 59 }

export function lowestUnit(word: Word): i32 { return high(word) }
export function areaSlots(word: Word): i32 { return low(word) }
export function frontierWord(lowest: i32, slots: i32): Word { return pack(lowest, slots) }

// steps

import { wordKind } from '../step'

export const FRONTIER = /* @__PURE__ */ wordKind('frontier', ['Set'], () => 'Set',
  (seen, next) => low(next) >= low(seen) && high(next) <= high(seen) && next !== seen, [
    [FrontierStep.Extend, 'extend', 'Set', 'Set', 'extendArea', ''],
    [FrontierStep.Carve,  'carve',  'Set', 'Set', 'carve',      ''],
  ])
