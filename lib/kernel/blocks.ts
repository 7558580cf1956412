// Who owns which memory: blocks in size classes, free lists with versions, caches a participant, carving.
//
// Law: a block is at any moment in exactly one place: published in a slot, in one list, or in one worker's hand.
// A kill leaks what was in hand (a run of at most 4 KiB while carving) and, until it is reaped, the worker's caches.

import { below, fixed, high, leadingZeros, load, low, pack, store } from './memory'
import { swap } from './step'
import { AREA_CELLS, Area, At, LIST_CLASSES, PARTICIPANT_CLASSES, Table, areaAt, blockAt, frontierAt, tableAt } from './layout'
import { CacheStep, ListStep, cacheTicket, cacheWord, listHead, listWord } from './words/list'
import { FrontierStep, areaSlots, frontierWord, lowestUnit } from './words/frontier'
import { areaIn, ticketIn, ticketOf } from './words/participant'
import { placesTaken } from './words/places'
import { classOfBlock, openStamp, sealedStamp } from './words/stamp'

/** Units of 16 bytes that are carved in one run, for blocks smaller than this. */
const RUN_UNITS: i32 = 256
/** How far an allocation that finds no room looks among larger blocks, and at least up to a run: four classes are a factor of two. */
const LARGER_CLASSES: i32 = 8
/** Longest record in bytes: a reference has 28 bits, and no half is larger than 2 GiB. */
export const MAX_BYTES: i32 = 0x40000000

/** Size class of a number of units: 1, 2, 3, 4, then four classes to each doubling. */
export function classOf(units: i32): i32 {
  const u = units - 1
  if (u < 4) return u
  const e = 29 - leadingZeros(u)
  return (e << 2) + (u >> e)
}
export function unitsOf(sizeClass: i32): i32 {
  return sizeClass < 4 ? sizeClass + 1 : (sizeClass & 3) + 5 << (sizeClass >> 2) - 1
}
export function unitsFor(bytes: i32): i32 { return 1 + (bytes + 15 >>> 4) }

function listAt(map: i32, sizeClass: i32): i32 { return map + At.Lists + sizeClass }
function cacheAt(map: i32, area: i32, sizeClass: i32): i32 { return areaAt(map, area) + Area.Caches + sizeClass }
function depthLimit(sizeClass: i32): i32 { return 1 + (RUN_UNITS / unitsOf(sizeClass) | 0) }

/** Whether a reference read from shared memory points outside the map: the buffer is corrupted, and it is not followed. */
export function isOutside(map: i32, reference: i32): boolean { return below(low(fixed(map + At.Extent)) >> 1, reference + 1) }

// A link lies in the second cell of a free block: the next block, and how many there are from here on.
function linkOf(map: i32, reference: i32): i32 { return low(load(blockAt(map, reference) + 1)) }
function depthOf(map: i32, reference: i32): i32 { return reference === 0 ? 0 : high(load(blockAt(map, reference) + 1)) }
function setLink(map: i32, reference: i32, next: i32, depth: i32): void { store(blockAt(map, reference) + 1, pack(depth, next)) }

/** Pops one block from a class's shared list: its reference, or 0. */
export function popShared(map: i32, sizeClass: i32): i32 {
  const at = listAt(map, sizeClass)
  while (true) {
    const seen = load(at), block = listHead(seen)
    if (block === 0 || isOutside(map, block)) return 0
    // The link may be garbage if the block was popped meanwhile; then the head's version has moved and the swap fails.
    if (swap(at, seen, listWord(seen, linkOf(map, block) & 0x0fffffff), ListStep.Pop)) return block
  }
}

export function pushShared(map: i32, sizeClass: i32, block: i32): void {
  const at = listAt(map, sizeClass)
  while (true) {
    const seen = load(at)
    setLink(map, block, listHead(seen), 0)
    if (swap(at, seen, listWord(seen, block), ListStep.Push)) return
  }
}

/** Pops one block from a cache under `ticket`: its reference, 0 if it is empty, -1 if the cache has another owner. */
export function popCache(map: i32, area: i32, ticket: i32, sizeClass: i32): i32 {
  const at = cacheAt(map, area, sizeClass)
  while (true) {
    const seen = load(at), block = listHead(seen)
    if (cacheTicket(seen) !== ticket) return -1
    if (block === 0 || isOutside(map, block)) return 0
    if (swap(at, seen, cacheWord(seen, ticket, linkOf(map, block) & 0x0fffffff), CacheStep.Pop)) return block
  }
}

