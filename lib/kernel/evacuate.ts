// Evacuation: a few live blocks keep pages from others, and blocks lie where tables would grow. Records are never changed, so
// they can be copied elsewhere: the copy is written, the value word is swapped from the old reference to the new, and the old block is
// free. Readers and writers see a value word that has moved, as after any write.
//
// Records of keys go along when their table is copied: a resize is begun for that.
//
// Moves go from the ends to the middle. There the live records get just the pages they need; what lies outside is free
// then, in one piece at each end. For a record that is larger than either, they go to the beginning: what is free is one piece then.
// A worker that is killed meanwhile leaves one copy that nobody refers to.

import { Word, below, load, low, peek, poke } from './memory'
import { swap } from './step'
import { Area, Field, Hint, Table, areaOf, fieldsOf, hintsOf, pageAt, pageOf, pagesInAll, slotsAt, tableAt } from './layout'
import { firstPage, freeBlock, freedByAll, isOutside } from './blocks'
import { coreEnd, coreStart, freePages, isInCore, mostTogether } from './pages'
import { copyRecord, recordStamp } from './records'
import { CLASSES, PAGE_SHIFT, PAGE_UNITS, blocksOf, spanOf, unitsOf } from './sizes'
import { gather } from './resize'
import { finishResize } from './sweep'
import { capacityOf, rootIs } from './table'
import { zoneSize } from './zone'
import { Tag, keyReference, keyTag } from './words/key'
import { Page, classIn, isEmptied, pageState, pagesIn, usedBlocks } from './words/page'
import { Successor, successorWord } from './words/successor'
import { ValueStep, isLive, recordPayload, valueReference, valueTag, valueWord } from './words/value'

/**
 * Moves the records of the root's table to the middle, if any lies where tables could grow, or if that would give back more than a
 * sixty-fourth of all pages. True if anything came free. O(capacity + what is moved); of many that find no memory, each does it once for
 * each sixty-fourth of the pages that has been given back.
 */
export function evacuate(map: i32, me: i32, generation: i32): boolean {
  const hints = hintsOf(map, me), freed = freedByAll(map), least = pagesInAll(map) >> 6, since = freed - peek(hints, Hint.Evacuated) | 0
  if (peek(hints, Hint.HasEvacuated) !== 0 && (since === 0 || below(since, least))) return false
  poke(hints, Hint.HasEvacuated, 1)
  poke(hints, Hint.Evacuated, freed)
  gatherAll(map, me, generation, least)
  const now = freedByAll(map)
  poke(hints, Hint.Evacuated, now)
  return now !== freed
}

/** The same, at any time; so many pages are too few to be moved for if they lie where no table could have them. */
export function gatherAll(map: i32, me: i32, generation: i32, least: i32): void {
  const all = pagesInAll(map), units = countUsed(map, me)
  // A sixteenth more: blocks of many classes do not fill their spans.
  const some = (units >>> PAGE_SHIFT) + (units >>> PAGE_SHIFT + 4) + (all >> 6) + 8, core = some < all ? some : all
  // One page outside of the core is enough: it could keep the tables from all that is free behind it.
  if (planSpans(map, me, core) > least || pagesOutside(map, core) > 0) gatherIn(map, me, generation, core)
}

/** Moves what lies outside of the core; keys too, if any do: that takes a copy of the table. */
function gatherIn(map: i32, me: i32, generation: i32, core: i32): void {
  moveAll(map, me, generation, core)
  if (pagesOutside(map, core) > 0) gatherKeys(map, me, generation, core)
}

/**
 * For the last run that the caller found no room for: moves what lies in its way to the beginning, if so much is free in all. True if
 * there is a run so long now. Cost and limit as for `evacuate`.
 */
export function evacuateFor(map: i32, me: i32, generation: i32): boolean {
  const hints = hintsOf(map, me), freed = freedByAll(map), pages = peek(hints, Hint.FailedRun)
  if (pages === 0 || peek(hints, Hint.AsideAt) === freed && peek(hints, Hint.AsideFor) <= pages) return false
  poke(hints, Hint.AsideAt, freed)
  poke(hints, Hint.AsideFor, pages)
  const core = zoneSize(map) + pages - pagesInAll(map)
  if (core + zoneSize(map) >= 0 || freePages(map) < pages || mostTogether(map) >= pages) return false
  countUsed(map, me)
  planSpans(map, me, core)
  gatherIn(map, me, generation, core)
  poke(hints, Hint.AsideAt, freedByAll(map))
  return mostTogether(map) >= pages
}

// --- what is to be moved: what lies outside of the core, and of each class what the spans nearest to the middle could take

/** The plan, in the caller's `Out` window: for each class its blocks in use, then how far from the middle its spans are kept. */
const enum Plan { Used = 0, Kept = 64 }

/** Begins the plan with the blocks in use. The units of all that is in use, runs too. */
function countUsed(map: i32, me: i32): i32 {
  const plan = areaOf(map, me) + Area.Out, all = pagesInAll(map)
  poke(fieldsOf(map, me), Field.OutUsed, 1)
  for (let c = 0; c < CLASSES; c++) { poke(plan, Plan.Used + c, 0); poke(plan, Plan.Kept + c, 0) }
  let units = 0
  for (let page = 0; page < all; page++) {
    const word = load(pageAt(map, page)), state = pageState(word), c = classIn(word)
    if (state === Page.Run) units += low(word) * PAGE_UNITS
    if (state !== Page.Blocks) continue
    const used = usedBlocks(word)
    poke(plan, Plan.Used + c, peek(plan, Plan.Used + c) + used)
    units += used * unitsOf(c)
  }
  return units
}

