import { afterEach, describe, expect, it } from 'vitest'
import { ABSENT, ANY, DetachedError, PRESENT, SharedMap } from '../../lib/index'
import { BACKENDS } from '../support/kernels'
import { tinyMap } from '../support/maps'

const open: SharedMap<any, any>[] = []
afterEach(() => { for (const map of open.splice(0)) map.detach() })

function keep<K, V>(map: SharedMap<K, V>): SharedMap<K, V> {
  open.push(map)
  return map
}

/** Keys that are all different, and each of a kind that is stored in its own way. */
const KEYS: readonly unknown[] = [
  0, 1, -1, 2147483647, -2147483648, -2147483647, -2147483646, 2147483648, 1.5, -1e300, Infinity, -Infinity, NaN,
  '', 'a', '0', 'null', 'h\u00e9llo', '\u65e5\u672c', '\ud800', '\udc00\ud800', 'x'.repeat(2048), 'x'.repeat(2049), '\u65e5'.repeat(3000),
  0n, 1n, -1n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 64n), 2n ** 200n, true, false, null, undefined,
  new Uint8Array(0), new Uint8Array([0]), new Uint8Array([0, 0]), new Uint8Array(5000).fill(9),
]
const VALUES: readonly unknown[] = [...KEYS, -0, [], {}, [1, [2, [3]]], { a: { b: 'c', d: null } }, { '\u00e9': '\u65e5' }, [{ long: 'y'.repeat(9000) }]]

