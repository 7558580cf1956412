// Iteration: windows of hashes, each read whole under one root, then given entry by entry.

import type { Codec } from '../codec/codec'
import { type Coder, decodeLong } from '../codec/coder'
import { CorruptedError } from '../errors'
import { Area, Field } from '../kernel/layout'
import { PATIENCE, Status } from '../kernel/read'
import { Tag } from '../kernel/words/key'
import { KEY_ROOM, OUT_ROOM, type Reach } from './reach'

/** Slots of a window: large enough that its ends cost little, small enough to be read between two steps of a resize. */
const WINDOW = 256

/** The order of a table's slots: its hash, and how far a walk in that order has come (2^32: to the end). */
interface Order { keyed: number, seedLow: number, seedHigh: number, reached: number }

/** An entry as it was read, in private copies; decoded when the window is whole, for codecs may use the map themselves. */
interface Entry {
  readonly generation: number, readonly slot: number, readonly high: number, readonly low: number
  readonly key: Part
  /** null where the value was too long for the window: it is read anew when it is given. */
  readonly value: Part | null
}
/** A key or a value: its tag and payload, or its record's type and bytes. */
interface Part { readonly tag: number, readonly payload: number, readonly type: number, readonly bytes: Uint8Array | null }

const sameOrder = (a: Order, b: Order): boolean => a.keyed === b.keyed && (a.keyed === 0 || a.seedLow === b.seedLow && a.seedHigh === b.seedHigh)

/** Walks all entries. When a reseed overtakes it, it starts over in the new order and skips what the old one had passed. */
export function* walkEntries(reach: Reach): Generator<[unknown, unknown]> {
  const passed: Order[] = [], patience = new Patience(reach)
  let order: Order | undefined
  while (order === undefined || order.reached < 2 ** 32) {
    const from: number = order?.reached ?? 0
    patience.turn()
    if (begin(reach, from) === Status.Retry) continue
    const now = orderNow(reach)
    if (order !== undefined && !sameOrder(order, now)) {
      passed.push(order)
      order = now
      continue
    }
    order ??= now
    const end = (reach.ints[reach.fields + Field.ScanTo]! >>> 0) || 2 ** 32
    const entries = reach.guard(() => readWindow(reach, passed))
    if (entries === null) continue
    order.reached = end
    patience.renew()
    for (const entry of entries) {
      const given = refresh(reach, entry)
      if (given !== null) yield given
    }
  }
}

/** Turns that came to nothing although nobody else got ahead: too many are a corrupted buffer. */
class Patience {
  private turns = 0
  private generation = -1
  constructor(private readonly reach: Reach) {}

  renew(): void { this.turns = 0 }

  turn(): void {
    const { kernel, at, me } = this.reach, now = kernel.rootGeneration(at)
    this.turns = kernel.patienceAfter(at, me, this.turns, this.generation, now) + 1
    this.generation = now
    if (this.turns > PATIENCE) throw contradiction()
  }
}

const contradiction = (): CorruptedError =>
  new CorruptedError('A walk met words that contradict each other. Something else has written into the map\'s memory; create a new map.')

function begin(reach: Reach, from: number): Status {
  return reach.guard(() => reach.kernel.scanBegin(reach.at, reach.me, from | 0, WINDOW))
}

function orderNow({ ints, fields }: Reach): Order {
  return { keyed: ints[fields + Field.ScanKeyed]!, seedLow: ints[fields + Field.ScanSeedLow]!, seedHigh: ints[fields + Field.ScanSeedHigh]!, reached: 0 }
}

/** The window's entries, each key once; null if the root moved and the window must be read again. */
function readWindow(reach: Reach, passed: readonly Order[]): Iterable<Entry> | null {
  const { at, me, ints, kernel, fields } = reach, entries = new Map<string, Entry>()
  for (;;) {
    const status = kernel.scanNext(at, me)
    if (status === Status.Absent) return entries.values()
    if (status === Status.Retry) return null
    if (status !== Status.Found) throw contradiction()
    if (wasPassed(reach, passed)) continue
    const entry = readEntry(reach)
    // A long key is read in parts after its slot was checked: it counts only if the root still stands. The check at the window's end
    // would see that too (speed).
    if (kernel.rootGeneration(at) !== ints[fields + Field.ScanGeneration]) return null
    // A key that moves to the successor while the window is read is met twice; the later word is the newer.
    entries.set(contentOf(entry.key), entry)
  }
}

/** Keys are told apart by what is stored of them. */
function contentOf({ tag, payload, type, bytes }: Part): string {
  if (bytes === null) return `${tag}:${payload}`
  let text = `${tag}:${type}:`
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]!)
  return text
}

function wasPassed({ at, me, kernel }: Reach, passed: readonly Order[]): boolean {
  return passed.some(order => kernel.scanHash(at, me, order.keyed, order.seedLow, order.seedHigh) >>> 0 < order.reached)
}

function readEntry({ at, me, bytes, ints, kernel, fields, area }: Reach): Entry {
  const field = (n: number): number => ints[fields + n]!
  const value = field(Field.Tag) !== Tag.Record ? null : bytes.slice(area + Area.Out * 8, area + Area.Out * 8 + Math.min(OUT_ROOM, field(Field.FoundLength)))
  const key = field(Field.Form) !== Tag.Record ? null : new Uint8Array(field(Field.Length))
  for (let from = 0; key !== null && from < key.length; from += KEY_ROOM) {
    if (from > 0) kernel.scanMoreKey(at, me, from / 8)
    key.set(bytes.subarray(area + Area.Key * 8, area + Area.Key * 8 + Math.min(KEY_ROOM, key.length - from)), from)
  }
  return {
    generation: field(Field.ScanGeneration), slot: field(Field.FoundSlot), high: field(Field.FoundHigh), low: field(Field.FoundLow),
    key: { tag: field(Field.Form), payload: field(Field.Payload), type: field(Field.Type), bytes: key },
    value: value !== null && field(Field.FoundLength) > OUT_ROOM ? null : { tag: field(Field.Tag), payload: field(Field.FoundPayload), type: field(Field.FoundType), bytes: value },
  }
}

function decode(coder: Coder, { tag, payload, type, bytes }: Part, codec: Codec<unknown> | undefined): unknown {
  return bytes === null ? coder.decodeInline(tag, payload) : decodeLong(type, bytes, codec)
}

/** The entry as it is now: what was read if its slot has not moved since, otherwise read anew; null if it is gone. */
function refresh(reach: Reach, entry: Entry): [unknown, unknown] | null {
  const { at, coder, keys, values } = reach
  const unchanged = entry.value !== null && reach.guard(() => reach.kernel.isUnchanged(at, entry.generation, entry.slot, entry.high, entry.low))
  const key = decode(coder, entry.key, keys)
  if (unchanged) return [key, decode(coder, entry.value!, values)]
  for (;;) {
    if (reach.find(key) === Status.Absent) return null
    const now = reach.result(true)
    if (typeof now !== 'symbol') return [key, now]
  }
}
