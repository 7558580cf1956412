// When memory has run out: what only waits to be given back. A table that is not swept holds the records of keys that
// did not move, and so does one whose keys were deleted, until it is cleaned out. Before a write answers that there is
// no memory, it does that work, alone if it must.

import { load, peek, poke } from './memory'
import { Hint, Table, hintsOf, tableAt } from './layout'
import { freedByAll } from './blocks'
import { evacuate, evacuateFor, gatherAll } from './evacuate'
import { quiesce } from './repair'
import { swing } from './promote'
import { cleanOut, tighten } from './resize'
import { deletedByAll } from './size'
import { finishResize, finishSweep, needsSweep } from './sweep'
import { rootGeneration } from './table'
import { generationOf } from './words/root'
import { Successor, successorKind } from './words/successor'
import { shrinkZone } from './zone'

/** Times that one write may try: a resize may end, a sweep, an evacuation, and a table be made smaller, each of which may give back enough. */
export const RECOVERIES: i32 = 6

/** Finishes what is unfinished, or cleans the table out. True if the write should be tried again. */
export function recover(map: i32, me: i32): boolean {
  const generation = rootGeneration(map), successor = load(tableAt(map, generation) + Table.Successor)
  if (generationOf(successor) !== generation) return true
  if (successorKind(successor) === Successor.Clear) return swing(map, me, generation, 0)
  if (successorKind(successor) === Successor.Copy) { finishResize(map, me, generation); return true }
  if (needsSweep(map, generation - 1 | 0)) { finishSweep(map, me, generation - 1 | 0); return true }
  if (evacuate(map, me, generation) || evacuateFor(map, me, generation)) return true
  if (!tighten(map, me, generation) && !cleanOutAnew(map, me, generation)) return false
  finishResize(map, me, generation)
  return true
}

/** Begins a clean-out, if anything was deleted or given back since one was not worth while. */
function cleanOutAnew(map: i32, me: i32, generation: i32): boolean {
  const hints = hintsOf(map, me), since = deletedByAll(map) + freedByAll(map) | 0
  if (peek(hints, Hint.CleanTable) === generation && peek(hints, Hint.CleanAt) === since) return false
  if (cleanOut(map, me, generation)) return true
  poke(hints, Hint.CleanTable, generation)
  poke(hints, Hint.CleanAt, since)
  return false
}

/** Does at once what writes do where memory is short, for a program that knows it is idle. O(capacity + what is moved). */
export function trim(map: i32, me: i32): void {
  if (!quiesce(map, me)) return
  tightenFully(map, me)
  gatherAll(map, me, rootGeneration(map), 0)
  // The next table's pages too: it takes them anew.
  shrinkZone(map)
}

/** A clean-out first: what was deleted claims slots until then. */
function tightenFully(map: i32, me: i32): void {
  const generation = rootGeneration(map)
  if (cleanOut(map, me, generation)) finishResize(map, me, generation)
  const next = rootGeneration(map)
  if (tighten(map, me, next)) finishResize(map, me, next)
}
