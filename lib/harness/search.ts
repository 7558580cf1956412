// The stateful search. Depth first through every interleaving, each state visited once; a state is the memory, the places
// of the threads, and which operations had ended before which began.
//
// Three things come out of the same walk: whether every end is right; how many accesses an operation needs when it runs
// alone, from any state; and that no path comes back to a state that it has passed, so that the threads cannot keep each
// other busy for ever.
//
// Reduction: an access that commutes with all that the others may still do, from where they stand, is made at once. What
// they may still do is learnt by the search itself: whenever an access turns up that it had relied on not to come, the
// states on its path that relied on it are explored in full after all. No state that was left is wrong: when a state is
// left, all that the others can do after the access has been seen, and they can do nothing else before it as long as nothing
// conflicts; so if anything did, it has turned up, and the state was on the path then. Each access made at once was thus a
// persistent set of its own (Godefroid, 1996): no end is lost. The first and the last
// access of an operation are never made at once, because when an operation begins and ends is part of what is judged.

import { isRead } from './access'
import { callText } from './alone'
import { Ends, type Fault } from './ends'
import type { Footprints } from './footprints'
import type { Monitor } from './monitor'
import { scout } from './scout'
import { StateTable } from './table'
import type { Place } from './tree'
import { type Choice, type Undo, World, isKill, killOf, noUndo, stepOf, threadOf } from './world'
import { laneA, laneB } from './words'

/** Places that the threads of one program may have, about a kilobyte each; where there are more, the search is cut. */
export const MOST_PLACES = 300_000

export interface SearchOptions {
  /** How many threads may be killed. */
  readonly kills: number
  readonly maxStates: number
  /** Most times that a thread which could go on is interrupted; Infinity: no bound. */
  readonly preemptions: number
  /** Most accesses that an operation may need when it runs alone. */
  readonly solo: number
  /** Most accesses of all threads together in which no operation ends. */
  readonly together: number
  /** Whether accesses that nobody else can notice are made at once. */
  readonly reduce: boolean
  /** The checks that count. */
  readonly checks: readonly Fault['check'][]
  /** Stop at this time (of performance.now). */
  readonly deadline: number
  /** Is shown each state when it is met for the first time. */
  readonly visit?: ((world: World) => void) | undefined
}

/** What a search has found. */
export interface Searched {
  /** Whether everything was seen; false if the budget ended. */
  readonly complete: boolean
  readonly states: number
  readonly interleavings: number
  /** Kills that were tried: a kill of a thread in a state. */
  readonly kills: number
  /** Most accesses that each operation of the program needed alone. */
  readonly solo: readonly number[]
  readonly fault: Fault | undefined
  /** A fault that does not count, beyond which nothing was searched. */
  readonly barrier: Fault | undefined
  /** The choices that lead to the fault, or to the barrier. */
  readonly schedule: readonly Choice[]
}

/** The other choices at a state, and how to come back to it. */
interface Frame {
  a: number, b: number, at: number, epoch: number
  /** The choice that is being explored. */
  choice: Choice
  /** Whether it is in force. */
  made: boolean
  undo: Undo
  /** The thread whose access is made at once, or -1; and whether it changes nothing. */
  only: number, reads: boolean
  /** The choices that have been explored, or are being explored, as bits. */
  tried: number
  /** Bounded searches: which thread ran last, and how many preemptions are left. */
  last: number, left: number
  /** Whether the choice ended an operation. */
  ended: number
  /** Accesses of all threads since an operation ended. */
  quiet: number
}

const noFrame = (): Frame => ({ a: 0, b: 0, at: 0, epoch: 0, choice: -1, made: false, undo: noUndo(), only: -1, reads: false,
  tried: 0, last: -1, left: 0, ended: 0, quiet: 0 })

export class Search {
  private readonly table: StateTable
  private readonly stack: Frame[] = []
  private depth = 0
  private killsLeft: number
  private killsTried = 0
  private fault: Fault | undefined
  private barrier: Fault | undefined
  private cut = false
  private last = -1
  private left: number
  private quiet = 0
  /** What the threads may still access. */
  private readonly footprints: Footprints
  /** Most accesses that each operation of the program needed alone. */
  private readonly solo: number[]
  private readonly ends: Ends

