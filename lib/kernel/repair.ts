// What lies behind `repair` and `stats`: bringing the map to rest, and looking at everything it refers to.

import { high, load, low, peek, poke } from './memory'
import { Field, Table, fieldsOf, slotsAt, tableAt } from './layout'
import { blockUnits } from './blocks'
import { closedCount } from './claims'
import { finishCopy } from './copy'
import { distanceFromHome } from './probe'
import { startResize } from './resize'
import { finishSweep, needsSweep } from './sweep'
import { swing } from './promote'
import { capacityOf, rootGeneration } from './table'
import { Tag, keyReference, keyTag } from './words/key'
import { generationOf } from './words/root'
import { Successor, successorKind } from './words/successor'
import { isReadable, valueReference, valueTag } from './words/value'

/** Finishes whatever resize or sweep is running. True once the root's table is the only one. */
export function quiesce(map: i32, me: i32): boolean {
  // A resize can begin a further one at most twice (clean-out, then shrink); more turns mean a corrupted buffer.
  for (let n = 0; n < 64; n++) {
    const generation = rootGeneration(map), successor = load(tableAt(map, generation) + Table.Successor)
    if (generationOf(successor) !== generation) continue
    // Claims that somebody closed before it vanished are bound to be followed by a successor, for a copy or for a clear.
    if (successorKind(successor) === Successor.None && closedCount(map, generation) >= 0) startResize(map, me, generation, Successor.Copy, false)
    else if (successorKind(successor) === Successor.Copy) finishCopy(map, me, generation)
    else if (successorKind(successor) === Successor.Clear) swing(map, me, generation, 0)
    else if (needsSweep(map, generation - 1 | 0)) finishSweep(map, me, generation - 1 | 0)
    else return true
  }
  return false
}

/**
 * Looks at one slot of a map at rest: true if it holds an entry. Notes the blocks it refers to (0: none) as
 * `Payload` and `FoundPayload`; a key keeps its block also where its value was deleted.
 */
export function traceSlot(map: i32, me: i32, index: i32): boolean {
  const generation = rootGeneration(map), slot = slotsAt(map, generation, capacityOf(map, generation)) + (index << 1), fields = fieldsOf(map, me)
  const key = load(slot), value = load(slot + 1)
  poke(fields, Field.Payload, keyTag(key) === Tag.Record ? keyReference(key) : 0)
  poke(fields, Field.FoundPayload, isReadable(value) && valueTag(value) === Tag.Record ? valueReference(value) : 0)
  return keyTag(key) !== Tag.None && isReadable(value)
}

/** How far a slot's key lies from its home, or -1 if the slot has none. */
export function probeLength(map: i32, me: i32, index: i32): i32 {
  const generation = rootGeneration(map)
  return distanceFromHome(map, me, generation, capacityOf(map, generation), index)
}

export function unitsOfBlock(map: i32, block: i32): i32 { return blockUnits(map, block) }

/** The halves of any word of the map, for statistics, dumps and specs. */
export function lowAt(cell: i32): i32 { return low(load(cell)) }
export function highAt(cell: i32): i32 { return high(load(cell)) }
/** A field of the caller's operation, for specs. */
export function field(map: i32, me: i32, n: i32): i32 { return peek(fieldsOf(map, me), n) }
