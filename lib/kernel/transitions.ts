// TRANSITIONS: every legal step of every shared word, gathered from the words' own files. The run-time checks, the
// property tests, the explorer and the diagrams read this one table.

import { Step, WordKind } from './step'
import { CAPACITY, CORE, SEED, TABLE_FLOOR } from './words/header'
import { CHUNK, CURSOR } from './words/chunk'
import { CLAIMS } from './words/claims'
import { FLOOR } from './words/floor'
import { KEY } from './words/key'
import { PAGE } from './words/page'
import { PARTICIPANT } from './words/participant'
import { PLACES } from './words/places'
import { REGION } from './words/region'
import { ROOT } from './words/root'
import { SUCCESSOR } from './words/successor'
import { VALUE } from './words/value'
import { ZONE } from './words/zone'

/** The kinds of shared words that take part in the protocol. */
export const WORDS: readonly WordKind[] = /* @__PURE__ */ (() => [
  KEY, VALUE, ROOT, REGION, CAPACITY, SEED, SUCCESSOR, CLAIMS, CHUNK, CURSOR, ZONE, FLOOR, TABLE_FLOOR, CORE, PAGE, PLACES, PARTICIPANT,
])()

/** Every legal step, with the function that makes it and what takes effect there. */
export const TRANSITIONS: readonly Step[] = /* @__PURE__ */ WORDS.flatMap(word => word.steps)

const kinds = /* @__PURE__ */ (() => new Map(WORDS.flatMap(kind => kind.steps.map(step => [step.id, { kind, step }] as const))))()

/** Why a step is not legal, or '' if it is. */
export function illegality(id: number, seen: bigint, next: bigint): string {
  const row = kinds.get(id)
  if (row === undefined) return `step ${id} is not in TRANSITIONS`
  const { kind, step } = row, from = kind.stateOf(seen), to = kind.stateOf(next)
  const legal = (step.from === 'Older' || step.from === 'Any' || step.from === from) && (step.to === 'Any' || step.to === to)
  if (!legal) return `illegal step of a ${kind.name} word: '${step.name}' is ${step.from} -> ${step.to}, tried ${from} -> ${to}`
  return kind.forward(seen, next, step) ? '' : `a ${kind.name} word did not move forward: '${step.name}' from ${seen} to ${next}`
}
