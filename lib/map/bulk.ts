// Many keys in one call. Integers, and keys that are strings, go through the caller's windows, a window at a time; whatever
// else a key or a value is goes one by one, in its turn.

import { isInt32Array } from '../backend/realms'
import { isOurs } from '../errors'
import { Listed } from '../kernel/bulk'
import { Area } from '../kernel/layout'
import { Sentinel } from '../kernel/read'
import { isInteger, isIntegerValue } from './integers'
import { shown } from './naming'
import type { Reach } from './reach'

/** Integers that a window holds. */
export const WINDOW = Area.OutCells * 2
/** Strings that can be listed at once. */
const TEXTS = Area.NextCells * 2 / Listed.Integers

/** Index of a window's first integer among those of the buffer. */
const windowAt = ({ area }: Reach, window: Area): number => area / 4 + window * 2

/** An error that says at which position it came up. */
function positioned(error: unknown, what: string, index: number): unknown {
  if (isOurs(error)) error.message = `${what} ${index}: ${error.message}`
  if (typeof error === 'object' && error !== null && Object.isExtensible(error)) Object.assign(error, { index })
  return error
}

function requireIterable(call: string, what: string, given: unknown): void {
  if (typeof (given as Iterable<unknown> | null | undefined)?.[Symbol.iterator] === 'function') return
  throw new TypeError(`${call} takes ${what}: an array, or anything that can be iterated; not ${shown(given)}.`)
}

// --- reading

/** The values of the keys, in their order. */
export function getMany(reach: Reach, keys: Iterable<unknown>): unknown[] {
  requireIterable('getMany', 'keys', keys)
  // All code of the program's runs here, so that none runs while the windows are in use.
  const list = isInt32Array(keys) ? new Int32Array(keys) : [...keys], found = new Array<unknown>(list.length)
  for (let from = 0; from < list.length;) {
    const count = readIntegers(reach, list, found, from) || readTexts(reach, list, found, from)
    if (count === 0) found[from] = readOne(reach, list, from)
    from += Math.max(1, count)
  }
  return found
}

/** The values of the integers from `from` on, as far as a window goes, or to the first key that is none. How many. */
function readIntegers(reach: Reach, list: ArrayLike<unknown>, found: unknown[], from: number): number {
  const count = reach.plain ? offerIntegers(reach, list, from) : 0
  if (count === 0) return 0
  reach.guard(() => reach.kernel.getMany(reach.at, reach.me, count))
  takeAnswers(reach, list, found, from, count, windowAt(reach, Area.Out), 1)
  return count
}

function offerIntegers(reach: Reach, list: ArrayLike<unknown>, from: number): number {
  const { ints } = reach, window = windowAt(reach, Area.Key), most = Math.min(WINDOW, list.length - from)
  if (isInt32Array(list)) {
    ints.set(list.subarray(from, from + most), window)
    return most
  }
  for (let n = 0; n < most; n++) {
    const key = list[from + n]
    if (!isInteger(key)) return n
    ints[window + n] = key
  }
  return most
}

/** As `readIntegers`, of strings. */
function readTexts(reach: Reach, list: ArrayLike<unknown>, found: unknown[], from: number): number {
  const count = reach.plainKeys ? offerTexts(reach, list, from) : 0
  if (count === 0) return 0
  reach.guard(() => reach.kernel.getManyBytes(reach.at, reach.me, count))
  takeAnswers(reach, list, found, from, count, windowAt(reach, Area.Next) + Listed.Answer, Listed.Integers)
  return count
}

function offerTexts(reach: Reach, list: ArrayLike<unknown>, from: number): number {
  const { coder, ints, area } = reach, window = windowAt(reach, Area.Next), most = Math.min(TEXTS, list.length - from)
  reach.attached()
  for (let n = 0, cell = 0; n < most; n++) {
    const key = list[from + n]
    if (typeof key !== 'string' || cell === Area.KeyCells) return n
    coder.text(key, area + (Area.Key + cell) * 8, (Area.KeyCells - cell) * 8)
    if (coder.long !== null) return n
    const at = window + n * Listed.Integers
    ints[at + Listed.Cell] = cell
    ints[at + Listed.Length] = coder.length
    ints[at + Listed.Type] = coder.type
    cell += coder.length + 7 >> 3
  }
  return most
}

/** The answers to a window of keys, every `stride`-th integer. Keys without a short answer are read once the window is free. */
function takeAnswers(reach: Reach, list: ArrayLike<unknown>, found: unknown[], from: number, count: number, window: number, stride: number): void {
  const { ints } = reach, others: number[] = []
  for (let n = 0; n < count; n++) {
    const answer = ints[window + n * stride]!
    found[from + n] = answer > Sentinel.Absent ? answer : undefined
    if (answer === Sentinel.Other) others.push(from + n)
  }
  for (const n of others) found[n] = readOne(reach, list, n)
}

function readOne(reach: Reach, list: ArrayLike<unknown>, index: number): unknown {
  try {
    return reach.get(list[index])
  } catch (error) {
    throw positioned(error, 'Key', index)
  }
}

// --- writing

/** What writes one entry: the map. */
interface Single<K, V> { set(key: K, value: V): unknown }

/** Writes the entries in turn. */
export function setMany<K, V>(reach: Reach, map: Single<K, V>, entries: Iterable<readonly [K, V]>): void {
  requireIterable('setMany', 'entries [key, value]', entries)
  const batch = new Batch(reach, map)
  try {
    for (const entry of entries) batch.add(entry)
  } finally {
    // Also when the program's iterator throws: what it has given by then is written, as one by one it would be.
    batch.write()
  }
}

/** Integer pairs that wait for a call of the kernel, in private memory: between two entries the program may use the map. */
class Batch<K, V> {
  private readonly keys = new Int32Array(WINDOW)
  private readonly values = new Int32Array(WINDOW)
  private count = 0
  /** Position of the next entry. */
  private index = 0
  constructor(private readonly reach: Reach, private readonly map: Single<K, V>) {}

  add(entry: readonly [K, V]): void {
    if (typeof entry !== 'object' || entry === null) throw positioned(new TypeError(`setMany takes entries [key, value]; entry ${this.index} is none.`), '', this.index)
    const key = entry[0], value = entry[1]
    if (this.reach.plain && isInteger(key) && isIntegerValue(value)) {
      this.keys[this.count] = key
      this.values[this.count++] = value
      this.index++
      if (this.count === WINDOW) this.write()
      return
    }
    this.write()
    this.writeOne(key, value, this.index++)
  }

  /** Writes what waits. What is left of it after an error is dropped. */
  write(): void {
    const { count } = this, first = this.index - count
    this.count = 0
    for (let from = 0; from < count;) {
      const done = this.offer(from, count)
      from += done
      // The general write knows why.
      if (done === 0) this.writeOne(this.keys[from]! as K, this.values[from]! as V, first + from++)
    }
  }

  /** One call of the kernel. How many pairs it has written: it stops where a resize is to be noted, and where it cannot write. */
  private offer(from: number, to: number): number {
    const { reach } = this, kernel = reach.attached()
    reach.ints.set(this.keys.subarray(from, to), windowAt(reach, Area.Key))
    reach.ints.set(this.values.subarray(from, to), windowAt(reach, Area.Next))
    const done = reach.guard(() => kernel.setMany(reach.at, reach.me, to - from))
    reach.noteResizes()
    return done
  }

  private writeOne(key: K, value: V, index: number): void {
    try {
      this.map.set(key, value)
    } catch (error) {
      throw positioned(error, 'Entry', index)
    }
  }
}
