// A key that no window holds, shown in pieces. It is hashed and compared a piece at a time, so that to seek it takes no memory.
//
// An operation on such a key stops where it must see the bytes, and answers Unsure; `Field.Need` says what for. The caller shows
// the pieces, one after the other in the `Key` window, and calls again. What was learnt is kept for each half:
//
// Law: what is known of a table's keys stays true while it is the root's or the successor of the root's: its key words do not change,
// and their records are not freed before it was retired. So it is noted under the table's generation, and used in no other.

import { Word, load, pack, peek, poke } from './memory'
import { Area, BLOCK_CELLS, Field, areaOf, blockAt, fieldsOf } from './layout'
import { isOutside } from './blocks'
import { hashBytes, hashEnd, pieceCells, sipCells, sipOf, sipStart } from './hash'
import { fits, recordHash, recordLength } from './records'
import { RECORD_HEADER } from './sizes'
import { seedHigh, seedLow } from './table'
import { veilOf } from './veil'
import { Tag, keyReference } from './words/key'
import { typeOfBlock } from './words/stamp'

/** What an operation that answers Unsure needs. */
export enum Need {
  None,
  /** Whether the sought key is the one of `Field.Candidate`: `samePiece` for each piece, then `judge`. */
  Compare,
  /** The key's hash under the seeds of a table: `keyPiece` for each piece, then `keyEnd`. */
  Hash,
  /** A record of the key in `Field.KeyRecord`, to be published: nothing else has memory for it. */
  Record,
}

/** What is known for each half, in integers from `Field.Facts` on: of which generation's table, the record of the sought key
 *  (0: not met), how many others like it were met before, whether its hash under the table's seeds is known, and that. */
const enum Fact { Generation = 0, Own = 1, Others = 2, Hashed = 3, Hash = 4, Integers = 5 }

function factsOf(generation: i32): i32 { return Field.Facts + (generation & 1) * Fact.Integers }

/** Whether the sought key is shown in pieces. */
export function isInPieces(fields: i32): boolean {
  return (peek(fields, Field.Form) & 3) === Tag.Record && peek(fields, Field.Place) === 0
}

/** Notes what an operation needs to see. */
export function ask(fields: i32, need: Need, generation: i32): void {
  poke(fields, Field.Need, need)
  poke(fields, Field.Asks, generation)
}

/** What is known of the generation's table. Correctness: begun anew where it was known of another, whose records may have been freed. */
export function recall(fields: i32, generation: i32): i32 {
  const facts = factsOf(generation)
  if (peek(fields, facts + Fact.Generation) === generation) return facts
  for (let n = 1; n < Fact.Integers; n++) poke(fields, facts + n, 0)
  poke(fields, facts + Fact.Generation, generation)
  return facts
}

/** Forgets what was known of another key. */
export function forget(fields: i32): void {
  poke(fields, Field.KeyRecord, 0)
  // No table is of generation 0.
  poke(fields, factsOf(0) + Fact.Generation, 0)
  poke(fields, factsOf(1) + Fact.Generation, 0)
}

// --- within a search

/** Before a search in the generation's table: false if it needs the hash under that table's seeds. */
export function isHashed(fields: i32, generation: i32): boolean {
  if (peek(fields, recall(fields, generation) + Fact.Hashed) === 1) return true
  ask(fields, Need.Hash, generation)
  return false
}
export function keyedOfPieces(fields: i32, generation: i32): i32 { return peek(fields, factsOf(generation) + Fact.Hash) }

export function beginSearch(fields: i32, generation: i32): void {
  recall(fields, generation)
  poke(fields, Field.Asks, generation)
  poke(fields, Field.Candidate, 0)
  poke(fields, Field.Met, 0)
}

/** Whether a search should end at a key: the sought one, or a candidate that nobody has compared yet. */
export function endsSearch(map: i32, fields: i32, word: Word): boolean {
  const record = keyReference(word), facts = factsOf(peek(fields, Field.Asks))
  if (record === peek(fields, facts + Fact.Own)) return true
  if (!isLike(map, fields, record)) return false
  const met = peek(fields, Field.Met)
  poke(fields, Field.Met, met + 1)
  // They are met in the same order each time: new keys come behind them.
  if (met < peek(fields, facts + Fact.Others)) return false
  poke(fields, Field.Candidate, record)
  return true
}

/** Whether a record has the sought key's type, length and hash. */
function isLike(map: i32, fields: i32, record: i32): boolean {
  if (record === 0 || isOutside(map, record)) return false
  const header = load(blockAt(map, record)), length = recordLength(map, record)
  return typeOfBlock(header) === peek(fields, Field.Type) && length === peek(fields, Field.Length) && fits(map, record, header, length)
    && recordHash(map, record) === peek(fields, Field.Hash)
}

// --- the pieces

/** The base hash of the key whose pieces were given to `hashPiece`; one of a single block lies in the `Key` window. */
export function hashOfPieces(map: i32, me: i32, length: i32, type: i32): i32 {
  const isBlock = length + 7 >>> 3 <= BLOCK_CELLS
  return isBlock ? hashBytes(map, me, areaOf(map, me) + Area.Key, length, type) : hashEnd(map, me, length, type)
}

/** Whether the piece in the `Key` window, from the key's cell `from` on, is the same in the candidate. */
export function samePiece(map: i32, me: i32, from: i32): boolean {
  const fields = fieldsOf(map, me), window = areaOf(map, me) + Area.Key, record = peek(fields, Field.Candidate)
  // It was looked at when it was met; by now it may be another's, and shorter.
  if (!isLike(map, fields, record)) return false
  const block = blockAt(map, record), cells = pieceCells(peek(fields, Field.Length), from), veil = veilOf(map, record, load(block))
  for (let n = 0; n < cells; n++) if ((load(block + RECORD_HEADER + from + n) ^ load(window + n)) !== veil) return false
  return true
}

/** Notes what the comparison has shown of its table. If that was retired meanwhile it has shown nothing, but nobody searches there
 *  again. */
export function judge(map: i32, me: i32, same: boolean): void {
  const fields = fieldsOf(map, me), facts = recall(fields, peek(fields, Field.Asks))
  if (same) poke(fields, facts + Fact.Own, peek(fields, Field.Candidate))
  else poke(fields, facts + Fact.Others, peek(fields, facts + Fact.Others) + 1)
}

/** Takes the piece in the `Key` window into the hash under the seeds of the table that asked. */
export function keyPiece(map: i32, me: i32, from: i32): void {
  const fields = fieldsOf(map, me), generation = peek(fields, Field.Asks), state = fields + (Field.PieceState >> 1)
  if (from === 0) sipStart(state, seedLow(map, generation), seedHigh(map, generation))
  sipCells(state, areaOf(map, me) + Area.Key, pieceCells(peek(fields, Field.Length), from), pack(0, 0))
}
/** The hash is whole. Garbage if the table is gone: then no search in it counts. */
export function keyEnd(map: i32, me: i32): void {
  const fields = fieldsOf(map, me), facts = recall(fields, peek(fields, Field.Asks))
  const last = peek(fields, Field.Type) << 2 | Tag.Record
  poke(fields, facts + Fact.Hash, sipOf(fields + (Field.PieceState >> 1), peek(fields, Field.Length), last))
  poke(fields, facts + Fact.Hashed, 1)
}
