// The copy: every slot of the root's table dies, and what lived there lives on in the successor.
//
// In all of this file `generation` is the root's that the caller read, and its successor is generation + 1. Any number
// of workers may copy the same slot at once, and any of them may vanish between any two lines.

import { Word, cas, load, low, pack, peek, poke } from './memory'
import { swap } from './step'
import { Area, Field, Table, chunkShift, chunksAt, areaOf, pageOf, slotsAt, tableAt } from './layout'
import { freeBlock } from './blocks'
import { copyCheckAndPromote } from './promote'
import { coreEnd, coreStart, isInCore } from './pages'
import { noteOvertaken } from './read'
import { copyRecord } from './records'
import { Found, endOf, findPayload, placed, probe, seekSlotKey, slotOf } from './probe'
import { capacityOf, chunksOf, homeHash, homeSlot, rootIs } from './table'
import { Chunk, ChunkStep, CursorStep, chunkState, chunkWord } from './words/chunk'
import { KeyBits, KeyStep, Tag, isEmptyKey, keyForm, keyReference, keyTag, keyWord, sealedKey } from './words/key'
import { slotsOf } from './words/header'
import { generationOf } from './words/root'
import { Successor, successorWord } from './words/successor'
import { Value, ValueStep, bareWord, isDead, isEmptyValue, isPrime, isReadable, movedWord, primeWord, valueState, valueTag, valueWord } from './words/value'

/** What a copier gets back: `Gone` means that the table is the root's no more and the caller must look anew. */
export const enum Copied { Gone = -1, Dead = 0, Moved = 1 }

/** Turns of `copySlot` before the caller looks anew. Each lost turn is a writer's progress. */
const COPY_PATIENCE: i32 = 1024

/**
 * Slots that one write copies at least. Two are enough to end a growth before the doubled table has filled to three
 * quarters; with one, each table would start fuller than the last, and searches would grow without bound.
 */
const FEWEST_HELPED: i32 = 2

/** Seals the slot's key if it is Empty. False if the table is gone. */
function sealKey(map: i32, generation: i32, slot: i32): boolean {
  while (true) {
    const seen = load(slot)
    if (!isEmptyKey(seen)) return true
    // Correctness: without it a copier that slept through a sweep seals a slot of a later incarnation.
    if (!rootIs(map, generation)) return false
    // If ours comes first, no writer takes the key here any more; if a writer's comes first, we copy its slot.
    if (swap(slot, seen, sealedKey(seen), KeyStep.Seal)) return true
  }
}

/** Makes one slot dead, carrying its value over if it has one. */
export function copySlot(map: i32, me: i32, generation: i32, slot: i32): Copied {
  if (!sealKey(map, generation, slot)) return Copied.Gone
  const key = load(slot)
  for (let n = 0; n < COPY_PATIENCE; n++) {
    const seen = load(slot + 1)
    if (isDead(seen)) return valueState(seen) === Value.DeadMoved ? Copied.Moved : Copied.Dead
    // Correctness, also for a Prime: only one that was read under the root that gave the key may be carried. Ours is as good:
    // it stands where the word stood that was read, so the table had not died.
    if (!rootIs(map, generation)) return Copied.Gone
    if (!isPrime(seen) && !freeze(slot, seen)) continue
    if (!isReadable(seen)) return Copied.Dead
    const prime = isPrime(seen) ? seen : primeWord(seen)
    const target = carryOver(map, me, generation, slot, key, prime)
    if (target !== 0) {
      // Whoever carried it: the target's key word says whether the record went along, and does not change any more.
      if (swap(slot + 1, prime, movedWord(prime, hasAnotherRecord(key, load(target))), ValueStep.Move)) return Copied.Moved
    // The source has died if its word is another: then we read it. If it stands, and the root too, the successor has no place for
    // its key, and the words contradict each other.
    } else if (!rootIs(map, generation) || stillPrime(slot, prime)) return Copied.Gone
  }
  noteOvertaken(map, me)
  return Copied.Gone
}

/** One step from an open value word towards death. Losing it is fine: the caller reads again. */
function freeze(slot: i32, seen: Word): boolean {
  const state = valueState(seen)
  if (state === Value.Value) return swap(slot + 1, seen, primeWord(seen), ValueStep.Prime)
  if (state === Value.Tombstone) return swap(slot + 1, seen, bareWord(seen, Value.DeadDeleted), ValueStep.BuryDeleted)
  return swap(slot + 1, seen, bareWord(seen, Value.DeadEmpty), ValueStep.BuryEmpty)
}

