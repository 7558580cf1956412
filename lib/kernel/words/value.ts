// The value word of a slot. All arbitration between writers, copiers and sweepers is a swap of this word.
//
//    63                                      35 34  32 31                                0
//   +------------------------------------------+------+----------------------------------+
//   | version (29), one more at each step      | tag  | payload (32)                     |
//   +------------------------------------------+------+----------------------------------+
//   tag 0: payload 0 Empty, 1 Tombstone, 2 Dead-empty, 3 Dead-deleted, 4 Dead-moved
//   tag 1 to 3: Value, an integer, a record or a constant          tag 5 to 7: their Primes
//   a record's payload: 4 bits of the block's stamp, and its reference (28)
//
// Laws: the version never stands still; nothing leaves a Dead word but the sweep; Prime keeps its payload.

import { Word, high, low, pack } from '../memory'

export const enum ValueBits { Tag = 7, Kind = 3, PrimeFlag = 4, NextVersion = 8, Reference = 0x0fffffff }
export enum Value { Empty, Tombstone, DeadEmpty, DeadDeleted, DeadMoved, Value, Prime }
export enum ValueStep {
  Insert = 10, Update = 11, Delete = 12, Revive = 13, Carry = 14, Prime = 15, Move = 16, BuryEmpty = 17, BuryDeleted = 18,
  ClearEmpty = 19, ClearValue = 20, ClearTombstone = 21, SweepEmpty = 22, SweepDeleted = 23, SweepMoved = 24, CleanValue = 25, Relocate = 26,
}

export function valueState(word: Word): Value {
  const tag = high(word) & ValueBits.Tag
  if (tag === 0) return low(word) as Value
  return tag < ValueBits.PrimeFlag ? Value.Value : Value.Prime
}
/** True for Value and for Prime: both answer a reader. */
export function isReadable(word: Word): boolean { return (high(word) & ValueBits.Kind) !== 0 }
export function isLive(word: Word): boolean { return (high(word) - 1 & ValueBits.Tag) < 3 }
export function isPrime(word: Word): boolean { return (high(word) & ValueBits.Tag) > ValueBits.PrimeFlag }
export function isDead(word: Word): boolean { return (high(word) & ValueBits.Tag) === 0 && low(word) >= Value.DeadEmpty }
export function isEmptyValue(word: Word): boolean { return (high(word) & ValueBits.Tag) === 0 && low(word) === Value.Empty }

/** The tag of the payload, whether live or Prime; `Tag.None` where there is no value. */
export function valueTag(word: Word): i32 { return high(word) & ValueBits.Kind }
export function valueReference(word: Word): i32 { return low(word) & ValueBits.Reference }
/** The word that follows `seen`: one version on, with this tag and payload. */
export function valueWord(seen: Word, tag: i32, payload: i32): Word {
  return pack((high(seen) & ~ValueBits.Tag) + ValueBits.NextVersion | tag, payload)
}
/** The word without a value that follows `seen`. */
/** The payload of a record: four bits of its stamp in the reference, so that equal words are sixteen times rarer. */
export function recordPayload(record: i32, stamp: i32): i32 { return record | stamp << 28 }
export function bareWord(seen: Word, state: Value): Word { return valueWord(seen, 0, state) }
export function versionOf(word: Word): i32 { return high(word) >>> 3 }
/** The Empty word of a slot on a page that comes back to the tables. */
export function emptyValue(version: i32): Word { return pack(version << 3, 0) }
export function primeWord(seen: Word): Word { return valueWord(seen, valueTag(seen) | ValueBits.PrimeFlag, low(seen)) }

// steps

import { wordKind } from '../step'

const version = (word: Word): number => high(word) >>> 3

export const VALUE = /* @__PURE__ */ wordKind('value', ['Empty', 'Value', 'Tombstone', 'Prime', 'DeadEmpty', 'DeadDeleted', 'DeadMoved'],
  word => Value[valueState(word)]!, (seen, next, step) => step.id === ValueStep.CleanValue || version(next) === (version(seen) + 1 & 0x1fffffff), [
    // id                        name              from           to             by            takes effect
    [ValueStep.Insert,         'insert',          'Empty',       'Value',       'writeSlot, insertInteger', 'put of an absent key'],
    [ValueStep.Update,         'update',          'Value',       'Value',       'writeSlot, updateInteger, addTo', 'put of a present key'],
    [ValueStep.Delete,         'delete',          'Value',       'Tombstone',   'writeSlot, deleteIn', 'delete'],
    [ValueStep.Revive,         'revive',          'Tombstone',   'Value',       'writeSlot',  'put of a deleted key'],
    [ValueStep.Carry,          'carry',           'Empty',       'Value',       'carryOver',  ''],
    [ValueStep.Prime,          'prime',           'Value',       'Prime',       'freeze',     ''],
    [ValueStep.Move,           'move',            'Prime',       'DeadMoved',   'copySlot',   ''],
    [ValueStep.BuryEmpty,      'bury empty',      'Empty',       'DeadEmpty',   'freeze',     ''],
    [ValueStep.BuryDeleted,    'bury deleted',    'Tombstone',   'DeadDeleted', 'freeze',     ''],
    [ValueStep.ClearEmpty,     'clear empty',     'Empty',       'DeadEmpty',   'killValue',  ''],
    [ValueStep.ClearValue,     'clear value',     'Value',       'DeadDeleted', 'killValue',  ''],
    [ValueStep.ClearTombstone, 'clear tombstone', 'Tombstone',   'DeadDeleted', 'killValue',  ''],
    [ValueStep.SweepEmpty,     'sweep empty',     'DeadEmpty',   'Empty',       'sweepSlot',  ''],
    [ValueStep.SweepDeleted,   'sweep deleted',   'DeadDeleted', 'Empty',       'sweepSlot',  ''],
    [ValueStep.SweepMoved,     'sweep moved',     'DeadMoved',   'Empty',       'sweepSlot',  ''],
    [ValueStep.Relocate,       'relocate',        'Value',       'Value',       'relocate',   ''],
    [ValueStep.CleanValue,     'clean value',     'Any',         'Empty',       'cleanCell',  ''],
  ])
