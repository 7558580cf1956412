// stress(): real workers without a schedule, as fast as they can, and some of them terminated on the way. What they did is
// written down by one clock, and judged afterwards, together with what the memory holds at rest.

import { callAlone, callText, callerOf } from './alone'
import { finalsOf, requireFinals } from './finals'
import { type WasDead, answerText, inParts, readsAfter, sequentially, withEnds } from './history'
import { type Event, type Judgement, type Model, judge } from './linearizability'
import { Random } from './random'
import type { Answer, Call, System } from './system'
import { setupOf } from './workers/pool'
import { Run, type RunOptions } from './workers/run'

/** Options of `stress`. */
export interface StressOptions {
  /**
   * What is called. Functions cannot be sent to workers: each worker gets a list of calls, and picks from it at random.
   * That list, the same for all; or what makes one call, for lists of 256. Default: every operation, if none takes arguments.
   */
  readonly calls?: readonly Call[] | ((random: Random, thread: number) => Call)
  /** Workers at a time. Default 2. */
  readonly workers?: number
  /**
   * How long they run, unless `maxOperations` are made before; with `kills` those are spread over the time, and on a busy machine it is
   * longer: workers are terminated only after the others have gone on since the time before. Default 1,000.
   */
  readonly ms?: number
  /**
   * How many workers are terminated at most, at random moments, each replaced by a new one with the next number; so `init`
   * is asked for `workers` + `kills` threads. Default: none.
   */
  readonly kills?: number | false
  /** Seed of the calls and of the moments, not of what the machine makes of them. Default: another one each time. */
  readonly seed?: number
  /** What the history must agree with. Default: the system's. Large histories need one with `partition`, or one of few states. */
  readonly model?: Model<any, Call, Answer>
  /** Most operations that are made, and so recorded. Default 200,000. */
  readonly maxOperations?: number
  /** How long an operation may take when all have been told to stop, and the workers to go on after a kill. Default 10,000. */
  readonly patience?: number
}

/** What a stress run saw. */
export interface Stressed {
  /** Operations that were called; and of them, those that a kill left unfinished. */
  readonly operations: number
  readonly pending: number
  readonly killed: number
  /** All operations, and after them the reads of the memory at rest. */
  readonly history: readonly Event<Call, Answer>[]
  readonly judgement: Judgement<Call, Answer>
  readonly opsPerSecond: number
  readonly seed: number
  /** In one line. */
  readonly summary: string
}

/** Thrown where a stress run finds a fault: no order explains the history, an operation throws or does not return, the memory at rest is not in order. */
export class StressError extends Error {
  override readonly name = 'StressError'
  /** `judgement` is undefined where it is not the history that is wrong; `history` is that of the part in question. */
  constructor(
    message: string, readonly seed: number, readonly judgement: Judgement<Call, Answer> | undefined = undefined,
    readonly history: readonly Event<Call, Answer>[] = [],
  ) { super(`${message} (seed ${seed})`) }
}

/** Histories that the code's own behaviour may judge: that runs them again for each state. */
const SMALL = 100
/** Calls that are made for a worker to pick from. */
const CALLS = 256

interface Plan extends RunOptions { readonly model: Model<any, Call, Answer> }

/**
 * Runs a system on real workers, and judges what they did: the recorded history, reads of the memory at rest included, is
 * linearizable by the model, and the memory is in order. Workers that are terminated leave operations that may have taken
 * effect, or not.
 *
 * @throws {@link StressError} for a fault, and for a history that `judge` gives up; TypeError for a system that cannot be
 *   sent to workers, for calls that are not named, where there is no model for a history of this size, and with `kills` where
 *   nothing reads what they leave
 * @remarks A sample, and another one each time, by the machine's own schedule: that it finds nothing proves nothing. Takes
 *   64 bytes for each of `maxOperations`, and what `judge` needs for that many.
 * @example
 * ```js
 * import { op, stress, system } from 'nonblocking-map/harness'
 *
 * const counter = system({
 *   code: { source: 'export function add(cells) { return Atomics.add(cells, 0, 1) + 1 }' },
 *   memory: 4,
 *   ops: { add: op() },
 *   model: { start: 0, step: (n, call, answer) => answer === n + 1 || typeof answer === 'symbol' ? n + 1 : undefined },
 * })
 * const { operations } = await stress(counter, { ms: 200, calls: [['add']] })
 * operations > 0 // => true
 * ```
 */
export async function stress(system: System, options: StressOptions = {}): Promise<Stressed> {
  const plan = planOf(system, options), run = new Run(system, plan)
  try {
    await run.go()
  } catch (error) {
    throw new StressError(`${system.name}: ${(error as Error).message}`, plan.seed)
  } finally {
    await run.end()
  }
  return judged(system, plan, run)
}

// --- the plan

