/// <reference lib="esnext.disposable" preserve="true" />
// SharedMap: the class people use. It turns keys and values into what the kernel takes, and the kernel's answers back.

import type { BackendName } from '../backend/backend'
import type { Kernel } from '../backend/kernel'
import type { Codec } from '../codec/codec'
import { Coder, decodeLong, prepareKey, prepareValue } from '../codec/coder'
import { CorruptedError, DetachedError, EncodingError, OutOfMemoryError, SharedMapError } from '../errors'
import { AREA_CELLS, Area, Field } from '../kernel/layout'
import { Expect } from '../kernel/write'
import { Sentinel, Status } from '../kernel/read'
import { Tag } from '../kernel/words/key'
import { type Attachment, attachTo, createMap, leavePlace } from './attachment'
import { type Bulk, getMany, setMany } from './bulk'
import { type Handle, HANDLE_VERSION, checkHandle } from './handle'
import { isInteger, isIntegerValue } from './integers'
import { type AttachOptions, type CreateOptions, type Geometry, checkBackend, shapeOf } from './options'
import { type Repaired, repair } from './repair'
import { noteResizes, type Stats, readStats } from './stats'
import { type Walk, walkEntries } from './walk'

/** Expect anything: a present or an absent key. */
export const ANY: unique symbol = Symbol('nonblocking-map: any')
/** Expect the key to be there, whatever its value. */
export const PRESENT: unique symbol = Symbol('nonblocking-map: present')
/** Expect the key not to be there. As what comes next: delete. */
export const ABSENT: unique symbol = Symbol('nonblocking-map: absent')

/** What `putIfMatch` may expect: a token, or a value that must be equal (by its bytes). */
export type Expected<V> = V | typeof ANY | typeof PRESENT | typeof ABSENT

/** What `putIfMatch` answers. */
export interface PutResult<V> {
  /** Whether what was found matched, and so `next` was written. */
  readonly written: boolean
  /** Whether the key was there. */
  readonly found: boolean
  /** The value that was found, replaced or left alone; undefined where there was none. */
  readonly previous: V | undefined
}

/** Bytes of the windows through which keys and values pass to the kernel; longer ones go through blocks of their own. */
const KEY_ROOM = Area.KeyCells * 8
const NEXT_ROOM = Area.NextCells * 8
const EXPECTED_ROOM = Area.ExpectedCells * 8
const OUT_ROOM = Area.OutCells * 8

/**
 * A growable hash map in shared memory that every worker reads and writes directly: no locks, no messages, no owner.
 *
 * Keys and values are copied in and out; there is no object identity. Every method that names one key is linearizable:
 * it takes effect at one moment between its call and its return, for all workers. No method waits for another worker,
 * and any worker may be terminated at any moment without harm to the others. Entries have no order.
 *
 * @typeParam K - keys: strings, numbers, bigints, booleans, null, undefined or Uint8Array (by content), as in `Map` otherwise
 * @typeParam V - values: the same, and plain objects and arrays as JSON holds them
 */
export class SharedMap<K, V> {
  readonly #attachment: Attachment
  #kernel: Kernel
  readonly #at: number
  readonly #me: number
  readonly #ints: Int32Array
  readonly #coder: Coder
  /** Index of the operation's first field among the 32-bit integers of the buffer. */
  readonly #fields: number
  /** The byte where this worker's area begins. */
  readonly #area: number
  readonly #keys: Codec<unknown> | undefined
  readonly #values: Codec<unknown> | undefined
  /** Whether integer keys, and integer pairs, may take the short way. */
  readonly #plainKeys: boolean
  readonly #plain: boolean

  private constructor(attachment: Attachment, options: AttachOptions<K, V>) {
    this.#attachment = attachment
    this.#kernel = attachment.kernel
    this.#at = attachment.at
    this.#me = attachment.me
    this.#ints = attachment.ints
    this.#coder = new Coder(attachment.bytes, attachment.ints)
    const area = attachment.at + (attachment.me >>> 12) * AREA_CELLS
    this.#area = area * 8
    this.#fields = (area + Area.Fields) * 2
    this.#keys = options.keys as Codec<unknown> | undefined
    this.#values = options.values as Codec<unknown> | undefined
    this.#plainKeys = this.#keys === undefined
    this.#plain = this.#plainKeys && this.#values === undefined
  }

