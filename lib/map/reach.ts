// How a map's methods reach the kernel: keys and values go into this worker's windows, one call is made, and what it found
// comes out of them.
//
// No code of the program's runs between the first write to a window and the last read of one: it could use the map itself.

import type { Kernel } from '../backend/kernel'
import type { Codec } from '../codec/codec'
import { Coder, decodeLong, ownOf, prepareKey, prepareValue, runsCode } from '../codec/coder'
import { CorruptedError, DetachedError, EncodingError, OutOfMemoryError, isOurs, isOutOfStack } from '../errors'
import { RECOVERIES } from '../kernel/recover'
import { MAX_BYTES } from '../kernel/sizes'
import { AREA_CELLS, Area, Field } from '../kernel/layout'
import { Expect } from '../kernel/write'
import { Need } from '../kernel/pieces'
import { Sentinel, Status } from '../kernel/read'
import { Tag } from '../kernel/words/key'
import { areaIn } from '../kernel/words/participant'
import { type Attachment, release, share } from './attachment'
import { isInteger } from './integers'
import { noteResizes } from './stats'
import { NOTHING, refuseToken } from './tokens'

/** Bytes of the windows through which keys and values pass to the kernel. A longer key passes in pieces, a longer value through a
 *  block of its own. */
export const KEY_ROOM = Area.KeyCells * 8
const NEXT_ROOM = Area.NextCells * 8
const EXPECTED_ROOM = Area.ExpectedCells * 8
export const OUT_ROOM = Area.OutCells * 8

/** A value that had to be read again. */
export const RETRY = Symbol('retry')

/** What the kernel is after `detach`: any use of it is an error. */
export const DETACHED = new Proxy({}, { get() { throw new DetachedError() } }) as Kernel

/** One attached map's way to the kernel. */
export class Reach {
  /** `DETACHED` after `detach`. */
  kernel: Kernel
  readonly at: number
  readonly me: number
  readonly ints: Int32Array
  readonly bytes: Uint8Array
  readonly coder: Coder
  /** Whether integer keys, and integer pairs, are held in the slots themselves: no codecs. */
  readonly plainKeys: boolean
  readonly plain: boolean
  /** Index of the operation's first field among the 32-bit integers of the buffer. */
  readonly fields: number
  /** The byte where this worker's area begins. */
  readonly area: number
  /** Blocks that hold what no window could take, until the call that they are for has returned. */
  private readonly staged: number[] = []

  constructor(readonly attachment: Attachment, readonly keys: Codec<unknown> | undefined, readonly values: Codec<unknown> | undefined) {
    this.kernel = attachment.kernel
    this.at = attachment.at
    this.me = attachment.me
    this.ints = attachment.ints
    this.bytes = attachment.bytes
    this.coder = new Coder(attachment.bytes, attachment.ints)
    this.plainKeys = keys === undefined
    this.plain = this.plainKeys && values === undefined
    const area = attachment.at + areaIn(attachment.me) * AREA_CELLS
    this.area = area * 8
    this.fields = (area + Area.Fields) * 2
  }

  /** The kernel, while this map is attached. After `detach` the area is somebody else's: nothing may be written there. */
  attached(): Kernel {
    if (this.kernel === DETACHED) throw new DetachedError()
    return this.kernel
  }

  /** Another thread may get to know the map. */
  share(): void { if (this.kernel !== DETACHED) share(this, this.attachment) }

  detach(): void {
    if (this.kernel === DETACHED) return
    this.kernel = DETACHED
    release(this, this.attachment)
  }

  /** Turns a trap of the kernel, which only a corrupted buffer can cause, into an error that says so. */
  guard<T>(call: () => T): T {
    this.attached()
    try {
      return call()
    } catch (error) {
      throw explained(error)
    }
  }

  // --- reading. The short ways have `guard` written out: a closure would cost more than they do.

  /** The value of a key, or undefined. */
  get(key: unknown): unknown {
    if (this.plainKeys) {
      if (typeof key === 'string') return this.getText(key)
      if (isInteger(key)) return this.getInteger(key)
    }
    return this.read(key)
  }

  private getText(key: string): unknown {
    const coder = this.coder, kernel = this.attached()
    coder.text(key, this.area + Area.Key * 8, KEY_ROOM)
    if (coder.long !== null) return this.read(key)
    let status: Status
    try { status = kernel.getBytes(this.at, this.me, coder.length, coder.type) } catch (error) { throw explained(error) }
    return this.answer(status, key)
  }

