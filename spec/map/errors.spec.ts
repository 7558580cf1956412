import { afterEach, describe, expect, it } from 'vitest'
import { CorruptedError, EncodingError, HandleError, IsolationError, OptionsError, OutOfMemoryError, SharedMap, SharedMapError } from '../../lib/index'
import { BACKENDS, Random } from '../support/kernels'
import { createShaped } from '../../lib/map/shared-map'
import { TINY, tinyMap } from '../support/maps'

describe('what cannot be stored', () => {
  const map = tinyMap<any, any>()
  const cycle: any = {}
  cycle.self = cycle

  it.each([
    ['a function', () => 1], ['a symbol', Symbol('s')], ['a Map', new Map([[1, 2]])], ['a Set', new Set()], ['a Date', new Date()], ['a class instance', new (class Point {})()],
    ['NaN inside an object', { a: NaN }], ['undefined in an array', [undefined]], ['a bigint inside', [1n]], ['-0 inside', { a: [-0] }], ['a cycle', cycle],
    ['bytes inside an object', { bytes: new Uint8Array(1) }], ['an object with toJSON', { toJSON: () => 1 }],
  ])('as a value, %s, is refused with a hint, and nothing changes', (_, value) => {
    map.set('key', 'before')
    expect(() => map.set('key', value)).toThrow(EncodingError)
    expect(() => map.set('key', value)).toThrow(/Store|codec/)
    expect(map.get('key')).toBe('before')
  })

  it('names the place in the object', () => {
    expect(() => map.set('key', { list: [1, { bad: NaN }] })).toThrow(/value\.list\[1\]\.bad is NaN/)
  })

  it.each([['an object', {}], ['an array', []], ['a function', () => 1], ['a symbol', Symbol('s')]])('as a key, %s, is refused, in reads too', (_, key) => {
    expect(() => map.set(key, 1)).toThrow(EncodingError)
    expect(() => map.get(key)).toThrow(EncodingError)
    expect(() => map.has(key)).toThrow(EncodingError)
    expect(() => map.delete(key)).toThrow(EncodingError)
  })

  it('a codec that returns no bytes is named', () => {
    const bad = tinyMap<any, any>({ values: { encode: () => 'text' as never, decode: () => 1 } })
    expect(() => bad.set(1, 1)).toThrow(/codec's encode gave text/)
    expect(bad.size).toBe(0)
  })
})

describe.each(BACKENDS)('a map without memory left, %s', backend => {
  it('refuses the write, keeps everything, and goes on', () => {
    const map = tinyMap<any, any>({ maxByteLength: 256 << 10, backend }), model = new Map<string, string>()
    let failed: unknown
    for (let i = 0; failed === undefined; i++) {
      try {
        map.set(`key ${i}`, `value ${i}`.repeat(20))
        model.set(`key ${i}`, `value ${i}`.repeat(20))
      } catch (error) { failed = error }
    }
    expect(failed).toBeInstanceOf(OutOfMemoryError)
    expect((failed as OutOfMemoryError).code).toBe('OUT_OF_MEMORY')
    expect((failed as Error).message).toMatch(/nothing was changed.*maxByteLength/)
    expect(model.size).toBeGreaterThan(100)
    expect(new Map(map)).toEqual(model)
    expect(map.size).toBe(model.size)
    // Reads, deletes, and updates of what is there go on; a long value is refused where a short one fits.
    expect(() => map.set('key 0', 'x'.repeat(100_000))).toThrow(OutOfMemoryError)
    expect(map.get('key 0')).toBe(model.get('key 0'))
    for (let i = 0; i < 50; i++) expect(map.delete(`key ${i}`)).toBe(true)
    for (let i = 0; i < 30; i++) map.set(`new ${i}`, `value ${i}`.repeat(20))
    expect(map.size).toBe(model.size - 20)
    map.clear()
    // These keys are longer, so that not quite as many fit.
    for (let i = 0; i < model.size * 0.9; i++) map.set(`again ${i}`, `value ${i}`.repeat(20))
    expect(map.repair()).toMatchObject({ sizeError: 0, reclaimed: 0 })
  })

  it('fills integer tables to the last slot, then takes new keys again after deletes', () => {
    const map = tinyMap<number, number>({ maxByteLength: 256 << 10, backend })
    let many = 0
    expect(() => { for (;; many++) map.set(many, many) }).toThrow(OutOfMemoryError)
    expect(map.size).toBe(many)
    for (let i = 0; i < many; i++) expect(map.get(i)).toBe(i)
    expect(map.get(many)).toBeUndefined()
    expect(map.has(-1)).toBe(false)
    map.set(5, 50)
    expect(map.get(5)).toBe(50)
    for (let i = 0; i < many; i += 2) expect(map.delete(i)).toBe(true)
    for (let i = 0; i < many; i += 2) map.set(many + i, i)
    expect(map.size).toBe(many)
  })
})

describe('handles', () => {
  it.each([[undefined], [null], [{}], ['handle'], [{ format: 'other' }]])('%j is none', value => {
    expect(() => SharedMap.attach(value as never)).toThrow(HandleError)
    expect(() => SharedMap.attach(value as never)).toThrow(/map\.handle/)
  })

  it('of a newer version, or one that lost its memory, say what to do', () => {
    const { handle } = tinyMap()
    expect(() => SharedMap.attach({ ...handle, version: 2 })).toThrow(/version 2.*same version of nonblocking-map/)
    expect(() => SharedMap.attach(JSON.parse(JSON.stringify(handle)))).toThrow(/lost its memory/)
  })

  it('of a buffer that holds no map, or another layout, are refused', () => {
    const map = tinyMap(), { handle } = map, words = new BigInt64Array(handle.buffer)
    expect(() => SharedMap.attach({ ...handle, memory: undefined, buffer: new SharedArrayBuffer(1 << 18) })).toThrow(CorruptedError)
    expect(() => SharedMap.attach({ ...handle, at: 1e9 })).toThrow(HandleError)
    words[0]! += 1n
    expect(() => SharedMap.attach(handle)).toThrow(/another version of the layout/)
  })
})

describe('a corrupted buffer', () => {
  it.each(BACKENDS)('gives a typed error or an answer, never a hang or another kind of failure, %s', backend => {
    const random = new Random()
    for (let round = 0; round < (backend === 'wasm' ? 100 : 15); round++) {
      const map = tinyMap<any, any>({ maxByteLength: 128 << 10, backend }, { ...TINY, places: 2 }), words = new Int32Array(map.handle.buffer)
      for (let i = 0; i < 60; i++) map.set(i % 2 === 0 ? i : `key ${i}`, i % 3 === 0 ? i : `value ${i}`)
      // Anywhere in the header and the tables, but not in this worker's own area.
      for (let n = 0; n < 40; n++) words[random.below(2) === 0 ? random.below(512) : 6144 + random.below(words.length - 6144)] = random.below(2 ** 32)
      for (let i = 0; i < 30; i++) {
        try {
          map.get(`key ${i}`)
          map.get(i)
          map.set(i, i)
          map.set(`new ${i}`, 'text')
          map.delete(`key ${i}`)
          if (i % 10 === 0) { void [...map.keys()]; map.clear() }
        } catch (error) {
          expect(error, `seed ${random.seed}, round ${round}`).toSatisfy(isExpected)
          break
        }
      }
    }
  })

  /** Typed errors; and in checked builds, which the specs run, the monitor may see the broken word first. */
  const isExpected = (error: unknown): boolean => error instanceof SharedMapError || /illegal step|did not move forward|broken law/.test(String(error))
})

describe('options', () => {
  it.each([
    [{ maxByteLength: 1000 }, /maxByteLength is 1000.*from 131072/], [{ maxByteLength: NaN }, /maxByteLength/], [{ maxByteLength: 2 ** 40 }, /maxByteLength/],
    [{ capacity: -1 }, /capacity is -1/], [{ capacity: 1.5 }, /capacity/], [{ seed: 0.5 }, /seed/], [{ backend: 'native' as never }, /'wasm' or 'javascript'/],
    [{ maxByteLength: 1 << 20, capacity: 1_000_000 },
      /capacity asked for is too large: two tables.*1048576\. Ask for a maxByteLength of \d+, or a capacity of at most \d+/],
    [{ capacity: 2 ** 27 }, /capacity is 134217728.*to 92000000/],
  ])('%j is refused with what would do', (options, message) => {
    expect(() => SharedMap.create(options)).toThrow(OptionsError)
    expect(() => SharedMap.create(options)).toThrow(message)
  })

  it.each([[128 << 10, 5000], [256 << 10, 6000], [1 << 20, 25_000], [3 << 20, 75_000], [4 << 20, 90_000], [64 << 20, 1_500_000],
    [1 << 30, 23_500_000], [3 * 2 ** 30, 92_000_000]])(
    'a capacity that does not fit into %i bytes: each piece of the advice works', (maxByteLength, capacity) => {
      const said = ((): string => {
        try {
          return String(SharedMap.create({ maxByteLength, capacity }).stats().capacity)
        } catch (error) { return (error as Error).message }
      })()
      const [, enough = 0, most = 0] = said.match(/Ask for a maxByteLength of (\d+), or a capacity of at most (\d+)\./)!.map(Number)
      expect(SharedMap.create({ maxByteLength, capacity: most }).size).toBe(0)
      // It could not be much more, nor much less.
      expect(() => SharedMap.create({ maxByteLength, capacity: most + 1000 })).toThrow(OptionsError)
      expect(SharedMap.create({ maxByteLength: enough, capacity }).size).toBe(0)
      expect(() => SharedMap.create({ maxByteLength: Math.ceil(enough * 0.8), capacity })).toThrow(OptionsError)
    })

  it('the largest capacity fits into the largest map, and a hundredth more would not', () => {
    const map = SharedMap.create<number, number>({ maxByteLength: 2 ** 32, capacity: 92_000_000 }).set(1, 2)
    expect([map.get(1), map.stats().capacity > 92_000_000]).toEqual([2, true])
    expect(() => createShaped({ maxByteLength: 2 ** 32 }, { fewestSlots: Math.ceil(93_000_000 / 0.7) })).toThrow(/at most 92\d{6}\./)
  })

  it('a record longer than 1 GiB is an EncodingError that says so, and nothing changes', () => {
    const map = tinyMap<string, unknown>()
    expect(() => map.set('long', new Uint8Array(2 ** 30 + 1))).toThrow(EncodingError)
    expect(() => map.set('long', new Uint8Array(2 ** 30 + 1)))
      .toThrow(/1073741825 bytes long.*at most 1073741824 \(1 GiB\): store it in parts/)
    expect(() => map.set('long', new Uint8Array(2 ** 30))).toThrow(OutOfMemoryError)
    expect(map.size).toBe(0)
  })

  it('a seed fixes the layout', () => {
    const order = (seed: number): string => {
      const map = SharedMap.create<string, number>({ seed, maxByteLength: 1 << 20 })
      for (let i = 0; i < 40; i++) map.set(`k${i}`, i)
      return [...map.keys()].join()
    }
    expect(order(1)).toBe(order(1))
    expect(order(1)).not.toBe(order(2))
  })
})

describe('a page without shared memory', () => {
  const scope = globalThis as { crossOriginIsolated?: boolean }
  afterEach(() => { delete scope.crossOriginIsolated })

  it('is told the two headers', () => {
    scope.crossOriginIsolated = false
    expect(() => SharedMap.create()).toThrow(IsolationError)
    expect(() => SharedMap.create()).toThrow(/Cross-Origin-Opener-Policy: same-origin.*Cross-Origin-Embedder-Policy: require-corp/)
  })
})
