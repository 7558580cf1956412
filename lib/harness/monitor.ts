// The monitor: every change of a watched word is held against the table of legal steps, and counted.

import { AccessKind } from './access'
import type { System, Transition } from './system'
import type { Place } from './tree'
import type { World } from './world'

/** A step that was taken. */
export interface Taken { readonly transition: Transition, count: number }

const isBy = (step: Transition, by: readonly string[]): boolean => step.by.split(', ').some(fn => by.includes(fn))

/** The step of the table that leads from one state of a kind of words to another; of several, the one that the innermost function on the stack makes. */
export function legalStep(system: System, kind: string, from: string, to: string, by: readonly string[]): Transition | undefined {
  const legal = (system.transitions ?? []).filter(row =>
    row.word === kind && (row.from === from || row.from === 'Any' || row.from === 'Older') && (row.to === to || row.to === 'Any'))
  const depthOf = (row: Transition): number => by.findLastIndex(fn => isBy(row, [fn]))
  return legal.reduce<Transition | undefined>((best, row) => best !== undefined && depthOf(best) >= depthOf(row) ? best : row, undefined)
}

export class Monitor {
  /** How often each legal step was seen; only changes that a search met for the first time are counted. */
  readonly taken: Map<Transition, number> = new Map()
  private readonly verdicts = new Map<string, string>()

  constructor(private readonly system: System) {
    for (const transition of system.transitions ?? []) this.taken.set(transition, 0)
  }

  /** Why a change is not legal, or ''. `found` and `after` are numbers of words. */
  watch(world: World, place: Place, found: number, after: number): string {
    if (this.system.words === undefined || this.system.transitions === undefined) return ''
    const key = `${place.id}:${found}:${after}`, known = this.verdicts.get(key)
    if (known !== undefined) return known
    const verdict = this.judge(world, place, found, after)
    this.verdicts.set(key, verdict)
    return verdict
  }

  private judge(world: World, place: Place, found: number, after: number): string {
    const words = this.system.words!, info = words.at(place.cell)
    if (info === undefined) return ''
    const seen = world.words.word(found), next = world.words.word(after), by = place.stack.map(site => this.system.instrumented.sites[site]!.fn)
    const from = words.stateOf(info.kind, seen), to = words.stateOf(info.kind, next)
    const where = `${info.name}: ${from} -> ${to} in ${by.at(-1)} (line ${this.system.instrumented.sites[place.stack.at(-1)!]!.line})`
    if (place.kind === AccessKind.Store) return `illegal step: a plain store changes ${where}`
    const step = legalStep(this.system, info.kind, from, to, by)
    if (step === undefined) return `illegal step of a ${info.kind} word: ${where} is not in the table`
    if (!isBy(step, by)) return `illegal step of a ${info.kind} word: ${where} is made by ${step.by} alone, not by ${by.join(' > ')}`
    const why = words.guard?.(info.kind, seen, next, step) ?? ''
    if (why !== '') return `illegal step of a ${info.kind} word: ${where}: ${why}`
    this.taken.set(step, this.taken.get(step)! + 1)
    return ''
  }

  /** The legal steps that were never taken. */
  notTaken(): Transition[] { return [...this.taken].filter(([, count]) => count === 0).map(([transition]) => transition) }
}
