// Keys and values that are longer than a window.

import { Area, Field } from '../../lib/kernel/layout'
import { Status } from '../../lib/kernel/read'
import { Expect } from '../../lib/kernel/write'
import { Need } from '../../lib/kernel/pieces'
import { Tag } from '../../lib/kernel/words/key'
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
  // What the last cell has left over is zero.
  map.bytes.set(Buffer.from(text.padEnd(text.length + 7 & ~7, '\0'), 'latin1'), cellOf(map, record) * 8)
  const hash = map.kernel.hashBytes(map.map, map.me, cellOf(map, record), text.length, TYPE)
  map.kernel.unveil(map.map, record, Math.ceil(text.length / 8))
  map.kernel.finishRecord(map.map, record, hash)
  return record
}

/** The first cell of a record's bytes. */
export function cellOf(map: RawMap, record: number): number { return map.map + record * 2 + 2 }

/** Shows a key piece by piece, in the `Key` window: `use` gets the cell where the piece begins. */
export function show(map: RawMap, key: string, use: (from: number) => void): void {
  for (let from = 0; from < key.length; from += WINDOW) {
    map.write(Area.Key, key.slice(from, from + WINDOW))
    use(from / 8)
  }
}
/** Seeks a key of any length. */
export function seekLong(map: RawMap, key: string): void {
  show(map, key, from => { map.kernel.hashPiece(map.map, map.me, map.window(Area.Key) / 8, from, key.length, TYPE) })
  map.kernel.seekPieces(map.map, map.me, key.length, TYPE)
}
/** Shows a key to be compared with the candidate. */
export function compare(map: RawMap, key: string): void {
  let same = true
  show(map, key, from => { same &&= Boolean(map.kernel.samePiece(map.map, map.me, from)) })
  map.kernel.judge(map.map, map.me, same)
}
/** Shows a key to be hashed under the seeds of the table that asks. */
export function hashKeyed(map: RawMap, key: string): void {
  show(map, key, from => { map.kernel.keyPiece(map.map, map.me, from) })
  map.kernel.keyEnd(map.map, map.me)
}

/** Calls the kernel until it need see no more of the key that was sought. */
function showing(map: RawMap, key: string, call: () => Status): Status {
  for (;;) {
    const status = call(), need = map.field(Field.Need)
    if (status !== Status.Unsure) return status
    if (need === Need.Record) map.poke(Field.KeyRecord, stage(map, key))
    else if (need === Need.Hash) hashKeyed(map, key)
    else compare(map, key)
  }
}

/** put of a key and a value of any length; no value deletes. `wantsPrevious` keeps a long one that was there, for the caller to free. */
export function putLong(map: RawMap, key: string, value: string | undefined, wantsPrevious = true): Status {
  seekLong(map, key)
  map.poke(Field.Expect, Expect.Any)
  map.poke(Field.WantsPrevious, wantsPrevious ? 1 : 0)
  map.poke(Field.NextTag, value === undefined ? Tag.None : Tag.Record)
  map.poke(Field.NextRecord, value === undefined ? 0 : stage(map, value))
  return showing(map, key, () => map.kernel.putIfMatch(map.map, map.me))
}

export function getLong(map: RawMap, key: string): string | undefined {
  seekLong(map, key)
  return showing(map, key, () => map.kernel.get(map.map, map.me)) === Status.Found ? readLong(map) : undefined
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
