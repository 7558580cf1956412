// Walks: each key once, deletions and insertions on the way.

import { textOf } from './structure'
import type { Model, Term, Trial } from './trial'

const MANY = 300

export const WALK_TERMS: readonly Term[] = [
  { name: 'all walks give each entry once', run: givesEachOnce },
  { name: 'forEach passes value, key and map, and its own this', run: callsBack },
  { name: 'a walk that is left early changes nothing', run: leavesEarly },
  { name: 'a walk gives nothing that was deleted before', run: deletesOnTheWay },
  { name: 'a walk during insertions ends, and gives each lasting key once', run: insertsOnTheWay },
  { name: 'a walk gives values that were there during it', run: updatesOnTheWay },
]

function givesEachOnce(trial: Trial): void {
  const map = trial.create()
  for (const count of [0, 1, 10, MANY]) {
    const model = trial.model(count)
    trial.fill(map, model)
    trial.agrees(map, model)
    const pairs: [unknown, unknown][] = []
    map.forEach((value, key) => { pairs.push([key, value]) })
    agreesWith(trial, pairs, model)
    agreesWith(trial, map.entries(), model)
    agreesWith(trial, new Map(map), model)
    agreesWith(trial, [...map.keys()].map(key => [key, map.get(key)]), model)
    trial.is('values(), in some order,', textsOf(map.values()), textsOf(pairs.map(([, value]) => value)))
  }
}

const textsOf = (values: Iterable<unknown>): string[] => [...values].map(value => textOf(value)).sort()

function agreesWith(trial: Trial, pairs: Iterable<[unknown, unknown]>, model: Model): void {
  const given = trial.collect(pairs)
  trial.covers(given, model)
  for (const [n, value] of given) trial.isValue(`the value that a walk gave for key ${n}`, value, model.get(n))
}

function callsBack(trial: Trial): void {
  const map = trial.create(), model = trial.model(10), self = {}
  trial.fill(map, model)
  let calls = 0
  map.forEach(function (this: unknown, value, key, whole) {
    calls++
    trial.is('this in forEach', this === self, true)
    trial.is('the map in forEach', whole === map, true)
    trial.isValue('the value in forEach', value, model.get(trial.numberOf(key)))
  }, self)
  trial.is('calls of forEach', calls, model.size)
}

class Enough extends Error {}

function leavesEarly(trial: Trial): void {
  const map = trial.create(), model = trial.model(50)
  trial.fill(map, model)
  for (const [key] of map) {
    trial.is('has of a key that a walk gave', map.has(key), true)
    break
  }
  trial.throws('forEach with a callback that throws', Enough, () => map.forEach(() => { throw new Enough() }))
  const walk = map.keys()
  walk.next()
  trial.is('a walk that was told to return', walk.return?.().done, true)
  trial.is('a walk after its return', walk.next().done, true)
  trial.agrees(map, model)
  map.set(trial.key(50), trial.value(50))
  trial.agrees(map, model.set(50, trial.value(50)))
}

function deletesOnTheWay(trial: Trial): void {
  const map = trial.create(), model = trial.model(MANY)
  trial.fill(map, model)
  for (const key of map.keys()) {
    trial.is('delete of a key that a walk gave', map.delete(key), true)
    model.delete(trial.numberOf(key))
  }
  trial.covers(new Map(), model)
  trial.agrees(map, model)
  trial.fill(map, trial.model(MANY))
  let turns = 0
  for (const [key] of map) {
    turns++
    for (let n = 0; n < MANY; n++) if (n !== trial.numberOf(key)) map.delete(trial.key(n))
  }
  trial.is('the number of turns of a walk that deletes all others at the first', turns, 1)
}

function insertsOnTheWay(trial: Trial): void {
  const map = trial.create(), lasting = trial.model(MANY), given = new Map<number, unknown>()
  trial.fill(map, lasting)
  let fresh = MANY, deleted = MANY, turns = 0
  for (const [key, value] of map) {
    const n = trial.numberOf(key)
    trial.isWithin('the number of turns of a walk', ++turns, 1, fresh)
    if (n >= MANY) continue
    if (given.has(n)) trial.fail('a walk', `key ${n} twice`, 'each lasting key once')
    trial.isValue(`the value that a walk gave for key ${n}`, value, lasting.get(n))
    given.set(n, value)
    // Enough to make the map grow and shrink under the walk several times.
    for (let i = 0; i < 12; i++, fresh++) map.set(trial.key(fresh), trial.value(fresh))
    if (given.size % 60 === 0) while (deleted < fresh) map.delete(trial.key(deleted++))
  }
  trial.covers(given, lasting)
  while (deleted < fresh) map.delete(trial.key(deleted++))
  trial.agrees(map, lasting)
}

function updatesOnTheWay(trial: Trial): void {
  const map = trial.create(), model = trial.model(MANY), given: Model = new Map()
  const had = new Map([...model].map(([n, value]) => [n, [value]]))
  trial.fill(map, model)
  for (const [key, value] of map) {
    const n = trial.numberOf(key)
    trial.is(`whether key ${n} had the value that a walk gave`, had.get(n)?.some(one => trial.areSame(one, value)), true)
    given.set(n, value)
    // This key, and one that may still come.
    for (const other of [n, trial.random.below(MANY)]) {
      const next = trial.value(n + 1)
      map.set(trial.key(other), next)
      model.set(other, next)
      had.get(other)!.push(next)
    }
  }
  trial.covers(given, model)
  trial.agrees(map, model)
}
