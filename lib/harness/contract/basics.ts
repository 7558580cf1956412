// The plain promises: what is there and what is not, sizes, copies, clear, numbers.

import { ABSENT } from '../../map/shared-map'
import { change, textOf } from './structure'
import type { Model, Setup, Term, Trial } from './trial'

const FEW = 40

export const BASIC_TERMS: readonly Term[] = [
  { name: 'the contract\'s first two values are told apart', run: tellsValuesApart },
  { name: 'a fresh map is empty', run: startsEmpty },
  { name: 'set, get and has agree', run: readsWhatWasWritten },
  { name: 'equal keys give one entry, other keys others', run: tellsKeysApart },
  { name: 'size is exact at rest', run: countsExactly },
]

export const MORE_BASIC_TERMS: readonly Term[] = [
  { name: 'keys and values are copies', applies: hasObjects, run: copies },
  { name: 'clear empties the map, which is as good as new', run: clears },
  { name: 'add adds to numbers, an absent key counts as 0', applies: holdsIntegers, run: adds },
  { name: 'add refuses what is not a number, and changes nothing', run: refusesToAdd },
  { name: 'a map says what it is', run: namesItself },
]

/** Without this most clauses could not fail. */
function tellsValuesApart(trial: Trial): void {
  const { same } = trial.setup
  trial.is('same(value(0), value(0))', same(trial.value(0), trial.value(0)), true)
  trial.is('same(value(1), value(1))', same(trial.value(1), trial.value(1)), true)
  trial.is('same(value(0), value(1))', same(trial.value(0), trial.value(1)), false)
}

function startsEmpty(trial: Trial): void {
  const map = trial.create()
  trial.agrees(map, new Map())
  for (let n = 0; n < FEW; n++) {
    trial.agreesOn(map, new Map(), n)
    trial.is(`delete(key ${n})`, map.delete(trial.key(n)), false)
    trial.isValue(`take(key ${n})`, map.take(trial.key(n)), undefined)
  }
  map.clear()
  trial.agrees(map, new Map())
}

function readsWhatWasWritten(trial: Trial): void {
  const map = trial.create(), model: Model = new Map()
  for (let n = 0; n < FEW; n++) {
    trial.is(`set(key ${n}) === map`, map.set(trial.key(n), trial.value(n)) === map, true)
    trial.agreesOn(map, model.set(n, trial.value(n)), n)
    trial.agreesOn(map, model, n + 1)
  }
  for (let n = 0; n < FEW; n++) {
    map.set(trial.key(n), trial.value(n + 1))
    trial.agreesOn(map, model.set(n, trial.value(n + 1)), n)
  }
  trial.agrees(map, model)
}

function tellsKeysApart(trial: Trial): void {
  const map = trial.create(), model = trial.model(FEW)
  for (let round = 0; round < 3; round++) {
    trial.fill(map, model)
    trial.agrees(map, model)
  }
  for (let n = 0; n < FEW; n += 2) {
    trial.is(`delete(key ${n})`, map.delete(trial.key(n)), model.delete(n))
    trial.agreesOn(map, model, n)
  }
  trial.agrees(map, model)
}

function countsExactly(trial: Trial): void {
  const map = trial.create(), model = trial.model(FEW)
  let size = 0
  const counts = (what: string, by: number): void => trial.is(`size after ${what}`, map.size, size += by)
  counts('nothing', 0)
  for (const [n, value] of model) {
    map.set(trial.key(n), value)
    counts(`set(key ${n})`, 1)
    map.set(trial.key(n), trial.value(n + 1))
    counts(`set(key ${n}) once more`, 0)
    map.getOrInsert(trial.key(n), value)
    counts(`getOrInsert(key ${n})`, 0)
  }
  for (const n of model.keys()) {
    map.delete(trial.key(n))
    counts(`delete(key ${n})`, -1)
    map.delete(trial.key(n))
    counts(`delete(key ${n}) once more`, 0)
    map.getOrInsert(trial.key(n), trial.value(n))
    counts(`getOrInsert(deleted key ${n})`, 1)
    map.take(trial.key(n))
    counts(`take(key ${n})`, -1)
  }
}

// --- copies

