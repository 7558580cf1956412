// repair: everything that the map refers to is marked, free blocks included, and what nothing refers to is made free.

import { AREA_CELLS, Area, At, Field, LIST_CLASSES, PARTICIPANT_CLASSES, Table } from '../kernel/layout'
import { ListBits } from '../kernel/words/list'
import { areaIn } from '../kernel/words/participant'
import { CorruptedError } from '../errors'
import type { Attachment } from './attachment'

/** What `repair` found. */
export interface Repaired {
  /** The exact number of entries. */
  readonly entries: number
  /** By how much `size` was wrong before. */
  readonly sizeError: number
  /** Bytes that no table or list referred to: lost by killed workers, free again now. */
  readonly reclaimed: number
}

/** One bit a unit of 16 bytes. */
class Marks {
  private readonly bits: Uint8Array
  constructor(readonly units: number) { this.bits = new Uint8Array(Math.ceil(units / 8)) }
  /** Marks a block. One that lies outside of the map is a contradiction, and is not followed. */
  mark(first: number, units: number): void {
    if (first + units > this.units) throw contradiction(`block ${first} lies outside of the map`)
    for (let u = first; u < first + units; u++) this.bits[u >> 3]! |= 1 << (u & 7)
  }
  has(unit: number): boolean { return (this.bits[unit >> 3]! & 1 << (unit & 7)) !== 0 }
}

/**
 * @internal Brings the map to rest, traces it, frees what was lost, and corrects the size. What is free already stays as
 * it is: blocks that were joined would be too large for small records. A kill in the middle costs nothing.
 */
export function repair(attachment: Attachment): Repaired {
  const { kernel, at, me } = attachment
  checkHeader(attachment)
  if (!kernel.quiesce(at, me)) throw contradiction('a resize could not be brought to its end')
  const before = kernel.size(at), marks = new Marks(kernel.lowAt(at + At.Extent) / 2), entries = markTable(attachment, marks)
  markFree(attachment, marks)
  const lost = reclaimUnmarked(attachment, marks)
  kernel.setSize(at, entries)
  return { entries, sizeError: before - entries, reclaimed: lost * 16 }
}

const contradiction = (what: string): CorruptedError => new CorruptedError(`The words of the map contradict each other: ${what}. Create a new map.`)

/** What all walks rest on: the map's extent, and how far each half was carved. */
function checkHeader({ kernel, at, ints }: Attachment): void {
  if (!kernel.isLaidOut(at, ints.length / 2 - at)) throw contradiction('its extent or its halves cannot be')
  for (let half = 0; half < 2; half++) {
    const carved = kernel.carvedFrom(at, half), first = kernel.lowAt(at + At.Table + half * At.TableStride + Table.Place) / 2
    if (carved < first || carved > kernel.halfEndUnits(at, half)) throw contradiction(`half ${half} cannot be carved from unit ${carved} on`)
  }
}

/** Marks the blocks of every list and cache. */
function markFree(attachment: Attachment, marks: Marks): void {
  const { at } = attachment
  for (let c = 0; c < LIST_CLASSES; c++) markChain(attachment, marks, at + At.Lists + c, c)
  for (let area = 1; area <= attachment.kernel.placesTaken(at); area++) {
    for (let c = 0; c < PARTICIPANT_CLASSES; c++) markChain(attachment, marks, at + area * AREA_CELLS + Area.Caches + c, c)
  }
}

/** Marks one stack of free blocks. A block that is marked already is used, or free twice: then nothing can be believed. */
function markChain({ kernel, at }: Attachment, marks: Marks, head: number, sizeClass: number): void {
  const units = kernel.unitsOf(sizeClass), link = (cell: number): number => kernel.lowAt(cell) & ListBits.Reference
  for (let block = link(head); block !== 0; block = link(at + block * 2 + 1)) {
    if (marks.has(block)) throw contradiction(`block ${block} is free and in use`)
    marks.mark(block, units)
  }
}

/** Marks the blocks of all keys and values; returns the number of entries. */
function markTable({ kernel, at, me, ints }: Attachment, marks: Marks): number {
  const fields = (at + areaIn(me) * AREA_CELLS + Area.Fields) * 2, capacity = kernel.capacityNow(at)
  const markBlock = (block: number): void => { if (block !== 0) marks.mark(block, kernel.unitsOfBlock(at, block)) }
  let entries = 0
  for (let index = 0; index < capacity; index++) {
    if (kernel.traceSlot(at, me, index)) entries++
    markBlock(ints[fields + Field.Payload]!)
    markBlock(ints[fields + Field.FoundPayload]!)
  }
  return entries
}

/** Makes free blocks of every stretch without a mark; returns their units. */
function reclaimUnmarked({ kernel, at }: Attachment, marks: Marks): number {
  let units = 0
  for (let half = 0; half < 2; half++) {
    const end = kernel.halfEndUnits(at, half)
    for (let unit = kernel.carvedFrom(at, half); unit < end;) {
      let to = unit
      while (to < end && !marks.has(to)) to++
      if (to > unit) kernel.reclaim(at, unit, to - unit)
      units += to - unit
      unit = to
      while (unit < end && marks.has(unit)) unit++
    }
  }
  return units
}