  /**
   * Creates a map, alone in memory of its own.
   *
   * @throws {@link OptionsError} for an option that cannot be met, {@link IsolationError} in a page without shared memory
   * @remarks Synchronous. O(capacity) only where pages must be touched; a fresh map of any size takes microseconds.
   * @example
   * ```js
   * const map = SharedMap.create({ maxByteLength: 64 * 1024 * 1024, capacity: 10_000 })
   * map.set('apples', 3).set('pears', { green: 2 })
   * map.get('pears') // => { green: 2 }
   * ```
   */
  static create<K = unknown, V = unknown>(options: CreateOptions<K, V> = {}): SharedMap<K, V> {
    return SharedMap.createShaped(options, {})
  }

  /** @internal For specs: tables and chunks small enough that resizes happen all the time. */
  static createShaped<K, V>(options: CreateOptions<K, V>, geometry: Geometry): SharedMap<K, V> {
    const shape = shapeOf(options as CreateOptions<never, never>, geometry)
    return new SharedMap(createMap(shape, options.backend), options)
  }

  /**
   * Attaches to the map that a handle names, in any worker, any number of times.
   *
   * @param handle - what `map.handle` or `map.invite()` gave, as it arrived by `postMessage` or `workerData`
   * @throws {@link HandleError} for a wrong or newer handle; {@link EncodingError} for codecs other than the map's own;
   * {@link CorruptedError} for a buffer that is not a map; {@link OutOfMemoryError} if all places are taken and there is no
   * memory for a guest's; {@link OptionsError}
   * @remarks Synchronous, O(participants).
   * @example
   * ```js
   * // worker.mjs
   * import { workerData } from 'node:worker_threads'
   * import { SharedMap } from 'nonblocking-map'
   *
   * SharedMap.attach(workerData).set('from', 'the worker')
   * ```
   * ```js
   * // main.mjs
   * import { Worker } from 'node:worker_threads'
   * import { SharedMap } from 'nonblocking-map'
   *
   * const map = SharedMap.create()
   * const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData: map.handle })
   * worker.on('exit', () => console.log(map.get('from'))) // => the worker
   * ```
   */
  static attach<K = unknown, V = unknown>(handle: Handle, options: AttachOptions<K, V> = {}): SharedMap<K, V> {
    const checked = checkHandle(handle)
    checkBackend(options.backend)
    checkCodec('keys', checked.codecs?.keys, options.keys)
    checkCodec('values', checked.codecs?.values, options.values)
    return new SharedMap(attachTo(checked, options.backend), options)
  }

  // --- hand-over

