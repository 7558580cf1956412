// Many keys in one call. Integers go through the caller's windows, a window at a time; whatever else a key or a value is
// goes one by one, in its turn.

import { SharedMapError } from '../errors'
import { Area } from '../kernel/layout'
import { Sentinel } from '../kernel/read'
import type { Reach } from './attachment'
import { noteResizes } from './stats'
import { isInteger, isIntegerValue } from './integers'

/** What a bulk operation needs of its map. */
export interface Bulk extends Reach {
  /** Whether integers are encoded as such: no codecs. */
  readonly plain: boolean
  get(key: unknown): unknown
  set(key: unknown, value: unknown): unknown
}

/** Integers that a window holds. */
export const WINDOW = Area.OutCells * 2

/** Index of a window's first integer among those of the buffer. */
const windowAt = ({ area }: Bulk, window: Area): number => area / 4 + window * 2

/** An error that says at which position it came up. */
function positioned(error: unknown, what: string, index: number): unknown {
  if (error instanceof SharedMapError) error.message = `${what} ${index}: ${error.message}`
  if (error instanceof Error && Object.isExtensible(error)) Object.assign(error, { index })
  return error
}

// --- reading

/** The values of the keys, in their order. */
export function getMany(bulk: Bulk, keys: Iterable<unknown>): unknown[] {
  // All code of the program's runs here, so that none runs while the windows are in use.
  const list = keys instanceof Int32Array ? keys : [...keys], found = new Array<unknown>(list.length)
  for (let from = 0; from < list.length;) {
    const count = bulk.plain ? offerKeys(bulk, list, from) : 0
    if (count > 0) readWindow(bulk, list, found, from, count)
    else found[from] = readOne(bulk, list, from)
    from += Math.max(1, count)
  }
  return found
}

/** Writes the integers from `from` on into the window, up to the first key that is none. How many. */
function offerKeys(bulk: Bulk, list: Int32Array | readonly unknown[], from: number): number {
  const { attachment: { ints } } = bulk, window = windowAt(bulk, Area.Key), most = Math.min(WINDOW, list.length - from)
  if (list instanceof Int32Array) {
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

/** The values of the keys in the window. Those that the kernel has no short answer for are read once the window is free. */
function readWindow(bulk: Bulk, list: ArrayLike<unknown>, found: unknown[], from: number, count: number): void {
  const { attachment: { at, me, ints } } = bulk, kernel = bulk.kernel(), window = windowAt(bulk, Area.Out), others: number[] = []
  bulk.guard(() => kernel.getMany(at, me, count))
  for (let n = 0; n < count; n++) {
    const answer = ints[window + n]!
    found[from + n] = answer > Sentinel.Absent ? answer : undefined
    if (answer === Sentinel.Other) others.push(from + n)
  }
  for (const n of others) found[n] = readOne(bulk, list, n)
}

function readOne(bulk: Bulk, list: ArrayLike<unknown>, index: number): unknown {
  try {
    return bulk.get(list[index])
  } catch (error) {
    throw positioned(error, 'Key', index)
  }
}

// --- writing

/** Writes the entries in turn. */
export function setMany(bulk: Bulk, entries: Iterable<readonly [unknown, unknown]>): void {
  const batch = new Batch(bulk)
  try {
    for (const entry of entries) batch.add(entry)
  } finally {
    // Also when the program's iterator throws: what it has given by then is written, as one by one it would be.
    batch.write()
  }
}

/** Integer pairs that wait for a call of the kernel, in private memory: between two entries the program may use the map. */
class Batch {
  private readonly keys = new Int32Array(WINDOW)
  private readonly values = new Int32Array(WINDOW)
  private count = 0
  /** Position of the next entry. */
  private index = 0
  constructor(private readonly bulk: Bulk) {}

  add(entry: readonly [unknown, unknown]): void {
    if (typeof entry !== 'object' || entry === null) throw positioned(new TypeError(`setMany takes entries [key, value]; entry ${this.index} is none.`), '', this.index)
    const key = entry[0], value = entry[1]
    if (this.bulk.plain && isInteger(key) && isIntegerValue(value)) {
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
      if (done === 0) this.writeOne(this.keys[from]!, this.values[from]!, first + from++)
    }
  }

  /** One call of the kernel. How many pairs it has written: it stops where a resize is to be noted, and where it cannot write. */
  private offer(from: number, to: number): number {
    const { bulk } = this, { attachment } = bulk, kernel = bulk.kernel()
    attachment.ints.set(this.keys.subarray(from, to), windowAt(bulk, Area.Key))
    attachment.ints.set(this.values.subarray(from, to), windowAt(bulk, Area.Next))
    const done = bulk.guard(() => kernel.setMany(attachment.at, attachment.me, to - from))
    noteResizes(attachment, bulk.fields)
    return done
  }

  private writeOne(key: unknown, value: unknown, index: number): void {
    try {
      this.bulk.set(key, value)
    } catch (error) {
      throw positioned(error, 'Entry', index)
    }
  }
}
