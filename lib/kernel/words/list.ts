// The head of a free list of blocks: a stack. One shared list a size class, and one cache a participant and class.
//
//    63                              32 31     28 27                      0
//   +----------------------------------+---------+------------------------+
//   | version (32)                     | 0       | reference (28), 0 none |   shared list
//   +------------------+---------------+---------+------------------------+
//   | ticket (19)      | version (13)  | 0       | reference (28), 0 none |   cache
//   +------------------+---------------+---------+------------------------+
//
// Laws: a block is in one list at most, and its link is written before the head names it. The version moves at every
// swap. A cache's ticket is that of the participant's owner: whoever was reaped can no longer swap its head.

import { Word, high, low, pack } from '../memory'

export const enum ListBits { Reference = 0x0fffffff, Version = 0x1fff, TicketShift = 13 }
export enum List { Empty, Filled }
export enum ListStep { Push = 60, Pop = 61 }
export enum CacheStep { Push = 64, Pop = 65, Adopt = 66 }

export function listHead(word: Word): i32 { return low(word) & ListBits.Reference }
export function listWord(seen: Word, reference: i32): Word { return pack(high(seen) + 1 | 0, reference) }
export function cacheTicket(word: Word): i32 { return high(word) >>> ListBits.TicketShift }
export function cacheWord(seen: Word, ticket: i32, reference: i32): Word {
  return pack(ticket << ListBits.TicketShift | high(seen) + 1 & ListBits.Version, reference)
}

// steps

import { wordKind } from '../step'

const stateOf = (word: Word): string => List[listHead(word) === 0 ? List.Empty : List.Filled]!

export const LIST = /* @__PURE__ */ wordKind('list', ['Empty', 'Filled'], stateOf, (seen, next) => high(next) === (high(seen) + 1 | 0), [
  [ListStep.Push, 'push', 'Any',    'Filled', 'pushShared', ''],
  [ListStep.Pop,  'pop',  'Filled', 'Any',    'popShared',  ''],
])
export const CACHE = /* @__PURE__ */ wordKind('cache', ['Empty', 'Filled'], stateOf, (seen, next) => high(next) !== high(seen), [
  [CacheStep.Push,  'push',  'Any',    'Filled', 'pushCache',   ''],
  [CacheStep.Pop,   'pop',   'Filled', 'Any',    'popCache',    ''],
  [CacheStep.Adopt, 'adopt', 'Any',    'Any',    'adoptCaches', ''],
])