function planOf(system: System, options: StressOptions): Plan {
  const { workers = 2, ms = 1000, seed = Math.random() * 2 ** 31 | 0, maxOperations = 200_000, patience = 10_000 } = options
  const kills = Number(options.kills ?? 0)
  for (const [name, value] of Object.entries({ workers, ms, maxOperations })) {
    if (!(value >= 1)) throw new TypeError(`${name} is ${value}: it must be at least 1`)
  }
  setupOf(system)
  requireFinals(system, kills)
  const program = { threads: Array.from({ length: workers + kills }, (_, thread) => callsOf(system, options, seed, thread)) }
  return { workers, ms, kills, seed, maxOperations, patience, program, model: modelOf(system, options, maxOperations, program) }
}

function modelOf(system: System, { model }: StressOptions, maxOperations: number, program: Plan['program']): Plan['model'] {
  const found = model ?? system.model ?? (maxOperations <= SMALL ? sequentially(system, program) : undefined)
  if (found === undefined) throw new TypeError(`a model is needed for histories of more than ${SMALL} operations: name one, or lower maxOperations`)
  return found
}

function callsOf({ ops, name }: System, { calls }: StressOptions, seed: number, thread: number): readonly Call[] {
  if (typeof calls === 'function') {
    const random = new Random(seed + Math.imul(thread, 0x9e3779b1))
    return Array.from({ length: CALLS }, () => calls(random, thread))
  }
  if (calls !== undefined && calls.length > 0) return calls
  if (calls !== undefined || Object.values(ops).some(({ args }) => args.length > 0)) throw new TypeError(`name the calls of ${name}`)
  return Object.keys(ops).map(op => [op])
}

// --- the judgement

function judged(system: System, plan: Plan, run: Run): Stressed {
  const { seed, workers, model } = plan, { killed } = run, events = run.events(), rest = new AtRest(system, plan, run)
  const wasDead: WasDead = ({ call, thread }, victim) => (run.deaths.get(victim) ?? Infinity) < (thread === undefined ? Infinity : call)
  const whole = [...events, ...readsAfter(events, rest.calls, rest.finals)]
  const history = inParts(system, withEnds(system, whole, wasDead)), judgement = judge(history, model)
  if (judgement.ok !== true) throw new StressError(`${system.name}: ${wrongText(judgement)}`, seed, judgement, partOf(history, model, judgement))
  rest.audit()
  const operations = events.length, pending = events.filter(({ back }) => back === Infinity).length, opsPerSecond = Math.round(operations / run.time * 1000)
  const deaths = killed > 0 ? `, ${killed} killed with ${pending} unfinished` : ''
  const summary = `linearizable: ${operations} operations by ${workers} workers${deaths}, ${opsPerSecond} operations/s`
  return { operations, pending, killed, history, judgement, opsPerSecond, seed, summary }
}

/** The memory when nobody works, as one more thread sees it. */
class AtRest {
  readonly calls: readonly Call[]
  readonly finals: readonly Answer[]

  constructor(private readonly system: System, private readonly plan: Plan, private readonly run: Run) {
    const { program } = plan, caller = callerOf(run.code, run.memory, program.threads.length, run.context)
    this.calls = finalsOf(system, program, run.code)
    this.finals = this.ask(() => this.calls.map(call => callAlone(system, caller, call)))
  }

  audit(): void {
    const { system, plan: { program, seed }, run: { code, memory, context, killed }, finals } = this
    const wrong = this.ask(() => system.audit?.({ code, memory, context, kills: killed, finals, program }) ?? '')
    if (wrong !== '') throw new StressError(`${system.name}: at rest: ${wrong}`, seed)
  }

  private ask<T>(question: () => T): T {
    try {
      return question()
    } catch (error) {
      throw new StressError(`${this.system.name}: at rest: ${(error as Error).message}`, this.plan.seed)
    }
  }
}

function partOf(history: readonly Event<Call, Answer>[], { partition }: Plan['model'], { part }: Judgement<Call, Answer>): readonly Event<Call, Answer>[] {
  return partition === undefined ? history : history.filter(({ op }) => partition(op) === part)
}

/** What could be explained last, and what could not. */
function wrongText({ ok, part, longest, blocked }: Judgement<Call, Answer>): string {
  const where = part === undefined ? '' : ` (part ${part})`
  if (ok !== false) return `linearizability could not be decided${where}: use a model with fewer states, or lower maxOperations`
  const lines = [...longest.slice(-4).map(eventText), 'none of these can come next:', ...blocked.map(eventText)]
  return [`not linearizable${where}: after ${longest.length} operations, the last of them`, ...lines].join('\n')
}

function eventText(event: Event<Call, Answer>): string {
  const { op, thread } = event, who = thread === undefined ? 'at rest' : `thread ${thread}`
  return `  ${who}: ${callText(op)} ${answerText(event)}`
}
