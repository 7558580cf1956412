// From JavaScript values to tags, payloads and bytes, and back: the built-in encoding, over one buffer.

import { EncodingError } from '../errors'
import { Tag } from '../kernel/words/key'
import { CONSTANTS, type Codec, Constant, Type } from './codec'
import { describe, toJson } from './json'
import { LONG, TextReader, isLatin1, writeAscii, writeLatin1, writeLatin1Words, writeUtf16 } from './text'

const WORD = new BigInt64Array(1)
const WORD_BYTES = new Uint8Array(WORD.buffer)
const FLOAT = new Float64Array(WORD.buffer)

const KEY_HINT = 'Use a string, number, bigint, boolean, null, undefined or Uint8Array, or create the map with a codec for its keys.'
const VALUE_HINT = 'Store data: strings, numbers, bigints, booleans, null, undefined, Uint8Arrays, plain objects and arrays.'

/** What a codec of the program's has encoded. */
class Custom { constructor(readonly bytes: Uint8Array) {} }
/** The text of an object or array. */
class Json { constructor(readonly text: string) {} }

/**
 * A value made ready to be encoded: all code of the program's (codecs, getters) has run when this returns, so that none
 * runs between the writes to this worker's area.
 */
export function prepareValue(value: unknown, codec: Codec<unknown> | undefined): unknown {
  if (codec !== undefined) return customBytes(codec.encode(value))
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array) ? new Json(toJson(value)) : value
}

/** A key made ready to be encoded. 0 and -0 are one key, and NaN is one. */
export function prepareKey(key: unknown, codec: Codec<unknown> | undefined): unknown {
  if (codec !== undefined) return customBytes(codec.encode(key))
  if (typeof key === 'object' && key !== null && !(key instanceof Uint8Array)) throw new EncodingError(`A key is ${describe(key)}`, KEY_HINT)
  return key === 0 ? 0 : key
}

function customBytes(bytes: unknown): Custom {
  if (!(bytes instanceof Uint8Array)) throw new EncodingError(`A codec's encode gave ${describe(bytes)}`, 'It must return a Uint8Array.')
  return new Custom(bytes)
}

/**
 * Encodes into a window of the buffer. After `encode`, `tag` says how the value is held; `payload`, or `type` and
 * `length`, say the rest; `long` has the bytes when no window could take them.
 */
export class Coder {
  tag: Tag = Tag.None
  payload = 0
  type: Type = Type.None
  length = 0
  long: Uint8Array | null = null
  private readonly reader: TextReader

  constructor(private readonly bytes: Uint8Array, private readonly ints: Int32Array) { this.reader = new TextReader(bytes) }

  /** Encodes what `prepareKey` or `prepareValue` gave into the `room` bytes at `at`. Runs no code of the program's. */
  encode(value: unknown, at: number, room: number): void {
    switch (typeof value) {
      case 'number': return this.number(value, at)
      case 'string': return this.string(value, at, room, Type.Latin1)
      case 'boolean': return this.inline(Tag.Constant, value ? Constant.True : Constant.False)
      case 'undefined': return this.inline(Tag.Constant, Constant.Undefined)
      case 'bigint': return this.bigint(value, at, room)
      case 'object':
        if (value === null) return this.inline(Tag.Constant, Constant.Null)
        if (value instanceof Uint8Array) return this.raw(value, Type.Bytes, at, room)
        if (value instanceof Custom) return this.raw(value.bytes, Type.Custom, at, room)
        return this.string((value as Json).text, at, room, Type.JsonLatin1)
      default: throw new EncodingError(`The map cannot hold ${describe(value)}`, VALUE_HINT)
    }
  }

  /** `encode` of a string. */
  text(text: string, at: number, room: number): void { this.string(text, at, room, Type.Latin1) }

  private inline(tag: Tag, payload: number): void {
    this.tag = tag
    this.payload = payload
    this.long = null
  }

  private number(value: number, at: number): void {
    if ((value | 0) === value && !Object.is(value, -0)) return this.inline(Tag.Integer, value)
    if (Number.isNaN(value)) return this.inline(Tag.Constant, Constant.NotANumber)
    if (value === 0) return this.inline(Tag.Constant, Constant.NegativeZero)
    FLOAT[0] = value
    this.raw(WORD_BYTES, Type.Float64, at, 8)
  }

