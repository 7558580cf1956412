import { describe, expect, it } from 'vitest'
import { Area, Field } from '../../lib/kernel/layout'
import { low } from '../../lib/kernel/memory'
import { Status } from '../../lib/kernel/read'
import { Expect } from '../../lib/kernel/write'
import { hashIn, isBeingWritten } from '../../lib/kernel/words/stamp'
import { BACKENDS, RawMap, Random } from '../support/kernels'
import { cellOf, getLong, longText, putLong, readLong, stage } from '../support/records'
import { unitsForBlocks, fill, quiesce } from '../support/tables'

const LENGTHS = [0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 100, 1000, 1023, 1024]
const LONG = [2047, 2048, 2049, 4096, 5000, 20_000]

describe.each(BACKENDS)('records, %s', backend => {
  it('hold keys and values of any length that a window holds', () => {
    const map = new RawMap(backend)
    for (const length of LENGTHS) expect(map.put(longText(length), longText(length) + '!')).toBe(Status.Written)
    for (const length of LENGTHS) expect(map.get(longText(length)), `${length}`).toBe(longText(length) + '!')
    expect(map.size).toBe(LENGTHS.length)
  })

  it('hold every byte', () => {
    const map = new RawMap(backend), text = String.fromCharCode(...Array(256).keys())
    map.put(text, text + text)
    expect([map.get(text), map.get(text.slice(1))]).toEqual([text + text, undefined])
  })

  it('tell keys apart that differ in one byte, in length, or in what follows', () => {
    const map = new RawMap(backend), keys = ['', '\0', '\0\0', 'a', 'a\0', 'a\0\0\0\0\0\0\0', 'aaaaaaaa', 'aaaaaaaa\0', 'aaaaaaab', 'baaaaaaa']
    fill(map, keys, key => `value of ${keys.indexOf(String(key))}`)
    expect(keys.map(key => map.get(key))).toEqual(keys.map((_, n) => `value of ${n}`))
    expect(map.size).toBe(keys.length)
  })

  it('tell keys apart that differ in type only', () => {
    const map = new RawMap(backend)
    fill(map, ['same'], () => 1)
    map.kernel.seekBytes(map.map, map.me, Field.Sought, map.window(Area.Key) / 8, map.write(Area.Key, 'same'), 4)
    expect(map.kernel.get(map.map, map.me)).toBe(Status.Absent)
    map.poke(Field.NextTag, 1)
    map.poke(Field.NextPayload, 2)
    expect(map.kernel.putIfMatch(map.map, map.me)).toBe(Status.Written)
    expect([map.get('same'), map.size]).toEqual([1, 2])
  })

  it('hold keys and values longer than a window, which are read in pieces', () => {
    const map = new RawMap(backend, { bytes: 1 << 20 })
    for (const length of LONG) expect(putLong(map, longText(length), longText(length + 1))).toBe(Status.Written)
    for (const length of LONG) expect(getLong(map, longText(length)), `${length}`).toBe(longText(length + 1))
    expect(getLong(map, longText(LONG[0]! + 10))).toBeUndefined()
    expect(map.size).toBe(LONG.length)
  })

  it('are staged unreadable, until they are finished', () => {
    const map = new RawMap(backend), record = map.kernel.stageRecord(map.map, map.me, 10, 3)
    expect(isBeingWritten(map.cells[record * 2]!)).toBe(true)
    map.kernel.finishRecord(map.map, record, 55)
    const [first, second] = [map.cells[record * 2]!, map.cells[record * 2 + 1]!]
    expect([isBeingWritten(first), low(second), hashIn(first, second)]).toEqual([false, 10, 55])
    expect(map.kernel.stageRecord(map.map, map.me, 1 << 20, 3)).toBe(0)
  })

  it('longer than a window are kept for whoever replaced them, to be copied and freed', () => {
    const map = new RawMap(backend, { bytes: 1 << 20 })
    putLong(map, 'key', longText(5000))
    expect(putLong(map, 'key', 'short')).toBe(Status.Written)
    const held = map.field(Field.HeldRecord)
    expect([held > 0, map.field(Field.FoundLength)]).toEqual([true, 5000])
    map.kernel.unveil(map.map, held, 625)
    expect(Buffer.from(map.bytes.slice(cellOf(map, held) * 8, cellOf(map, held) * 8 + 5000)).toString('latin1')).toBe(longText(5000))
    map.kernel.freeBlock(map.map, map.me, held)
    expect(map.kernel.isFreeBlock(map.map, held) || map.kernel.unitsOfBlock(map.map, held) === 0).toBeTruthy()
  })

  it('are not read on once they were replaced', () => {
    const map = new RawMap(backend, { bytes: 1 << 20 }), other = new RawMap(backend, {}, map)
    putLong(map, 'key', longText(5000))
    expect([getLong(map, 'key')?.length, Boolean(map.kernel.readMore(map.map, map.me, 256))]).toEqual([5000, true])
    putLong(other, 'key', longText(5000))
    expect(Boolean(map.kernel.readMore(map.map, map.me, 256))).toBe(false)
    expect(() => readLong(map)).toThrow('replaced')
  })

  it('leave no block behind, whatever replaces, refuses or deletes them', () => {
    const map = new RawMap(backend), random = new Random(), text = (): string => 'v'.repeat(random.below(200))
    for (let n = 0; n < 2000; n++) {
      const key = random.below(2) === 0 ? `key ${random.below(20)}` : random.below(20)
      switch (random.below(5)) {
        case 0: map.put(key, undefined); break
        case 1: map.put(key, text(), Expect.Absent); break
        case 2: map.put(key, text(), Expect.Equal, text()); break
        case 3: if (random.below(50) === 0) map.clear(); break
        default: map.put(key, text())
      }
    }
    map.clear()
    quiesce(map)
    expect(map.kernel.freeUnits(map.map), `seed ${random.seed}`).toBe(unitsForBlocks(map))
    map.kernel.freeBlock(map.map, map.me, stage(map, 'and one more'))
    expect(map.kernel.freeUnits(map.map)).toBe(unitsForBlocks(map))
  })
})
