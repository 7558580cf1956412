// The hot paths: an integer key with an integer for a value. Whatever is not so takes the one cold exit: the general
// putIfMatch.
//
// They do not look whether a copy or a clear has begun: a value that is not frozen yet is changed where it is. If our swap
// comes first, a copier carries our value on; if a freeze does, our swap fails and the long way goes where the value went.
// So they do not help either, but for new keys: those go the hot way only where there is nothing to help with.

import { Word, high, load, low, peek, poke } from './memory'
import { swap } from './step'
import { At, Field, Table, fieldsOf, regionAt, slotsAt, tableAt } from './layout'
import { Room, reserve, useRoom } from './claims'
import { Found, endOf, find, findPayload, indexOf, isLong, probe, seekPayload, seekWindow, slotOf } from './probe'
import { Sentinel, Status, get, isSentinel } from './read'
import { considerShrink, countDelete } from './resize'
import { addSize } from './size'
import { payloadHome, softLimit } from './table'
import { CapacityBits, slotsOf } from './words/header'
import { KeyStep, Tag, isEmptyKey, keyWord } from './words/key'
import { Region, regionState } from './words/region'
import { generationOf } from './words/root'
import { Successor, successorWord } from './words/successor'
import { Value, ValueBits, ValueStep, bareWord, isEmptyValue, valueWord } from './words/value'
import { Expect, helpAlong, putIfMatch } from './write'

/** put of an integer: true if it was done, false if the long way must be taken. */
export function setInteger(map: i32, me: i32, key: i32, value: i32): boolean {
  const root = load(map + At.Root)
  const bits = low(root), capacity = bits & CapacityBits.Slots, generation = generationOf(root)
  const slots = slotsAt(map, generation, capacity), home = payloadHome(map, generation, bits, Tag.Integer, key)
  const found = find(map, 0, 0, slots, capacity, home, Tag.Integer, key, -1)
  if (found < Found.Empty) return updateInteger(map, root, slots + (found << 1), value)
  return found < Found.Sealed && !isLong(home, found, capacity) && insertInteger(map, me, root, slots + (indexOf(found) << 1), key, value)
}

// inline
/** Over an integer, in a slot that was found under `root`. */
export function updateInteger(map: i32, root: Word, slot: i32, value: i32): boolean {
  const seen = load(slot + 1)
  if ((high(seen) & ValueBits.Tag) !== Tag.Integer || load(map + At.Root) !== root) return false
  // LP put: this swap.
  return swap(slot + 1, seen, valueWord(seen, Tag.Integer, value), ValueStep.Update)
}

/** Of a new key, where its search under `root` met an Empty one, if there is nothing to help with: the steps of `insert` and `writeSlot`. */
export function insertInteger(map: i32, me: i32, root: Word, slot: i32, key: i32, value: i32): boolean {
  const generation = generationOf(root)
  if (load(tableAt(map, generation) + Table.Successor) !== successorWord(generation, Successor.None)) return false
  if (regionState(load(regionAt(map, generation + 1))) !== Region.Free) return false
  if (reserve(map, me, generation, softLimit(slotsOf(root))) !== Room.Reserved) return false
  const empty = load(slot)
  if (!isEmptyKey(empty) || load(map + At.Root) !== root) return false
  if (!swap(slot, empty, keyWord(empty, Tag.Integer, key), KeyStep.Claim)) return false
  useRoom(map, me)
  const seen = load(slot + 1)
  if (!isEmptyValue(seen) || load(map + At.Root) !== root) return false
  // LP put: this swap.
  if (!swap(slot + 1, seen, valueWord(seen, Tag.Integer, value), ValueStep.Insert)) return false
  addSize(map, me, 1)
  return true
}

/** put of an integer, whatever is there: the long way in one call. */
export function putInteger(map: i32, me: i32, key: i32, value: i32): Status {
  const fields = fieldsOf(map, me)
  poke(fields, Field.Expect, Expect.Any)
  poke(fields, Field.WantsPrevious, 0)
  poke(fields, Field.NextTag, Tag.Integer)
  poke(fields, Field.NextPayload, value)
  poke(fields, Field.NextRecord, 0)
  return putPayload(map, me, Tag.Integer, key)
}

