// explore(): every interleaving of a program, or as many as the budget allows, and always a name for which of the two.

import { confirm, type Confirmation } from './confirm'
import { CHECKS, type Check, Ends, type Fault } from './ends'
import { requireFinals } from './finals'
import { Monitor } from './monitor'
import { programText, regressionText, switchesIn, traceText } from './report'
import { sample } from './sample'
import { Search, type SearchOptions, type Searched } from './search'
import type { Program, System } from './system'
import { fromToken, toToken } from './token'
import { type Choice, type Undo, World, isKill, noUndo, threadOf } from './world'

/** How far a check has gone: everything; all that few interruptions can do; or some. */
export type Verdict = 'exhaustive' | 'bounded' | 'sampled'

/** Options of `explore`; the defaults end within seconds. */
export interface ExploreOptions {
  /** Most threads that the scheduler may kill, each at any of its accesses. Default 0. */
  readonly kills?: number
  /** States that each search may visit before it gives up. Default 1,000,000. */
  readonly maxStates?: number
  /** Seconds for the whole call. Default: no limit. */
  readonly seconds?: number
  /** `'exhaustive'`: a search that was cut is a failure. */
  readonly require?: 'exhaustive'
  /** Most accesses that an operation may need alone, from any state. Default 2,000. */
  readonly solo?: number
  /** Most accesses of all threads together without one operation ending. Default 10,000. */
  readonly together?: number
  /** Whether accesses that no other thread can notice are made at once. Default true; false explores more and finds the same. */
  readonly reduce?: boolean
  /** Search only schedules with at most so many preemptions (interruptions of a thread that could go on). Default: all. */
  readonly preemptions?: number
  /** Random runs where no search comes to an end. Default 1,000. */
  readonly samples?: number
  /** Seed of the random runs. Default 1. */
  readonly seed?: number
  /** Whether a counterexample is replayed on real workers before it is reported. Default true. */
  readonly confirm?: boolean
  /**
   * The checks that count, to learn what each is good for. Default: all. A fault of another check ends the search where
   * nothing can be searched beyond it (a cycle, an exception): if nothing that counts was found, that is reported.
   */
  readonly checks?: readonly Check[]
  /** Counts steps over several explorations; see {@link expectCovered}. */
  readonly monitor?: Monitor
  /** Is shown each state of a search when it is met for the first time: for counts, and for machines that are read off. */
  readonly visit?: (world: World) => void
}

/** What an exploration saw. */
export interface Explored {
  readonly verdict: Verdict
  /** `bounded`: within so many preemptions everything was seen. `sampled`: so many runs. Undefined for `exhaustive`. */
  readonly bound: number | undefined
  /** Ways to interleave the accesses, kills included; ways that differ in accesses which nobody can notice count once. `Number.MAX_VALUE` stands for more than that. */
  readonly interleavings: number
  readonly states: number
  /** States of all searches of this call, those that were given up included: what the time was spent on. */
  readonly visited: number
  /** Kills tried: one thread in one state. */
  readonly kills: number
  /** Different histories that were judged. */
  readonly histories: number
  /** Most own accesses that an operation needed when it ran alone, from any state that was seen; in all and by operation. */
  readonly longestSolo: number
  readonly solo: Readonly<Record<string, number>>
  readonly ms: number
  /** In one line. */
  readonly summary: string
}

/** A violation, with everything that is needed to see it again. */
export interface Failure {
  readonly check: Fault['check'] | 'budget'
  readonly message: string
  readonly system: string
  readonly program: Program
  /** The choices of the scheduler, as few switches as were found to do. */
  readonly schedule: readonly Choice[]
  /** Replays program and schedule: `replay(system, token)`, or the environment variable REPLAY. */
  readonly token: string
  /** The run as a table. */
  readonly trace: string
  readonly confirmation: Confirmation | undefined
  /** A test, ready to paste. */
  readonly regression: string
}

/** Thrown where a check finds a fault; `failure` has the parts of the message. */
export class CheckError extends Error {
  override readonly name = 'CheckError'
  constructor(message: string, readonly failure: Failure) { super(message) }
}

/**
 * Checks a program in every interleaving: all answers are linearizable and agree with what the memory holds afterwards,
 * every change of a word is legal, every operation ends by itself, no path returns to where it was, and the memory at rest
 * is in order. With `kills` the scheduler may also end threads for good, at any access.
 *
 * Synchronous; it throws, so that it works with any test runner. Where the budget ends before the search does, it goes
 * on with all schedules of 0, 1, 2 and 3 preemptions, and where even that is too much, with random ones.
 *
 * @throws {@link CheckError} for a violation; for a cut search if `require` is `'exhaustive'`; and where a fault that `checks`
 *   leaves out ends the search early, since what lies beyond a cycle was not seen. TypeError with `kills` where nothing reads
 *   what they leave: no `final`, and no operation that is a {@link read}
 * @remarks Time and memory grow with the number of states, about 50 bytes each.
 */
