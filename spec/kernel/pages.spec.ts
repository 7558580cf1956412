import { describe, expect, it } from 'vitest'
import { low } from '../../lib/kernel/memory'
import { At } from '../../lib/kernel/layout'
import { PAGE_UNITS } from '../../lib/kernel/sizes'
import { Page, claimedWord, pageState, pagesIn, tailWord, versionIn } from '../../lib/kernel/words/page'
import { BACKENDS, RawMap, Random } from '../support/kernels'
import { Paused, kernelMaker } from '../support/pauses'
import { exhaust, pageCellOf, pageOfBlock, pageStates, pageWord, unitOfPage, unitsForBlocks, usedBlocks } from '../support/tables'

const allocate = (map: RawMap, bytes: number, me = map.me): number => map.kernel.allocate(map.map, me, bytes, 0, 0)
const free = (map: RawMap, block: number, me = map.me): void => map.kernel.freeBlock(map.map, me, block)
/** Bytes of a record that takes so many pages for itself; of one whose class has spans of so many pages. */
const runOf = (pages: number): number => (pages * PAGE_UNITS - 1) * 16
const ofSpans = (pages: number): number => (pages * 8 - 1) * 16
/** Pages that are not kept for tables. */
const pagesForBlocks = (map: RawMap): number => map.kernel.pagesInAll(map.map) - 2 * map.kernel.zoneSize(map.map)
/** The states of pages from where a block begins. */
const statesFrom = (map: RawMap, block: number, pages: number): string[] => pageStates(map).slice(pageOfBlock(map, block)).slice(0, pages)
/** Sizes in bytes, with the pages that a block or its span takes. */
const SIZES: readonly (readonly [name: string, bytes: number, pages: number])[] = [
  ['a page', 1, 1], ['a span of two pages', ofSpans(2), 2], ['a span of sixteen pages', ofSpans(16), 16],
  ['a run of three pages', runOf(3), 3], ['a run of twenty pages', runOf(20), 20],
]

/** Has all pages in use but so many side by side, a multiple of three: the first of these. */
function onlyTogether(map: RawMap, pages: number): number {
  const ordered = exhaust(map, runOf(3)).sort((a, b) => a - b)
  exhaust(map, 1)
  const from = ordered.findIndex((run, n) => ordered[n + pages / 3 - 1] === run + (pages - 3) * PAGE_UNITS)
  for (const run of ordered.slice(from, from + pages / 3)) free(map, run)
  return pageOfBlock(map, ordered[from]!)
}

