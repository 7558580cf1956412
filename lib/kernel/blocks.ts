// Who owns which memory: blocks of size classes in spans of pages, larger ones in runs of their own.
//
// A span's first page says which of its blocks are free, a bit each, and nothing is written to a free block. So to take or to give
// a block is one swap, and nobody keeps any for later. Law: a block is at any moment in exactly one place: free, published in a slot,
// or in one worker's hand. A kill leaks what was in hand: the records of one write.

import { Word, add, below, high, leadingZeros, load, low, pack, peek, poke, write } from './memory'
import { swap } from './step'
import { Area, Field, Hint, areaAt, areaOf, blockAt, fieldsOf, hintsOf, isPage, pageAt, pageOf, pageUnit, pagesInAll } from './layout'
import { secretMix } from './veil'
import { NO_CLASS, claimBetween, claimPages, freePages, noteFreePages } from './pages'
import { CLASSES, LARGEST_UNITS, MAX_BYTES, PAGE_UNITS, RUN_CLASS, classOf, pagesFor, spanOf, unitsFor, unitsOf } from './sizes'
import { Page, PageStep, bitsWord, classIn, freeWord, hasRoom, isEmptied, pageState, pagesIn, spareBlocks, usedBits, versionIn } from './words/page'
import { placesTaken } from './words/places'
import { openStamp, sealedStamp, wasBlock } from './words/stamp'
import { shrinkZone } from './zone'

/** Pages after the last one used that are looked at for a free block, before a new span is claimed. */
const NEARBY: i32 = 64

/** Whether a reference read from shared memory points outside the map: the buffer is corrupted, and it is not followed. */
export function isOutside(map: i32, reference: i32): boolean { return !isPage(map, pageOf(map, reference)) }

// --- taking

/** A block for `bytes` bytes, marked as being written until `sealBlock`: its reference, or 0 when there is no memory. */
export function allocate(map: i32, me: i32, bytes: i32, type: i32, hash: i32): i32 {
  if (below(MAX_BYTES, bytes)) return 0
  const units = unitsFor(bytes), sizeClass = units > LARGEST_UNITS ? RUN_CLASS : classOf(units)
  const block = sizeClass === RUN_CLASS ? takeRun(map, me, units) : takeBlock(map, me, sizeClass)
  return opened(map, block, sizeClass, type, hash)
}

/** Marks a block that the caller alone holds as being written. */
function opened(map: i32, block: i32, sizeClass: i32, type: i32, hash: i32): i32 {
  if (block === 0) return 0
  const at = blockAt(map, block), seen = load(at)
  // Memory that was none lately begins with a stamp that nobody can guess, so that none comes back.
  const before = wasBlock(seen) ? seen : pack(secretMix(map, high(seen) ^ versionIn(load(pageAt(map, pageOf(map, block))))), 0)
  write(at, openStamp(before, sizeClass, type, hash))
  return block
}

/** The block is written: whoever reads a slot that refers to it may trust its stamp. */
export function sealBlock(map: i32, block: i32): void {
  const at = blockAt(map, block)
  write(at, sealedStamp(load(at)))
}

function takeBlock(map: i32, me: i32, sizeClass: i32): i32 {
  const near = takeFrom(map, peek(hintsOf(map, me), sizeClass), sizeClass)
  return near !== 0 ? near : takeElsewhere(map, me, sizeClass)
}

/** Takes a free block of the span that begins at a page: its reference, or 0 if there is none of this class. */
function takeFrom(map: i32, page: i32, sizeClass: i32): i32 {
  if (!isPage(map, page)) return 0
  while (true) {
    const seen = load(pageAt(map, page)), bits = low(seen)
    // An emptied span is nobody's: it is claimed anew, from the middle outwards. This one could lie where the tables grow.
    if (!hasRoom(seen, sizeClass)) return 0
    // The lowest: spans fill up from their beginning, and what was free last is near.
    const n = 31 - leadingZeros(bits & -bits)
    // Whatever happened to the span meanwhile: where the word is the same, the same blocks are free.
    if (swap(pageAt(map, page), seen, bitsWord(seen, bits & ~(1 << n)), PageStep.Take)) return pageUnit(map, page) + n * unitsOf(sizeClass)
  }
}

/** Nearby, in new pages, or anywhere. */
function takeElsewhere(map: i32, me: i32, sizeClass: i32): i32 {
  const from = peek(hintsOf(map, me), sizeClass) + 1, block = takeBetween(map, me, from, from + NEARBY, sizeClass)
  if (block !== 0 || hasFailed(map, me, sizeClass)) return block
  const page = claimAny(map, me, spanOf(sizeClass), sizeClass)
  if (page >= 0) {
    poke(hintsOf(map, me), sizeClass, page)
    return pageUnit(map, page)
  }
  const last = takeBetween(map, me, 0, pagesInAll(map), sizeClass)
  if (last === 0) noteFailure(map, me, sizeClass)
  return last
}

