// The key word of a slot: which key the slot belongs to, for one incarnation of the table.
//
//    63                          38 37      34 33  32 31                                0
//   +------------------------------+----------+------+----------------------------------+
//   | incarnation (26)             | piece(4) | tag  | payload (32)                     |
//   +------------------------------+----------+------+----------------------------------+
//   tag 0: payload 0 Empty, 1 Sealed      tag 1: Key, an integer      tag 3: Key, a constant
//   tag 2: Key, a record: piece' (4) and reference (28); both pieces are bits of the key's hash
//
// Law: within an incarnation the word changes once, from Empty. All zero is the Empty of incarnation 0.

import { Word, high, low, pack } from '../memory'

export const enum KeyBits { Tag = 3, Form = 63, NextIncarnation = 64, PieceShift = 2, Reference = 0x0fffffff, PieceMask = -0x10000000 }
/** How a key or a value is held: in the word itself, or in a record. `None` stands for "nothing there". */
export enum Tag { None, Integer, Record, Constant }
export enum Key { Empty, Sealed, Key }
export enum KeyStep { Claim = 0, CarryKey = 1, Seal = 2, SealCleared = 3, SweepKey = 4, SweepSealed = 5, CleanKey = 6 }

export function keyTag(word: Word): i32 { return high(word) & KeyBits.Tag }
/** True at an Empty or a sealed key: a probe ends there. */
export function endsProbe(word: Word): boolean { return (high(word) & KeyBits.Tag) === 0 }
export function isEmptyKey(word: Word): boolean { return (high(word) & KeyBits.Tag) === 0 && low(word) === 0 }
/** The low half of the high half: tag and first piece of the hash. Equal for equal keys. */
export function keyForm(word: Word): i32 { return high(word) & KeyBits.Form }
export function keyWord(empty: Word, form: i32, payload: i32): Word { return pack(high(empty) & ~KeyBits.Form | form, payload) }
export function sealedKey(empty: Word): Word { return pack(high(empty), 1) }
export function sweptKey(word: Word): Word { return pack((high(word) & ~KeyBits.Form) + KeyBits.NextIncarnation | 0, 0) }
/** The Empty word of a slot on a page that comes back to the tables, for the table of that generation. No slot has had more incarnations than there were generations. */
export function emptyKey(generation: i32): Word { return pack(generation << 6, 0) }
/** The tag and the first piece, as `keyForm` reads them back. */
export function recordForm(hash: i32): i32 { return (hash & 15) << KeyBits.PieceShift | Tag.Record }
/** The second piece, in its place above a reference. */
export function recordPiece(hash: i32): i32 { return (hash >>> 4) << 28 }
export function keyReference(word: Word): i32 { return low(word) & KeyBits.Reference }

// steps

import { wordKind } from '../step'

const incarnation = (word: Word): number => high(word) >>> 6
const stateOf = (word: Word): Key => keyTag(word) !== Tag.None ? Key.Key : low(word) === 0 ? Key.Empty : Key.Sealed

export const KEY = /* @__PURE__ */ wordKind('key', ['Empty', 'Sealed', 'Key'], word => Key[stateOf(word)]!,
  (seen, next, step) => step.id === KeyStep.CleanKey || incarnation(next) === (stateOf(next) === Key.Empty ? incarnation(seen) + 1 & 0x3ffffff : incarnation(seen)), [
    // id                   name            from      to        by               takes effect
    [KeyStep.Claim,       'claim',         'Empty',  'Key',    'insert, insertInteger', ''],
    [KeyStep.CarryKey,    'carry key',     'Empty',  'Key',    'carryOver',     ''],
    [KeyStep.Seal,        'seal',          'Empty',  'Sealed', 'sealKey',       ''],
    [KeyStep.SealCleared, 'seal cleared',  'Empty',  'Sealed', 'killSlot',      ''],
    [KeyStep.SweepKey,    'sweep key',     'Key',    'Empty',  'sweepSlot',     ''],
    [KeyStep.SweepSealed, 'sweep sealed',  'Sealed', 'Empty',  'sweepSlot',     ''],
    [KeyStep.CleanKey,    'clean key',     'Any',    'Empty',  'cleanCell',     ''],
  ])
