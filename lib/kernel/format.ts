// A new map in fresh memory, and the recognition of one that is there.

import { high, load, low, pack, store } from './memory'
import { AREA_CELLS, At, MAGIC_HIGH, MAGIC_LOW, Table, cellsOf, chunkShift, mostSlots, pageAt, pagesInAll, participants, tableAt } from './layout'
import { seedFrom, writeHashKeys } from './hash'
import { PAGE_CELLS, PAGE_SLOTS, pagesFor } from './sizes'
import { capacityOf, chunksOf } from './table'
import { Chunk, chunkWord } from './words/chunk'
import { ClaimsBits } from './words/claims'
import { tablePageWord } from './words/page'
import { Region, regionWord } from './words/region'
import { slotsOf } from './words/header'
import { FIRST_GENERATION, generationOf, rootWord } from './words/root'
import { Successor, successorWord } from './words/successor'
import { Zone, zoneWord } from './words/zone'

/** Fewest cells of a map with so many participants: the header, their areas, and pages for a few slots and blocks. */
export function fewestCells(places: i32): i32 { return (places + 1) * AREA_CELLS + 4096 }

/** Where the done-words, the page words and the pages begin, and how many of each there are. */
function layOut(map: i32): void {
  const start = (participants(map) + 1) * AREA_CELLS, cells = cellsOf(map) - start, most = cells / (PAGE_CELLS + 1) | 0
  const done = doneWordsFor(cells, most * (PAGE_SLOTS >> 1) >> chunkShift(map)), words = start + (done << 1)
  // A page is 128 cells and its word; what is left over is lost, and less than that.
  const pages = (cells - (done << 1) - 8) / (PAGE_CELLS + 1) | 0, ground = words + pages + 7 & ~7
  store(map + At.Store, pack(words, pages))
  store(map + At.Ground, pack(0, ground >> 1))
  store(tableAt(map, 0) + Table.Place, pack(start, ground))
  store(tableAt(map, 1) + Table.Place, pack(start + done, ground + pages * PAGE_CELLS))
}

/** A done-word for each chunk that could ever fit. With chunks of one slot they take a third of all; otherwise they are lost in the rest. */
function doneWordsFor(cells: i32, chunks: i32): i32 {
  const sixth = cells / 6 | 0, wanted = chunks + 1
  return (wanted < sixth ? wanted : sixth) + 7 & ~7
}

/** Writes the header of a map whose memory is all zero. False if so many slots do not fit. */
export function create(map: i32, cells: i32, places: i32, shift: i32, capacity: i32, secretLow: i32, secretHigh: i32, identityLow: i32, identityHigh: i32): boolean {
  if (cells < fewestCells(places)) return false
  store(map + At.Shape, pack(shift, places))
  store(map + At.Extent, pack(capacity, cells))
  store(map + At.Identity, pack(identityHigh, identityLow))
  writeSecret(map, secretLow, secretHigh)
  layOut(map)
  if (mostSlots(map) < capacity) return false
  buildFirst(map, FIRST_GENERATION, capacity)
  store(map + At.Root, rootWord(FIRST_GENERATION, capacity))
  store(map + At.Magic, pack(MAGIC_HIGH, MAGIC_LOW))
  return true
}

/** The secret, and what the hashes draw from it. */
function writeSecret(map: i32, secretLow: i32, secretHigh: i32): void {
  store(map + At.Secret, pack(secretHigh, secretLow))
  store(map + At.Seed, pack(0, seedFrom(secretLow, secretHigh)))
  writeHashKeys(map, secretLow, secretHigh)
}

/** The first table. Nobody else knows the map yet, so its words are stored. */
function buildFirst(map: i32, generation: i32, capacity: i32): void {
  const table = tableAt(map, generation), half = generation & 1, start = high(load(table + Table.Place))
  keepForTables(map, generation, pagesFor(capacity))
  store(map + At.Region + half, regionWord(generation, Region.InUse))
  store(table + Table.Capacity, pack(generation, capacity))
  store(table + Table.Successor, successorWord(generation, Successor.None))
  store(table + Table.SeedLow, pack(generation, 0))
  store(table + Table.SeedHigh, pack(generation, 0))
  store(table + Table.Claims, pack(generation, ClaimsBits.Settled))
  store(table + Table.Cursor, pack(generation, 0))
  store(table + Table.SweepCursor, pack(generation, 0))
  for (let chunk = 0; chunk < chunksOf(map, capacity); chunk++) store(map + start + chunk, chunkWord(generation, Chunk.Open, 0))
}

/** The zone of the first table. */
function keepForTables(map: i32, generation: i32, pages: i32): void {
  const all = pagesInAll(map)
  store(map + At.Zone, zoneWord(generation, pages, Zone.Closed))
  for (let page = 0; page < pages; page++) {
    store(pageAt(map, page), tablePageWord(pack(0, 0), generation, 0))
    store(pageAt(map, all - 1 - page), tablePageWord(pack(0, 0), generation, 0))
  }
}

/** What is wrong with the memory at `map`, as a number; 0 if it is a map of this layout. */
export function recognize(map: i32, cells: i32): i32 {
  const magic = load(map + At.Magic)
  if (high(magic) !== MAGIC_HIGH) return 1
  if (low(magic) !== MAGIC_LOW) return 2
  return isLaidOut(map, cells) && hasRoot(map) ? 0 : 3
}

/** Whether what `create` wrote for good can be true. */
export function isLaidOut(map: i32, cells: i32): boolean {
  const length = low(load(map + At.Extent)), shape = load(map + At.Shape), places = participants(map)
  if (length <= 0 || length > cells || places < 1 || length < fewestCells(places)) return false
  if (low(shape) !== places || high(shape) !== chunkShift(map)) return false
  const areas = (places + 1) * AREA_CELLS, words = high(load(map + At.Store)), pages = low(load(map + At.Store)), ground = low(load(map + At.Ground)) << 1
  const first = load(tableAt(map, 0) + Table.Place), second = load(tableAt(map, 1) + Table.Place), done = high(second) - areas
  return high(first) === areas && done > 0 && words >= areas + (done << 1) && pages > 0 && pages < length && ground === (words + pages + 7 & ~7)
    && low(first) === ground && low(second) === ground + pages * PAGE_CELLS && low(second) <= length
}

/** Whether the root's table is one. What is read is judged only if the root still stands: if it has moved on, a resize has ended meanwhile. */
function hasRoot(map: i32): boolean {
  while (true) {
    const root = load(map + At.Root), capacity = capacityOf(map, generationOf(root))
    // Each turn more is somebody's promotion. Without this a map is called corrupted while others resize it.
    if (load(map + At.Root) === root) return capacity > 0 && capacity <= mostSlots(map) && slotsOf(root) === capacity
  }
}
