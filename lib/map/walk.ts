// Iteration: windows of hashes, each read whole under one root, then given entry by entry.

import type { Kernel } from '../backend/kernel'
import type { Codec } from '../codec/codec'
import { type Coder, decodeLong } from '../codec/coder'
import { CorruptedError } from '../errors'
import { Area, Field } from '../kernel/layout'
import { PATIENCE, Status } from '../kernel/read'
import { Tag } from '../kernel/words/key'
import type { Attachment } from './attachment'

/** What a walk needs of its map. */
export interface Walk {
  readonly attachment: Attachment
  readonly kernel: () => Kernel
  /** Turns a trap of the kernel into an error that says so. */
  guard<T>(call: () => T): T
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
  const passed: Order[] = [], patience = new Patience(walk)
  let order: Order | undefined
  while (order === undefined || order.reached < 2 ** 32) {
    const from: number = order?.reached ?? 0
    patience.turn()
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
    patience.renew()
    for (const entry of entries) {
      const given = refresh(walk, entry)
      if (given !== null) yield given
    }
  }
}

/** Turns under one root that came to nothing: each honest one is somebody's progress, too many are a corrupted buffer. */
class Patience {
  private turns = 0
  private generation = -1
  constructor(private readonly walk: Walk) {}

  renew(): void { this.turns = 0 }

  turn(): void {
    const now = this.walk.kernel().rootGeneration(this.walk.attachment.at)
    this.turns = now === this.generation ? this.turns + 1 : 0
    this.generation = now
    if (this.turns > PATIENCE) throw contradiction()
  }
}

const contradiction = (): CorruptedError =>
  new CorruptedError('A walk met words that contradict each other. Something else has written into the map\'s memory; create a new map.')

function begin({ attachment, kernel, guard }: Walk, from: number): Status {
  return guard(() => kernel().scanBegin(attachment.at, attachment.me, from | 0, WINDOW))
}

function orderNow({ attachment: { ints }, fields }: Walk): Order {
  return { keyed: ints[fields + Field.ScanKeyed]!, seedLow: ints[fields + Field.ScanSeedLow]!, seedHigh: ints[fields + Field.ScanSeedHigh]!, reached: 0 }
}

/** The window's entries, each key once; null if the root moved and the window must be read again. */
function readWindow(walk: Walk, passed: readonly Order[]): Entry[] | null {
  const { attachment: { at, me }, kernel, guard } = walk, plain = new Map<unknown, Entry>(), byContent = new Map<string, Entry>()
  for (;;) {
    const status = guard(() => kernel().scanNext(at, me))
    if (status === Status.Absent) return [...plain.values(), ...byContent.values()]
    if (status === Status.Retry) return null
    if (status !== Status.Found) throw contradiction()
    if (wasPassed(walk, passed)) continue
    const bytes = readKeyBytes(walk)
    // A long key is read in parts after its slot was checked: it counts only if the root still stands.
    if (kernel().rootGeneration(at) !== walk.attachment.ints[walk.fields + Field.ScanGeneration]) return null
    // A key that moves to the successor while the window is read is met twice; the later word is the newer.
    const entry = readEntry(walk, bytes)
    if (typeof entry.key === 'object' && entry.key !== null) byContent.set(contentOf(bytes!), entry)
    else plain.set(entry.key, entry)
  }
}

/** A key that is an object is told apart by its bytes. */
function contentOf(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]!)
  return text
}

function wasPassed({ attachment: { at, me }, kernel }: Walk, passed: readonly Order[]): boolean {
  return passed.some(order => kernel().scanHash(at, me, order.keyed, order.seedLow, order.seedHigh) >>> 0 < order.reached)
}

function readEntry(walk: Walk, bytes: Uint8Array | null): Entry {
  const { attachment: { ints }, fields, coder, values, area } = walk
  const tag = ints[fields + Field.Tag]!, length = ints[fields + Field.FoundLength]!
  const whole = tag !== Tag.Record || length <= OUT_ROOM
  const value = tag !== Tag.Record ? coder.decodeInline(tag, ints[fields + Field.FoundPayload]!)
    : whole ? coder.decode(ints[fields + Field.FoundType]!, area + Area.Out * 8, length, values) : undefined
  const at = { slot: ints[fields + Field.FoundSlot]!, high: ints[fields + Field.FoundHigh]!, low: ints[fields + Field.FoundLow]! }
  return { ...at, generation: ints[fields + Field.ScanGeneration]!, value, whole, key: decodeKey(walk, bytes) }
}

/** The bytes of a key's record, as a private copy; null for a key without one. */
function readKeyBytes({ attachment: { at, me, bytes, ints }, kernel, guard, fields, area }: Walk): Uint8Array | null {
  if (ints[fields + Field.Form] !== Tag.Record) return null
  const length = ints[fields + Field.Length]!, window = area + Area.Key * 8, key = new Uint8Array(length)
  for (let from = 0; from < length; from += KEY_ROOM) {
    if (from > 0) guard(() => kernel().scanMoreKey(at, me, from / 8))
    key.set(bytes.subarray(window, window + Math.min(KEY_ROOM, length - from)), from)
  }
  return key
}

function decodeKey({ attachment: { ints }, fields, coder, keys }: Walk, bytes: Uint8Array | null): unknown {
  if (bytes === null) return coder.decodeInline(ints[fields + Field.Form]!, ints[fields + Field.Payload]!)
  return decodeLong(ints[fields + Field.Type]!, bytes, keys)
}

/** The entry as it is now: what was read if its slot has not moved since, otherwise read anew; null if it is gone. */
function refresh({ attachment: { at }, kernel, guard, find, result }: Walk, { key, value, whole, slot, high, low, generation }: Entry): [unknown, unknown] | null {
  if (whole && guard(() => kernel().isUnchanged(at, generation, slot, high, low))) return [key, value]
  for (;;) {
    if (!find(key)) return null
    const now = result()
    if (typeof now !== 'symbol') return [key, now]
  }
}
