// What bytes mean. A record carries a type beside its bytes; equal keys must have equal types and equal bytes.

/**
 * How a program's own keys or values become bytes and come back.
 *
 * For keys, `encode` must give equal bytes for equal keys: the map compares nothing else.
 */
export interface Codec<T> {
  /** A name that travels in the handle, so that attaching without the right codec is an error and not garbage. */
  readonly name?: string
  /** The bytes of a value. They are copied at once, so the array may be used again. May throw for what it cannot encode. */
  encode(value: T): Uint8Array
  /**
   * The value of some bytes. The array is the callee's own: nobody else sees or changes it. What it throws reaches the caller as the
   * `cause` of a `DecodingError`.
   */
  decode(bytes: Uint8Array): T
}

/** @internal The type byte of a record. */
export enum Type { None, Float64, BigInt, Latin1, Utf16, Bytes, JsonLatin1, JsonUtf16, Custom }

/** @internal The payloads of what is held in a slot's word without a record, beside 32-bit integers. */
export enum Constant { Undefined, Null, True, False, NotANumber, NegativeZero }

/** @internal The values of those payloads. */
export const CONSTANTS: readonly unknown[] = [undefined, null, true, false, NaN, -0]
