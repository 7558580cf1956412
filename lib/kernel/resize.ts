// The start of a resize: take the other half's region, close the claims, write the successor's header, install it.
//
// A builder may vanish between any two steps; whoever comes next finds the region in use one generation above the root
// and goes on with the same header. Closing the claims decides between copy and clear: whoever goes on, goes on with that.

import { Word, fixed, high, load, low, peek, poke } from './memory'
import { swap } from './step'
import { At, Field, Table, chunksAt, doneWords, fieldsOf, mostSlots, pagesInAll, regionAt, slotsAt, tableAt } from './layout'
import { closeClaims } from './claims'
import { freshSeed } from './hash'
import { size } from './size'
import { freePages } from './pages'
import { PAGE_SLOTS, pagesFor } from './sizes'
import { finishSweep } from './sweep'
import { capacityOf, chunksOf, rootIs } from './table'
import { ChunkStep, CursorStep } from './words/chunk'
import { ClaimsStep, claimsCount, isClosed, isForClear } from './words/claims'
import { CapacityBits, HeaderStep, isFresh, setHeaderWord } from './words/header'
import { Tag, keyTag } from './words/key'
import { Region, RegionStep, regionState, regionWord } from './words/region'
import { generationOf } from './words/root'
import { Successor, SuccessorStep, successorWord } from './words/successor'
import { isReadable } from './words/value'
import { closeZone, extendZone, openZone, roomForZone, zoneSize } from './zone'

/** How a start ended: look anew, no memory, or this very call installed the successor. */
export const enum Start { Again = 0, NoMemory = 1, Installed = 2 }

/** Slots that are looked at to tell live keys from deleted ones. */
const SAMPLE: i32 = 256

// --- sizing, by ratios and never by the clock

/** How many of `claimed` keys seem alive, by a sample: exact for small tables, and nothing that a kill could spoil. */
function seemAlive(map: i32, generation: i32, capacity: i32, claimed: i32): i32 {
  // All over the table: deletes may come in the order of the slots, as those of a walk do.
  const many = capacity < SAMPLE ? capacity : SAMPLE, stride = capacity / many | 0, rest = capacity % many
  let keys = 0, live = 0
  for (let n = 0; n < many; n++) {
    const slot = slotsAt(map, generation, capacity) + (n * stride + (n * rest / many | 0) << 1)
    if (keyTag(load(slot)) !== Tag.None) keys++
    if (isReadable(load(slot + 1))) live++
  }
  if (keys === 0) return 0
  return (claimed / keys | 0) * live + ((claimed % keys) * live / keys | 0)
}

/** The size that suits `live` keys: doubled above three eighths, about three eighths full again below one eighth. */
function suits(capacity: i32, live: i32, fewest: i32): i32 {
  if (live > (capacity >> 2) + (capacity >> 3)) return capacity << 1
  if (live >= capacity >> 3) return capacity
  const smaller = live * 3
  return smaller > fewest ? smaller : fewest
}

/** Slots that a table could have, as things are: no more than are wanted. */
function roomForTables(map: i32, wanted: i32): i32 { return upToMost(map, roomForZone(map, pagesFor(wanted)) * PAGE_SLOTS) }
/** Slots that a table can have in the zone as it is. */
function slotsInZone(map: i32): i32 { return upToMost(map, zoneSize(map) * PAGE_SLOTS) }
function upToMost(map: i32, slots: i32): i32 {
  const most = mostSlots(map)
  return slots < most ? slots : most
}

/** Slots for so many claims, four thirds: a sample may be wrong, and a table that began nearly full would make searches long. */
function slotsFor(claimed: i32): i32 { return claimed + (claimed / 3 | 0) }

/** Slots where memory is short: half as many again as claims, so that the table does not grow at the next one, if the old one had so many. */
function tightFor(capacity: i32, claimed: i32): i32 {
  const tight = claimed + (claimed >> 1)
  return tight <= capacity ? tight : slotsFor(claimed)
}

