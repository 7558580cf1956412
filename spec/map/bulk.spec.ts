import { afterEach, describe, expect, it } from 'vitest'
import { DetachedError, EncodingError, OutOfMemoryError, SharedMap, type SharedMapError } from '../../lib/index'
import { WINDOW } from '../../lib/map/bulk'
import { BACKENDS } from '../support/kernels'
import { tinyMap } from '../support/maps'

const open: SharedMap<any, any>[] = []
afterEach(() => { for (const map of open.splice(0)) map.detach() })

function keep<K, V>(map: SharedMap<K, V>): SharedMap<K, V> {
  open.push(map)
  return map
}

/** The error that a call throws. */
function thrown(call: () => unknown): SharedMapError {
  try {
    call()
  } catch (error) {
    return error as SharedMapError
  }
  throw new Error('nothing was thrown')
}

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

describe.each(BACKENDS)('getMany and setMany on %s', backend => {
  const create = <K = any, V = any>(maxByteLength = 8 << 20): SharedMap<K, V> => keep(tinyMap<K, V>({ backend, maxByteLength }))

  it('agree with single calls, for mixed kinds of keys and values', () => {
    const map = create(), keys = range(3 * WINDOW).map(n => n % 7 === 0 ? `key ${n}` : n % 11 === 0 ? n + 0.5 : n)
    const entries = keys.map((key, n) => [key, n % 5 === 0 ? `value ${n}` : n % 13 === 0 ? -0 : n] as const)
    map.setMany(entries)
    expect(map.getMany(keys)).toStrictEqual(entries.map(([, value]) => value))
    expect(map.getMany(keys)).toStrictEqual(keys.map(key => map.get(key)))
    expect(map.size).toBe(keys.length)
  })

  it.each([0, 1, WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW, 2 * WINDOW + 1])('take any number of integers: %i', count => {
    const map = create<number, number>(), keys = range(count)
    expect(map.setMany(keys.map(key => [key, -key - 1]))).toBe(map)
    expect(map.getMany(keys)).toEqual(keys.map(key => -key - 1))
    expect(map.getMany(Int32Array.from(keys))).toEqual(keys.map(key => -key - 1))
    expect(map.getMany(Int32Array.from(keys, key => key + count))).toEqual(keys.map(() => undefined))
    expect(map.size).toBe(count)
  })

  it('tell apart what the kernel\'s answers cannot: values that look like its sentinels, 0 and -0, undefined and nothing', () => {
    const map = create(), values = [-0x80000000, -0x7fffffff, -0x7ffffffe, 0, -0, undefined, null, NaN, 'text', 2 ** 31]
    map.setMany(values.map((value, n) => [n, value]))
    const found = map.getMany([...values.keys(), 99])
    expect(found).toStrictEqual([...values, undefined])
    expect(Object.is(found[4], -0)).toBe(true)
    expect(map.has(5)).toBe(true)
  })

  it('take -0 as the key 0, holes as the key undefined, and one key twice', () => {
    const map = create()
    map.setMany([[-0, 'zero'], [undefined, 'none'], [3, 1], [3, 2]])
    expect(map.getMany([0, -0, , 3, 3])).toEqual(['zero', 'zero', 'none', 2, 2])
  })

  it('copy a growing array of integers before the first read, and read a view of shared memory', () => {
    const map = create<number, number>(), shared = new Int32Array(new SharedArrayBuffer(40)).map((_, n) => n)
    map.setMany(range(10).map(n => [n, n * n]))
    expect(map.getMany(shared.subarray(2, 6))).toEqual([4, 9, 16, 25])
    expect(map.getMany(new Set([3, 1]))).toEqual([9, 1])
  })

  it('read strings of all lengths and kinds, a window full at a time, whatever their values are', () => {
    const map = create(), texts = range(700).map(n => `${n % 9 === 0 ? '\u65e5' : n % 5 === 0 ? '\xe9' : 'k'}${'-'.repeat(n % 60)}${n}`)
    const keys = ['', ...texts, 'l'.repeat(3000), 'l'.repeat(2048), 'l'.repeat(2047), ...texts, 7, ''], values = new Map(keys.map((key, n) => [key, n % 6 === 0 ? `value ${n}` : n % 7 === 0 ? -0x80000000 : n]))
    map.setMany(values)
    expect(map.getMany(keys)).toStrictEqual(keys.map(key => values.get(key)))
    expect(map.getMany(texts.map(text => `${text}!`))).toEqual(texts.map(() => undefined))
    expect(map.getMany(['x'.repeat(3000), 'y'])).toEqual([undefined, undefined])
    expect(map.size).toBe(values.size)
  })

  it('read strings while resizes run', () => {
    const map = create<string, number>(), texts = range(3000).map(n => `text ${n}`)
    for (const [n, text] of texts.entries()) {
      map.set(text, n)
      if (n % 37 === 0) expect(map.getMany(texts.slice(Math.max(0, n - 20), n + 2))).toEqual([...range(n + 1).slice(Math.max(0, n - 20)), undefined])
    }
    expect(map.stats().resizes.count).toBeGreaterThan(5)
  })

  it('use the codecs of the map', () => {
    const hex = { name: 'hex', encode: (n: number) => new TextEncoder().encode(n.toString(16)), decode: (bytes: Uint8Array) => parseInt(new TextDecoder().decode(bytes), 16) }
    const map = keep(tinyMap<number, number>({ backend, values: hex })), both = keep(tinyMap<number, number>({ backend, keys: hex, values: hex }))
    for (const each of [map, both]) {
      each.setMany(range(50).map(n => [n, n * 3]))
      expect(each.getMany(range(51))).toEqual([...range(50).map(n => n * 3), undefined])
    }
  })

  it('note every resize that they begin and end', () => {
    const map = create<number, number>(), single = create<number, number>()
    map.setMany(range(2000).map(n => [n, n]))
    for (const n of range(2000)) single.set(n, n)
    const noted = (of: SharedMap<number, number>): unknown[] => of.stats().resizes.last.map(({ from, to, duration }) => [from, to, duration !== undefined])
    expect(map.stats().resizes.count).toBeGreaterThan(5)
    expect(noted(map)).toEqual(noted(single))
    expect(noted(map).filter(resize => (resize as unknown[])[2] === true).length).toBeGreaterThan(3)
  })

  it('say at which key or entry they failed; what came before is written, the rest is not', () => {
    const map = create<any, any>(), bad = {}
    const error = thrown(() => map.setMany([[1, 1], [2, 2], [3, 3], ['x', 'y'], [4, new Date()], [5, 5]]))
    expect([error, error.index]).toEqual([expect.any(EncodingError), 4])
    expect(error.message).toMatch(/^Entry 4: .*Date/)
    expect(map.getMany([1, 2, 3, 'x', 4, 5])).toEqual([1, 2, 3, 'y', undefined, undefined])
    const second = thrown(() => map.getMany([1, 2, bad, 3]))
    expect([second, second.index]).toEqual([expect.any(EncodingError), 2])
    expect(second.message).toMatch(/^Key 2: /)
    expect(thrown(() => map.setMany([[1, 9], 7 as never]))).toMatchObject({ name: 'TypeError', index: 1 })
    expect(map.get(1)).toBe(9)
    expect(thrown(() => map.set(1, new Date())).index).toBeUndefined()
  })

  it('say the position also of an error of the program\'s codec, and leave other things thrown alone', () => {
    const what: unknown[] = [new RangeError('mine'), 'a string', Object.freeze(new Error('frozen'))]
    const map = keep(tinyMap<number, number>({ backend, values: { encode: n => { if (n < 3) throw what[n]; return new Uint8Array([n]) }, decode: bytes => bytes[0]! } }))
    expect(thrown(() => map.setMany([[1, 5], [2, 0]]))).toBe(what[0])
    expect((what[0] as SharedMapError).index).toBe(1)
    expect((what[0] as Error).message).toBe('mine')
    expect(thrown(() => map.setMany([[1, 1]]))).toBe('a string')
    expect(thrown(() => map.setMany([[1, 2]]))).toBe(what[2])
    expect(map.get(1)).toBe(5)
  })

  it('stop at the entry for which there is no memory, in the middle of a batch', () => {
    const map = create<number, number>(256 << 10), pairs = range(20_000).map(n => [n, n] as const)
    const error = thrown(() => map.setMany(pairs))
    expect(error).toBeInstanceOf(OutOfMemoryError)
    expect(error.index).toBe(map.size)
    expect(map.size).toBeGreaterThan(1000)
    expect(error.message).toMatch(new RegExp(`^Entry ${error.index}: `))
    expect(map.getMany(range(error.index! + 1))).toEqual([...range(error.index!), undefined])
    // Updates of what is there go on.
    map.setMany(range(error.index!).map(n => [n, n + 1]))
    expect(map.getMany([0, 1, error.index! - 1])).toEqual([1, 2, error.index])
  })

  it('write what an iterator gave before it threw, also when it used the map', () => {
    const map = create<number, number>()
    const error = thrown(() => map.setMany((function* (): Iterable<[number, number]> { for (let n = 0; n < 700; n++) { map.set(-1 - n, n); yield [n, n] } throw new Error('enough') })()))
    expect(error.message).toBe('enough')
    expect(map.size).toBe(1400)
    expect(map.getMany(range(700))).toEqual(range(700))
  })
})

describe('a map that is detached', () => {
  it('refuses both, before anything is read or written; also in the middle', () => {
    const map = tinyMap<number, number>(), again = keep(SharedMap.attach<number, number>(map.handle))
    map.detach()
    for (const call of [() => map.getMany([]), () => map.setMany([]), () => map.getMany([1]), () => map.setMany([[1, 1]])]) expect(call).toThrow(DetachedError)
    const other = SharedMap.attach<number, number>(again.handle)
    expect(() => other.setMany((function* (): Iterable<[number, number]> { yield [1, 1]; other.detach(); yield [2, 2] })())).toThrow(DetachedError)
    expect(again.size).toBe(0)
  })
})
