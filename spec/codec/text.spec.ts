import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LONG, TextReader, isLatin1, writeAscii, writeLatin1, writeLatin1Words, writeUtf16 } from '../../lib/codec/text'
import { runs } from '../support/maps'

/** Any string there is, lone surrogates included. */
const units = (max: number, maxLength = 40): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 0, max }), { maxLength }).map(list => String.fromCharCode(...list))

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

/** The reader as it is where the runtime has no Buffer. */
async function readerWithoutBuffer(): Promise<typeof TextReader> {
  vi.stubGlobal('Buffer', undefined)
  vi.resetModules()
  return (await import('../../lib/codec/text')).TextReader
}

describe('Latin-1 by words', () => {
  it('gives the bytes of writeLatin1, then zeros to the end of the last 64-bit word, and nothing beyond', () => {
    for (let length = 0; length < 40; length++) {
      const text = String.fromCharCode(...Array.from({ length }, (_, i) => (i * 37 + 200) % 256)), padded = length + 7 & ~7
      const bytes = new Uint8Array(new SharedArrayBuffer(64)).fill(7), expected = new Uint8Array(64).fill(7).fill(0, 8, 8 + padded)
      expect(writeLatin1(text, expected, 8)).toBe(true)
      expect(writeLatin1Words(text, new Int32Array(bytes.buffer), 2)).toBe(true)
      expect([...bytes], `${length}`).toEqual([...expected])
    }
  })

  it('is refused wherever a unit does not fit', () => {
    for (let length = 1; length < 20; length++) for (let at = 0; at < length; at++) {
      const text = 'a'.repeat(at) + '\u0100' + 'b'.repeat(length - at - 1)
      expect([writeLatin1Words(text, new Int32Array(16), 0), isLatin1(text)], `${length}, ${at}`).toEqual([false, false])
    }
  })
})

describe('ASCII in one call', () => {
  const shared = (): Uint8Array => new Uint8Array(new SharedArrayBuffer(300)).fill(7)

  it('gives the bytes of writeLatin1 and nothing beyond', () => {
    for (let length = 0; length < 200; length += 7) {
      const text = String.fromCharCode(...Array.from({ length }, (_, i) => (i * 37) % 128)), bytes = shared(), expected = shared()
      expect([writeAscii(text, bytes, 9), writeLatin1(text, expected, 9)]).toEqual([true, true])
      expect([...bytes], `${length}`).toEqual([...expected])
    }
  })

  it('is refused wherever a unit takes more than a byte, and writes nothing beyond what the string might take', () => {
    for (const odd of ['\xe9', '\u65e5', '\ud83d\ude00', '\ud83d', '\udc00']) for (const at of [0, 1, LONG - 1, LONG]) {
      const text = 'a'.repeat(at) + odd + 'b'.repeat(LONG - at), bytes = shared()
      expect(writeAscii(text, bytes, 8), `${odd}, ${at}`).toBe(false)
      expect([...bytes.subarray(0, 8), ...bytes.subarray(8 + text.length)].every(byte => byte === 7)).toBe(true)
    }
  })

  it('is refused where the platform does not encode into shared memory', async () => {
    vi.stubGlobal('TextEncoder', class { encodeInto(_: string, to: Uint8Array): unknown { if (to.buffer instanceof SharedArrayBuffer) throw new TypeError('shared'); return {} } })
    vi.resetModules()
    const { writeAscii: write } = await import('../../lib/codec/text'), bytes = shared()
    expect([write('abc', bytes, 0), bytes[0]]).toEqual([false, 7])
  })
})

describe.each([['with Buffer', async () => TextReader], ['without Buffer', readerWithoutBuffer]])('text %s', (_, load) => {
  it('comes back from Latin-1, at any place', async () => {
    const Reader = await load()
    fc.assert(fc.property(units(255), fc.nat(9), (text, at) => {
      const bytes = new Uint8Array(new SharedArrayBuffer(100)).fill(7)
      expect(writeLatin1(text, bytes, at)).toBe(true)
      expect(new Reader(bytes).latin1(at, text.length)).toBe(text)
      expect(bytes[at + text.length]).toBe(7)
    }), runs(200))
  })

  it('comes back from UTF-16, lone surrogates too, at odd places too', async () => {
    const Reader = await load()
    fc.assert(fc.property(units(0xffff), fc.nat(9), (text, at) => {
      const bytes = new Uint8Array(new SharedArrayBuffer(100)).fill(7)
      writeUtf16(text, bytes, at)
      expect(new Reader(bytes).utf16(at, text.length * 2)).toBe(text)
      expect(bytes[at + text.length * 2]).toBe(7)
    }), runs(200))
  })

  it('of any length comes back', async () => {
    const Reader = await load()
    for (const length of [11, 12, 13, 4095, 4096, 4097, 300_000]) {
      const text = '\u00e9'.repeat(length), wide = '\ud83d\u65e5\ude00'.repeat(length), bytes = new Uint8Array(length * 6)
      expect(writeLatin1(text, bytes, 0)).toBe(true)
      expect(new Reader(bytes).latin1(0, length) === text, `${length}`).toBe(true)
      writeUtf16(wide, bytes, 0)
      expect(new Reader(bytes).utf16(0, length * 6) === wide, `${length}`).toBe(true)
    }
  })

  it('is read through a view that does not begin where its buffer does', async () => {
    const Reader = await load(), bytes = new Uint8Array(new ArrayBuffer(64), 8)
    writeLatin1('a text longer than short', bytes, 3)
    expect(new Reader(bytes).latin1(3, 24)).toBe('a text longer than short')
    writeUtf16('\u65e5\u672c', bytes, 3)
    expect(new Reader(bytes).utf16(3, 4)).toBe('\u65e5\u672c')
  })
})

describe('text', () => {
  it('is Latin-1 exactly if every unit fits a byte', () => {
    fc.assert(fc.property(fc.oneof(units(255), units(300), units(0xffff)), text => {
      const fits = [...Array(text.length).keys()].every(i => text.charCodeAt(i) < 256)
      expect(isLatin1(text)).toBe(fits)
      expect(writeLatin1(text, new Uint8Array(text.length), 0)).toBe(fits)
    }), runs(300))
    expect([isLatin1('\u00ff'), isLatin1('\u0100'), isLatin1('')]).toEqual([true, false, true])
  })
})
