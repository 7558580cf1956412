// Where everything is. Addresses are cells of 8 bytes, counted from the start of the map; references are units of 16.
//
//   area 0  | areas 1 .. P      | done-words   | page words    | pages
//   header  | one a participant | of two tables| one a page    | slots of even tables -> .. blocks .. <- slots of odd tables
//
// Half 0 has the tables of even generations, half 1 those of odd ones. Cache lines are 8 cells: no two workers' private words share one, and
// what every operation reads (root, directory, a table's first line) is apart from what writers change.

import { below, cellsInAll, fixed, high, low } from './memory'
import { PAGE_SHIFT, PAGE_SLOTS } from './sizes'
import { MeBits } from './words/participant'

export const AREA_CELLS: i32 = 1024
export const HELP_RING: i32 = 16
export const RESIZE_RING: i32 = 16
/** Cells of a block of the base hash of bytes, and how many cells of keys it takes. */
export const BLOCK_CELLS: i32 = 32
export const HASH_KEYS: i32 = 37
/** Where the keys of that hash lie among them: one for length and type, one for each cell of a block, three to fold a sum, one to
 *  gather the sums of several blocks. */
export const enum HashKey { Head = 0, Cells = 1, Fold = 33, Gather = 36 }
/** 'nbmap' and the version of this layout; the last word that `create` writes. */
export const MAGIC_HIGH: i32 = 0x6e626d61
export const MAGIC_LOW: i32 = 0x70000003

/** The map's header. */
export const enum At {
  Magic = 0,
  /** high: log2 of the slots in a chunk; low: number of participants. */
  Shape = 1,
  /** high: fewest slots of a table; low: length of the map in cells. */
  Extent = 2,
  /** The secret from which seeds and keys are drawn. */
  Secret = 3,
  Identity = 4,
  Root = 8,
  /** The directory word of half 0; half 1 is the next cell. */
  Region = 9,
  /** low: the seed of the base hash of integers. */
  Seed = 11,
  /** high: the cell of the first page word; low: how many pages there are. */
  Store = 12,
  /** low: the unit where the first page begins. */
  Ground = 13,
  Table = 16, TableStride = 24,
  Zone = 64,
  Floor = 72,
  /** What `repair` corrected the size by. */
  SharedStripe = 80,
  Places = 88,
  ResizeLog = 336, ResizeLogStride = 8,
  /** The keys of the base hash of bytes. */
  HashKeys = 984,
}

/** A table's header: what is read at every operation, then what writers of new keys change, then what helpers change. */
export const enum Table { Capacity = 0, Successor = 1, SeedLow = 2, SeedHigh = 3, Place = 4, Floor = 5, Core = 6, Claims = 8, Cursor = 16, SweepCursor = 17 }

/** A participant's area, in cells. */
export const enum Area {
  Owner = 0,
  /** The name of the lock that the owner's thread holds, if the owner word is guarded. */
  Life = 1,
  Stripe = 8, Retries = 9, Copied = 10, Swept = 11,
  /** How many pages, or parts of them, this worker has given back that others may have waited for. */
  Freed = 12,
  HelpRing = 16,
  Hints = 32,
  Fields = 64,
  Key = 128, KeyCells = 256,
  Expected = 384, ExpectedCells = 128,
  Next = 512, NextCells = 256,
  Out = 768, OutCells = 256,
}

/** A worker's hints, 32-bit integers from `Area.Hints` on: the page where it last took or gave a block of each class; the group of pages
 *  where it last claimed one; how far from the middle, upwards and downwards, the last run ended; and what it has looked for in vain,
 *  with what had come back by then, so that nobody looks again before something else has:
 *  a bit for each class without a free block, the shortest run that was not found (0: none), evacuations to the middle and to the beginning,
 *  tables in which no key was without a value, and tables than which none could be larger. */
export const enum Hint {
  Group = 40, Up = 41, Down = 42,
  FailedAt = 43, Failed = 44, FailedRun = 46,
  HasEvacuated = 47, Evacuated = 48, AsideAt = 49, AsideFor = 50,
  CleanTable = 51, CleanAt = 52,
  LargestTable = 53, LargestFull = 54, LargestFreed = 55, LargestDeletes = 56,
}

