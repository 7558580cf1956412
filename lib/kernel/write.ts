// putIfMatch: every change of one key is one call of it. put, putIfAbsent, replace, compareAndSet and delete differ in
// what they expect and in what comes next.
//
// Each write: read the root, search, read the word, **check the root again**, then swap. If the root is unchanged the
// table was live when the word was read, so the word is genuine; if the table dies in between, the swap fails.

import { Word, below, load, low, peek, poke } from './memory'
import { swap } from './step'
import { Area, Field, Hint, Table, fieldsOf, hintsOf, pagesInAll, tableAt } from './layout'
import { freeBlock, freedByAll } from './blocks'
import { Room, reserve, useRoom } from './claims'
import { isClearing, settleClear } from './clear'
import { Copied, copySlot, finishCopy, helpCopy, occupyHome } from './copy'
import { Found, LONG_PROBE, endOf, isBeyondChance, isCrowded, probe, slotOf } from './probe'
import { Need, ask, isInPieces } from './pieces'
import { helpSweep, needsSweep } from './sweep'
import { PATIENCE, Status, describeValue, noteOvertaken, noteRetry, patienceAfter, unlessMoved, whyNot } from './read'
import { readRecord, recordLength, recordStamp, sameRecord, writeRecord } from './records'
import { Start, considerShrink, countDelete, shrinkAfterSweep, startResize } from './resize'
import { RECOVERIES, recover } from './recover'
import { addSize, deletedByAll } from './size'
import { evacuate } from './evacuate'
import { swing } from './promote'
import { capacityOf, rootGeneration, rootIs, softLimit } from './table'
import { KeyStep, Tag, endsProbe, isEmptyKey, keyWord } from './words/key'
import { generationOf } from './words/root'
import { claimsCount } from './words/claims'
import { Successor, successorKind } from './words/successor'
import { Value, ValueStep, bareWord, isDead, isLive, isPrime, recordPayload, valueReference, valueState, valueTag, valueWord } from './words/value'

/** What putIfMatch expects to find. */
export enum Expect { Any, Present, Absent, Equal }

/** What an operation does once at most, as bits of `Field.Done`. */
const enum Done { Helped = 1, Reseeded = 2 }

/** Writes, deletes or leaves alone: Written, Refused, NoMemory or Corrupt. */
export function putIfMatch(map: i32, me: i32): Status {
  const fields = fieldsOf(map, me)
  poke(fields, Field.Done, 0)
  poke(fields, Field.HeldRecord, 0)
  let generation = rootGeneration(map), status = Status.Retry, recoveries = 0
  for (let n = 0; status === Status.Retry; n++) {
    status = n < PATIENCE ? attempt(map, me, generation) : Status.Corrupt
    if (status === Status.NoMemory && recoveries++ < RECOVERIES && recover(map, me)) status = Status.Retry
    if (status === Status.Retry) noteRetry(map, me)
    const now = rootGeneration(map)
    n = patienceAfter(map, me, n, generation, now)
    generation = now
  }
  // Unsure: it goes on with them when the caller has shown the key.
  if (status !== Status.Unsure) giveBackUnused(map, me)
  return status
}

// inline
/** Gives back blocks that were made ready and not published. */
export function giveBackUnused(map: i32, me: i32): void {
  const fields = fieldsOf(map, me)
  if (peek(fields, Field.KeyRecord) !== 0) {
    freeBlock(map, me, peek(fields, Field.KeyRecord))
    poke(fields, Field.KeyRecord, 0)
  }
  if (peek(fields, Field.NextRecord) !== 0) freeBlock(map, me, peek(fields, Field.NextRecord))
  poke(fields, Field.NextRecord, 0)
}

/** One attempt under one root. */
function attempt(map: i32, me: i32, generation: i32): Status {
  const successor = load(tableAt(map, generation) + Table.Successor), kind = successorKind(successor)
  if (generationOf(successor) !== generation) return unlessMoved(map, generation)
  if (kind === Successor.Clear) return swing(map, me, generation, 0) ? Status.Retry : unlessMoved(map, generation)
  if ((peek(fieldsOf(map, me), Field.Done) & Done.Helped) === 0 && help(map, me, generation, kind)) return Status.Retry
  return kind === Successor.Copy ? writeDuringCopy(map, me, generation) : writeInRoot(map, me, generation)
}

