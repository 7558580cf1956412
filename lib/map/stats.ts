// What a map looks like inside, read at a glance.

import type { MemoryKind } from '../backend/backend'
import { AREA_CELLS, Area, At, Field, HELP_RING, RESIZE_RING, Table } from '../kernel/layout'
import { CLASSES, PAGE_CELLS } from '../kernel/sizes'
import { Log, logAt } from '../kernel/log'
import { CapacityBits } from '../kernel/words/header'
import { ClaimsBits } from '../kernel/words/claims'
import { Participant, areaIn } from '../kernel/words/participant'
import { Successor } from '../kernel/words/successor'
import type { Attachment } from './attachment'
import { areasOf, numberOf, participantAt, placesOf } from './places'

/** One resize: from the moment its new table was installed to the moment that became the root. */
export interface ResizeStats {
  /** The number of the new table. */
  readonly generation: number
  readonly kind: 'grow' | 'clean' | 'shrink' | 'reseed' | 'clear'
  /** Slots of the old and of the new table. */
  readonly from: number
  readonly to: number
  /** Milliseconds; undefined while it runs, or when the worker that ended it was killed before it could tell. */
  readonly duration: number | undefined
  /** How many slots each participant copied, by participant. */
  readonly helped: ReadonlyMap<number, number>
}

/** One worker's place. */
export interface ParticipantStats {
  /** As `reap` takes it. */
  readonly participant: number
  readonly state: 'invited' | 'owned' | 'reaped'
  /** The thread's id where the runtime tells it. */
  readonly thread: number | undefined
  /** Slots this place has copied and swept, and attempts it had to repeat, all in all. */
  readonly copied: number
  readonly swept: number
  readonly retries: number
}

/** What `stats` gives. Bytes are bytes; shares are between 0 and 1. */
export interface Stats {
  readonly entries: number
  /** Slots of the running table. */
  readonly capacity: number
  /** Slots whose key is taken, deleted ones and reservations included. */
  readonly claimed: number
  /** entries / capacity. */
  readonly load: number
  /** Whether the table is found by the keyed hash, after a reseed. */
  readonly keyed: boolean
  /** How far keys lie from home, in slots: over a sample of at most 4,096. */
  readonly probes: { readonly sampled: number, readonly mean: number, readonly max: number }
  /** Number of resizes so far, and the last ones in order. */
  readonly resizes: { readonly count: number, readonly last: readonly ResizeStats[] }
  /** Attempts that had to be repeated, by all participants. */
  readonly retries: number
  readonly memory: {
    /** What the map lies in: a plain buffer is for the JavaScript backend alone. */
    readonly kind: MemoryKind
    /** What the map may use, and what of that is used: `header`, `tables` and `blocks`. `used` and `free` make up `limit`. */
    readonly limit: number
    readonly used: number
    /** What is kept for tables: as much for the next one as for the running one. Records can have what is more than these need. */
    readonly tables: number
    /** Blocks in use, with what rounding to their sizes takes, and what their pages have left over. */
    readonly blocks: number
    /** What is free: whole pages, and free blocks of pages that others use. */
    readonly free: number
    /** How many blocks are free in pages that others use, by a block's bytes. What is more than these in `free` is whole pages. */
    readonly freeBlocks: ReadonlyMap<number, number>
    /** The most free pages that lie side by side: a larger record fits only after others were moved, which a write tries by itself. */
    readonly largest: number
    /** What the map needs for itself, places for workers included. */
    readonly header: number
  }
  /** How many workers can be attached at once. */
  readonly places: number
  /** The places that are in use. */
  readonly participants: readonly ParticipantStats[]
}

const SAMPLE = 4096
/** @internal */
export const PAGE_BYTES = PAGE_CELLS * 8

/** Since 1970. A test runner may give a scope without a precise clock. */
function microseconds(): number {
  const clock = (globalThis as { performance?: Partial<Performance> }).performance
  return Math.round((clock?.timeOrigin === undefined || clock.now === undefined ? Date.now() : clock.timeOrigin + clock.now()) * 1000)
}

/** @internal Notes the times of a resize that the last operation began or ended. */
export function noteResizes({ kernel, at, ints }: Attachment, fields: number): void {
  const started = ints[fields + Field.Started]!, promoted = ints[fields + Field.Promoted]!
  if (started === 0 && promoted === 0) return
  const now = microseconds(), high = Math.floor(now / 2 ** 32), low = now | 0
  if (started !== 0) kernel.logStart(at, started, high, low)
  if (promoted !== 0) kernel.logEnd(at, promoted, high, low)
  ints[fields + Field.Started] = ints[fields + Field.Promoted] = 0
}

