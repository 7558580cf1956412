/// <reference lib="esnext.disposable" preserve="true" />
// SharedMap: the class people use. It turns keys and values into what the kernel takes, and the kernel's answers back.

import type { BackendName } from '../backend/backend'
import type { Kernel } from '../backend/kernel'
import type { Codec } from '../codec/codec'
import { EncodingError, OptionsError } from '../errors'
import { Expect } from '../kernel/write'
import { Sentinel, Status } from '../kernel/read'
import { type Attachment, attachTo, createMap, inviteTo } from './attachment'
import { getMany, setMany } from './bulk'
import { type Handle, HANDLE_VERSION, checkHandle } from './handle'
import { INSPECT, type Inspect, type InspectOptions, inspectMap, markUnclonable } from './inspect'
import { isInteger, isIntegerValue } from './integers'
import { type AttachOptions, type CreateOptions, type Geometry, checkOptions, shapeOf } from './options'
import { shown } from './naming'
import { takeBack, takeBackEnded } from './places'
import { DETACHED, RETRY, Reach, explained } from './reach'
import { type Repaired, repair } from './repair'
import { type Trimmed, trim } from './trim'
import { type Stats, readStats } from './stats'
import { ABSENT, ANY, type Expected, NOTHING, PRESENT, expectationOf, nextOf } from './tokens'
import type { Given, Held, Key, Value } from './types'
import { walkEntries } from './walk'

export { ABSENT, ANY, type Expected, PRESENT } from './tokens'

/** What `putIfMatch` answers. */
export interface PutResult<V> {
  /** Whether what was found matched, and so `next` was written. */
  readonly written: boolean
  /** Whether the key was there. */
  readonly found: boolean
  /** The value that was found, replaced or left alone; undefined where there was none. */
  readonly previous: V | undefined
}

/** Lets this file alone make maps: JavaScript can call a constructor that is private by its type. */
const MAKING = Symbol('making')
type Make = <K, V>(attachment: Attachment, options: AttachOptions<K, V>) => SharedMap<K, V>
let make: Make
/** @internal What is behind a map, also after it was detached: for those who take back places when it is no longer used here. */
export let attachmentOf: (map: SharedMap<any, any>) => Attachment

/**
 * A growable hash map in shared memory that every worker reads and writes directly: no locks, no messages, no owner.
 *
 * Keys and values are copied in and out; there is no object identity. Every method that names one key is linearizable:
 * it takes effect at one moment between its call and its return, for all workers. No method waits for another worker,
 * and any worker may be terminated at any moment without harm to the others. Entries have no order.
 *
 * @typeParam K - keys: strings, numbers, bigints, booleans, null, undefined or Uint8Array (by content), as in `Map` otherwise; with
 * a codec for keys, what it takes
 * @typeParam V - values: the same, and plain objects and arrays as JSON holds them; with a codec for values, what it takes
 */
export class SharedMap<K, V> {
  readonly #reach: Reach
  // What the short ways of integers need, at hand.
  #kernel: Kernel
  readonly #at: number
  readonly #me: number
  readonly #plainKeys: boolean
  readonly #plain: boolean

  private constructor(making: typeof MAKING, attachment: Attachment, options: AttachOptions<K, V>) {
    if (making !== MAKING) {
      throw new OptionsError('A SharedMap is not made by new. '
        + 'Call SharedMap.create(options) for a new map, or SharedMap.attach(handle) for one that is there.')
    }
    this.#reach = new Reach(attachment, options.keys as Codec<unknown> | undefined, options.values as Codec<unknown> | undefined)
    this.#kernel = attachment.kernel
    this.#at = attachment.at
    this.#me = attachment.me
    this.#plainKeys = this.#reach.plainKeys
    this.#plain = this.#reach.plain
    markUnclonable(this, attachment.memory, attachment.place.identity)
  }

