// What is given to the map in error: each call says what was wrong and what to do, by an error of a type of its own.

import { describe, expect, it } from 'vitest'
import * as everything from '../../lib/index'
import { HandleError, OptionsError, SharedMap } from '../../lib/index'
import { nearest, shown } from '../../lib/map/naming'
import { BACKENDS } from '../support/kernels'
import { tinyMap } from '../support/maps'

const CODEC = { encode: () => new Uint8Array(1), decode: () => 1 }
/** What no number of the interface can be. */
const ODD: [string, unknown][] = [
  ['fractional', 0.5], ['negative', -1], ['NaN', NaN], ['infinite', Infinity], ['huge', 2 ** 40], ['a symbol', Symbol('s')],
    ['a bigint', 1n], ['a string', '0'],
  ['null', null], ['missing', undefined], ['an object without a prototype', Object.create(null)],
]

describe('the options', () => {
  const wrong: [unknown, RegExp][] = [
    [null, /options are null. Pass an object/], [5, /options are 5/], ['wasm', /options are "wasm"/],
      [[], /options are an object of class Array/], [Symbol('s'), /a symbol/],
    [{ keys: 1 }, /keys is 1, which is no codec.*encode and decode/], [{ keys: null }, /keys is null/],
      [{ values: {} }, /values is an object.*encode and decode/],
    [{ values: { encode: () => new Uint8Array(1) } }, /values/], [{ keys: { ...CODEC, name: 5 } }, /name of the codec keys is 5.*string/],
    [{ maxBytelength: 1 << 20 }, /no option "maxBytelength". Did you mean maxByteLength\?/],
      [{ maxByteLenght: 1 }, /Did you mean maxByteLength\?/],
    [{ Backend: 'wasm' }, /Did you mean backend\?/], [{ value: CODEC }, /Did you mean values\?/],
      [{ somethingElse: 1 }, /The options are backend, capacity, .*values\./],
    [{ backend: Object.create(null) }, /backend is an object/], [{ backend: 1n }, /backend is the bigint 1n/],
  ]

  it.each(wrong.map(([options, message]) => ({ options, message })))('that are none get an OptionsError from create and attach: $message',
    ({ options, message }) => {
    const { handle } = tinyMap()
    for (const call of [() => SharedMap.create(options as never), () => SharedMap.attach(handle, options as never)]) {
      expect(call).toThrow(OptionsError)
      expect(call).toThrow(message)
    }
  })

  it.each(['maxByteLength', 'capacity', 'seed'])('a %s that is no number is an OptionsError that names it', name => {
    for (const [kind, value] of ODD) {
      // A seed may be any integer.
      if (value === undefined || name === 'seed' && ['negative', 'huge'].includes(kind)) continue
      expect(() => SharedMap.create({ [name]: value }), kind).toThrow(OptionsError)
      expect(() => SharedMap.create({ [name]: value }), kind).toThrow(name)
    }
  })

  it('of create are taken by attach too, so that workers can share one record of them', () => {
    const options = { maxByteLength: 1 << 20, capacity: 10, seed: 1, values: { name: 'one', ...CODEC } }, map = SharedMap.create(options)
    expect(SharedMap.attach(map.handle, options).set('a', 1).get('a')).toBe(1)
  })

  it('a codec may be an object of a class', () => {
    class Whole {
      readonly #length = 4
      encode(value: number): Uint8Array { return new Uint8Array(Int32Array.of(value).buffer, 0, this.#length) }
      decode(bytes: Uint8Array): number { return new Int32Array(bytes.buffer)[0]! }
    }
    expect(SharedMap.create<string, number>({ maxByteLength: 1 << 18, values: new Whole() }).set('a', 7).get('a')).toBe(7)
  })
})

describe('a handle', () => {
  it.each(['at', 'participant'])('with a wrong %s is a HandleError that names it and says what to do', name => {
    const { handle } = tinyMap()
    for (const [kind, value] of ODD) {
      expect(() => SharedMap.attach({ ...handle, [name]: value } as never), kind).toThrow(HandleError)
      expect(() => SharedMap.attach({ ...handle, [name]: value } as never), kind).toThrow(new RegExp(`${name} is .*Pass what map.handle`))
    }
  })

  it('that was changed otherwise is a HandleError too', () => {
    const { handle } = tinyMap(), other = tinyMap(), memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true })
    const wrong: [object, RegExp][] = [
      [{ memory: null }, /memory is null, not a WebAssembly.Memory/], [{ memory: {} }, /not a WebAssembly.Memory/],
        [{ memory: handle.buffer }, /not a WebAssembly.Memory/],
      [{ memory: 1 }, /not a WebAssembly.Memory/], [{ memory: Symbol('s') }, /not a WebAssembly.Memory/], [{ memory }, /not of one map/],
      [{ memory: other.handle.memory }, /not of one map/], [{ buffer: other.handle.buffer }, /not of one map/],
      [{ memory: undefined, buffer: new SharedArrayBuffer((1 << 20) + 4) }, /1048580 bytes/],
        [{ buffer: new ArrayBuffer(1 << 20) }, /lost its memory/],
      [{ codecs: undefined }, /codecs are undefined/], [{ codecs: null }, /codecs are null/], [{ codecs: { keys: 1 } }, /codecs/],
        [{ codecs: 'none' }, /codecs/],
      [{ version: Symbol('s') }, /version a symbol/], [{ participant: 2 ** 31 - 1 }, /participant/],
    ]
    for (const [change, message] of wrong) {
      expect(() => SharedMap.attach({ ...handle, ...change } as never), String(message)).toThrow(HandleError)
      expect(() => SharedMap.attach({ ...handle, ...change } as never)).toThrow(message)
    }
    expect(SharedMap.attach(handle).set('a', 1).get('a')).toBe(1)
  })

  it('that went through structured clone twice is whole', () => {
    const map = tinyMap<string, number>().set('a', 1)
    expect(SharedMap.attach(structuredClone(structuredClone(map.invite()))).get('a')).toBe(1)
  })
})

