// The words of a table's header that are set once a generation: capacity, seed, floor and core. And what all header words share.
//
//    63                              32 31  30 29     28 27                0
//   +----------------------------------+------+---------+------------------+
//   | generation (32)                  | 0    |Fresh,Key| capacity (28)    |   capacity word
//   +----------------------------------+------+---------+------------------+
//   | generation (32)                  | seed (32)                         |   two seed words
//   +----------------------------------+-----------------------------------+
//   | generation (32)                  | version (32)                      |   floor word (see floor.ts)
//   +----------------------------------+-----------------------------------+
//   | generation (32)                  | pages (32), 0 keys stay           |   core word: where the copy brings its keys' records
//   +----------------------------------+-----------------------------------+
//
// Keyed: slots are found by the keyed hash. Fresh: this generation's seeds are new, not its predecessor's.
// Law: a header word is set by a swap, and only from an older generation: a stale builder can change nothing.

import { Word, high, load, low, pack } from '../memory'
import { swap } from '../step'
import { isOlder } from './root'

export const enum CapacityBits { Slots = 0x0fffffff, Keyed = 0x10000000, Fresh = 0x20000000 }
export enum HeaderStep { SetCapacity = 36, SetSeed = 37, SetFloor = 38, SetCore = 39 }

/** Sets a header word for `generation`. False if it belongs to a later one already; an equal one is left as it is. */
export function setHeaderWord(at: i32, generation: i32, lowHalf: i32, step: i32): boolean {
  while (true) {
    const seen = load(at)
    if (!isOlder(high(seen), generation)) return high(seen) === generation
    if (swap(at, seen, pack(generation, lowHalf), step)) return true
  }
}

export function slotsOf(word: Word): i32 { return low(word) & CapacityBits.Slots }
export function isKeyed(word: Word): boolean { return (low(word) & CapacityBits.Keyed) !== 0 }
export function isFresh(word: Word): boolean { return (low(word) & CapacityBits.Fresh) !== 0 }

// steps

import { Step, wordKind } from '../step'

/** A header word starts a later generation where its step says 'Older', and changes within its own otherwise. */
export const generationForward = (seen: Word, next: Word, step: Step): boolean =>
  step.from === 'Older' ? isOlder(high(seen), high(next)) : high(seen) === high(next)

export const CAPACITY = /* @__PURE__ */ wordKind('capacity', ['Set'], () => 'Set', generationForward, [
  [HeaderStep.SetCapacity, 'set capacity', 'Older', 'Set', 'setHeaderWord', ''],
])
export const SEED = /* @__PURE__ */ wordKind('seed', ['Set'], () => 'Set', generationForward, [
  [HeaderStep.SetSeed, 'set seed', 'Older', 'Set', 'setHeaderWord', ''],
])
export const TABLE_FLOOR = /* @__PURE__ */ wordKind('table floor', ['Set'], () => 'Set', generationForward, [
  [HeaderStep.SetFloor, 'set floor', 'Older', 'Set', 'setHeaderWord', ''],
])
export const CORE = /* @__PURE__ */ wordKind('core', ['Set'], () => 'Set', generationForward, [
  [HeaderStep.SetCore, 'set core', 'Older', 'Set', 'setHeaderWord', ''],
])