// inline
/** The bounded share of a running copy or sweep, or a clear that is decided, once an operation. True if there was anything to do. */
function help(map: i32, me: i32, generation: i32, kind: Successor): boolean {
  const behind = generation - 1 | 0
  if (kind === Successor.Copy) helpCopy(map, me, generation)
  // Not for the sake of this write: whoever decided it may have been killed, and then it would fire some time later.
  else if (isClearing(map, generation)) settleClear(map, me)
  else if (!needsSweep(map, behind)) return false
  else {
    helpSweep(map, me, behind)
    if (!needsSweep(map, behind)) shrinkAfterSweep(map, me, generation)
  }
  poke(fieldsOf(map, me), Field.Done, peek(fieldsOf(map, me), Field.Done) | Done.Helped)
  return true
}

/** The share of a write that took a fast way: true if there may be more to do. */
export function helpAlong(map: i32, me: i32, generation: i32): boolean {
  const successor = load(tableAt(map, generation) + Table.Successor), kind = successorKind(successor)
  return generationOf(successor) !== generation || kind !== Successor.Clear && help(map, me, generation, kind)
}

// --- where the key is looked for

function writeInRoot(map: i32, me: i32, generation: i32): Status {
  const found = probe(map, me, Field.Sought, generation), end = endOf(found)
  if (end === Found.Sealed) return Status.Retry
  if (end >= Found.Stale) return whyNot(map, generation, end)
  if (end === Found.Full) return isIdle(map, me) ? refuse(map, me, generation) : makeRoom(map, me, generation, 1)
  const slot = slotOf(map, found)
  if (end === Found.Key) return writeSlot(map, me, generation, slot)
  if (isIdle(map, me)) return refuse(map, me, generation)
  if (peek(fieldsOf(map, me), Field.Searched) > LONG_PROBE && asksReseed(map, me, generation)) return Status.Retry
  const capacity = capacityOf(map, generation), room = reserve(map, me, generation, softLimit(capacity))
  if (room === Room.Stale) return unlessMoved(map, generation)
  if (room === Room.Reserved) return insert(map, me, generation, generation, slot)
  const made = makeRoom(map, me, generation, 0)
  return made !== Status.NoMemory ? made : fillUp(map, me, generation, slot)
}

/** No larger table is worth while: this one is filled to the last slot. */
function fillUp(map: i32, me: i32, generation: i32, slot: i32): Status {
  const last = reserve(map, me, generation, capacityOf(map, generation))
  if (last === Room.Reserved) return insert(map, me, generation, generation, slot)
  // Closed meanwhile: somebody has found a resize worth while, and with closed claims it goes on for everybody.
  return last === Room.Full && rootIs(map, generation) ? makeRoom(map, me, generation, 1) : Status.Retry
}

/** After a search that chance does not make so long: the next table gets a keyed hash under new seeds. True if a resize was begun. */
export function asksReseed(map: i32, me: i32, generation: i32): boolean {
  const fields = fieldsOf(map, me), capacity = capacityOf(map, generation)
  const claimed = claimsCount(load(tableAt(map, generation) + Table.Claims))
  // Once in an operation, so that it ends whatever the seeds are.
  if (capacity <= 0 || (peek(fields, Field.Done) & Done.Reseeded) !== 0) return false
  if (!isBeyondChance(peek(fields, Field.Searched), capacity, claimed) && !isCrowded(map, me, generation)) return false
  poke(fields, Field.Done, peek(fields, Field.Done) | Done.Reseeded)
  return startResize(map, me, generation, Successor.Copy, true) !== Start.NoMemory
}

/** Begins a larger table, or makes room for one. A table that is full to the last slot may also become a little larger. */
function makeRoom(map: i32, me: i32, generation: i32, full: i32): Status {
  if (seemsLargest(map, me, generation, full)) return Status.NoMemory
  if (startResize(map, me, generation, Successor.Copy, false) !== Start.NoMemory || evacuate(map, me, generation)) return Status.Retry
  poke(hintsOf(map, me), Hint.LargestTable, generation)
  poke(hintsOf(map, me), Hint.LargestFull, full)
  poke(hintsOf(map, me), Hint.LargestFreed, freedByAll(map))
  poke(hintsOf(map, me), Hint.LargestDeletes, deletedByAll(map))
  return Status.NoMemory
}

/**
 * Whether no larger table was found, and nothing has come back since. While there are slots left, a little does not count: not more than a
 * sixty-fourth of the pages, nor than a sixteenth of the keys.
 */
function seemsLargest(map: i32, me: i32, generation: i32, full: i32): boolean {
  const hints = hintsOf(map, me)
  if (peek(hints, Hint.LargestTable) !== generation || peek(hints, Hint.LargestFull) < full) return false
  const freed = freedByAll(map) - peek(hints, Hint.LargestFreed) | 0, deleted = deletedByAll(map) - peek(hints, Hint.LargestDeletes) | 0
  return full !== 0 ? (freed | deleted) === 0 : !below(pagesInAll(map) >> 6, freed) && !below(capacityOf(map, generation) >> 4, deleted)
}

