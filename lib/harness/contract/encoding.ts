// What the built-in encoding promises. Only for contracts that were given no keys, or no values, of their own: with a codec
// nobody can know what it takes.

import { isBytes } from '../../backend/realms'
import { EncodingError } from '../../errors'
import { textOf } from './structure'
import type { Setup, Term, Trial } from './trial'

const anyKey = ({ anyKey }: Setup): boolean => anyKey
const anyValue = ({ anyValue }: Setup): boolean => anyValue

export const ENCODING_TERMS: readonly Term[] = [
  { name: 'keys are the same as in Map, and bytes by content', applies: anyKey, run: comparesKeys },
  { name: 'values of every kind come back as they were', applies: anyValue, run: givesBack },
  { name: 'what is expected is compared by its bytes', applies: anyValue, run: comparesBytes },
  { name: 'add takes fractions, and sums beyond 32 bits', applies: anyValue, run: addsAnyNumber },
  { name: 'a key that cannot be encoded is refused, and changes nothing', applies: anyKey, run: refusesKeys },
  { name: 'a value that cannot be encoded is refused, and changes nothing', applies: anyValue, run: refusesValues },
]

// --- keys

/** Keys that are easily mixed up, and some too long for any window. */
const KINDS: readonly unknown[] = [
  0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 1.5, -1e300, Infinity, -Infinity, NaN,
  '', '0', '1', 'null', 'NaN', 'h\u00e9', '\u65e5\u672c', '\ud800', '\udc00\ud800', 'x'.repeat(2048), 'x'.repeat(2049), '\u65e5'.repeat(3000),
  0n, 1n, -1n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 64n), 2n ** 200n, true, false, null, undefined,
  new Uint8Array(0), new Uint8Array([0]), new Uint8Array([0, 0]), new Uint8Array(5000).fill(9),
]

const copyOf = (key: unknown): unknown => isBytes(key) ? key.slice() : key

function comparesKeys(trial: Trial): void {
  const map = trial.create()
  KINDS.forEach((key, n) => map.set(key, trial.value(n)))
  trial.is('size', map.size, KINDS.length)
  KINDS.forEach((key, n) => {
    trial.is(`has(${textOf(key).slice(0, 40)})`, map.has(copyOf(key)), true)
    trial.isValue(`get(${textOf(key).slice(0, 40)})`, map.get(copyOf(key)), trial.value(n))
  })
  trial.is('the keys of a walk', [...map.keys()].map(key => textOf(key)).sort(), KINDS.map(key => textOf(key)).sort())
  trial.isValue('get(-0)', map.get(-0), trial.value(0))
  map.set(-0, trial.value(1))
  trial.isValue('get(0) after set(-0)', map.get(0), trial.value(1))
  for (const key of KINDS) trial.is(`delete(${textOf(key).slice(0, 40)})`, map.delete(copyOf(key)), true)
  trial.is('size', map.size, 0)
}

const NO_KEYS: readonly unknown[] = [{}, [], () => 1, Symbol('key'), new Date(0), new Map()]

function refusesKeys(trial: Trial): void {
  const map = trial.create(), model = trial.model(3), value = trial.value(0)
  trial.fill(map, model)
  for (const key of NO_KEYS) {
    const what = (name: string): string => `${name} of ${typeof key}`
    trial.throws(what('get'), EncodingError, () => map.get(key))
    trial.throws(what('has'), EncodingError, () => map.has(key))
    trial.throws(what('set'), EncodingError, () => map.set(key, value))
    trial.throws(what('delete'), EncodingError, () => map.delete(key))
    trial.throws(what('take'), EncodingError, () => map.take(key))
    trial.throws(what('add'), EncodingError, () => map.add(key, 1))
    trial.throws(what('getOrInsert'), EncodingError, () => map.getOrInsert(key, value))
    trial.throws(what('putIfMatch'), EncodingError, () => map.putIfMatch(key, value, value))
  }
  trial.agrees(map, model)
}

// --- values

const VALUES: readonly unknown[] = [
  ...KINDS, -0, [], {}, [1, [2, [3]]], { a: { b: 'c', d: null } }, { '\u00e9': '\u65e5' }, [{ long: 'y'.repeat(9000) }],
  'z'.repeat(20_000), new Uint8Array(20_000).fill(7),
]

