// Real threads under a schedule: each access to shared memory waits for its turn. The thread that holds the baton looks up
// the next choice itself, and hands over only where the thread really changes; so a run costs one futex call a switch.

import { ACCESS_OF } from '../access'
import type { Own } from '../system'
import { Baton, Of, Turn, wordOf } from './protocol'

// The originals: what the gate itself does is no step.
const { add, load, notify, store, wait } = Atomics

/** Thrown at the access of a thread that will not run again. Code that catches it is told so again. */
const STOPPED = new Error('the schedule has ended')

/** One thread's way through schedules. */
export class Gate {
  /** The thread will make no access any more: it was killed, or the schedule has ended. */
  stopped = false
  private running = false
  private arrived = false
  private position = 0
  private schedule: Uint8Array = new Uint8Array()
  private threads = 0

  constructor(private readonly control: Int32Array, private readonly me: number) {}

  begin(schedule: Uint8Array, threads: number): void {
    this.schedule = schedule
    this.threads = threads
    this.stopped = this.arrived = false
    this.running = true
  }

  /** Before each access that others can see: returns when the schedule says so. */
  pass(): void {
    if (!this.running) return
    if (this.stopped) throw STOPPED
    if (!this.arrived && !this.arrive()) { this.block(); this.position++; return }
    const next = this.next()
    if (next < 0) this.stopAll()
    if (this.stopped) throw STOPPED
    if (next !== this.me) { this.handOver(next); this.block() }
    this.position++
  }

  /** After the last operation, or what the code threw. */
  end(): void {
    this.running = false
    if (this.stopped) return
    store(this.control, wordOf(this.me, Of.Over), 1)
    if (!this.arrived && !this.arrive()) return
    const next = this.next()
    if (next < 0) this.stopAll()
    else this.handOver(next)
  }

  /** Nobody steps before all have come to their first access. True for the last one: it has the baton. */
  private arrive(): boolean {
    this.arrived = true
    this.position = 0
    return add(this.control, Baton.Arrived, 1) + 1 === this.threads
  }

  /** The thread whose turn it is, or -1 at the end. Kills come to pass here; who is over is passed by. */
  private next(): number {
    for (; this.position < this.schedule.length; this.position++) {
      const choice = this.schedule[this.position]!, thread = choice >> 1
      if (load(this.control, wordOf(thread, Of.Over)) === 1) continue
      if ((choice & 1) === 0) return thread
      store(this.control, wordOf(thread, Of.Over), 1)
    }
    return -1
  }

  private handOver(thread: number): void {
    store(this.control, Baton.Position, this.position)
    this.tell(thread, Turn.Mine)
  }

  private tell(thread: number, turn: Turn): void {
    const at = wordOf(thread, Of.Turn)
    store(this.control, at, turn)
    notify(this.control, at)
  }

  /** Waits for the baton. */
  private block(): void {
    const at = wordOf(this.me, Of.Turn)
    while (load(this.control, at) === Turn.Wait) wait(this.control, at, Turn.Wait)
    if (load(this.control, at) === Turn.Stop) { this.stopped = true; throw STOPPED }
    store(this.control, at, Turn.Wait)
    this.position = load(this.control, Baton.Position)
  }

  private stopAll(): void {
    for (let thread = 0; thread < this.threads; thread++) if (thread !== this.me) this.tell(thread, Turn.Stop)
    this.stopped = true
  }
}

const enum Cell { Shared = 0, Own = 1, Forgotten = 2 }

/** For each cell, whose it is to this thread. */
function cellsOf(own: Own | undefined, cells: number): Uint8Array {
  const whose = new Uint8Array(cells)
  for (const [from, to] of own?.cells ?? []) whose.fill(Cell.Own, from, to)
  for (const [from, to] of own?.forgotten ?? []) whose.fill(Cell.Forgotten, from, to)
  return whose
}

type Access = (view: Int32Array | BigInt64Array, index: number, a?: unknown, b?: unknown) => unknown

/** Puts the gate before all accesses of this worker to a memory, but for those to the thread's own cells. */
export function guard(gate: Gate, memory: Int32Array | BigInt64Array, own: Own | undefined): void {
  const whose = cellsOf(own, memory.length), { buffer, BYTES_PER_ELEMENT: width } = memory, methods = Atomics as unknown as { [name: string]: Access }
  const zero = width === 8 ? 0n : 0
  for (const name of Object.keys(ACCESS_OF)) {
    const original = methods[name]!
    methods[name] = (view, index, a, b) => {
      if (view.buffer === buffer) {
        // An index out of bounds is nobody's cell: it throws here and now, as in the explorer.
        const cell = whose[(view.byteOffset + index * view.BYTES_PER_ELEMENT) / width | 0]
        if (cell === Cell.Forgotten) return zero
        if (cell === Cell.Shared) gate.pass()
      }
      return original(view, index, a, b)
    }
  }
}
