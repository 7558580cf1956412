import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ABSENT, PRESENT, type SharedMap } from '../../lib/index'
import { BACKENDS } from '../support/kernels'
import { runs, tinyMap } from '../support/maps'

type Key = number | string | bigint | boolean | null | undefined
type Value = Key | { a: number } | number[]

/** Few keys of all kinds, so that they meet; some long, some of equal length. */
const keys: fc.Arbitrary<Key> = fc.oneof(
  fc.integer({ min: -3, max: 8 }), fc.constantFrom('a', 'b', 'ab', 'a'.repeat(60), '\u65e5', ''), fc.constantFrom(1n, 2n ** 70n, true, null, undefined, NaN, 1.5))
const values: fc.Arbitrary<Value> = fc.oneof(
  fc.integer({ min: -2, max: 2 }), fc.integer(), fc.string(), fc.constantFrom('v'.repeat(100), 'v'.repeat(3000)), fc.double(), fc.bigInt(), fc.boolean(), fc.constant(null),
  fc.record({ a: fc.integer() }), fc.array(fc.integer(), { maxLength: 4 }))

type Op = readonly [name: string, key: Key, value: Value, expected: Value, entries: readonly (readonly [Key, Value])[]]
const names = ['get', 'has', 'set', 'set', 'set', 'delete', 'delete', 'getOrInsert', 'swap', 'take', 'replace', 'compareAndSet', 'compareAndSetFound', 'compareAndDelete', 'compareAndDeleteFound', 'insert', 'add', 'clear', 'size', 'walk', 'getMany', 'setMany'] as const
const op: fc.Arbitrary<Op> = fc.tuple(fc.constantFrom(...names), keys, values, values, fc.array(fc.tuple(keys, values), { maxLength: 12 }))

const same = (a: unknown, b: unknown): boolean => Object.is(a, b) || typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b)

/** What a `Map` does for the same call; the model of every operation. */
function expected(model: Map<Key, Value>, [name, key, value, other, entries]: Op): unknown {
  const found = model.get(key), there = model.has(key)
  const put = <T>(answer: T): T => { model.set(key, value); return answer }
  switch (name) {
    case 'get': return found
    case 'has': return there
    case 'set': return put(undefined)
    case 'delete': return model.delete(key)
    case 'getOrInsert': return there ? found : put(value)
    case 'swap': return put(found)
    case 'take': model.delete(key); return found
    case 'replace': return there && put(true)
    case 'compareAndSet': return there && same(found, other) && put(true)
    case 'compareAndSetFound': return there && put(true)
    case 'compareAndDelete': return there && same(found, other) && model.delete(key)
    case 'compareAndDeleteFound': return model.delete(key)
    case 'insert': return there ? false : put(true)
    case 'clear': model.clear(); return undefined
    case 'size': return model.size
    case 'getMany': return entries.map(([key]) => model.get(key))
    case 'setMany': for (const [key, value] of entries) model.set(key, value); return undefined
    default: return undefined
  }
}

function actual(map: SharedMap<Key, Value>, model: Map<Key, Value>, [name, key, value, other, entries]: Op): unknown {
  switch (name) {
    case 'get': return map.get(key)
    case 'has': return map.has(key)
    case 'set': map.set(key, value); return undefined
    case 'delete': return map.delete(key)
    case 'getOrInsert': return map.getOrInsert(key, value)
    case 'swap': return map.swap(key, value)
    case 'take': return map.take(key)
    case 'replace': return map.replace(key, value)
    case 'compareAndSet': return map.compareAndSet(key, other, value)
    case 'compareAndSetFound': return model.has(key) ? map.compareAndSet(key, model.get(key)!, value) : map.compareAndSet(key, PRESENT, value)
    case 'compareAndDelete': return map.compareAndDelete(key, other)
    case 'compareAndDeleteFound': return model.has(key) ? map.compareAndDelete(key, model.get(key)!) : map.compareAndDelete(key, PRESENT)
    case 'insert': return map.compareAndSet(key, ABSENT, value)
    case 'clear': map.clear(); return undefined
    case 'size': return map.size
    case 'getMany': return map.getMany(entries.map(([key]) => key))
    case 'setMany': map.setMany(entries); return undefined
    default: return undefined
  }
}

function step(map: SharedMap<Key, Value>, model: Map<Key, Value>, op: Op): void {
  const [name, key] = op
  if (name === 'add') {
    const found = model.get(key)
    if (model.has(key) && typeof found !== 'number') return expect(() => map.add(key, 3)).toThrow(TypeError)
    const sum = (found as number | undefined ?? 0) + 3
    expect(map.add(key, 3)).toBe(sum)
    model.set(key, sum)
    return
  }
  if (name === 'walk') {
    expect(new Map(map)).toEqual(model)
    expect([...map.keys()]).toHaveLength(model.size)
    return
  }
  // The actual call first: what it compares with must be the model before its own step.
  const got = actual(map, model, op)
  expect(got).toEqual(expected(model, op))
}

describe.each(BACKENDS)('random programs against Map, %s', backend => {
  it('agree in every answer, with tables of four slots and copy chunks of one', () => {
    fc.assert(fc.property(fc.array(op, { minLength: 1, maxLength: 120, size: 'max' }), program => {
      const map = tinyMap<Key, Value>({ backend, seed: 1 }), model = new Map<Key, Value>()
      for (const op of program) step(map, model, op)
      expect(map.size).toBe(model.size)
      expect(new Map(map)).toEqual(model)
      expect(map.repair()).toEqual({ entries: model.size, sizeError: 0, reclaimed: 0 })
      expect(new Map(map)).toEqual(model)
      map.detach()
    }), runs(backend === 'wasm' ? 400 : 60))
  })
})
