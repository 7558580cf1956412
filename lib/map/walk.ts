// Iteration: windows of hashes, each read whole under one root, then given entry by entry.

import type { Kernel } from '../backend/kernel'
import type { Codec } from '../codec/codec'
import { type Coder, decodeLong } from '../codec/coder'
import { CorruptedError } from '../errors'
import { Area, Field } from '../kernel/layout'
import { Status } from '../kernel/read'
import { Tag } from '../kernel/words/key'
import type { Attachment } from './attachment'

/** What a walk needs of its map. */
export interface Walk {
  readonly attachment: Attachment
  readonly kernel: () => Kernel
  readonly fields: number
  readonly area: number
  readonly coder: Coder
  readonly keys: Codec<unknown> | undefined
  readonly values: Codec<unknown> | undefined
  find(key: unknown): boolean
  result(): unknown
  get(key: unknown): unknown
}

/** Slots of a window: large enough that its ends cost little, small enough to be read between two steps of a resize. */
const WINDOW = 256
const KEY_ROOM = Area.KeyCells * 8
const OUT_ROOM = Area.OutCells * 8

/** The order of a table's slots: its hash, and how far a walk in that order has come (2^32: to the end). */
interface Order { keyed: number, seedLow: number, seedHigh: number, reached: number }

interface Entry { key: unknown, value: unknown, whole: boolean, slot: number, high: number, low: number, generation: number }

const sameOrder = (a: Order, b: Order): boolean => a.keyed === b.keyed && (a.keyed === 0 || a.seedLow === b.seedLow && a.seedHigh === b.seedHigh)

/** Walks all entries. When a reseed overtakes it, it starts over in the new order and skips what the old one had passed. */
export function* walkEntries(walk: Walk): Generator<[unknown, unknown]> {
  const passed: Order[] = []
  let order: Order | undefined
  while (order === undefined || order.reached < 2 ** 32) {
    const from: number = order?.reached ?? 0
    if (begin(walk, from) === Status.Retry) continue
    const now = orderNow(walk)
    if (order !== undefined && !sameOrder(order, now)) {
      passed.push(order)
      order = now
      continue
    }
    order ??= now
    const end = (walk.attachment.ints[walk.fields + Field.ScanTo]! >>> 0) || 2 ** 32
    const entries = readWindow(walk, passed)
    if (entries === null) continue
    order.reached = end
    for (const entry of entries) {
      const given = refresh(walk, entry)
      if (given !== null) yield given
    }
  }
}

function begin({ attachment, kernel }: Walk, from: number): Status {
  return kernel().scanBegin(attachment.at, attachment.me, from | 0, WINDOW)
}

function orderNow({ attachment: { ints }, fields }: Walk): Order {
  return { keyed: ints[fields + Field.ScanKeyed]!, seedLow: ints[fields + Field.ScanSeedLow]!, seedHigh: ints[fields + Field.ScanSeedHigh]!, reached: 0 }
}

/** The window's entries, each key once; null if the root moved and the window must be read again. */
function readWindow(walk: Walk, passed: readonly Order[]): Iterable<Entry> | null {
  const { attachment: { at, me }, kernel } = walk, entries = new Map<unknown, Entry>()
  for (;;) {
    const status = kernel().scanNext(at, me)
    if (status === Status.Absent) return entries.values()
    if (status === Status.Retry) return null
    if (status !== Status.Found) throw new CorruptedError('A walk met words that contradict each other. Something else has written into the map\'s memory; create a new map.')
    if (wasPassed(walk, passed)) continue
    // A key that moves to the successor while the window is read is met twice; the later word is the newer.
    const entry = readEntry(walk)
    entries.set(entry.key instanceof Uint8Array || typeof entry.key === 'object' ? contentOf(walk) : entry.key, entry)
  }
}

function wasPassed({ attachment: { at, me }, kernel }: Walk, passed: readonly Order[]): boolean {
  return passed.some(order => kernel().scanHash(at, me, order.keyed, order.seedLow, order.seedHigh) >>> 0 < order.reached)
}

/** A key that is an object is told apart by its bytes. */
function contentOf({ attachment: { bytes, ints }, fields, area }: Walk): string {
  const length = ints[fields + Field.Length]!
  return `\0${ints[fields + Field.Payload]}:${String.fromCharCode(...bytes.subarray(area + Area.Key * 8, area + Area.Key * 8 + Math.min(length, 256)))}`
}

function readEntry(walk: Walk): Entry {
  const { attachment: { ints }, fields, coder, values, area } = walk
  const tag = ints[fields + Field.Tag]!, length = ints[fields + Field.FoundLength]!
  const whole = tag !== Tag.Record || length <= OUT_ROOM
  const value = tag !== Tag.Record ? coder.decodeInline(tag, ints[fields + Field.FoundPayload]!)
    : whole ? coder.decode(ints[fields + Field.FoundType]!, area + Area.Out * 8, length, values) : undefined
  const at = { slot: ints[fields + Field.FoundSlot]!, high: ints[fields + Field.FoundHigh]!, low: ints[fields + Field.FoundLow]! }
  return { ...at, generation: ints[fields + Field.ScanGeneration]!, value, whole, key: readKey(walk) }
}

function readKey({ attachment: { at, me, bytes, ints }, kernel, fields, coder, keys, area }: Walk): unknown {
  const tag = ints[fields + Field.Form]!
  if (tag !== Tag.Record) return coder.decodeInline(tag, ints[fields + Field.Payload]!)
  const length = ints[fields + Field.Length]!, window = area + Area.Key * 8, type = ints[fields + Field.Type]!
  if (length <= KEY_ROOM) return coder.decode(type, window, length, keys)
  const long = new Uint8Array(length)
  for (let from = 0; from < length; from += KEY_ROOM) {
    if (from > 0) kernel().scanMoreKey(at, me, from / 8)
    long.set(bytes.subarray(window, window + Math.min(KEY_ROOM, length - from)), from)
  }
  return decodeLong(type, long, keys)
}

/** The entry as it is now: what was read if its slot has not moved since, otherwise read anew; null if it is gone. */
function refresh({ attachment: { at }, kernel, find, result }: Walk, { key, value, whole, slot, high, low, generation }: Entry): [unknown, unknown] | null {
  if (whole && kernel().isUnchanged(at, generation, slot, high, low)) return [key, value]
  for (;;) {
    if (!find(key)) return null
    const now = result()
    if (typeof now !== 'symbol') return [key, now]
  }
}
