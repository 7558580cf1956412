// The one search for a key's slot. get, put, the copier and the scan all go through `find`. (`bulk.ts` takes the same steps
// for many keys abreast.)
//
// Law: probe length is never part of the argument. A search ends at its key, at an Empty key, at a sealed one, or after
// the full circle; it may say "not in this table" only then. Long searches only cause growth and reseeding.

import { Word, agrees, load, low, peek, poke } from './memory'
import { Area, Field, Table, areaOf, blockAt, fieldsOf, slotsAt, tableAt } from './layout'
import { hashBytes } from './hash'
import { isOutside } from './blocks'
import { Need, ask, beginSearch, endsSearch, forget, hashOfPieces, isHashed } from './pieces'
import { fits, recordHash, recordLength, sameRecord } from './records'
import { RECORD_HEADER } from './sizes'
import { capacityOf, homeHash, homeSlot, payloadHash, payloadHome } from './table'
import { CapacityBits, isKeyed } from './words/header'
import { Key, KeyBits, Tag, endsProbe, keyForm, keyReference, keyTag, recordForm, recordPiece } from './words/key'
import { typeOfBlock } from './words/stamp'

/** How a search ended, above the 28 bits of the slot: its index, or from `probe` the unit where it lies. Unsure: the caller must see bytes of a key in pieces. */
export const enum Found {
  Key = 0, Empty = 0x10000000, Sealed = 0x20000000, Full = 0x30000000, Stale = 0x40000000, Unsure = 0x50000000, Index = 0x0fffffff,
}
/** A search longer than this looks whether it should ask for a reseed. */
export const LONG_PROBE: i32 = 128

export function endOf(found: i32): i32 { return found & ~Found.Index }
export function indexOf(found: i32): i32 { return found & Found.Index }
/** The cell of the slot where `probe` ended. */
export function slotOf(map: i32, found: i32): i32 { return map + (indexOf(found) << 1) }
/** From the index of a slot to the unit where it lies. */
export function placed(map: i32, slots: i32, found: i32): i32 { return found >= Found.Full ? found : found + (slots - map >> 1) }

/** Describes a key held in the word itself (an integer or a constant) for `probe`. */
export function seekPayload(map: i32, me: i32, key: i32, tag: i32, payload: i32): void {
  const at = fieldsOf(map, me)
  poke(at, key + Field.Form, tag)
  poke(at, key + Field.Payload, payload)
  poke(at, key + Field.Mask, -1)
  poke(at, key + Field.Hash, payloadHash(map, payload))
}

/** Describes a key held in a record, whose bytes lie at the cell `place`. */
export function seekRecord(map: i32, me: i32, key: i32, place: i32, length: i32, type: i32, hash: i32): void {
  const at = fieldsOf(map, me)
  poke(at, key + Field.Form, recordForm(hash))
  poke(at, key + Field.Payload, recordPiece(hash))
  poke(at, key + Field.Mask, KeyBits.PieceMask)
  poke(at, key + Field.Hash, hash)
  poke(at, key + Field.Length, length)
  poke(at, key + Field.Type, type)
  poke(at, key + Field.Place, place)
}

/** Describes the key of a slot. For a record all of it may be stale: whoever uses it checks the slot before each swap. */
export function seekSlotKey(map: i32, me: i32, key: i32, word: Word): void {
  if ((keyForm(word) & 3) !== Tag.Record) return seekPayload(map, me, key, keyForm(word) & 3, low(word))
  const record = keyReference(word)
  if (isOutside(map, record)) return seekPayload(map, me, key, Tag.Constant, 0)
  const at = blockAt(map, record), header = load(at), length = recordLength(map, record)
  seekRecord(map, me, key, at + RECORD_HEADER, fits(map, record, header, length) ? length : 0, typeOfBlock(header), recordHash(map, record))
}

/** Describes the key in the caller's window, hashing its bytes. */
export function seekBytes(map: i32, me: i32, key: i32, place: i32, length: i32, type: i32): void {
  seekRecord(map, me, key, place, length, type, hashBytes(map, me, place, length, type))
}

/** Describes a key in pieces, once each was given to `hashPiece`. No cell 0 holds bytes: it stands for "not in one place". */
export function seekPieces(map: i32, me: i32, length: i32, type: i32): void {
  seekRecord(map, me, Field.Sought, 0, length, type, hashOfPieces(map, me, length, type))
  forget(fieldsOf(map, me))
}

/** Describes the key whose bytes lie in the caller's `Key` window. */
export function seekWindow(map: i32, me: i32, length: i32, type: i32): void {
  seekBytes(map, me, Field.Sought, areaOf(map, me) + Area.Key, length, type)
}

/** Walks `capacity` slots from `home`; `form`, `payload` and `mask` say which key words can be the sought key's. */
// inline
export function find(map: i32, me: i32, key: i32, slots: i32, capacity: i32, home: i32, form: i32, payload: i32, mask: i32): i32 {
  let index = home
  for (let n = 0; n < capacity; n++) {
    const word = load(slots + (index << 1))
    if (agrees(word, form, payload, mask)) {
      if (mask === -1 || isSought(map, me, key, word)) return index
    } else if (endsProbe(word)) return low(word) === Key.Empty ? index | Found.Empty : index | Found.Sealed
    index = index + 1 === capacity ? 0 : index + 1
  }
  return Found.Full
}

