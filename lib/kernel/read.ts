// Reads. They write nothing that another worker reads, never help and never wait. A read starts again only when the
// root moved, or a record was replaced under its copy: somebody else has made progress.

import { Word, high, load, low, peek, poke } from './memory'
import { Area, At, Field, Table, areaOf, fieldsOf, slotsAt, tableAt } from './layout'
import { Found, endOf, findPayload, probe, slotOf } from './probe'
import { readRecord, copyOut, sameStamp } from './records'
import { capacityOf, rootGeneration, rootIs } from './table'
import { Tag } from './words/key'
import { slotsOf } from './words/header'
import { generationOf } from './words/root'
import { Successor, successorKind } from './words/successor'
import { isDead, isLive, isReadable, valueReference, valueTag } from './words/value'

/** What an operation answers. */
export enum Status {
  /** Look anew; from `deleteInteger`, that the long way must be taken. */
  Retry,
  /** get: no value. */
  Absent,
  /** get: a value, described in the caller's fields. */
  Found,
  /** putIfMatch: done; what was there before is described in the caller's fields. */
  Written,
  /** putIfMatch: what is there does not match; it is described in the caller's fields. */
  Refused,
  /** No memory: nothing was changed. */
  NoMemory,
  /** The buffer's words contradict each other. */
  Corrupt,
  /** The caller must show pieces of the sought key (see `pieces.ts`), and call again. */
  Unsure,
}

// --- "moved on" and "contradicts itself"
//
// Law: an honest attempt comes to nothing for one of four reasons: the root moved; a swap was lost, or a word read twice had
// changed (`noteOvertaken`); the operation did its share of help, or recovered memory, which it does a few times; or somebody
// installed a successor or closed the claims after this attempt looked for them, which happens once to a table. So no more than a
// few attempts under one root come to nothing without a trace of anybody else. More of them, and words of another generation
// than the root's while the root stands, are a corrupted buffer. No contention, however long, is taken for one.

/** Attempts under one root that may come to nothing without a trace of anybody else: far more than the law allows. */
export const PATIENCE: i32 = 256

/** Notes that the attempt came to nothing because somebody else got ahead: no contradiction, however often. */
export function noteOvertaken(map: i32, me: i32): void { poke(fieldsOf(map, me), Field.Overtaken, 1) }

/** Turns that count towards `PATIENCE`: none after one in which somebody else got ahead. */
export function patienceAfter(map: i32, me: i32, turns: i32, before: i32, now: i32): i32 {
  const fields = fieldsOf(map, me), overtaken = peek(fields, Field.Overtaken)
  poke(fields, Field.Overtaken, 0)
  return before !== now || overtaken === 1 ? 0 : turns
}

/**
 * Judges a word of the root's table that is of another generation: Retry if the root has moved on since. If it still
 * stands it has stood throughout, and then the word contradicts it.
 */
export function unlessMoved(map: i32, generation: i32): Status { return rootIs(map, generation) ? Status.Corrupt : Status.Retry }

/** Answers of `getInteger` and `addInteger` that are not the value itself; a value that equals one goes the long way. */
export const enum Sentinel { Absent = -2147483647, Other = -2147483648 }
// inline
/** Whether a value equals a sentinel, and so cannot be an answer itself. */
export function isSentinel(value: i32): boolean { return value <= Sentinel.Absent }

/** Describes a value in the caller's fields. False if its record is not to be believed. */
export function describeValue(map: i32, me: i32, slot: i32, word: Word): boolean {
  const fields = fieldsOf(map, me), tag = valueTag(word)
  poke(fields, Field.Tag, tag)
  if (tag !== Tag.Record) { poke(fields, Field.FoundPayload, low(word)); return true }
  poke(fields, Field.FoundSlot, slot)
  poke(fields, Field.FoundHigh, high(word))
  poke(fields, Field.FoundLow, low(word))
  const read = readRecord(map, me, valueReference(word))
  // The slot's word between two reads of the stamp: this use of the block was published here at that moment.
  const same = load(slot + 1) === word
  if (!same) noteOvertaken(map, me)
  return read && same && sameStamp(map, me)
}

