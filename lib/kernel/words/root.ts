// The root word: the generation of the table that answers first, and its capacity word's low half (see header.ts).
//
//    63                              32 31  30 29     28 27                0
//   +----------------------------------+------+---------+------------------+
//   | generation (32)                  | 0    |Fresh,Key| capacity (28)    |
//   +----------------------------------+------+---------+------------------+
//
// The capacity is there for speed only: one load tells a reader all that it needs of the table.
// The table of generation g lies in half g & 1 of the buffer, so the generation names the region too, and the
// predecessor of g is always g - 1 in the other half. Generations 0 and 1 stand for memory that was never used.
// Law: the generation only grows, one at a time.

import { Word, high, pack } from '../memory'

export const FIRST_GENERATION: i32 = 2
export enum RootStep { Promote = 30 }

export function rootWord(generation: i32, capacityBits: i32): Word { return pack(generation, capacityBits) }
/** The generation of any header word. */
export function generationOf(word: Word): i32 { return high(word) }
/** Whether generation a came before b. Generations may wrap: what is compared is never 2^31 apart. */
export function isOlder(a: i32, b: i32): boolean { return (a - b | 0) < 0 }

// steps

import { wordKind } from '../step'

export const ROOT = /* @__PURE__ */ wordKind('root', ['Root'], () => 'Root', (seen, next) => high(next) === (high(seen) + 1 | 0), [
  [RootStep.Promote, 'promote', 'Root', 'Root', 'swing', 'clear, where the successor was marked so'],
])