/** Looks anew after somebody else has taken or sealed the key word where the search ended. */
function again(map: i32, me: i32): Status {
  noteOvertaken(map, me)
  return Status.Retry
}

/** Rule of the hop: the successor is written only after the key's slot in the root's table is dead, or its search ended
 *  at a sealed slot or after a full circle without an Empty key. */
function writeDuringCopy(map: i32, me: i32, generation: i32): Status {
  const found = probe(map, me, Field.Sought, generation), end = endOf(found)
  if (end >= Found.Stale) return whyNot(map, generation, end)
  if (end === Found.Empty && isIdle(map, me)) return refuse(map, me, generation)
  if (end === Found.Empty || end === Found.Key) {
    const slot = slotOf(map, found), copied = copySlot(map, me, generation, slot)
    if (copied === Copied.Gone) return Status.Retry
    // Sealed by us or by another, the search ends there from now on; another's key has come there otherwise.
    if (end === Found.Empty) return endsProbe(load(slot)) ? Status.Retry : again(map, me)
  }
  return writeInSuccessor(map, me, generation)
}

function writeInSuccessor(map: i32, me: i32, generation: i32): Status {
  const next = generation + 1 | 0
  occupyHome(map, me, next)
  const found = probe(map, me, Field.Sought, next), end = endOf(found)
  if (end >= Found.Stale || end === Found.Sealed) return whyNot(map, generation, end)
  const slot = slotOf(map, found)
  if (end === Found.Key) return writeSlot(map, me, generation, slot)
  if (isIdle(map, me)) return refuse(map, me, generation)
  if (end === Found.Empty) {
    const room = reserve(map, me, next, capacityOf(map, next))
    if (room === Room.Stale) return unlessMoved(map, generation)
    if (room === Room.Reserved) return insert(map, me, generation, next, slot)
  }
  // No room until the copy has settled the claims: it can be finished alone.
  finishCopy(map, me, generation)
  return Status.Retry
}

// --- the key word

/** Takes an Empty key of the table `owner` for the sought key, then writes its value. */
function insert(map: i32, me: i32, generation: i32, owner: i32, slot: i32): Status {
  const fields = fieldsOf(map, me), form = peek(fields, Field.Form)
  // Both records before the key is taken: a write without memory leaves no trace.
  if ((form & 3) === Tag.Record && peek(fields, Field.KeyRecord) === 0) {
    if (isInPieces(fields)) { ask(fields, Need.Record, owner); return Status.Unsure }
    if (!makeKeyRecord(map, me)) return Status.NoMemory
  }
  if (!makeNextRecord(map, me)) return Status.NoMemory
  const empty = load(slot)
  if (!isEmptyKey(empty)) return again(map, me)
  if (!rootIs(map, generation)) return Status.Retry
  if (!swap(slot, empty, keyWord(empty, form, peek(fields, Field.Payload) | peek(fields, Field.KeyRecord)), KeyStep.Claim)) return again(map, me)
  // The record belongs to this slot now: a writer that hops on from here uses another.
  poke(fields, Field.KeyRecord, 0)
  if (owner === peek(fields, Field.RoomGeneration)) useRoom(map, me)
  return writeSlot(map, me, generation, slot)
}

function makeKeyRecord(map: i32, me: i32): boolean {
  const at = fieldsOf(map, me)
  const record = writeRecord(map, me, peek(at, Field.Place), peek(at, Field.Length), peek(at, Field.Type), peek(at, Field.Hash))
  poke(at, Field.KeyRecord, record)
  return record !== 0
}

// --- the value word

/** Writes the value word of the sought key's slot. Retry where it is frozen or dead, or the root has moved. */
function writeSlot(map: i32, me: i32, generation: i32, slot: i32): Status {
  while (true) {
    const seen = load(slot + 1)
    if (isDead(seen) || isPrime(seen)) return Status.Retry
    const match = matches(map, me, slot, seen)
    if (match === Match.Unsure) { if (!rootIs(map, generation)) return Status.Retry; continue }
    if (match === Match.No) return refuseValue(map, me, generation, slot, seen)
    if (!makeNextRecord(map, me)) return Status.NoMemory
    if (!rootIs(map, generation)) return Status.Retry
    // LP putIfMatch: this swap. If ours comes first, a copier carries our value on; if a freeze does, we go where it goes.
    if (swap(slot + 1, seen, nextWord(map, me, seen), stepOf(map, me, seen))) return written(map, me, generation, seen)
  }
}

