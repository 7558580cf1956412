// Records that something else has written into, and codecs that fail: a typed error with its cause, and the map goes on.

import { describe, expect, it } from 'vitest'
import { CorruptedError, DecodingError, type SharedMap } from '../../lib/index'
import { Coder } from '../../lib/codec/coder'
import { CONSTANTS, type Codec } from '../../lib/codec/codec'
import { Tag } from '../../lib/kernel/words/key'
import { BACKENDS, rawKernel } from '../support/kernels'
import { tinyMap } from '../support/maps'

/** Changes the bytes of each record that begins with a text, under their veil; byte -16 is the record's type. */
function edit(map: SharedMap<any, any>, text: string, change: (bytes: Uint8Array, at: number) => void, width = 1): void {
  const kernel = rawKernel('javascript', map.handle.memory as WebAssembly.Memory), bytes = new Uint8Array(map.handle.buffer)
  const start = Buffer.from(text, width === 1 ? 'latin1' : 'utf16le')
  let found = 0
  for (let block = kernel.nextUsed(0, 0); block !== 0; block = kernel.nextUsed(0, block + 1)) {
    const cells = kernel.lowAt(block * 2 + 1) + 7 >>> 3, at = (block * 2 + 2) * 8
    kernel.unveil(0, block, cells)
    if (cells * 8 >= start.length && start.equals(bytes.slice(at, at + start.length))) { change(bytes, at); found++ }
    kernel.unveil(0, block, cells)
  }
  expect(found).toBeGreaterThan(0)
}

/** Makes a record of a value that is broken in one way. */
type Breaking = (map: SharedMap<any, any>, key: string) => void
const longText = 'y'.repeat(6000)
const WAYS: Readonly<Record<string, Breaking>> = {
  'JSON that has lost a brace': (map, key) => { map.set(key, { text: 'to be broken' }); edit(map, '{"text":"to be', (bytes, at) => { bytes[at] = 0 }) },
  'JSON that became a number': (map, key) => { map.set(key, [123456789]); edit(map, '[123456789]', (bytes, at) => { bytes[at] = bytes[at + 10] = 32 }) },
  'wide JSON that has lost a brace': (map, key) => { map.set(key, { text: 'wide \u20ac' }); edit(map, '{"text":"wide', (bytes, at) => { bytes[at] = 0 }, 2) },
  'long JSON that has lost a brace': (map, key) => { map.set(key, { long: longText }); edit(map, '{"long":"yyy', (bytes, at) => { bytes[at] = 0 }) },
  'a type that there is none of': (map, key) => { map.set(key, 'of another type'); edit(map, 'of another type', (bytes, at) => { bytes[at - 16] = 77 }) },
  'a long record of a type that there is none of': (map, key) => { map.set(key, longText); edit(map, longText, (bytes, at) => { bytes[at - 16] = 99 }) },
  'a text of an odd number of bytes that says it is UTF-16': (map, key) => { map.set(key, 'an odd text'); edit(map, 'an odd text', (bytes, at) => { bytes[at - 16] = 4 }) },
  'a number of eleven bytes': (map, key) => { map.set(key, 'not a float'); edit(map, 'not a float', (bytes, at) => { bytes[at - 16] = 1 }) },
  'a bigint of one byte': (map, key) => { map.set(key, '~'); edit(map, '~\0\0\0\0\0\0\0', (bytes, at) => { bytes[at - 16] = 2 }) },
  'bytes of a codec where there is none': (map, key) => { map.set(key, 'of a codec'); edit(map, 'of a codec', (bytes, at) => { bytes[at - 16] = 8 }) },
}

const READS: Readonly<Record<string, (map: SharedMap<any, any>) => unknown>> = {
  get: map => map.get('broken'), getMany: map => map.getMany(['fine', 'broken']), getOrInsert: map => map.getOrInsert('broken', 1), add: map => map.add('broken', 1),
  putIfMatch: map => map.putIfMatch('broken', 'no', 1), walk: map => [...map], values: map => [...map.values()], swap: map => map.swap('broken', 'x'), take: map => map.take('broken'),
}

describe.each(BACKENDS)('a record that is broken is a CorruptedError with its cause, %s', backend => {
  it.each(Object.entries(WAYS))('%s', (_, breakIt) => {
    for (const [name, read] of Object.entries(READS)) {
      const map = tinyMap<any, any>({ backend }).set('fine', 'text')
      breakIt(map, 'broken')
      let error: unknown
      try { read(map) } catch (thrown) { error = thrown }
      expect(error, name).toBeInstanceOf(CorruptedError)
      expect((error as Error).cause, name).toBeInstanceOf(Error)
      expect((error as Error).message, name).toMatch(/What is stored cannot be a key or a value .*create a new map/)
      // The map goes on, and what was unlinked is free.
      expect(map.get('fine'), name).toBe('text')
      expect(map.set('broken', 'mended').get('broken'), name).toBe('mended')
      expect(map.repair(), name).toEqual({ entries: 2, sizeError: 0, reclaimed: 0 })
    }
  })

  it('also of a key, in a walk', () => {
    const map = tinyMap<any, any>({ backend }).set('a key to break', 1).set('b', 2)
    edit(map, 'a key to break', (bytes, at) => { bytes[at - 16] = 77 })
    expect(() => [...map.keys()]).toThrow(CorruptedError)
    expect(map.get('b')).toBe(2)
  })

  it('also of a constant that there is none of', () => {
    const coder = new Coder(new Uint8Array(16), new Int32Array(4))
    expect(CONSTANTS.map((_, n) => coder.decodeInline(Tag.Constant, n))).toEqual([...CONSTANTS])
    for (const payload of [CONSTANTS.length, -1, 2 ** 31 - 1]) expect(() => coder.decodeInline(Tag.Constant, payload)).toThrow(CorruptedError)
  })
})

describe.each(BACKENDS)('what a codec\'s decode throws is the cause of a DecodingError, %s', backend => {
  it.each([['short', 10], ['longer than a window', 6000]])('of a record that is %s', (_, length) => {
    const thrown = new RangeError('not mine'), fails = { now: false }
    const codec: Codec<any> = { name: 'moody', encode: () => new Uint8Array(length), decode: () => { if (fails.now) throw thrown; return 'decoded' } }
    for (const [name, read] of Object.entries(READS)) {
      const map = tinyMap<any, any>({ backend, values: codec }).set('fine', 1).set('broken', 2)
      fails.now = true
      let error: unknown
      try { read(map) } catch (caught) { error = caught }
      fails.now = false
      expect(error, name).toBeInstanceOf(DecodingError)
      expect(error, name).toMatchObject({ code: 'CANNOT_DECODE', cause: thrown, message: expect.stringMatching(/the codec 'moody' threw/) })
      expect(map.set('broken', 3).get('broken'), name).toBe('decoded')
      expect(map.repair(), name).toEqual({ entries: 2, sizeError: 0, reclaimed: 0 })
    }
  })
})

describe('a stack that is used up', () => {
  it.each(BACKENDS)('says nothing of the map: the error is the program\'s own, %s', backend => {
    const map = tinyMap<any, any>({ backend }).set('a', { b: [1] })
    const dive = (): unknown => { map.get('a'); map.set('c', 'd'); return dive() }
    let error: unknown
    try { dive() } catch (caught) { error = caught }
    expect(error).toMatchObject({ name: 'RangeError', message: expect.stringMatching(/call stack/) })
    expect(map.get('a')).toEqual({ b: [1] })
  })
})
