import { describe, expect, it } from 'vitest'
import { At } from '../../lib/kernel/layout'
import { high, low, pack } from '../../lib/kernel/memory'
import { Key, Tag, keyTag } from '../../lib/kernel/words/key'
import { ValueBits } from '../../lib/kernel/words/value'
import { stampOf } from '../../lib/kernel/words/stamp'
import { BACKENDS, RawMap, Random } from '../support/kernels'
import { cellOf, getLong, longText, putLong, stage } from '../support/records'
import { exhaust, fill, quiesce, usedBlocks } from '../support/tables'

const cells = (map: RawMap, record: number, many: number): bigint[] => [...map.cells.slice(cellOf(map, record), cellOf(map, record) + many)]
/** Where a text lies plainly behind the areas: in shared memory that others read. */
function plainly(map: RawMap, text: string): number {
  return Buffer.from(map.bytes.buffer).indexOf(Buffer.from(text, 'latin1'), low(map.cells[map.map + At.Ground]!) * 16)
}

describe.each(BACKENDS)('under the veil, %s', backend => {
  it('nothing of the bytes of keys and values lies plainly in memory, however they came there', () => {
    const map = new RawMap(backend, { bytes: 1 << 20, shift: 4 }), secret = 'plain text'
    map.put(`key ${secret}`, `value ${secret}`)
    map.put(`key ${secret}`, `other ${secret}`)
    expect(putLong(map, `${secret}${longText(5000)}`, `${secret}${longText(6000)}`)).toBe(3)
    for (let n = 0; n < 50; n++) fill(map, [`${secret} ${n}`])
    quiesce(map)
    expect(plainly(map, secret)).toBe(-1)
    for (let from = 0; from < 5000; from += 8) expect(plainly(map, longText(6000).slice(from, from + 8)), `${from}`).toBe(-1)
    expect([map.get(`key ${secret}`), map.get(`${secret} 7`)]).toEqual([`other ${secret}`, `${secret} 7`])
    expect(getLong(map, `${secret}${longText(5000)}`)).toBe(`${secret}${longText(6000)}`)
  })

  it('zeros are not zeros, and the same cell in a record is the same there: only where it begins and when count', () => {
    const map = new RawMap(backend), record = stage(map, '\0'.repeat(64)), [first, ...rest] = cells(map, record, 8)
    expect([first === 0n, new Set(rest)]).toEqual([false, new Set([first])])
  })

  it('the same bytes lie differently at each use of a block, in each block, and under each secret', () => {
    const seen = new Set<bigint>(), maps = [[123, 456], [124, 456], [123, 457]].map(([a, b]) => new RawMap(backend, { secret: [a!, b!] }))
    let uses = 0
    for (const map of maps) for (let n = 0; n < 100; n++) {
      const one = stage(map, 'the same'), two = stage(map, 'the same')
      for (const record of [one, two]) { seen.add(cells(map, record, 1)[0]!); map.kernel.freeBlock(map.map, map.me, record); uses++ }
    }
    expect(seen.size).toBe(uses)
  })

  it('a record can be unveiled by who holds it alone, and veiled again', () => {
    const map = new RawMap(backend), text = longText(100), record = stage(map, text), veiled = cells(map, record, 13)
    map.kernel.unveil(map.map, record, 13)
    expect(Buffer.from(map.bytes.slice(cellOf(map, record) * 8, cellOf(map, record) * 8 + 100)).toString('latin1')).toBe(text)
    map.kernel.unveil(map.map, record, 13)
    expect(cells(map, record, 13)).toEqual(veiled)
  })

  it('every bit of the veil changes from use to use', () => {
    const map = new RawMap(backend)
    let ones = 0n, zeros = 0n
    for (let n = 0; n < 200; n++) {
      const record = stage(map, '\0'.repeat(8)), [veil] = cells(map, record, 1) as [bigint]
      ones |= BigInt.asUintN(64, veil)
      zeros |= BigInt.asUintN(64, ~veil)
      map.kernel.freeBlock(map.map, map.me, record)
    }
    expect([ones, zeros]).toEqual([2n ** 64n - 1n, 2n ** 64n - 1n])
  })
})

describe.each(BACKENDS)('the first two words of every block, %s', backend => {
  it('are none that a slot can have, whatever lay there before', () => {
    const map = new RawMap(backend, { capacity: 64, shift: 4 }), random = new Random(), { ground, end } = boundsOf(map)
    for (let round = 0; round < 5; round++) {
      // Words of slots, and anything: as they may lie where a table was.
      const any = (): number => random.below(2 ** 32)
      for (let cell = ground; cell < end; cell++) map.cells[cell] = random.pick([0n, 1n << 32n, pack(any(), random.below(3)), pack(any(), any())])
      const blocks = [5000, 200, 30].flatMap(bytes => Array.from({ length: 40 }, () => map.kernel.stageRecord(map.map, map.me, bytes, random.below(256))))
      for (const block of blocks.filter(each => each !== 0)) {
        expectNoSlot(map, block, `seed ${random.seed}, being written`)
        map.kernel.finishRecord(map.map, block, random.below(2 ** 32) | 0)
        expectNoSlot(map, block, `seed ${random.seed}, sealed`)
        map.kernel.freeBlock(map.map, map.me, block)
        expectNoSlot(map, block, `seed ${random.seed}, free`)
      }
    }
  })

  it('begin with a stamp that is another in each map, where the memory was none before', () => {
    const stamps = Array.from({ length: 20 }, (_, n) => {
      const map = new RawMap(backend, { secret: [n, 99] }), record = stage(map, 'x')
      return stampOf(map.cells[map.map + record * 2]!)
    })
    expect(new Set(stamps).size).toBe(20)
  })

  it('go on from the last stamp where the memory was a block before', () => {
    const map = new RawMap(backend), [block] = exhaust(map, 100) as [number]
    for (let n = 0; n < 5; n++) {
      map.kernel.freeBlock(map.map, map.me, block)
      const before = stampOf(map.cells[block * 2]!), record = stage(map, 'x'.repeat(100))
      expect([record, stampOf(map.cells[block * 2]!)]).toEqual([block, before + 1 & 0x1fffffff])
    }
    expect(usedBlocks(map)).toContain(block)
  })
})

/** The pages that no table has: the first cell and the one after the last. */
function boundsOf(map: RawMap): { ground: number, end: number } {
  const unit = low(map.cells[map.map + At.Ground]!), zone = map.kernel.zoneSize(map.map), pages = map.kernel.pagesInAll(map.map)
  return { ground: (unit + zone * 64) * 2, end: (unit + (pages - zone) * 64) * 2 }
}

function expectNoSlot(map: RawMap, block: number, where: string): void {
  const [first, second] = [map.cells[block * 2]!, map.cells[block * 2 + 1]!]
  expect([keyTag(first), high(second) & ValueBits.Tag], where).toEqual([Tag.None, ValueBits.PrimeFlag])
  expect([Key.Empty, Key.Sealed], where).not.toContain(low(first))
}
