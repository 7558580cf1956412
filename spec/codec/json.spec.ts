import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describe as nameOf, toJson } from '../../lib/codec/json'
import { EncodingError } from '../../lib/errors'
import { runs } from '../support/maps'

describe('toJson', () => {
  it('takes whatever JSON can hold, and it comes back the same', () => {
    // Once through JSON: fast-check also makes -0, which is refused.
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }).map(value => JSON.parse(JSON.stringify([value])) as unknown[]), value => {
      expect(JSON.parse(toJson(value))).toStrictEqual(value)
    }), runs(300))
  })

  it('refuses exactly what would come back different', () => {
    const leaf = fc.oneof(fc.constantFrom<unknown>(NaN, Infinity, -0, undefined, 1n, null, true, '\ud800', 0), fc.double())
    fc.assert(fc.property(fc.array(fc.oneof(leaf, fc.array(leaf, { maxLength: 3 })), { maxLength: 3 }), value => {
      let back: unknown
      try { back = JSON.parse(toJson(value)) } catch (error) {
        expect(error).toBeInstanceOf(EncodingError)
        const bad = value.flat().filter(item => item === undefined || typeof item === 'bigint' || typeof item === 'number' && (!Number.isFinite(item) || Object.is(item, -0)))
        expect(bad.length).toBeGreaterThan(0)
        return
      }
      expect(back).toStrictEqual(value)
    }), runs(500))
  })

  it('leaves out properties that are undefined, and takes objects without a prototype', () => {
    expect(toJson({ a: 1, b: undefined })).toBe('{"a":1}')
    expect(toJson(Object.assign(Object.create(null) as object, { a: 1 }))).toBe('{"a":1}')
  })

  it.each([
    ['a hole', [1, , 2], /value\[1\] is undefined/], ['a deep NaN', { a: [{ b: NaN }] }, /value\.a\[0\]\.b is NaN/], ['-0', [-0], /value\[0\] is -0/],
    ['a Date', [new Date(0)], /class Date/], ['a function', { f: () => 1 }, /value\.f is a function/], ['a symbol', { s: Symbol('x') }, /a symbol/],
    ['a boxed number', [Object(1)], /class Number/], ['bytes', { b: new Uint8Array(2) }, /class Uint8Array/],
  ])('names the place of %s', (_, value, message) => {
    expect(() => toJson(value as object)).toThrow(EncodingError)
    expect(() => toJson(value as object)).toThrow(message)
  })

  it('says where a value leads back to itself, however the circle is closed', () => {
    const list: unknown[] = [], one: any = { list: [1, {}] }
    list.push(list)
    one.list[1].owner = { 'the one': one }
    expect(() => toJson(list)).toThrow(/^value\[0\] is a circle: it leads back to value\./)
    expect(() => toJson(one)).toThrow(/^value\.list\[1\]\.owner\["the one"\] is a circle: it leads back to value\./)
    expect(() => toJson({ a: [one] })).toThrow(/leads back to value\.a\[0\]\./)
  })

  it('says of what a getter throws, or what is too deep to look through, that it cannot be written', () => {
    const failing = { get a() { throw new Error('no a today') } }
    const endless: any = new Proxy({}, { ownKeys: () => ['a'], getOwnPropertyDescriptor: () => ({ value: endless, enumerable: true, configurable: true }), get: () => new Proxy(endless, {}) })
    let deep: unknown = 0
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(() => toJson(failing)).toThrow(/cannot be written as JSON.*no a today/)
    expect(() => toJson(deep as object)).toThrow(EncodingError)
    expect(() => toJson(deep as object)).toThrow(/nested too deeply/)
    expect(() => toJson(endless)).toThrow(/nested too deeply/)
    expect(() => toJson({ a: 1n })).toThrow(EncodingError)
    // The walk that failed leaves nothing behind.
    expect(toJson({ a: [1, { b: null }] })).toBe('{"a":[1,{"b":null}]}')
  })
})

