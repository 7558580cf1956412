// What a map looks like when a program prints, serializes, clones or compares it.

import assert from 'node:assert'
import { inspect, isDeepStrictEqual } from 'node:util'
import { serialize } from 'node:v8'
import { MessageChannel, Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { MeBits } from '../../lib/kernel/words/participant'
import { SharedMap } from '../../lib/index'
import { BACKENDS } from '../support/kernels'
import { tinyMap } from '../support/maps'

const MANY = 150

describe.each(BACKENDS)('a map that is printed, %s', backend => {
  const create = (values?: object): SharedMap<any, any> => tinyMap({ backend, seed: 1, ...values })

  it('shows how many entries it has, its backend and capacity, and the entries', () => {
    const map = create()
    expect(inspect(map)).toBe(`SharedMap(0) [${backend}, 4 slots] {}`)
    map.set('a', [1, { b: 2 }])
    expect(inspect(map)).toBe(`SharedMap(1) [${backend}, 4 slots] { 'a' => [ 1, { b: 2 } ] }`)
  })

  it('shows the first entries of many, as many as the options say', () => {
    const map = create()
    for (let i = 0; i < MANY; i++) map.set(i, -i)
    const shown = (options?: object): RegExpMatchArray[] => [...inspect(map, options).matchAll(/(\d+) => (-?\d+)/g)]
    expect(shown()).toHaveLength(100)
    expect(new Set(shown().map(([, key]) => key)).size).toBe(100)
    for (const [, key, value] of shown()) expect(Number(value) + Number(key)).toBe(0)
    expect(inspect(map).startsWith(`SharedMap(${MANY}) [${backend}, `)).toBe(true)
    expect(inspect(map)).toMatch(/ \d+ slots\] {\n[^]*,\n  \.\.\. 50 more items\n}$/)
    expect(shown({ maxArrayLength: null })).toHaveLength(MANY)
    expect(inspect(map, { maxArrayLength: null })).not.toContain('more item')
    expect(inspect(map, { maxArrayLength: 0 })).toMatch(/slots\] { \.\.\. 150 more items }$/)
    expect(inspect(map, { maxArrayLength: MANY - 1 })).toMatch(/, *\n? *\.\.\. 1 more item\s}$/)
  })

  it('keeps to depth and colors, within other objects too', () => {
    const map = create().set('a', { b: { c: { d: 1 } } })
    expect(inspect(map, { depth: 0 })).toMatch(/{ 'a' => \[Object\] }$/)
    expect(inspect([map], { depth: -1 })).toBe('[Array]')
    expect(inspect({ in: { map } }, { depth: 0 })).toBe('{ in: [Object] }')
    expect(inspect({ map }, { depth: 0 })).toBe('{ map: [SharedMap] }')
    expect(inspect(map, { colors: true })).toContain('\u001b[32m\'a\'\u001b[39m')
    const long = Array.from({ length: 4 }, () => 'x'.repeat(30))
    expect(inspect({ map: create().set('long', long) })).toMatch(/\n {4}'long' => \[\n {6}'x{30}',/)
  })

  it('never throws: not when detached, on a codec that throws, on entries that cannot be printed', () => {
    const bad = create({ values: { encode: () => new Uint8Array(9), decode: () => { throw new Error('unreadable bytes') } } }).set('a', 1)
    expect(inspect(bad)).toMatch(/^SharedMap\(1\) \[.*\] { \.\.\. \[DecodingError: The decode of the codec 'custom' threw .*\] }$/)
    const odd = create({ values: { encode: () => new Uint8Array(9), decode: () => { throw null } } }).set('a', 1)
    expect(inspect(odd)).toMatch(/^SharedMap/)
    const hostile = { get [Symbol.toStringTag]() { throw new Error('no text') }, [inspect.custom]() { throw new Error('no text') } }
    const unprintable = create({ values: { encode: () => new Uint8Array(9), decode: () => hostile } }).set('a', 1)
    expect(inspect(unprintable)).toMatch(/^SharedMap.*no text/)
    const gone = create()
    gone.detach()
    expect(inspect(gone)).toBe('SharedMap [detached]')
    expect(inspect(SharedMap.prototype)).toContain('SharedMap')
    expect(inspect(gone, { customInspect: false })).toContain('send map.handle')
  })

  it('never throws on corrupted words, and ends', () => {
    const map = create().set('a', 'b'), words = new Int32Array(map.handle.buffer)
    for (let i = 8; i < 1024; i++) words[i] = 0x7a7a7a7a
    expect(inspect(map)).toMatch(/^SharedMap.*CorruptedError|illegal|law/)
  })

  it('changes nothing that another worker reads', () => {
    const map = create()
    for (let i = 0; i < 40; i++) map.set(`key ${i}`, { i })
    const cells = new BigInt64Array(map.handle.buffer), own = (map.participant >>> MeBits.AreaShift) * 1024, before = cells.slice()
    inspect(map)
    const changed = [...cells.keys()].filter(cell => cells[cell] !== before[cell] && (cell < own || cell >= own + 1024))
    expect(changed).toEqual([])
  })
})

describe('a map that is cloned', () => {
  it.each([
    ['structuredClone', (map: object) => structuredClone(map)],
    ['structuredClone of an object around it', (map: object) => structuredClone({ list: [map] })],
    ['postMessage', (map: object) => new MessageChannel().port1.postMessage(map)],
    ['workerData', (map: object) => new Worker('', { eval: true, workerData: { map } })],
    ['v8.serialize', (map: object) => serialize(map)],
  ] as [string, (map: object) => unknown][])('by %s throws and says to send the handle', (_, clone) => {
    expect(() => clone(tinyMap())).toThrow(/cannot be cloned or sent; send map\.handle/)
  })

  it('by spread has no entries, and cannot be sent either', () => {
    const copy = { ...tinyMap<string, number>().set('a', 1) }
    expect(Object.keys(copy)).toEqual(['unclonable'])
    expect(() => structuredClone(copy)).toThrow(/send map\.handle/)
  })

  it('as JSON gives its entries, of which a Map can be made', () => {
    const map = tinyMap<string, unknown>().set('a', 1).set('b', [{ c: null }])
    expect(new Map(JSON.parse(JSON.stringify(map)) as [string, unknown][])).toEqual(new Map(map))
    expect(JSON.stringify({ map: tinyMap() })).toBe('{"map":[]}')
    expect(() => JSON.stringify(tinyMap<string, bigint>().set('a', 1n))).toThrow(TypeError)
    map.detach()
    expect(() => JSON.stringify(map)).toThrow(/detached/)
  })
})

describe('two maps that are compared', () => {
  const holding = (key: string, value: number): SharedMap<string, number> => tinyMap<string, number>().set(key, value)
  const one = holding('a', 1), other = holding('b', 2), same = holding('a', 1)

  it('are different to node:util, node:assert and expect, whatever is in them', () => {
    for (const map of [other, same]) {
      expect(isDeepStrictEqual(one, map)).toBe(false)
      expect(() => assert.deepStrictEqual({ map: one }, { map })).toThrow(assert.AssertionError)
      expect(() => assert.deepEqual(one, map)).toThrow(assert.AssertionError)
      expect({ map: one }).not.toEqual({ map })
    }
    expect(() => expect(one).toEqual(other)).toThrow(/SharedMap\(1\).*'a' => 1.*SharedMap\(1\).*'b' => 2/)
  })

  it('are equal where they are attachments to one map', () => {
    expect(isDeepStrictEqual(one, SharedMap.attach(one.handle))).toBe(true)
    expect([one]).toEqual([SharedMap.attach(one.handle)])
  })
})
