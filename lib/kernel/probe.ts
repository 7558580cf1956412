// The one search for a key's slot. get, put, the copier and the scan all go through `find`. (`bulk.ts` takes the same steps
// for many keys abreast.)
//
// Law: probe length is never part of the argument. A search ends at its key, at an Empty key, at a sealed one, or after
// the full circle; it may say "not in this table" only then. Long searches only cause growth and reseeding.

import { Word, agrees, load, low, peek, poke } from './memory'
import { Area, Field, areaOf, blockAt, fieldsOf, slotsAt } from './layout'
import { hashBytes } from './hash'
import { isOutside } from './blocks'
import { RECORD_HEADER, fits, recordHash, recordLength, sameRecord } from './records'
import { baseSeed, capacityOf, homeHash, homeSlot, payloadHash } from './table'
import { Key, KeyBits, Tag, endsProbe, keyForm, keyReference, recordForm, recordPiece } from './words/key'
import { typeOfBlock } from './words/stamp'

/** How a search ended, above the 28 bits of the slot's index. */
export const enum Found { Key = 0, Empty = 0x10000000, Sealed = 0x20000000, Full = 0x30000000, Stale = 0x40000000, Index = 0x0fffffff }
/** A search longer than this, at low load, asks for a reseed. At half load 128 is beyond anything that chance makes. */
export const LONG_PROBE: i32 = 128

export function endOf(found: i32): i32 { return found & ~Found.Index }
export function indexOf(found: i32): i32 { return found & Found.Index }

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
  seekRecord(map, me, key, at + RECORD_HEADER, fits(header, length) ? length : 0, typeOfBlock(header), recordHash(map, record))
}

/** Describes the key in the caller's window, hashing its bytes. */
export function seekBytes(map: i32, me: i32, key: i32, place: i32, length: i32, type: i32): void {
  seekRecord(map, me, key, place, length, type, hashBytes(place, length, type, baseSeed(map)))
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
/** `find` for a key that is held in the word itself, in a table at its base hash. */
export function findPayload(map: i32, slots: i32, capacity: i32, tag: i32, payload: i32): i32 {
  return find(map, 0, 0, slots, capacity, homeSlot(payloadHash(map, payload), capacity), tag, payload, -1)
}

function isSought(map: i32, me: i32, key: i32, word: Word): boolean {
  const at = fieldsOf(map, me)
  return sameRecord(map, keyReference(word), peek(at, key + Field.Place), peek(at, key + Field.Length), peek(at, key + Field.Type))
}

/** Searches the generation's table for the key that `key` describes: an index and how the search ended. */
export function probe(map: i32, me: i32, key: i32, generation: i32): i32 {
  const capacity = capacityOf(map, generation)
  if (capacity <= 0) return Found.Stale
  const at = fieldsOf(map, me), home = homeSlot(homeHash(map, me, key, generation), capacity)
  const found = find(map, me, key, slotsAt(map, generation), capacity, home,
    peek(at, key + Field.Form), peek(at, key + Field.Payload), peek(at, key + Field.Mask))
  if (key === Field.Sought) poke(at, Field.Reseed, isLong(home, found, capacity) ? 1 : 0)
  return found
}

/** Whether a search from `home` was long enough to ask for a reseed. Only a hint. */
export function isLong(home: i32, found: i32, capacity: i32): boolean {
  const index = indexOf(found)
  return (found === Found.Full ? capacity : index < home ? index + capacity - home : index - home) > LONG_PROBE
}