  constructor(private readonly world: World, private readonly monitor: Monitor, private readonly options: SearchOptions, ends?: Ends) {
    this.footprints = world.threads.footprints
    this.table = new StateTable(world.at.length)
    this.ends = ends ?? new Ends(world, options.checks)
    this.killsLeft = options.kills
    this.left = options.preemptions
    this.solo = world.operations.map(() => 0)
  }

  run(): Searched {
    if (this.options.reduce) scout(this.world)
    this.walk()
    if (!this.stopped) this.checkFrozen()
    const { fault, barrier } = this, schedule = (fault ?? barrier) === undefined ? [] : this.stack.slice(0, this.depth).map(({ choice }) => choice).filter(choice => choice >= 0)
    const searched = { complete: !this.cut && fault === undefined, states: this.table.size, interleavings: Math.min(this.interleavings, Number.MAX_VALUE),
      kills: this.killsTried, solo: this.solo, fault, barrier, schedule }
    this.rewind()
    return searched
  }

  private interleavings = 0

  private get stopped(): boolean { return this.cut || this.fault !== undefined }

  private walk(): void {
    let child = this.enter()
    if (this.stopped) return
    while (this.depth > 0) {
      if (this.footprints.mistaken) this.repair()
      const frame = this.stack[this.depth - 1]!
      if (child >= 0) this.learn(frame, child)
      const choice = this.nextChoice(frame)
      if (choice < 0) child = this.leave(frame)
      else child = this.make(frame, choice) ? this.enter() : -1
      if (this.stopped) return
    }
    if (!this.stopped) this.interleavings = this.table.counts[child]!
  }

  /** States on the path that have relied on less than is known now are explored in full. */
  private repair(): void {
    const { world, stack, footprints } = this, at = [...world.at], killed = [...world.killed]
    footprints.mistaken = false
    for (let depth = this.depth - 1; depth >= 0; depth--) {
      const frame = stack[depth]!
      if (frame.made && isKill(frame.choice)) killed[threadOf(frame.choice)] = false
      else if (frame.made) at[threadOf(frame.choice)] = frame.undo.place
      if (frame.only >= 0 && !this.isAlone(frame.only, at[frame.only]!.cell, frame.reads, at, killed)) frame.only = -1
    }
  }

  /** Undoes the whole path. */
  private rewind(): void {
    while (this.depth > 0) {
      const frame = this.stack[this.depth - 1]!
      if (frame.made) this.unmake(frame)
      this.depth--
    }
    this.killsLeft = this.options.kills
    this.left = this.options.preemptions
    this.last = -1
  }

  /** What is read plainly must never change: no step tells who reads it when. */
  private checkFrozen(): void {
    const { touched, threads } = this.world, cell = threads.runtimes.flatMap(({ frozen }) => [...frozen]).find(read => touched.has(read))
    if (cell !== undefined) this.raise({ check: 'crash', message: `cell ${cell} is read plainly, but it changes: read it through Atomics` })
  }

  /** A fault ends the search; one that does not count ends it too, since nothing can be searched beyond it. */
  private raise(fault: Fault): void {
    if (this.options.checks.includes(fault.check)) { this.fault = fault; return }
    this.cut = true
    this.barrier = fault
  }

  /** What threads do over and over again: the path from a state to the same state. */
  private cycleText(a: number, b: number): string {
    const from = this.stack.findIndex(frame => frame.a === a && frame.b === b), round = this.stack.slice(from, this.depth)
    const { at, program } = this.world, threads = [...new Set(round.map(({ choice }) => threadOf(choice)))].sort()
    const who = threads.map(t => `thread ${t} in ${callText(program.threads[t]![at[t]!.answers.length]!)}`)
    return `a cycle: the threads can keep each other from ending: after ${round.length} accesses (${who.join(', ')}) everything is as it was`
  }

  // --- states

