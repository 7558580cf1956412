// clear: the root's table is replaced by an empty one, at one moment for everybody.
//
// Closing the claims for a clear decides it: from then on it is bound to take effect, at the swing of the root, whoever
// makes that. So a worker that is killed in between leaves a clear that may still come. Law: once its participant is reaped it
// comes no more, for whoever reaps carries it out first. So do `repair`, and each write on the general path that finds
// the claims closed.

import { load } from './memory'
import { Table, tableAt } from './layout'
import { finishCopy } from './copy'
import { swing } from './promote'
import { PATIENCE, Status, patienceAfter, unlessMoved } from './read'
import { Start, startResize } from './resize'
import { finishKill } from './sweep'
import { rootGeneration } from './table'
import { isForClear } from './words/claims'
import { generationOf } from './words/root'
import { Successor, successorKind } from './words/successor'

/** Empties the map: all that was written before is gone when this returns, and no longer counted. */
export function clear(map: i32, me: i32): Status {
  let generation = rootGeneration(map)
  for (let n = 0; n < PATIENCE; n++) {
    const status = clearUnder(map, me, generation)
    if (status !== Status.Retry) return status
    const now = rootGeneration(map)
    n = patienceAfter(map, me, n, generation, now)
    generation = now
  }
  return Status.Corrupt
}

/** One attempt to clear the table of one root. */
function clearUnder(map: i32, me: i32, generation: i32): Status {
  const successor = load(tableAt(map, generation) + Table.Successor), kind = successorKind(successor)
  if (generationOf(successor) !== generation) return unlessMoved(map, generation)
  if (kind === Successor.Copy) { finishCopy(map, me, generation); return Status.Retry }
  const start = kind === Successor.Clear ? Start.Installed : startResize(map, me, generation, Successor.Clear, false)
  if (start !== Start.Installed) return start === Start.NoMemory ? Status.NoMemory : Status.Retry
  // Decided by us, or by another after our call began: it takes effect once, at the swing, whoever makes that. Correctness:
  // whoever decided it must not look at the root again and clear what was written since.
  swing(map, me, generation, 0)
  finishKill(map, me, generation)
  return Status.Written
}

/** Whether the claims of the root's table were closed for a clear that has not taken effect yet. */
export function isClearing(map: i32, generation: i32): boolean {
  const claims = load(tableAt(map, generation) + Table.Claims)
  return generationOf(claims) === generation && isForClear(claims)
}

/** Whether somebody has decided a clear that has not taken effect yet. */
export function clearIsDecided(map: i32): boolean { return isClearing(map, rootGeneration(map)) }

/**
 * Carries out the clear that has been decided for the root's table, if there is one. False if the words contradict each
 * other. One look at the root is enough: a killed worker can have closed the claims of this table or of an earlier one only, and a
 * root that has moved past a table whose claims were closed for a clear has carried that out.
 */
export function settleClear(map: i32, me: i32): boolean {
  const generation = rootGeneration(map)
  for (let n = 0; n < PATIENCE; n++) {
    if (!isClearing(map, generation)) return true
    const status = clearUnder(map, me, generation)
    if (status !== Status.Retry) return status === Status.Written
    // Correctness: the claims may still say so. They stay until the second table after this one is built, by somebody who may stand still.
    const now = rootGeneration(map)
    if (now !== generation) return true
    n = patienceAfter(map, me, n, generation, now)
  }
  return false
}
