// When memory has run out: what only waits to be given back. A table that is not swept holds the records of keys that
// did not move, and so does one whose keys were deleted, until it is cleaned out. Before a write answers that there is
// no memory, it does that work, alone if it must.

import { load } from './memory'
import { Table, tableAt } from './layout'
import { finishCopy } from './copy'
import { evacuate } from './evacuate'
import { swing } from './promote'
import { Start, holdsDeleted, startResize, tighten } from './resize'
import { finishSweep, needsSweep } from './sweep'
import { rootGeneration } from './table'
import { generationOf } from './words/root'
import { Successor, successorKind } from './words/successor'

/** Times that one write may try: each but the last has given something back, to this worker or to others. */
export const RECOVERIES: i32 = 3

/** Finishes what is unfinished, or cleans the table out. True if the write should be tried again. */
export function recover(map: i32, me: i32): boolean {
  const generation = rootGeneration(map), successor = load(tableAt(map, generation) + Table.Successor)
  if (generationOf(successor) !== generation) return true
  if (successorKind(successor) === Successor.Clear) return swing(map, me, generation, 0)
  if (successorKind(successor) === Successor.Copy) { finishCopy(map, me, generation); finishSweep(map, me, generation); return true }
  if (needsSweep(map, generation - 1 | 0)) { finishSweep(map, me, generation - 1 | 0); return true }
  if (evacuate(map, me, generation)) return true
  const begun = tighten(map, me, generation)
    || holdsDeleted(map, generation) && startResize(map, me, generation, Successor.Copy, false) !== Start.NoMemory
  if (!begun) return false
  finishCopy(map, me, generation)
  finishSweep(map, me, generation)
  return true
}