export function explore(system: System, program: Program, options: ExploreOptions = {}): Explored {
  const token = process.env.REPLAY
  if (token !== undefined && token !== '' && fromToken(token).system === system.name) replay(system, token, { log: true })
  return new Exploration(system, program, options).run()
}

/** @internal The check that finds a fault in a program, or undefined: `explore` without a report, for which the fault would be searched again. */
export function faultIn(system: System, program: Program, options: ExploreOptions): Failure['check'] | undefined {
  try {
    new Exploration(system, program, options, false).run()
    return undefined
  } catch (error) {
    if (error instanceof Unreported) return error.check
    throw error
  }
}

class Unreported extends Error {
  constructor(readonly check: Failure['check']) { super(check) }
}

const PREEMPTIONS = [0, 1, 2, 3]
/** What to do about a fault beyond which nothing can be searched. */
const ADVICE: Partial<Record<Check, string>> = {
  progress: 'What comes after it cannot be searched: let the operation answer that it must be tried again, in place of waiting in a loop',
}
const REPLAYED_STATES = 200_000

class Exploration {
  private readonly world: World
  private readonly monitor: Monitor
  private readonly ends: Ends
  private readonly started = performance.now()
  private readonly budget: Omit<SearchOptions, 'preemptions'>

  constructor(private readonly system: System, private readonly program: Program, private readonly options: ExploreOptions, private readonly reports = true) {
    const { kills = 0, maxStates = 1_000_000, seconds = Infinity, solo = 2000, together = 10_000, reduce = true, monitor, visit, checks = CHECKS } = options
    requireFinals(system, kills)
    this.monitor = monitor ?? new Monitor(system)
    this.world = new World(system, program)
    this.ends = new Ends(this.world, checks)
    this.budget = { kills, maxStates, solo, together, reduce, checks, visit, deadline: this.started + seconds * 1000 }
  }

  run(): Explored {
    const { preemptions } = this.options
    if (preemptions !== undefined) return this.bounded(PREEMPTIONS.filter(bound => bound <= preemptions), undefined)
    const whole = this.search(Infinity)
    if (whole.complete) return this.explored('exhaustive', undefined, whole, whole.states)
    if (this.options.require === 'exhaustive') {
      this.fail({ check: 'progress', message: `not exhaustive: the budget ended after ${whole.states} states` }, [], 'budget')
    }
    return this.bounded(PREEMPTIONS, whole)
  }

  /** All schedules of few preemptions, as many of them as the budget allows; and random ones where it allows none. */
  private bounded(bounds: readonly number[], whole: Searched | undefined): Explored {
    let visited = whole?.states ?? 0, best: [number, Searched] | undefined, last = whole
    for (const bound of bounds) {
      last = this.search(bound)
      visited += last.states
      if (!last.complete) break
      best = [bound, last]
    }
    const barrier = last?.barrier !== undefined ? last : whole?.barrier !== undefined ? whole : undefined
    if (barrier !== undefined) this.failAt(barrier)
    return best !== undefined ? this.explored('bounded', best[0], best[1], visited) : this.sample(last!, visited)
  }

  private search(preemptions: number): Searched {
    const searched = new Search(this.world, this.monitor, { ...this.budget, preemptions }, this.ends).run()
    if (searched.fault !== undefined) this.fail(searched.fault, searched.schedule)
    return searched
  }

  /** A search that stopped at a fault which does not count has seen less than it was asked for: that is never right. */
  private failAt({ barrier, schedule, states }: Searched): never {
    const { check, message } = barrier!, advice = ADVICE[check] ?? `mend that first, or add '${check}' to checks to have it reported`
    this.fail({ check, message: `stopped after ${states} states by a fault that checks leaves out (${check}): ${message}. ${advice}` }, schedule, 'budget')
  }

  private sample(whole: Searched, visited: number): Explored {
    const { samples = 1000, seed = 1, kills = 0, together = 10_000 } = this.options
    const deadline = Math.max(this.budget.deadline, performance.now() + 1000)
    const sampled = sample(this.world, this.monitor, this.ends, { runs: samples, seed, kills, changes: 2, most: together * this.world.operations.length, deadline })
    if (sampled.fault !== undefined) this.fail(sampled.fault, sampled.schedule)
    return this.explored('sampled', sampled.runs, { ...whole, interleavings: sampled.runs, kills: whole.kills + sampled.kills }, visited + sampled.accesses)
  }

  private explored(verdict: Verdict, bound: number | undefined, { states, interleavings, kills, solo }: Searched, visited: number): Explored {
    const byName: Record<string, number> = {}, ms = performance.now() - this.started, histories = this.ends.histories.size
    this.world.operations.forEach(({ call }, n) => { byName[call[0]] = Math.max(byName[call[0]] ?? 0, solo[n]!) })
    const longestSolo = Math.max(0, ...solo), often = interleavings < 1e6 ? `${interleavings}` : interleavings.toExponential(1)
    const how = verdict === 'exhaustive' ? verdict : verdict === 'bounded' ? `bounded: ${bound} preemptions` : `sampled: ${bound} runs`
    return { verdict, bound, interleavings, states, visited, kills, histories, longestSolo, solo: byName, ms,
      summary: `${how}: ${often} interleavings, ${states} states, ${kills} kills, longest solo run ${longestSolo}` }
  }