function givesBack(trial: Trial): void {
  const map = trial.create(), key = trial.key(0)
  for (const value of VALUES) {
    const what = textOf(value).slice(0, 40)
    map.set(key, value)
    trial.is(`get after set(${what})`, map.get(key), value)
    trial.is(`the values of a walk after set(${what})`, [...map.values()], [value])
    trial.is(`compareAndSet(${what})`, map.compareAndSet(key, copyOf(value), 'next'), true)
    trial.is(`swap to ${what}`, map.swap(key, value), 'next')
    trial.is(`swap from ${what}`, map.swap(key, 0), value)
    trial.is(`putIfMatch to ${what}`, map.putIfMatch(key, 0, value), { written: true, found: true, previous: 0 })
    trial.is(`take of ${what}`, map.take(key), value)
  }
}

const DIFFERENT: readonly (readonly [unknown, unknown])[] = [
  [0, -0], [1, '1'], [1, 1n], [1, true], [0, null], [null, undefined], [NaN, 'NaN'], ['', undefined], [{ a: 1, b: 2 }, { b: 2, a: 1 }], [[], {}],
  [new Uint8Array([1]), new Uint8Array([1, 0])], ['x'.repeat(5000), `${'x'.repeat(4999)}y`],
]

function comparesBytes(trial: Trial): void {
  const map = trial.create(), key = trial.key(0)
  for (const [one, other] of DIFFERENT.flatMap(([a, b]) => [[a, b], [b, a]])) {
    const what = `${textOf(other).slice(0, 40)} where ${textOf(one).slice(0, 40)} was`
    map.set(key, one)
    trial.is(`compareAndSet expecting ${what}`, map.compareAndSet(key, other, 'next'), false)
    trial.is(`compareAndDelete expecting ${what}`, map.compareAndDelete(key, other), false)
    trial.is(`get after compareAndSet expecting ${what}`, map.get(key), one)
  }
  map.set(key, NaN)
  trial.is('compareAndDelete expecting NaN where NaN was', map.compareAndDelete(key, NaN), true)
}

const SUMS: readonly (readonly [before: number, delta: number])[] = [
  [5, -7], [5, 0.5], [-2, 0.5], [1.5, 1.5], [2 ** 31 - 1, 1], [2 ** 31, -1], [-(2 ** 31), -1], [-(2 ** 31) + 3, -2], [2 ** 53, 2],
  [1, NaN], [NaN, 1], [Infinity, 1], [-0, 0],
]

function addsAnyNumber(trial: Trial): void {
  const map = trial.create()
  for (const [before, delta] of SUMS) for (let n = 0; n < 4; n++) {
    map.set(trial.key(n), before)
    trial.is(`add(key ${n}, ${delta}) to ${before}`, map.add(trial.key(n), delta), before + delta)
    trial.is(`get(key ${n}) after add(${delta}) to ${before}`, map.get(trial.key(n)), before + delta)
  }
}

class Unknown { readonly field = 1 }

function refused(): unknown[] {
  const cycle: Record<string, unknown> = {}
  cycle.self = cycle
  return [
    () => 1, Symbol('value'), new Date(0), new Map([[1, 2]]), new Set([1]), new Unknown(), cycle,
    { a: NaN }, { a: Infinity }, [undefined], [1n], { a: [-0] }, { bytes: new Uint8Array(1) }, { toJSON: () => 1 },
  ]
}

function refusesValues(trial: Trial): void {
  const map = trial.create(), key = trial.key(0), absent = trial.key(3), model = trial.model(3)
  trial.fill(map, model)
  for (const value of refused()) {
    const what = (name: string): string => `${name} to ${textOf(value).slice(0, 40)}`
    for (const at of [key, absent]) {
      trial.throws(what('set'), EncodingError, () => map.set(at, value))
      trial.throws(what('getOrInsert'), EncodingError, () => map.getOrInsert(at, value))
      trial.throws(what('swap'), EncodingError, () => map.swap(at, value))
      trial.throws(what('replace'), EncodingError, () => map.replace(at, value))
      trial.throws(what('compareAndSet'), EncodingError, () => map.compareAndSet(at, trial.value(0), value))
      trial.throws(what('compareAndSet, expecting it,'), EncodingError, () => map.compareAndSet(at, value, trial.value(0)))
      trial.throws(what('compareAndDelete, expecting it,'), EncodingError, () => map.compareAndDelete(at, value))
      trial.throws(what('putIfMatch'), EncodingError, () => map.putIfMatch(at, trial.value(0), value))
    }
  }
  trial.agrees(map, model)
}
