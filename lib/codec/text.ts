// Strings as bytes: Latin-1 where every unit fits a byte, UTF-16 otherwise. Both keep every string whole, lone surrogates
// too, and a string has just one of the two forms.

/** Node's, Bun's and Deno's fast decoders, where they exist. */
interface NativeBuffer { latin1Slice(start: number, end: number): string, ucs2Slice(start: number, end: number): string }
const nativeBuffer = (globalThis as unknown as { Buffer?: { from(buffer: ArrayBufferLike, offset: number, length: number): NativeBuffer } }).Buffer

/** Below this length a loop is faster than any call. */
const SHORT = 12
/** Arguments of one call of `String.fromCharCode`. */
const PART = 4096

/** Writes a string as Latin-1 at `at`; false, with some bytes written, at the first unit that does not fit. */
export function writeLatin1(text: string, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 255) return false
    bytes[at + i] = unit
  }
  return true
}

/**
 * As `writeLatin1`, but four units at a time into 32-bit integers from the index `at` on, an even one. Zeros fill the last
 * 64-bit word: records are compared word by word.
 */
export function writeLatin1Words(text: string, ints: Int32Array, at: number): boolean {
  const { length } = text, whole = length & ~3
  for (let i = 0; i < whole; i += 4) {
    const a = text.charCodeAt(i), b = text.charCodeAt(i + 1), c = text.charCodeAt(i + 2), d = text.charCodeAt(i + 3)
    if ((a | b | c | d) > 255) return false
    ints[at + (i >> 2)] = a | b << 8 | c << 16 | d << 24
  }
  if ((length & 7) === 0) return true
  let rest = 0
  for (let i = whole; i < length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 255) return false
    rest |= unit << (i - whole) * 8
  }
  const last = at + (whole >> 2)
  ints[last] = rest
  if ((whole & 4) === 0) ints[last + 1] = 0
  return true
}

/** From this length on, one call of the platform's encoder is faster than a loop over the units. */
export const LONG = 48
/** Absent where a test runner gives its own globals, as jest does with jsdom. */
const encoder = typeof TextEncoder === 'undefined' ? undefined : new TextEncoder()

/** Whether the platform encodes into shared memory, as its standard says. */
const encodesIntoShared = ((): boolean => {
  try { return encoder !== undefined && encoder.encodeInto('a', new Uint8Array(new SharedArrayBuffer(1))).written === 1 } catch { return false }
})()

/** Writes a string of ASCII, which is its Latin-1 too, in one call; false, with some bytes written, for any other and where there is no such call. */
export function writeAscii(text: string, bytes: Uint8Array, at: number): boolean {
  if (!encodesIntoShared) return false
  const { read, written } = encoder!.encodeInto(text, bytes.subarray(at, at + text.length))
  // Each unit took one byte: no other string has as many bytes as units.
  return read === text.length && written === text.length
}

/** Writes a string as UTF-16, two bytes a unit, low byte first. */
export function writeUtf16(text: string, bytes: Uint8Array, at: number): void {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    bytes[at + 2 * i] = unit
    bytes[at + 2 * i + 1] = unit >> 8
  }
}

export function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 255) return false
  return true
}

/** Reads strings out of one buffer. Only ever over memory that nobody else is writing: an own window, or a copy. */
export class TextReader {
  private readonly native: NativeBuffer | undefined
  constructor(private readonly bytes: Uint8Array) {
    this.native = nativeBuffer?.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  latin1(at: number, length: number): string {
    if (length > SHORT && this.native !== undefined) return this.native.latin1Slice(at, at + length)
    if (length > SHORT) return fromUnits(this.bytes.subarray(at, at + length))
    let text = ''
    for (let i = 0; i < length; i++) text += String.fromCharCode(this.bytes[at + i]!)
    return text
  }

  utf16(at: number, length: number): string {
    if (this.native !== undefined) return this.native.ucs2Slice(at, at + length)
    const units = new Uint16Array(length / 2)
    for (let i = 0; i < units.length; i++) units[i] = this.bytes[at + 2 * i]! | this.bytes[at + 2 * i + 1]! << 8
    return fromUnits(units)
  }
}

function fromUnits(units: Uint8Array | Uint16Array): string {
  let text = ''
  for (let i = 0; i < units.length; i += PART) text += String.fromCharCode.apply(null, units.subarray(i, i + PART) as unknown as number[])
  return text
}
