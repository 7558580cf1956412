// The zone word: how many pages at each end of the memory are kept for tables. Those of even generations begin at the first
// page, those of odd generations end with the last; blocks lie between.
//
//    63                              32 31                           1     0
//   +----------------------------------+----------------------------------+
//   | generation (32)                  | pages at each end (31)    | open  |
//   +----------------------------------+----------------------------------+
//
// Laws: the pages of the zone hold nothing but slots, and are no fewer than the root's table needs, at either end: so it can
// always be cleaned out. It grows while it is open, for the successor of that generation, and shrinks only while it is closed and no
// successor is being built.

import { Word, high, low, pack } from '../memory'

export enum Zone { Closed, Open }
export enum ZoneStep { Open = 56, Extend = 57, Close = 58, Shrink = 59 }

export function zoneGeneration(word: Word): i32 { return high(word) }
export function zonePages(word: Word): i32 { return low(word) >>> 1 }
export function isOpen(word: Word): boolean { return (low(word) & 1) !== 0 }
export function zoneWord(generation: i32, pages: i32, state: Zone): Word { return pack(generation, pages << 1 | state) }

// steps

import { wordKind } from '../step'
import { isOlder } from './root'

export const ZONE = /* @__PURE__ */ wordKind('zone', ['Closed', 'Open'], word => Zone[isOpen(word) ? Zone.Open : Zone.Closed]!, (seen, next, step) => {
  if (step.id === ZoneStep.Open) return isOlder(high(seen), high(next)) && zonePages(seen) === zonePages(next)
  const more = zonePages(next) - zonePages(seen)
  return high(seen) === high(next) && (step.id === ZoneStep.Extend ? more > 0 : step.id === ZoneStep.Shrink ? more < 0 : more === 0)
}, [
  [ZoneStep.Open,   'open',   'Closed', 'Open',   'openZone',   ''],
  [ZoneStep.Extend, 'extend', 'Open',   'Open',   'extendZone', ''],
  [ZoneStep.Close,  'close',  'Open',   'Closed', 'closeZone',  ''],
  [ZoneStep.Shrink, 'shrink', 'Closed', 'Closed', 'shrinkZone', ''],
])