/** Puts a chain of blocks, `first` to `last`, on a cache. False if it has another owner or would grow too deep. */
function pushCache(map: i32, me: i32, sizeClass: i32, first: i32, last: i32, limit: i32): boolean {
  const at = cacheAt(map, areaIn(me), sizeClass)
  while (true) {
    const seen = load(at), head = listHead(seen)
    if (cacheTicket(seen) !== ticketIn(me) || isOutside(map, head)) return false
    const depth = depthOf(map, head)
    if (depth >= limit) return false
    setLink(map, last, head, depth + 1)
    if (swap(at, seen, cacheWord(seen, ticketIn(me), first), CacheStep.Push)) return true
  }
}

function hasCache(me: i32, sizeClass: i32): boolean {
  return sizeClass < PARTICIPANT_CLASSES && areaIn(me) > 0
}

/** Gives a block back: to the caller's cache, or to the shared list when that is full or not the caller's any more. */
export function freeBlock(map: i32, me: i32, block: i32): void {
  if (isOutside(map, block)) return
  const sizeClass = classOfBlock(load(blockAt(map, block)))
  if (sizeClass >= LIST_CLASSES) return
  if (hasCache(me, sizeClass) && pushCache(map, me, sizeClass, block, block, depthLimit(sizeClass))) return
  pushShared(map, sizeClass, block)
}

/** Slots that the table area of a half could have, those it has included, if no more blocks were carved there. */
export function roomOf(map: i32, half: i32, lowest: i32): i32 {
  return (lowest << 1) - low(fixed(tableAt(map, half) + Table.Place)) >> 1
}

/** Whether a half may lose `units` to blocks. Both halves keep the slots of the largest table so far, so that the
 *  running one can always be cleaned out. */
function canCarve(map: i32, half: i32, seen: i32, slots: i32, units: i32): boolean {
  return roomOf(map, half, seen) - units >= slots
}

/** Carves `units` from the half with more room: the reference of the lowest, or 0. */
export function carve(map: i32, units: i32): i32 {
  while (true) {
    const a = load(frontierAt(map, 0)), b = load(frontierAt(map, 1))
    const half = below(roomOf(map, 0, lowestUnit(a)) - areaSlots(a), roomOf(map, 1, lowestUnit(b)) - areaSlots(b)) ? 1 : 0
    const seen = half === 0 ? a : b
    if (!canCarve(map, half, lowestUnit(seen), areaSlots(seen), units)) return 0
    const block = lowestUnit(seen) - units
    if (swap(frontierAt(map, half), seen, frontierWord(block, areaSlots(seen)), FrontierStep.Carve)) return block
  }
}

/** Links the blocks of a fresh run but the first, and puts them on the caller's cache or the shared list. */
function stockRun(map: i32, me: i32, sizeClass: i32, run: i32, count: i32): void {
  const units = unitsOf(sizeClass), last = run + (count - 1) * units
  for (let n = 1; n < count; n++) {
    const block = run + n * units
    store(blockAt(map, block), pack(0, sizeClass << 8))
    setLink(map, block, block + units, count - n)
  }
  if (hasCache(me, sizeClass) && pushCache(map, me, sizeClass, run + units, last, 1)) return
  for (let n = 1; n < count; n++) pushShared(map, sizeClass, run + n * units)
}

function carveBlock(map: i32, me: i32, sizeClass: i32): i32 {
  const units = unitsOf(sizeClass), count = RUN_UNITS / units | 0
  if (count < 2) return carve(map, units)
  const run = carve(map, units * count)
  if (run === 0) return carve(map, units)
  stockRun(map, me, sizeClass, run, count)
  return run
}

function popAny(map: i32, me: i32, sizeClass: i32): i32 {
  if (hasCache(me, sizeClass)) {
    const block = popCache(map, areaIn(me), ticketIn(me), sizeClass)
    if (block > 0) return block
  }
  return popShared(map, sizeClass)
}

/** The largest class among which an allocation looks for a block to split. */
function largestFor(sizeClass: i32): i32 {
  const run = classOf(RUN_UNITS), larger = sizeClass + LARGER_CLASSES, most = larger < run ? run : larger
  return most < LIST_CLASSES ? most : LIST_CLASSES - 1
}

