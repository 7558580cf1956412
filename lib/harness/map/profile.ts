// The two profiles in which the map is checked: quick, with every run of the specs, and deep, by `npm run explore`. Both
// are lists of independent jobs, so that several workers can share them.

import { CHECKS, type Check } from '../ends'
import { CheckError, type ExploreOptions, type Explored, type Verdict, explore } from '../explore'
import { Monitor } from '../monitor'
import { caught, mutated, tryMutant } from '../mutants'
import type { System } from '../system'
import type { Held } from './driver'
import { MUTANTS } from './mutants'
import { type Scenario, isHot, scenarios } from './scenarios'
import { type MapSystemOptions, mapSystem } from './system'
import { trials } from './trials'

/** One scenario of one kind of map, or one mutant; by number, so that it can be sent to a worker. */
export interface Job { readonly kind: 'scenario' | 'mutant', readonly held: Held, readonly part: string, readonly n: number }

/** What became of a scenario. */
export interface ScenarioRow extends Omit<Explored, 'verdict' | 'histories' | 'summary'> {
  readonly name: string
  readonly verdict: Verdict | 'failed'
  /** Whether a resize went on. */
  readonly resize: boolean
  readonly failure: string | undefined
  readonly check: string | undefined
}

/** What became of a mutant. */
export interface MutantRow {
  readonly name: string
  readonly killedBy: Check | 'budget' | undefined
  /** The program that showed it, and every check that would have caught it there. */
  readonly program: string | undefined
  readonly seenBy: readonly Check[]
  readonly ms: number
}

export type Row = { readonly scenario: ScenarioRow, readonly mutant?: undefined } | { readonly mutant: MutantRow, readonly scenario?: undefined }

/** Most seconds for each check of a mutant. */
const SECONDS = 5
const HELD: readonly Held[] = ['integers', 'records']
const COMES: ReadonlySet<string> = new Set(['attach', 'reap', 'guard', 'guardLate', 'ask', 'accept', 'decline', 'invite'])

/** Budgets of the profiles: states of one search, and for mutants. */
export const DEEP = { maxStates: 20_000_000, mutantStates: 150_000 }
export const QUICK = { maxStates: 60_000, mutantStates: 100_000 }

/** The systems under test, and what can be done with them; one for each worker. */
export class Profile {
  readonly monitors: Readonly<Record<Held, Monitor>>
  private readonly systems: Readonly<Record<Held, System>>
  private readonly lists: Readonly<Record<Held, Readonly<Record<string, readonly Scenario[]>>>>

  constructor(options: MapSystemOptions, private readonly budget: typeof DEEP) {
    const make = (held: Held): System => mapSystem({ ...options, held })
    this.systems = { integers: make('integers'), records: make('records') }
    this.monitors = { integers: new Monitor(this.systems.integers), records: new Monitor(this.systems.records) }
    this.lists = { integers: scenarios(this.systems.integers), records: this.withoutTwins(this.withoutHotPaths(scenarios(this.systems.records))) }
  }

  /** Who only comes and goes looks at no entry: with records it is the same search once more. */
  private withoutTwins(lists: Readonly<Record<string, readonly Scenario[]>>): Record<string, readonly Scenario[]> {
    const comes = ({ program }: Scenario): boolean => program.threads.flat().every(([name]) => COMES.has(name))
    return { ...lists, comings: lists.comings!.filter(scenario => !comes(scenario)) }
  }

  /** The hot paths know integers only. */
  private withoutHotPaths(lists: Readonly<Record<string, readonly Scenario[]>>): Record<string, readonly Scenario[]> {
    const hot = ({ program }: Scenario): boolean => program.threads.flat().some(isHot)
    return Object.fromEntries(Object.entries(lists).map(([part, list]) => [part, list.filter(scenario => !hot(scenario))]))
  }

  /** Every `every`th scenario of each part, of both kinds of maps. */
  scenarioJobs(every = 1): Job[] {
    return HELD.flatMap(held => Object.entries(this.lists[held]).flatMap(([part, list]) =>
      list.map((_, n): Job => ({ kind: 'scenario', held, part, n })).filter((_, n) => n % every === 0)))
  }
  mutantJobs(): Job[] { return MUTANTS.map(({ held = 'integers' }, n) => ({ kind: 'mutant', held, part: 'mutants', n })) }

  nameOf({ kind, held, part, n }: Job): string { return kind === 'mutant' ? MUTANTS[n]!.name : `${held}: ${this.lists[held][part]![n]!.name}` }

  run(job: Job): Row { return job.kind === 'scenario' ? { scenario: this.runScenario(job) } : { mutant: this.runMutant(job) } }

  private runScenario({ held, part, n }: Job): ScenarioRow {
    const { name, program, kills, resize, maxStates = Infinity } = this.lists[held][part]![n]!, started = performance.now()
    const row = { name: `${held}: ${name}`, resize }
    try {
      const { verdict, bound, interleavings, states, visited, kills: tried, longestSolo, solo, ms } =
        explore(this.systems[held], program, { kills, maxStates: Math.min(maxStates, this.budget.maxStates), monitor: this.monitors[held] })
      return { ...row, verdict, bound, interleavings, states, visited, kills: tried, longestSolo, solo, ms, failure: undefined, check: undefined }
    } catch (error) {
      const failure = (error as Error).message, check = error instanceof CheckError ? error.failure.check : 'crash'
      const none = { bound: undefined, interleavings: 0, states: 0, visited: 0, kills: 0, longestSolo: 0, solo: {} }
      return { ...row, ...none, verdict: 'failed', ms: performance.now() - started, failure, check }
    }
  }

  private runMutant({ held, n }: Job): MutantRow {
    const mutant = MUTANTS[n]!, system = this.systems[held], list = trials(system, held), started = performance.now()
    const first = list.filter(({ program }) => program.name === mutant.shows), rest = list.filter(trial => !first.includes(trial))
    const { name, killedBy, program } = tryMutant(system, mutant, [...first, ...rest], { maxStates: this.budget.mutantStates, samples: 100 })
    const trial = list.find(each => each.program.name === program), sick = mutated(system, mutant)
    const sees = (check: Check): boolean => caught(sick, trial!.program, { ...this.options(trial!.options), checks: [check] }) === check
    return { name, killedBy, program, seenBy: trial === undefined ? [] : CHECKS.filter(sees), ms: performance.now() - started }
  }

  /** To learn which checks see a mutant takes less than to find out that one does not. */
  private options(own: ExploreOptions | undefined): ExploreOptions { return { ...own, maxStates: this.budget.mutantStates, seconds: SECONDS, samples: 100, confirm: false } }
}
