import { describe, expect, it } from 'vitest'
import { At } from '../../lib/kernel/layout'
import { LARGEST_UNITS, MAX_BYTES, PAGE_UNITS, RUN_CLASS, pagesFor, unitsFor } from '../../lib/kernel/sizes'
import { tailWord } from '../../lib/kernel/words/page'
import { classOfBlock, isBeingWritten, stampOf, typeOfBlock } from '../../lib/kernel/words/stamp'
import { BACKENDS, RawMap, Random } from '../support/kernels'
import {
  exhaust, fill, pageCellOf, pageOfBlock, pageStates, pageWord, quiesce, restUnits, unitOfPage, unitsForBlocks, usedBlocks,
} from '../support/tables'

const allocate = (map: RawMap, bytes: number, me = map.me): number => map.kernel.allocate(map.map, me, bytes, 0, 0)
const free = (map: RawMap, block: number, me = map.me): void => map.kernel.freeBlock(map.map, me, block)
const stamp = (map: RawMap, block: number): bigint => map.cells[map.map + block * 2]!
const unitsOf = (map: RawMap, block: number): number => map.kernel.unitsOfBlock(map.map, block)
const isFree = (map: RawMap, block: number): boolean => Boolean(map.kernel.isFreeBlock(map.map, block))
/** Bytes of the longest record of a class, and of one that takes pages of its own. */
const LARGEST = (LARGEST_UNITS - 1) * 16

/** Whether all of the block lies in pages that are not kept for tables. */
function isBetween(map: RawMap, block: number, units: number): boolean {
  const zone = map.kernel.zoneSize(map.map), pages = map.kernel.pagesInAll(map.map)
  return block >= unitOfPage(map, zone) && block + units <= unitOfPage(map, pages - zone)
}