  /** Latin-1 if it fits, UTF-16 otherwise; `type` is that of the Latin-1 form, the other is the next. */
  private string(text: string, at: number, room: number, type: Type): void {
    if (text.length <= room ? this.near(text, at, type) : this.far(text, type)) return
    const narrow = isLatin1(text), length = narrow ? text.length : text.length * 2
    const long = length > room, target = long ? new Uint8Array(length) : this.bytes
    this.record(narrow ? type : type + 1, length)
    if (long) this.long = target
    else this.pad(length, at)
    if (narrow) writeLatin1(text, target, long ? 0 : at)
    else writeUtf16(text, target, long ? 0 : at)
  }

  /** The quick way into a window; false where the string is not for it. */
  private near(text: string, at: number, type: Type): boolean {
    this.record(type, text.length)
    if (text.length >= LONG) {
      this.pad(text.length, at)
      if (writeAscii(text, this.bytes, at)) return true
    }
    return writeLatin1Words(text, this.ints, at >> 2)
  }

  /** The quick way into bytes of their own. */
  private far(text: string, type: Type): boolean {
    const bytes = new Uint8Array(text.length)
    if (!writeAscii(text, bytes, 0)) return false
    this.record(type, text.length)
    this.long = bytes
    return true
  }

  /** 64 bits where they suffice; otherwise a byte for the sign and the magnitude, low byte first. */
  private bigint(value: bigint, at: number, room: number): void {
    if (BigInt.asIntN(64, value) === value) {
      WORD[0] = value
      return this.raw(WORD_BYTES, Type.BigInt, at, room)
    }
    const digits = (value < 0n ? -value : value).toString(16), length = digits.length + 1 >> 1, out = new Uint8Array(length + 1)
    out[0] = value < 0n ? 1 : 0
    for (let i = 0; i < length; i++) out[i + 1] = parseInt(digits.slice(Math.max(0, digits.length - 2 * i - 2), digits.length - 2 * i), 16)
    this.raw(out, Type.BigInt, at, room)
  }

  private raw(bytes: Uint8Array, type: Type, at: number, room: number): void {
    this.record(type, bytes.length)
    if (bytes.length > room) {
      this.long = bytes
      return
    }
    this.pad(bytes.length, at)
    this.bytes.set(bytes, at)
  }

  private record(type: Type, length: number): void {
    this.tag = Tag.Record
    this.type = type
    this.length = length
    this.long = null
  }

  /** Zeroes the last cell of what the window is to hold, for records are compared cell by cell. */
  private pad(length: number, at: number): void {
    if (length === 0) return
    const last = at + (length - 1 & ~7) >> 2
    this.ints[last] = 0
    this.ints[last + 1] = 0
  }

  /** The value of a word that needs no record. */
  decodeInline(tag: number, payload: number): unknown {
    return tag === Tag.Integer ? payload : CONSTANTS[payload]
  }

  /** The value of a record whose bytes lie at `at` in this buffer, where nobody else writes them. */
  decode(type: Type, at: number, length: number, codec: Codec<unknown> | undefined): unknown {
    switch (type) {
      case Type.Latin1: return this.reader.latin1(at, length)
      case Type.Utf16: return this.reader.utf16(at, length)
      case Type.JsonLatin1: return JSON.parse(this.reader.latin1(at, length))
      case Type.JsonUtf16: return JSON.parse(this.reader.utf16(at, length))
      case Type.Float64:
        WORD_BYTES.set(this.bytes.subarray(at, at + 8))
        return FLOAT[0]
      case Type.BigInt: return toBigInt(this.bytes.slice(at, at + length))
      case Type.Custom: return codec === undefined ? this.copy(at, length) : codec.decode(this.copy(at, length))
      default: return this.copy(at, length)
    }
  }

  /** A private copy: `slice` of a shared view gives memory of its own. */
  private copy(at: number, length: number): Uint8Array { return this.bytes.slice(at, at + length) }
}

function toBigInt(bytes: Uint8Array): bigint {
  if (bytes.length === 8) {
    WORD_BYTES.set(bytes)
    return WORD[0]!
  }
  let hex = '0x'
  for (let i = bytes.length - 1; i > 0; i--) hex += bytes[i]!.toString(16).padStart(2, '0')
  return bytes[0] === 1 ? -BigInt(hex) : BigInt(hex)
}

/** Decodes a private copy of a long record. */
export function decodeLong(type: Type, bytes: Uint8Array, codec: Codec<unknown> | undefined): unknown {
  if (type === Type.Bytes) return bytes
  if (type === Type.Custom && codec !== undefined) return codec.decode(bytes)
  return new Coder(bytes, new Int32Array(0)).decode(type, 0, bytes.length, codec)
}
