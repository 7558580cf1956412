// The directory word of a region (one of the two halves' table areas): whose memory it is.
//
//    63                              32 31                        2 1     0
//   +----------------------------------+---------------------------+-------+
//   | generation (32)                  | 0                         | state |
//   +----------------------------------+---------------------------+-------+
//
// Law: Free holds nothing but Empty slots. A region in use one generation above the root belongs to whoever comes:
// a killed builder's work is adopted.

import { Word, high, low, pack } from '../memory'

export enum Region { Free, InUse, Retired }
export enum RegionStep { Take = 32, Retire = 33, Release = 34 }

export function regionState(word: Word): Region { return low(word) as Region }
export function regionWord(generation: i32, state: Region): Word { return pack(generation, state) }

// steps

import { wordKind } from '../step'
import { isOlder } from './root'

export const REGION = /* @__PURE__ */ wordKind('region', ['Free', 'InUse', 'Retired'], word => Region[regionState(word)]!,
  (seen, next) => regionState(next) === Region.InUse ? isOlder(high(seen), high(next)) : high(seen) === high(next), [
    [RegionStep.Take,    'take',    'Free',    'InUse',   'takeRegion',  ''],
    [RegionStep.Retire,  'retire',  'InUse',   'Retired', 'retire',      ''],
    [RegionStep.Release, 'release', 'Retired', 'Free',    'releaseRegion', ''],
  ])