/** Adds to an integer: the sum, or `Other` if nothing was done and the long way must be taken (also when it overflows). */
export function addInteger(map: i32, key: i32, delta: i32): i32 {
  const root = load(map + At.Root)
  const generation = generationOf(root), slots = slotsAt(map, generation, slotsOf(root))
  const found = findPayload(map, slots, generation, low(root), Tag.Integer, key)
  return found < Found.Empty ? addTo(map, root, slots + (found << 1), delta) : Sentinel.Other
}

/** Adds to the integer in a slot that was found under `root`. */
function addTo(map: i32, root: Word, slot: i32, delta: i32): i32 {
  while (true) {
    const seen = load(slot + 1), before = low(seen), sum = before + delta | 0
    if ((high(seen) & ValueBits.Tag) !== Tag.Integer || load(map + At.Root) !== root) return Sentinel.Other
    if (delta < 0 ? sum > before : sum < before) return Sentinel.Other
    if (isSentinel(sum)) return Sentinel.Other
    // LP add: this swap. Lost: somebody else's add has taken effect, so the loop is theirs to end.
    if (swap(slot + 1, seen, valueWord(seen, Tag.Integer, sum), ValueStep.Update)) return sum
  }
}

/** delete of a key that holds an integer: Written, Refused if the key is absent, or Retry if the long way must be taken. */
export function deleteInteger(map: i32, me: i32, key: i32): Status {
  const root = load(map + At.Root)
  const generation = generationOf(root), slots = slotsAt(map, generation, slotsOf(root))
  const found = findPayload(map, slots, generation, low(root), Tag.Integer, key)
  if (found >= Found.Sealed) return Status.Retry
  // LP delete of an absent key: the read of the Empty key, if the root still stands.
  if (found >= Found.Empty) return load(map + At.Root) === root ? Status.Refused : Status.Retry
  return deleteIn(map, me, root, slots + (found << 1))
}

/** Of an integer, in a slot that was found under `root`. */
function deleteIn(map: i32, me: i32, root: Word, slot: i32): Status {
  const seen = load(slot + 1)
  if ((high(seen) & ValueBits.Tag) !== Tag.Integer || load(map + At.Root) !== root) return Status.Retry
  // LP delete: this swap.
  if (!swap(slot + 1, seen, bareWord(seen, Value.Tombstone), ValueStep.Delete)) return Status.Retry
  addSize(map, me, -1)
  followUp(map, me, generationOf(root))
  return Status.Written
}

/**
 * After a delete: helps, and looks whether the table has become too large. Only speed, but without it a map that is only deleted
 * from would never be smaller: each eighth delete looks whether there is something to help with, and while there is, each helps.
 */
function followUp(map: i32, me: i32, generation: i32): void {
  const fields = fieldsOf(map, me), deletes = countDelete(fields)
  if ((deletes & 7) !== 1 && peek(fields, Field.Helps) === 0) return
  poke(fields, Field.Helps, helpAlong(map, me, generation) ? 1 : 0)
  considerShrink(map, me, generation, deletes)
}

// --- one call for what would be two

/** get of a key that lies in the word itself. */
export function getPayload(map: i32, me: i32, tag: i32, payload: i32): Status {
  seekPayload(map, me, Field.Sought, tag, payload)
  return get(map, me)
}

/** putIfMatch of a key that lies in the word itself. */
export function putPayload(map: i32, me: i32, tag: i32, payload: i32): Status {
  poke(fieldsOf(map, me), Field.KeyRecord, 0)
  seekPayload(map, me, Field.Sought, tag, payload)
  return putIfMatch(map, me)
}

// The caller's `Key` window holds the bytes.

/** get of a key in the `Key` window. */
export function getBytes(map: i32, me: i32, length: i32, type: i32): Status {
  seekWindow(map, me, length, type)
  return get(map, me)
}

/** putIfMatch of a key in the `Key` window. */
export function putBytes(map: i32, me: i32, length: i32, type: i32): Status {
  poke(fieldsOf(map, me), Field.KeyRecord, 0)
  seekWindow(map, me, length, type)
  return putIfMatch(map, me)
}

/** add to the integer of a key in the `Key` window; `Other` as for `addInteger`. */
export function addBytes(map: i32, me: i32, length: i32, type: i32, delta: i32): i32 {
  seekWindow(map, me, length, type)
  const root = load(map + At.Root), generation = generationOf(root)
  const found = probe(map, me, Field.Sought, generation)
  return endOf(found) === Found.Key ? addTo(map, root, slotOf(map, found), delta) : Sentinel.Other
}