/** Where the core has its centre, from which it reaches to both sides; a core at the beginning reaches one way. */
function centerOf(map: i32, core: i32): i32 { return core < 0 ? 0 : pagesInAll(map) >> 1 }
function reachOf(core: i32): i32 { return core < 0 ? -core : core + 1 >> 1 }

/** Notes for each class how far from the centre those spans lie that could take all its blocks. Pages that the others have. */
function planSpans(map: i32, me: i32, core: i32): i32 {
  const plan = areaOf(map, me) + Area.Out, center = centerOf(map, core), all = pagesInAll(map)
  let others = 0
  for (let away = 0; away <= all - center; away++) {
    others += keepSpan(map, plan, center + away, away) + (away > 0 ? keepSpan(map, plan, center - away, away) : 0)
  }
  return others
}

/** Keeps the span that begins at a page, while its class still has blocks that no nearer span takes. Pages of one that is not kept. */
function keepSpan(map: i32, plan: i32, page: i32, away: i32): i32 {
  if (page < 0 || page >= pagesInAll(map)) return 0
  const word = load(pageAt(map, page)), c = classIn(word), left = peek(plan, Plan.Used + c)
  if (pageState(word) !== Page.Blocks || isEmptied(word)) return 0
  if (left <= 0) return spanOf(c)
  poke(plan, Plan.Used + c, left - blocksOf(c))
  poke(plan, Plan.Kept + c, away + spanOf(c))
  return 0
}

/** How far from the centre a record may lie, if a page's span or run has it. */
function mayLie(map: i32, me: i32, first: i32, core: i32): i32 {
  const word = load(pageAt(map, first)), kept = peek(areaOf(map, me) + Area.Out, Plan.Kept + classIn(word)), most = reachOf(core)
  return pageState(word) === Page.Blocks && kept < most ? kept : most
}

/** Pages of spans and runs in use that begin outside of the core. */
function pagesOutside(map: i32, core: i32): i32 {
  const all = pagesInAll(map)
  let pages = 0
  for (let page = 0; page < all; page++) {
    const word = load(pageAt(map, page))
    if (!isInCore(map, page, core) && !isEmptied(word)) pages += pagesIn(word)
  }
  return pages
}

// --- moving

function gatherKeys(map: i32, me: i32, generation: i32, core: i32): void {
  if (!hasKeyOutside(map, generation, core)) return
  gather(map, me, generation, core)
  finishResize(map, me, generation)
}

/** Whether a key's record lies outside of the core, by the keys of the root's table. */
function hasKeyOutside(map: i32, generation: i32, core: i32): boolean {
  const capacity = capacityOf(map, generation)
  for (let index = 0; index < capacity; index++) {
    const key = load(slotsAt(map, generation, capacity) + (index << 1))
    if (keyTag(key) === Tag.Record && !isInCore(map, pageOf(map, keyReference(key)), core)) return true
  }
  return false
}

/** Moves every value that lies too far out. Stops where a successor is installed: its copy reads the values anew. */
function moveAll(map: i32, me: i32, generation: i32, core: i32): void {
  const capacity = capacityOf(map, generation), none = successorWord(generation, Successor.None), center = centerOf(map, core)
  for (let index = 0; index < capacity; index++) {
    const slot = slotsAt(map, generation, capacity) + (index << 1), seen = load(slot + 1)
    if (!isLive(seen) || valueTag(seen) !== Tag.Record || isOutside(map, valueReference(seen))) continue
    const first = firstPage(map, pageOf(map, valueReference(seen))), far = mayLie(map, me, first, core)
    if (first >= center - far && first < center + far) continue
    if (!rootIs(map, generation) || load(tableAt(map, generation) + Table.Successor) !== none) return
    relocate(map, me, generation, slot, seen, center - far, center + far, core)
  }
}

/** Moves one value. Whatever comes between is a write of that value: then the copy is not needed. */
function relocate(map: i32, me: i32, generation: i32, slot: i32, seen: Word, from: i32, to: i32, core: i32): void {
  const record = valueReference(seen), inside = copyRecord(map, me, record, from, to)
  const copy = inside !== 0 ? inside : copyNearer(map, me, record, core)
  if (copy === 0) return
  const next = valueWord(seen, Tag.Record, recordPayload(copy, recordStamp(map, copy))), page = pageOf(map, copy)
  const moved = rootIs(map, generation) && swap(slot + 1, seen, next, ValueStep.Relocate)
  freeBlock(map, me, moved ? record : copy)
  keepNear(map, me, page)
}

/** A copy nearer to the centre, for a record that finds no room among the others there: not far outside of them, if there is any. */
function copyNearer(map: i32, me: i32, record: i32, core: i32): i32 {
  const page = pageOf(map, record), other = (centerOf(map, core) << 1) - 1 - page, from = coreStart(map, core), to = coreEnd(map, core)
  if (isInCore(map, page, core)) return 0
  // Nearer than its own page, and than the one as far away on the other side, if there is one.
  const first = page < other ? page + 1 : other < 0 ? 0 : other + 1, last = page < other ? other : page
  let more = 8
  while (true) {
    const a = from - more > first ? from - more : first, b = to + more < last ? to + more : last
    const copy = copyRecord(map, me, record, a, b)
    if (copy !== 0 || a === first && b === last) return copy
    more <<= 1
  }
}

/** The next copy of this class goes beside the last one, not to the page that has just been left. */
function keepNear(map: i32, me: i32, page: i32): void {
  const first = firstPage(map, page), span = load(pageAt(map, first))
  if (pageState(span) === Page.Blocks) poke(hintsOf(map, me), classIn(span), first)
}