describe.each(BACKENDS)('pages, %s', backend => {
  it.each(SIZES)('are claimed for %s: the first and its tails, all of one version', (_, bytes, pages) => {
    const map = new RawMap(backend), block = allocate(map, bytes), first = pageOfBlock(map, block)
    expect(statesFrom(map, block, pages)).toEqual([bytes > ofSpans(16) ? 'Run' : 'Blocks', ...Array(pages - 1).fill('Tail')])
    for (let n = 1; n < pages; n++) expect([low(pageWord(map, first + n)), versionIn(pageWord(map, first + n))]).toEqual([n, versionIn(pageWord(map, first))])
    expect([pagesIn(pageWord(map, first)), map.kernel.freePages(map.map)]).toEqual([pages, pagesForBlocks(map) - pages])
  })

  it.each(SIZES)('of %s are all given back by one swap, and their tails are nobody\'s', (_, bytes, pages) => {
    const map = new RawMap(backend), block = allocate(map, bytes), version = versionIn(pageWord(map, pageOfBlock(map, block)))
    const before = map.cells.slice(0, unitOfPage(map, 0) * 2)
    free(map, block)
    const changed = [...before.keys()].filter(cell => before[cell] !== map.cells[cell] && cell >= pageCellOf(map, 0))
    expect(changed).toEqual([pageCellOf(map, pageOfBlock(map, block))])
    expect([map.kernel.freePages(map.map), statesFrom(map, block, pages).slice(1)]).toEqual([pagesForBlocks(map), Array(pages - 1).fill('Tail')])
    expect(versionIn(pageWord(map, pageOfBlock(map, block)))).toBe(version)
  })

  it.each(SIZES)('that came free lie together for %s, whoever had them before', (_, bytes, pages) => {
    if (pages === 1) return
    const map = new RawMap(backend), random = new Random(), all = pagesForBlocks(map)
    // Everything is given out in pieces of many sizes, to two workers, and comes back in another order.
    const second = map.kernel.join(map.map, 0), held: number[] = []
    for (let n = 0; n < 300; n++) held.push(allocate(map, random.pick(SIZES)[1], random.pick([map.me, second])))
    for (const block of held.filter(each => each !== 0).sort(() => random.below(3) - 1)) free(map, block, random.pick([map.me, second]))
    expect([map.kernel.freePages(map.map), map.kernel.mostTogether(map.map)], `seed ${random.seed}`).toEqual([all, all])
    expect([exhaust(map, bytes).length > 0, map.kernel.mostTogether(map.map) < pages], `seed ${random.seed}`).toEqual([true, true])
  })

  it('of an emptied span can be claimed for any other size, though all around them is in use', () => {
    for (const [, before, has] of SIZES) for (const [, after, needs] of SIZES) {
      const map = new RawMap(backend), blocks = exhaust(map, before), first = pageOfBlock(map, Math.min(...blocks.slice(0, 8)))
      exhaust(map, 1)
      const isThere = (block: number): boolean => pageOfBlock(map, block) >= first && pageOfBlock(map, block) < first + has
      for (const block of blocks.filter(isThere)) free(map, block)
      expect([map.kernel.freePages(map.map), map.kernel.mostTogether(map.map)], `${before} bytes, then ${after}`).toEqual([has, has])
      const next = exhaust(map, after)
      expect(next.every(isThere), `${before} bytes, then ${after}`).toBe(true)
      expect([map.kernel.freePages(map.map), next.length > 0], `${before} bytes, then ${after}`).toEqual([has % needs, has >= needs])
    }
  })

  it('of a dead span are nobody\'s, also where its first page has got another owner of the same length', () => {
    const map = new RawMap(backend), first = onlyTogether(map, 3), span = allocate(map, runOf(3)), old = versionIn(pageWord(map, first))
    free(map, span)
    // Its first page goes to little blocks: the tails say that they belong to a run that is gone.
    const small = exhaust(map, 1).filter(block => pageOfBlock(map, block) >= first && pageOfBlock(map, block) < first + 3)
    expect([small.length, pageStates(map).slice(first, first + 3)]).toEqual([96, ['Blocks', 'Blocks', 'Blocks']])
    for (const block of small) free(map, block)
    expect(allocate(map, runOf(3))).toBe(span)
    expect(versionIn(pageWord(map, first))).not.toBe(old)
  })

  it('that are a tail by their word, but of no span that has them, are nobody\'s', () => {
    const map = new RawMap(backend), first = pageOfBlock(map, allocate(map, runOf(2)))
    const version = versionIn(pageWord(map, first)), before = map.kernel.freePages(map.map)
    // Beyond the end of the run, and of another version.
    map.cells[pageCellOf(map, first + 2)] = tailWord(version, 2)
    expect(map.kernel.freePages(map.map)).toBe(before)
    map.cells[pageCellOf(map, first + 1)] = tailWord(version + 1, 1)
    expect(map.kernel.freePages(map.map)).toBe(before + 1)
  })

  it('are claimed from the middle outwards, so that the tables can grow', () => {
    const map = new RawMap(backend, { bytes: 1 << 20 }), pages = map.kernel.pagesInAll(map.map)
    const blocks = Array.from({ length: pages / 4 * 30 | 0 }, () => allocate(map, 1))
    const away = blocks.map(block => Math.abs(pageOfBlock(map, block) - pages / 2))
    expect(Math.max(...away)).toBeLessThan(pages / 4)
    expect(map.kernel.roomForZone(map.map, 1 << 20)).toBeGreaterThanOrEqual(pages / 4)
  })

  it('that were emptied are claimed anew from the middle outwards, also by a worker that never had any', () => {
    const map = new RawMap(backend, { bytes: 1 << 20 }), pages = map.kernel.pagesInAll(map.map)
    for (const block of exhaust(map, 1)) free(map, block)
    const other = map.kernel.join(map.map, 0), away = [map.me, other].map(me => Math.abs(pageOfBlock(map, allocate(map, 1, me)) - pages / 2))
    expect(Math.max(...away), away.join()).toBeLessThan(pages / 8)
  })

  it('are claimed by each worker elsewhere', () => {
    const map = new RawMap(backend, { bytes: 1 << 20 }), others = [1, 2, 3].map(() => map.kernel.join(map.map, 0))
    const pages = [map.me, ...others].map(me => pageOfBlock(map, allocate(map, 1, me)))
    for (const [n, page] of pages.entries()) for (const other of pages.slice(n + 1)) expect(Math.abs(page - other), pages.join()).toBeGreaterThan(8)
  })

  it('that somebody has claimed and not published are left alone while there are others, and taken when there are none', () => {
    const map = new RawMap(backend), first = onlyTogether(map, 6), version = versionIn(pageWord(map, first)) + 1
    map.cells[pageCellOf(map, first)] = claimedWord(version, 3)
    for (const distance of [1, 2]) map.cells[pageCellOf(map, first + distance)] = tailWord(version, distance)
    expect(pageOfBlock(map, allocate(map, runOf(3)))).toBe(first + 3)
    expect(pageStates(map).slice(first, first + 3)).toEqual(['Claimed', 'Tail', 'Tail'])
    expect(pageOfBlock(map, allocate(map, runOf(3)))).toBe(first)
    expect([allocate(map, runOf(3)), pageState(pageWord(map, first))]).toEqual([0, Page.Run])
  })

  it.each(SIZES)('for %s: a worker killed before any of its accesses costs at most what it had in hand', async (_, bytes, pages) => {
    const make = await kernelMaker(backend), left = new Set<number>()
    for (let n = 0, isKilled = true; isKilled; n++) {
      const map = new RawMap(backend), other = new RawMap(backend, {}, map), paused = new Paused(map, make), where = `killed before access ${n}`
      try { isKilled = paused.run(n, () => { allocate(map, bytes) }, () => { throw new Error('killed') }) } catch { /* it was */ }
      if (!isKilled) break
      for (const state of pageStates(map)) if (state === 'Claimed') left.add(n)
      const rest = exhaust(other, bytes)
      // Whoever needs the pages has them: also those that were claimed and never published.
      expect([map.kernel.mostTogether(map.map) < pages, pageStates(map).includes('Claimed')], where).toEqual([true, false])
      for (const block of rest) free(other, block)
      // What it had in hand is a block that nobody names: repair finds it. All else is free again.
      const lost = usedBlocks(other)
      expect([0, 1], where).toContain(lost.length)
      for (const block of lost) free(other, block)
      expect(other.kernel.freeUnits(other.map), where).toBe(unitsForBlocks(other))
    }
    expect(left.size > 0).toBe(pages > 1)
  })

  it.each(SIZES)('for %s: two workers that meet there both get theirs, wherever one is stopped', async (_, bytes, pages) => {
    const make = await kernelMaker(backend)
    for (let n = 0, isPaused = true; isPaused; n++) {
      const map = new RawMap(backend), other = new RawMap(backend, {}, map), paused = new Paused(map, make)
      let mine = 0
      // Where both begin alike: they want the same pages.
      const theirs: number[] = []
      isPaused = paused.run(n, () => { mine = allocate(map, bytes) }, () => { for (let k = 0; k < 3; k++) theirs.push(allocate(other, bytes)) })
      expect([mine, ...theirs].every(block => block !== 0), `stopped before access ${n}`).toBe(true)
      const all = [mine, ...theirs, ...exhaust(other, bytes)]
      expect(usedBlocks(map), `stopped before access ${n}`).toEqual(all.sort((a, b) => a - b))
      expect(map.kernel.mostTogether(map.map), `stopped before access ${n}`).toBeLessThan(pages)
    }
  })

  it.each(SIZES)('for %s: the last ones go to one of two workers that want them, wherever the other is stopped', async (_, bytes) => {
    const make = await kernelMaker(backend)
    for (let n = 0, isPaused = true; isPaused; n++) {
      const map = new RawMap(backend), other = new RawMap(backend, {}, map), paused = new Paused(map, make), blocks = exhaust(other, bytes)
      let mine = 0, theirs = 0
      free(other, blocks[2]!)
      isPaused = paused.run(n, () => { mine = allocate(map, bytes) }, () => { theirs = allocate(other, bytes) })
      const got = [mine, theirs].filter(block => block !== 0)
      expect(got, `stopped before access ${n}`).toEqual([blocks[2]])
      expect(usedBlocks(map).length, `stopped before access ${n}`).toBe(blocks.length)
    }
  })

  it('are as many as the header says', () => {
    const map = new RawMap(backend)
    expect(map.kernel.pagesInAll(map.map)).toBe(low(map.cells[map.map + At.Store]!))
    expect([map.kernel.mostTogether(map.map), map.kernel.freePages(map.map)]).toEqual([pagesForBlocks(map), pagesForBlocks(map)])
  })
})
