import { describe, expect, it } from 'vitest'
import { Area, At } from '../../lib/kernel/layout'
import { MAX_BYTES, unitsFor } from '../../lib/kernel/blocks'
import { LIST, listHead } from '../../lib/kernel/words/list'
import { classOfBlock, isBeingWritten, typeOfBlock } from '../../lib/kernel/words/stamp'
import { BACKENDS, RawMap, Random } from '../support/kernels'
import { carvedUnits, fill, quiesce } from '../support/tables'

const allocate = (map: RawMap, bytes: number, me = map.me): number => map.kernel.allocate(map.map, me, bytes, 0)
const free = (map: RawMap, block: number, me = map.me): void => map.kernel.freeBlock(map.map, me, block)
const stamp = (map: RawMap, block: number): bigint => map.cells[map.map + block * 2]!

/** Whether the block lies in what was carved of one of the halves. */
function isCarved(map: RawMap, block: number, units: number): boolean {
  return [0, 1].some(half => block >= map.kernel.carvedFrom(map.map, half) && block + units <= map.kernel.halfEndUnits(map.map, half))
}

/** Allocates until there is nothing left. */
function exhaust(map: RawMap, bytes: number): number[] {
  const blocks: number[] = []
  for (let block = allocate(map, bytes); block !== 0; block = allocate(map, bytes)) blocks.push(block)
  return blocks
}

