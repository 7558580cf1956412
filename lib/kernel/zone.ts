// The zone: the pages that are kept for tables, as many at each end of the memory.
//
// A page is reserved for the successor that is being built, cleaned if it held blocks, and only then does the zone's swap
// count it in. A worker that vanishes in between leaves pages that are reserved for a successor; whoever builds on finds them so.
// Once the zone is closed for that successor they are nobody's.

import { Word, load, low } from './memory'
import { swap } from './step'
import { At, Table, pageAt, pageCell, pagesInAll, regionAt, tableAt } from './layout'
import { abandonAt, claimOver, isFree } from './pages'
import { PAGE_CELLS, pagesFor } from './sizes'
import { capacityOf, rootGeneration } from './table'
import { FloorStep, floorIn, floorWord, isAbove } from './words/floor'
import { HeaderStep, setHeaderWord } from './words/header'
import { KeyStep, emptyKey } from './words/key'
import { Page, PageStep, isDirty, isReservedFor, pageState, tablePageWord } from './words/page'
import { Region, regionState } from './words/region'
import { generationOf, isOlder } from './words/root'
import { ValueStep, emptyValue } from './words/value'
import { Zone, ZoneStep, isOpen, zoneGeneration, zonePages, zoneWord } from './words/zone'

/** Pages that the zone has at each end. */
export function zoneSize(map: i32): i32 { return zonePages(load(map + At.Zone)) }

/** Whether a page of slots is kept for tables: it lies in the zone, or is reserved for the successor that is being built. */
export function isKept(map: i32, page: i32, word: Word): boolean {
  // Correctness: the zone is read after the page. A page that is counted in later was reserved anew before, so its word has changed.
  const zone = load(map + At.Zone), pages = zonePages(zone)
  if (page < pages || page >= pagesInAll(map) - pages) return true
  return isOpen(zone) && isReservedFor(word, zoneGeneration(zone))
}

/** Opens the zone for the successor of that generation, whose region was taken. False if the memory has gone on without us. */
export function openZone(map: i32, generation: i32): boolean {
  if (!setHeaderWord(tableAt(map, generation) + Table.Floor, generation, floorIn(load(map + At.Floor)), HeaderStep.SetFloor)) return false
  while (true) {
    const seen = load(map + At.Zone)
    if (zoneGeneration(seen) === generation) return true
    if (isOlder(generation, zoneGeneration(seen)) || isOpen(seen)) return false
    if (swap(map + At.Zone, seen, zoneWord(generation, zonePages(seen), Zone.Open), ZoneStep.Open)) return true
  }
}

/** Closes it: what the successor may have is decided. */
export function closeZone(map: i32, generation: i32): void {
  while (true) {
    const seen = load(map + At.Zone)
    if (zoneGeneration(seen) !== generation || !isOpen(seen)) return
    if (swap(map + At.Zone, seen, zoneWord(generation, zonePages(seen), Zone.Closed), ZoneStep.Close)) return
  }
}

/** Has the zone hold at least so many pages at each end. False if others are in the way, or the successor has been decided. */
export function extendZone(map: i32, generation: i32, pages: i32): boolean {
  while (true) {
    const seen = load(map + At.Zone)
    if (zoneGeneration(seen) !== generation) return false
    if (zonePages(seen) >= pages) return true
    if (!isOpen(seen) || !reserveBetween(map, generation, zonePages(seen), pages)) return false
    if (swap(map + At.Zone, seen, zoneWord(generation, pages, Zone.Open), ZoneStep.Extend)) return true
  }
}

function reserveBetween(map: i32, generation: i32, from: i32, to: i32): boolean {
  const all = pagesInAll(map)
  if (to << 1 > all) return false
  for (let page = from; page < to; page++) if (!reservePage(map, generation, page) || !reservePage(map, generation, all - 1 - page)) return false
  return true
}