/** Takes the first free block of the class that these pages have. */
function takeBetween(map: i32, me: i32, from: i32, to: i32, sizeClass: i32): i32 {
  const all = pagesInAll(map), last = to < all ? to : all
  for (let page = from < 0 ? 0 : from; page < last; page++) {
    const block = takeFrom(map, page, sizeClass)
    if (block === 0) continue
    poke(hintsOf(map, me), sizeClass, page)
    return block
  }
  return 0
}

function takeRun(map: i32, me: i32, units: i32): i32 {
  const pages = pagesFor(units)
  if (hasNoRun(map, me, pages)) return 0
  const page = claimAny(map, me, pages, NO_CLASS)
  if (page >= 0) return pageUnit(map, page)
  poke(hintsOf(map, me), Hint.FailedRun, pages)
  return 0
}

/** Pages, also such as were kept for larger tables than the root's. */
function claimAny(map: i32, me: i32, pages: i32, sizeClass: i32): i32 {
  const page = claimPages(map, me, pages, sizeClass)
  return page < 0 && shrinkZone(map) ? claimPages(map, me, pages, sizeClass) : page
}

/** A block as `allocate` gives it, in pages between two only, near the one that was taken there last. */
export function allocateBetween(map: i32, me: i32, from: i32, to: i32, bytes: i32, type: i32, hash: i32): i32 {
  const units = unitsFor(bytes)
  if (units <= LARGEST_UNITS) return opened(map, takeWithin(map, me, from, to, classOf(units)), classOf(units), type, hash)
  const page = claimBetween(map, from, to, pagesFor(units), NO_CLASS)
  return page < 0 ? 0 : opened(map, pageUnit(map, page), RUN_CLASS, type, hash)
}

function takeWithin(map: i32, me: i32, from: i32, to: i32, sizeClass: i32): i32 {
  const hint = peek(hintsOf(map, me), sizeClass), near = hint < from || hint >= to ? from : hint
  const block = takeBetween(map, me, near, to, sizeClass)
  if (block !== 0) return block
  const page = claimBetween(map, from, to, spanOf(sizeClass), sizeClass)
  if (page < 0) return takeBetween(map, me, from, near, sizeClass)
  poke(hintsOf(map, me), sizeClass, page)
  return pageUnit(map, page)
}

// --- giving back

/** Gives a block back. One that cannot be one is left alone: the buffer is corrupted. */
export function freeBlock(map: i32, me: i32, block: i32): void {
  if (isOutside(map, block)) return
  const page = firstPage(map, pageOf(map, block)), word = load(pageAt(map, page)), state = pageState(word)
  if (state === Page.Blocks) giveTo(map, me, page, block)
  else if (state === Page.Run && block === pageUnit(map, page) && swap(pageAt(map, page), word, freeWord(word), PageStep.Drop)) notePages(map, me, page, pagesIn(word))
}

/** The first page of the span or run that a page belongs to. */
export function firstPage(map: i32, page: i32): i32 {
  const word = load(pageAt(map, page))
  if (pageState(word) !== Page.Tail) return page
  const first = page - low(word)
  return below(first, page) ? first : page
}

function giveTo(map: i32, me: i32, page: i32, block: i32): void {
  while (true) {
    const seen = load(pageAt(map, page)), bit = 1 << numberOf(map, page, seen, block)
    if (pageState(seen) !== Page.Blocks || (low(seen) & bit) !== 0) return
    const next = bitsWord(seen, low(seen) | bit)
    if (!swap(pageAt(map, page), seen, next, PageStep.Give)) continue
    if (isEmptied(next)) return notePages(map, me, page, pagesIn(next))
    if (low(seen) === 0) noteFreed(map, me, 1)
    return preferSpan(map, me, page, classIn(next))
  }
}

/** The next of a class is taken where one was given, once the span that the last was taken from has none. */
function preferSpan(map: i32, me: i32, page: i32, sizeClass: i32): void {
  const hint = peek(hintsOf(map, me), sizeClass)
  if (!isPage(map, hint) || !hasRoom(load(pageAt(map, hint)), sizeClass)) poke(hintsOf(map, me), sizeClass, page)
}

/** Which of a span's blocks it is. */
function numberOf(map: i32, page: i32, word: Word, block: i32): i32 { return (block - pageUnit(map, page)) / unitsOf(classIn(word)) | 0 }

