// A step: one legal change of one shared word. Each word's file lists its own; `transitions.ts` gathers them.

import { Word, cas, propose, took } from './memory'

/** Tries one step of a shared word: true if this call made it. In checked builds an attempt at an illegal step throws. */
export function swap(at: i32, seen: Word, next: Word, step: i32): boolean {
  if (CHECKED) propose(step, seen, next)
  const won = cas(at, seen, next) === seen
  if (CHECKED && won) took(step)
  return won
}

// steps

/** One row of TRANSITIONS. */
export interface Step {
  /** The number that the code passes to `swap`. */
  readonly id: number
  /** The word that changes: 'key', 'value', 'root', ... */
  readonly word: string
  readonly name: string
  /** The state before; 'Older' is any state of an earlier generation of the table. */
  readonly from: string
  readonly to: string
  /** The function that makes the step. */
  readonly by: string
  /** What takes effect there: the linearization point of which operation, or '' when nothing does for a user. */
  readonly effect: string
}

/** How the monitor reads one kind of word. */
export interface WordKind {
  readonly name: string
  readonly states: readonly string[]
  readonly stateOf: (word: bigint) => string
  /** Whether `next` may follow `seen`: versions and generations only move forward. */
  readonly forward: (seen: bigint, next: bigint, step: Step) => boolean
  readonly steps: readonly Step[]
}

type Row = readonly [id: number, name: string, from: string, to: string, by: string, effect: string]

/** A word's kind from its name, its states and its rows. */
export function wordKind(name: string, states: readonly string[], stateOf: (word: bigint) => string,
  forward: (seen: bigint, next: bigint, step: Step) => boolean, rows: readonly Row[]): WordKind {
  const steps = rows.map(([id, step, from, to, by, effect]) => ({ id, word: name, name: step, from, to, by, effect }))
  return { name, states, stateOf, forward, steps }
}
