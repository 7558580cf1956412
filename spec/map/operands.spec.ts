// What a program's own code may do with the bytes and arrays that it has given to a call.

import { describe, expect, it } from 'vitest'
import type { Codec } from '../../lib/codec/codec'
import { BACKENDS } from '../support/kernels'
import { tinyMap } from '../support/maps'

/** Numbers and texts as JSON in one array that is used again and again, as `Codec.encode` allows. */
function reusing(length: number): Codec<any> {
  const bytes = new Uint8Array(length)
  return {
    name: 'reusing',
    encode: value => { const text = JSON.stringify(value).padEnd(length); for (let i = 0; i < length; i++) bytes[i] = text.charCodeAt(i); return bytes },
    decode: given => JSON.parse(Buffer.from(given).toString('latin1')) as unknown,
  }
}

describe.each(BACKENDS)('a codec that uses one array for all that it encodes stores what it was asked to, %s', backend => {
  it.each([['short', 16], ['longer than a window', 5000]])('%s', (_, length) => {
    const codec = reusing(length), map = tinyMap<any, any>({ backend, keys: codec, values: codec, maxByteLength: 4 << 20 })
    map.set('k', 1)
    expect(map.compareAndSet('k', 2, 3)).toBe(false)
    expect(map.compareAndSet('k', 1, 2)).toBe(true)
    expect(map.get('k')).toBe(2)
    expect(map.putIfMatch('k', 2, 'two')).toEqual({ written: true, found: true, previous: 2 })
    expect([map.swap('k', 4), map.getOrInsert('k', 5), map.getOrInsert('l', 6), map.replace('l', 7)]).toEqual(['two', 4, 6, true])
    map.setMany([['m', 8], ['n', 9], [1, 10]])
    expect(map.getMany(['n', 1, 'm', 'l', 'k', 'none'])).toEqual([9, 10, 8, 7, 4, undefined])
    expect(new Map(map)).toEqual(new Map<unknown, unknown>([['k', 4], ['l', 7], ['m', 8], ['n', 9], [1, 10]]))
    expect([map.compareAndDelete('m', 7), map.compareAndDelete('m', 8), map.take('n'), map.delete(1)]).toEqual([false, true, 9, true])
    expect(map.repair()).toEqual({ entries: 2, sizeError: 0, reclaimed: 0 })
  })
})

describe('bytes that are keys or values are those that were given when the call began', () => {
  const bytes = (...all: number[]): Uint8Array => Uint8Array.from(all)

  it('though a getter of the value changes the key', () => {
    const map = tinyMap<any, any>(), key = bytes(1)
    map.set(key, { get a() { key[0] = 2; return 1 } })
    expect([map.get(bytes(1)), map.has(bytes(2))]).toEqual([{ a: 1 }, false])
    key[0] = 1
    expect(map.compareAndSet(key, { get a() { key[0] = 3; return 1 } }, 'changed')).toBe(true)
    expect(map.get(bytes(1))).toBe('changed')
  })

  it('though what is expected, or a codec, changes what comes next', () => {
    const map = tinyMap<any, any>(), next = bytes(1)
    map.set('k', { a: 1 })
    expect(map.compareAndSet('k', { get a() { next[0] = 2; return 1 } }, next)).toBe(true)
    expect(map.get('k')).toEqual(bytes(1))
    const keys: Codec<string> = { encode: text => { value[0] = 9; return Uint8Array.from(text, unit => unit.charCodeAt(0)) }, decode: given => String.fromCharCode(...given) }
    const other = tinyMap<any, any>({ keys }), value = bytes(1)
    expect(other.set('k', value).get('k')).toEqual(bytes(1))
  })

  it('though they claim another length', () => {
    const map = tinyMap<any, any>(), value = Object.defineProperty(bytes(1, 2, 3), 'length', { get() { map.set('other', 'x'.repeat(100)); return 1e6 } })
    map.set('k', value)
    expect([[...map.get('k') as Uint8Array], map.has('other')]).toEqual([[1, 2, 3], false])
    class Lying extends Uint8Array { override get length() { return 0 } }
    expect([...map.set(new Lying([4, 5]), new Lying([6])).get(bytes(4, 5)) as Uint8Array]).toEqual([6])
  })

  it('also of memory that is shared and grows', () => {
    const shared = new (SharedArrayBuffer as any)(3, { maxByteLength: 10_000 }) as SharedArrayBuffer & { grow(length: number): void }, view = new Uint8Array(shared), map = tinyMap<any, any>()
    map.set('k', view)
    shared.grow(5000)
    expect(map.get('k')).toEqual(bytes(0, 0, 0))
    expect((map.set('k', view).get('k') as Uint8Array).length).toBe(5000)
  })

  it('and the keys that an Int32Array holds are read once', () => {
    class Odd extends Int32Array { override subarray(): never { throw new Error('asked') } override get length() { return 1 } }
    const map = tinyMap<any, any>().setMany([[1, 'one'], [2, 2]])
    expect(map.getMany(new Odd([2, 1, 3]))).toEqual([2, 'one', undefined])
  })
})