/**
 * Of the slots that are wanted, so many that what is left is enough for the records of their keys, if they are as large as those there are.
 * Else the table would take what they need, and be made small again for them, at every new key. O(pages).
 */
function affordable(map: i32, capacity: i32, claimed: i32, wanted: i32): i32 {
  const all = pagesInAll(map), own = pagesFor(capacity), few = all >> 7, least = (own > few ? own : few) * PAGE_SLOTS
  // What takes no page more, or few of all, does no harm.
  if (wanted <= least) return wanted
  // Correctness: not less than none. Pages that were free can be the zone's by the time that the zone is read.
  const used = all - freePages(map) - (zoneSize(map) << 1), blocks = used > 0 ? used : 0
  // In sixteenths of a page: what a page of slots takes, one at each end, and the records of so many keys.
  const each = 32 + ((blocks << 8) / (claimed | 1) | 0) * 4, slots = (all << 8) / each << 2, most = slots > least ? slots : least
  return wanted < most ? wanted : most
}

/** The successor's capacity: what suits, no less than what its claims need, no more than there is room for. */
function nextCapacity(map: i32, capacity: i32, live: i32, claimed: i32, needed: i32): i32 {
  const suited = suits(capacity, live, high(fixed(map + At.Extent))), larger = suited > needed ? suited : needed
  const room = roomForTables(map, affordable(map, capacity, claimed, larger)), wanted = suited < room ? suited : room
  return wanted > needed ? wanted : needed < room ? needed : room
}

/** The capacity of the table that follows a clear: the smallest that can take over the claims. */
function clearedCapacity(map: i32, claimed: i32): i32 { return claimed > high(fixed(map + At.Extent)) ? claimed : high(fixed(map + At.Extent)) }

/** Whether a clean-out would give anything back: a key without a value. Looks at every slot, as the clean-out would. */
function holdsDeleted(map: i32, generation: i32): boolean {
  const capacity = capacityOf(map, generation), slots = slotsAt(map, generation, capacity)
  for (let index = 0; index < capacity; index++) {
    const slot = slots + (index << 1)
    if (keyTag(load(slot)) !== Tag.None && !isReadable(load(slot + 1))) return true
  }
  return false
}

/** Whether a resize would help nobody: no larger table fits, and there is nothing to clean out. */
function isUseless(map: i32, generation: i32, capacity: i32, claimed: i32): boolean {
  // Correctness: one sample for both questions. Two, with a write in between, could deny a resize that there is room for.
  const live = seemAlive(map, generation, capacity, claimed), next = nextCapacity(map, capacity, live, claimed, slotsFor(claimed))
  // A copy of all for a few slots more is worth while only where there is none left.
  const enough = capacity + (capacity >> (claimed < capacity ? 3 : 6))
  return next < claimed || next <= enough && claimed >= capacity - (capacity >> 2) && live + (live >> 4) >= claimed
}

// --- building

/** Takes the other half's region, or finds it taken for this very successor. False if the root has moved on. */
function takeRegion(map: i32, generation: i32): boolean {
  const at = regionAt(map, generation + 1)
  while (true) {
    const seen = load(at)
    if (!rootIs(map, generation)) return false
    if (generationOf(seen) === (generation + 1 | 0)) return regionState(seen) === Region.InUse
    if (regionState(seen) !== Region.Free) return false
    if (swap(at, seen, regionWord(generation + 1 | 0, Region.InUse), RegionStep.Take)) return true
  }
}

/** The successor's seeds: its own from the secret where it is Fresh, the root's otherwise. */
function nextSeed(map: i32, generation: i32, capacityWord: Word, word: i32): i32 {
  return isFresh(capacityWord) ? freshSeed(map, generation, word) : low(load(tableAt(map, generation) + word))
}

