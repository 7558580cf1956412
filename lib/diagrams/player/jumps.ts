// Where the buttons and keys lead to: the next step of a kind, and the ends of operations.

import type { Trace } from '../record'
import { isIllegal } from '../sentence'
import { stepsOf } from './state'

/** A kind of steps that one can jump to. */
export interface Jump {
  /** The key, lower case; upper case leads back. */
  readonly key: string
  readonly name: string
  is(trace: Trace, step: number): boolean
}

export const JUMPS: readonly Jump[] = [
  { key: 's', name: 'switch', is: ({ accesses }, step) => step > 1 && accesses[step - 1]!.thread !== accesses[step - 2]!.thread },
  { key: 'l', name: 'lost swap', is: ({ accesses }, step) => accesses[step - 1]!.what === 'swap' && !accesses[step - 1]!.won },
  { key: 'e', name: 'effect', is: ({ operations }, step) => operations.some(({ point }) => point === step - 1) },
  { key: 'p', name: 'promotion', is: ({ accesses }, step) => accesses[step - 1]!.step?.name === 'promote' },
  { key: 'k', name: 'kill', is: ({ accesses }, step) => accesses[step - 1]!.what === 'kill' },
  { key: 'i', name: 'illegal step', is: (trace, step) => isIllegal(trace, trace.accesses[step - 1]!) },
]

/** The next step of a kind after this one, or the last before it; undefined if there is none. */
export function jumpFrom(trace: Trace, from: number, { is }: Jump, forward: boolean): number | undefined {
  for (let step = from + (forward ? 1 : -1); step > 0 && step <= stepsOf(trace); step += forward ? 1 : -1) if (is(trace, step)) return step
  return undefined
}

/** The next step that changes a word, or the last before this one; undefined if there is none. */
export const changeFrom = (trace: Trace, from: number, word: number, forward: boolean): number | undefined =>
  jumpFrom(trace, from, { key: '', name: 'change', is: ({ accesses }, step) => accesses[step - 1]!.won && accesses[step - 1]!.word === word }, forward)

/** Whether a run has such a step at all. */
export const hasJump = (trace: Trace, jump: Jump): boolean => jumpFrom(trace, 0, jump, true) !== undefined

/**
 * Over an operation. Forward: to the end of the one that is under way, or else of the one that goes on next; back: to the
 * moment before the one that the last step belongs to began.
 */
export function overOperation({ accesses, operations }: Trace, step: number, forward: boolean): number {
  const of = (at: number): { from: number, to: number } | undefined => operations[accesses[at - 1]?.operation ?? -1]
  if (!forward) return of(step)?.from ?? Math.max(0, step - 1)
  const now = of(step)
  if (now !== undefined && now.to >= step) return now.to + 1
  const next = of(step + 1)
  return next === undefined ? Math.min(accesses.length, step + 1) : next.to + 1
}