/** Has the page hold nothing but Empty slots, for the successor of that generation. False if it is somebody's. */
function reservePage(map: i32, generation: i32, page: i32): boolean {
  while (true) {
    const seen = load(pageAt(map, page))
    if (isReservedFor(seen, generation)) {
      if (!isDirty(seen)) return true
      if (!cleanPage(map, generation, page, seen)) return false
      continue
    }
    if (!isFree(map, page, seen)) {
      // Nobody waits for a claim that its worker has not finished: that may be dead. If it is only slow, it claims other pages.
      const claim = claimOver(map, page, seen)
      if (claim < 0) return false
      abandonAt(map, claim)
      continue
    }
    const state = pageState(seen), clean = state === Page.Fresh || state === Page.Table && !isDirty(seen)
    swap(pageAt(map, page), seen, tablePageWord(seen, generation, clean ? 0 : 1), PageStep.Reserve)
  }
}

// --- cleaning
//
// Several may clean a page at once, and one may sleep while the others finish. Each cell is swapped from what it held to one
// Empty word that is the same for all. If what was read could come back, a sleeper would put Empty in its place later; it
// cannot: bytes of records are veiled, and the words of slots have versions.

/** Makes all cells of a reserved page Empty slots, or stops where others have. False if the memory has gone on without us. */
function cleanPage(map: i32, generation: i32, page: i32, word: Word): boolean {
  const floor = load(tableAt(map, generation) + Table.Floor), cell = pageCell(map, page)
  if (generationOf(floor) !== generation) return false
  const key = emptyKey(generation), value = emptyValue(low(floor))
  for (let n = 0; n < PAGE_CELLS; n += 2) {
    if (!cleanCell(map, page, word, cell + n, key, KeyStep.CleanKey)) return true
    if (!cleanCell(map, page, word, cell + n + 1, value, ValueStep.CleanValue)) return true
  }
  swap(pageAt(map, page), word, tablePageWord(word, generation, 0), PageStep.Clean)
  return true
}

/** False if the page is not to be cleaned any more: others have, and its slots may be in use. */
function cleanCell(map: i32, page: i32, word: Word, cell: i32, empty: Word, step: i32): boolean {
  while (true) {
    const seen = load(cell)
    if (seen === empty) return true
    if (load(pageAt(map, page)) !== word) return false
    if (swap(cell, seen, empty, step)) return true
  }
}

/** No value word of a table that was swept had a later version than this. */
export function raiseFloor(map: i32, version: i32): void {
  while (true) {
    const seen = load(map + At.Floor)
    if (!isAbove(version, floorIn(seen)) || swap(map + At.Floor, seen, floorWord(version), FloorStep.Raise)) return
  }
}

// --- giving back

/** Gives back what the root's table does not need, at both ends. True if there was anything. */
export function shrinkZone(map: i32): boolean {
  const generation = rootGeneration(map), seen = load(map + At.Zone), capacity = capacityOf(map, generation)
  if (isOpen(seen) || zoneGeneration(seen) !== generation || capacity <= 0) return false
  // The table before must have been swept. Should a successor be begun meanwhile, it opens the zone first, and our swap fails.
  if (regionState(load(regionAt(map, generation + 1))) !== Region.Free) return false
  const pages = pagesFor(capacity)
  return pages < zonePages(seen) && swap(map + At.Zone, seen, zoneWord(generation, pages, Zone.Closed), ZoneStep.Shrink)
}

/** Pages that the zone could have at each end, no more than are wanted: up to the first that is somebody's. */
export function roomForZone(map: i32, wanted: i32): i32 {
  const all = pagesInAll(map)
  let pages = zoneSize(map)
  while (pages < wanted && pages + 1 << 1 <= all && couldReserve(map, pages) && couldReserve(map, all - 1 - pages)) pages++
  return pages
}

/** Whether the page is nobody's, or reserved for a successor. */
function couldReserve(map: i32, page: i32): boolean {
  const word = load(pageAt(map, page))
  return pageState(word) === Page.Table || isFree(map, page, word) || claimOver(map, page, word) >= 0
}
