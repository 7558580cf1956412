// Many keys in one call: what single calls would do, in their order.

import type { Model, Shared, Term, Trial } from './trial'

export const MANY_TERMS: readonly Term[] = [
  { name: 'getMany gives what get gives, in the order of the keys', run: readsMany },
  { name: 'setMany writes what set writes, the last of equal keys', run: writesMany },
  { name: 'setMany grows the map', run: growsByMany },
  { name: 'many keys may come from any iterable, also one that uses the map', run: takesIterables },
  { name: 'setMany has written what its iterator gave before it threw', run: stopsWithIterator },
]

const FEW = 40
/** More than go to the kernel at once. */
const MANY = 1300

function agreesOnMany(trial: Trial, map: Shared, model: Model, numbers: readonly number[]): void {
  const found = map.getMany(numbers.map(n => trial.key(n)))
  trial.is('the length of getMany', found.length, numbers.length)
  for (const [i, n] of numbers.entries()) trial.isValue(`getMany's answer ${i}, for key ${n}`, found[i], model.get(n))
}

const entriesOf = (trial: Trial, numbers: readonly number[], shift = 0): [unknown, unknown][] => numbers.map(n => [trial.key(n), trial.value(n + shift)])
const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

function readsMany(trial: Trial): void {
  const map = trial.create(), model = trial.model(FEW)
  agreesOnMany(trial, map, new Map(), range(FEW))
  trial.fill(map, model)
  agreesOnMany(trial, map, model, [])
  agreesOnMany(trial, map, model, range(2 * FEW))
  agreesOnMany(trial, map, model, [...range(FEW).reverse(), 3, 3, 2 * FEW, 3])
  for (let n = 0; n < FEW; n += 3) trial.is(`delete(key ${n})`, map.delete(trial.key(n)), model.delete(n))
  agreesOnMany(trial, map, model, range(FEW))
  for (let round = 0; round < 50; round++) agreesOnMany(trial, map, model, Array.from({ length: trial.random.below(FEW) }, () => trial.random.below(FEW)))
}

function writesMany(trial: Trial): void {
  const map = trial.create(), model = trial.model(FEW)
  trial.is('setMany === map', map.setMany(entriesOf(trial, range(FEW))) === map, true)
  trial.agrees(map, model)
  map.setMany([])
  trial.agrees(map, model)
  map.setMany([...entriesOf(trial, range(FEW), 1), ...entriesOf(trial, [5, 7], 2), ...entriesOf(trial, [7, 5], 3)])
  for (const n of range(FEW)) model.set(n, trial.value(n === 5 || n === 7 ? n + 3 : n + 1))
  trial.agrees(map, model)
  for (const n of range(FEW)) map.delete(trial.key(n))
  map.setMany(entriesOf(trial, range(FEW)))
  trial.agrees(map, trial.model(FEW))
}

function growsByMany(trial: Trial): void {
  const map = trial.create(), model = trial.model(MANY)
  map.setMany(entriesOf(trial, range(MANY)))
  trial.agrees(map, model)
  agreesOnMany(trial, map, model, range(MANY + FEW))
  trial.is('repair', map.repair(), { entries: MANY, sizeError: 0, reclaimed: 0 })
}

function takesIterables(trial: Trial): void {
  const map = trial.create(), other = trial.create(), model = trial.model(MANY)
  trial.fill(other, model)
  map.setMany(new Map(entriesOf(trial, range(MANY))))
  trial.agrees(map, model)
  map.clear()
  // Both walk, read and write the map in the middle of a call on it.
  map.setMany(other)
  map.setMany((function* () { for (const entry of map) { map.has(entry[0]); yield entry } })())
  trial.agrees(map, model)
  const keys = [...map.keys()], found = map.getMany((function* () { for (const key of keys) { map.get(keys[0]); yield key } })())
  for (const [i, key] of keys.entries()) trial.isValue(`getMany's answer ${i}, of keys that a generator gave`, found[i], map.get(key))
}

class Enough extends Error {}

function stopsWithIterator(trial: Trial): void {
  const map = trial.create(), entries = entriesOf(trial, range(FEW))
  trial.throws('setMany of an iterator that throws', Enough, () => map.setMany((function* () { yield* entries; throw new Enough() })()))
  trial.agrees(map, trial.model(FEW))
  trial.throws('setMany of what is no entry', TypeError, () => map.setMany([[trial.key(FEW), trial.value(FEW)], undefined as never, [trial.key(0), trial.value(1)]]))
  trial.agrees(map, trial.model(FEW + 1))
}
