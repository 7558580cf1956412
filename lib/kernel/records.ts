// Records: the bytes of a key or a value, in a block of their own. Copy-on-write: a published record never changes.
//
// Whoever reads a record holds no claim on it. It may be freed and used again at any moment; what is read is only
// believed after the slot word that referred to it, and the block's stamp, were read once more and had not moved.

import { Word, below, high, keep, load, low, pack, peek, poke, store } from './memory'
import { Area, Field, LIST_CLASSES, areaOf, blockAt, fieldsOf } from './layout'
import { allocate, isOutside, sealBlock, unitsOf } from './blocks'
import { classOfBlock, isBeingWritten, typeOfBlock } from './words/stamp'

/** Cells before the bytes. */
export const RECORD_HEADER: i32 = 2

export function recordHash(map: i32, record: i32): i32 { return high(load(blockAt(map, record) + 1)) }
export function recordStamp(map: i32, record: i32): i32 { return high(load(blockAt(map, record))) }
export function recordLength(map: i32, record: i32): i32 { return low(load(blockAt(map, record) + 1)) }

/** Whether a header can be true: a length that its block cannot hold is a stale read, or a corrupted buffer. */
export function fits(header: Word, length: i32): boolean {
  return classOfBlock(header) < LIST_CLASSES && !below(unitsOf(classOfBlock(header)) - 1 << 4, length)
}

/** Writes a record of `length` bytes from the cells at `from`: its reference, or 0 when there is no memory. */
export function writeRecord(map: i32, me: i32, from: i32, length: i32, type: i32, hash: i32): i32 {
  const record = allocate(map, me, length, type)
  if (record === 0) return 0
  const at = blockAt(map, record), cells = length + 7 >>> 3
  store(at + 1, pack(hash, length))
  for (let n = 0; n < cells; n++) store(at + RECORD_HEADER + n, load(from + n))
  sealBlock(map, record)
  return record
}

/** A record whose bytes the caller writes itself before it calls `finishRecord`: for bytes that no window holds. */
export function stageRecord(map: i32, me: i32, length: i32, type: i32): i32 {
  const record = allocate(map, me, length, type)
  if (record === 0) return 0
  const at = blockAt(map, record)
  store(at + 1, pack(0, length))
  if (length > 0) store(at + RECORD_HEADER + (length - 1 >>> 3), pack(0, 0))
  return record
}
export function finishRecord(map: i32, record: i32, hash: i32): void {
  const at = blockAt(map, record) + 1
  store(at, pack(hash, low(load(at))))
  sealBlock(map, record)
}

/** Whether the record holds these bytes, type and length. The caller decides whether the answer can be believed. */
export function sameRecord(map: i32, record: i32, at: i32, length: i32, type: i32): boolean {
  if (isOutside(map, record)) return false
  const block = blockAt(map, record)
  if (typeOfBlock(load(block)) !== type || low(load(block + 1)) !== length) return false
  const cells = length + 7 >>> 3
  for (let n = 0; n < cells; n++) if (load(block + RECORD_HEADER + n) !== load(at + n)) return false
  return true
}

/** Copies up to a window of the record's cells, from the cell `from` on, into the caller's out window. */
export function copyOut(map: i32, me: i32, record: i32, length: i32, from: i32): void {
  const out = areaOf(map, me) + Area.Out, source = blockAt(map, record) + RECORD_HEADER + from
  let cells = (length + 7 >>> 3) - from
  if (cells > Area.OutCells) cells = Area.OutCells
  for (let n = 0; n < cells; n++) keep(out + n, load(source + n))
}

/** Copies a record out and describes it in the caller's fields. False if the record was being rewritten or cannot be one. */
export function readRecord(map: i32, me: i32, record: i32): boolean {
  if (isOutside(map, record)) return false
  const fields = fieldsOf(map, me), block = blockAt(map, record), header = load(block), length = recordLength(map, record)
  if (isBeingWritten(header) || !fits(header, length)) return false
  copyOut(map, me, record, length, 0)
  poke(fields, Field.FoundPayload, record)
  poke(fields, Field.FoundLength, length)
  poke(fields, Field.FoundType, typeOfBlock(header))
  poke(fields, Field.FoundStamp, high(header))
  return true
}

/** Whether the block's stamp is still the one that `readRecord` noted. */
export function sameStamp(map: i32, me: i32): boolean {
  const fields = fieldsOf(map, me)
  return high(load(blockAt(map, peek(fields, Field.FoundPayload)))) === peek(fields, Field.FoundStamp)
}
