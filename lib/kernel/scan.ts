// The scan behind iteration: it walks in hash order, a window of hashes at a time, and pins nothing.
//
// Law: while the root stands, every key that was present throughout lies in the root's table or in its successor, in
// the run of slots that begins at its home. So a window that ends under the root it began with has missed nothing.
// A window is all or nothing: if the root moved, its caller drops what it got and scans the same hashes again.

import { Word, below, high, keep, load, low, peek, poke } from './memory'
import { Area, Field, Table, areaOf, blockAt, fieldsOf, slotsAt, tableAt } from './layout'
import { finishCopy } from './copy'
import { swing } from './promote'
import { seekSlotKey } from './probe'
import { PATIENCE, Status, describeValue, patienceAfter } from './read'
import { fits, recordLength } from './records'
import { RECORD_HEADER } from './sizes'
import { capacityOf, homeHash, homeSlot, keyedHashOf, rootGeneration, rootIs } from './table'
import { isFresh, isKeyed } from './words/header'
import { Tag, endsProbe, keyReference, keyTag } from './words/key'
import { generationOf } from './words/root'
import { Successor, successorKind } from './words/successor'
import { isReadable } from './words/value'
import { typeOfBlock } from './words/stamp'
import { isOutside } from './blocks'
import { veilOf } from './veil'

/** In which table the window is being walked. */
const enum Phase { Root = 0, Successor = 1 }
/** What one look at a slot gives: `Again` when its value was replaced under the copy, `Gone` when the root has moved. */
const enum Look { Skip = 0, Entry = 1, Again = 2, Gone = 3 }

/**
 * Begins a window at the hash `from`, about `slots` slots long. Notes under which hash the table is ordered, and the
 * first hash after the window (0: the window reaches the end). Retry where the root is about to move.
 */
export function scanBegin(map: i32, me: i32, from: i32, slots: i32): Status {
  const fields = fieldsOf(map, me), generation = rootGeneration(map), capacity = capacityOf(map, generation)
  if (capacity <= 0 || !isSteady(map, me, generation)) return Status.Retry
  const table = tableAt(map, generation)
  poke(fields, Field.ScanGeneration, generation)
  poke(fields, Field.ScanKeyed, isKeyed(load(table + Table.Capacity)) ? 1 : 0)
  poke(fields, Field.ScanSeedLow, low(load(table + Table.SeedLow)))
  poke(fields, Field.ScanSeedHigh, high(load(table + Table.SeedHigh)) === generation ? low(load(table + Table.SeedHigh)) : 0)
  poke(fields, Field.ScanFrom, from)
  poke(fields, Field.ScanTo, windowEnd(from, slots, capacity))
  return rootIs(map, generation) && beginPhase(map, me, generation, Phase.Root) ? Status.Found : Status.Retry
}

/** Before a window: a clear is swung, and a copy into a table with another hash is finished, for there the order differs. */
function isSteady(map: i32, me: i32, generation: i32): boolean {
  const successor = load(tableAt(map, generation) + Table.Successor)
  if (generationOf(successor) !== generation) return false
  if (successorKind(successor) === Successor.None) return true
  if (successorKind(successor) === Successor.Clear) swing(map, me, generation, 0)
  else if (isFresh(load(tableAt(map, generation + 1) + Table.Capacity))) finishCopy(map, me, generation)
  else return true
  return false
}

/** The hash `slots` slots on from `from`, or 0 past the end. */
function windowEnd(from: i32, slots: i32, capacity: i32): i32 {
  if (slots >= capacity) return 0
  const width = (0x7fffffff / capacity | 0) * slots * 2 | 0
  const end = from + width | 0
  return below(from, end) ? end : 0
}

function beginPhase(map: i32, me: i32, generation: i32, phase: Phase): boolean {
  const fields = fieldsOf(map, me), capacity = capacityOf(map, generation)
  if (capacity <= 0) return false
  poke(fields, Field.ScanPhase, phase)
  poke(fields, Field.ScanSlot, homeSlot(peek(fields, Field.ScanFrom), capacity))
  poke(fields, Field.ScanLeft, capacity)
  return true
}

/**
 * The next entry of the window: Found with its key in the `Key` window and its value described, Absent at the end of
 * the window, Retry if the root moved and the window must be scanned again.
 */
export function scanNext(map: i32, me: i32): Status {
  const fields = fieldsOf(map, me), root = peek(fields, Field.ScanGeneration)
  const generation = root + peek(fields, Field.ScanPhase) | 0, capacity = capacityOf(map, generation)
  if (capacity <= 0) return Status.Retry
  for (let n = 0; n < PATIENCE; n++) {
    if (peek(fields, Field.ScanLeft) <= 0 || isPast(map, me, generation, capacity)) return endPhase(map, me, root)
    const index = peek(fields, Field.ScanSlot), look = visit(map, me, generation, slotsAt(map, generation, capacity) + (index << 1))
    if (look === Look.Gone) return Status.Retry
    if (look === Look.Again) { n = patienceAfter(map, me, n, generation, generation); continue }
    n = 0
    advance(fields, index, capacity)
    if (look === Look.Entry) return Status.Found
  }
  return Status.Corrupt
}