/** Whether some key or value is something that can be changed in place. The change is taken back at once. */
function hasObjects({ key, value }: Setup): boolean {
  for (let n = 0; n < FEW; n++) for (const thing of [key(n), value(n)]) {
    const undo = change(thing)
    undo?.()
    if (undo !== undefined) return true
  }
  return false
}

function copies(trial: Trial): void {
  for (let n = 0; n < FEW; n++) {
    const map = trial.create(), key = trial.key(n), value = trial.value(n), other = trial.value(n + 1), found = (): unknown => map.get(trial.key(n))
    map.set(key, value)
    keepsItsOwn(trial, 'a walk after a change of the key that was put in', () => [key], () => [...map])
    keepsItsOwn(trial, `get(key ${n}) after a change of the value that was put in`, () => [value], found)
    keepsItsOwn(trial, `get(key ${n}) after a change of what get gave`, () => [map.get(trial.key(n))], found)
    keepsItsOwn(trial, `get(key ${n}) after a change of what getOrInsert gave`, () => [map.getOrInsert(trial.key(n), other)], found)
    keepsItsOwn(trial, `get(key ${n}) after a change of what putIfMatch gave`, () => [map.putIfMatch(trial.key(n), ABSENT, other).previous], found)
    keepsItsOwn(trial, `get(key ${n}) after a change of what values() gave`, () => [...map.values()], found)
    keepsItsOwn(trial, 'a walk after a change of what a walk gave', () => [...map].flat(), () => [...map])
    map.detach()
  }
}

/** Changes things that went in or came out, and takes that back: what the map holds must read as before meanwhile. */
function keepsItsOwn(trial: Trial, what: string, things: () => unknown[], read: () => unknown): void {
  const before = textOf(read()), takeBack = things().map(change), after = textOf(read())
  for (const undo of takeBack.reverse()) undo?.()
  trial.is(what, after, before)
}

// --- clear

function clears(trial: Trial): void {
  const map = trial.create()
  for (let round = 0; round < 8; round++) {
    const model = trial.model(FEW, round * 10)
    trial.fill(map, model)
    trial.agrees(map, model)
    map.clear()
    trial.agrees(map, new Map())
    for (const n of model.keys()) trial.agreesOn(map, new Map(), n)
  }
}

// --- numbers

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && !Object.is(value, -0)

/** The clauses about sums use no numbers but those that `value` gives, for a codec may take no others. */
export function holdsIntegers({ value }: Setup): boolean { return isWhole(value(0)) }

/** The integers among the values. */
export function integersOf({ value }: Setup): number[] {
  return Array.from({ length: 64 }, (_, n) => value(n)).filter(isWhole).filter(number => Math.abs(number) < 2 ** 51)
}

function adds(trial: Trial): void {
  const map = trial.create(), numbers = integersOf(trial.setup)
  for (let n = 0; n < FEW; n++) {
    let before = 0
    for (const sum of [numbers[n % numbers.length]!, ...numbers]) {
      const what = `add(key ${n}, ${sum - before}) to ${before}`
      trial.is(what, map.add(trial.key(n), sum - before), sum)
      trial.isValue(`get(key ${n}) after ${what}`, map.get(trial.key(n)), sum)
      before = sum
    }
  }
  trial.is('size', map.size, FEW)
}

function refusesToAdd(trial: Trial): void {
  const map = trial.create(), model = trial.model(FEW)
  trial.fill(map, model)
  for (const [n, value] of model) {
    trial.throws(`add(key ${n}, '1')`, TypeError, () => map.add(trial.key(n), '1' as unknown as number))
    if (typeof value !== 'number') trial.throws(`add(key ${n}, 1) to ${typeof value}`, TypeError, () => map.add(trial.key(n), 1))
  }
  trial.throws('add(absent key, \'1\')', TypeError, () => map.add(trial.key(FEW), '1' as unknown as number))
  trial.agrees(map, model)
}

function namesItself(trial: Trial): void {
  const map = trial.create()
  trial.is('Object.prototype.toString', Object.prototype.toString.call(map), '[object SharedMap]')
  trial.is('backend', ['wasm', 'javascript'].includes(map.backend), true)
  trial.isWithin('participant', map.participant, 1, Infinity)
  trial.is('handle.format', map.handle.format, 'nonblocking-map')
}
