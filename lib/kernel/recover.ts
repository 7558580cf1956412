// When memory has run out: what only waits to be given back. A table that is not swept holds the records of keys that
// did not move, and so does one whose keys were deleted, until it is cleaned out. Before a write answers that there is
// no memory, it does that work, alone if it must.

import { load } from './memory'
import { Table, tableAt } from './layout'
import { evacuate } from './evacuate'
import { swing } from './promote'
import { Start, holdsDeleted, startResize, tighten } from './resize'
import { finishResize, finishSweep, needsSweep } from './sweep'
import { rootGeneration } from './table'
import { generationOf } from './words/root'
import { Successor, successorKind } from './words/successor'

/** Times that one write may try: a resize may end, a sweep, an evacuation, and a table be made smaller, each of which may give back enough. */
export const RECOVERIES: i32 = 6

/** Finishes what is unfinished, or cleans the table out. True if the write should be tried again. */
export function recover(map: i32, me: i32): boolean {
  const generation = rootGeneration(map), successor = load(tableAt(map, generation) + Table.Successor)
  if (generationOf(successor) !== generation) return true
  if (successorKind(successor) === Successor.Clear) return swing(map, me, generation, 0)
  if (successorKind(successor) === Successor.Copy) { finishResize(map, me, generation); return true }
  if (needsSweep(map, generation - 1 | 0)) { finishSweep(map, me, generation - 1 | 0); return true }
  if (evacuate(map, me, generation)) return true
  const begun = tighten(map, me, generation)
    || holdsDeleted(map, generation) && startResize(map, me, generation, Successor.Copy, false) !== Start.NoMemory
  if (!begun) return false
  finishResize(map, me, generation)
  return true
}
