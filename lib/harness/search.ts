// The stateful search. Depth first through every interleaving, each state visited once; a state is the memory, the places
// of the threads, and which operations had ended before which began.
//
// Three things come out of the same walk: whether every end is right; how many accesses an operation needs when it runs
// alone, from any state; and that no path comes back to a state that it has passed, so that the threads cannot keep each
// other busy for ever.
//
// Reduction: an access whose cell no other thread ever changes (or, for a write, ever touches) commutes with all that the
// others do, and is made at once. Which cells these are is found out by the search itself: whenever it
// has met an access that it had taken for impossible, it walks again. When it ends, every access that the explored graph contains has been
// noted, so each one made at once was a persistent set of its own (Godefroid, 1996): no end is lost. The first and the last
// access of an operation are never made at once, because when an operation begins and ends is part of what is judged.

import { AccessKind } from './access'
import { Ends, type Fault } from './ends'
import type { Monitor } from './monitor'
import { Random } from './random'
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
}

/** What a search has found. */
export interface Searched {
  /** Whether everything was seen; false if the budget ended. */
  readonly complete: boolean
  readonly states: number
  /** States of all walks, for the rate. */
  readonly visited: number
  readonly interleavings: number
  /** Kills that were tried: a kill of a thread in a state. */
  readonly kills: number
  /** Most accesses that each operation of the program needed alone. */
  readonly solo: readonly number[]
  readonly fault: Fault | undefined
  /** The choices that lead to the fault. */
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
  /** The thread whose access is made at once, or -1. */
  only: number
  /** Bounded searches: which thread ran last, and how many preemptions are left. */
  last: number, left: number
  /** Whether the choice ended an operation; and how many accesses in a row its thread had made at once before. */
  ended: number, run: number
  /** Accesses of all threads since an operation ended. */
  quiet: number
}

const noFrame = (): Frame => ({ a: 0, b: 0, at: 0, epoch: 0, choice: -1, made: false, undo: noUndo(), only: -1, last: -1, left: 0, ended: 0, run: 0, quiet: 0 })

/** Whether an access that found this word has changed nothing. */
const isRead = ({ kind, a }: Place, found: number): boolean => kind === AccessKind.Load || kind === AccessKind.CompareExchange && found !== a

/** Random runs before the search, to learn which cells are whose. Only speed: what they miss, the search finds out itself. */
const SCOUTS = 64
const SCOUTED = 3000
/** A walk that finds out so early that it left something out begins again at once; later it is worth seeing to its end. */
const EARLY = 50_000

export class Search {
  private table!: StateTable
  private readonly stack: Frame[] = []
  private depth = 0
  private killsLeft: number
  private killsTried = 0
  /** An access was made at once that another thread could notice: what was explored is right, but not all there is. */
  private mistaken = false
  /** States of all walks. */
  private visited = 0
  private fault: Fault | undefined
  private cut = false
  private last = -1
  private left: number
  private quiet = 0
  /** For each cell, which threads have read it and which have changed it; and whose accesses were made at once because of that. */
  private readonly readers: Uint8Array
  private readonly writers: Uint8Array
  private readonly trustedReads: Uint8Array
  private readonly trustedWrites: Uint8Array
  private readonly longest = new Map<Place, number>()
  private readonly ends: Ends
  /** For each thread, how many accesses in a row it has made at once. */
  private readonly runs: number[]

  constructor(private readonly world: World, private readonly monitor: Monitor, private readonly options: SearchOptions, ends?: Ends) {
    const cells = world.cells.length
    this.readers = new Uint8Array(cells)
    this.writers = new Uint8Array(cells)
    this.trustedReads = new Uint8Array(cells)
    this.trustedWrites = new Uint8Array(cells)
    this.ends = ends ?? new Ends(world, options.checks)
    this.killsLeft = options.kills
    this.left = options.preemptions
    this.runs = world.at.map(() => 0)
  }

  run(): Searched {
    if (this.options.reduce) this.scout()
    do {
      this.table = new StateTable(this.world.at.length)
      this.mistaken = false
      this.killsTried = 0
      this.walk()
      this.visited += this.table.size
    } while (this.mistaken && !this.stopped)
    if (!this.stopped) this.checkFrozen()
    const { fault } = this, schedule = fault === undefined ? [] : this.stack.slice(0, this.depth).map(({ choice }) => choice).filter(choice => choice >= 0)
    const searched = { complete: !this.cut && fault === undefined, states: this.table.size, visited: this.visited, interleavings: this.interleavings,
      kills: this.killsTried, solo: this.soloOf(), fault, schedule }
    this.rewind()
    return searched
  }

  private interleavings = 0

  private get stopped(): boolean { return this.cut || this.fault !== undefined }

