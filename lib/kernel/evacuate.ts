// Evacuation: a few live blocks keep pages from others, and blocks lie where tables would grow. Records are never changed, so
// they can be copied elsewhere: the copy is written, the value word is swapped from the old reference to the new, and the old block is
// free. Readers and writers see a value word that has moved, as after any write.
//
// Records of keys go along when their table is copied: a resize is begun for that.
//
// All moves go from the ends to the middle. There the live records get just the pages they need; what lies outside is free
// then, in one piece at each end. A worker that is killed meanwhile leaves one copy that nobody refers to.

import { Word, load, low, peek, poke } from './memory'
import { swap } from './step'
import { Hint, Table, hintsOf, pageAt, pageOf, slotsAt, tableAt } from './layout'
import { freeBlock, freedByAll } from './blocks'
import { finishCopy } from './copy'
import { pagesInAll } from './pages'
import { copyRecord, recordStamp } from './records'
import { PAGE_SHIFT, PAGE_UNITS, allBlocks, unitsOf } from './sizes'
import { gather } from './resize'
import { finishSweep } from './sweep'
import { capacityOf, rootIs } from './table'
import { Tag, keyReference, keyTag } from './words/key'
import { Page, classIn, isEmptied, pageState, pagesIn } from './words/page'
import { Successor, successorWord } from './words/successor'
import { ValueStep, isLive, recordPayload, valueReference, valueTag, valueWord } from './words/value'


/**
 * Moves the records of the root's table to the middle, if that would give back more than a sixty-fourth of all pages. True if anything
 * came free. O(capacity + what is moved); of many that find no memory, each does it once for what has been given back since.
 */
export function evacuate(map: i32, me: i32, generation: i32): boolean {
  const hints = hintsOf(map, me), freed = freedByAll(map)
  if (peek(hints, Hint.Evacuated) === freed) return false
  poke(hints, Hint.Evacuated, freed)
  const all = pagesInAll(map), units = unitsInUse(map)
  // An eighth more: blocks of many classes do not fill their spans.
  const core = (units >>> PAGE_SHIFT) + (units >>> PAGE_SHIFT + 3) + (all >> 6) + 8, from = all - core >> 1, to = from + core
  if (core >= all || pagesOutside(map, from, to) <= all >> 6) return false
  moveAll(map, me, generation, from, to)
  // Records of keys move when their table is copied.
  if (pagesOutside(map, from, to) > all >> 6) gatherKeys(map, me, generation, core)
  const now = freedByAll(map)
  poke(hints, Hint.Evacuated, now)
  return now !== freed
}

function gatherKeys(map: i32, me: i32, generation: i32, core: i32): void {
  if (!hasKeyOutside(map, generation, core)) return
  gather(map, me, generation, core)
  if (finishCopy(map, me, generation)) finishSweep(map, me, generation)
}

/** Whether a key's record lies outside of the core, by the keys of the root's table. */
function hasKeyOutside(map: i32, generation: i32, core: i32): boolean {
  const capacity = capacityOf(map, generation), from = pagesInAll(map) - core >> 1
  for (let index = 0; index < capacity; index++) {
    const key = load(slotsAt(map, generation, capacity) + (index << 1)), page = pageOf(map, keyReference(key))
    if (keyTag(key) === Tag.Record && (page < from || page >= from + core)) return true
  }
  return false
}

/** Units of the blocks that are in use. */
function unitsInUse(map: i32): i32 {
  let units = 0
  for (let page = 0; page < pagesInAll(map); page++) {
    const word = load(pageAt(map, page)), state = pageState(word)
    if (state === Page.Run) units += low(word) * PAGE_UNITS
    if (state !== Page.Blocks) continue
    for (let bits = ~low(word) & allBlocks(classIn(word)); bits !== 0; bits &= bits - 1) units += unitsOf(classIn(word))
  }
  return units
}

/** Pages of spans and runs in use that begin before `from` or after `to`. */
function pagesOutside(map: i32, from: i32, to: i32): i32 {
  let pages = 0
  for (let page = 0; page < pagesInAll(map); page++) {
    const word = load(pageAt(map, page))
    if ((page < from || page >= to) && !isEmptied(word)) pages += pagesIn(word)
  }
  return pages
}

/** Moves every value that lies outside of these pages. Stops where a successor is installed: its copy reads the values anew. */
function moveAll(map: i32, me: i32, generation: i32, from: i32, to: i32): void {
  const capacity = capacityOf(map, generation), none = successorWord(generation, Successor.None)
  for (let index = 0; index < capacity; index++) {
    const slot = slotsAt(map, generation, capacity) + (index << 1), seen = load(slot + 1)
    if (!isLive(seen) || valueTag(seen) !== Tag.Record) continue
    const page = pageOf(map, valueReference(seen))
    if (page >= from && page < to) continue
    if (!rootIs(map, generation) || load(tableAt(map, generation) + Table.Successor) !== none) return
    relocate(map, me, generation, slot, seen, from, to)
  }
}

/** Moves one value. Whatever comes between is a write of that value: then the copy is not needed. */
function relocate(map: i32, me: i32, generation: i32, slot: i32, seen: Word, from: i32, to: i32): void {
  const record = valueReference(seen), inside = copyRecord(map, me, record, from, to)
  const copy = inside !== 0 ? inside : copyNearer(map, me, record, from, to)
  if (copy === 0) return
  const next = valueWord(seen, Tag.Record, recordPayload(copy, recordStamp(map, copy))), page = pageOf(map, copy)
  const moved = rootIs(map, generation) && swap(slot + 1, seen, next, ValueStep.Relocate)
  freeBlock(map, me, moved ? record : copy)
  keepNear(map, me, page)
}

/** A copy nearer to the middle, for a record that finds no room among the others there: not far outside of them, if there is any. */
function copyNearer(map: i32, me: i32, record: i32, from: i32, to: i32): i32 {
  const page = pageOf(map, record), other = pagesInAll(map) - 1 - page
  const first = page < other ? page + 1 : other + 1, last = page < other ? other : page
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
  const word = load(pageAt(map, page)), first = pageState(word) === Page.Tail ? page - low(word) : page, span = load(pageAt(map, first))
  if (pageState(span) === Page.Blocks) poke(hintsOf(map, me), classIn(span), first)
}
