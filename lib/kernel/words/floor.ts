// The floor word: no value word of a table that was swept has a version above it. A page that comes back to the tables
// begins there, so that no word of its slots ever comes back.
//
//    63                              32 31     29 28                      0
//   +----------------------------------+---------+------------------------+
//   | 0                                | 0       | version (29)           |
//   +----------------------------------+---------+------------------------+
//
// Law: it only grows. Versions wrap: what is compared is never 2^28 apart.

import { Word, low, pack } from '../memory'

export enum FloorStep { Raise = 84 }

export function floorIn(word: Word): i32 { return low(word) }
export function floorWord(version: i32): Word { return pack(0, version & 0x1fffffff) }
export function isAbove(a: i32, b: i32): boolean { return a !== b && (a - b & 0x1fffffff) < 0x10000000 }

// steps

import { wordKind } from '../step'

export const FLOOR = /* @__PURE__ */ wordKind('floor', ['Set'], () => 'Set', (seen, next) => isAbove(low(next), low(seen)), [
  [FloorStep.Raise, 'raise floor', 'Set', 'Set', 'raiseFloor', ''],
])
