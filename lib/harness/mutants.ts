// Mutants: each rule of an algorithm switched off by a named edit of its source. A check that lets a mutant live proves
// nothing about that rule.

import { type ExploreOptions, type Failure, faultIn } from './explore'
import { type Program, type System, system } from './system'
import { PrefixError } from './world'

/** One edit of the checked file. */
export interface Edit {
  /** The function in which the edit is made. Left out: anywhere in the file. */
  readonly fn?: string
  /** What stands there, once; and what stands there instead. */
  readonly from: string
  readonly to: string
}

/** A rule that is switched off, or a bug that is put in. */
export interface Mutant extends Edit {
  readonly name: string
  /** A second edit, where one shows nothing. */
  readonly also?: Edit
}

/** What became of a mutant. */
export interface MutantResult {
  readonly name: string
  /** The check that caught it; undefined if it is alive. */
  readonly killedBy: Failure['check'] | undefined
  /** The program that did. */
  readonly program: string | undefined
}

/** Thrown where an edit does not apply (any more): the rule that it switches off is no longer tested. */
export class MutantError extends Error { override readonly name = 'MutantError' }

/** Where a function's text begins and ends in a file: from its head to the brace that closes it at the same depth. */
function functionIn(source: string, fn: string): [number, number] | undefined {
  const from = source.search(new RegExp(`function\\*? ${fn}\\(`))
  if (from < 0) return undefined
  const indent = source.slice(source.lastIndexOf('\n', from) + 1, from).match(/^\s*/)![0], end = source.indexOf(`\n${indent}}`, from)
  return end < 0 ? undefined : [from, end]
}

/** The source with a mutant's edit. @throws MutantError if it applies nowhere, or in more than one place */
export function edited(source: string, mutant: Mutant): string {
  const once = editOne(source, mutant.name, mutant)
  return mutant.also === undefined ? once : editOne(once, mutant.name, mutant.also)
}

function editOne(source: string, name: string, { fn, from, to }: Edit): string {
  const bounds = fn === undefined ? [0, source.length] as const : functionIn(source, fn)
  if (bounds === undefined) throw new MutantError(`mutant '${name}' does not apply: there is no function ${fn}`)
  const text = source.slice(...bounds), at = text.indexOf(from)
  if (at < 0) throw new MutantError(`mutant '${name}' does not apply: ${fn ?? 'the file'} has no '${from}'`)
  if (text.includes(from, at + 1)) throw new MutantError(`mutant '${name}' does not say where: ${fn ?? 'the file'} has '${from}' more than once`)
  return source.slice(0, bounds[0] + at) + to + source.slice(bounds[0] + at + from.length)
}

/** The system with a mutant's edit. */
export function mutated(of: System, mutant: Mutant): System {
  return system({ ...of, name: `${of.name}, without '${mutant.name}'`, code: { source: edited(of.source, mutant) } })
}

/** A program on which mutants may show, and how it is explored. */
export interface Trial { readonly program: Program, readonly options?: ExploreOptions }

/**
 * Explores each mutant on the programs, one after the other, until one of them fails.
 *
 * @throws MutantError for an edit that does not apply
 */
export function mutants(of: System, list: readonly Mutant[], trials: readonly Trial[], options: ExploreOptions = {}): MutantResult[] {
  return list.map(mutant => tryMutant(of, mutant, trials, options))
}

/** @throws Error that names the mutants which are alive */
export function expectKilled(results: readonly MutantResult[]): void {
  const alive = results.filter(({ killedBy }) => killedBy === undefined).map(({ name }) => name)
  if (alive.length > 0) throw new Error(`mutants alive: ${alive.join(', ')}`)
}

/** What becomes of one mutant. */
export function tryMutant(of: System, mutant: Mutant, trials: readonly Trial[], options: ExploreOptions = {}): MutantResult {
  const { name } = mutant, sick = mutated(of, mutant)
  for (const { program, options: own } of trials) {
    const killedBy = caught(sick, program, { confirm: false, ...options, ...own })
    if (killedBy !== undefined) return { name, killedBy, program: program.name }
  }
  return { name, killedBy: undefined, program: undefined }
}

/** The check that catches a sick system on a program. */
export function caught(sick: System, program: Program, options: ExploreOptions): Failure['check'] | undefined {
  try {
    return faultIn(sick, program, options)
  } catch (error) {
    if (error instanceof PrefixError) return 'crash'
    throw error
  }
}