  /** Looks the present state up: its place in the table if it is known, or -1 and a new frame for it. */
  private enter(): number {
    const { world, table } = this, bounded = this.options.preemptions !== Infinity
    // Cells and threads are numbered alike: each hash is stirred into the other, so that equal changes of both do not cancel out.
    let a = laneA(world.memoryA, world.threadsA()), b = laneB(world.memoryB, world.threadsB())
    if (bounded) { a ^= laneA(128 + this.last, this.left); b ^= laneB(128 + this.last, this.left) }
    const at = table.find(a, b), mark = table.marks[at]
    if (mark === 2) return at
    if (mark === 1) { this.raise({ check: 'progress', message: this.cycleText(a, b) }); return -1 }
    if (this.isSpent()) { this.cut = true; return -1 }
    table.add(at)
    this.options.visit?.(world)
    if (this.quiet > this.options.together) {
      this.raise({ check: 'progress', message: `${this.options.together} accesses, and no operation has ended: the threads can keep each other from ending` })
      return -1
    }
    const frame = this.stack[this.depth] ??= noFrame()
    frame.a = a
    frame.b = b
    frame.at = at
    frame.epoch = table.epoch
    frame.choice = -1
    frame.tried = 0
    frame.last = this.last
    frame.left = this.left
    frame.quiet = this.quiet
    this.depth++
    frame.only = -1
    if (this.options.reduce) this.chooseAtOnce(frame)
    return -1
  }

  private isSpent(): boolean {
    const { size } = this.table, { maxStates, deadline } = this.options
    return size >= maxStates || this.world.threads.size >= MOST_PLACES || (size & 1023) === 0 && performance.now() > deadline
  }

  private placeOf(frame: Frame): number {
    if (frame.epoch !== this.table.epoch) {
      frame.at = this.table.find(frame.a, frame.b)
      frame.epoch = this.table.epoch
    }
    return frame.at
  }

  /** All choices were explored: what is known of the state is final. */
  private leave(frame: Frame): number {
    const at = this.placeOf(frame), { table, world } = this
    const over = world.at.every((_, t) => world.isOver(t))
    this.noteSolo(at)
    if (over) {
      table.counts[at] = 1
      this.fault = this.ends.check(this.options.kills - this.killsLeft)
    }
    if (this.fault !== undefined) return -1
    table.marks[at] = 2
    this.depth--
    return at
  }

  /**
   * A child of the state is done: its interleavings are the state's too, and its thread needs one access more. An access
   * that was made at once might as well have come last of all, so its thread needs it in addition to what it needs later.
   */
  private learn(frame: Frame, child: number): void {
    this.unmake(frame)
    const at = this.placeOf(frame), { table, world } = this, { alone, latest, columns } = table, t = threadOf(frame.choice)
    table.counts[at]! += table.counts[child]!
    for (let u = 0; u < columns; u++) {
      const to = at * columns + u, from = child * columns + u
      if (u !== t && frame.only >= 0 && !isKill(frame.choice)) alone[to] = alone[from]!
      if (u !== t || frame.only >= 0 && !isKill(frame.choice)) latest[to] = Math.max(latest[to]!, Math.min(65535, latest[from]! + (u === t ? 1 : 0)))
    }
    if (isKill(frame.choice)) return
    const needed = frame.ended === 1 ? world.at[t]!.isSilent ? 0 : 1 : Math.min(65535, 1 + alone[child * columns + t]!)
    alone[at * columns + t] = needed
    if (needed > this.options.solo) this.raise({ check: 'progress', message: `an operation needs more than ${this.options.solo} accesses although it runs alone` })
  }

  /** What the operations need alone, from this state or from one to which the others lead. */
  private noteSolo(at: number): void {
    const { world, solo, table: { alone, latest, columns } } = this
    for (let t = 0; t < columns; t++) {
      if (world.isOver(t)) continue
      const n = world.threads.first[t]! + world.at[t]!.answers.length, to = at * columns + t
      latest[to] = Math.max(latest[to]!, alone[to]!)
      if (latest[to]! > solo[n]!) solo[n] = latest[to]!
    }
  }

  // --- choices