  private getInteger(key: number): unknown {
    const kernel = this.attached()
    let status: Status
    try { status = kernel.getPayload(this.at, this.me, Tag.Integer, key) } catch (error) { throw explained(error) }
    return this.answer(status, key)
  }

  /** What a short way has found. Anything out of the ordinary is left to `read`. */
  private answer(status: Status, key: unknown): unknown {
    if (status === Status.Absent) return undefined
    if (status !== Status.Found) return this.read(key)
    if (this.ints[this.fields + Field.Tag] === Tag.Integer) return this.ints[this.fields + Field.FoundPayload]
    const value = this.result(true)
    return value === RETRY ? this.read(key) : value
  }

  /** `get` of any key, as often as it takes. */
  private read(key: unknown): unknown {
    for (;;) {
      if (this.find(key) === Status.Absent) return undefined
      const value = this.result(true)
      if (value !== RETRY) return value
    }
  }

  /** Looks for a key: Found, with its value described in the fields, or Absent. */
  find(key: unknown): Status {
    const prepared = prepareKey(key, this.keys)
    let status: Status
    this.attached()
    try { status = this.getPrepared(prepared) } catch (error) { throw explained(error) }
    if (status !== Status.Found && status !== Status.Absent) this.fail(status, 'get')
    return status
  }

  private getPrepared(key: unknown): Status {
    const { kernel, coder, at, me } = this
    try {
      coder.encode(key, this.area + Area.Key * 8, KEY_ROOM)
      if (coder.tag !== Tag.Record) return kernel.getPayload(at, me, coder.tag, coder.payload)
      const { long } = coder
      if (long === null) return kernel.getBytes(at, me, coder.length, coder.type)
      this.seekLong(long)
      return this.showing(long, () => kernel.get(at, me))
    } finally {
      this.freeStaged()
    }
  }

  /** Whether the fields describe a value. */
  get hasFound(): boolean { return this.ints[this.fields + Field.Tag] !== Tag.None }

  // --- writing

  /** add to the integer of a key: the sum, or `Other` where the key does not fit its window or the long way must be taken. */
  addText(key: string, delta: number): number {
    const coder = this.coder, kernel = this.attached()
    coder.text(key, this.area + Area.Key * 8, KEY_ROOM)
    if (coder.long !== null) return Sentinel.Other
    try { return kernel.addBytes(this.at, this.me, coder.length, coder.type, delta) } catch (error) { throw explained(error) }
  }

  /** putIfMatch. Whether it was written; what was found is described in the fields when `wantsPrevious`. */
  write(key: unknown, expect: Expect, expected: unknown, next: unknown, wantsPrevious: boolean): boolean {
    if (typeof next === 'symbol') refuseToken(next)
    const { keys, values } = this
    if (keys !== undefined || runsCode(next, values) || runsCode(expected, values)) {
      // Code of the program's, while it encodes one operand, could change the bytes that another one is.
      if (keys === undefined) key = ownOf(key)
      if (values === undefined) {
        next = ownOf(next)
        expected = ownOf(expected)
      }
    }
    const preparedKey = prepareKey(key, keys), preparedNext = next === NOTHING ? NOTHING : prepareValue(next, values)
    return this.writePrepared(preparedKey, expect, expect === Expect.Equal ? prepareValue(expected, values) : undefined, preparedNext, wantsPrevious)
  }

  private writePrepared(key: unknown, expect: Expect, expected: unknown, next: unknown, wantsPrevious: boolean): boolean {
    let status: Status
    this.attached()
    try { status = this.putPrepared(key, expect, expected, next, wantsPrevious) } catch (error) { throw explained(error) }
    this.noteResizes()
    if (status === Status.Written) return true
    return status === Status.Refused ? false : this.fail(status, 'A write')
  }

  private putPrepared(key: unknown, expect: Expect, expected: unknown, next: unknown, wantsPrevious: boolean): Status {
    const { ints, fields } = this
    try {
      this.encodeNext(next)
      if (expect === Expect.Equal) this.encodeExpected(expected)
      ints[fields + Field.Expect] = expect
      ints[fields + Field.WantsPrevious] = wantsPrevious ? 1 : 0
      this.coder.encode(key, this.area + Area.Key * 8, KEY_ROOM)
      return this.putEncoded()
    } finally {
      this.freeStaged()
    }
  }