  private walk(): void {
    let child = this.enter()
    if (this.stopped) return
    while (this.depth > 0) {
      const frame = this.stack[this.depth - 1]!
      if (child >= 0) this.learn(frame, child)
      const choice = this.nextChoice(frame)
      if (choice < 0) child = this.leave(frame)
      else child = this.make(frame, choice) ? this.enter() : -1
      if (this.stopped) return
      if (this.mistaken && this.table.size < EARLY) { this.rewind(); return }
    }
    if (!this.stopped) this.interleavings = this.table.counts[child]!
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

  /** A fault ends the search; one that does not count ends it too, but as a cut. */
  private raise(fault: Fault): void {
    if (this.options.checks.includes(fault.check)) this.fault = fault
    else this.cut = true
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
    if (mark === 1) { this.raise({ check: 'progress', message: 'a cycle: the threads can keep each other from ending' }); return -1 }
    if (this.isSpent()) { this.cut = true; return -1 }
    table.add(at)
    for (let t = 0; t < world.at.length; t++) table.notes[at * table.columns + t] = 0
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
    frame.last = this.last
    frame.left = this.left
    frame.quiet = this.quiet
    this.depth++
    frame.only = this.options.reduce ? this.unnoticed() : -1
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
    let over = true
    for (let t = 0; t < world.at.length; t++) {
      if (world.isOver(t)) continue
      over = false
      const solo = table.notes[at * table.columns + t]!, place = world.at[t]!
      if (solo > (this.longest.get(place) ?? 0)) this.longest.set(place, solo)
    }
    if (over) {
      table.counts[at] = 1
      this.fault = this.ends.check(this.options.kills - this.killsLeft)
    }
    if (this.fault !== undefined) return -1
    table.marks[at] = 2
    this.depth--
    return at
  }

  /** A child of the state is done: its interleavings are the state's too, and its thread needs one access more. */
  private learn(frame: Frame, child: number): void {
    this.unmake(frame)
    const at = this.placeOf(frame), { table } = this, { notes, columns } = table
    table.counts[at]! += table.counts[child]!
    if (isKill(frame.choice)) return
    const t = threadOf(frame.choice)
    notes[at * columns + t] = frame.ended === 1 ? 1 : Math.min(65535, 1 + notes[child * columns + t]!)
    // The others go on after an access that they cannot notice as they would have before it.
    if (frame.only >= 0) for (let u = 0; u < columns; u++) if (u !== t) notes[at * columns + u] = notes[child * columns + u]!
    if (notes[at * columns + t]! > this.options.solo) {
      this.raise({ check: 'progress', message: `an operation needs more than ${this.options.solo} accesses although it runs alone` })
    }
  }

  // --- choices

  /** The next choice at a state, or -1. In the order: step of thread 0, kill of thread 0, step of thread 1, ... */
  private nextChoice(frame: Frame): Choice {
    if (this.fault !== undefined) return -1
    const { world } = this
    for (let choice = frame.choice + 1; choice < world.at.length * 2; choice++) {
      const t = threadOf(choice)
      if (world.isOver(t) || frame.only >= 0 && frame.only !== t) continue
      if (isKill(choice) ? this.killsLeft > 0 && !world.at[t]!.isCall : this.mayRun(frame, t)) return choice
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
    frame.run = this.runs[t]!
    this.runs[t] = frame.only >= 0 ? frame.run + 1 : 0
    if (this.runs[t]! > next.unnoticed) next.unnoticed = this.runs[t]!
    this.note(place, !isRead(place, frame.undo.word))
    return this.watch(place, frame.undo.word)
  }

  private unmake(frame: Frame): void {
    frame.made = false
    if (isKill(frame.choice)) {
      this.world.killed[threadOf(frame.choice)] = false
      this.killsLeft++
    } else {
      this.world.undo(frame.undo)
      this.runs[threadOf(frame.choice)] = frame.run
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

  /** A thread whose next access commutes with everything that the others may do, or -1. */
  private unnoticed(): number {
    const { world } = this
    for (let t = 0; t < world.at.length; t++) {
      const place = world.at[t]!
      if (world.isOver(t) || place.isCall) continue
      const reads = world.wouldRead(place), others = ~(1 << t) & 255, { cell } = place
      if (((reads ? this.writers[cell]! : this.writers[cell]! | this.readers[cell]!) & others) !== 0) continue
      let next: Place
      try { next = world.next(place) } catch { continue }
      if (next.ended !== place.ended) continue
      if (reads) this.trustedReads[cell]! |= 1 << t
      else this.trustedWrites[cell]! |= 1 << t
      return t
    }
    return -1
  }

  /** Walks at random, noting who touches what. */
  private scout(): void {
    const { world } = this, undos: Undo[] = [], random = new Random(1)
    for (let run = 0; run < SCOUTS; run++) {
      // From switches at every access to hardly any: a thread that stands still for long shows what the others do meanwhile.
      const patience = 1 << (run & 7)
      try {
        for (let t = 0; undos.length < SCOUTED && t >= 0;) t = this.scoutStep(random.below(patience) === 0 ? -1 : t, random, undos)
      } catch { /* What throws here is found, and reported, by the search. */ }
      while (undos.length > 0) world.undo(undos.pop()!)
    }
  }

  /** A step of thread `t`, or of any thread if it has ended or is -1; which thread it was, or -1 if all have ended. */
  private scoutStep(t: number, random: Random, undos: Undo[]): number {
    const { world } = this, ready = world.at.filter(({ done }) => !done)
    if (ready.length === 0) return -1
    const place = t >= 0 && !world.at[t]!.done ? world.at[t]! : ready[random.below(ready.length)]!, undo = noUndo(), reads = world.wouldRead(place)
    undos.push(undo)
    world.step(place, undo)
    this.note(place, !reads)
    return place.thread
  }

  /** Notes who touches what; after an access that was thought impossible all must be walked again. */
  private note({ cell, thread }: Place, writes: boolean): void {
    const bit = 1 << thread, seen = writes ? this.writers : this.readers
    if ((seen[cell]! & bit) !== 0) return
    seen[cell]! |= bit
    const trusted = writes ? this.trustedReads[cell]! | this.trustedWrites[cell]! : this.trustedWrites[cell]!
    if ((trusted & ~bit) === 0) return
    this.trustedReads[cell] = this.trustedWrites[cell] = 0
    this.mistaken = true
  }

  // --- results

  private soloOf(): number[] {
    const solo = this.world.operations.map(() => 0)
    for (const [place, longest] of this.longest) {
      const number = this.world.threads.first[place.thread]! + place.answers.length
      solo[number] = Math.max(solo[number]!, longest + place.unnoticed)
    }
    return solo
  }
}

export { killOf, stepOf }