describe.each(BACKENDS)('blocks, %s', backend => {
  it('carry their class and type, and say that they are being written until they are sealed', () => {
    const map = new RawMap(backend)
    for (const bytes of [0, 100, LARGEST, LARGEST + 1]) {
      const block = map.kernel.allocate(map.map, map.me, bytes, 77, 0), seen = stamp(map, block), units = unitsFor(bytes)
      const expected = units > LARGEST_UNITS ? RUN_CLASS : map.kernel.classOf(units)
      expect([typeOfBlock(seen), classOfBlock(seen), isBeingWritten(seen)], `${bytes} bytes`).toEqual([77, expected, true])
      expect(unitsOf(map, block), `${bytes} bytes`).toBe(units > LARGEST_UNITS ? pagesFor(units) * PAGE_UNITS : map.kernel.unitsOf(expected))
    }
  })

  it('are used again before new pages are, each time with another stamp', () => {
    for (const bytes of [40, 900, 20_000]) {
      const map = new RawMap(backend, { bytes: 1 << 20 }), blocks = Array.from({ length: 8 }, () => allocate(map, bytes))
      const pages = map.kernel.freePages(map.map), seen = new Set<number>()
      for (let n = 0; n < 50; n++) {
        const given = blocks[n % 8]!
        free(map, given)
        const record = map.kernel.stageRecord(map.map, map.me, bytes, 0)
        map.kernel.finishRecord(map.map, record, 0)
        seen.add(record * 2 ** 29 + stampOf(stamp(map, record)))
        blocks[n % 8] = record
      }
      expect([seen.size, new Set(blocks).size, map.kernel.freePages(map.map)], `${bytes} bytes`).toEqual([50, 8, pages])
    }
  })

  it('of one class lie side by side, and the pages that they leave are anybody\'s', () => {
    const map = new RawMap(backend), blocks = Array.from({ length: 32 }, () => allocate(map, 1))
    expect(new Set(blocks.map(block => pageOfBlock(map, block))).size).toBe(1)
    expect([...blocks].sort((a, b) => a - b)).toEqual(Array.from({ length: 32 }, (_, n) => Math.min(...blocks) + 2 * n))
    for (const block of blocks) free(map, block)
    expect(map.kernel.freeUnits(map.map)).toBe(unitsForBlocks(map))
  })

  it('come back to whoever needs them, whoever had them: nobody keeps any', () => {
    const map = new RawMap(backend), second = map.kernel.join(map.map, 0), blocks = exhaust(map, 100)
    expect([blocks.length > 100, allocate(map, 100, second)]).toEqual([true, 0])
    for (const block of blocks) free(map, block)
    expect(exhaust(map, 100, second).sort()).toEqual([...blocks].sort())
  })

  it('are never handed out twice, nor over a table or another block', () => {
    const map = new RawMap(backend), random = new Random(), held = new Map<number, number>(), owner = new Map<number, number>()
    const second = map.kernel.join(map.map, 0)
    for (let n = 0; n < 4000; n++) {
      const where = `seed ${random.seed}, step ${n}`, me = random.pick([map.me, second])
      if (held.size > 0 && random.below(5) < 2) {
        const block = random.pick([...held.keys()])
        for (let unit = block; unit < block + held.get(block)!; unit++) owner.delete(unit)
        held.delete(block)
        free(map, block, me)
      } else {
        const bytes = random.below(random.pick([20, 100, 2000, 10_000])), block = allocate(map, bytes, me)
        if (block === 0) continue
        const units = unitsOf(map, block)
        expect(units, where).toBeGreaterThanOrEqual(unitsFor(bytes))
        for (let unit = block; unit < block + units; unit++) { expect(owner.get(unit), where).toBeUndefined(); owner.set(unit, block) }
        held.set(block, units)
        expect(isBetween(map, block, units), where).toBe(true)
      }
    }
    expect(held.size).toBeGreaterThan(50)
  })

  it('are all accounted for: what is not kept for tables is held, free, or the end of a span', () => {
    const map = new RawMap(backend), random = new Random(), held: number[] = [], where = `seed ${random.seed}`
    for (let n = 0; n < 1000; n++) {
      const block = allocate(map, random.below(random.pick([500, 500, 5000])))
      if (block !== 0) held.push(block)
      if (random.below(3) === 0 && held.length > 0) free(map, held.splice(random.below(held.length), 1)[0]!)
      if (n % 100 > 0) continue
      const units = held.reduce((sum, each) => sum + unitsOf(map, each), 0)
      expect(units + map.kernel.freeUnits(map.map) + restUnits(map), where).toBe(unitsForBlocks(map))
      expect(usedBlocks(map), where).toEqual([...held].sort((a, b) => a - b))
    }
    for (const block of held) free(map, block)
    expect([map.kernel.freeUnits(map.map), usedBlocks(map)], where).toEqual([unitsForBlocks(map), []])
  })

  it.each([1, 1000, 5000])('of %i bytes run out without changing anything, and come back once one is freed', bytes => {
    const map = new RawMap(backend), blocks = exhaust(map, bytes)
    const before = Buffer.from(map.bytes)
    expect(allocate(map, bytes)).toBe(0)
    expect(Buffer.compare(before, map.bytes)).toBe(0)
    free(map, blocks[3]!)
    expect(allocate(map, bytes)).toBe(blocks[3])
    expect(new Set(blocks).size).toBe(blocks.length)
  })

  it('that are taken say so: a block that was given back does not count as failed for good, whoever gives it', () => {
    const map = new RawMap(backend), second = map.kernel.join(map.map, 0), blocks = exhaust(map, 5000)
    expect([allocate(map, 5000), allocate(map, 5000, second)]).toEqual([0, 0])
    free(map, blocks[0]!, second)
    expect(allocate(map, 5000)).toBe(blocks[0])
  })

  it('leave room for the running table at both ends', () => {
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

  it('fill the memory to its last page, of any one size', () => {
    for (const bytes of [1, 33, 150, 1000, LARGEST, LARGEST + 1]) {
      const map = new RawMap(backend), blocks = exhaust(map, bytes), pages = map.kernel.pagesInAll(map.map) - 2 * map.kernel.zoneSize(map.map)
      const units = unitsFor(bytes), isRun = units > LARGEST_UNITS, span = isRun ? pagesFor(units) : Math.max(1, 2 ** (map.kernel.classOf(units) >> 3))
      const most = isRun ? Math.floor(pages / span) : Math.floor(pages / span) * Math.floor(span * PAGE_UNITS / map.kernel.unitsOf(map.kernel.classOf(units)))
      expect(blocks.length, `${bytes} bytes`).toBeLessThanOrEqual(most)
      // A span does not fit where another has begun too near to the end of its group.
      expect(blocks.length, `${bytes} bytes`).toBeGreaterThan(most * 0.9)
    }
  })

  it('of any other size fit in what was given back of one', () => {
    const sizes = [1, 100, 700, LARGEST, 5000, 40_000]
    for (const first of sizes) {
      const map = new RawMap(backend)
      for (const bytes of [first, ...sizes]) {
        const blocks = exhaust(map, bytes), fresh = exhaust(new RawMap(backend), bytes)
        expect(blocks.length, `${bytes} bytes after ${first}`).toBe(fresh.length)
        for (const block of blocks) free(map, block)
      }
    }
  })

  it('are not longer than the longest record', () => {
    const map = new RawMap(backend)
    expect([allocate(map, MAX_BYTES + 1), allocate(map, -1), allocate(map, MAX_BYTES)]).toEqual([0, 0, 0])
  })

  it('are known by where they begin, used or free', () => {
    const map = new RawMap(backend), small = allocate(map, 100), run = allocate(map, 10_000), pages = pagesFor(unitsFor(10_000))
    expect([unitsOf(map, small), unitsOf(map, small + 1), unitsOf(map, run), unitsOf(map, run + 1), unitsOf(map, run + PAGE_UNITS)])
      .toEqual([8, 0, pages * PAGE_UNITS, 0, 0])
    expect([isFree(map, small), isFree(map, small + 8), isFree(map, run)]).toEqual([false, true, false])
    free(map, small)
    free(map, run)
    expect([isFree(map, small), unitsOf(map, small), unitsOf(map, run)]).toEqual([true, 8, 0])
    const outside = [0, -1, unitOfPage(map, 0) - 1, unitOfPage(map, map.kernel.pagesInAll(map.map)), 0x0fffffff]
    expect(outside.map(block => unitsOf(map, block))).toEqual([0, 0, 0, 0, 0])
  })

  it('of several pages are found from their last page too', () => {
    const map = new RawMap(backend), blocks = Array.from({ length: 8 }, () => allocate(map, LARGEST)), last = Math.max(...blocks)
    expect([pageOfBlock(map, last) - pageOfBlock(map, Math.min(...blocks)), unitsOf(map, last), isFree(map, last)]).toEqual([14, LARGEST_UNITS, false])
    free(map, last)
    expect(isFree(map, last)).toBe(true)
    expect(allocate(map, LARGEST)).toBe(last)
  })

  it('given back twice, or where none is, change nothing: the buffer is corrupted', () => {
    const map = new RawMap(backend), [used, block] = [allocate(map, 100), allocate(map, 100)], run = allocate(map, 10_000)
    free(map, block)
    const before = Buffer.from(map.bytes)
    const wrong = [block, 0, -1, 0x0fffffff, run + PAGE_UNITS, run + 1, unitOfPage(map, 0), unitOfPage(map, map.kernel.pagesInAll(map.map))]
    for (const each of wrong) free(map, each)
    expect(Buffer.compare(before, map.bytes)).toBe(0)
    expect([unitsOf(map, used), isFree(map, used)]).toEqual([8, false])
  })

  it('are not looked for outside the map, whatever the word of a page says', () => {
    const map = new RawMap(backend), block = allocate(map, 100), page = pageOfBlock(map, block)
    for (const distance of [page + 1, 0x7fffffff, -1]) {
      const seen = pageWord(map, page)
      map.cells[pageCellOf(map, page)] = tailWord(5, distance)
      expect([unitsOf(map, block), isFree(map, block)], `${distance} pages ahead`).toEqual([0, false])
      free(map, block)
      expect(map.kernel.nextUsed(map.map, 0), `${distance} pages ahead`).toBe(0)
      map.cells[pageCellOf(map, page)] = seen
    }
  })

  it('leave the words of the header alone', () => {
    const map = new RawMap(backend), before = map.cells.slice(map.map, map.map + At.ResizeLog)
    const blocks = exhaust(map, 100)
    for (const block of blocks) free(map, block)
    expect(map.cells.slice(map.map, map.map + At.ResizeLog)).toEqual(before)
    expect(new Set(pageStates(map))).toEqual(new Set(['Table', 'Emptied']))
  })
})