  private putEncoded(): Status {
    const { kernel, coder, at, me } = this, { long } = coder
    if (coder.tag === Tag.Record && long !== null) this.seekLong(long)
    // From here on what was staged for the next value is the kernel's: it publishes it, or gives it back.
    this.handOver(this.ints[this.fields + Field.NextRecord]!)
    if (coder.tag !== Tag.Record) return kernel.putPayload(at, me, coder.tag, coder.payload)
    if (long === null) return kernel.putBytes(at, me, coder.length, coder.type)
    try {
      return this.showing(long, () => kernel.putIfMatch(at, me))
    } catch (error) {
      // After a trap nothing in the fields is to be believed.
      if (isOurs(error)) kernel.giveBackUnused(at, me)
      throw error
    }
  }

  private handOver(block: number): void {
    if (block !== 0) this.staged.splice(this.staged.indexOf(block), 1)
  }

  private encodeNext(next: unknown): void {
    const { ints, fields, coder } = this
    ints[fields + Field.NextRecord] = 0
    if (next === NOTHING) {
      ints[fields + Field.NextTag] = Tag.None
      return
    }
    coder.encode(next, this.area + Area.Next * 8, NEXT_ROOM)
    ints[fields + Field.NextTag] = coder.tag
    ints[fields + Field.NextPayload] = coder.payload
    ints[fields + Field.NextLength] = coder.length
    ints[fields + Field.NextType] = coder.type
    if (coder.tag === Tag.Record && coder.long !== null) ints[fields + Field.NextRecord] = this.stage(coder.long)
  }

  private encodeExpected(expected: unknown): void {
    const { ints, fields, coder } = this
    coder.encode(expected, this.area + Area.Expected * 8, EXPECTED_ROOM)
    ints[fields + Field.ExpectTag] = coder.tag
    ints[fields + Field.ExpectPayload] = coder.payload
    ints[fields + Field.ExpectLength] = coder.length
    ints[fields + Field.ExpectType] = coder.type
    if (coder.tag === Tag.Record) ints[fields + Field.ExpectPlace] = coder.long === null ? this.area / 8 + Area.Expected : this.placeOf(this.stage(coder.long))
  }

  // --- what no window can take

  /** Bytes in a block that only we know, by way of the `Key` window. Whoever swaps it in publishes it; `freeStaged` frees it if nobody does. */
  private stage(bytes: Uint8Array, hash = 0): number {
    const { type, length } = this.coder, stage = (): number => this.kernel.stageRecord(this.at, this.me, length, type)
    if (length > MAX_BYTES) {
      throw new EncodingError(`A key or value is ${length} bytes long`, `A record has at most ${MAX_BYTES} (1 GiB): store it in parts.`)
    }
    let block = stage()
    for (let n = 0; block === 0 && n < RECOVERIES && this.kernel.recover(this.at, this.me); n++) block = stage()
    if (block === 0) throw new OutOfMemoryError(`A record of ${length} bytes`)
    this.staged.push(block)
    this.eachPiece(bytes, from => { this.kernel.stageMore(this.at, this.me, block, from) })
    this.kernel.finishRecord(this.at, block, hash)
    return block
  }

  /** The cell where a staged block's bytes begin. */
  private placeOf(block: number): number { return this.at + block * 2 + 2 }

  // --- keys that no window can take: they are shown to the kernel in pieces, so that to look for one takes no memory

  private seekLong(bytes: Uint8Array): void {
    const { kernel, at, me, coder: { length, type } } = this
    this.eachPiece(bytes, from => { kernel.hashPiece(at, me, this.area / 8 + Area.Key, from, length, type) })
    kernel.seekPieces(at, me, length, type)
  }

  /** Puts one piece of a key after the other into the window, and calls `use` with its first cell. */
  private eachPiece(bytes: Uint8Array, use: (from: number) => void): void {
    const window = this.area + Area.Key * 8
    for (let from = 0; from < bytes.length; from += KEY_ROOM) {
      const piece = bytes.subarray(from, from + KEY_ROOM)
      // What the last cell has left over is zero, as in a record.
      this.bytes.fill(0, window + (piece.length - 1 & ~7), window + (piece.length + 7 & ~7))
      this.bytes.set(piece, window)
      use(from / 8)
    }
  }

