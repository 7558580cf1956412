import { describe, expect, it } from 'vitest'
import {
  AREA_CELLS, Area, At, Field, HELP_RING, LIST_CLASSES, PARTICIPANT_CLASSES, RESIZE_RING, Table, areaAt, frontierAt, regionAt, tableAt,
} from '../../lib/kernel/layout'
import { BACKENDS, RawMap } from '../support/kernels'
import { headerWord, slotCell } from '../support/tables'
import { high } from '../../lib/kernel/memory'

type Stretch = readonly [name: string, from: number, cells: number]

const HEADER: readonly Stretch[] = [
  ['magic to identity', At.Magic, 5], ['root to seed', At.Root, 4], ['tables', At.Table, 2 * At.TableStride], ['frontiers', At.Frontier, 2 * At.FrontierStride],
  ['shared stripe', At.SharedStripe, 1], ['places', At.Places, 1], ['lists', At.Lists, LIST_CLASSES], ['resize log', At.ResizeLog, RESIZE_RING * At.ResizeLogStride],
]
const AREA: readonly Stretch[] = [
  ['owner and life', Area.Owner, 2], ['stripe to swept', Area.Stripe, 4], ['help ring', Area.HelpRing, HELP_RING], ['caches', Area.Caches, PARTICIPANT_CLASSES],
  ['fields', Area.Fields, (Field.ScanSeedHigh + 2) >> 1], ['key', Area.Key, Area.KeyCells], ['expected', Area.Expected, Area.ExpectedCells],
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
    const lines = [At.Root, At.Table, At.TableStride, At.Frontier, At.FrontierStride, At.SharedStripe, At.Places, At.Lists, At.ResizeLog, AREA_CELLS]
    for (const cell of lines) expect(cell % 8, `${cell}`).toBe(0)
    expect([Table.Claims % 8, Table.Cursor % 8, Area.Owner % 8, Area.Stripe % 8, Area.Caches % 8, Area.Fields % 8]).toEqual([0, 0, 0, 0, 0, 0])
    expect([Table.SeedHigh < 8, Table.Place < 8, Table.Claims >= 8, Table.Cursor >= 16, Table.SweepCursor < At.TableStride]).toEqual([true, true, true, true, true])
  })

  it('puts a generation in the half of its last bit', () => {
    expect([tableAt(100, 6), tableAt(100, 7), regionAt(100, 6), regionAt(100, 7)]).toEqual([116, 140, 109, 110])
    expect([frontierAt(0, 0), frontierAt(0, 1), areaAt(100, 2)]).toEqual([64, 72, 100 + 2048])
  })

  it('keeps the fields of different operations apart', () => {
    const fields = [Field.Form, Field.Payload, Field.Mask, Field.Hash, Field.Length, Field.Type, Field.Place]
    expect([Math.max(...fields) < Field.Carried, Field.Carried + 7 < Field.Expect]).toEqual([true, true])
  })
})

describe.each(BACKENDS)('the halves, %s', backend => {
  it.each([0, 1, 4, 8])('lie behind the areas, one after the other, slots on even cells, chunks of 2^%i slots', shift => {
    const map = new RawMap(backend, { shift, places: 3 })
    const starts = [0, 1].map(half => high(headerWord(map, half, Table.Place))), slots = [0, 1].map(half => slotCell(map, half, 0))
    const ends = [0, 1].map(half => map.kernel.halfEndUnits(map.map, half) * 2)
    expect(starts).toEqual([4 * AREA_CELLS, ends[0]])
    expect(ends[1]).toBe(map.cells.length)
    for (const n of [0, 1]) {
      expect([starts[n]! % 8, slots[n]! % 2, slots[n]! > starts[n]!, ends[n]! > slots[n]!]).toEqual([0, 0, true, true])
      expect((slots[n]! - starts[n]!) << shift, 'a done-word for every chunk').toBeGreaterThanOrEqual((ends[n]! - slots[n]!) >> 1)
    }
  })
})