/** Copies the next window of a value that `describeValue` found too long for one; false if it was replaced meanwhile. */
export function readMore(map: i32, me: i32, from: i32): boolean {
  const fields = fieldsOf(map, me), word = load(peek(fields, Field.FoundSlot) + 1)
  if (high(word) !== peek(fields, Field.FoundHigh) || low(word) !== peek(fields, Field.FoundLow)) return false
  copyOut(map, me, peek(fields, Field.FoundPayload), peek(fields, Field.FoundLength), from)
  return load(peek(fields, Field.FoundSlot) + 1) === word && sameStamp(map, me)
}

/** Reads the sought key's value: Found, Absent, or Corrupt. */
export function get(map: i32, me: i32): Status {
  let generation = rootGeneration(map)
  for (let n = 0; n < PATIENCE; n++) {
    const status = getUnder(map, me, generation)
    if (status !== Status.Retry) return status
    noteRetry(map, me)
    const now = rootGeneration(map)
    n = patienceAfter(map, me, n, generation, now)
    generation = now
  }
  return Status.Corrupt
}

export function noteRetry(map: i32, me: i32): void {
  const area = areaOf(map, me)
  poke(area, Area.Retries << 1, peek(area, Area.Retries << 1) + 1 | 0)
}

function getUnder(map: i32, me: i32, generation: i32): Status {
  const found = probe(map, me, Field.Sought, generation), end = endOf(found)
  if (end >= Found.Stale) return whyNot(map, generation, end)
  if (end === Found.Sealed || end === Found.Full) return getBeyond(map, me, generation, end)
  if (end === Found.Empty) return absentUnder(map, generation)
  const slot = slotOf(map, found), word = load(slot + 1)
  if (isDead(word)) return getBeyond(map, me, generation, end)
  return answer(map, me, generation, slot, word)
}

/** Judges a search under the root that came to no end: the caller must show the key, or see `unlessMoved`. */
export function whyNot(map: i32, generation: i32, end: i32): Status {
  return end === Found.Unsure ? Status.Unsure : unlessMoved(map, generation)
}

/** LP get: the read of the value word, if the root still stands; so that word was the table's own. */
function answer(map: i32, me: i32, generation: i32, slot: i32, word: Word): Status {
  // While the word is Prime nobody can have written the key in the successor: Prime answers like Value.
  if (!isReadable(word)) return absentUnder(map, generation)
  if (!describeValue(map, me, slot, word)) return Status.Retry
  return rootIs(map, generation) ? Status.Found : Status.Retry
}

/** LP get of an absent key: the read that ended the search, if the root still stands. */
function absentUnder(map: i32, generation: i32): Status {
  return rootIs(map, generation) ? Status.Absent : Status.Retry
}

/** The key is not in the root's table any more, if it ever was: looks in the successor. */
function getBeyond(map: i32, me: i32, generation: i32, end: i32): Status {
  const successor = load(tableAt(map, generation) + Table.Successor)
  if (generationOf(successor) !== generation) return unlessMoved(map, generation)
  if (successorKind(successor) !== Successor.Copy) return end === Found.Full ? absentUnder(map, generation) : Status.Retry
  const next = generation + 1 | 0, found = probe(map, me, Field.Sought, next)
  if (endOf(found) === Found.Empty || endOf(found) === Found.Full) return absentUnder(map, generation)
  if (endOf(found) !== Found.Key) return whyNot(map, generation, endOf(found))
  const slot = slotOf(map, found), word = load(slot + 1)
  // A Prime or a dead word in the successor: it has become the root.
  if (isDead(word) || isReadable(word) && !isLive(word)) return Status.Retry
  return answer(map, me, generation, slot, word)
}

/** The hot path: an integer key with an integer value. All else answers `Other`. */
export function getInteger(map: i32, key: i32): i32 {
  const root = load(map + At.Root)
  const generation = generationOf(root), slots = slotsAt(map, generation, slotsOf(root))
  const found = findPayload(map, slots, generation, low(root), Tag.Integer, key)
  if (found >= Found.Sealed) return Sentinel.Other
  if (found >= Found.Empty) return load(map + At.Root) === root ? Sentinel.Absent : Sentinel.Other
  const word = load(slots + (found << 1) + 1)
  if (load(map + At.Root) !== root || valueTag(word) !== Tag.Integer || isSentinel(low(word))) return Sentinel.Other
  return low(word)
}

/** The root's capacity, or -1: for statistics. */
export function capacityNow(map: i32): i32 { return capacityOf(map, rootGeneration(map)) }