describe.each(BACKENDS)('SharedMap on %s', backend => {
  const create = <K = any, V = any>(): SharedMap<K, V> => keep(tinyMap<K, V>({ backend, maxByteLength: 8 << 20 }))

  it('holds every kind of key and value, and tells all keys apart', () => {
    const map = create()
    KEYS.forEach((key, i) => map.set(key, i))
    expect(map.size).toBe(KEYS.length)
    KEYS.forEach((key, i) => expect(map.get(key), String(key).slice(0, 30)).toBe(i))
    for (const value of VALUES) {
      map.set('value', value)
      expect(map.get('value')).toStrictEqual(value)
      expect(map.compareAndSet('value', value, 'next'), String(value).slice(0, 30)).toBe(true)
      expect(map.swap('value', value)).toBe('next')
      expect(map.swap('value', 0)).toStrictEqual(value)
      map.set('value', value)
      expect(map.take('value')).toStrictEqual(value)
    }
    expect([...map.keys()]).toHaveLength(KEYS.length)
  })

  it('treats keys as Map does: 0 and -0 are one, NaN is one, byte arrays go by content', () => {
    const map = create()
    map.set(-0, 'zero').set(NaN, 'nan').set(new Uint8Array([1, 2]), 'bytes')
    expect(map.get(0)).toBe('zero')
    expect(map.get(Number('x'))).toBe('nan')
    expect(map.get(new Uint8Array([1, 2]))).toBe('bytes')
    expect([...map.keys()]).toContainEqual(0)
    expect([...map.keys()].some(key => Object.is(key, -0))).toBe(false)
  })

  it('keeps -0 as a value apart from 0', () => {
    const map = create()
    map.set(1, -0)
    expect(map.get(1)).toBe(-0)
    expect(map.compareAndSet(1, 0, 5)).toBe(false)
    expect(map.compareAndSet(1, -0, 5)).toBe(true)
    map.set('x', 0)
    expect(map.compareAndSet('x', -0, 5)).toBe(false)
  })

  it('returns copies: changing what was put in or taken out changes nothing inside', () => {
    const map = create(), bytes = new Uint8Array([1, 2, 3]), object = { list: [1] }
    map.set('bytes', bytes).set('object', object)
    bytes[0] = 9
    object.list.push(2)
    map.get('bytes')[1] = 9
    map.get('object').list.push(3)
    expect(map.get('bytes')).toEqual(new Uint8Array([1, 2, 3]))
    expect(map.get('object')).toEqual({ list: [1] })
    expect(map.get('bytes').buffer).not.toBe(map.handle.buffer)
  })

  it('has the conditional writes of a concurrent map', () => {
    const map = create<string, any>()
    expect(map.replace('a', 1)).toBe(false)
    expect(map.compareAndSet('a', 1, 2)).toBe(false)
    expect(map.compareAndDelete('a', 1)).toBe(false)
    expect(map.delete('a')).toBe(false)
    expect(map.take('a')).toBeUndefined()
    expect(map.getOrInsert('a', 1)).toBe(1)
    expect(map.getOrInsert('a', 2)).toBe(1)
    expect(map.replace('a', 3)).toBe(true)
    expect(map.compareAndSet('a', 1, 4)).toBe(false)
    expect(map.compareAndSet('a', 3, { deep: [1] })).toBe(true)
    expect(map.compareAndSet('a', { deep: [2] }, 5)).toBe(false)
    expect(map.compareAndSet('a', { deep: [1] }, 5)).toBe(true)
    expect(map.compareAndDelete('a', 4)).toBe(false)
    expect(map.compareAndDelete('a', 5)).toBe(true)
    expect(map.has('a')).toBe(false)
    expect(map.swap('a', 6)).toBeUndefined()
    expect(map.swap('a', 7)).toBe(6)
    expect(map.take('a')).toBe(7)
    expect(map.size).toBe(0)
  })

  it('putIfMatch answers what it found and whether it wrote, for every expectation', () => {
    const map = create<string, any>()
    expect(map.putIfMatch('k', PRESENT, 1)).toEqual({ written: false, found: false, previous: undefined })
    expect(map.putIfMatch('k', ABSENT, 1)).toEqual({ written: true, found: false, previous: undefined })
    expect(map.putIfMatch('k', ABSENT, 2)).toEqual({ written: false, found: true, previous: 1 })
    expect(map.putIfMatch('k', 1, 'long '.repeat(1000))).toEqual({ written: true, found: true, previous: 1 })
    expect(map.putIfMatch('k', 'other', 3)).toEqual({ written: false, found: true, previous: 'long '.repeat(1000) })
    expect(map.putIfMatch('k', ANY, undefined)).toEqual({ written: true, found: true, previous: 'long '.repeat(1000) })
    expect(map.putIfMatch('k', PRESENT, 3)).toEqual({ written: true, found: true, previous: undefined })
    expect(map.putIfMatch('k', 4, ABSENT)).toEqual({ written: false, found: true, previous: 3 })
    expect(map.putIfMatch('k', 3, ABSENT)).toEqual({ written: true, found: true, previous: 3 })
    expect(map.putIfMatch('k', ANY, ABSENT)).toEqual({ written: false, found: false, previous: undefined })
    expect(map.size).toBe(0)
  })

  it('adds to numbers, absent ones count as 0, across the border of 32 bits', () => {
    const map = create<string | number, any>()
    expect(map.add('n', 5)).toBe(5)
    expect(map.add('n', -7)).toBe(-2)
    expect(map.add('n', 0.5)).toBe(-1.5)
    expect(map.add('n', 1.5)).toBe(0)
    expect(map.get('n')).toBe(0)
    map.set(1, 2147483647)
    expect(map.add(1, 1)).toBe(2147483648)
    expect(map.add(1, -1)).toBe(2147483647)
    map.set(1, -2147483648)
    expect(map.add(1, -1)).toBe(-2147483649)
    map.set(1, -2147483645)
    expect(map.add(1, -2)).toBe(-2147483647)
    expect(map.add(1, -1)).toBe(-2147483648)
    expect(map.add(1, NaN)).toBeNaN()
    map.set('s', 'text')
    expect(() => map.add('s', 1)).toThrow(TypeError)
    expect(() => map.add('n', '1' as any)).toThrow(TypeError)
  })

  it('iterates like Map, but for the order', () => {
    const map = create<string, number>()
    for (let i = 0; i < 100; i++) map.set(`key ${i}`, i)
    const expected = Array.from({ length: 100 }, (_, i) => [`key ${i}`, i] as [string, number])
    expect([...map].sort((a, b) => a[1] - b[1])).toEqual(expected)
    expect([...map.entries()]).toHaveLength(100)
    expect(new Set(map.keys())).toEqual(new Set(expected.map(([key]) => key)))
    expect([...map.values()].reduce((a, b) => a + b)).toBe(4950)
    let sum = 0
    const self = {}
    map.forEach(function (this: unknown, value, key, whole) {
      expect(this).toBe(self)
      expect(whole).toBe(map)
      expect(key).toBe(`key ${value}`)
      sum += value
    }, self)
    expect(sum).toBe(4950)
    expect(Object.prototype.toString.call(map)).toBe('[object SharedMap]')
  })

  it('removes through a walk: every entry is met, none afterwards, and what was deleted on the way is not given', () => {
    const map = create<number, number>()
    for (let i = 0; i < 500; i++) map.set(i, i)
    let met = 0
    for (const key of map.keys()) { expect(map.delete(key)).toBe(true); met++ }
    expect(met).toBe(500)
    expect([...map]).toEqual([])
    for (let i = 0; i < 100; i++) map.set(i, i)
    const given: number[] = []
    for (const key of map.keys()) {
      given.push(key)
      for (let i = 0; i < 100; i++) if (i !== key) map.delete(i)
    }
    expect(given).toHaveLength(1)
  })

  it('gives each lasting key once while the walk itself makes the map grow and shrink', () => {
    const map = create<string, number>()
    for (let i = 0; i < 300; i++) map.set(`lasting ${i}`, i)
    const given: string[] = []
    let fresh = 0
    for (const [key, value] of map) {
      if (!key.startsWith('lasting')) continue
      given.push(key)
      expect(map.get(key)).toBe(value)
      for (let n = 0; n < 20; n++) map.set(`fresh ${fresh++}`, n)
      if (fresh % 1000 === 0) for (let n = 0; n < fresh; n++) map.delete(`fresh ${n}`)
    }
    expect(given.sort()).toEqual(Array.from({ length: 300 }, (_, i) => `lasting ${i}`).sort())
  })

  it('clears, and is as good as new', () => {
    const map = create<number, string>()
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 50; i++) map.set(i, `round ${round} value ${i}`)
      expect(map.size).toBe(50)
      map.clear()
      expect(map.size).toBe(0)
      expect([...map]).toEqual([])
      expect(map.get(7)).toBeUndefined()
    }
    expect(map.repair()).toEqual({ entries: 0, sizeError: 0, reclaimed: 0 })
  })

  it('values of changing sizes use the same memory again', () => {
    const map = create<number, string>()
    const round = (n: number): void => { for (let i = 0; i < 64; i++) map.set(i, 'z'.repeat((i * 37 + n * 101) % 3000)) }
    for (let n = 0; n < 60; n++) round(n)
    const used = map.stats().memory.used
    for (let n = 60; n < 300; n++) round(n)
    expect(map.stats().memory.used).toBeLessThan(used * 1.2)
    for (let i = 0; i < 64; i++) expect(map.get(i)).toHaveLength((i * 37 + 299 * 101) % 3000)
  })
})

