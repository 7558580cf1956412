// Where a program is too large for any search: random schedules, by priorities that change at a few random points. A bug
// that needs d ordered events is found by each run with a probability of at least 1 / (threads x accesses^(d - 1)).
// Source: Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized scheduler with probabilistic guarantees of
// finding bugs" (PCT), 2010.

import type { Ends, Fault } from './ends'
import type { Monitor } from './monitor'
import { Random } from './random'
import { MOST_PLACES } from './search'
import { type Choice, type Undo, type World, killOf, noUndo, stepOf } from './world'

export interface SampleOptions {
  readonly runs: number
  readonly seed: number
  readonly kills: number
  /** Points at which the running thread gives way. */
  readonly changes: number
  /** Most accesses of a run. */
  readonly most: number
  readonly deadline: number
}

/** What random runs have found. */
export interface Sampled { readonly runs: number, readonly accesses: number, readonly kills: number, readonly fault: Fault | undefined, readonly schedule: readonly Choice[] }

/** Runs a program under random schedules; stops at the first fault. */
export function sample(world: World, monitor: Monitor, ends: Ends, options: SampleOptions): Sampled {
  const random = new Random(options.seed)
  let accesses = 0, kills = 0, expected = 100
  for (let run = 0; run < options.runs; run++) {
    if (performance.now() > options.deadline || world.threads.size > MOST_PLACES * 2) return { runs: run, accesses, kills, fault: undefined, schedule: [] }
    const one = new RandomRun(world, monitor, random, options, expected)
    const fault = one.go() ?? ends.check(one.kills)
    one.undo()
    accesses += one.schedule.length
    kills += one.kills
    expected = Math.max(expected, one.schedule.length)
    if (fault !== undefined) return { runs: run + 1, accesses, kills, fault, schedule: one.schedule }
  }
  return { runs: options.runs, accesses, kills, fault: undefined, schedule: [] }
}

class RandomRun {
  readonly schedule: Choice[] = []
  kills = 0
  private readonly undos: Undo[] = []
  private readonly priorities: number[]
  private readonly changes: Set<number>
  private readonly killAt: Map<number, number>

  constructor(private readonly world: World, private readonly monitor: Monitor, random: Random, private readonly options: SampleOptions, expected: number) {
    this.priorities = world.at.map(() => 1000 + random.below(1000))
    this.changes = new Set(Array.from({ length: options.changes }, () => random.below(expected)))
    this.killAt = new Map(Array.from({ length: random.below(options.kills + 1) }, () => [random.below(expected), random.below(world.at.length)]))
  }

  /** Runs to the end; the fault that ended it early, if one did. */
  go(): Fault | undefined {
    const { world } = this
    for (let n = 0; ; n++) {
      const victim = this.killAt.get(n)
      if (victim !== undefined && !world.isOver(victim) && !world.at[victim]!.isCall) this.kill(victim)
      const t = this.pick()
      if (t < 0) return undefined
      if (n >= this.options.most) return { check: 'progress', message: `${n} accesses, and the program has not ended` }
      if (this.changes.has(n)) this.priorities[t] = -n
      const fault = this.step(t)
      if (fault !== undefined) return fault
    }
  }

  private kill(thread: number): void {
    this.schedule.push(killOf(thread))
    this.world.killed[thread] = true
    this.kills++
  }

  private pick(): number {
    let best = -1
    for (let t = 0; t < this.priorities.length; t++) {
      if (!this.world.isOver(t) && (best < 0 || this.priorities[t]! > this.priorities[best]!)) best = t
    }
    return best
  }

  private step(t: number): Fault | undefined {
    const { world } = this, place = world.at[t]!, undo = noUndo()
    this.schedule.push(stepOf(t))
    this.undos.push(undo)
    try {
      world.step(place, undo)
    } catch (error) {
      return { check: 'crash', message: `${(error as Error).message} (thread ${t})` }
    }
    const after = world.cells[place.cell]!, message = after === undo.word ? '' : this.monitor.watch(world, place, undo.word, after)
    return message === '' ? undefined : { check: 'transition', message }
  }

  undo(): void {
    while (this.undos.length > 0) this.world.undo(this.undos.pop()!)
    this.world.killed.fill(false)
  }
}
