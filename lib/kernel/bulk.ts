// Many integer keys in one call of the kernel. Each of them is read or written by itself, as `getInteger` and `setInteger` do
// it; the call as a whole is not one moment.
//
// The searches go abreast: each round takes one step of all that have not ended, and a step does not branch on what it
// finds. So the cache misses of many keys overlap, and no key waits for a guess about another that was wrong.
//
// The caller's windows hold 32-bit integers here: `Key` the keys, `Next` the values to write, `Out` the answers, `Expected`
// the searches that go on.

import { BRINGS_NEAR, Word, agrees, load, low, peek, poke, touch } from './memory'
import { Area, At, Field, areaOf, blockAt, fieldsOf, slotsAt } from './layout'
import { isOutside } from './blocks'
import { insertInteger, putInteger, updateInteger } from './fast'
import { hashBytes, hashPayload, keyedWords } from './hash'
import { isLong, seekRecord } from './probe'
import { Sentinel, Status, get, isSentinel } from './read'
import { baseSeed, homeSlot, payloadHome, seedHigh, seedLow } from './table'
import { isKeyed, slotsOf } from './words/header'
import { KeyBits, Tag, endsProbe, isEmptyKey, keyReference, recordForm, recordPiece } from './words/key'
import { generationOf } from './words/root'
import { valueTag } from './words/value'

/** Searches that go abreast: as many as can be listed. */
const ABREAST: i32 = Area.ExpectedCells << 1

function groupEnd(from: i32, count: i32): i32 { return count - from > ABREAST ? from + ABREAST | 0 : count }

// --- searching

/** Finds where the search for each key ends in the table of `root`: that slot's cell, in the `Out` window. */
function findMany(map: i32, root: Word, area: i32, from: i32, to: i32): void {
  const keys = area + Area.Key, out = area + Area.Out, list = area + Area.Expected
  const capacity = slotsOf(root), first = slotsAt(map, generationOf(root), capacity), last = first + (capacity - 1 << 1)
  listHomes(map, root, keys, out, from, to)
  for (let n = from; n < to; n++) {
    touch(peek(out, n))
    poke(list, n - from, n)
  }
  let left = to - from | 0
  // After the full circle a search stands where it began, at somebody else's key.
  for (let round = 0; left > 0 && round < capacity; round++) left = advance(keys, out, list, left, first, last)
}

/** The home slots of the keys: cells, in the `Out` window. */
function listHomes(map: i32, root: Word, keys: i32, out: i32, from: i32, to: i32): void {
  const generation = generationOf(root), capacity = slotsOf(root), first = slotsAt(map, generation, capacity), keyed = isKeyed(root)
  const seed = keyed ? seedLow(map, generation) : baseSeed(map), upper = keyed ? seedHigh(map, generation) : 0
  for (let n = from; n < to; n++) {
    const key = peek(keys, n), hash = keyed ? keyedWords(key, Tag.Integer, seed, upper) : hashPayload(key, seed)
    poke(out, n, first + (homeSlot(hash, capacity) << 1))
  }
}

/** One step of each search on the list, which keeps those that go on. How many they are. */
function advance(keys: i32, out: i32, list: i32, count: i32, first: i32, last: i32): i32 {
  let left = 0
  for (let m = 0; m < count; m++) {
    const n = peek(list, m), slot = peek(out, n), word = load(slot)
    const ends = (agrees(word, Tag.Integer, peek(keys, n), -1) ? 1 : 0) | (endsProbe(word) ? 1 : 0)
    poke(out, n, ends !== 0 ? slot : slot === last ? first : slot + 2)
    poke(list, left, n)
    left = left + 1 - ends | 0
  }
  return left
}

// --- reading

/** Answers the first `count` keys of the window, each as `getInteger` does. How many answers are `Other`. */
export function getMany(map: i32, me: i32, count: i32): i32 {
  const area = areaOf(map, me)
  let others = 0
  for (let from = 0; from < count; from += ABREAST) {
    const to = groupEnd(from, count), root = load(map + At.Root)
    findMany(map, root, area, from, to)
    others += answerGroup(map, root, area, from, to)
  }
  return others
}

/** LP getMany, for each key by itself: the read of its value word, or of the Empty key word; if the root still stands at the end. */
function answerGroup(map: i32, root: Word, area: i32, from: i32, to: i32): i32 {
  const keys = area + Area.Key, out = area + Area.Out
  let others = 0
  for (let n = from; n < to; n++) {
    const answer = answerAt(peek(out, n), peek(keys, n))
    poke(out, n, answer)
    others = others + (answer === Sentinel.Other ? 1 : 0) | 0
  }
  return load(map + At.Root) === root ? others : answerOther(area, from, to)
}

// inline
/** The slot is read anew: another's key may have come to where the search saw Empty, and then it has not ended. */
function answerAt(slot: i32, key: i32): i32 {
  const word = load(slot)
  if (!agrees(word, Tag.Integer, key, -1)) return isEmptyKey(word) ? Sentinel.Absent : Sentinel.Other
  const value = load(slot + 1)
  return valueTag(value) !== Tag.Integer || isSentinel(low(value)) ? Sentinel.Other : low(value)
}

