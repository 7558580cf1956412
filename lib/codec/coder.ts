// From JavaScript values to tags, payloads and bytes, and back: the built-in encoding, over one buffer.

import { isBytes, lengthOf, mayGrow } from '../backend/realms'
import { CorruptedError, DecodingError, EncodingError, isOutOfStack } from '../errors'
import { Tag } from '../kernel/words/key'
import { CONSTANTS, type Codec, Constant, Type } from './codec'
import { describe, toJson } from './json'
import { LONG, TextReader, isLatin1, writeAscii, writeLatin1, writeLatin1Words, writeUtf16 } from './text'

const WORD = new BigInt64Array(1)
const WORD_BYTES = new Uint8Array(WORD.buffer)
const FLOAT = new Float64Array(WORD.buffer)

/** Below this length a loop is faster than a call. */
const SHORT = 32

const KEY_HINT = 'Use a string, number, bigint, boolean, null, undefined or Uint8Array, or create the map with a codec for its keys.'
const VALUE_HINT = 'Store data: strings, numbers, bigints, booleans, null, undefined, Uint8Arrays, plain objects and arrays.'

/** What a codec of the program's has encoded, or the text of an object or array. */
class Prepared { constructor(readonly type: Type, readonly bytes: Uint8Array | undefined, readonly text: string) {} }

/** Whether a value is encoded by code of the program's: a codec, getters, proxies. */
export const runsCode = (value: unknown, codec: Codec<unknown> | undefined): boolean =>
  codec !== undefined || typeof value === 'object' && value !== null && !isBytes(value)

/**
 * A value made ready to be encoded: all code of the program's has run when this returns, so that none runs between the
 * writes to this worker's area. What a codec gave is copied: it may use its array again for the next operand.
 */
export function prepareValue(value: unknown, codec: Codec<unknown> | undefined): unknown {
  if (codec !== undefined) return customBytes(codec.encode(value))
  if (typeof value !== 'object' || value === null) return value
  return isBytes(value) ? value : new Prepared(Type.JsonLatin1, undefined, toJson(value))
}

/** A key made ready to be encoded. 0 and -0 are one key, and NaN is one. */
export function prepareKey(key: unknown, codec: Codec<unknown> | undefined): unknown {
  if (codec !== undefined) return customBytes(codec.encode(key))
  if (typeof key !== 'object' || key === null) return key === 0 ? 0 : key
  if (!isBytes(key)) throw new EncodingError(`A key is ${describe(key)}`, KEY_HINT)
  return key
}

/** A value in the map's own hands: bytes are copied. */
export const ownOf = (value: unknown): unknown => typeof value === 'object' && isBytes(value) ? new Uint8Array(value) : value

