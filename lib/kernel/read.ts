// Reads. They write nothing that another worker reads, never help and never wait. A read starts again only when the
// root moved, or a record was replaced under its copy: somebody else has made progress.

import { Word, high, load, low, peek, poke } from './memory'
import { Area, At, Field, Table, areaOf, fieldsOf, slotsAt, tableAt } from './layout'
import { Found, endOf, findPayload, indexOf, probe } from './probe'
import { readRecord, copyOut, sameStamp } from './records'
import { capacityOf, rootGeneration, rootIs } from './table'
import { Tag } from './words/key'
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

/** Attempts under one root before the buffer must be corrupted: each honest one is somebody else's progress. */
export const PATIENCE: i32 = 1 << 13

/** Turns that count towards `PATIENCE`: none after one that somebody's progress has made vain. */
export function patienceAfter(map: i32, me: i32, turns: i32, before: i32, now: i32): i32 {
  const fields = fieldsOf(map, me), replaced = peek(fields, Field.Replaced)
  poke(fields, Field.Replaced, 0)
  return before !== now || replaced === 1 ? 0 : turns
}

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
  poke(fields, Field.Replaced, same ? 0 : 1)
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
  if (end >= Found.Stale) return whyNot(end)
  if (end === Found.Sealed || end === Found.Full) return getBeyond(map, me, generation, end)
  if (end === Found.Empty) return absentUnder(map, generation)
  const slot = slotsAt(map, generation) + (indexOf(found) << 1), word = load(slot + 1)
  if (isDead(word)) return getBeyond(map, me, generation, end)
  return answer(map, me, generation, slot, word)
}

/** What a search that came to no end means: to look anew, or that the caller must show the key. */
export function whyNot(end: i32): Status { return end === Found.Unsure ? Status.Unsure : Status.Retry }

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
  if (generationOf(successor) !== generation) return Status.Retry
  if (successorKind(successor) !== Successor.Copy) return end === Found.Full ? absentUnder(map, generation) : Status.Retry
  const next = generation + 1 | 0, found = probe(map, me, Field.Sought, next)
  if (endOf(found) === Found.Empty || endOf(found) === Found.Full) return absentUnder(map, generation)
  if (endOf(found) !== Found.Key) return whyNot(endOf(found))
  const slot = slotsAt(map, next) + (indexOf(found) << 1), word = load(slot + 1)
  // A Prime or a dead word in the successor: it has become the root.
  if (isDead(word) || isReadable(word) && !isLive(word)) return Status.Retry
  return answer(map, me, generation, slot, word)
}

/** The hot path: an integer key with an integer value. All else answers `Other`. */
export function getInteger(map: i32, key: i32): i32 {
  const root = load(map + At.Root)
  const generation = generationOf(root), slots = slotsAt(map, generation)
  const found = findPayload(map, slots, generation, low(root), Tag.Integer, key)
  if (found >= Found.Sealed) return Sentinel.Other
  if (found >= Found.Empty) return load(map + At.Root) === root ? Sentinel.Absent : Sentinel.Other
  const word = load(slots + (found << 1) + 1)
  if (load(map + At.Root) !== root || valueTag(word) !== Tag.Integer || isSentinel(low(word))) return Sentinel.Other
  return low(word)
}

/** The root's capacity, or -1: for statistics. */
export function capacityNow(map: i32): i32 { return capacityOf(map, rootGeneration(map)) }
