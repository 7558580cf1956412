// A run, access by access, in the words of the algorithm: for reports, for the diagrams, and for whoever replays a token.

import { AccessKind } from './access'
import { textOf } from './alone'
import { legalStep } from './monitor'
import type { Program, System, Transition } from './system'
import type { Place } from './tree'
import { type Choice, World, callText, isKill, noUndo, threadOf } from './world'

/** One access of a run; or a kill; or a whole operation that makes no access. */
export interface Step {
  readonly thread: number
  readonly what: 'load' | 'store' | 'swap' | 'exchange' | 'add' | 'kill' | 'none'
  readonly cell: number
  /** The word's name and kind, where the system tells them; otherwise its cell. */
  readonly word: string
  readonly kind: string | undefined
  /** What was there, what is there now, as text; and the bare words. */
  readonly seen: string
  readonly next: string
  readonly found: string
  readonly left: string
  /** What a swap, or a store, was to leave there, as text. */
  readonly wanted: string | undefined
  /** The word's state before and after, where the system tells them. */
  readonly from: string | undefined
  readonly to: string | undefined
  /** The legal step that the change is, where the system tells them. */
  readonly step: Transition | undefined
  /** Whether it changed the word; a swap that did not was lost. */
  readonly won: boolean
  /** The functions on the stack, outermost first, without those that stand for the access; and the line of the innermost. */
  readonly stack: readonly string[]
  readonly line: number
  /** The operation that began with this access. */
  readonly call: string | undefined
  /** What the operation that ended with this access answered. */
  readonly answer: string | undefined
}

const NAMES: Readonly<Record<number, Step['what']>> = {
  [AccessKind.Load]: 'load', [AccessKind.Store]: 'store', [AccessKind.CompareExchange]: 'swap', [AccessKind.Exchange]: 'exchange',
}

/** Runs a schedule and tells of each access. Stops where the code throws; the error is the last line's own. */
export function trace(system: System, program: Program, schedule: readonly Choice[], world = new World(system, program)): { steps: Step[], error: string | undefined } {
  const steps: Step[] = []
  for (const choice of schedule) {
    const thread = threadOf(choice)
    if (world.isOver(thread)) continue
    if (isKill(choice)) {
      world.killed[thread] = true
      steps.push({ ...NOTHING, thread, what: 'kill' })
      continue
    }
    try {
      steps.push(stepOn(system, world, thread))
    } catch (error) {
      return { steps, error: `thread ${thread}: ${(error as Error).message}` }
    }
  }
  return { steps, error: undefined }
}

const NOTHING = {
  cell: -1, word: '', kind: undefined, seen: '', next: '', found: '', left: '', wanted: undefined, from: undefined, to: undefined, step: undefined, won: false,
  stack: [], line: 0, call: undefined, answer: undefined,
}

/** The number of the word that an access is to leave, where that does not depend on what it finds. */
const wantedBy = ({ kind, a, b }: Place): number | undefined =>
  kind === AccessKind.CompareExchange ? b : kind === AccessKind.Store || kind === AccessKind.Exchange ? a : undefined

/** An operation that makes no access. */
function silentStep(world: World, place: Place): Step {
  const { thread, answers } = place, call = callText(world.program.threads[thread]![answers.length]!)
  world.step(place, noUndo())
  return { ...NOTHING, thread, what: 'none', call, answer: textOf(world.at[thread]!.answers[answers.length]) }
}

function stepOn(system: System, world: World, thread: number): Step {
  const place = world.at[thread]!, { cell, kind } = place
  if (place.isSilent) return silentStep(world, place)
  const wanted = wantedBy(place), info = system.words?.at(cell)
  const seen = world.words.word(world.cells[cell]!), call = place.isCall ? callText(world.program.threads[thread]![place.answers.length]!) : undefined
  world.step(place, noUndo())
  const after = world.at[thread]!, left = world.words.word(world.cells[cell]!), ended = after.ended !== place.ended
  const sites = place.stack.map(site => system.instrumented.sites[site]!), shown = sites.filter(({ fn }) => system.fence?.includes(fn) !== true)
  const state = (word: typeof seen): string | undefined => info === undefined ? undefined : system.words!.stateOf(info.kind, word)
  const text = (word: typeof seen): string => info === undefined ? textOf(word) : system.words!.show?.(info.kind, word) ?? state(word)!
  const step = info === undefined || seen === left ? undefined : legalStep(system, info.kind, state(seen)!, state(left)!, sites.map(({ fn }) => fn))
  return {
    thread, what: NAMES[kind] ?? 'add', cell, word: info?.name ?? `[${cell}]`, kind: info?.kind,
    seen: text(seen), next: text(left), found: `${seen}`, left: `${left}`,
    wanted: wanted === undefined ? undefined : text(world.words.word(wanted)), from: state(seen), to: state(left), step, won: seen !== left,
    stack: shown.map(({ fn }) => fn), line: (shown.at(-1) ?? sites.at(-1)!).line,
    call, answer: ended ? textOf(after.answers[place.answers.length]) : undefined,
  }
}
