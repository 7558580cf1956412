import { describe, expect, it } from 'vitest'
import {
  AREA_CELLS, Area, At, Field, HASH_KEYS, HELP_RING, Hint, RESIZE_RING, Table, areaAt, regionAt, tableAt,
} from '../../lib/kernel/layout'
import { CLASSES, PAGE_CELLS } from '../../lib/kernel/sizes'
import { BACKENDS, RawMap } from '../support/kernels'
import { fill, headerWord, pageCellOf, quiesce, slotCell, slotsIn, unitOfPage } from '../support/tables'
import { high, low } from '../../lib/kernel/memory'

type Stretch = readonly [name: string, from: number, cells: number]

const HEADER: readonly Stretch[] = [
  ['magic to identity', At.Magic, 5], ['root to ground', At.Root, 6], ['tables', At.Table, 2 * At.TableStride], ['zone', At.Zone, 1], ['floor', At.Floor, 1],
  ['shared stripe', At.SharedStripe, 1], ['places', At.Places, 1], ['resize log', At.ResizeLog, RESIZE_RING * At.ResizeLogStride],
  ['hash keys', At.HashKeys, HASH_KEYS],
]
const AREA: readonly Stretch[] = [
  ['owner and life', Area.Owner, 2], ['stripe to freed', Area.Stripe, 5], ['help ring', Area.HelpRing, HELP_RING], ['hints', Area.Hints, Hint.Down + 2 >> 1],
  ['fields', Area.Fields, Field.Facts + 10 >> 1], ['key', Area.Key, Area.KeyCells], ['expected', Area.Expected, Area.ExpectedCells],
  ['next', Area.Next, Area.NextCells], ['out', Area.Out, Area.OutCells],
]

/** The stretches follow each other without overlap, within `cells`. */
function expectApart(stretches: readonly Stretch[], cells: number): void {
  let end = 0
  for (const [name, from, length] of stretches) { expect(from, name).toBeGreaterThanOrEqual(end); end = from + length }
  expect(end).toBeLessThanOrEqual(cells)
}

describe('the layout', () => {
  it('keeps the parts of the header apart', () => expectApart(HEADER, AREA_CELLS))
  it('keeps the parts of an area apart', () => expectApart(AREA, AREA_CELLS))

  it('keeps on different cache lines what different workers change', () => {
    const lines = [At.Root, At.Table, At.TableStride, At.Zone, At.Floor, At.SharedStripe, At.Places, At.ResizeLog, AREA_CELLS]
    for (const cell of lines) expect(cell % 8, `${cell}`).toBe(0)
    expect([Table.Claims % 8, Table.Cursor % 8, Area.Owner % 8, Area.Stripe % 8, Area.Hints % 8, Area.Fields % 8]).toEqual([0, 0, 0, 0, 0, 0])
    expect([Table.SeedHigh < 8, Table.Floor < 8, Table.Claims >= 8, Table.Cursor >= 16, Table.SweepCursor < At.TableStride]).toEqual([true, true, true, true, true])
  })

  it('puts a generation in the half of its last bit', () => {
    expect([tableAt(100, 6), tableAt(100, 7), regionAt(100, 6), regionAt(100, 7)]).toEqual([116, 140, 109, 110])
    expect(areaAt(100, 2)).toBe(100 + 2048)
  })

  it('has a hint for each class before the others', () => { expect([CLASSES <= Hint.Group, Hint.Failed > Hint.Group]).toEqual([true, true]) })

  it('keeps the fields of different operations apart', () => {
    const fields = [Field.Form, Field.Payload, Field.Mask, Field.Hash, Field.Length, Field.Type, Field.Place]
    expect([Math.max(...fields) < Field.Carried, Field.Carried + 7 < Field.Expect]).toEqual([true, true])
  })
})

describe.each(BACKENDS)('what lies behind the areas, %s', backend => {
  it.each([0, 1, 4, 8])('is done-words of both halves, page words, and pages up to the end, for chunks of 2^%i slots', shift => {
    const map = new RawMap(backend, { shift, places: 3 }), pages = map.kernel.pagesInAll(map.map)
    const done = [0, 1].map(half => high(headerWord(map, half, Table.Place))) as [number, number], words = pageCellOf(map, 0), ground = unitOfPage(map, 0) * 2
    expect([done[0], done[1] % 8, words, ground % 8]).toEqual([4 * AREA_CELLS, 0, done[1] + (done[1] - done[0]), 0])
    expect([ground - words >= pages, ground - words < pages + 8]).toEqual([true, true])
    const left = map.cells.length - ground - pages * PAGE_CELLS
    expect([left >= 0, left < PAGE_CELLS + 16]).toEqual([true, true])
    // A table of half the pages has a done-word for every chunk, if chunks are not of one slot or two.
    if (shift > 1) expect(done[1] - done[0] << shift).toBeGreaterThanOrEqual((pages >> 1) * 64)
    expect(map.kernel.mostSlots(map.map)).toBe(Math.min(done[1] - done[0] << shift, (pages >> 1) * 64))
  })

  it('has the tables of even generations from the first page on, and those of odd ones up to the end of the last', () => {
    const map = new RawMap(backend), seen = new Set<number>()
    for (let n = 0; n < 300; n++) {
      fill(map, [n])
      quiesce(map)
      const { generation } = map, pages = map.kernel.pagesInAll(map.map)
      const first = slotCell(map, generation, 0), last = slotCell(map, generation, slotsIn(map, generation) - 1)
      expect(generation % 2 === 0 ? first : last + 2).toBe(unitOfPage(map, generation % 2 === 0 ? 0 : pages) * 2)
      seen.add(generation)
    }
    expect(seen.size).toBeGreaterThan(4)
    const ends = [0, map.kernel.pagesInAll(map.map)].map(page => unitOfPage(map, page) * 2)
    expect([low(headerWord(map, 0, Table.Place)), low(headerWord(map, 1, Table.Place))]).toEqual(ends)
  })
})