function customBytes(bytes: unknown): Prepared {
  if (!isBytes(bytes)) throw new EncodingError(`A codec's encode gave ${describe(bytes)}`, 'It must return a Uint8Array.')
  return new Prepared(Type.Custom, new Uint8Array(bytes), '')
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
        if (isBytes(value)) return this.raw(value, Type.Bytes, at, room)
        return this.prepared(value as Prepared, at, room)
      default: throw new EncodingError(`The map cannot hold ${describe(value)}`, VALUE_HINT)
    }
  }

  /** `encode` of a string. */
  text(text: string, at: number, room: number): void { this.string(text, at, room, Type.Latin1) }

  private prepared({ type, bytes, text }: Prepared, at: number, room: number): void {
    if (bytes === undefined) this.string(text, at, room, type)
    else this.raw(bytes, type, at, room)
  }

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
    // Unsigned: above 2 GiB a signed shift makes a negative index, and what is written there is lost.
    return writeLatin1Words(text, this.ints, at >>> 2)
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
    const length = lengthOf(bytes)
    // More of them than were counted must not be written: memory of the program's that another of its workers makes grow is copied first.
    if (length > SHORT && mayGrow(bytes)) return this.raw(new Uint8Array(bytes), type, at, room)
    this.record(type, length)
    if (length > room) {
      this.long = bytes
      return
    }
    this.pad(length, at)
    if (length > SHORT) this.bytes.set(bytes, at)
    else for (let i = 0; i < length; i++) this.bytes[at + i] = bytes[i]!
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
    const last = at + (length - 1 & ~7) >>> 2
    this.ints[last] = 0
    this.ints[last + 1] = 0
  }

  /** The value of a word that needs no record. */
  decodeInline(tag: number, payload: number): unknown {
    if (tag === Tag.Integer) return payload
    if (payload >>> 0 >= CONSTANTS.length) throw unreadable(new RangeError(`there is no constant ${payload}`))
    return CONSTANTS[payload]
  }

  /**
   * The value of a record whose bytes lie at `at` in this buffer, where nobody else writes them.
   *
   * @throws CorruptedError for bytes that nothing was ever encoded to, DecodingError for what a codec throws
   */
  decode(type: Type, at: number, length: number, codec: Codec<unknown> | undefined): unknown {
    if (type === Type.Latin1) return this.reader.latin1(at, length)
    if (type === Type.Custom && codec !== undefined) return decodeBy(codec, this.copy(at, length))
    try {
      return this.decodeBuiltIn(type, at, length)
    } catch (error) {
      throw unreadable(error)
    }
  }

  private decodeBuiltIn(type: Type, at: number, length: number): unknown {
    switch (type) {
      case Type.Utf16: return this.reader.utf16(at, even(length))
      case Type.JsonLatin1: return parseJson(this.reader.latin1(at, length))
      case Type.JsonUtf16: return parseJson(this.reader.utf16(at, even(length)))
      case Type.Float64: return toFloat(this.copy(at, length))
      case Type.BigInt: return toBigInt(this.copy(at, length))
      case Type.Bytes: return this.copy(at, length)
      default: throw new TypeError(`there is no type ${type}`)
    }
  }

  /** A private copy: `slice` of a shared view gives memory of its own. */
  private copy(at: number, length: number): Uint8Array { return this.bytes.slice(at, at + length) }
}

function even(length: number): number {
  if (length % 2 !== 0) throw new RangeError(`${length} bytes are no UTF-16`)
  return length
}

function parseJson(text: string): unknown {
  const value = JSON.parse(text) as unknown
  if (typeof value !== 'object' || value === null) throw new SyntaxError('the text is no object and no array')
  return value
}

function toFloat(bytes: Uint8Array): number {
  if (bytes.length !== 8) throw new RangeError(`${bytes.length} bytes are no number`)
  WORD_BYTES.set(bytes)
  return FLOAT[0]!
}

function toBigInt(bytes: Uint8Array): bigint {
  if (bytes.length === 8) {
    WORD_BYTES.set(bytes)
    return WORD[0]!
  }
  if (bytes.length < 2) throw new RangeError(`${bytes.length} bytes are no bigint`)
  let hex = '0x'
  for (let i = bytes.length - 1; i > 0; i--) hex += bytes[i]!.toString(16).padStart(2, '0')
  return bytes[0] === 1 ? -BigInt(hex) : BigInt(hex)
}

/** What a codec makes of bytes that nobody else has. */
function decodeBy(codec: Codec<unknown>, bytes: Uint8Array): unknown {
  try {
    return codec.decode(bytes)
  } catch (cause) {
    throw new DecodingError(codec.name ?? 'custom', bytes.length, cause)
  }
}

/** An error for bytes, or a word, that no encoder has ever made. A stack that is used up says nothing of them. */
function unreadable(cause: unknown): unknown {
  if (isOutOfStack(cause)) return cause
  const message = (cause as { message?: unknown }).message
  return new CorruptedError(`What is stored cannot be a key or a value (${String(message)}). Something else has written into the map's memory; create a new map.`, { cause })
}

/** Decodes a private copy of a long record. */
export function decodeLong(type: Type, bytes: Uint8Array, codec: Codec<unknown> | undefined): unknown {
  if (type === Type.Bytes) return bytes
  if (type === Type.Custom && codec !== undefined) return decodeBy(codec, bytes)
  return new Coder(bytes, new Int32Array(0)).decode(type, 0, bytes.length, codec)
}