/** The 32-bit fields of an operation, from `Area.Fields` on: what is asked, what was found, what is in hand. */
export const enum Field {
  // The key that is sought (see `probe`), and the same eight for a key that the copier carries.
  Sought = 0, Carried = 8, Form = 0, Payload = 1, Mask = 2, Hash = 3, Length = 4, Type = 5, Place = 6,
  // putIfMatch: what is expected, what comes next.
  Expect = 16, ExpectTag = 17, ExpectPayload = 18, ExpectLength = 19, ExpectType = 20, ExpectPlace = 21,
  NextTag = 22, NextPayload = 23, NextLength = 24, NextType = 25, NextRecord = 26, WantsPrevious = 27,
  // In hand: blocks not yet published, what this operation has done once, reserved claims, deletes since the last look.
  KeyRecord = 28, Done = 29, RoomGeneration = 30, Room = 31, Deletes = 32, HeldRecord = 34, Helps = 35,
  // How many slots the last search for the sought key has passed.
  Searched = 72,
  // A key in pieces (see `pieces.ts`): what is needed and for which generation's table, the record that may be it, how many like it
  // this search has met, and what is known of the tables of both halves.
  Need = 74, Asks = 75, Candidate = 76, Met = 77, PieceState = 78, Facts = 82,
  // Found.
  Tag = 36, FoundPayload = 37, FoundLength = 38, FoundType = 39, FoundSlot = 40, FoundHigh = 41, FoundLow = 42, FoundStamp = 43,
  // What the caller may note in the resize log.
  Started = 44, Promoted = 45,
  /** 1 where somebody else's progress made the last attempt vain: a value replaced under its copy, a swap lost. No contradiction. */
  Overtaken = 46,
  /** 1 once an evacuation or a count has written to the `Out` window. */
  OutUsed = 47,
  // Scan.
  ScanGeneration = 48, ScanPhase = 49, ScanSlot = 50, ScanLeft = 51, ScanFrom = 52, ScanTo = 53, ScanKeyed = 54, ScanSeedLow = 55, ScanSeedHigh = 56,
  // Hashing: a sum of products, and states of two cells.
  Sum = 62, SumState = 64, SipState = 68,
}

export function areaAt(map: i32, area: i32): i32 { return map + area * AREA_CELLS }
/** The caller's own area. */
export function areaOf(map: i32, me: i32): i32 { return map + (me >>> MeBits.AreaShift) * AREA_CELLS }
/** The fields of the caller's operation. */
export function fieldsOf(map: i32, me: i32): i32 { return areaOf(map, me) + Area.Fields }
export function tableAt(map: i32, generation: i32): i32 { return map + At.Table + (generation & 1) * At.TableStride }
export function regionAt(map: i32, generation: i32): i32 { return map + At.Region + (generation & 1) }
/** The first slot of the generation's table, which has so many: at the first page, or so that the last slot ends the last page. */
// inline
export function slotsAt(map: i32, generation: i32, capacity: i32): i32 {
  return map + slotsFrom(low(fixed(tableAt(map, generation) + Table.Place)), generation, capacity)
}
// inline
/** The same, from where its half's tables begin or end. */
export function slotsFrom(place: i32, generation: i32, capacity: i32): i32 { return place - (capacity << 1 & -(generation & 1)) }
/** The first done-word of the generation's table. */
export function chunksAt(map: i32, generation: i32): i32 { return map + high(fixed(tableAt(map, generation) + Table.Place)) }

// What `create` wrote is bounded where it is read, for loops run up to it: in a corrupted buffer too, none runs beyond the buffer.

/** Cells of the map: no more than the buffer has from its beginning on. */
export function cellsOf(map: i32): i32 {
  const said = low(fixed(map + At.Extent)), held = cellsInAll() - map
  return said >= 0 && said < held ? said : held
}
/** The largest chunk has 2^20 slots. */
export const MOST_SHIFT: i32 = 20
export function chunkShift(map: i32): i32 {
  const said = high(fixed(map + At.Shape))
  return said >= 0 && said <= MOST_SHIFT ? said : MOST_SHIFT
}
export function participants(map: i32): i32 {
  const said = low(fixed(map + At.Shape)), held = cellsOf(map) / AREA_CELLS - 1 | 0
  return said >= 0 && said < held ? said : held
}
export function blockAt(map: i32, reference: i32): i32 { return map + (reference << 1) }

/** Done-words that each half has. */
export function doneWords(map: i32): i32 { return high(fixed(tableAt(map, 1) + Table.Place)) - high(fixed(tableAt(map, 0) + Table.Place)) }
/** Most slots a table can have: as many as it has done-words for, and in half of the pages. */
export function mostSlots(map: i32): i32 {
  const byChunks = doneWords(map) << chunkShift(map), byPages = (pagesInAll(map) >> 1) * PAGE_SLOTS
  return byChunks < byPages ? byChunks : byPages
}
/** Pages that the map has: no more than cells for them. */
export function pagesInAll(map: i32): i32 {
  const said = low(fixed(map + At.Store)), held = cellsOf(map) >>> 7
  return said >= 0 && said < held ? said : held
}
export function hintsOf(map: i32, me: i32): i32 { return areaOf(map, me) + Area.Hints }
/** The word of a page. */
export function pageAt(map: i32, page: i32): i32 { return map + high(fixed(map + At.Store)) + page }
/** The first unit of a page, and its first cell. */
export function pageUnit(map: i32, page: i32): i32 { return low(fixed(map + At.Ground)) + (page << PAGE_SHIFT) }
export function pageCell(map: i32, page: i32): i32 { return blockAt(map, pageUnit(map, page)) }
/** Whether there is such a page; a corrupted number of pages is not looked into, see `pagesInAll`. */
export function isPage(map: i32, page: i32): boolean { return below(page, low(fixed(map + At.Store))) }
/** The page in which a unit lies; beyond the last where there is none. */
export function pageOf(map: i32, unit: i32): i32 { return unit - low(fixed(map + At.Ground)) >>> PAGE_SHIFT }
