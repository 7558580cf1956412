import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Type } from '../../lib/codec/codec'
import { Coder, decodeLong, prepareKey, prepareValue } from '../../lib/codec/coder'
import { EncodingError } from '../../lib/errors'
import { Tag } from '../../lib/kernel/words/key'
import { runs } from '../support/maps'

const ROOM = 64
const AT = 16
const buffer = new SharedArrayBuffer(256), bytes = new Uint8Array(buffer), coder = new Coder(bytes, new Int32Array(buffer))

interface Encoded { tag: Tag, payload: number, type: Type, length: number, cells: number[] | Uint8Array }

/** Encodes into a window that is full of remains; records as the kernel compares them, whole cells. */
function encode(prepared: unknown): Encoded {
  bytes.fill(0xa5)
  coder.encode(prepared, AT, ROOM)
  const { tag, payload, type, length, long } = coder
  if (tag !== Tag.Record) return { tag, payload, type: Type.None, length: 0, cells: [] }
  expect(long !== null).toBe(length > ROOM)
  // Nothing outside of the window is touched.
  expect([...bytes.subarray(0, AT), ...bytes.subarray(AT + ROOM)].every(byte => byte === 0xa5)).toBe(true)
  return { tag, payload: 0, type, length, cells: long ?? [...bytes.slice(AT, AT + (length + 7 & ~7))] }
}

function roundTrip(value: unknown): unknown {
  encode(prepareValue(value, undefined))
  if (coder.tag !== Tag.Record) return coder.decodeInline(coder.tag, coder.payload)
  return coder.long === null ? coder.decode(coder.type, AT, coder.length, undefined) : decodeLong(coder.type, coder.long, undefined)
}

/** The double of 64 bits; all NaNs are one. */
const doubleOf = (bits: bigint): number => new Float64Array(BigInt64Array.of(bits).buffer)[0]!
const anyString = (maxLength: number): fc.Arbitrary<string> =>
  fc.oneof(fc.array(fc.integer({ min: 0, max: 255 }), { maxLength }), fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength })).map(list => String.fromCharCode(...list))
const double = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(doubleOf)
const bigint = fc.oneof(fc.bigInt(), fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), fc.bigInt({ min: -(2n ** 700n), max: 2n ** 700n }),
  fc.constantFrom(2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 64n, 255n, 256n, 0n))
const plain = fc.oneof(anyString(20), anyString(200), double, fc.integer(), fc.integer({ min: -(2 ** 33), max: 2 ** 33 }), bigint, fc.boolean(),
  fc.constantFrom(null, undefined, NaN, Infinity, -Infinity, 2 ** 31, -(2 ** 31), 2 ** 31 - 1), fc.uint8Array({ maxLength: 150 }))
const json = fc.jsonValue({ maxDepth: 4 }).map(value => JSON.parse(JSON.stringify([value])) as unknown[])

describe('a value', () => {
  it('comes back as it was, whatever it is', () => {
    fc.assert(fc.property(fc.oneof(plain, fc.constant(-0), json), value => {
      const back = roundTrip(value)
      if (typeof value === 'object' && value !== null) expect(back).toStrictEqual(value)
      else expect(back).toBe(value)
    }), runs(2000))
  })

  it('comes back as it was, and takes a byte a unit where it can, for strings of any length with one odd unit at any place', () => {
    for (let length = 0; length < 130; length++) for (const [odd, form] of [['b', 1], ['\xff', 1], ['\u0100', 2], ['\ud800', 2]] as const) for (const at of [0, length >> 1, length - 1]) {
      const text = length === 0 ? '' : 'a'.repeat(at) + odd + 'a'.repeat(length - at - 1)
      expect(roundTrip(text)).toBe(text)
      expect([coder.type, coder.length]).toEqual(length === 0 || form === 1 ? [Type.Latin1, length] : [Type.Utf16, 2 * length])
    }
  })

  it('needs no record if it is an integer of 32 bits or a constant, and only then', () => {
    fc.assert(fc.property(plain, value => {
      const constant = value === null || value === undefined || typeof value === 'boolean' || Object.is(value, NaN) || Object.is(value, -0)
      const integer = typeof value === 'number' && !constant && (value | 0) === value
      expect(encode(prepareValue(value, undefined)).tag).toBe(constant ? Tag.Constant : integer ? Tag.Integer : Tag.Record)
    }), runs(500))
    expect(encode(prepareValue(-0, undefined)).tag).toBe(Tag.Constant)
    expect(encode(prepareValue(1n, undefined)).tag).toBe(Tag.Record)
  })

  it('is a private copy', () => {
    const value = Uint8Array.of(1, 2, 3), back = roundTrip(value) as Uint8Array
    expect(back.buffer).not.toBe(buffer)
    bytes.fill(0)
    expect(back).toEqual(Uint8Array.of(1, 2, 3))
  })

  it.each([['a function', () => 1], ['a symbol', Symbol('s')]])('that is %s is refused', (_, value) => {
    expect(() => encode(prepareValue(value, undefined))).toThrow(EncodingError)
  })
})

/** As `Map` tells keys apart, and byte arrays by their content. */
function same(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return a.length === b.length && a.every((byte, i) => byte === b[i])
  return Object.is(a === 0 ? 0 : a, b === 0 ? 0 : b)
}

describe('keys', () => {
  // Pairs that are equal, or nearly so, as often as pairs that are not.
  const near = (value: unknown): unknown[] => [
    value, typeof value === 'string' ? value.split('').join('') : value, typeof value === 'string' ? `${value}\0` : value, value instanceof Uint8Array ? value.slice() : value,
    typeof value === 'number' ? -value : value, typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value, typeof value === 'bigint' ? value + 2n ** 64n : value, String(value),
  ]
  const pair = fc.oneof(fc.tuple(plain, plain), plain.chain(value => fc.tuple(fc.constant(value), fc.constantFrom(...near(value)))))

  it('are equal exactly if their encodings are, padding included', () => {
    let equal = 0, different = 0
    fc.assert(fc.property(pair, ([a, b]) => {
      const first = encode(prepareKey(a, undefined)), second = encode(prepareKey(b, undefined)), alike = same(a, b)
      if (alike) equal++; else different++
      if (alike) expect(first).toStrictEqual(second)
      else expect(first).not.toStrictEqual(second)
    }), runs(3000))
    expect(equal).toBeGreaterThan(300)
    expect(different).toBeGreaterThan(300)
  })

  it('0 and -0 are one', () => {
    expect(encode(prepareKey(-0, undefined))).toStrictEqual(encode(prepareKey(0, undefined)))
  })

  it.each([['an object', {}], ['an array', [1]], ['a Date', new Date(0)]])('%s is none', (_, key) => {
    expect(() => prepareKey(key, undefined)).toThrow(/Use a string.*codec/)
  })
})
