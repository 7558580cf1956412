// repair: everything that the map refers to is marked, and what nothing refers to is made free.

import { AREA_CELLS, Area, At, Field, GUESTS } from '../kernel/layout'
import { CorruptedError } from '../errors'
import type { Attachment } from './attachment'

/** What `repair` found. */
export interface Repaired {
  /** The exact number of entries. */
  readonly entries: number
  /** By how much `size` was wrong before. */
  readonly sizeError: number
  /** Bytes that no table, list or guest referred to: lost by killed workers, free again now. */
  readonly reclaimed: number
}

/** One bit a unit of 16 bytes. */
class Marks {
  private readonly bits: Uint8Array
  constructor(units: number) { this.bits = new Uint8Array(Math.ceil(units / 8)) }
  mark(first: number, units: number): void { for (let u = first; u < first + units; u++) this.bits[u >> 3]! |= 1 << (u & 7) }
  has(unit: number): boolean { return (this.bits[unit >> 3]! & 1 << (unit & 7)) !== 0 }
}

/** @internal Brings the map to rest, traces it, and rebuilds the free lists and the size. */
export function repair(attachment: Attachment): Repaired {
  const { kernel, at, me } = attachment
  if (!kernel.quiesce(at, me)) throw new CorruptedError('A resize could not be brought to its end: the words of the map contradict each other. Create a new map.')
  const before = kernel.size(at), free = kernel.freeUnits(at)
  const marks = new Marks(kernel.lowAt(at + At.Extent) / 2), entries = markTable(attachment, marks)
  markGuests(attachment, marks)
  kernel.dropLists(at)
  const unmarked = reclaimUnmarked(attachment, marks)
  kernel.setSize(at, entries)
  return { entries, sizeError: before - entries, reclaimed: Math.max(0, unmarked - free) * 16 }
}

/** Marks the blocks of all keys and values; returns the number of entries. */
function markTable({ kernel, at, me, ints }: Attachment, marks: Marks): number {
  const fields = (at + (me >>> 12) * AREA_CELLS + Area.Fields) * 2, capacity = kernel.capacityNow(at)
  const markBlock = (block: number): void => { if (block !== 0) marks.mark(block, kernel.unitsOfBlock(at, block)) }
  let entries = 0
  for (let index = 0; index < capacity; index++) {
    if (kernel.traceSlot(at, me, index)) entries++
    markBlock(ints[fields + Field.Payload]!)
    markBlock(ints[fields + Field.FoundPayload]!)
  }
  return entries
}

function markGuests({ kernel, at }: Attachment, marks: Marks): void {
  for (let n = 0; n < GUESTS; n++) {
    const block = kernel.guestBlock(at, n)
    if (block !== 0) marks.mark(block, kernel.unitsOfBlock(at, block))
  }
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
