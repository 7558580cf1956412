import { describe, expect, it } from 'vitest'
import { At, Table, tableAt } from '../../lib/kernel/layout'
import { high, low, pack } from '../../lib/kernel/memory'
import { Status } from '../../lib/kernel/read'
import { BACKENDS, RawMap, Random } from '../support/kernels'
import { fill, quiesce, slotStates, startCopy } from '../support/tables'

const recognize = (map: RawMap, cells = map.cells.length - map.map): number => map.kernel.recognize(map.map, cells)

describe.each(BACKENDS)('a new map, %s', backend => {
  it('is empty, and recognized', () => {
    const map = new RawMap(backend)
    expect([map.size, map.capacity, map.generation, recognize(map)]).toEqual([0, 4, 2, 0])
    expect(slotStates(map, 2)).toEqual(Array(4).fill('Empty Empty'))
  })

  it('notes what it was made with', () => {
    const map = new RawMap(backend, { places: 3, shift: 5, capacity: 11 })
    const at = (cell: number): [number, number] => [map.kernel.highAt(map.map + cell), map.kernel.lowAt(map.map + cell)]
    expect([at(At.Shape), at(At.Extent), at(At.Secret), at(At.Identity)]).toEqual([[5, 3], [11, (1 << 15)], [456, 123], [8, 7]])
  })

  it('may lie anywhere in a buffer, beside others', () => {
    const at = 1 << 13, cells = 1 << 14
    const map = new RawMap(backend, { at, places: 1, bytes: (at + cells) * 8 })
    fill(map, Array.from({ length: 100 }, (_, n) => `key ${n}`))
    expect([map.size, recognize(map), map.bytes.subarray(0, at * 8).every(byte => byte === 0)]).toEqual([100, 0, true])
  })

  it.each([0, 1, 3, 7])('holds the most slots it says, cleans them out, and refuses one more, chunks of 2^%i slots', shift => {
    const most = new RawMap(backend, { shift }).kernel.mostSlots(0)
    const map = new RawMap(backend, { shift, capacity: most })
    expect(map.capacity).toBe(most)
    expect(() => new RawMap(backend, { shift, capacity: most + 1 })).toThrow('does not fit')
    for (let round = 0; round < 2; round++) {
      fill(map, Array(100).keys())
      startCopy(map)
      quiesce(map)
      expect([map.capacity, map.size, map.entries().length]).toEqual([most, 100, 100])
    }
  })

  it('needs at least the cells it says, and works with them', () => {
    for (const places of [1, 2, 10]) {
      const { kernel } = new RawMap(backend), fewest = kernel.fewestCells(places)
      const map = new RawMap(backend, { places, bytes: Math.ceil(fewest * 8 / 65536) * 65536 })
      expect(map.cells.length).toBeGreaterThanOrEqual(fewest)
      expect([recognize(map), map.put('a', 'b')]).toEqual([0, Status.Written])
      expect(map.kernel.recognize(0, fewest - 1)).toBe(3)
    }
  })
})

describe.each(BACKENDS)('recognition, %s', backend => {
  it('refuses memory of zeros, and garbage', () => {
    const map = new RawMap(backend), random = new Random()
    map.bytes.fill(0)
    expect(recognize(map)).toBe(1)
    for (let n = 0; n < 100; n++) {
      for (let i = 0; i < 800; i++) map.bytes[i] = random.below(256)
      expect(recognize(map), `seed ${random.seed}`).not.toBe(0)
    }
  })

  it('tells another version of the layout from something else', () => {
    const map = new RawMap(backend), magic = map.cells[At.Magic]!
    map.cells[At.Magic] = magic + 1n
    expect(recognize(map)).toBe(2)
    map.cells[At.Magic] = pack(high(magic) + 1, low(magic))
    expect(recognize(map)).toBe(1)
  })

  it('refuses memory that was cut short', () => {
    const map = new RawMap(backend)
    expect([recognize(map), recognize(map, map.cells.length - 1), recognize(map, 0), recognize(map, map.cells.length + 1)]).toEqual([0, 3, 3, 0])
  })

  it.each([
    ['no participants', At.Shape, pack(0, 0)], ['more participants than fit', At.Shape, pack(0, 1000)], ['negative participants', At.Shape, pack(0, -1)],
    ['chunks too large', At.Shape, pack(21, 4)], ['negative chunks', At.Shape, pack(-1, 4)], ['no length', At.Extent, pack(4, 0)],
    ['a negative length', At.Extent, pack(4, -1)], ['a root of another generation', At.Root, pack(77, 0)],
    ['a half before the areas', tableAt(0, 0) + Table.Place, pack(10, 9000)], ['a half that ends before it begins', tableAt(0, 0) + Table.Place, pack(9000, 9000)],
    ['a half past the end', tableAt(0, 1) + Table.Place, pack(9000, 1 << 20)],
    ['no pages', At.Store, pack(9000, 0)], ['page words before the areas', At.Store, pack(10, 100)], ['more pages than cells', At.Store, pack(9000, 1 << 20)],
    ['pages that do not begin behind their words', At.Ground, pack(0, 5)],
    ['no slots', tableAt(0, 2) + Table.Capacity, pack(2, 0)], ['too many slots', tableAt(0, 2) + Table.Capacity, pack(2, 100_000)],
  ] as const)('refuses a header with %s', (_, cell, word) => {
    const map = new RawMap(backend)
    map.cells[cell] = word
    expect(recognize(map)).toBe(3)
  })
})
