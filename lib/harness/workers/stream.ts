// One worker's stream of operations, written down in shared memory as it goes: what was called, and what was acknowledged,
// survives the end of the worker at any instruction.

import { deserialize, serialize } from 'node:v8'
import { Random } from '../random'
import { callText } from '../alone'
import type { Answer, Call } from '../system'
import { Entry, Kind, Pace, RECORD_WORDS, type StressSetup, TAKEN_AT_ONCE } from './protocol'

/** Records of all workers, in one shared array. */
export class Records {
  private readonly ints: Int32Array
  private readonly numbers: Float64Array
  private readonly bytes: Uint8Array

  constructor(private readonly control: Int32Array, { records, texts }: Pick<StressSetup, 'records' | 'texts'>) {
    this.ints = new Int32Array(records)
    this.numbers = new Float64Array(records)
    this.bytes = new Uint8Array(texts)
  }

  get length(): number { return this.ints.length / RECORD_WORDS }

  at(record: number, field: Entry): number { return Atomics.load(this.ints, record * RECORD_WORDS + field) }

  /** The call, with its time: before anything of the operation is done. */
  called(record: number, thread: number, which: number): void {
    const at = record * RECORD_WORDS
    this.ints[at + Entry.Thread] = thread
    this.ints[at + Entry.Which] = which
    Atomics.store(this.ints, at + Entry.Call, this.tick())
  }

  /** The answer, and last its time, which acknowledges it. The clock ticks before the answer is written: that is none of the operation. */
  returned(record: number, answer: Answer): void {
    const time = this.tick(), at = record * RECORD_WORDS
    this.write(record, answer)
    Atomics.store(this.ints, at + Entry.Back, time)
  }

  /** One clock for all: the clocks of different workers would tell of orders that never were. */
  private tick(): number { return Atomics.add(this.control, Pace.Clock, 1) + 1 }

  private write(record: number, answer: Answer): void {
    const at = record * RECORD_WORDS
    if (answer === undefined) { this.ints[at + Entry.Kind] = Kind.Undefined; return }
    this.ints[at + Entry.Kind] = typeof answer === 'number' ? Kind.Number : Kind.Other
    this.numbers[at + Entry.Number >> 1] = typeof answer === 'number' ? answer : this.place(at, serialize(answer))
  }

  /** Puts bytes aside; where. */
  private place(at: number, bytes: Uint8Array): number {
    const place = Atomics.add(this.control, Pace.Texts, bytes.length)
    if (place + bytes.length > this.bytes.length) throw new RangeError(`the answers take more than ${this.bytes.length} bytes: lower maxOperations`)
    this.bytes.set(bytes, place)
    this.ints[at + Entry.Length] = bytes.length
    return place
  }

  /** The answer of an operation that has returned. */
  answer(record: number): Answer {
    const at = record * RECORD_WORDS, number = this.numbers[at + Entry.Number >> 1]!
    switch (this.ints[at + Entry.Kind] as Kind) {
      case Kind.Undefined: return undefined
      case Kind.Number: return number
      case Kind.Other: return deserialize(this.bytes.slice(number, number + this.ints[at + Entry.Length]!))
    }
  }
}

/** Takes records in small lots, as far as they are released. */
class Lot {
  private next = 0
  private end = 0

  constructor(private readonly control: Int32Array, private readonly most: number) {}

  /** The next record, or -1 when it is over. */
  take(): number {
    if (Atomics.load(this.control, Pace.Stop) === 1 || this.next === this.end && !this.refill()) return -1
    return this.next < this.most ? this.next++ : -1
  }

  private refill(): boolean {
    this.next = Atomics.add(this.control, Pace.Next, TAKEN_AT_ONCE)
    this.end = this.next + TAKEN_AT_ONCE
    while (this.next < this.most && Atomics.load(this.control, Pace.Stop) === 0) {
      const released = Atomics.load(this.control, Pace.Released)
      if (this.next < released) return true
      Atomics.wait(this.control, Pace.Released, released)
    }
    return false
  }
}

/** Calls, at random, until it is told to stop or all records are taken. Throws what an operation throws. */
export function stream(control: Int32Array, setup: StressSetup, thread: number, run: (call: Call) => Answer): void {
  const { calls, seed } = setup, records = new Records(control, setup), lot = new Lot(control, records.length), random = new Random(seed)
  Atomics.wait(control, Pace.Go, 0)
  for (let record = lot.take(); record >= 0; record = lot.take()) {
    const which = random.below(calls.length), call = calls[which]!
    records.called(record, thread, which)
    try {
      records.returned(record, run(call))
    } catch (error) {
      throw new Error(`thread ${thread}: ${callText(call)} threw: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