describe('a map seen from several attachments', () => {
  it('is one map, on both backends, by way of a structured clone', () => {
    const map = keep(tinyMap<string, number>({ backend: 'wasm' }))
    const handle = structuredClone({ ...map.handle, memory: undefined })
    const same = keep(SharedMap.attach<string, number>(handle, { backend: 'javascript' }))
    expect(map.backend).toBe('wasm')
    expect(same.backend).toBe('javascript')
    for (let i = 0; i < 200; i++) (i % 2 === 0 ? map : same).set(`k${i}`, i)
    for (let i = 0; i < 200; i++) expect((i % 2 === 0 ? same : map).get(`k${i}`)).toBe(i)
    expect(same.size).toBe(200)
    expect(same.participant).toBe(map.participant)
    expect(map.stats().participants).toHaveLength(1)
  })

  it('keeps working for the others when one detaches', () => {
    const map = tinyMap<string, number>(), same = SharedMap.attach<string, number>(map.handle)
    map.set('a', 1)
    map.detach()
    map.detach()
    expect(() => map.get('a')).toThrow(/detached/)
    expect(() => map.set('b', 1)).toThrow(/detached/)
    expect(same.get('a')).toBe(1)
    same[Symbol.dispose]()
    expect(() => same.size).toThrow(/detached/)
  })

  it('lets a codec use the map, in the middle of a write and of a walk', () => {
    const map = keep(tinyMap<any, any>({ values: { encode: value => { map?.get('other'); return new TextEncoder().encode(value) }, decode: bytes => { map.get('other'); return new TextDecoder().decode(bytes) } } }))
    for (let i = 0; i < 30; i++) map.set(i % 2 === 0 ? i : `key ${i}`, `value ${i}`)
    expect([...map].sort()).toEqual(Array.from({ length: 30 }, (_, i) => [i % 2 === 0 ? i : `key ${i}`, `value ${i}`]).sort())
    expect(map.compareAndSet('key 1', 'value 1', 'next')).toBe(true)
  })

  it('takes codecs for keys and values, and insists on them', () => {
    const date = { name: 'date', encode: (value: Date) => new Uint8Array(new Float64Array([value.getTime()]).buffer), decode: (bytes: Uint8Array) => new Date(new Float64Array(bytes.buffer)[0]!) }
    const map = keep(tinyMap<Date, Date>({ keys: date, values: date }))
    map.set(new Date(1), new Date(2))
    expect(map.get(new Date(1))).toEqual(new Date(2))
    expect([...map]).toEqual([[new Date(1), new Date(2)]])
    expect(map.compareAndSet(new Date(1), new Date(2), new Date(3))).toBe(true)
    expect(() => SharedMap.attach(map.handle)).toThrow(/codec 'date'/)
    expect(keep(SharedMap.attach<Date, Date>(map.handle, { keys: date, values: date })).get(new Date(1))).toEqual(new Date(3))
  })
})

describe('a map that was detached', () => {
  const uses: Readonly<Record<string, (map: SharedMap<any, any>) => unknown>> = {
    get: map => map.get('a key'), has: map => map.has('x'.repeat(3000)), set: map => map.set('a key', 'a value'), add: map => map.add('a key', 1),
    stats: map => map.stats(), repair: map => map.repair(), take: map => map.take('a key'), size: map => map.size,
  }

  it.each(Object.keys(uses))('throws at %s before it writes into what was its area: somebody else has it now', name => {
    const map = tinyMap<any, any>({ maxByteLength: 1 << 20 })
    map.set('a key', 'a value')
    const bytes = new Uint8Array(map.handle.buffer)
    map.detach()
    const before = bytes.slice()
    expect(() => uses[name]!(map)).toThrow(DetachedError)
    expect(Buffer.compare(before, bytes)).toBe(0)
  })
})