  /** Reports a fault with the fewest switches that show it, replayed on real workers. */
  private fail(fault: Fault, found: readonly Choice[], check: Failure['check'] = fault.check): never {
    if (!this.reports) throw new Unreported(check)
    const { system, program, options } = this, isSure = found.length === 0 || check === 'budget'
    const [{ message }, schedule] = isSure ? [fault, found] as const : this.minimize(fault, found)
    const token = toToken({ system: system.name, program, schedule })
    const confirmation = options.confirm === false || check === 'budget' ? undefined : confirm(system, program, schedule)
    const failure: Failure = { check, message, system: system.name, program, schedule, token, confirmation, trace: traceText(system, program, schedule),
      regression: regressionText(program, token, options.kills ?? 0) }
    throw new CheckError(messageOf(failure), failure)
  }

  /** The same fault, or another of its kind, by as few preemptions as possible. */
  private minimize(fault: Fault, found: readonly Choice[]): [Fault, readonly Choice[]] {
    for (const preemptions of PREEMPTIONS) {
      const world = new World(this.system, this.program), deadline = performance.now() + 5000
      const searched = new Search(world, new Monitor(this.system), { ...this.budget, preemptions, deadline, visit: undefined, maxStates: REPLAYED_STATES }).run()
      if (searched.fault?.check === fault.check) return [searched.fault, searched.schedule]
    }
    return [fault, found]
  }
}

function messageOf({ check, message, system, program, schedule, token, trace, confirmation, regression }: Failure): string {
  const heading = `${system}: ${check}: ${message}`, name = program.name === undefined ? '' : ` (${program.name})`
  if (schedule.length === 0) return `${heading}\n\nprogram${name}\n${programText(program)}`
  const confirmed = confirmation === undefined ? '' : `\nconfirmed on real workers: ${confirmation.confirmed ? 'yes' : `no: ${confirmation.why}`}`
  const how = `program${name}, ${schedule.length} accesses, ${switchesIn(schedule)}\n${programText(program)}`
  return `${heading}\n\n${how}\n\n${trace}\n${confirmed}\nREPLAY=${token}\n\nas a test:\n${regression}`
}

/**
 * Runs the one schedule of a token again. Threads that it leaves unfinished run to their end, one after the other.
 *
 * @returns the run as a table
 * @throws {@link CheckError} if it fails (again); TypeError for a token that is damaged or of another system
 */
export function replay(system: System, token: string, { log = false }: { log?: boolean } = {}): string {
  const { system: name, program, schedule } = fromToken(token)
  if (name !== system.name) throw new TypeError(`the token is of the system ${name}, not of ${system.name}`)
  const world = new World(system, program), [fault, done] = follow(world, new Monitor(system), schedule), text = traceText(system, program, done)
  if (fault === undefined) {
    if (log) console.log(`${programText(program)}\n\n${text}`)
    return text
  }
  const failure: Failure = { ...fault, system: name, program, schedule: done, token, trace: text, confirmation: confirm(system, program, done),
    regression: regressionText(program, token, done.filter(isKill).length) }
  throw new CheckError(messageOf(failure), failure)
}

/** Follows a schedule to its end, and then lets each thread run alone; what went wrong, and the choices made. */
function follow(world: World, monitor: Monitor, schedule: readonly Choice[]): [Fault | undefined, Choice[]] {
  const done: Choice[] = [], rest = function* (): Generator<Choice> {
    yield* schedule
    for (let t = 0; t < world.at.length; t++) for (let n = 0; n < 100_000 && !world.isOver(t); n++) yield t * 2
  }
  for (const choice of rest()) {
    const t = threadOf(choice)
    if (world.isOver(t)) continue
    done.push(choice)
    if (isKill(choice)) { world.killed[t] = true; continue }
    const fault = followStep(world, monitor, t, noUndo())
    if (fault !== undefined) return [fault, done]
  }
  const running = world.at.findIndex((_, t) => !world.isOver(t))
  if (running >= 0) return [{ check: 'progress', message: `thread ${running} does not end although it runs alone` }, done]
  return [new Ends(world).check(world.killed.filter(Boolean).length), done]
}

function followStep(world: World, monitor: Monitor, t: number, undo: Undo): Fault | undefined {
  const place = world.at[t]!
  try {
    world.step(place, undo)
  } catch (error) {
    return { check: 'crash', message: `${(error as Error).message} (thread ${t})` }
  }
  const after = world.cells[place.cell]!, message = after === undo.word ? '' : monitor.watch(world, place, undo.word, after)
  return message === '' ? undefined : { check: 'transition', message }
}

/** @throws Error that names the legal steps which no exploration with this monitor has taken */
export function expectCovered(monitor: Monitor, except: readonly string[] = []): void {
  const missing = monitor.notTaken().map(({ word, name }) => `${word}: ${name}`).filter(step => !except.includes(step))
  if (missing.length > 0) throw new Error(`steps that are legal but were never taken: ${missing.join(', ')}`)
}