describe('the walk over a value', () => {
  it('reads each property once, and what it has seen is what is stored', () => {
    let reads = 0
    const value = { get a() { return ++reads === 1 ? 5 : NaN }, list: Object.defineProperty([0], 0, { get: () => ++reads, enumerable: true }) }
    expect(toJson(value)).toBe('{"a":5,"list":[2]}')
    expect(() => toJson({ get a() { return ++reads < 4 ? NaN : 5 } })).toThrow(/value\.a is NaN/)
    expect(reads).toBe(3)
  })

  it('reads a proxy once', () => {
    const seen: string[] = []
    const spied = <T extends object>(target: T): T => new Proxy(target, { get: (object, name) => { seen.push(String(name)); return Reflect.get(object, name) as unknown } })
    expect(toJson({ proxy: spied({ a: 1, b: 'x' }), list: spied([1, 2]) })).toBe('{"proxy":{"a":1,"b":"x"},"list":[1,2]}')
    expect(seen).toEqual(['a', 'b', 'length', '0', '1'])
  })

  it('may be begun again by a getter, at any depth, also where either of them fails', () => {
    const inner = { get x() { return toJson({ deep: [1] }) }, get y() { try { return toJson({ bad: NaN }) } catch { return 'refused' } } }
    expect(JSON.parse(toJson({ a: [inner] }))).toEqual({ a: [{ x: '{"deep":[1]}', y: 'refused' }] })
    expect(() => toJson({ a: [{ ...inner, get z() { toJson({ c: [1] }); return [NaN] } }] })).toThrow(/^value\.a\[0\]\.z\[0\] is NaN/)
    expect(() => toJson({ a: { get b() { return toJson({ c: { d: 1n } }) } } })).toThrow(/cannot be written as JSON \(value\.c\.d is 1/)
  })

  it.each([
    ['a symbol as a key', { a: { [Symbol('tag')]: 1 } }, /value\.a is an object with the property Symbol\(tag\), which JSON would lose/],
    ['a property that is not enumerable', Object.defineProperty({ a: 1 }, 'b', { value: 2 }), /with the property b,/],
    ['an array of a subclass', { list: new (class List extends Array {})() }, /value\.list is an object of class List/],
    ['an array with a property', Object.assign([1], { extra: 2 }), /value is an array with the property extra,/],
    ['what a regular expression matched', 'ab'.match(/b/), /with the property index,/],
    ['the strings of a template', ((parts: TemplateStringsArray, ..._: number[]) => parts)`a${1}b`, /with the property raw,/],
    ['a symbol on an array', Object.assign([1], { [Symbol.iterator]: null }), /Symbol\(Symbol\.iterator\)/],
    ['toJSON on an array', Object.assign([1], { toJSON: () => 2 }), /with the property toJSON,/],
    ['toJSON on an object', { toJSON: () => 2 }, /value\.toJSON is a function/],
    ['arguments', (function (..._: unknown[]) { return arguments })(1, 2), /with the property length,/],
    ['an array with a hole and a property', Object.assign([1, , 3], { extra: 1 }), /value\[1\] is undefined/],
    ['an object whose prototype is one without a prototype', Object.create(Object.create(null)), /which JSON cannot hold/],
    ['a prototype that only looks like Object.prototype', Object.create(Object.assign(Object.create(null), { constructor: function Object() {} })), /cannot hold/],
    ['an array without its prototype', Object.setPrototypeOf([1], null), /cannot hold/],
    ['a module', Object.defineProperty(Object.create(null), Symbol.toStringTag, { value: 'Module' }), /Symbol\(Symbol\.toStringTag\)/],
    ['a boxed string', { s: Object('x') }, /value\.s is an object of class String/],
  ])('refuses %s', (_, value, message) => {
    expect(() => toJson(value as object)).toThrow(EncodingError)
    expect(() => toJson(value as object)).toThrow(message)
  })

  it('keeps a property named __proto__, and toJSON that is no function', () => {
    const value = JSON.parse('{"__proto__":{"a":[1]},"toJSON":5}') as object
    expect(toJson(value)).toBe('{"__proto__":{"a":[1]},"toJSON":5}')
  })

  it('cares for no toJSON that a page has put on the prototypes', () => {
    const value = { a: [1, { b: 'x"\n', c: undefined, d: [] }], e: null, f: true, g: {} }, text = '{"a":[1,{"b":"x\\"\\n","d":[]}],"e":null,"f":true,"g":{}}'
    for (const prototype of [Object.prototype, Array.prototype, String.prototype, Number.prototype] as { toJSON?: unknown }[]) {
      Object.defineProperty(prototype, 'toJSON', { value: () => 'other', configurable: true })
      try { expect(toJson(value)).toBe(text) } finally { delete prototype.toJSON }
    }
    expect(toJson(value)).toBe(text)
  })

  it('takes plain objects and arrays of another realm, and refuses its other objects', () => {
    const made = (code: string): object => runInNewContext(`(${code})`) as object
    expect(toJson(made('{ a: [1, { b: null }] }'))).toBe('{"a":[1,{"b":null}]}')
    expect(() => toJson(made('{ when: new Date(0) }'))).toThrow(/value\.when is an object of class Date/)
    expect(() => toJson(made('{ list: new (class List extends Array {})() }'))).toThrow(/value\.list is an object of class List/)
    expect(() => toJson(made('new Map()'))).toThrow(/class Map/)
  })
})

describe('the name of a value', () => {
  it.each<[unknown, string]>([[-0, '-0'], [NaN, 'NaN'], ['x', 'x'], [Symbol('s'), 'a symbol'], [() => 1, 'a function'], [new Map(), 'an object of class Map'],
    [Object.create(null), 'an object of class unknown'], [undefined, 'undefined'], [null, 'null']])('of %s is short', (value, name) => {
    expect(nameOf(value)).toBe(name)
  })
})
