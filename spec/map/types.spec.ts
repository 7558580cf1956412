// What compiles and what does not. The types of all specs are checked by spec/tidy.spec.ts: a line below `@ts-expect-error` that
// compiles fails there. What is refused by types is refused when it runs, too.

import { expect, expectTypeOf, it } from 'vitest'
import { ABSENT, ANY, type Codec, type CreateOptions, EncodingError, type Held, type Key, PRESENT, SharedMap, type Value } from '../../lib/index'

interface Point { x: number, y?: number }
interface Tree { name: string, children: Tree[], parent?: Tree | undefined }
class WithMethod { a = 1; b() { return this.a } }

const SMALL = { maxByteLength: 1 << 20 }
const dates: Codec<Date> = { encode: date => new Uint8Array(Float64Array.of(date.getTime()).buffer), decode: bytes => new Date(new Float64Array(bytes.buffer)[0]!) }
const all: Codec<unknown> = { encode: value => Buffer.from(String(value)), decode: bytes => Buffer.from(bytes).toString() }
const point: Point = { x: 1 }, tree: Tree = { name: 'root', children: [] }

it('a map without types takes all that it can hold, interfaces too, and nothing else', () => {
  const map = SharedMap.create(SMALL)
  expectTypeOf(map.get('a')).toEqualTypeOf<Value | undefined>()
  map.set('a', point).set(1, tree).set(2n, [1, 2]).set(null, { a: [1] }).set(undefined, new Uint8Array(1)).set(true, undefined).set('d', [point] as const)
  expect(new Map(map).size).toBe(7)
  // @ts-expect-error: a Date
  expect(() => map.set('a', new Date())).toThrow(EncodingError)
  // @ts-expect-error: a Map
  expect(() => map.set('a', new Map())).toThrow(EncodingError)
  // @ts-expect-error: a function
  expect(() => map.set('a', () => 1)).toThrow(EncodingError)
  // @ts-expect-error: a symbol
  expect(() => map.set('a', Symbol('a'))).toThrow(EncodingError)
  // @ts-expect-error: a regular expression
  expect(() => map.set('a', /a/)).toThrow(EncodingError)
  // @ts-expect-error: a token
  expect(() => map.set('a', ABSENT)).toThrow(EncodingError)
  // @ts-expect-error: an object as a key
  expect(() => map.set({}, 1)).toThrow(EncodingError)
})

it('types that a map can hold without a codec are accepted, others are not', () => {
  const points = SharedMap.create<string, Point>(SMALL), trees = SharedMap.create<number, Tree>(SMALL), mixed = SharedMap.create<Key, Point | string | undefined | [1, 2]>(SMALL)
  expectTypeOf(points.get('a')).toEqualTypeOf<Point | undefined>()
  points.set('a', point)
  trees.set(1, tree)
  mixed.set(null, undefined).set('b', [1, 2])
  expect([points.get('a')?.x, trees.get(1)?.children, mixed.get('b')]).toEqual([1, [], [1, 2]])
  SharedMap.create<string, Record<string, unknown>>(SMALL).set('a', { any: 'thing' })
  SharedMap.create<any, any>(SMALL)
  // @ts-expect-error: a Date needs a codec
  SharedMap.create<string, Date>(SMALL)
  // @ts-expect-error: also inside
  SharedMap.create<string, { when: Date }>(SMALL)
  // @ts-expect-error: JSON has no bigints
  SharedMap.create<string, { n: bigint }[]>(SMALL)
  // @ts-expect-error: an instance with methods
  SharedMap.create<string, WithMethod>(SMALL)
  // @ts-expect-error
  SharedMap.create<string, Map<string, number>>(SMALL)
  // @ts-expect-error
  SharedMap.create<string, symbol>(SMALL)
  // @ts-expect-error
  SharedMap.create<string, () => void>(SMALL)
  // @ts-expect-error: an object as a key
  SharedMap.create<Point, number>(SMALL)
  // @ts-expect-error: anything at all
  SharedMap.create<unknown, unknown>(SMALL)
})

it('with a codec the types are the codec\'s', () => {
  const inferred = SharedMap.create({ ...SMALL, values: dates }), named = SharedMap.create<string, Date>({ ...SMALL, values: dates })
  expectTypeOf(inferred.get('a')).toEqualTypeOf<Date | undefined>()
  named.set('a', new Date(5))
  expect(named.get('a')?.getTime()).toBe(5)
  expect(SharedMap.attach<string, Date>(named.handle, { values: dates }).get('a')?.getTime()).toBe(5)
  SharedMap.create<Date, number>({ ...SMALL, keys: dates }).set(new Date(1), 1)
  SharedMap.create({ ...SMALL, keys: dates, values: dates }).set(new Date(1), new Date(2))
  // @ts-expect-error: no Date
  expect(() => named.compareAndSet('a', 1, new Date())).toThrow(TypeError)
})

it('no token is a value, whatever the types, unknown ones too', () => {
  const map = SharedMap.create<unknown, unknown>({ ...SMALL, keys: all, values: all }), numbers = SharedMap.create<string, number>(SMALL)
  // @ts-expect-error
  expect(() => map.set('a', ABSENT)).toThrow(EncodingError)
  // @ts-expect-error
  expect(() => map.swap('a', ANY)).toThrow(EncodingError)
  // @ts-expect-error
  expect(() => map.getOrInsert('a', PRESENT)).toThrow(EncodingError)
  // @ts-expect-error
  expect(() => map.replace('a', ABSENT)).toThrow(EncodingError)
  // @ts-expect-error
  expect(() => map.setMany([['a', ABSENT]])).toThrow(EncodingError)
  // @ts-expect-error
  expect(() => map.compareAndSet('a', ABSENT, ANY)).toThrow(EncodingError)
  // @ts-expect-error
  expect(() => numbers.set('a', ABSENT)).toThrow(EncodingError)
  expect([map.compareAndSet('a', ABSENT, 'text'), map.putIfMatch('a', ANY, ABSENT).written, map.has('a')]).toEqual([true, true, false])
})

it('functions over any map can be written', () => {
  const put = <V extends Value>(map: SharedMap<string, V>, value: V): V | undefined => map.set('a', value).get('a')
  const open = <K extends Key, V extends Held<V>>(options: CreateOptions<K, V>): SharedMap<K, V> => SharedMap.create(options)
  const sizeOf = (map: SharedMap<any, any>): number => map.size
  const map = open<string, Point>(SMALL)
  expect([put(map, point), sizeOf(map)]).toEqual([point, 1])
})