  /** Calls the kernel until it need see no more of the key. */
  private showing(key: Uint8Array, call: () => Status): Status {
    for (;;) {
      const status = call()
      if (status !== Status.Unsure) return status
      this.show(key, this.ints[this.fields + Field.Need]!)
    }
  }

  private show(key: Uint8Array, need: Need): void {
    const { kernel, at, me } = this
    if (need === Need.Record) {
      const record = this.stage(key, this.ints[this.fields + Field.Hash]!)
      this.handOver(record)
      this.ints[this.fields + Field.KeyRecord] = record
    } else if (need === Need.Hash) {
      this.eachPiece(key, from => { kernel.keyPiece(at, me, from) })
      kernel.keyEnd(at, me)
    } else {
      let same = true
      this.eachPiece(key, from => { same &&= Boolean(kernel.samePiece(at, me, from)) })
      kernel.judge(at, me, same)
    }
  }

  private freeStaged(): void {
    while (this.staged.length > 0) this.kernel.freeBlock(this.at, this.me, this.staged.pop()!)
  }

  // --- what was found

  /**
   * The value that the fields describe; `shared` when its record is published and may be replaced at any moment. RETRY if
   * it was longer than the window and was replaced before all of it was read.
   */
  result(shared: boolean): unknown {
    const { ints, fields } = this, tag = ints[fields + Field.Tag]!
    if (tag === Tag.None) return undefined
    if (tag !== Tag.Record) return this.coder.decodeInline(tag, ints[fields + Field.FoundPayload]!)
    const length = ints[fields + Field.FoundLength]!, type = ints[fields + Field.FoundType]!
    if (length <= OUT_ROOM) return this.coder.decode(type, this.area + Area.Out * 8, length, this.values)
    const bytes = this.guard(() => shared ? this.readLong(length) : this.takeHeld(length))
    return bytes === null ? RETRY : decodeLong(type, bytes, this.values)
  }

  /** A published record; null if it was replaced meanwhile. */
  private readLong(length: number): Uint8Array | null {
    return this.inWindows(length, from => Boolean(this.kernel.readMore(this.at, this.me, from)))
  }

  /** The bytes of a record that this worker has just unlinked and holds alone; gives its block back. */
  private takeHeld(length: number): Uint8Array | null {
    const { kernel, at, me } = this, record = this.ints[this.fields + Field.HeldRecord]!
    this.ints[this.fields + Field.HeldRecord] = 0
    try {
      return this.inWindows(length, from => { kernel.copyOut(at, me, record, length, from); return true })
    } finally {
      // Also where this thread has no memory for the copy.
      kernel.freeBlock(at, me, record)
    }
  }

  /** A record window by window: `copy` brings the cells from `from` on into the `Out` window, or ends it all. */
  private inWindows(length: number, copy: (from: number) => boolean): Uint8Array | null {
    const bytes = new Uint8Array(length), out = this.area + Area.Out * 8
    for (let at = 0; at < length; at += OUT_ROOM) {
      if (!copy(at / 8)) return null
      bytes.set(this.bytes.subarray(out, out + Math.min(OUT_ROOM, length - at)), at)
    }
    return bytes
  }

  /** Notes the times of a resize that the last write began or ended. */
  noteResizes(): void { noteResizes(this.attachment, this.fields) }

  fail(status: Status, what: string): never {
    throw status === Status.NoMemory ? new OutOfMemoryError(what) : corrupted(undefined)
  }
}

/** By name, for the classes may be those of another realm. A stack that is used up, or a copy that found no memory, is none. */
function isTrap(error: unknown): boolean {
  const { name, message } = (error ?? {}) as { name?: unknown, message?: unknown }
  return (name === 'RangeError' || name === 'RuntimeError') && !isOutOfStack(error) && !/allocation/i.test(String(message))
}

/** What to throw for what the kernel threw. */
export const explained = (error: unknown): unknown => isTrap(error) ? corrupted(error) : error

/** @internal The error for words that contradict each other. */
export function corrupted(cause: unknown): CorruptedError {
  return new CorruptedError('The words of the map contradict each other. Something else has written into its memory; create a new map.', { cause })
}
