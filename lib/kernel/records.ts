// Records: the bytes of a key or a value, in a block of their own. Copy-on-write: a published record never changes.
//
// Whoever reads a record holds no claim on it. It may be freed and used again at any moment; what is read is only
// believed after the slot word that referred to it, and the block's stamp, were read once more and had not moved.

import { Word, below, copyVeiledIn, copyVeiledOut, differBy, load, low, peek, poke, write } from './memory'
import { Area, Field, areaOf, blockAt, fieldsOf } from './layout'
import { allocate, allocateBetween, blockUnits, isOutside, sealBlock } from './blocks'
import { pieceCells } from './hash'
import { CLASSES, RECORD_HEADER, unitsOf } from './sizes'
import { veilAt, veilOf } from './veil'
import { classOfBlock, hashIn, hashedStamp, isBeingWritten, lengthWord, stampOf, typeOfBlock } from './words/stamp'

export function recordHash(map: i32, record: i32): i32 { return hashIn(load(blockAt(map, record)), load(blockAt(map, record) + 1)) }
export function recordStamp(map: i32, record: i32): i32 { return stampOf(load(blockAt(map, record))) }
export function recordLength(map: i32, record: i32): i32 { return low(load(blockAt(map, record) + 1)) }

/** Whether a header can be true: a length that its block cannot hold is a stale read, or a corrupted buffer. */
export function fits(map: i32, record: i32, header: Word, length: i32): boolean {
  const units = classOfBlock(header) < CLASSES ? unitsOf(classOfBlock(header)) : blockUnits(map, record)
  return !below(units - 1 << 4, length)
}

/** Writes a record of `length` bytes from the cells at `from`: its reference, or 0 when there is no memory. */
export function writeRecord(map: i32, me: i32, from: i32, length: i32, type: i32, hash: i32): i32 {
  const record = allocate(map, me, length, type, hash)
  if (record === 0) return 0
  const at = blockAt(map, record), cells = length + 7 >>> 3, veil = veilOf(map, record, load(at))
  write(at + 1, lengthWord(length, hash))
  copyVeiledIn(at + RECORD_HEADER, from, cells, veil)
  sealBlock(map, record)
  return record
}

/** A copy of a record in pages between two, with its own veil: its reference, or 0 when there is no memory there or it cannot be one. */
export function copyRecord(map: i32, me: i32, record: i32, from: i32, to: i32): i32 {
  const source = blockAt(map, record), header = load(source), length = recordLength(map, record)
  if (isBeingWritten(header) || !fits(map, record, header, length)) return 0
  const copy = allocateBetween(map, me, from, to, length, typeOfBlock(header), recordHash(map, record))
  if (copy === 0) return 0
  const at = blockAt(map, copy), cells = length + 7 >>> 3, veils = veilOf(map, record, header) ^ veilOf(map, copy, load(at))
  write(at + 1, load(source + 1))
  for (let n = 0; n < cells; n++) write(at + RECORD_HEADER + n, load(source + RECORD_HEADER + n) ^ veils)
  sealBlock(map, copy)
  return copy
}

/** A record that is written window by window, by `stageMore`, and then published by `finishRecord`: for bytes that no window holds. */
export function stageRecord(map: i32, me: i32, length: i32, type: i32): i32 {
  const record = allocate(map, me, length, type, 0)
  if (record !== 0) write(blockAt(map, record) + 1, lengthWord(length, 0))
  return record
}
/** Writes the piece in the caller's `Key` window to a record that it stages, from the record's cell `from` on. */
export function stageMore(map: i32, me: i32, record: i32, from: i32): void {
  const at = blockAt(map, record), cells = pieceCells(recordLength(map, record), from)
  copyVeiledIn(at + RECORD_HEADER + from, areaOf(map, me) + Area.Key, cells, veilOf(map, record, load(at)))
}
/** Publishes a staged record with its hash. */
export function finishRecord(map: i32, record: i32, hash: i32): void {
  const at = blockAt(map, record)
  write(at, hashedStamp(load(at), hash))
  write(at + 1, lengthWord(recordLength(map, record), hash))
  sealBlock(map, record)
}
/** Takes the veil off the first cells of a record that the caller holds alone, or puts it on: for tools that look at memory. */
export function unveil(map: i32, record: i32, cells: i32): void {
  const at = blockAt(map, record) + RECORD_HEADER, veil = veilOf(map, record, load(blockAt(map, record)))
  for (let n = 0; n < cells; n++) write(at + n, load(at + n) ^ veil)
}

/** Whether the record holds these bytes, type and length. The caller decides whether the answer can be believed. */
export function sameRecord(map: i32, record: i32, at: i32, length: i32, type: i32): boolean {
  if (isOutside(map, record)) return false
  const block = blockAt(map, record), header = load(block)
  if (typeOfBlock(header) !== type || low(load(block + 1)) !== length || !fits(map, record, header, length)) return false
  const cells = length + 7 >>> 3, veils = veilOf(map, record, header) ^ veilAt(map, at)
  return differBy(block + RECORD_HEADER, at, cells, veils)
}

/** Copies up to a window of the record's cells, from the cell `from` on, into the caller's out window. */
export function copyOut(map: i32, me: i32, record: i32, length: i32, from: i32): void {
  const out = areaOf(map, me) + Area.Out, source = blockAt(map, record) + RECORD_HEADER + from, veil = veilOf(map, record, load(blockAt(map, record)))
  let cells = (length + 7 >>> 3) - from
  if (cells > Area.OutCells) cells = Area.OutCells
  copyVeiledOut(out, source, cells, veil)
}

/** Copies a record out and describes it in the caller's fields. False if the record was being rewritten or cannot be one. */
export function readRecord(map: i32, me: i32, record: i32): boolean {
  if (isOutside(map, record)) return false
  const fields = fieldsOf(map, me), block = blockAt(map, record), header = load(block), length = recordLength(map, record)
  if (isBeingWritten(header) || !fits(map, record, header, length)) return false
  copyOut(map, me, record, length, 0)
  poke(fields, Field.FoundPayload, record)
  poke(fields, Field.FoundLength, length)
  poke(fields, Field.FoundType, typeOfBlock(header))
  poke(fields, Field.FoundStamp, stampOf(header))
  return true
}

/** Whether the block's stamp is still the one that `readRecord` noted. */
export function sameStamp(map: i32, me: i32): boolean {
  const fields = fieldsOf(map, me)
  return recordStamp(map, peek(fields, Field.FoundPayload)) === peek(fields, Field.FoundStamp)
}