/** @internal Reads it all. */
export function readStats(attachment: Attachment, fields: number): Stats {
  noteResizes(attachment, fields)
  const { kernel, at } = attachment, generation = kernel.rootGeneration(at), table = at + At.Table + (generation & 1) * At.TableStride
  const entries = Math.max(0, kernel.size(at)), capacity = kernel.capacityNow(at), participants = readParticipants(attachment)
  return {
    entries, capacity, load: entries / capacity,
    claimed: kernel.lowAt(table + Table.Claims) & ClaimsBits.Count,
    keyed: (kernel.lowAt(table + Table.Capacity) & CapacityBits.Keyed) !== 0,
    probes: sampleProbes(attachment, capacity),
    resizes: { count: (generation - 2) >>> 0, last: readResizes(attachment) },
    retries: participants.reduce((sum, { retries }) => sum + retries, 0),
    memory: readMemory(attachment), places: placesOf(attachment), participants,
  }
}

function sampleProbes({ kernel, at, me }: Attachment, capacity: number): Stats['probes'] {
  const step = Math.max(1, Math.floor(capacity / SAMPLE))
  let sampled = 0, sum = 0, max = 0
  for (let index = 0; index < capacity; index += step) {
    const length = kernel.probeLength(at, me, index)
    if (length < 0) continue
    sampled++
    sum += length
    max = Math.max(max, length)
  }
  return { sampled, mean: sampled === 0 ? 0 : sum / sampled, max }
}

function readMemory(attachment: Attachment): Stats['memory'] {
  const { kernel, at, memory } = attachment
  const limit = kernel.lowAt(at + At.Extent) * 8, pages = kernel.pagesInAll(at) * PAGE_BYTES
  const tables = kernel.zoneSize(at) * 2 * PAGE_BYTES, free = kernel.freeUnits(at) * 16, blocks = pages - free - tables
  const kind = memory.memory === undefined ? 'plain' : 'wasm', header = limit - pages
  return { kind, limit, header, tables, blocks, used: header + tables + blocks, free, freeBlocks: readFree(attachment), largest: kernel.mostTogether(at) * PAGE_BYTES }
}

function readFree({ kernel, at, me, ints }: Attachment): Map<number, number> {
  const out = (at + areaIn(me) * AREA_CELLS + Area.Out) * 2, free = new Map<number, number>()
  kernel.countFree(at, me)
  for (let c = 0; c < CLASSES; c++) if (ints[out + c]! > 0) free.set(kernel.unitsOf(c) * 16, ints[out + c]!)
  return free
}

function readParticipants({ kernel, at }: Attachment): ParticipantStats[] {
  const all: ParticipantStats[] = []
  for (const area of areasOf({ kernel, at })) {
    const participant = participantAt({ kernel, at }, area), cell = at + area * AREA_CELLS
    const state = kernel.ownerState(at, area), thread = kernel.ownerThread(at, area)
    if (participant === 0) continue
    all.push({
      participant, state: state === Participant.Invited ? 'invited' : state === Participant.Owned ? 'owned' : 'reaped',
      thread: thread === 0 ? undefined : thread - 1,
      copied: kernel.lowAt(cell + Area.Copied), swept: kernel.lowAt(cell + Area.Swept), retries: kernel.lowAt(cell + Area.Retries),
    })
  }
  return all
}

function readResizes(attachment: Attachment): ResizeStats[] {
  const { kernel, at } = attachment, newest = kernel.rootGeneration(at) + 1, all: ResizeStats[] = []
  for (let generation = newest - RESIZE_RING + 1; generation <= newest; generation++) {
    const entry = logAt(at, generation)
    if (generation > 2 && kernel.highAt(entry + Log.Head) === generation) all.push(readResize(attachment, generation, entry))
  }
  return all
}

function readResize(attachment: Attachment, generation: number, entry: number): ResizeStats {
  const { kernel } = attachment, time = (cell: number): number => kernel.highAt(cell) * 2 ** 32 + (kernel.lowAt(cell) >>> 0)
  const flags = kernel.lowAt(entry + Log.Slots), from = kernel.highAt(entry + Log.Slots) & CapacityBits.Slots, to = flags & CapacityBits.Slots
  const start = time(entry + Log.Start), end = time(entry + Log.End)
  const kind: ResizeStats['kind'] = kernel.lowAt(entry + Log.Head) === Successor.Clear ? 'clear' : (flags & CapacityBits.Fresh) !== 0 ? 'reseed'
    : to > from ? 'grow' : to < from ? 'shrink' : 'clean'
  return { generation, kind, from, to, duration: end === 0 ? undefined : (end - start) / 1000, helped: readHelp(attachment, generation - 1) }
}

function readHelp({ kernel, at }: Attachment, generation: number): Map<number, number> {
  const helped = new Map<number, number>()
  for (const area of areasOf({ kernel, at })) {
    const cell = at + area * AREA_CELLS + Area.HelpRing + (generation & HELP_RING - 1)
    // Also of one that has left meanwhile.
    if (kernel.highAt(cell) === generation) helped.set(numberOf(area, kernel.highAt(at + area * AREA_CELLS + Area.Owner)), kernel.lowAt(cell))
  }
  return helped
}