  // By `this`: where a class names itself in a static block, esbuild gives it another name, which errors would show.
  static {
    make = (attachment, options) => new this(MAKING, attachment, options)
    attachmentOf = map => map.#reach.attachment
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
  static create<K extends Key = Key, V extends Held<V> = Value>(options?: CreateOptions<K, V>): SharedMap<K, V>
  /** @inheritDoc With a codec for the values, these are what it takes. */
  static create<K extends Key = Key, V = unknown>(options: CreateOptions<K, V> & { readonly values: Codec<V> }): SharedMap<K, V>
  /** @inheritDoc With a codec for the keys, these are what it takes. */
  static create<K, V extends Held<V> = Value>(options: CreateOptions<K, V> & { readonly keys: Codec<K> }): SharedMap<K, V>
  /** @inheritDoc With codecs for both, both are what these take. */
  static create<K, V>(options: CreateOptions<K, V> & { readonly keys: Codec<K>, readonly values: Codec<V> }): SharedMap<K, V>
  static create<K, V>(options: CreateOptions<K, V> = {}): SharedMap<K, V> {
    return createShaped(options, {})
  }

  /**
   * Attaches to the map that a handle names, in any worker, any number of times.
   *
   * @param handle - what `map.handle` or `map.invite()` gave, as it arrived by `postMessage` or `workerData`
   * @throws {@link HandleError} for a wrong or newer handle; {@link EncodingError} for codecs other than the map's own;
   * {@link CorruptedError} for a buffer that is not a map; {@link PlacesError} if all places are taken; {@link OptionsError}
   * @remarks Synchronous, O(participants). Where a worker ends in an orderly way, or forgets its maps, its place is given back;
   * for workers that are terminated see {@link reapOnExit} and {@link SharedMap.reapEnded}.
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
  static attach<K extends Key = Key, V extends Held<V> = Value>(handle: Handle, options?: AttachOptions<K, V>): SharedMap<K, V>
  /** @inheritDoc With the map's codec for its values. */
  static attach<K extends Key = Key, V = unknown>(handle: Handle, options: AttachOptions<K, V> & { readonly values: Codec<V> }): SharedMap<K, V>
  /** @inheritDoc With the map's codec for its keys. */
  static attach<K, V extends Held<V> = Value>(handle: Handle, options: AttachOptions<K, V> & { readonly keys: Codec<K> }): SharedMap<K, V>
  /** @inheritDoc With the map's codecs for both. */
  static attach<K, V>(handle: Handle, options: AttachOptions<K, V> & { readonly keys: Codec<K>, readonly values: Codec<V> }): SharedMap<K, V>
  static attach<K, V>(handle: Handle, options: AttachOptions<K, V> = {}): SharedMap<K, V> {
    const checked = checkHandle(handle)
    checkOptions(options)
    checkCodec('keys', checked.codecs.keys, options.keys)
    checkCodec('values', checked.codecs.values, options.values)
    const map = make(attachTo(checked, options.backend), options)
    map.#reach.share()
    return map
  }

  // --- hand-over

  /** A plain record to post to a worker, which attaches with it. */
  get handle(): Handle {
    this.#reach.share()
    const { attachment: { memory, at }, keys, values } = this.#reach, codecs = { keys: keys && codecName(keys), values: values && codecName(values) }
    return { format: 'nonblocking-map', version: HANDLE_VERSION, memory: memory.memory, buffer: memory.buffer, at, participant: 0, codecs }
  }

  /**
   * A handle with a place kept for one worker, whose `participant` the inviter can `reap` when that worker has ended.
   *
   * @throws {@link PlacesError} if all places are taken
   * @remarks A worker that is attached already keeps the place that it has, and the one of the invitation is free again. O(participants).
   */
  invite(): Handle {
    this.#reach.attached()
    return { ...this.handle, participant: inviteTo(this.#reach.attachment) }
  }

  /** This worker's own participant, as `reap` takes it. */
  get participant(): number { return this.#me }

  /** Which kernel this attachment runs. */
  get backend(): BackendName { return this.#reach.attachment.backend }

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
    return this.#reach.get(key) as V | undefined
  }

  /** Whether a key is there. Linearizable, lock-free, O(1) expected. */
  has(key: K): boolean {
    if (isInteger(key) && this.#plainKeys) {
      const quick = this.#getInteger(key)
      if (quick !== Sentinel.Other) return quick !== Sentinel.Absent
    }
    return this.#reach.find(key) === Status.Found
  }

  /**
   * The number of entries. Exact when no write is in progress and nobody was killed in the middle of one (`repair` makes it
   * exact again); otherwise off by at most the writes in progress and the workers killed.
   *
   * @remarks Not linearizable. O(participants).
   */
  get size(): number { return Math.max(0, this.#reach.guard(() => this.#kernel.size(this.#at))) }

  // --- writing

  /**
   * Sets the value of a key.
   *
   * @throws {@link OutOfMemoryError} if there is no memory: nothing was changed; {@link EncodingError} for a key or value that
   * cannot be encoded
   * @remarks Linearizable, lock-free. O(1) expected, plus a bounded share of a running resize.
   */
  set(key: K, value: Given<V>): this {
    if (isInteger(key) && this.#plain && isIntegerValue(value) && (this.#setInteger(key, value) || this.#putInteger(key, value))) return this
    this.#reach.write(key, Expect.Any, ANY, value, false)
    return this
  }

  /** Deletes a key; whether it was there. Linearizable, lock-free, O(1) expected. */
  delete(key: K): boolean {
    if (isInteger(key) && this.#plainKeys) {
      const quick = this.#deleteInteger(key)
      if (quick !== Status.Retry) return quick === Status.Written
    }
    return this.#reach.write(key, Expect.Any, ANY, NOTHING, false)
  }

  /**
   * Deletes all entries, at one moment for all workers.
   *
   * @remarks Linearizable, lock-free. O(slots): it leaves no entry counted. A write that was in progress may count as before it.
   */
  clear(): void {
    const status = this.#reach.guard(() => this.#kernel.clear(this.#at, this.#me))
    this.#reach.noteResizes()
    if (status !== Status.Written) this.#reach.fail(status, 'clear')
  }

  /**
   * The value of a key; where there is none, `value` is inserted and returned. When several workers insert at once, the
   * first wins and all get its value.
   *
   * @remarks Linearizable, lock-free, O(1) expected.
   */
  getOrInsert(key: K, value: Given<V>): V {
    for (;;) {
      if (this.#reach.write(key, Expect.Absent, ABSENT, value, true)) return value as V
      const found = this.#reach.result(true)
      if (found !== RETRY) return found as V
    }
  }

  /** Sets the value of a key and returns the value it replaced, or undefined. Linearizable, lock-free, O(1) expected. */
  swap(key: K, value: Given<V>): V | undefined {
    this.#reach.write(key, Expect.Any, ANY, value, true)
    return this.#reach.result(false) as V | undefined
  }

  /** Deletes a key and returns the value it had, or undefined. Linearizable, lock-free, O(1) expected. */
  take(key: K): V | undefined {
    return this.#reach.write(key, Expect.Any, ANY, NOTHING, true) ? this.#reach.result(false) as V | undefined : undefined
  }

  /** Sets the value of a key that is there; whether it was. Linearizable, lock-free, O(1) expected. */
  replace(key: K, value: Given<V>): boolean { return this.#reach.write(key, Expect.Present, PRESENT, value, false) }

  /**
   * Sets the value of a key if it is `expected` now, compared by its bytes (so NaN equals NaN, 0 does not equal -0, and the
   * order of an object's properties counts); whether it was. `ABSENT` expects no value, and as `next` deletes.
   *
   * An absent key is `ABSENT` and not `undefined`, which is a value like others: `compareAndSet(key, map.get(key), next)` never succeeds
   * for it. To change a value by what it was, use {@link putIfMatch}, which says what it found.
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
  compareAndSet(key: K, expected: Expected<V>, next: Given<V> | typeof ABSENT): boolean {
    return this.#reach.write(key, expectationOf(expected), expected, nextOf(next), false)
  }

  /** Deletes a key if its value is `expected` now, compared by its bytes; whether it did. Linearizable, lock-free. */
  compareAndDelete(key: K, expected: Expected<V>): boolean { return this.#reach.write(key, expectationOf(expected), expected, NOTHING, false) }

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
      const quick = this.#reach.addText(key, delta)
      if (quick !== Sentinel.Other) return quick
    }
    return this.#addByExchange(key, delta)
  }

  #addByExchange(key: K, delta: number): number {
    if (typeof delta !== 'number') throw new TypeError(`add takes a number, not ${typeof delta}.`)
    for (;;) {
      const found = this.#reach.find(key)
      const before = found === Status.Found ? this.#reach.result(true) : 0
      if (before === RETRY) continue
      if (typeof before !== 'number') throw new TypeError(`add found ${typeof before} where a number is needed. Use compareAndSet for other values.`)
      const sum = before + delta
      if (found === Status.Found ? this.#reach.write(key, Expect.Equal, before, sum, false) : this.#reach.write(key, Expect.Absent, ABSENT, sum, false)) return sum
    }
  }

  /**
   * The general write, behind all others: if what is there matches `expected`, `next` takes its place (`ABSENT` deletes).
   *
   * @param expected - {@link ANY}, {@link PRESENT}, {@link ABSENT}, or a value that must be equal by its bytes
   * @returns whether it was written, and what was found
   * @throws {@link OutOfMemoryError}, {@link EncodingError}
   * @remarks Linearizable, lock-free. O(1) expected, plus the lengths of what is compared and copied.
   * @example
   * ```js
   * // Changes a value by what it was, also that of an absent key; no change of another worker is lost.
   * function update(key, change) {
   *   for (let expected = ABSENT, value;;) {
   *     const { written, found, previous } = map.putIfMatch(key, expected, change(value))
   *     if (written) return
   *     expected = found ? previous : ABSENT
   *     value = previous
   *   }
   * }
   * update('longest', word => word?.length > 5 ? word : 'concurrent')
   * map.get('longest') // => 'concurrent'
   * ```
   */
  putIfMatch(key: K, expected: Expected<V>, next: Given<V> | typeof ABSENT): PutResult<V> {
    for (;;) {
      const written = this.#reach.write(key, expectationOf(expected), expected, nextOf(next), true)
      const found = this.#reach.hasFound
      const previous = found ? this.#reach.result(!written) : undefined
      if (previous !== RETRY) return { written, found, previous: previous as V | undefined }
    }
  }

  // --- many keys

  /**
   * The values of many keys, undefined where there is none, in the order of the keys: as `get` of each, in fewer calls. Keys that
   * are integers or strings, and whose values are integers, are read many at a time, and their cache misses overlap.
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
    this.#reach.attached()
    return getMany(this.#reach, keys) as (V | undefined)[]
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
  setMany(entries: Iterable<readonly [K, Given<V>]>): this {
    this.#reach.attached()
    setMany<K, Given<V>>(this.#reach, this, entries)
    return this
  }

  // --- iteration

  /**
   * The entries, in no order. A key that is present during the whole walk is given exactly once, with a value that it had
   * at some moment of the walk; a key deleted before it is not given; one that comes or goes meanwhile may or may not be.
   *
   * @remarks Pins nothing and needs no copy of the map: memory O(1), across growth, shrinking and reseeding. O(slots) in all.
   */
  *entries(): IterableIterator<[K, V]> { yield* walkEntries(this.#reach) as Iterable<[K, V]> as IterableIterator<[K, V]> }

  /** The keys; see {@link entries}. */
  *keys(): IterableIterator<K> { for (const entry of walkEntries(this.#reach)) yield entry[0] as K }

  /** The values; see {@link entries}. */
  *values(): IterableIterator<V> { for (const entry of walkEntries(this.#reach)) yield entry[1] as V }

  /** The entries; see {@link entries}. */
  [Symbol.iterator](): IterableIterator<[K, V]> { return this.entries() }

  /** Calls a function for each entry; see {@link entries}. */
  forEach(callback: (value: V, key: K, map: SharedMap<K, V>) => void, thisArg?: unknown): void {
    if (typeof callback !== 'function') {
      throw new TypeError(`forEach takes a callback, a function of value, key and map; not ${shown(callback)}.`)
    }
    for (const [key, value] of this.entries()) callback.call(thisArg, value, key, this)
  }

  // --- housekeeping

  /** What the map looks like inside. A glance, not a snapshot. O(participants + KiB of the map), plus a sample of 4,096 slots. */
  stats(): Stats { return this.#reach.guard(() => readStats(this.#reach.attachment, this.#reach.fields)) }

  /**
   * Takes back the place of a participant whose worker was killed. A `clear` that it had decided and not carried out takes
   * effect now; once this returns, nothing that the worker began takes effect any more. What memory it lost is found by {@link repair}.
   *
   * @param participant - from `invite().participant`, `map.participant` or `stats().participants`
   * @param options - `ended: true` when the worker is known to have ended (its exit event, an awaited `terminate()`), so
   * that its place can be given to another. Without it the place stays out of use, since its worker may be alive and write there.
   * @returns whether there was such a participant
   * @throws {@link OptionsError} for what is no participant's number, and for options other than these
   * @remarks May be called by anyone, at any time, again. Lock-free. O(1), and O(slots) if a `clear` is carried out. A number is used again after
   * 524,288 owners of the same place: do not keep it much longer than its worker.
   */
  reap(participant: number, options: { readonly ended?: boolean } = {}): boolean {
    this.#reach.attached()
    checkReap(participant, options)
    return this.#reach.guard(() => takeBack(this.#reach.attachment, participant, options.ended === true))
  }

  /**
   * Takes back the places of workers that have surely ended, without being told who. The platform must be able to tell: Node 24.5
   * and newer, and browsers. Elsewhere it finds nobody; see {@link reapOnExit}. A worker that was terminated before it had
   * once come back to its event loop after its first `attach` is not found.
   *
   * @returns how many places this call took back
   * @remarks `attach` and `invite` do the same in the background when more than half of the places are in use. O(participants).
   */
  async reapEnded(): Promise<number> {
    this.#reach.attached()
    return takeBackEnded(this.#reach.attachment)
  }

  /**
   * Finds memory that killed workers lost, makes it free again, and makes `size` exact. A kill loses what its worker had in hand: at
   * most the records of one write, and one that it was moving. No other worker may be writing meanwhile: call it when the workers
   * have ended or are known to be idle.
   *
   * @returns what was found
   * @remarks O(slots + pages).
   */
  repair(): Repaired { return this.#reach.guard(() => repair(this.#reach.attachment)) }

  /**
   * Puts together what is free, for a program that knows that it is idle: ends what is unfinished, cleans out deleted keys, makes the
   * table as small as its entries need, and moves records so that few pages are left half full. Writes do the same by themselves before
   * they fail for want of memory; after `trim` they need not. Others may read and write meanwhile. Nothing goes back to the system: a
   * SharedArrayBuffer cannot be made smaller.
   *
   * @returns what is free now
   * @remarks O(slots + pages + what is moved). The next writes of new keys may have to make the table larger again.
   */
  trim(): Trimmed { return this.#reach.guard(() => trim(this.#reach)) }

  /** Gives this worker's place back. The map lives on for the others; this object can no longer be used. */
  detach(): void {
    this.#kernel = DETACHED
    this.#reach.detach()
  }

  /** Detaches, at the end of a `using` block. */
  [Symbol.dispose](): void { this.detach() }

  /** `'SharedMap'`. */
  get [Symbol.toStringTag](): string { return 'SharedMap' }

  /**
   * The entries as pairs, in no order: what `JSON.stringify(map)` writes. `new Map(JSON.parse(text))` has them again, as far as
   * JSON can hold them: it throws at bigints, writes `NaN` as null, and knows no `Uint8Array`.
   *
   * @remarks A walk, see {@link entries}. O(slots).
   */
  toJSON(): [K, V][] { return [...this.entries()] }

  /** @internal What `console.log` and `util.inspect` print on Node, Bun and Deno. */
  [INSPECT](depth?: number | null, options?: InspectOptions, inspect?: Inspect): string {
    return #reach in this ? inspectMap(this.#reach, depth, options, inspect) : 'SharedMap {}'
  }

  // --- the short ways of integers, with `guard` written out: a closure would cost more than they do

  #getInteger(key: number): number {
    try { return this.#kernel.getInteger(this.#at, key) } catch (error) { throw explained(error) }
  }

  #setInteger(key: number, value: number): boolean {
    try { return this.#kernel.setInteger(this.#at, this.#me, key, value) } catch (error) { throw explained(error) }
  }

  /** The long way in one call. What cannot be written is left to the general write, which says why. */
  #putInteger(key: number, value: number): boolean {
    let status: Status
    try { status = this.#kernel.putInteger(this.#at, this.#me, key, value) } catch (error) { throw explained(error) }
    this.#reach.noteResizes()
    return status === Status.Written
  }

  #addInteger(key: number, delta: number): number {
    try { return this.#kernel.addInteger(this.#at, key, delta) } catch (error) { throw explained(error) }
  }

  /** Written, Refused, or Retry if the long way must be taken. */
  #deleteInteger(key: number): Status {
    let status: Status
    try { status = this.#kernel.deleteInteger(this.#at, this.#me, key) } catch (error) { throw explained(error) }
    if (status === Status.Written) this.#reach.noteResizes()
    return status
  }
}

const MARK = Symbol.for('nonblocking-map: map')
Object.defineProperty(SharedMap.prototype, MARK, { value: true })

// `map instanceof SharedMap` is also true of the maps of another copy of this library in the program (see `SharedMapError`). Not in
// the class: where one names itself inside, esbuild gives it another name, which errors would show.
Object.defineProperty(SharedMap, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this as never, value)) return true
    return this === SharedMap && typeof value === 'object' && value !== null && (value as { [MARK]?: unknown })[MARK] === true
  },
})

// A program's bundler may rename the class; what it prints keeps its name.
Object.defineProperty(SharedMap, 'name', { value: 'SharedMap' })

/** @internal `create`, and for specs and pictures tables and chunks so small that resizes happen all the time. Not a public name. */
export function createShaped<K, V>(options: CreateOptions<K, V>, geometry: Geometry): SharedMap<K, V> {
  const shape = shapeOf(options as CreateOptions<never, never>, geometry)
  return make(createMap(shape, options.backend), options)
}

const MOST_PARTICIPANT = 2 ** 31 - 1

function checkReap(participant: unknown, options: unknown): void {
  if (typeof participant !== 'number' || !Number.isInteger(participant) || participant < 0 || participant > MOST_PARTICIPANT) {
    throw new OptionsError(`reap was given ${String(participant)} as a participant. `
      + `Pass the number from invite().participant, map.participant or stats().participants.`)
  }
  const { ended } = Object(options) as { ended?: unknown }
  if (typeof options === 'object' && options !== null && (ended === undefined || typeof ended === 'boolean')) return
  throw new OptionsError(`reap was given options that it does not know. Pass { ended: true } when the worker has ended, or leave them out.`)
}

const codecName = (codec: Codec<unknown>): string => codec.name ?? 'custom'

function checkCodec(which: string, wanted: string | undefined, codec: { readonly name?: string } | undefined): void {
  const given = codec === undefined ? undefined : codec.name ?? 'custom'
  if (given === wanted) return
  const created = wanted === undefined ? 'the built-in encoding' : `the codec '${wanted}'`
  throw new EncodingError(`The map was created with ${created} for its ${which}, attach was given ${given === undefined ? 'none' : `'${given}'`}`,
    'Pass the same codecs to attach as to create.')
}
