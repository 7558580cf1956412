// One generation of the map: what its header says, and where a key's probe begins.

import { cellsInAll, fixed, load, low, mulHigh, peek } from './memory'
import { At, Field, Table, chunkShift, fieldsOf, tableAt } from './layout'
import { hashPayload, keyedHash } from './hash'
import { isKeyed, slotsOf } from './words/header'
import { generationOf } from './words/root'
import { Tag } from './words/key'

export function rootGeneration(map: i32): i32 { return generationOf(load(map + At.Root)) }
/** The check on which every write depends: while the root stands, what was read of its table was genuine. */
export function rootIs(map: i32, generation: i32): boolean { return generationOf(load(map + At.Root)) === generation }

/** Slots of the generation's table, or -1 if its header belongs to another generation, or names more than the buffer can hold. */
export function capacityOf(map: i32, generation: i32): i32 {
  const word = load(tableAt(map, generation) + Table.Capacity), slots = slotsOf(word)
  return generationOf(word) === generation && slots <= cellsInAll() >> 1 ? slots : -1
}

export function chunksOf(map: i32, capacity: i32): i32 { return (capacity - 1 >> chunkShift(map)) + 1 }

/** A full table: new keys start a resize. At most three quarters, so that probes stay short. */
export function softLimit(capacity: i32): i32 { return capacity - (capacity >> 2) }

/** The hash that orders the slots of a table, for the key that `key` describes (see `probe`). */
export function homeHash(map: i32, me: i32, key: i32, generation: i32): i32 {
  const table = tableAt(map, generation), at = fieldsOf(map, me)
  if (!isKeyed(load(table + Table.Capacity))) return peek(at, key + Field.Hash)
  return keyedHashOf(map, me, key, low(load(table + Table.SeedLow)), low(load(table + Table.SeedHigh)))
}

export function keyedHashOf(map: i32, me: i32, key: i32, seedLow: i32, seedHigh: i32): i32 {
  const at = fieldsOf(map, me), form = peek(at, key + Field.Form) & 3
  if (form !== Tag.Record) return keyedHash(0, 0, peek(at, key + Field.Payload), form, seedLow, seedHigh)
  const length = peek(at, key + Field.Length)
  return keyedHash(peek(at, key + Field.Place), length + 7 >>> 3, length, peek(at, key + Field.Type) << 2 | form, seedLow, seedHigh)
}

export function baseSeed(map: i32): i32 { return low(fixed(map + At.Seed)) }
export function payloadHash(map: i32, payload: i32): i32 { return hashPayload(payload, baseSeed(map)) }
/** Slot order is hash order: multiply-high, so that any capacity will do. */
export function homeSlot(hash: i32, capacity: i32): i32 { return mulHigh(hash, capacity) }