describe.each(BACKENDS)('blocks, %s', backend => {
  const { kernel } = new RawMap(backend)

  it('have the smallest class that holds them', () => {
    for (let units = 1; units <= 5000; units++) {
      const sizeClass = kernel.classOf(units)
      expect(kernel.unitsOf(sizeClass), `${units} units`).toBeGreaterThanOrEqual(units)
      if (sizeClass > 0) expect(kernel.unitsOf(sizeClass - 1), `${units} units`).toBeLessThan(units)
    }
  })

  it('waste at most a quarter above four units, and nothing below', () => {
    for (let units = 1; units <= 1 << 20; units = units < 2000 ? units + 1 : units + (units >> 6)) {
      const waste = kernel.unitsOf(kernel.classOf(units)) - units
      expect(waste, `${units} units`).toBeLessThanOrEqual(units <= 4 ? 0 : units / 4)
    }
  })

  it('have classes that grow, up to the longest record', () => {
    const last = kernel.classOf(unitsFor(MAX_BYTES))
    expect(last).toBeLessThan(108)
    for (let n = 1; n <= last; n++) expect(kernel.unitsOf(n), `class ${n}`).toBeGreaterThan(kernel.unitsOf(n - 1))
  })

  it('carry their class and type, and an odd stamp until they are written', () => {
    const map = new RawMap(backend), block = map.kernel.allocate(map.map, map.me, 100, 77), seen = stamp(map, block)
    expect([typeOfBlock(seen), map.kernel.unitsOf(classOfBlock(seen)), isBeingWritten(seen)]).toEqual([77, 8, true])
    expect(map.kernel.unitsOfBlock(map.map, block)).toBe(8)
  })

  it('are used again, last in first out, with a later stamp', () => {
    const map = new RawMap(backend), a = allocate(map, 40), b = allocate(map, 40), before = stamp(map, b)
    free(map, a)
    free(map, b)
    expect([allocate(map, 40), allocate(map, 40)]).toEqual([b, a])
    expect(stamp(map, b)).toBeGreaterThan(before)
  })

  it('pass through the shared list when the cache is full, or the caller has none', () => {
    const map = new RawMap(backend), sizeClass = map.kernel.classOf(unitsFor(16)), list = map.map + At.Lists + sizeClass
    const guest = allocate(map, 16, 0)
    free(map, guest, 0)
    expect([LIST.stateOf(map.cells[list]!), listHead(map.cells[list]!)]).toEqual(['Filled', guest])
    expect(map.kernel.popShared(map.map, sizeClass)).toBe(guest)
    const blocks = Array.from({ length: 600 }, () => allocate(map, 16))
    for (const block of blocks) free(map, block)
    expect(Boolean(map.kernel.cachesAreEmpty(map.map, 1))).toBe(false)
    expect(blocks).toContain(map.kernel.popShared(map.map, sizeClass))
  })

  it('are never handed out twice, nor over a table or another block', () => {
    const map = new RawMap(backend), random = new Random(), held = new Map<number, number>(), owner = new Map<number, number>()
    const second = map.kernel.join(map.map, 0)
    for (let n = 0; n < 4000; n++) {
      const where = `seed ${random.seed}, step ${n}`, me = random.pick([map.me, second, 0])
      if (held.size > 0 && random.below(5) < 2) {
        const block = random.pick([...held.keys()])
        for (let unit = block; unit < block + held.get(block)!; unit++) owner.delete(unit)
        held.delete(block)
        free(map, block, me)
      } else {
        const bytes = random.below(random.pick([20, 100, 2000])), block = allocate(map, bytes, me)
        if (block === 0) continue
        const units = map.kernel.unitsOfBlock(map.map, block)
        expect(units, where).toBeGreaterThanOrEqual(unitsFor(bytes))
        for (let unit = block; unit < block + units; unit++) { expect(owner.get(unit), where).toBeUndefined(); owner.set(unit, block) }
        held.set(block, units)
        expect(isCarved(map, block, units), where).toBe(true)
      }
    }
    expect(held.size).toBeGreaterThan(50)
  })

  it('are all accounted for: carved is held or free', () => {
    const map = new RawMap(backend), random = new Random(), held: number[] = []
    for (let n = 0; n < 1000; n++) {
      const block = allocate(map, random.below(500))
      if (block !== 0) held.push(block)
      if (random.below(3) === 0 && held.length > 0) free(map, held.splice(random.below(held.length), 1)[0]!)
    }
    const units = held.reduce((sum, block) => sum + map.kernel.unitsOfBlock(map.map, block), 0)
    expect(units + map.kernel.freeUnits(map.map), `seed ${random.seed}`).toBe(carvedUnits(map))
    for (const block of held) free(map, block)
    expect(map.kernel.freeUnits(map.map), `seed ${random.seed}`).toBe(carvedUnits(map))
  })

  it('run out without changing anything, and come back once one is freed', () => {
    const map = new RawMap(backend), blocks = exhaust(map, 1000)
    const before = Buffer.from(map.bytes)
    expect(allocate(map, 1000)).toBe(0)
    expect(Buffer.compare(before, map.bytes)).toBe(0)
    free(map, blocks[3]!)
    expect(allocate(map, 1000)).toBe(blocks[3])
    expect(new Set(blocks).size).toBe(blocks.length)
  })

  it('leave room for the running table in both halves', () => {
    const map = new RawMap(backend)
    fill(map, Array(300).keys())
    quiesce(map)
    const capacity = map.capacity
    expect(exhaust(map, 16).length).toBeGreaterThan(0)
    for (let n = 0; n < 300; n += 2) map.put(n, undefined)
    quiesce(map)
    expect(map.capacity).toBeLessThanOrEqual(capacity)
    expect(map.entries().length).toBe(150)
  })

  it('of a larger class are split when nothing is left to carve, and the rest is free', () => {
    const map = new RawMap(backend), large = allocate(map, 200)
    exhaust(map, 100)
    exhaust(map, 16)
    const before = map.kernel.freeUnits(map.map), whole = map.kernel.unitsOfBlock(map.map, large)
    free(map, large)
    expect(allocate(map, 100)).toBe(large)
    const part = map.kernel.unitsOfBlock(map.map, large)
    expect([part, map.kernel.freeUnits(map.map) - before]).toEqual([map.kernel.unitsOf(map.kernel.classOf(unitsFor(100))), whole - part])
    const rest = allocate(map, (whole - part - 1) * 16)
    expect([rest, map.kernel.freeUnits(map.map)]).toEqual([large + part, before])
  })

  it('larger than a run and than four times the size are not spent on small ones', () => {
    const map = new RawMap(backend), large = allocate(map, 20_000)
    exhaust(map, 16)
    free(map, large)
    expect([allocate(map, 16), allocate(map, 20_000)]).toEqual([0, large])
  })

  it('are not longer than the longest record', () => {
    const map = new RawMap(backend)
    expect([allocate(map, MAX_BYTES + 1), allocate(map, -1), allocate(map, MAX_BYTES)]).toEqual([0, 0, 0])
  })

  it('are made of a stretch that the caller holds, in the largest classes that fit', () => {
    const map = new RawMap(backend), start = map.kernel.carve(map.map, 777), before = map.kernel.freeUnits(map.map)
    map.kernel.reclaim(map.map, start, 777)
    expect(map.kernel.freeUnits(map.map) - before).toBe(777)
  })

  it('are not followed to a head outside the map', () => {
    const map = new RawMap(backend), sizeClass = map.kernel.classOf(unitsFor(16))
    map.cells[map.map + At.Lists + sizeClass] = 0x0fffffffn
    map.cells[map.map + 1024 + Area.Caches + sizeClass]! |= 0x0fffffffn
    expect(map.kernel.popShared(map.map, sizeClass)).toBe(0)
    expect(allocate(map, 16)).toBeLessThan(map.cells.length / 2)
  })
})
