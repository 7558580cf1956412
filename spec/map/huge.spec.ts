// Maps whose areas, tables and blocks lie above 2 and 3 GiB, where a byte's address is no signed 32-bit number. Memory that is
// not touched costs nothing.

import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { MeBits } from '../../lib/kernel/words/participant'
import type { Handle } from '../../lib/map/handle'
import { SharedMap } from '../../lib/map/shared-map'
import { BACKENDS, type Backend, rawKernel } from '../support/kernels'

const GIB = 2 ** 30, AREA_BYTES = 8192

/** A map from byte `at` to the end of 4 GiB, with places for `places` workers. */
function layOut(backend: Backend, at: number, places: number): Handle {
  const memory = new WebAssembly.Memory({ initial: 65536, maximum: 65536, shared: true }), kernel = rawKernel(backend, memory), cell = at / 8
  if (!kernel.create(cell, 2 ** 29 - cell, places, 7, 16, 12, 34, Math.random() * 2 ** 31, at)) throw new Error('the map does not fit')
  return {
    format: 'nonblocking-map', version: 1, memory, buffer: memory.buffer as unknown as SharedArrayBuffer, at: cell, participant: 0, codecs: { keys: undefined, values: undefined },
  }
}

const LONG = 'x'.repeat(5000), WIDE = '\u20ac'.repeat(700), VERY_LONG = Uint8Array.from({ length: 20_000 }, (_, n) => n)
const VALUES: readonly unknown[] = [
  1, -5, 0.25, 2n ** 40n, -(2n ** 100n), 'short', 'a text of more than forty-eight units, all of them ASCII', 'h\u00e9', 'a\u20ac', WIDE, LONG, '', Uint8Array.of(1, 2, 3),
  VERY_LONG, { a: [1, { b: 'c' }] }, { wide: WIDE }, [LONG], null, undefined, true, NaN, -0,
]
const KEYS: readonly unknown[] = ['a', 'b', 'c', 'of eight', 'of nine.', WIDE, LONG, `${LONG}!`, 7, 0.5, 2n ** 70n, Uint8Array.of(1), VERY_LONG, null, true, '\u20ac']

/** A value as text: long ones are compared faster so. */
const told = (value: unknown): string => value instanceof Uint8Array ? `bytes ${Buffer.from(value).toString('latin1')}` : `${typeof value} ${inspect(value)}`

/** Everything that a map does, against a Map. */
function use(map: SharedMap<any, any>): void {
  const model = new Map<unknown, unknown>()
  KEYS.forEach((key, n) => { map.set(key, VALUES[n]); model.set(key, VALUES[n]) })
  const agrees = (): void => {
    for (const [key, value] of model) expect(told(map.get(key))).toBe(told(value))
    expect(map.getMany([...model.keys()]).map(told)).toEqual([...model.values()].map(told))
    expect(map.size).toBe(model.size)
    const byContent = (entries: Iterable<[unknown, unknown]>): string[] => Array.from(entries, entry => entry.map(told).join()).sort()
    expect(byContent(map)).toEqual(byContent(model))
  }
  agrees()
  for (const [n, value] of VALUES.entries()) {
    const key = KEYS[n % KEYS.length]
    expect(told(map.swap(key, value))).toBe(told(model.get(key)))
    expect(map.compareAndSet(key, 'none of them', 1)).toBe(false)
    expect(map.compareAndSet(key, value, LONG)).toBe(true)
    expect(map.putIfMatch(key, LONG, value)).toStrictEqual({ written: true, found: true, previous: LONG })
    model.set(key, value)
  }
  agrees()
  for (const key of KEYS.slice(0, 8)) {
    expect([map.take(key), map.has(key), map.getOrInsert(key, WIDE), map.replace(key, 3)].map(told)).toEqual([model.get(key), false, WIDE, true].map(told))
  }
  for (const key of KEYS.slice(0, 8)) model.set(key, 3)
  map.setMany(Array.from({ length: 700 }, (_, n): [string | number, string | number] => [n % 3 === 0 ? n : `key ${n}`, n % 2 === 0 ? n : `value ${n}`]))
  for (let n = 0; n < 700; n++) model.set(n % 3 === 0 ? n : `key ${n}`, n % 2 === 0 ? n : `value ${n}`)
  for (const name of ['a', 'a counter', 'a counter']) model.set(name, map.add(name, 2))
  expect([model.get('a'), model.get('a counter')]).toEqual([5, 4])
  agrees()
  expect(map.repair()).toEqual({ entries: model.size, sizeError: 0, reclaimed: 0 })
  expect(map.stats()).toMatchObject({ entries: model.size, resizes: { last: expect.arrayContaining([expect.objectContaining({ kind: 'grow' })]) } })
  agrees()
  for (const key of [...model.keys()].slice(0, 500)) { expect(map.delete(key)).toBe(true); model.delete(key) }
  agrees()
  map.clear()
  expect([map.size, [...map]]).toEqual([0, []])
  map.set('a', LONG).set(LONG, 'a')
  expect([map.get('a'), map.get(LONG)]).toEqual([LONG, 'a'])
}

describe.each(BACKENDS)('in 4 GiB, a map keeps every entry, %s', backend => {
  it.each([['2 GiB', 2 * GIB], ['3 GiB', 3 * GIB]])('with the places of its workers above %s', (_, at) => {
    const handle = layOut(backend, at, 7), map = SharedMap.attach<any, any>(handle, { backend })
    expect(handle.at * 8 + (map.participant >>> MeBits.AreaShift) * AREA_BYTES).toBeGreaterThan(at)
    use(map)
    map.detach()
  })

  it('when all but half a gigabyte was lost, and repair has found it', () => {
    const map = SharedMap.create<any, any>({ maxByteLength: 4 * GIB, backend }), kernel = rawKernel(backend, map.handle.memory as WebAssembly.Memory)
    // Taken and never published: what a killed worker leaves behind.
    let taken = 0
    while (kernel.allocate(0, map.participant, 2 ** 28 - 16, 0, 0) !== 0) taken += 2 ** 28
    expect(taken).toBeGreaterThan(3 * GIB)
    KEYS.forEach((key, n) => map.set(key, VALUES[n]))
    expect(map.repair()).toEqual({ entries: KEYS.length, sizeError: 0, reclaimed: taken })
    use(map)
    map.detach()
  })
})