  /** A plain record to post to a worker, which attaches with it. */
  get handle(): Handle {
    const { memory, at } = this.#attachment
    const codecs = { keys: this.#keys && codecName(this.#keys), values: this.#values && codecName(this.#values) }
    return { format: 'nonblocking-map', version: HANDLE_VERSION, memory: memory.memory, buffer: memory.buffer, at, participant: 0, codecs }
  }

  /**
   * A handle with a place kept for one worker, whose `participant` the inviter can `reap` when that worker has ended.
   *
   * @remarks When every place is taken, `participant` is 0 and the worker attaches as a guest. O(participants).
   */
  invite(): Handle { return { ...this.handle, participant: this.#kernel.invite(this.#at) } }

  /** This worker's own participant, as `reap` takes it. */
  get participant(): number { return this.#me }

  /** Which kernel this attachment runs. */
  get backend(): BackendName { return this.#attachment.backend }

  // --- reading

  /**
   * The value of a key, or undefined.
   *
   * @remarks Linearizable, lock-free; writes nothing that another worker reads. O(1) expected, plus the value's length.
   */
  get(key: K): V | undefined {
    if (isInteger(key) && this.#plain) {
      const quick = this.#getInteger(key)
      if (quick > Sentinel.Absent) return quick as V
      if (quick === Sentinel.Absent) return undefined
    }
    return typeof key === 'string' && this.#plainKeys ? this.#getText(key) : this.#read(key)
  }

  /** Whether a key is there. Linearizable, lock-free, O(1) expected. */
  has(key: K): boolean {
    if (isInteger(key) && this.#plainKeys) {
      const quick = this.#getInteger(key)
      if (quick !== Sentinel.Other) return quick !== Sentinel.Absent
    }
    return this.#find(key) === Status.Found
  }

  /**
   * The number of entries. Exact when no write is in progress and nobody was killed in the middle of one (`repair` makes it
   * exact again); otherwise off by at most the writes in progress and the workers killed.
   *
   * @remarks Not linearizable. O(participants).
   */
  get size(): number { return Math.max(0, this.#guard(() => this.#kernel.size(this.#at))) }

  // --- writing

  /**
   * Sets the value of a key.
   *
   * @throws {@link OutOfMemoryError} if there is no memory: nothing was changed; {@link EncodingError} for a key or value that
   * cannot be encoded
   * @remarks Linearizable, lock-free. O(1) expected, plus a bounded share of a running resize.
   */
  set(key: K, value: V): this {
    if (isInteger(key) && this.#plain && isIntegerValue(value) && (this.#setInteger(key, value) || this.#putInteger(key, value))) return this
    this.#write(key, Expect.Any, ANY, value, false)
    return this
  }

  /** Deletes a key; whether it was there. Linearizable, lock-free, O(1) expected. */
  delete(key: K): boolean { return this.#write(key, Expect.Any, ANY, ABSENT, false) }

  /**
   * Deletes all entries, at one moment for all workers.
   *
   * @remarks Linearizable, lock-free. O(slots): it leaves no entry counted. A write that was in progress may count as before it.
   */
  clear(): void {
    const status = this.#guard(() => this.#kernel.clear(this.#at, this.#me))
    noteResizes(this.#attachment, this.#fields)
    if (status !== Status.Written) this.#fail(status, 'clear')
  }

  /**
   * The value of a key; where there is none, `value` is inserted and returned. When several workers insert at once, the
   * first wins and all get its value.
   *
   * @remarks Linearizable, lock-free, O(1) expected.
   */
  getOrInsert(key: K, value: V): V {
    for (;;) {
      if (this.#write(key, Expect.Absent, ABSENT, value, true)) return value
      const found = this.#result(true)
      if (found !== RETRY) return found as V
    }
  }

  /** Sets the value of a key and returns the value it replaced, or undefined. Linearizable, lock-free, O(1) expected. */
  swap(key: K, value: V): V | undefined {
    this.#write(key, Expect.Any, ANY, value, true)
    return this.#previous()
  }

  /** Deletes a key and returns the value it had, or undefined. Linearizable, lock-free, O(1) expected. */
  take(key: K): V | undefined {
    return this.#write(key, Expect.Any, ANY, ABSENT, true) ? this.#previous() : undefined
  }

  /** Sets the value of a key that is there; whether it was. Linearizable, lock-free, O(1) expected. */
  replace(key: K, value: V): boolean { return this.#write(key, Expect.Present, PRESENT, value, false) }

  /**
   * Sets the value of a key if it is `expected` now, compared by its bytes (so NaN equals NaN, 0 does not equal -0, and the
   * order of an object's properties counts); whether it was. `ABSENT` expects no value.
   *
   * @remarks Linearizable, lock-free. O(1) expected, plus the value's length.
   * @example
   * ```js
   * map.set('job', 'waiting')
   * map.compareAndSet('job', 'waiting', 'mine') // => true
   * map.compareAndSet('job', 'waiting', 'mine too') // => false
   * map.compareAndSet('other job', ABSENT, 'waiting') // => true
   * ```
   */
  compareAndSet(key: K, expected: Expected<V>, next: V): boolean { return this.#write(key, expectationOf(expected), expected, next, false) }

  /** Deletes a key if its value is `expected` now, compared by its bytes; whether it did. Linearizable, lock-free. */
  compareAndDelete(key: K, expected: Expected<V>): boolean { return this.#write(key, expectationOf(expected), expected, ABSENT, false) }

  /**
   * Adds to a number and returns the sum; an absent key counts as 0.
   *
   * @throws TypeError if the value that is there is not a number
   * @remarks Linearizable and atomic: no addition is lost, whichever workers add. Lock-free, O(1) expected.
   * @example
   * ```js
   * map.add('visits', 1) // => 1
   * map.add('visits', 2) // => 3
   * ```
   */
  add(key: K, delta: number): number {
    if (isInteger(key) && this.#plain && isIntegerValue(delta)) {
      const quick = this.#addInteger(key, delta)
      if (quick !== Sentinel.Other) return quick
    }
    if (typeof key === 'string' && this.#plain && isIntegerValue(delta)) {
      const quick = this.#addBytes(key, delta)
      if (quick !== Sentinel.Other) return quick
    }
    return this.#addByExchange(key, delta)
  }

  /** One call of the kernel, where the key fits its window and an integer is there. */
  #addBytes(key: string, delta: number): number {
    const coder = this.#coder
    this.#attachedKernel()
    coder.encode(key, this.#area + Area.Key * 8, KEY_ROOM)
    if (coder.long !== null) return Sentinel.Other
    return this.#guard(() => this.#kernel.addBytes(this.#at, this.#me, coder.length, coder.type, delta))
  }

  #addByExchange(key: K, delta: number): number {
    if (typeof delta !== 'number') throw new TypeError(`add takes a number, not ${typeof delta}.`)
    for (;;) {
      const found = this.#find(key)
      const before = found === Status.Found ? this.#result(true) : 0
      if (before === RETRY) continue
      if (typeof before !== 'number') throw new TypeError(`add found ${typeof before} where a number is needed. Use compareAndSet for other values.`)
      const sum = before + delta
      if (found === Status.Found ? this.compareAndSet(key, before as V, sum as V) : this.compareAndSet(key, ABSENT, sum as V)) return sum
    }
  }

  /**
   * The general write, behind all others: if what is there matches `expected`, `next` takes its place (`ABSENT` deletes).
   *
   * @param expected - {@link ANY}, {@link PRESENT}, {@link ABSENT}, or a value that must be equal by its bytes
   * @returns whether it was written, and what was found
   * @throws {@link OutOfMemoryError}, {@link EncodingError}
   * @remarks Linearizable, lock-free. O(1) expected, plus the lengths of what is compared and copied.
   */
  putIfMatch(key: K, expected: Expected<V>, next: V | typeof ABSENT): PutResult<V> {
    for (;;) {
      const written = this.#write(key, expectationOf(expected), expected, next, true)
      const found = this.#ints[this.#fields + Field.Tag] !== Tag.None
      const previous = found ? this.#result(!written) : undefined
      if (previous !== RETRY) return { written, found, previous: previous as V | undefined }
    }
  }

  // --- many keys

  /**
   * The values of many keys, undefined where there is none, in the order of the keys: as `get` of each, in fewer calls. Integer
   * keys whose values are integers are read some hundred at a time, and their cache misses overlap.
   *
   * @param keys - an array, an `Int32Array`, or anything that can be iterated; it is iterated to its end before the first read
   * @throws {@link EncodingError} for a key that cannot be encoded; its `index` says which
   * @remarks Each single read is linearizable; the call as a whole is not, and its reads happen in no order. Lock-free; writes
   * nothing that another worker reads. O(keys) expected, plus the lengths of the values.
   * @example
   * ```js
   * map.setMany([['a', 1], ['b', 2]])
   * map.getMany(['b', 'c', 'a']) // => [ 2, undefined, 1 ]
   * ```
   */
  getMany(keys: Iterable<K>): (V | undefined)[] {
    this.#attachedKernel()
    return getMany(this.#bulk(), keys) as (V | undefined)[]
  }

  /**
   * Sets many keys, in the order of the entries: as `set` of each, in fewer calls. Integers for integer keys are written some
   * hundred at a time, so the iterator may be ahead of the writes.
   *
   * @param entries - pairs of a key and a value: an array of them, a `Map`, or anything that can be iterated
   * @throws what `set` throws, {@link OutOfMemoryError} and {@link EncodingError} among it. The error's `index` is the position of
   * the entry that failed: those before it are written, it and those after it are not. When the iterator throws, what it gave is written
   * @remarks Each single write is linearizable; the call as a whole is not. Lock-free. O(entries) expected, plus the lengths of the
   * values, and for each entry a bounded share of a running resize.
   * @example
   * ```js
   * map.setMany(new Map([[1, 10], [2, 20]])).get(2) // => 20
   * ```
   */
  setMany(entries: Iterable<readonly [K, V]>): this {
    this.#attachedKernel()
    setMany(this.#bulk(), entries as Iterable<readonly [unknown, unknown]>)
    return this
  }

  #bulk(): Bulk {
    return {
      attachment: this.#attachment, kernel: () => this.#attachedKernel(), guard: call => this.#guard(call), fields: this.#fields, area: this.#area,
      plain: this.#plain, get: key => this.#read(key as K), set: (key, value) => this.set(key as K, value as V),
    }
  }

  // --- iteration

  /**
   * The entries, in no order. A key that is present during the whole walk is given exactly once, with a value that it had
   * at some moment of the walk; a key deleted before it is not given; one that comes or goes meanwhile may or may not be.
   *
   * @remarks Pins nothing and needs no copy of the map: memory O(1), across growth, shrinking and reseeding. O(slots) in all.
   */
  *entries(): IterableIterator<[K, V]> { yield* this.#walk() as Iterable<[K, V]> as IterableIterator<[K, V]> }

  /** The keys; see {@link entries}. */
  *keys(): IterableIterator<K> { for (const entry of this.#walk()) yield entry[0] as K }

  /** The values; see {@link entries}. */
  *values(): IterableIterator<V> { for (const entry of this.#walk()) yield entry[1] as V }

  /** The entries; see {@link entries}. */
  [Symbol.iterator](): IterableIterator<[K, V]> { return this.entries() }

  /** Calls a function for each entry; see {@link entries}. */
  forEach(callback: (value: V, key: K, map: SharedMap<K, V>) => void, thisArg?: unknown): void {
    for (const [key, value] of this.entries()) callback.call(thisArg, value, key, this)
  }

  #walk(): Iterable<[unknown, unknown]> {
    const walk: Walk = {
      attachment: this.#attachment, kernel: () => this.#kernel, guard: call => this.#guard(call), fields: this.#fields, area: this.#area, coder: this.#coder,
      keys: this.#keys, values: this.#values,
      find: key => this.#find(key as K) === Status.Found,
      result: () => this.#result(true),
    }
    return walkEntries(walk)
  }

  // --- housekeeping

  /** What the map looks like inside. A glance, not a snapshot. O(participants), plus a sample of 4,096 slots. */
  stats(): Stats { return this.#guard(() => readStats(this.#attachment, this.#fields)) }

  /**
   * Takes back what a participant left behind when its worker was killed: its caches of free memory.
   *
   * @param participant - from `invite().participant`, `map.participant` or `stats().participants`
   * @param options - `ended: true` when the worker is known to have ended (its exit event, an awaited `terminate()`), so
   * that its place can be given to another. Without it a worker that is alive by mistake loses its caches and nothing else.
   * @returns whether there was such a participant
   * @remarks May be called by anyone, at any time, again. Lock-free. O(cached blocks).
   */
  reap(participant: number, options: { ended?: boolean } = {}): boolean {
    // A WebAssembly function answers with a number.
    return Boolean(this.#kernel.reap(this.#at, participant, options.ended === true))
  }

  /**
   * Finds memory that killed workers lost, makes it free again, and makes `size` exact. No other worker may be writing
   * meanwhile: call it when the workers have ended or are known to be idle.
   *
   * @returns what was found
   * @remarks O(memory in use).
   */
  repair(): Repaired { return this.#guard(() => repair(this.#attachment)) }

  /** Gives this worker's place back. The map lives on for the others; this object can no longer be used. */
  detach(): void {
    if (this.#kernel === DETACHED) return
    this.#kernel = DETACHED
    leavePlace(this.#attachment)
  }

  /** Detaches, at the end of a `using` block. */
  [Symbol.dispose](): void { this.detach() }

  /** `'SharedMap'`. */
  get [Symbol.toStringTag](): string { return 'SharedMap' }

  // --- the way to the kernel

  // The short ways, with `#guard` written out: a closure would cost more than they do.

  #getInteger(key: number): number {
    try { return this.#kernel.getInteger(this.#at, key) } catch (error) { throw explained(error) }
  }

  /** get of a string that fits the window; anything out of the ordinary is left to `#read`. */
  #getText(key: K & string): V | undefined {
    const coder = this.#coder, ints = this.#ints, fields = this.#fields, kernel = this.#attachedKernel()
    coder.text(key, this.#area + Area.Key * 8, KEY_ROOM)
    if (coder.long !== null) return this.#read(key)
    let status: Status
    try { status = kernel.getBytes(this.#at, this.#me, coder.length, coder.type) } catch (error) { throw explained(error) }
    if (status === Status.Absent) return undefined
    if (status !== Status.Found) return this.#read(key)
    if (ints[fields + Field.Tag] === Tag.Integer) return ints[fields + Field.FoundPayload] as V
    const value = this.#result(true)
    return value === RETRY ? this.#read(key) : value as V
  }

  #setInteger(key: number, value: number): boolean {
    try { return this.#kernel.setInteger(this.#at, this.#me, key, value) } catch (error) { throw explained(error) }
  }

  /** The long way in one call. What cannot be written is left to `#write`, which says why. */
  #putInteger(key: number, value: number): boolean {
    let status: Status
    try { status = this.#kernel.putInteger(this.#at, this.#me, key, value) } catch (error) { throw explained(error) }
    noteResizes(this.#attachment, this.#fields)
    return status === Status.Written
  }

  #addInteger(key: number, delta: number): number {
    try { return this.#kernel.addInteger(this.#at, key, delta) } catch (error) { throw explained(error) }
  }

  /** Looks for a key: Found, with its value described in the fields, or Absent. */
  #find(key: K): Status {
    const coder = this.#coder, prepared = prepareKey(key, this.#keys), kernel = this.#attachedKernel()
    coder.encode(prepared, this.#area + Area.Key * 8, KEY_ROOM)
    const status = this.#guard(() => {
      if (coder.tag === Tag.Record && coder.long === null) return kernel.getBytes(this.#at, this.#me, coder.length, coder.type)
      const staged = this.#seek()
      try {
        return kernel.get(this.#at, this.#me)
      } finally {
        if (staged !== 0) kernel.freeBlock(this.#at, this.#me, staged)
      }
    })
    if (status !== Status.Found && status !== Status.Absent) this.#fail(status, 'get')
    return status
  }

  #read(key: K): V | undefined {
    for (;;) {
      if (this.#find(key) === Status.Absent) return undefined
      const value = this.#result(true)
      if (value !== RETRY) return value as V
    }
  }

  /** Tells the kernel which key is meant, as the coder has just encoded it. A long one is staged in a block, to be freed. */
  #seek(): number {
    const coder = this.#coder, kernel = this.#kernel
    if (coder.tag !== Tag.Record) {
      kernel.seekPayload(this.#at, this.#me, Field.Sought, coder.tag, coder.payload)
      return 0
    }
    const staged = coder.long === null ? 0 : this.#stage(coder.long)
    const place = staged === 0 ? this.#area / 8 + Area.Key : this.#at + staged * 2 + 2
    kernel.seekBytes(this.#at, this.#me, Field.Sought, place, coder.length, coder.type)
    return staged
  }

  /** Bytes that no window holds, in a block that only we know: written plainly, published by whoever swaps it in. */
  #stage(bytes: Uint8Array): number {
    const stage = (): number => this.#kernel.stageRecord(this.#at, this.#me, bytes.length, type)
    const type = this.#coder.type, block = stage() || (this.#kernel.recover(this.#at, this.#me) ? stage() : 0)
    if (block === 0) throw new OutOfMemoryError(`A record of ${bytes.length} bytes`)
    this.#attachment.bytes.set(bytes, (this.#at + block * 2 + 2) * 8)
    this.#kernel.finishRecord(this.#at, block, 0)
    return block
  }

  /** putIfMatch. Whether it was written; what was found is described in the fields when `wantsPrevious`. */
  #write(key: K, expect: Expect, expected: Expected<V>, next: V | typeof ABSENT, wantsPrevious: boolean): boolean {
    const preparedKey = prepareKey(key, this.#keys)
    const preparedNext = next === ABSENT ? ABSENT : prepareValue(next, this.#values)
    const preparedExpected = expect === Expect.Equal ? prepareValue(expected, this.#values) : undefined
    const staged: number[] = []
    const status = this.#guard(() => {
      try {
        this.#encodeNext(preparedNext, staged)
        if (expect === Expect.Equal) this.#encodeExpected(preparedExpected, staged)
        this.#ints[this.#fields + Field.Expect] = expect
        this.#ints[this.#fields + Field.WantsPrevious] = wantsPrevious ? 1 : 0
        this.#coder.encode(preparedKey, this.#area + Area.Key * 8, KEY_ROOM)
        const block = this.#seek()
        if (block !== 0) staged.push(block)
        const record = this.#ints[this.#fields + Field.NextRecord]!
        const answer = this.#kernel.putIfMatch(this.#at, this.#me)
        // Published, or given back by the kernel: ours no more.
        if (record !== 0) staged.splice(staged.indexOf(record), 1)
        return answer
      } finally {
        for (const block of staged) this.#kernel.freeBlock(this.#at, this.#me, block)
      }
    })
    noteResizes(this.#attachment, this.#fields)
    if (status === Status.Written) return true
    return status === Status.Refused ? false : this.#fail(status, 'A write')
  }

  #encodeNext(next: unknown, staged: number[]): void {
    const ints = this.#ints, fields = this.#fields, coder = this.#coder
    ints[fields + Field.NextRecord] = 0
    if (next === ABSENT) {
      ints[fields + Field.NextTag] = Tag.None
      return
    }
    coder.encode(next, this.#area + Area.Next * 8, NEXT_ROOM)
    ints[fields + Field.NextTag] = coder.tag
    ints[fields + Field.NextPayload] = coder.payload
    ints[fields + Field.NextLength] = coder.length
    ints[fields + Field.NextType] = coder.type
    if (coder.tag !== Tag.Record || coder.long === null) return
    staged.push(ints[fields + Field.NextRecord] = this.#stage(coder.long))
  }

  #encodeExpected(expected: unknown, staged: number[]): void {
    const ints = this.#ints, fields = this.#fields, coder = this.#coder
    coder.encode(expected, this.#area + Area.Expected * 8, EXPECTED_ROOM)
    ints[fields + Field.ExpectTag] = coder.tag
    ints[fields + Field.ExpectPayload] = coder.payload
    ints[fields + Field.ExpectLength] = coder.length
    ints[fields + Field.ExpectType] = coder.type
    if (coder.tag !== Tag.Record) return
    if (coder.long !== null) staged.push(this.#stage(coder.long))
    ints[fields + Field.ExpectPlace] = coder.long === null ? this.#area / 8 + Area.Expected : this.#at + staged[staged.length - 1]! * 2 + 2
  }

  /**
   * The value that the fields describe; `shared` when its record is published and may be replaced at any moment. RETRY if
   * it was longer than the window and was replaced before all of it was read.
   */
  #result(shared: boolean): unknown {
    const ints = this.#ints, fields = this.#fields, tag = ints[fields + Field.Tag]!
    if (tag === Tag.None) return undefined
    if (tag !== Tag.Record) return this.#coder.decodeInline(tag, ints[fields + Field.FoundPayload]!)
    const length = ints[fields + Field.FoundLength]!, type = ints[fields + Field.FoundType]!
    if (length <= OUT_ROOM) return this.#coder.decode(type, this.#area + Area.Out * 8, length, this.#values)
    const bytes = this.#guard(() => shared ? this.#readLong(length) : this.#takeHeld(length))
    return bytes === null ? RETRY : decodeLong(type, bytes, this.#values)
  }

  /** A window at a time out of a published record; null if it was replaced meanwhile. */
  #readLong(length: number): Uint8Array | null {
    const bytes = new Uint8Array(length), out = this.#area + Area.Out * 8
    for (let at = 0; at < length; at += OUT_ROOM) {
      if (!this.#kernel.readMore(this.#at, this.#me, at / 8)) return null
      bytes.set(this.#attachment.bytes.subarray(out, out + Math.min(OUT_ROOM, length - at)), at)
    }
    return bytes
  }

  /** The bytes of a record that this worker has just unlinked and holds alone; gives its block back. */
  #takeHeld(length: number): Uint8Array {
    const record = this.#ints[this.#fields + Field.HeldRecord]!, at = (this.#at + record * 2 + 2) * 8
    const bytes = this.#attachment.bytes.slice(at, at + length)
    this.#ints[this.#fields + Field.HeldRecord] = 0
    this.#kernel.freeBlock(this.#at, this.#me, record)
    return bytes
  }

  /** The previous value after a write that took effect. */
  #previous(): V | undefined { return this.#result(false) as V | undefined }

  /** The kernel, while this map is attached. After `detach` the area is somebody else's: nothing may be written there. */
  #attachedKernel(): Kernel {
    if (this.#kernel === DETACHED) throw new DetachedError()
    return this.#kernel
  }

  /** Turns a trap of the kernel, which only a corrupted buffer can cause, into an error that says so. */
  #guard<T>(call: () => T): T {
    this.#attachedKernel()
    try {
      return call()
    } catch (error) {
      throw explained(error)
    }
  }

  #fail(status: Status, what: string): never {
    throw status === Status.NoMemory ? new OutOfMemoryError(what) : corrupted(undefined)
  }
}

// The bundle is minified; what a program prints is not.
Object.defineProperty(SharedMap, 'name', { value: 'SharedMap' })

/** A value that had to be read again. */
const RETRY = Symbol('retry')

const isTrap = (error: unknown): boolean => error instanceof RangeError
  || typeof WebAssembly !== 'undefined' && error instanceof WebAssembly.RuntimeError

const explained = (error: unknown): unknown => error instanceof SharedMapError || !isTrap(error) ? error : corrupted(error)

function corrupted(cause: unknown): CorruptedError {
  return new CorruptedError('The words of the map contradict each other. Something else has written into its memory; create a new map.', { cause })
}

/** What the kernel is after `detach`: any use of it is an error. */
const DETACHED = new Proxy({}, { get() { throw new DetachedError() } }) as Kernel

function expectationOf(expected: unknown): Expect {
  switch (expected) {
    case ANY: return Expect.Any
    case PRESENT: return Expect.Present
    case ABSENT: return Expect.Absent
    default: return Expect.Equal
  }
}

const codecName = (codec: Codec<unknown>): string => codec.name ?? 'custom'

function checkCodec(which: string, wanted: string | undefined, codec: { readonly name?: string } | undefined): void {
  const given = codec === undefined ? undefined : codec.name ?? 'custom'
  if (given === wanted) return
  const created = wanted === undefined ? 'the built-in encoding' : `the codec '${wanted}'`
  throw new EncodingError(`The map was created with ${created} for its ${which}, attach was given ${given === undefined ? 'none' : `'${given}'`}`,
    'Pass the same codecs to attach as to create.')
}
