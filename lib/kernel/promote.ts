// The end of a resize: settle the successor's claims, swing the root, retire the old region. Anyone may do it, any
// number of times: each step is a swap that only its own generation allows.

import { load, low, poke } from './memory'
import { swap } from './step'
import { At, Field, Table, chunksAt, fieldsOf, regionAt, tableAt } from './layout'
import { closedCount, settle } from './claims'
import { capacityOf, chunksOf, rootIs } from './table'
import { Chunk, chunkState, movedIn } from './words/chunk'
import { Region, RegionStep, regionState, regionWord } from './words/region'
import { RootStep, generationOf, rootWord } from './words/root'

/** Sum of the Dead-moved slots, or -1 while a chunk is not done. Completion is read from the done-words alone. */
function movedInAll(map: i32, generation: i32): i32 {
  const capacity = capacityOf(map, generation), chunks = chunksOf(map, capacity), at = chunksAt(map, generation)
  if (capacity <= 0) return -1
  let moved = 0
  for (let n = 0; n < chunks; n++) {
    const word = load(at + n)
    if (generationOf(word) !== generation || chunkState(word) === Chunk.Open) return -1
    moved += movedIn(word)
  }
  return moved
}

/** Makes the successor the root if the whole table was copied. False while it was not, or if the table is gone. */
export function copyCheckAndPromote(map: i32, me: i32, generation: i32): boolean {
  const moved = movedInAll(map, generation)
  return moved >= 0 && swing(map, me, generation, moved)
}

/** Settles the successor's claims with `moved` keys carried over, then swings the root to it. */
export function swing(map: i32, me: i32, generation: i32, moved: i32): boolean {
  const closed = closedCount(map, generation)
  if (closed < 0 || !settle(map, generation + 1 | 0, closed - moved)) return false
  const seen = load(map + At.Root), next = rootWord(generation + 1 | 0, low(load(tableAt(map, generation + 1) + Table.Capacity)))
  // While the root stands, the successor's header is its own. LP clear: this swap, where the successor was installed for
  // one; for a copy nothing changes for a user.
  if (generationOf(seen) === generation && swap(map + At.Root, seen, next, RootStep.Promote)) poke(fieldsOf(map, me), Field.Promoted, generation + 1 | 0)
  retire(map, generation)
  return true
}

/** Marks the region of a table that is the root's no more. */
export function retire(map: i32, generation: i32): void {
  const at = regionAt(map, generation), seen = load(at)
  if (generationOf(seen) !== generation || regionState(seen) !== Region.InUse || rootIs(map, generation)) return
  swap(at, seen, regionWord(generation, Region.Retired), RegionStep.Retire)
}
