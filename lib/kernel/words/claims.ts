// The claims word of a table: how many of its keys are taken, or reserved by a writer that is about to take one.
//
//    63                              32 31  30       29        28       27        0
//   +----------------------------------+---+-------+---------+--------+-----------+
//   | generation (32)                  | 0 | Clear | Settled | Closed | count (28)|
//   +----------------------------------+---+-------+---------+--------+-----------+
//
// Laws: keys taken in the table <= count <= capacity; a kill can only leave the count too large. The swap that closes the
// claims decides what the resize is for, a copy or a clear, whoever goes on with it.
// Closed: a resize has begun, no more reservations. Settled: the count is this table's own, no longer its predecessor's.

import { Word, high, low, pack } from '../memory'

export const enum ClaimsBits { Count = 0x0fffffff, Closed = 0x10000000, Settled = 0x20000000, Clear = 0x40000000 }
export enum Claims { Unsettled, Open, Closed, Clearing }
export enum ClaimsStep { Renew = 44, Reserve = 45, ReserveUnsettled = 46, Settle = 47, Close = 48, CloseForClear = 49 }

export function claimsCount(word: Word): i32 { return low(word) & ClaimsBits.Count }
export function isClosed(word: Word): boolean { return (low(word) & ClaimsBits.Closed) !== 0 }
export function isSettled(word: Word): boolean { return (low(word) & ClaimsBits.Settled) !== 0 }
export function reservedWord(seen: Word, more: i32): Word { return pack(high(seen), low(seen) + more | 0) }
/** Whether closed claims were closed by a clear. */
export function isForClear(word: Word): boolean { return (low(word) & ClaimsBits.Clear) !== 0 }
export function closedWord(seen: Word, forClear: boolean): Word { return pack(high(seen), low(seen) | (forClear ? ClaimsBits.Closed | ClaimsBits.Clear : ClaimsBits.Closed)) }
export function settledWord(seen: Word, dropped: i32): Word { return pack(high(seen), (low(seen) - dropped | 0) | ClaimsBits.Settled) }

// steps

import { wordKind } from '../step'
import { generationForward } from './header'

const stateOf = (word: Word): Claims => isForClear(word) ? Claims.Clearing : isClosed(word) ? Claims.Closed : isSettled(word) ? Claims.Open : Claims.Unsettled

export const CLAIMS = /* @__PURE__ */ wordKind('claims', ['Unsettled', 'Open', 'Closed', 'Clearing'], word => Claims[stateOf(word)]!, generationForward, [
  [ClaimsStep.Renew,            'renew',             'Older',     'Unsettled', 'setHeaderWord', ''],
  [ClaimsStep.Reserve,          'reserve',           'Open',      'Open',      'reserve',       ''],
  [ClaimsStep.ReserveUnsettled, 'reserve unsettled', 'Unsettled', 'Unsettled', 'reserve',       ''],
  [ClaimsStep.Settle,           'settle',            'Unsettled', 'Open',      'settle',        ''],
  [ClaimsStep.Close,            'close',             'Open',      'Closed',    'closeClaims',   ''],
  [ClaimsStep.CloseForClear,    'close for clear',   'Open',      'Clearing',  'closeClaims',   ''],
])
