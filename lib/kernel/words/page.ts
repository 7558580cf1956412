// The word of a page: 1 KiB of memory, and what is done with it. Blocks of one size, a record of its own, slots of a table.
//
//    63                      41 40      35 34   32 31                                0
//   +--------------------------+----------+-------+----------------------------------+
//   | version (23)             | class (6)| state | what the state says (32)         |
//   +--------------------------+----------+-------+----------------------------------+
//   Fresh: never used, all zero      Free: nobody's       Table: generation (31), whether it must be cleaned
//   Claimed, Run: how many pages     Blocks: a bit for each free block of the span that begins here
//   Tail: how far ahead the first page of the span or run is, whose version this one has too
//
// Laws: a tail belongs to its first page while that one is in use and has the same version; so one swap of the first page's word
// takes or gives back all of them. Blocks whose bits are all set are nobody's. The version grows at each claim.

import { Word, high, low, pack } from '../memory'
import { allBlocks, blocksOf, spanOf } from '../sizes'

export const enum PageBits { State = 7, ClassShift = 3, Class = 63, VersionShift = 9, Version = 0x7fffff, Dirty = 1 }
export enum Page { Fresh, Free, Claimed, Tail, Blocks, Run, Table }
export enum PageStep {
  Stock = 60, Claim = 61, ClaimTail = 62, Publish = 63, PublishRun = 64, Abandon = 65, Take = 66, Give = 67, Drop = 69,
  Reserve = 82, Clean = 83,
}

export function pageState(word: Word): Page { return (high(word) & PageBits.State) as Page }
export function classIn(word: Word): i32 { return high(word) >>> PageBits.ClassShift & PageBits.Class }
export function versionIn(word: Word): i32 { return high(word) >>> PageBits.VersionShift }
/** Whether version a comes after b. Versions wrap: what is compared is never 2^22 apart. */
export function isLater(a: i32, b: i32): boolean { return a !== b && (a - b & PageBits.Version) < 0x400000 }
export function laterThan(version: i32): i32 { return version + 1 & PageBits.Version }

function pageWord(version: i32, sizeClass: i32, state: Page, says: i32): Word {
  return pack(version << PageBits.VersionShift | sizeClass << PageBits.ClassShift | state, says)
}
/** A span of a class whose first block is taken. */
export function stockedWord(version: i32, sizeClass: i32): Word { return pageWord(version, sizeClass, Page.Blocks, allBlocks(sizeClass) & ~1) }
export function claimedWord(version: i32, pages: i32): Word { return pageWord(version, 0, Page.Claimed, pages) }
export function runWord(version: i32, pages: i32): Word { return pageWord(version, 0, Page.Run, pages) }
export function tailWord(version: i32, distance: i32): Word { return pageWord(version, 0, Page.Tail, distance) }
export function freeWord(seen: Word): Word { return pageWord(versionIn(seen), 0, Page.Free, 0) }
export function tablePageWord(seen: Word, generation: i32, dirty: i32): Word { return pageWord(versionIn(seen), 0, Page.Table, generation << 1 | dirty) }
export function bitsWord(seen: Word, bits: i32): Word { return pack(high(seen), bits) }

/** Whether the page begins a span of the class. */
export function holdsClass(word: Word, sizeClass: i32): boolean {
  return (high(word) & (PageBits.Class << PageBits.ClassShift | PageBits.State)) === (sizeClass << PageBits.ClassShift | Page.Blocks)
}
/** The blocks of a span that are in use, a bit each. */
export function usedBits(word: Word): i32 { return ~low(word) & allBlocks(classIn(word)) }
/** How many they are. */
export function usedBlocks(word: Word): i32 {
  let used = 0
  for (let bits = usedBits(word); bits !== 0; bits &= bits - 1) used++
  return used
}
/** The free blocks of a span that is in use; 0 where none begins. */
export function spareBlocks(word: Word): i32 {
  return pageState(word) === Page.Blocks && !isEmptied(word) ? blocksOf(classIn(word)) - usedBlocks(word) : 0
}
/** Whether the page begins a span of the class that is in use and has a free block. Bits of blocks that a span has not: a corrupted buffer. */
export function hasRoom(word: Word, sizeClass: i32): boolean {
  const bits = low(word), all = allBlocks(sizeClass)
  return holdsClass(word, sizeClass) && bits !== 0 && bits !== all && (bits & ~all) === 0
}
/** Whether the page begins a span whose blocks are all free. */
export function isEmptied(word: Word): boolean { return pageState(word) === Page.Blocks && low(word) === allBlocks(classIn(word)) }
/** Pages of the span or run that begins here; 0 where none does. */
export function pagesIn(word: Word): i32 {
  const state = pageState(word)
  if (state === Page.Blocks) return spanOf(classIn(word))
  return state === Page.Claimed || state === Page.Run ? low(word) : 0
}
/** Whether the page of a table was reserved for the successor of that generation, and whether it must be cleaned. */
export function isReservedFor(word: Word, generation: i32): boolean { return pageState(word) === Page.Table && low(word) >>> 1 === (generation & 0x7fffffff) }
export function isDirty(word: Word): boolean { return (low(word) & PageBits.Dirty) !== 0 }

// steps

import { wordKind } from '../step'

const stateOf = (word: Word): string => isEmptied(word) ? 'Emptied' : Page[pageState(word)]!
/** What anybody may claim, if the page it belongs to is gone. */
const CLAIMABLE: readonly string[] = ['Fresh', 'Free', 'Tail', 'Emptied', 'Table']
const keeps = (seen: Word, next: Word): boolean => versionIn(seen) === versionIn(next)

export const PAGE = /* @__PURE__ */ wordKind('page', ['Fresh', 'Free', 'Claimed', 'Tail', 'Blocks', 'Emptied', 'Run', 'Table'], stateOf, (seen, next, step) => {
  if (step.id === PageStep.Take) return high(seen) === high(next) && (low(next) & ~low(seen)) === 0 && next !== seen
  if (step.id === PageStep.Give) return high(seen) === high(next) && (low(seen) & ~low(next)) === 0 && next !== seen
  if (step.from !== 'Any') return keeps(seen, next)
  return CLAIMABLE.includes(stateOf(seen)) && (step.id === PageStep.Reserve ? keeps(seen, next) : isLater(versionIn(next), versionIn(seen)))
}, [
  [PageStep.Stock,      'stock',       'Any',     'Blocks',  'stock',       ''],
  [PageStep.Claim,      'claim',       'Any',     'Claimed', 'claimMany',   ''],
  [PageStep.ClaimTail,  'claim tail',  'Any',     'Tail',    'claimTail',   ''],
  [PageStep.Publish,    'publish',     'Claimed', 'Blocks',  'claimMany',   ''],
  [PageStep.PublishRun, 'publish run', 'Claimed', 'Run',     'claimMany',   ''],
  [PageStep.Abandon,    'abandon',     'Claimed', 'Free',    'abandon',     ''],
  [PageStep.Take,       'take',        'Blocks',  'Blocks',  'takeFrom',    ''],
  [PageStep.Give,       'give',        'Blocks',  'Any',     'giveTo',      ''],
  [PageStep.Drop,       'drop',        'Run',     'Free',    'freeBlock',   ''],
  [PageStep.Reserve,    'reserve',     'Any',     'Table',   'reservePage', ''],
  [PageStep.Clean,      'clean',       'Table',   'Table',   'cleanPage',   ''],
])