function nextWord(map: i32, me: i32, seen: Word): Word {
  const fields = fieldsOf(map, me), tag = peek(fields, Field.NextTag)
  if (tag === Tag.None) return bareWord(seen, Value.Tombstone)
  if (tag !== Tag.Record) return valueWord(seen, tag, peek(fields, Field.NextPayload))
  const record = peek(fields, Field.NextRecord)
  return valueWord(seen, tag, recordPayload(record, recordStamp(map, record)))
}

function stepOf(map: i32, me: i32, seen: Word): ValueStep {
  const state = valueState(seen)
  if (peek(fieldsOf(map, me), Field.NextTag) === Tag.None) return ValueStep.Delete
  return state === Value.Empty ? ValueStep.Insert : state === Value.Value ? ValueStep.Update : ValueStep.Revive
}

const enum Match { No = 0, Yes = 1, Unsure = 2 }

/** Whether the word read is what is expected. A delete of nothing is refused too: it writes nothing. */
function matches(map: i32, me: i32, slot: i32, seen: Word): Match {
  const fields = fieldsOf(map, me), expect = peek(fields, Field.Expect), live = isLive(seen)
  if (!live) return (expect === Expect.Any || expect === Expect.Absent) && peek(fields, Field.NextTag) !== Tag.None ? Match.Yes : Match.No
  if (expect === Expect.Absent) return Match.No
  if (expect !== Expect.Equal) return Match.Yes
  const tag = valueTag(seen)
  if (tag !== peek(fields, Field.ExpectTag)) return Match.No
  if (tag !== Tag.Record) return low(seen) === peek(fields, Field.ExpectPayload) ? Match.Yes : Match.No
  if (sameRecord(map, valueReference(seen), peek(fields, Field.ExpectPlace), peek(fields, Field.ExpectLength), peek(fields, Field.ExpectType))) return Match.Yes
  return load(slot + 1) === seen ? Match.No : Match.Unsure
}

function makeNextRecord(map: i32, me: i32): boolean {
  const at = fieldsOf(map, me)
  if (peek(at, Field.NextTag) !== Tag.Record || peek(at, Field.NextRecord) !== 0) return true
  const record = writeRecord(map, me, at - Area.Fields + Area.Next, peek(at, Field.NextLength), peek(at, Field.NextType), 0)
  poke(at, Field.NextRecord, record)
  return record !== 0
}

/** After the swap: the size, the old record, and whether the table has become much too large. */
function written(map: i32, me: i32, generation: i32, seen: Word): Status {
  const fields = fieldsOf(map, me), live = isLive(seen), deletes = peek(fields, Field.NextTag) === Tag.None
  poke(fields, Field.NextRecord, 0)
  if (live && deletes) addSize(map, me, -1)
  if (!live && !deletes) addSize(map, me, 1)
  poke(fields, Field.Tag, live ? valueTag(seen) : 0)
  poke(fields, Field.FoundPayload, low(seen))
  if (valueTag(seen) === Tag.Record) dropOld(map, me, valueReference(seen))
  if (deletes) considerShrink(map, me, generation, countDelete(fields))
  return Status.Written
}

/** The winner of the swap holds the old record alone: it copies it out if asked, and frees it, at once. */
function dropOld(map: i32, me: i32, record: i32): void {
  const fields = fieldsOf(map, me)
  if (peek(fields, Field.WantsPrevious) === 1) {
    readRecord(map, me, record)
    // Longer than a window: the caller copies the rest and then frees it.
    if (recordLength(map, record) > Area.OutCells << 3) { poke(fields, Field.HeldRecord, record); return }
  }
  freeBlock(map, me, record)
}

// --- refusals

/** Whether nothing is to be written where the key is absent. */
function isIdle(map: i32, me: i32): boolean {
  const fields = fieldsOf(map, me), expect = peek(fields, Field.Expect)
  return peek(fields, Field.NextTag) === Tag.None || expect === Expect.Present || expect === Expect.Equal
}

/** LP of a write that found the key absent and writes nothing: the read that ended its search, if the root still stands. */
function refuse(map: i32, me: i32, generation: i32): Status {
  poke(fieldsOf(map, me), Field.Tag, 0)
  return rootIs(map, generation) ? Status.Refused : Status.Retry
}

/** LP of a write that is refused for the value it found: the read of the word, if the root still stands. */
function refuseValue(map: i32, me: i32, generation: i32, slot: i32, seen: Word): Status {
  if (!isLive(seen)) return refuse(map, me, generation)
  if (!describeValue(map, me, slot, seen)) return Status.Retry
  return rootIs(map, generation) ? Status.Refused : Status.Retry
}
