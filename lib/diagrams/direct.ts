// A run that is told in the code's own terms, so that it is still the same run when the code has changed: this thread up
// to its first swap in that function, then the other to its end.

import { AccessKind } from '../harness/access'
import type { Program, System } from '../harness/system'
import type { Place } from '../harness/tree'
import { type Choice, World, killOf, noUndo, stepOf } from '../harness/world'

/**
 * How far a thread goes: to the end of its operation, or of all of them; up to, but not including, an access in a function,
 * or a swap there; or so many accesses. Or it is killed where it stands.
 */
export type Goal = 'answer' | 'end' | 'killed' | { readonly before: string, readonly what?: 'access' | 'swap' } | { readonly accesses: number }

/** One thread goes as far as that. */
export type Leg = readonly [thread: number, goal: Goal]

/** More accesses than any leg needs. */
const MOST = 10_000

/**
 * The schedule of a run that is told leg by leg.
 *
 * @throws Error for a leg whose goal is never reached
 */
export function direct(system: System, program: Program, legs: readonly Leg[]): Choice[] {
  const world = new World(system, program), schedule: Choice[] = []
  for (const [thread, goal] of legs) {
    if (goal === 'killed') { world.killed[thread] = true; schedule.push(killOf(thread)); continue }
    const from = world.at[thread]!
    for (let taken = 0; !isThere(system, goal, from, world.at[thread]!, taken); taken++) {
      if (taken > MOST || world.isOver(thread)) throw new Error(`thread ${thread} never gets to ${goalText(goal)}`)
      world.step(world.at[thread]!, noUndo())
      schedule.push(stepOf(thread))
    }
  }
  return schedule
}

function isThere({ instrumented }: System, goal: Goal, from: Place, place: Place, taken: number): boolean {
  if (goal === 'end' || goal === 'killed') return place.done
  if (goal === 'answer') return place.ended !== from.ended
  if ('accesses' in goal) return taken === goal.accesses
  const isSwap = place.kind === AccessKind.CompareExchange
  return (goal.what === 'access' || isSwap) && place.stack.some(site => instrumented.sites[site]!.fn === goal.before)
}

const goalText = (goal: Goal): string => typeof goal === 'string' ? `its ${goal}` : 'before' in goal ? `${goal.before}` : `its access ${goal.accesses}`