/**
 * When there is no room left to carve: the first part of a larger block, whose rest is free at once. A kill in between
 * loses the rest, no more than the run of a carve, or four times what was asked for.
 */
function popLarger(map: i32, me: i32, sizeClass: i32): i32 {
  const units = unitsOf(sizeClass), last = largestFor(sizeClass)
  for (let larger = sizeClass + 1; larger <= last; larger++) {
    const block = popAny(map, me, larger)
    if (block === 0) continue
    reclaim(map, block + units, unitsOf(larger) - units)
    return block
  }
  return 0
}

/** A block for `bytes` bytes, its stamp odd until `sealBlock`: its reference, or 0 when there is no memory. */
export function allocate(map: i32, me: i32, bytes: i32, type: i32): i32 {
  if (below(MAX_BYTES, bytes)) return 0
  const sizeClass = classOf(unitsFor(bytes))
  let block = popAny(map, me, sizeClass)
  if (block === 0) block = carveBlock(map, me, sizeClass)
  if (block === 0) block = popLarger(map, me, sizeClass)
  if (block === 0) return 0
  const at = blockAt(map, block)
  store(at, openStamp(load(at), sizeClass, type))
  return block
}

/** The block is written: from here on a reader may trust its stamp. */
export function sealBlock(map: i32, block: i32): void {
  const at = blockAt(map, block)
  store(at, sealedStamp(load(at)))
}

/** Makes free blocks of a stretch that the caller alone holds: what a larger block leaves over, and what `repair` finds. */
export function reclaim(map: i32, start: i32, units: i32): void {
  for (let at = start, left = units; left > 0;) {
    let sizeClass = classOf(left)
    while (unitsOf(sizeClass) > left) sizeClass--
    store(blockAt(map, at), pack(high(load(blockAt(map, at))) & ~1, sizeClass << 8))
    pushShared(map, sizeClass, at)
    at += unitsOf(sizeClass)
    left -= unitsOf(sizeClass)
  }
}

/** Blocks in all free lists and caches, as units; at rest this is what `allocate` can still hand out without carving. */
export function freeUnits(map: i32): i32 {
  const taken = placesTaken(map)
  let units = 0
  for (let c = 0; c < LIST_CLASSES; c++) units += chainUnits(map, listHead(load(listAt(map, c))), c)
  for (let area = 1; area <= taken; area++) {
    for (let c = 0; c < PARTICIPANT_CLASSES; c++) units += chainUnits(map, listHead(load(cacheAt(map, area, c))), c)
  }
  return units
}

/** Follows one chain; its length is bounded by the map's, so a corrupted one ends too. */
function chainUnits(map: i32, first: i32, sizeClass: i32): i32 {
  const limit = low(fixed(map + At.Extent)) >> 1
  let units = 0
  for (let block = first; block !== 0 && units < limit && block < limit; block = linkOf(map, block) & 0x0fffffff) units += unitsOf(sizeClass)
  return units
}

/** For tests: whether the area's caches hold nothing. */
export function cachesAreEmpty(map: i32, area: i32): boolean {
  for (let c = 0; c < PARTICIPANT_CLASSES; c++) if (listHead(load(cacheAt(map, area, c))) !== 0) return false
  return true
}

/** Moves every cache of an area to `ticket`, chains kept; `owner` is the owner word under which this is right. */
export function adoptCaches(map: i32, area: i32, ticket: i32): void {
  const ownerAt = map + area * AREA_CELLS + Area.Owner
  const owner = load(ownerAt)
  for (let c = 0; c < PARTICIPANT_CLASSES; c++) {
    while (true) {
      const at = cacheAt(map, area, c), seen = load(at)
      if (cacheTicket(seen) === ticket) break
      // Whoever joined since has the say: if theirs comes first, the owner word differs; if ours does, they adopt again.
      if (load(ownerAt) !== owner || ticketOf(owner) !== ticket) return
      if (swap(at, seen, cacheWord(seen, ticket, listHead(seen)), CacheStep.Adopt)) break
    }
  }
}

/** Units that a block takes. */
export function blockUnits(map: i32, block: i32): i32 { return unitsOf(classOfBlock(load(blockAt(map, block)))) }