/** Whether the slot still holds the very Prime that was read. Asked before each swap in the successor. */
function stillPrime(slot: i32, prime: Word): boolean { return load(slot + 1) === prime }

/** Searches the successor for the key of a slot. One that is held in the word itself is not described first, for speed. */
function probeFor(map: i32, me: i32, next: i32, key: Word): i32 {
  const header = load(tableAt(map, next) + Table.Capacity)
  if (keyTag(key) !== Tag.Record && generationOf(header) === next) {
    const slots = slotsAt(map, next, slotsOf(header))
    return placed(map, slots, findPayload(map, slots, next, low(header), keyTag(key), low(key)))
  }
  seekSlotKey(map, me, Field.Carried, key)
  return probe(map, me, Field.Carried, next)
}

function hasAnotherRecord(key: Word, other: Word): boolean { return keyTag(key) === Tag.Record && keyReference(key) !== keyReference(other) }

/** The word for a key in its new slot. Its record goes along: it belongs to that slot now. Where the successor gathers its keys' records, one
 *  that lies outside is copied. */
function carriedKey(map: i32, me: i32, generation: i32, key: Word, empty: Word): Word {
  const record = keyTag(key) === Tag.Record ? gathered(map, me, generation + 1 | 0, keyReference(key)) : 0
  return keyWord(empty, keyForm(key), record === 0 ? low(key) : low(key) & ~KeyBits.Reference | record)
}

/** Frees the copy of a key's record that was not needed, if there is one. 0, as `carryOver` answers then. */
function dropCopy(map: i32, me: i32, key: Word, carried: Word): i32 {
  if (hasAnotherRecord(key, carried)) freeBlock(map, me, keyReference(carried))
  return 0
}

/** A copy of a key's record near the middle; 0 if it stays where it is. */
function gathered(map: i32, me: i32, next: i32, record: i32): i32 {
  const word = load(tableAt(map, next) + Table.Core), core = generationOf(word) === next ? low(word) : 0
  if (core === 0 || isInCore(map, pageOf(map, record), core)) return 0
  return copyRecord(map, me, record, coreStart(map, core), coreEnd(map, core))
}

/**
 * Brings a frozen value to the successor, unless its key has one there: its slot there, once that slot's word is not Empty;
 * 0 if the source slot has died or the table is gone. Never follows on into a third table.
 */
function carryOver(map: i32, me: i32, generation: i32, slot: i32, key: Word, prime: Word): i32 {
  while (true) {
    const next = generation + 1 | 0, found = probeFor(map, me, next, key), end = endOf(found)
    if (end !== Found.Empty && end !== Found.Key) return 0
    const target = slotOf(map, found)
    if (end === Found.Empty) {
      const empty = load(target)
      if (!isEmptyKey(empty)) continue
      const carried = carriedKey(map, me, generation, key, empty)
      // Also that a record was copied while the source had it: it cannot have been freed before.
      if (!stillPrime(slot, prime)) return dropCopy(map, me, key, carried)
      if (!swap(target, empty, carried, KeyStep.CarryKey)) { dropCopy(map, me, key, carried); continue }
    }
    const seen = load(target + 1)
    if (!isEmptyValue(seen)) return target
    if (!stillPrime(slot, prime)) return 0
    // Lost to another copier or, after it, to a writer: read again, and only a word that is not Empty means carried.
    if (swap(target + 1, seen, valueWord(seen, valueTag(prime), low(prime)), ValueStep.Carry)) return target
  }
}

/** Cells of a page of the system's memory. */
const PAGE: i32 = 512

/**
 * Has the system find memory for a cell's page, by a swap that changes nothing: only speed. A page that is read first, as by
 * a search, is shown as zeros until its first write, and for that write the system stops all threads to take the zeros back.
 */
function occupy(at: i32): void { cas(at, pack(0, 0), pack(0, 0)) }