/** The flags of the successor's capacity word: a reseed makes it keyed, under seeds of its own; and keyed it stays. */
function nextFlags(map: i32, generation: i32, reseed: boolean): i32 {
  return reseed ? CapacityBits.Keyed | CapacityBits.Fresh : low(load(tableAt(map, generation) + Table.Capacity)) & CapacityBits.Keyed
}

/** Writes the header of generation + 1. Whatever was set before stands; false if the memory has gone on without us. */
function buildHeader(map: i32, generation: i32, capacity: i32, flags: i32, closed: i32, core: i32): boolean {
  const table = tableAt(map, generation + 1), next = generation + 1 | 0
  if (!setHeaderWord(table + Table.Capacity, next, capacity | flags, HeaderStep.SetCapacity)) return false
  if (!setHeaderWord(table + Table.Core, next, core, HeaderStep.SetCore)) return false
  // From here on what counts is what the word says, whoever set it.
  const word = load(table + Table.Capacity)
  return setHeaderWord(table + Table.SeedLow, next, nextSeed(map, generation, word, Table.SeedLow), HeaderStep.SetSeed)
    && setHeaderWord(table + Table.SeedHigh, next, nextSeed(map, generation, word, Table.SeedHigh), HeaderStep.SetSeed)
    && setHeaderWord(table + Table.Successor, next, Successor.None, SuccessorStep.Renew)
    && setHeaderWord(table + Table.Claims, next, closed, ClaimsStep.Renew)
    && setHeaderWord(table + Table.Cursor, next, 0, CursorStep.Renew)
    && setHeaderWord(table + Table.SweepCursor, next, 0, CursorStep.Renew)
    && renewChunks(map, next)
}

/** Opens the done-words of the table's chunks, and one more in turn, so that none grows too old to compare. */
function renewChunks(map: i32, generation: i32): boolean {
  const at = chunksAt(map, generation), chunks = chunksOf(map, capacityOf(map, generation))
  const most = doneWords(map)
  for (let chunk = 0; chunk < chunks; chunk++) if (!setHeaderWord(at + chunk, generation, 0, ChunkStep.Renew)) return false
  const turn = (generation >>> 1) % most
  return turn < chunks || setHeaderWord(at + turn, generation, 0, ChunkStep.Renew)
}

function install(map: i32, me: i32, generation: i32, kind: Successor): Start {
  const at = tableAt(map, generation) + Table.Successor
  // Whoever comes first: it is what the claims were closed for.
  if (!swap(at, successorWord(generation, Successor.None), successorWord(generation, kind), SuccessorStep.Renew + kind)) return Start.Again
  poke(fieldsOf(map, me), Field.Started, generation + 1 | 0)
  return Start.Installed
}

/**
 * Begins a resize of the root's table, or goes on with one that somebody began. `kind` tells copy from clear; but what
 * counts is what the claims were closed for. For a caller that wants a clear, `Installed` says that this table's is decided.
 */
export function startResize(map: i32, me: i32, generation: i32, kind: Successor, reseed: boolean): Start {
  return begin(map, me, generation, kind, reseed, false, 0)
}

/** Where memory is short: begins a resize to a table no larger than its claims need, if that gives back a good part. False if not. */
export function tighten(map: i32, me: i32, generation: i32): boolean {
  const capacity = capacityOf(map, generation), claims = load(tableAt(map, generation) + Table.Claims)
  const needed = tightFor(capacity, claimsCount(claims)), fewest = high(fixed(map + At.Extent))
  if (capacity <= fewest || generationOf(claims) !== generation || needed + (needed >> 3) >= capacity) return false
  // Fewer slots on as many pages would give nothing back.
  const least = needed > fewest ? needed : fewest
  if (pagesFor(least) >= pagesFor(capacity)) return false
  return begin(map, me, generation, Successor.Copy, false, true, 0) !== Start.NoMemory
}

/** Begins a clean-out, if that would give anything back and is worth while. False if not. */
export function cleanOut(map: i32, me: i32, generation: i32): boolean {
  return holdsDeleted(map, generation) && startResize(map, me, generation, Successor.Copy, false) !== Start.NoMemory
}

