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

  it('says of what JSON.stringify throws, or what is too deep to look through, that it cannot be written', () => {
    const cycle: unknown[] = []
    cycle.push(cycle)
    const failing = { get a() { throw new Error('no a today') } }
    let deep: unknown = 0
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(() => toJson(cycle)).toThrow(/cannot be written as JSON.*circular/i)
    expect(() => toJson(failing)).toThrow(/no a today/)
    expect(() => toJson(deep as object)).toThrow(EncodingError)
    expect(() => toJson({ a: 1n })).toThrow(EncodingError)
  })
})

describe('the name of a value', () => {
  it.each<[unknown, string]>([[-0, '-0'], [NaN, 'NaN'], ['x', 'x'], [Symbol('s'), 'a symbol'], [() => 1, 'a function'], [new Map(), 'an object of class Map'],
    [Object.create(null), 'an object of class unknown'], [undefined, 'undefined'], [null, 'null']])('of %s is short', (value, name) => {
    expect(nameOf(value)).toBe(name)
  })
})