/** Occupies the chunk's share of the successor's pages, no later than keys of the chunk come there. */
function occupyShare(map: i32, generation: i32, chunk: i32, chunks: i32): void {
  const capacity = capacityOf(map, generation + 1)
  if (capacity < 0) return
  const next = slotsAt(map, generation + 1, capacity), end = next + (capacity << 1)
  if (end - next <= PAGE) return
  const share = (((end - next) / PAGE | 0) / chunks | 0) + 1, from = next + chunk * share * PAGE
  for (let at = from; at < end && at < from + share * PAGE; at += PAGE) occupy(at)
}

/** Occupies the page where the sought key's search begins, for a writer that is ahead of the copy. */
export function occupyHome(map: i32, me: i32, generation: i32): void {
  const slots = capacityOf(map, generation)
  if (slots << 1 > PAGE) occupy(slotsAt(map, generation, slots) + (homeSlot(homeHash(map, me, Field.Sought, generation), slots) << 1))
}

/** Copies every slot of a chunk and sets its done-word. False if the table is gone. */
export function copyChunk(map: i32, me: i32, generation: i32, chunk: i32): boolean {
  const at = chunksAt(map, generation) + chunk, word = load(at), capacity = capacityOf(map, generation)
  if (generationOf(word) !== generation || capacity < 0) return false
  if (chunkState(word) !== Chunk.Open) return true
  const slots = slotsAt(map, generation, capacity), last = lastSlot(map, chunk, capacity)
  let moved = 0
  occupyShare(map, generation, chunk, chunksOf(map, capacity))
  for (let index = chunk << chunkShift(map); index < last; index++) {
    const copied = copySlot(map, me, generation, slots + (index << 1))
    if (copied === Copied.Gone) return false
    moved += copied
  }
  noteHelp(map, me, generation, last - (chunk << chunkShift(map)))
  swap(at, word, chunkWord(generation, Chunk.Done, moved), ChunkStep.Done)
  return true
}

/** The index after the chunk's last slot. */
export function lastSlot(map: i32, chunk: i32, capacity: i32): i32 {
  const end = chunk + 1 << chunkShift(map)
  return end < capacity ? end : capacity
}

/** Hands out the next chunk, or -1 when all were handed out or the cursor belongs to another generation. Only a hint. */
export function nextChunk(map: i32, generation: i32, cursor: i32, chunks: i32): i32 {
  const at = tableAt(map, generation) + cursor
  while (true) {
    const seen = load(at)
    if (generationOf(seen) !== generation || low(seen) >= chunks) return -1
    if (swap(at, seen, pack(generation, low(seen) + 1 | 0), CursorStep.Advance)) return low(seen)
  }
}

/** The bounded share of the copy that each write does: one chunk, or the search for what others left undone. */
export function helpCopy(map: i32, me: i32, generation: i32): void {
  const capacity = capacityOf(map, generation), chunks = chunksOf(map, capacity)
  if (capacity < 0) return
  for (let slots = 0; slots < FEWEST_HELPED; slots += 1 << chunkShift(map)) {
    const chunk = nextChunk(map, generation, Table.Cursor, chunks)
    if (chunk < 0) { finishCopy(map, me, generation); return }
    if (!copyChunk(map, me, generation, chunk)) return
    if (chunk === chunks - 1) { copyCheckAndPromote(map, me, generation); return }
  }
}

/** Does all that is not done, alone if it must, and promotes. False if the table is gone, or is not being copied. */
export function finishCopy(map: i32, me: i32, generation: i32): boolean {
  const capacity = capacityOf(map, generation), chunks = chunksOf(map, capacity)
  // Correctness: what another worker has installed may be a clear, and that table must stay empty.
  if (capacity < 0 || load(tableAt(map, generation) + Table.Successor) !== successorWord(generation, Successor.Copy)) return false
  for (let chunk = 0; chunk < chunks; chunk++) if (!copyChunk(map, me, generation, chunk)) return false
  return copyCheckAndPromote(map, me, generation)
}

/** Notes in the caller's statistics how many slots it copied, in all and of this resize. */
function noteHelp(map: i32, me: i32, generation: i32, slots: i32): void {
  const area = areaOf(map, me)
  poke(area, Area.Copied << 1, peek(area, Area.Copied << 1) + slots | 0)
  const ring = (Area.HelpRing + (generation & 15)) << 1
  const before = peek(area, ring + 1) === generation ? peek(area, ring) : 0
  poke(area, ring + 1, generation)
  poke(area, ring, before + slots | 0)
}
