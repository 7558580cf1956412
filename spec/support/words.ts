// What every kind of shared word must keep to.

import { expect } from 'vitest'
import { Step, WordKind } from '../../lib/kernel/step'
import { illegality } from '../../lib/kernel/transitions'

/** Two words, one in the state `from` and the next in the state `to`, as far forward as the step asks. */
export type Pair = (from: string, to: string, step: Step) => readonly [seen: bigint, next: bigint]

const fits = (listed: string, state: string): boolean => listed === 'Any' || listed === 'Older' || listed === state

/** Every step of the kind is refused between any two states but those that it lists. */
export function expectOnlyListedSteps(kind: WordKind, pair: Pair): void {
  for (const step of kind.steps) for (const from of kind.states) for (const to of kind.states) {
    const [seen, next] = pair(from, to, step), where = `'${step.name}' from ${from} to ${to}`
    expect([kind.stateOf(seen), kind.stateOf(next)], where).toEqual([from, to])
    if (fits(step.from, from) && fits(step.to, to)) expect(illegality(step.id, seen, next), where).toBe('')
    else expect(illegality(step.id, seen, next), where).toContain(`illegal step of a ${kind.name} word`)
  }
}

/** A chain of the kind's steps leads from `first` to every state. */
export function expectReachable(kind: WordKind, first: string): void {
  const reached = new Set([first])
  for (const _ of kind.states) for (const step of kind.steps) {
    if (step.from === 'Older' || step.from === 'Any' || reached.has(step.from)) for (const state of kind.states) if (fits(step.to, state)) reached.add(state)
  }
  expect([...reached].sort()).toEqual([...kind.states].sort())
}

/** The step is refused because the word would stand still or go back. */
export function expectBackward(step: number, seen: bigint, next: bigint): void {
  expect(illegality(step, seen, next)).toContain('did not move forward')
}
