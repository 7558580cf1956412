// A new map in fresh memory, and the recognition of one that is there.

import { Word, high, load, low, pack, store } from './memory'
import { AREA_CELLS, At, MAGIC_HIGH, MAGIC_LOW, Table, chunkShift, frontierAt, halfEnd, participants, tableAt } from './layout'
import { seedFrom, writeHashKeys } from './hash'
import { capacityOf, chunksOf } from './table'
import { Chunk, chunkWord } from './words/chunk'
import { ClaimsBits } from './words/claims'
import { frontierWord } from './words/frontier'
import { Region, regionWord } from './words/region'
import { slotsOf } from './words/header'
import { FIRST_GENERATION, generationOf, rootWord } from './words/root'
import { Successor, successorWord } from './words/successor'

/** Fewest cells of a map with so many participants: the header, their areas, and halves of a few slots and blocks. */
export function fewestCells(places: i32): i32 { return (places + 1) * AREA_CELLS + 4096 }

/** Where a half's done-words and slots begin: one done-word for each chunk that could ever fit. */
function layOut(map: i32, half: i32, capacity: i32): void {
  const end = halfEnd(map, half), start = half === 0 ? (participants(map) + 1) * AREA_CELLS : halfEnd(map, 0), cells = end - start
  const slots = cells >> 1, chunks = (slots >> chunkShift(map)) + 8 & ~7
  // With chunks of one slot the done-words take a third; otherwise they are lost in the rest.
  const done = chunks < (cells / 3 | 0) ? chunks : (cells / 3 | 0) + 8 & ~7
  store(tableAt(map, half) + Table.Place, pack(start, start + done))
  store(frontierAt(map, half), frontierWord(end >> 1, capacity))
}

/** Most slots a table can have: what both halves hold, for their done-words as well as for their memory. */
export function mostSlots(map: i32): i32 {
  const a = mostIn(map, 0), b = mostIn(map, 1)
  return a < b ? a : b
}

function mostIn(map: i32, half: i32): i32 {
  const place = load(tableAt(map, half) + Table.Place), start = high(place), slots = low(place)
  const byChunks = slots - start << chunkShift(map), byMemory = halfEnd(map, half) - slots >> 1
  return byChunks < byMemory ? byChunks : byMemory
}

/** Writes the header of a map whose memory is all zero. False if so many slots do not fit. */
export function create(map: i32, cells: i32, places: i32, shift: i32, capacity: i32, secretLow: i32, secretHigh: i32, identityLow: i32, identityHigh: i32): boolean {
  if (cells < fewestCells(places)) return false
  store(map + At.Shape, pack(shift, places))
  store(map + At.Extent, pack(capacity, cells))
  store(map + At.Identity, pack(identityHigh, identityLow))
  writeSecret(map, secretLow, secretHigh)
  layOut(map, 0, capacity)
  layOut(map, 1, capacity)
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
  store(frontierAt(map, half) + 1, pack(0, capacity))
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
  const areas = (places + 1) * AREA_CELLS, middle = halfEnd(map, 0)
  return isPlace(load(tableAt(map, 0) + Table.Place), areas, middle) && isPlace(load(tableAt(map, 1) + Table.Place), middle, length)
}

/** Whether a half that begins at `start` has its done-words and then its slots there. */
function isPlace(place: Word, start: i32, end: i32): boolean {
  return high(place) === start && low(place) > start && low(place) < end
}

/** Whether the root's table is one. What is read is judged only if the root still stands: if it has moved on, a resize has ended meanwhile. */
function hasRoot(map: i32): boolean {
  while (true) {
    const root = load(map + At.Root), capacity = capacityOf(map, generationOf(root))
    // Each turn more is somebody's promotion. Without this a map is called corrupted while others resize it.
    if (load(map + At.Root) === root) return capacity > 0 && capacity <= mostSlots(map) && slotsOf(root) === capacity
  }
}