// inline
/** `find` for a key that is held in the word itself; `bits` as for `payloadHome`. */
export function findPayload(map: i32, slots: i32, generation: i32, bits: i32, tag: i32, payload: i32): i32 {
  return find(map, 0, 0, slots, bits & CapacityBits.Slots, payloadHome(map, generation, bits, tag, payload), tag, payload, -1)
}

function isSought(map: i32, me: i32, key: i32, word: Word): boolean {
  const at = fieldsOf(map, me)
  if (key === Field.Sought && peek(at, Field.Place) === 0) return endsSearch(map, at, word)
  return sameRecord(map, keyReference(word), peek(at, key + Field.Place), peek(at, key + Field.Length), peek(at, key + Field.Type))
}

/** Searches the generation's table for the key that `key` describes: the slot and how the search ended. */
export function probe(map: i32, me: i32, key: i32, generation: i32): i32 {
  const capacity = capacityOf(map, generation)
  if (capacity <= 0) return Found.Stale
  const at = fieldsOf(map, me), form = peek(at, key + Field.Form)
  if ((form & 3) === Tag.Record && key === Field.Sought && peek(at, Field.Place) === 0) return probePieces(map, me, generation, capacity)
  const home = homeSlot(homeHash(map, me, key, generation), capacity)
  const slots = slotsAt(map, generation, capacity)
  const found = find(map, me, key, slots, capacity, home, form, peek(at, key + Field.Payload), peek(at, key + Field.Mask))
  if (key === Field.Sought) poke(at, Field.Searched, searched(home, found, capacity))
  return placed(map, slots, found)
}

/** `probe` for a key in pieces. */
function probePieces(map: i32, me: i32, generation: i32, capacity: i32): i32 {
  const at = fieldsOf(map, me)
  if (isKeyed(load(tableAt(map, generation) + Table.Capacity)) && !isHashed(at, generation)) return Found.Unsure
  beginSearch(at, generation)
  const home = homeSlot(homeHash(map, me, Field.Sought, generation), capacity)
  const slots = slotsAt(map, generation, capacity)
  const found = find(map, me, Field.Sought, slots, capacity, home, peek(at, Field.Form), peek(at, Field.Payload), peek(at, Field.Mask))
  poke(at, Field.Searched, searched(home, found, capacity))
  if (endOf(found) !== Found.Key || peek(at, Field.Candidate) === 0) return placed(map, slots, found)
  ask(at, Need.Compare, generation)
  return Found.Unsure
}

/** How many slots a search from `home` has passed. */
function searched(home: i32, found: i32, capacity: i32): i32 {
  const index = indexOf(found)
  return found === Found.Full ? capacity : index < home ? index + capacity - home : index - home
}
/** Whether a search from `home` was long enough to look whether it should ask for a reseed. Only a hint. */
export function isLong(home: i32, found: i32, capacity: i32): boolean { return searched(home, found, capacity) > LONG_PROBE }

// --- long searches

/**
 * Whether chance hardly makes a search so long in a table with so many keys. In linear probing at load a, a search is
 * longer than L in about one case of exp(L d) 2.5 a d^2 L^1.5, where d = a - 1 - ln a: 128 at half load, and above it 60 times the
 * square of 1 / (1 - a), are beyond 10^12 to one everywhere. So nobody sees a reseed by chance.
 */
export function isBeyondChance(length: i32, capacity: i32, claimed: i32): boolean {
  if (claimed <= capacity >> 1) return length > LONG_PROBE
  const free = capacity - claimed
  // So full that no search could be too long.
  if (free <= capacity >> 11) return false
  const ratio = ((capacity - 1) / free | 0) + 1
  return length > 60 * ratio * ratio
}

/** Keys of one home, or of the slot before or after it, that are a crowd. By chance three slots are the home of so many in less
 *  than one case of 10^10. */
const CROWD: i32 = 20
/** Slots that are looked at for a crowd. In a fuller table other keys lie between. */
const CROWD_WITHIN: i32 = 256

/** Whether a crowd has made the last search for the sought key long, whatever the load. */
export function isCrowded(map: i32, me: i32, generation: i32): boolean {
  const capacity = capacityOf(map, generation), home = homeSlot(homeHash(map, me, Field.Sought, generation), capacity)
  const passed = peek(fieldsOf(map, me), Field.Searched), many = passed < CROWD_WITHIN ? passed : CROWD_WITHIN
  let crowd = 0
  for (let n = 0; n < many; n++) {
    const away = distanceFromHome(map, me, generation, capacity, home + n < capacity ? home + n : home + n - capacity)
    if (away >= n - 1 && away <= n + 1) crowd++
  }
  return crowd >= CROWD
}

/** How far a slot's key lies from its home, or -1 if the slot has none. */
export function distanceFromHome(map: i32, me: i32, generation: i32, capacity: i32, index: i32): i32 {
  const key = load(slotsAt(map, generation, capacity) + (index << 1))
  if (keyTag(key) === Tag.None || capacity <= 0) return -1
  seekSlotKey(map, me, Field.Carried, key)
  const away = index - homeSlot(homeHash(map, me, Field.Carried, generation), capacity)
  return away < 0 ? away + capacity : away
}
