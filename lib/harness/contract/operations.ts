// What each write of one key promises: all of them are one conditional write on a plain Map, with another answer.

import { ABSENT, ANY, type Expected, PRESENT, type PutResult } from '../../map/shared-map'
import { brief } from './structure'
import type { Model, Shared, Term, Trial } from './trial'

/** What a write expects, and what comes next. */
interface Terms { readonly expected: Expected<unknown>, readonly next: unknown }

/** One method that writes. */
export interface Operation {
  readonly name: string
  readonly promise: string
  /** What it expects, where its caller has no say in it. */
  readonly expects?: Expected<unknown>
  /** Whether it deletes always, never, or when the caller says so. */
  readonly deletes: 'always' | 'never' | 'if told'
  call(map: Shared, key: unknown, terms: Terms): unknown
  /** Compares what the call gave with what the write did to the model. */
  check(trial: Trial, what: string, answer: unknown, put: PutResult<unknown>, next: unknown): void
}

type Check = Operation['check']
const whether: Check = (trial, what, answer, put) => trial.is(what, answer, put.written)
const before: Check = (trial, what, answer, put) => trial.isValue(what, answer, put.previous)
const itself: Check = (trial, what, answer) => trial.is(`${what} === map`, answer, true)
const whatIsThere: Check = (trial, what, answer, put, next) => trial.isValue(what, answer, put.found ? put.previous : next)
const all: Check = (trial, what, answer, put) => {
  const { written, found, previous } = answer as PutResult<unknown>
  trial.is(`${what}.written`, written, put.written)
  trial.is(`${what}.found`, found, put.found)
  trial.isValue(`${what}.previous`, previous, put.previous)
}

/** Every method that writes one key, but `add`. */
export const OPERATIONS: readonly Operation[] = [
  {
    name: 'set', promise: 'set writes, and gives the map', expects: ANY, deletes: 'never', check: itself,
    call: (map, key, { next }) => map.set(key, next) === map,
  },
  {
    name: 'delete', promise: 'delete deletes, and tells whether the key was there', expects: ANY, deletes: 'always', check: whether,
    call: (map, key) => map.delete(key),
  },
  {
    name: 'getOrInsert', promise: 'getOrInsert keeps the first value, and gives the one that is there', expects: ABSENT, deletes: 'never', check: whatIsThere,
    call: (map, key, { next }) => map.getOrInsert(key, next),
  },
  {
    name: 'swap', promise: 'swap writes, and gives the value before', expects: ANY, deletes: 'never', check: before,
    call: (map, key, { next }) => map.swap(key, next),
  },
  {
    name: 'take', promise: 'take deletes, and gives the value before', expects: ANY, deletes: 'always', check: before,
    call: (map, key) => map.take(key),
  },
  {
    name: 'replace', promise: 'replace writes only where the key is there', expects: PRESENT, deletes: 'never', check: whether,
    call: (map, key, { next }) => map.replace(key, next),
  },
  {
    name: 'compareAndSet', promise: 'compareAndSet writes only where it finds what it expects', deletes: 'never', check: whether,
    call: (map, key, { expected, next }) => map.compareAndSet(key, expected, next),
  },
  {
    name: 'compareAndDelete', promise: 'compareAndDelete deletes only where it finds what it expects', deletes: 'always', check: whether,
    call: (map, key, { expected }) => map.compareAndDelete(key, expected),
  },
  {
    name: 'putIfMatch', promise: 'putIfMatch writes only where it finds what it expects, and tells all', deletes: 'if told', check: all,
    call: (map, key, { expected, next }) => map.putIfMatch(key, expected, next),
  },
]

/** What an operation can be asked to do: `expected` and `next` where it leaves them to its caller. */
export function termsOf({ expects, deletes }: Operation, expected: Expected<unknown>, next: unknown): Terms {
  return { expected: expects ?? expected, next: deletes === 'always' ? ABSENT : next }
}

/** Calls an operation on the map and on the model, and compares the answers. */
export function perform(trial: Trial, map: Shared, model: Model, n: number, operation: Operation, terms: Terms): void {
  const was = model.has(n) ? brief(model.get(n)) : 'nothing'
  const what = `${operation.name}(key ${n}) expecting ${brief(terms.expected)} for ${brief(terms.next)} where ${was} was`
  const answer = operation.call(map, trial.key(n), terms)
  operation.check(trial, what, answer, put(trial, model, n, terms), terms.next)
}

/** The conditional write on the model. A deletion is a write only where there was something. */
function put(trial: Trial, model: Model, n: number, { expected, next }: Terms): PutResult<unknown> {
  const found = model.has(n), previous = model.get(n)
  const written = matches(trial, found, previous, expected) && (found || next !== ABSENT)
  if (written && next === ABSENT) model.delete(n)
  else if (written) model.set(n, next)
  return { written, found, previous }
}

function matches(trial: Trial, found: boolean, previous: unknown, expected: unknown): boolean {
  switch (expected) {
    case ANY: return true
    case PRESENT: return found
    case ABSENT: return !found
    default: return found && trial.areSame(previous, expected)
  }
}

/** Keys on which each operation is tried: the first of them are of all kinds. */
const KEYS = 18
/** A key that nobody touches meanwhile. */
const WITNESS = KEYS

/** Each operation, on keys without and with a value, with everything that it may expect and everything that may come next. */
export const OPERATION_TERMS: readonly Term[] = OPERATIONS.map(operation => ({
  name: operation.promise,
  run(trial) {
    const map = trial.create(), model = trial.model(1, WITNESS)
    trial.fill(map, model)
    for (let n = 0; n < KEYS; n++) for (const terms of allTerms(trial, n, operation)) for (const state of [ABSENT, trial.value(n), trial.value(n + 1)]) {
      bringTo(trial, map, model, n, state)
      perform(trial, map, model, n, operation, terms)
      trial.agreesOn(map, model, n)
      trial.is('size', map.size, model.size)
    }
    trial.agrees(map, model)
  },
}))

/** The first time that a key is to be absent it has never been there. */
function bringTo(trial: Trial, map: Shared, model: Model, n: number, state: unknown): void {
  if (state !== ABSENT) {
    map.set(trial.key(n), state)
    model.set(n, state)
  } else if (model.delete(n)) map.delete(trial.key(n))
}

function allTerms(trial: Trial, n: number, operation: Operation): Terms[] {
  const values: any[] = [trial.value(n), trial.value(n + 1)]
  const expected = operation.expects === undefined ? [ANY, PRESENT, ABSENT, ...values] : [ANY]
  const next = operation.deletes === 'if told' ? [...values, ABSENT] : operation.deletes === 'never' ? values : [ABSENT]
  return expected.flatMap(expected => next.map(next => termsOf(operation, expected, next)))
}