// --- failures: what was not there is not looked for again until somebody has given something back

/** Notes that something came back: pages, or blocks in one. */
export function noteFreed(map: i32, me: i32, pages: i32): void { add(areaOf(map, me) + Area.Freed, pages) }

function notePages(map: i32, me: i32, page: i32, pages: i32): void {
  noteFreed(map, me, pages)
  noteFreePages(map, me, page, pages)
}

/** How many pages came back, in whole or in part, that others may have waited for, by all workers. */
export function freedByAll(map: i32): i32 {
  let freed = 0
  for (let area = 1; area <= placesTaken(map); area++) freed = freed + low(load(areaAt(map, area) + Area.Freed)) | 0
  return freed
}
/** The caller's hints, without failures that were before something came back. Called before the look, so that what comes back during it counts. */
function failures(map: i32, me: i32): i32 {
  const hints = hintsOf(map, me), freed = freedByAll(map)
  if (peek(hints, Hint.FailedAt) === freed) return hints
  poke(hints, Hint.FailedAt, freed)
  poke(hints, Hint.Failed, 0)
  poke(hints, Hint.Failed + 1, 0)
  poke(hints, Hint.FailedRun, 0)
  return hints
}
function hasFailed(map: i32, me: i32, sizeClass: i32): boolean { return (peek(failures(map, me), Hint.Failed + (sizeClass >> 5)) >>> (sizeClass & 31) & 1) !== 0 }
function noteFailure(map: i32, me: i32, sizeClass: i32): void {
  const hints = hintsOf(map, me), half = Hint.Failed + (sizeClass >> 5)
  poke(hints, half, peek(hints, half) | 1 << (sizeClass & 31))
}
/** Whether no run of so many pages, or of fewer, was found. */
function hasNoRun(map: i32, me: i32, pages: i32): boolean {
  const shortest = peek(failures(map, me), Hint.FailedRun)
  return shortest !== 0 && shortest <= pages
}

// --- at rest

/** Units that a block takes, or 0 if none begins there. */
export function blockUnits(map: i32, block: i32): i32 {
  if (isOutside(map, block)) return 0
  const page = firstPage(map, pageOf(map, block)), word = load(pageAt(map, page)), offset = block - pageUnit(map, page)
  if (pageState(word) === Page.Run) return offset === 0 ? low(word) * PAGE_UNITS : 0
  if (pageState(word) !== Page.Blocks) return 0
  const units = unitsOf(classIn(word))
  return offset % units === 0 ? units : 0
}

/** Whether a block that `blockUnits` knows is free. */
export function isFreeBlock(map: i32, block: i32): boolean {
  const page = firstPage(map, pageOf(map, block)), word = load(pageAt(map, page))
  return pageState(word) === Page.Blocks && (low(word) >>> numberOf(map, page, word, block) & 1) !== 0
}

/** The first block at or after `block` that is not free, 0 if there is none: for walks at rest. */
export function nextUsed(map: i32, block: i32): i32 {
  let page = isOutside(map, block) ? 0 : firstPage(map, pageOf(map, block))
  if (!below(block, pageUnit(map, pagesInAll(map)))) return 0
  for (; below(page, pagesInAll(map)); page += 1) {
    const word = load(pageAt(map, page)), start = pageUnit(map, page)
    if (pageState(word) === Page.Run && block <= start) return start
    if (pageState(word) !== Page.Blocks) continue
    const units = unitsOf(classIn(word)), used = usedBits(word)
    for (let n = block <= start ? 0 : (block - start + units - 1) / units | 0; n < 32; n++) if ((used >>> n & 1) !== 0) return start + n * units
  }
  return 0
}

/** Counts the free blocks of spans that are in use, by class, into the caller's `Out` window: an integer each. */
export function countFree(map: i32, me: i32): void {
  const out = areaOf(map, me) + Area.Out
  poke(fieldsOf(map, me), Field.OutUsed, 1)
  for (let c = 0; c < CLASSES; c++) poke(out, c, 0)
  for (let page = 0; page < pagesInAll(map); page++) {
    const word = load(pageAt(map, page)), c = classIn(word)
    poke(out, c, peek(out, c) + spareBlocks(word))
  }
}

/** Units that are free: whole pages, and the free blocks of spans that are in use. */
export function freeUnits(map: i32): i32 {
  let units = freePages(map) * PAGE_UNITS
  for (let page = 0; page < pagesInAll(map); page++) {
    const word = load(pageAt(map, page))
    units += spareBlocks(word) * unitsOf(classIn(word))
  }
  return units
}
