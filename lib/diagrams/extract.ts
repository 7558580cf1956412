// Machines that no one wrote down: states that several words make up together, read off every state that the explorer
// reaches. What it does not reach in an exhaustive search cannot be reached by that program.

import { type ExploreOptions, explore } from '../harness/explore'
import { Monitor, legalStep } from '../harness/monitor'
import type { Program, System } from '../harness/system'
import type { Place } from '../harness/tree'
import type { Word } from '../harness/words'
import type { World } from '../harness/world'

/** Reads the memory as it is in one state. */
export type Read = (cell: number) => Word
/** What a state is, seen from outside; undefined where it is of no interest. */
export type Classify = (read: Read) => string | undefined

export interface Edge {
  readonly from: string
  readonly to: string
  /** The step, as `word: step`, and the function that makes it. */
  readonly step: string
  readonly by: string
}

export interface Extracted {
  /** How many states of the explorer are in each state of the machine. */
  readonly states: ReadonlyMap<string, number>
  /** How often each edge was met. */
  readonly edges: ReadonlyMap<Edge, number>
  /** States of all searches together. */
  readonly explored: number
}

/** Watches every change of a word that a search makes. */
class Onlooker extends Monitor {
  readonly states = new Map<string, number>()
  readonly edges = new Map<string, { edge: Edge, count: number }>()

  constructor(private readonly of: System, private readonly classify: Classify) { super(of) }

  visit(world: World): void {
    const state = this.stateOf(world)
    if (state !== undefined) this.states.set(state, (this.states.get(state) ?? 0) + 1)
  }

  override watch(world: World, place: Place, found: number, after: number): string {
    const to = this.stateOf(world), from = this.before(world, place.cell, found)
    if (from !== to && from !== undefined && to !== undefined) this.note(world, place, found, after, from, to)
    return super.watch(world, place, found, after)
  }

  private stateOf({ words, cells }: World): string | undefined { return this.classify(cell => words.word(cells[cell]!)) }

  private before({ words, cells }: World, changed: number, found: number): string | undefined {
    return this.classify(cell => words.word(cell === changed ? found : cells[cell]!))
  }

  private note(world: World, { cell, stack }: Place, found: number, after: number, from: string, to: string): void {
    const { kind } = this.of.words!.at(cell)!, state = (id: number): string => this.of.words!.stateOf(kind, world.words.word(id))
    const fns = stack.map(site => this.of.instrumented.sites[site]!.fn), step = legalStep(this.of, kind, state(found), state(after), fns)
    const by = fns.findLast(fn => step?.by.split(', ').includes(fn)) ?? fns.at(-1)!, edge = { from, to, step: `${kind}: ${step?.name ?? '?'}`, by }
    const key = JSON.stringify(edge), known = this.edges.get(key)
    if (known === undefined) this.edges.set(key, { edge, count: 1 })
    else known.count++
  }
}

/**
 * The machine that a system goes through as `classify` sees it, over all interleavings of some programs.
 *
 * @throws {@link CheckError} where a program is wrong, or is not exhausted within the budget
 */
export function extract(system: System, programs: readonly Program[], classify: Classify, options: ExploreOptions = {}): Extracted {
  const onlooker = new Onlooker(system, classify), visit = (world: World): void => onlooker.visit(world)
  const explored = programs.reduce((sum, program) => sum + explore(system, program, { require: 'exhaustive', ...options, monitor: onlooker, visit }).states, 0)
  const edges = [...onlooker.edges.values()].sort((a, b) => b.count - a.count)
  return { states: onlooker.states, edges: new Map(edges.map(({ edge, count }) => [edge, count])), explored }
}
