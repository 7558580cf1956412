// How large blocks are: size classes, the spans of pages that hold them, and nothing that is shared.
//
//   class = k (3) | j (3)      k = 0: j + 1 units, k > 0: (9 + j) << k - 1 units      a span of the class has 1 << k pages
//
// So a class is at most an eighth larger than what is asked for, and a span holds from 8 to 32 blocks: one bit for each.

import { leadingZeros } from './memory'

/** Units of 16 bytes that a page has, and cells. */
export const PAGE_UNITS: i32 = 64
export const PAGE_SHIFT: i32 = 6
export const PAGE_CELLS: i32 = 128
/** Slots of a table that a page holds: a slot is a unit. */
export const PAGE_SLOTS: i32 = 64
/** Cells of a block before the bytes of its record. */
export const RECORD_HEADER: i32 = 2
export const CLASSES: i32 = 40
/** What the header of a block says that has a run of pages for itself. */
export const RUN_CLASS: i32 = 63
/** The largest block of a class; more takes whole pages. */
export const LARGEST_UNITS: i32 = 128
/** Longest record in bytes. */
export const MAX_BYTES: i32 = 0x40000000

/** Units for a header and so many bytes. */
export function unitsFor(bytes: i32): i32 { return 1 + (bytes + 15 >>> 4) }
/** Pages that so many units take. */
export function pagesFor(units: i32): i32 { return units + PAGE_UNITS - 1 >>> PAGE_SHIFT }

/** The smallest class of at least so many units, up to `LARGEST_UNITS`. */
export function classOf(units: i32): i32 {
  if (units < 3) return 1
  if (units < 9) return units - 1
  const k = 29 - leadingZeros(units - 1)
  return (k << 3) + (units - 1 >> k - 1) - 8
}
export function unitsOf(sizeClass: i32): i32 {
  return sizeClass < 8 ? sizeClass + 1 : (sizeClass & 7) + 9 << (sizeClass >> 3) - 1
}
export function spanOf(sizeClass: i32): i32 { return 1 << (sizeClass >> 3) }

/** How many blocks a span of the class holds: its units divided by the class's, looked up, since a free asks for it. */
export function blocksOf(sizeClass: i32): i32 {
  // A byte, and four bits, for each j.
  if (sizeClass < 4) return 0x10152020 >>> (sizeClass << 3) & 255
  if (sizeClass < 8) return 0x08090a0c >>> (sizeClass - 4 << 3) & 255
  return 0x8899abce >>> ((sizeClass & 7) << 2) & 15
}
/** A bit for each block of a span. */
export function allBlocks(sizeClass: i32): i32 { return -1 >>> 32 - blocksOf(sizeClass) | 0 }
