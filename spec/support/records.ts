// Keys and values that are longer than a window.

import { Area, Field } from '../../lib/kernel/layout'
import { Status } from '../../lib/kernel/read'
import { Expect } from '../../lib/kernel/write'
import { KeyBits, Tag, recordForm, recordPiece } from '../../lib/kernel/words/key'
import { hashIn } from '../../lib/kernel/words/stamp'
import { RawMap } from './kernels'

const WINDOW = 2048
/** The type that RawMap gives strings. */
const TYPE = 3

/** A text in which no two stretches are alike. */
export function longText(length: number): string {
  let text = ''
  for (let n = 0; text.length < length; n++) text += `${n} `
  return text.slice(0, length)
}

/** Writes a text into a record of its own: its reference. */
export function stage(map: RawMap, text: string): number {
  const record = map.kernel.stageRecord(map.map, map.me, text.length, TYPE)
  if (record === 0) throw new Error('no memory')
  map.bytes.set(Buffer.from(text, 'latin1'), cellOf(map, record) * 8)
  map.kernel.finishRecord(map.map, record, map.kernel.hashBytes(map.map, map.me, cellOf(map, record), text.length, TYPE))
  return record
}

/** The first cell of a record's bytes. */
export function cellOf(map: RawMap, record: number): number { return map.map + record * 2 + 2 }

/** Seeks the key that a record holds. */
export function seekStaged(map: RawMap, record: number, length: number): void {
  const [header, second] = [-2, -1].map(n => map.cells[cellOf(map, record) + n]!) as [bigint, bigint], hash = hashIn(header, second)
  const fields = { [Field.Form]: recordForm(hash), [Field.Payload]: recordPiece(hash), [Field.Mask]: KeyBits.PieceMask, [Field.Hash]: hash,
    [Field.Length]: length, [Field.Type]: TYPE, [Field.Place]: cellOf(map, record) }
  for (const [field, value] of Object.entries(fields)) map.poke(Field.Sought + Number(field), value)
}

/** Seeks a key of any length; `use` runs while its bytes are there. */
function withKey<T>(map: RawMap, key: string, use: () => T): T {
  const record = stage(map, key)
  seekStaged(map, record, key.length)
  const result = use()
  map.kernel.freeBlock(map.map, map.me, record)
  return result
}

/** put of a key and a value of any length. */
export function putLong(map: RawMap, key: string, value: string): Status {
  return withKey(map, key, () => {
    map.poke(Field.Expect, Expect.Any)
    map.poke(Field.WantsPrevious, 1)
    map.poke(Field.NextTag, Tag.Record)
    map.poke(Field.NextRecord, stage(map, value))
    return map.kernel.putIfMatch(map.map, map.me)
  })
}

export function getLong(map: RawMap, key: string): string | undefined {
  const status = withKey(map, key, () => map.kernel.get(map.map, map.me))
  return status === Status.Found ? readLong(map) : undefined
}

/** The text of the record that was found, window by window. */
export function readLong(map: RawMap): string {
  const length = map.field(Field.FoundLength)
  let text = map.read(Area.Out, Math.min(length, WINDOW))
  while (text.length < length) {
    if (!map.kernel.readMore(map.map, map.me, text.length / 8)) throw new Error('it was replaced')
    text += map.read(Area.Out, Math.min(length - text.length, WINDOW))
  }
  return text
}