  /**
   * The next choice at a state, or -1: for each thread in turn a step, then its kill. Of a thread whose access is made at
   * once the kill comes first: what is found out then is known when `learn` looks at the step.
   */
  private nextChoice(frame: Frame): Choice {
    if (this.fault !== undefined) return -1
    const { world } = this
    for (let t = 0; t < world.at.length; t++) {
      if (world.isOver(t) || frame.only >= 0 && frame.only !== t) continue
      const mayKill = (frame.tried >> killOf(t) & 1) === 0 && this.killsLeft > 0 && !world.at[t]!.isCall
      if (frame.only >= 0 && mayKill) return killOf(t)
      if ((frame.tried >> stepOf(t) & 1) === 0 && this.mayRun(frame, t)) return stepOf(t)
      if (mayKill) return killOf(t)
    }
    return -1
  }

  /** Whether the bound on preemptions lets a thread run next. */
  private mayRun({ last, left, only }: Frame, t: number): boolean {
    return left > 0 || last < 0 || last === t || this.world.isOver(last) || only >= 0
  }

  private make(frame: Frame, choice: Choice): boolean {
    const { world } = this, t = threadOf(choice)
    frame.choice = choice
    frame.tried |= 1 << choice
    frame.made = true
    if (isKill(choice)) {
      world.killed[t] = true
      this.killsLeft--
      this.killsTried++
      return true
    }
    const place = world.at[t]!
    // An access that nobody notices interrupts nobody.
    if (this.options.preemptions !== Infinity && frame.only < 0) {
      if (frame.last >= 0 && frame.last !== t && !world.isOver(frame.last)) this.left = frame.left - 1
      this.last = t
    }
    const before = place.ended
    try {
      world.step(place, frame.undo)
    } catch (error) {
      this.raise({ check: 'crash', message: `${(error as Error).message} (thread ${t})` })
      return false
    }
    const next = world.at[t]!
    frame.ended = next.ended === before ? 0 : 1
    this.quiet = frame.ended === 1 ? 0 : frame.quiet + 1
    this.footprints.note(place, !isRead(place, frame.undo.word))
    return this.watch(place, frame.undo.word)
  }

  private unmake(frame: Frame): void {
    frame.made = false
    if (isKill(frame.choice)) {
      this.world.killed[threadOf(frame.choice)] = false
      this.killsLeft++
    } else {
      this.world.undo(frame.undo)
    }
    this.last = frame.last
    this.left = frame.left
    this.quiet = frame.quiet
  }

  /** Each change of a word must be a step that is allowed. */
  private watch(place: Place, found: number): boolean {
    const after = this.world.cells[place.cell]!
    if (after === found) return true
    const message = this.monitor.watch(this.world, place, found, after)
    if (message === '' || !this.options.checks.includes('transition')) return true
    this.raise({ check: 'transition', message })
    return false
  }

  // --- accesses that nobody else can notice

  /** Looks for a thread whose next access commutes with everything that the others may still do. */
  private chooseAtOnce(frame: Frame): void {
    const { world, footprints } = this
    for (let t = 0; t < world.at.length; t++) {
      const place = world.at[t]!
      if (world.isOver(t) || place.isCall) continue
      const reads = world.wouldRead(place)
      if (!this.isAlone(t, place.cell, reads, world.at, world.killed) || this.endsBy(place)) continue
      for (let u = 0; u < world.at.length; u++) if (u !== t && !world.isOver(u)) footprints.rely(place.cell, reads, world.at[u]!)
      frame.only = t
      frame.reads = reads
      return
    }
  }

  /** Whether an operation ends by its next access; or fails, which the search is to see in the order of its choices. */
  private endsBy(place: Place): boolean {
    try { return this.world.next(place).ended !== place.ended } catch { return true }
  }

  /** Whether an access of thread `t` commutes with whatever the others are known to do from where they stand. */
  private isAlone(t: number, cell: number, reads: boolean, at: readonly Place[], killed: readonly boolean[]): boolean {
    for (let u = 0; u < at.length; u++) {
      if (u !== t && !killed[u] && !at[u]!.done && !this.footprints.commutes(cell, reads, at[u]!)) return false
    }
    return true
  }
}

export { killOf, stepOf }
