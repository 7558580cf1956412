// repair: every block that the map refers to is marked, and what nothing refers to is made free.

import { AREA_CELLS, Area, At, Field } from '../kernel/layout'
import { areaIn } from '../kernel/words/participant'
import { CorruptedError } from '../errors'
import type { Attachment } from './attachment'

/** What `repair` found. */
export interface Repaired {
  /** The exact number of entries. */
  readonly entries: number
  /** By how much `size` was wrong before. */
  readonly sizeError: number
  /** Bytes of blocks that nothing referred to, with what rounding takes: lost by killed workers, free again now. */
  readonly reclaimed: number
}

/** One bit a unit of 16 bytes: where the blocks begin that are referred to. */
class Marks {
  private readonly bits: Uint8Array
  constructor(readonly units: number) { this.bits = new Uint8Array(Math.ceil(units / 8)) }
  mark(block: number): void { this.bits[block >> 3]! |= 1 << (block & 7) }
  has(block: number): boolean { return (this.bits[block >> 3]! & 1 << (block & 7)) !== 0 }
}

/**
 * @internal Brings the map to rest, marks the blocks that it refers to, frees the others, and corrects the size. A kill in the
 * middle costs nothing.
 */
export function repair(attachment: Attachment): Repaired {
  const { kernel, at, me } = attachment
  checkHeader(attachment)
  if (!kernel.quiesce(at, me)) throw contradiction('a resize could not be brought to its end')
  const before = kernel.size(at), marks = new Marks(kernel.lowAt(at + At.Extent) / 2), entries = markTable(attachment, marks)
  const lost = freeUnmarked(attachment, marks)
  kernel.setSize(at, entries)
  return { entries, sizeError: before - entries, reclaimed: lost * 16 }
}

const contradiction = (what: string): CorruptedError => new CorruptedError(`The words of the map contradict each other: ${what}. Create a new map.`)

/** What all walks rest on: the map's extent. */
function checkHeader({ kernel, at, ints }: Attachment): void {
  if (!kernel.isLaidOut(at, ints.length / 2 - at)) throw contradiction('its extent or its pages cannot be')
}

/** Marks the blocks of all keys and values; returns the number of entries. */
function markTable({ kernel, at, me, ints }: Attachment, marks: Marks): number {
  const fields = (at + areaIn(me) * AREA_CELLS + Area.Fields) * 2, capacity = kernel.capacityNow(at)
  let entries = 0
  for (let index = 0; index < capacity; index++) {
    if (kernel.traceSlot(at, me, index)) entries++
    for (const block of [ints[fields + Field.Payload]!, ints[fields + Field.FoundPayload]!]) {
      if (block === 0) continue
      if (kernel.unitsOfBlock(at, block) === 0) throw contradiction(`no block begins at ${block}, which a slot refers to`)
      if (kernel.isFreeBlock(at, block)) throw contradiction(`block ${block} is free and in use`)
      if (marks.has(block)) throw contradiction(`two slots refer to block ${block}`)
      marks.mark(block)
    }
  }
  return entries
}

/** Frees every block without a mark; returns their units. */
function freeUnmarked({ kernel, at, me }: Attachment, marks: Marks): number {
  let units = 0
  for (let block = kernel.nextUsed(at, 0); block !== 0; block = kernel.nextUsed(at, block + 1)) {
    if (marks.has(block)) continue
    units += kernel.unitsOfBlock(at, block)
    kernel.freeBlock(at, me, block)
  }
  return units
}