function answerOther(area: i32, from: i32, to: i32): i32 {
  for (let n = from; n < to; n++) poke(area + Area.Out, n, Sentinel.Other)
  return to - from | 0
}

// --- reading keys of bytes

/** Integers that the `Next` window says of each key: where in the `Key` window its bytes begin, in cells, then their length, type
 *  and hash. The answer comes where the cell was. */
export const enum Listed { Cell = 0, Length = 1, Type = 2, Hash = 3, Answer = 0, Integers = 4 }

/** Answers the first `count` keys of the list, each as `getBytes` does it; `Other` where the value is no integer. */
export function getManyBytes(map: i32, me: i32, count: i32): void {
  const keys = areaOf(map, me) + Area.Key, list = areaOf(map, me) + Area.Next
  hashMany(map, me, keys, list, count)
  if (BRINGS_NEAR) bringRecordsNear(map, list, count)
  for (let n = 0; n < count; n++) {
    const at = list + n * (Listed.Integers >> 1)
    seekRecord(map, me, Field.Sought, keys + peek(at, Listed.Cell), peek(at, Listed.Length), peek(at, Listed.Type), peek(at, Listed.Hash))
    poke(at, Listed.Answer, integerFound(map, me, get(map, me)))
  }
}

/** The keys' hashes. Their home slots are on their way when it returns. */
function hashMany(map: i32, me: i32, keys: i32, list: i32, count: i32): void {
  const root = load(map + At.Root), slots = slotsAt(map, generationOf(root), slotsOf(root))
  for (let n = 0; n < count; n++) {
    const at = list + n * (Listed.Integers >> 1)
    const hash = hashBytes(map, me, keys + peek(at, Listed.Cell), peek(at, Listed.Length), peek(at, Listed.Type))
    poke(at, Listed.Hash, hash)
    touch(slots + (homeSlot(hash, slotsOf(root)) << 1))
  }
}

/** Slots that are looked at for a record to bring near: most keys lie no farther from home. */
const NEAR: i32 = 4

/** Only speed: the record of the first key near home that can be the sought one. */
function bringRecordsNear(map: i32, list: i32, count: i32): void {
  const root = load(map + At.Root), capacity = slotsOf(root), slots = slotsAt(map, generationOf(root), capacity)
  for (let n = 0; n < count; n++) {
    const hash = peek(list + n * (Listed.Integers >> 1), Listed.Hash), home = homeSlot(hash, capacity)
    for (let index = home; index < home + NEAR && index < capacity; index++) {
      const word = load(slots + (index << 1))
      if (!agrees(word, recordForm(hash), recordPiece(hash), KeyBits.PieceMask) || isOutside(map, keyReference(word))) continue
      touch(blockAt(map, keyReference(word)))
      break
    }
  }
}

function integerFound(map: i32, me: i32, status: Status): i32 {
  const fields = fieldsOf(map, me), payload = peek(fields, Field.FoundPayload)
  if (status === Status.Absent) return Sentinel.Absent
  return status !== Status.Found || peek(fields, Field.Tag) !== Tag.Integer || isSentinel(payload) ? Sentinel.Other : payload
}

// --- writing

/**
 * Writes the first `count` pairs of the windows, in turn. Stops after one that began or ended a resize, so that the caller
 * can note it, or that has evacuated, for the searches are forgotten then; and before one that it cannot write. How many are written.
 */
export function setMany(map: i32, me: i32, count: i32): i32 {
  const area = areaOf(map, me), fields = fieldsOf(map, me)
  for (let from = 0; from < count; from += ABREAST) {
    const to = groupEnd(from, count), root = load(map + At.Root)
    poke(fields, Field.OutUsed, 0)
    findMany(map, root, area, from, to)
    for (let n = from; n < to; n++) {
      const key = peek(area + Area.Key, n), value = peek(area + Area.Next, n)
      if (putAt(map, me, root, peek(area + Area.Out, n), key, value)) continue
      if (putInteger(map, me, key, value) !== Status.Written) return n
      if (peek(fields, Field.Started) !== 0 || peek(fields, Field.Promoted) !== 0 || peek(fields, Field.OutUsed) !== 0) return n + 1 | 0
    }
  }
  return count
}

/** put of an integer, where the search under `root` ended: false if the long way must be taken. */
function putAt(map: i32, me: i32, root: Word, slot: i32, key: i32, value: i32): boolean {
  const word = load(slot)
  if (agrees(word, Tag.Integer, key, -1)) return updateInteger(map, root, slot, value)
  return isEmptyKey(word) && !isFar(map, root, slot, key) && insertInteger(map, me, root, slot, key, value)
}

/** Whether the search for a key was so long that its writer must look whether to ask for a reseed. */
function isFar(map: i32, root: Word, slot: i32, key: i32): boolean {
  return isLong(payloadHome(map, generationOf(root), low(root), Tag.Integer, key), slot - slotsAt(map, generationOf(root), slotsOf(root)) >> 1, slotsOf(root))
}