function advance(fields: i32, index: i32, capacity: i32): void {
  poke(fields, Field.ScanSlot, index + 1 === capacity ? 0 : index + 1)
  poke(fields, Field.ScanLeft, peek(fields, Field.ScanLeft) - 1)
}

/** Whether the walk has passed the window's last home and then met a slot where every search ends. */
function isPast(map: i32, me: i32, generation: i32, capacity: i32): boolean {
  const fields = fieldsOf(map, me), to = peek(fields, Field.ScanTo), index = peek(fields, Field.ScanSlot)
  const last = to === 0 ? capacity - 1 : homeSlot(to - 1, capacity), first = homeSlot(peek(fields, Field.ScanFrom), capacity)
  const walked = capacity - peek(fields, Field.ScanLeft)
  if (walked <= last - first) return false
  return endsProbe(load(slotsAt(map, generation, capacity) + (index << 1)))
}

/** After the root's table its successor, if there is one by now; then the root must still stand. */
function endPhase(map: i32, me: i32, root: i32): Status {
  const fields = fieldsOf(map, me), successor = load(tableAt(map, root) + Table.Successor)
  if (!rootIs(map, root) || generationOf(successor) !== root) return Status.Retry
  if (peek(fields, Field.ScanPhase) === Phase.Successor || successorKind(successor) === Successor.None) return Status.Absent
  if (successorKind(successor) === Successor.Clear || isFresh(load(tableAt(map, root + 1) + Table.Capacity))) return Status.Retry
  return beginPhase(map, me, root + 1 | 0, Phase.Successor) ? scanNext(map, me) : Status.Retry
}

/** One slot: whether it holds an entry of the window, whose key and value are then described. */
function visit(map: i32, me: i32, generation: i32, slot: i32): Look {
  const key = load(slot), word = load(slot + 1), fields = fieldsOf(map, me), root = peek(fields, Field.ScanGeneration)
  if (keyTag(key) === Tag.None || !isReadable(word)) return Look.Skip
  seekSlotKey(map, me, Field.Carried, key)
  const inside = inWindow(fields, homeHash(map, me, Field.Carried, generation))
  const whole = !inside || describeKey(map, me, key) && describeValue(map, me, slot, word)
  // Whatever was read counts only if the root still stands: until then the key's record cannot have been freed.
  if (!rootIs(map, root)) return Look.Gone
  if (!whole) return Look.Again
  if (!inside) return Look.Skip
  poke(fields, Field.FoundSlot, slot)
  poke(fields, Field.FoundHigh, high(word))
  poke(fields, Field.FoundLow, low(word))
  return Look.Entry
}

function inWindow(fields: i32, hash: i32): boolean {
  const from = peek(fields, Field.ScanFrom), to = peek(fields, Field.ScanTo)
  return !below(hash, from) && (to === 0 || below(hash, to))
}

/** Describes the slot's key: its tag and payload, and a record's bytes as far as the `Key` window holds them. */
function describeKey(map: i32, me: i32, key: Word): boolean {
  const fields = fieldsOf(map, me), tag = keyTag(key)
  poke(fields, Field.Form, tag)
  poke(fields, Field.Payload, tag === Tag.Record ? keyReference(key) : low(key))
  if (tag !== Tag.Record) return true
  if (isOutside(map, keyReference(key))) return false
  const record = keyReference(key), block = blockAt(map, record), header = load(block), length = recordLength(map, record)
  if (!fits(map, record, header, length)) return false
  poke(fields, Field.Length, length)
  poke(fields, Field.Type, typeOfBlock(header))
  const cells = length + 7 >>> 3, many = cells < Area.KeyCells ? cells : Area.KeyCells, veil = veilOf(map, record, header)
  for (let n = 0; n < many; n++) keep(areaOf(map, me) + Area.Key + n, load(block + RECORD_HEADER + n) ^ veil)
  return true
}

/** Copies the next window of a key's record, from the cell `from` on. Believed only if the whole window of hashes is. */
export function scanMoreKey(map: i32, me: i32, from: i32): void {
  const fields = fieldsOf(map, me), record = peek(fields, Field.Payload), block = blockAt(map, record), veil = veilOf(map, record, load(block))
  const left = (peek(fields, Field.Length) + 7 >>> 3) - from, many = left < Area.KeyCells ? left : Area.KeyCells
  for (let n = 0; n < many; n++) keep(areaOf(map, me) + Area.Key + n, load(block + RECORD_HEADER + from + n) ^ veil)
}

/** Whether the entry that was found there is still the same: the root stands, and the slot's value word has not moved. */
export function isUnchanged(map: i32, generation: i32, slot: i32, wordHigh: i32, wordLow: i32): boolean {
  const word = load(slot + 1)
  return high(word) === wordHigh && low(word) === wordLow && rootIs(map, generation)
}

/** The hash of the key that was found, under another table's order: for a walk that was overtaken by a reseed. */
export function scanHash(map: i32, me: i32, keyed: i32, seedLow: i32, seedHigh: i32): i32 {
  return keyed === 0 ? peek(fieldsOf(map, me), Field.Carried + Field.Hash) : keyedHashOf(map, me, Field.Carried, seedLow, seedHigh)
}