describe('making a map', () => {
  it('by new says to call create or attach', () => {
    const Class = SharedMap as unknown as new (...given: unknown[]) => object
    class Mine extends Class {}
    for (const call of [() => new Class(), () => new Class({}, {}), () => new Mine(), () => Reflect.construct(Class, [Symbol('making')])]) {
      expect(call).toThrow(OptionsError)
      expect(call).toThrow(/SharedMap.create\(options\).*SharedMap.attach\(handle\)/)
    }
  })

  it('with the geometry of the specs is for nobody outside', () => {
    expect(Object.keys(everything)).not.toContain('createShaped')
    expect(Object.getOwnPropertyNames(SharedMap).sort()).toEqual(['attach', 'create', 'length', 'name', 'prototype'])
  })
})

describe.each(BACKENDS)('a wrong argument, %s', backend => {
  it.each([
    ['getMany', undefined, /getMany takes keys: .*iterated; not undefined/], ['getMany', 5, /not 5/], ['getMany', {}, /not an object/],
    ['setMany', null, /setMany takes entries \[key, value\]: .*not null/], ['setMany', { a: 1 }, /entries/],
      ['setMany', [1], /entry 0 is none/], ['setMany', 'ab', /entry 0 is none/],
    ['forEach', undefined, /forEach takes a callback.*not undefined/], ['forEach', {}, /callback/],
  ] as [keyof SharedMap<any, any>, unknown, RegExp][])('of %s, %j, is a TypeError that names it', (method, given, message) => {
    const map = tinyMap<any, any>({ backend })
    expect(() => (map[method] as (given: unknown) => void)(given)).toThrow(TypeError)
    expect(() => (map[method] as (given: unknown) => void)(given)).toThrow(message)
    expect(map.size).toBe(0)
  })

  it('of add is a TypeError that names it', () => {
    const map = tinyMap<any, any>({ backend })
    for (const delta of ['1', 1n, null, undefined, Symbol('s')]) expect(() => map.add('n', delta as never)).toThrow(/add takes a number/)
    expect(map.has('n')).toBe(false)
  })
})

describe('the names in messages', () => {
  it('are near what was written, or none', () => {
    const names = ['maxByteLength', 'keys', 'seed']
    expect(['maxbytelength', 'maxLength', 'key', 'sead', 'k', 'nothing at all', '', 'x'.repeat(1000)].map(name => nearest(name, names)))
      .toEqual(['maxByteLength', 'maxByteLength', 'keys', 'seed', undefined, undefined, undefined, undefined])
  })

  it('show any value, and shorten long ones', () => {
    expect([5, -0, 'a', 1n, null, undefined, Symbol('s'), () => 1, Object.create(null), { constructor: null },
      'x'.repeat(99)].map(shown)).toEqual([
      '5', '-0', '"a"', 'the bigint 1n', 'null', 'undefined', 'a symbol', 'a function', 'an object of class unknown',
        'an object of class unknown', `"${'x'.repeat(40)}..."`,
    ])
  })
})
