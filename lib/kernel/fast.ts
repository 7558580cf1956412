// The hot paths: an integer key that is there, with an integer for a value, in a map that is quiet. Whatever
// is not so takes the one cold exit: the general putIfMatch.

import { Word, fixed, high, load, low, poke } from './memory'
import { swap } from './step'
import { Area, At, Field, Table, areaAt, fieldsOf, slotsAt, tableAt } from './layout'
import { Found, endOf, find, indexOf, probe, seekBytes, seekPayload } from './probe'
import { Sentinel, Status, get } from './read'
import { homeSlot, payloadHash } from './table'
import { isKeyed, slotsOf } from './words/header'
import { Tag } from './words/key'
import { areaIn } from './words/participant'
import { generationOf } from './words/root'
import { Successor, successorWord } from './words/successor'
import { ValueBits, ValueStep, valueWord } from './words/value'
import { Expect, putIfMatch } from './write'

// inline
/** Whether the table of `root` has its base hash, and no resize of it is running. */
export function isQuiet(map: i32, root: Word): boolean {
  const generation = generationOf(root)
  return !isKeyed(root) && load(tableAt(map, generation) + Table.Successor) === successorWord(generation, Successor.None)
}

// inline
/** The cell of the slot that holds the integer `key` in the table of `root`, if it is quiet; or -1. */
function quietSlot(map: i32, root: Word, key: i32): i32 {
  if (!isQuiet(map, root)) return -1
  const table = tableAt(map, generationOf(root)), capacity = slotsOf(root)
  const slots = map + low(fixed(table + Table.Place))
  const found = find(map, 0, 0, slots, capacity, homeSlot(payloadHash(map, key), capacity), Tag.Integer, key, -1)
  return found < 0x10000000 ? slots + (found << 1) : -1
}

/** put of an integer over an integer: true if it was done, false if the long way must be taken. */
export function setInteger(map: i32, key: i32, value: i32): boolean {
  const root = load(map + At.Root), slot = quietSlot(map, root, key)
  return slot >= 0 && updateInteger(map, root, slot, value)
}

// inline
/** The same in a slot that was found under `root`. */
export function updateInteger(map: i32, root: Word, slot: i32, value: i32): boolean {
  const seen = load(slot + 1)
  if ((high(seen) & ValueBits.Tag) !== Tag.Integer || load(map + At.Root) !== root) return false
  // LP put: this swap.
  return swap(slot + 1, seen, valueWord(seen, Tag.Integer, value), ValueStep.Update)
}

/** put of an integer, whatever is there: the long way in one call. */
export function putInteger(map: i32, me: i32, key: i32, value: i32): Status {
  const fields = fieldsOf(map, me)
  seekPayload(map, me, Field.Sought, Tag.Integer, key)
  poke(fields, Field.Expect, Expect.Any)
  poke(fields, Field.WantsPrevious, 0)
  poke(fields, Field.NextTag, Tag.Integer)
  poke(fields, Field.NextPayload, value)
  poke(fields, Field.NextRecord, 0)
  return putIfMatch(map, me)
}

/** Adds to an integer: the sum, or `Other` if nothing was done and the long way must be taken (also when it overflows). */
export function addInteger(map: i32, key: i32, delta: i32): i32 {
  const root = load(map + At.Root), slot = quietSlot(map, root, key)
  return slot < 0 ? Sentinel.Other : addTo(map, root, slot, delta)
}

/** Adds to the integer in a slot that was found under `root`. */
function addTo(map: i32, root: Word, slot: i32, delta: i32): i32 {
  while (true) {
    const seen = load(slot + 1), before = low(seen), sum = before + delta | 0
    if ((high(seen) & ValueBits.Tag) !== Tag.Integer || load(map + At.Root) !== root) return Sentinel.Other
    if (delta < 0 ? sum > before : sum < before) return Sentinel.Other
    if (sum < -2147483646) return Sentinel.Other
    // LP add: this swap. Lost: somebody else's add has taken effect, so the loop is theirs to end.
    if (swap(slot + 1, seen, valueWord(seen, Tag.Integer, sum), ValueStep.Update)) return sum
  }
}

// --- one call for what would be two: the caller's `Key` window holds the bytes

/** get of a key in the `Key` window. */
export function getBytes(map: i32, me: i32, length: i32, type: i32): Status {
  seekBytes(map, me, Field.Sought, areaAt(map, areaIn(me)) + Area.Key, length, type)
  return get(map, me)
}

/** add to the integer of a key in the `Key` window; `Other` as for `addInteger`. */
export function addBytes(map: i32, me: i32, length: i32, type: i32, delta: i32): i32 {
  seekBytes(map, me, Field.Sought, areaAt(map, areaIn(me)) + Area.Key, length, type)
  const root = load(map + At.Root), generation = generationOf(root)
  if (load(tableAt(map, generation) + Table.Successor) !== successorWord(generation, Successor.None)) return Sentinel.Other
  const found = probe(map, me, Field.Sought, generation)
  return endOf(found) === Found.Key ? addTo(map, root, slotsAt(map, generation) + (indexOf(found) << 1), delta) : Sentinel.Other
}