/** Begins a resize that brings the records of keys to so many pages in the middle. */
export function gather(map: i32, me: i32, generation: i32, core: i32): void { begin(map, me, generation, Successor.Copy, false, true, core) }

function begin(map: i32, me: i32, generation: i32, kind: Successor, reseed: boolean, tight: boolean, core: i32): Start {
  finishSweep(map, me, generation - 1 | 0)
  const capacity = capacityOf(map, generation), claims = load(tableAt(map, generation) + Table.Claims)
  if (capacity < 0 || generationOf(claims) !== generation) return Start.Again
  if (kind === Successor.Copy && !reseed && !tight && !isClosed(claims) && isUseless(map, generation, capacity, claimsCount(claims))) return Start.NoMemory
  // Close only with a region in hand: the zone is large enough for whatever the claims turn out to be.
  if (!takeRegion(map, generation) || !openZone(map, generation + 1 | 0)) return Start.Again
  const closed = closeClaims(map, generation, kind === Successor.Clear)
  if (generationOf(closed) !== generation) return Start.Again
  // Correctness: a writer that went on with a clear as with a copy, and a clear that began anew after it, could go on for ever.
  const decided = isForClear(closed) ? Successor.Clear : Successor.Copy
  const start = build(map, me, generation, capacity, decided, claimsCount(closed), reseed, tight, core)
  // Who wanted the other kind looks anew. A clear is decided even where another has installed it.
  return decided !== kind ? Start.Again : kind === Successor.Clear ? Start.Installed : start
}

/** Sizes, builds and installs the successor of a table whose claims are closed. */
function build(map: i32, me: i32, generation: i32, capacity: i32, kind: Successor, closed: i32, reseed: boolean, tight: boolean, core: i32): Start {
  let next = kind === Successor.Clear ? clearedCapacity(map, closed)
    : tight ? nextCapacity(map, capacity, 0, closed, tightFor(capacity, closed))
    : nextCapacity(map, capacity, seemAlive(map, generation, capacity, closed), closed, slotsFor(closed))
  if (next < capacity && next < closed) next = capacity
  // A table at both ends: one that fits only one end could never be cleaned out again.
  if (!extendZone(map, generation + 1 | 0, pagesFor(next))) next = slotsInZone(map)
  if (!buildHeader(map, generation, next, nextFlags(map, generation, reseed), closed, core)) return Start.Again
  // Correctness: before the successor is installed. Who extends the zone after that extends it for another.
  closeZone(map, generation + 1 | 0)
  return install(map, me, generation, kind)
}

/** Counts a delete: how many there were since the last look. */
export function countDelete(fields: i32): i32 {
  const deletes = peek(fields, Field.Deletes) + 1
  poke(fields, Field.Deletes, deletes)
  return deletes
}

/** After so many deletes: begins a resize when the table has become much too large. A look now and then is enough. */
export function considerShrink(map: i32, me: i32, generation: i32, deletes: i32): void {
  const capacity = capacityOf(map, generation)
  if (deletes <= capacity >> 4) return
  poke(fieldsOf(map, me), Field.Deletes, 0)
  if (isTooLarge(map, capacity)) startResize(map, me, generation, Successor.Copy, false)
}

/** Whether a table of this capacity holds less than one eighth, and a smaller one is allowed. */
function isTooLarge(map: i32, capacity: i32): boolean {
  return capacity > high(fixed(map + At.Extent)) && size(map) < capacity >> 3
}

/** After a sweep: a table whose claims have just been settled far below its capacity gives its slots back at once. */
export function shrinkAfterSweep(map: i32, me: i32, generation: i32): void {
  const capacity = capacityOf(map, generation), claims = load(tableAt(map, generation) + Table.Claims)
  if (generationOf(claims) !== generation || claimsCount(claims) >= capacity >> 3) return
  if (capacity > high(fixed(map + At.Extent))) startResize(map, me, generation, Successor.Copy, false)
}
