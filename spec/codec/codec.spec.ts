import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CONSTANTS, type Codec, Constant } from '../../lib/codec/codec'
import { prepareKey, prepareValue } from '../../lib/codec/coder'
import { EncodingError, SharedMap } from '../../lib/index'
import { runs, tinyMap } from '../support/maps'

/** Sets of small numbers, as bytes in order, so that equal sets have equal bytes. */
const sets: Codec<Set<number>> = {
  name: 'sets',
  encode: set => Uint8Array.from([...set].sort((a, b) => a - b)),
  decode: bytes => new Set(bytes),
}
const anySet = (maxLength: number): fc.Arbitrary<Set<number>> => fc.array(fc.nat(255), { maxLength }).map(list => new Set(list))

describe('a codec of the program', () => {
  it('stores keys and values of its own kind, by their bytes', () => {
    const map = tinyMap<Set<number>, Set<number>>({ keys: sets, values: sets, maxByteLength: 4 << 20 }), model = new Map<string, Set<number>>()
    fc.assert(fc.property(anySet(5), anySet(250), (key, value) => {
      map.set(key, value)
      model.set(String(sets.encode(key)), value)
      expect(map.get(new Set([...key].reverse()))).toEqual(value)
      expect(map.compareAndSet(key, new Set([...value].reverse()), value)).toBe(true)
    }), runs(200))
    expect(map.size).toBe(model.size)
    expect(model.size).toBeGreaterThan(20)
    for (const [key, value] of map) expect(value).toEqual(model.get(String(sets.encode(key))))
  })

  it('takes bytes longer than any window', () => {
    const numbers: Codec<number[]> = { encode: list => new Uint8Array(Float64Array.from(list).buffer), decode: bytes => [...new Float64Array(bytes.buffer)] }
    const map = tinyMap<number[], number[]>({ keys: numbers, values: numbers, maxByteLength: 4 << 20 }), long = Array.from({ length: 5000 }, (_, i) => i / 3)
    map.set(long, long)
    expect(map.get(long)).toEqual(long)
    expect([...map]).toEqual([[long, long]])
    expect(map.swap(long, [1])).toEqual(long)
  })

  it('may use its array again, and owns the one that it is given', () => {
    const scratch = new Uint8Array(4), given: Uint8Array[] = []
    const codec: Codec<number> = { encode: n => scratch.fill(n), decode: bytes => { given.push(bytes); return bytes[0]! } }
    const map = tinyMap<string, number>({ values: codec })
    map.set('a', 1).set('b', 2)
    expect([map.get('a'), map.get('b')]).toEqual([1, 2])
    given[0]!.fill(9)
    expect(map.get('a')).toBe(1)
    expect(given.every(bytes => bytes.buffer !== map.handle.buffer && bytes.length === 4)).toBe(true)
  })

  it('travels by name, and attaching with another is an error', () => {
    const map = tinyMap({ keys: sets, values: { encode: sets.encode as never, decode: sets.decode } })
    expect(map.handle.codecs).toEqual({ keys: 'sets', values: 'custom' })
    expect(() => SharedMap.attach(map.handle, { keys: sets })).toThrow(EncodingError)
    expect(() => SharedMap.attach(map.handle, { keys: { ...sets, name: 'other' }, values: sets as never })).toThrow(/the codec 'sets' for its keys, attach was given 'other'/)
    expect(() => SharedMap.attach(tinyMap().handle, { values: sets })).toThrow(/the built-in encoding for its values/)
  })

  it('that throws changes nothing, and its error comes through', () => {
    const map = tinyMap<string, number>({ values: { encode: n => { if (n < 0) throw new RangeError('no negatives'); return Uint8Array.of(n) }, decode: bytes => bytes[0]! } })
    map.set('a', 1)
    expect(() => map.set('a', -1)).toThrow(new RangeError('no negatives'))
    expect(map.get('a')).toBe(1)
    expect(() => prepareValue(1, { encode: () => [1] as never, decode: () => 1 })).toThrow(/must return a Uint8Array/)
    expect(() => prepareKey(1, { encode: () => undefined as never, decode: () => 1 })).toThrow(/gave undefined/)
  })
})

describe('the constants', () => {
  it('are each at their place', () => {
    expect(CONSTANTS[Constant.Undefined]).toBe(undefined)
    expect(CONSTANTS[Constant.Null]).toBe(null)
    expect([CONSTANTS[Constant.True], CONSTANTS[Constant.False]]).toEqual([true, false])
    expect(CONSTANTS[Constant.NotANumber]).toBe(NaN)
    expect(CONSTANTS[Constant.NegativeZero]).toBe(-0)
    expect(CONSTANTS).toHaveLength(6)
  })
})
