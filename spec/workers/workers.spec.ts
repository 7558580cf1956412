import { describe, expect, it } from 'vitest'
import type { Backend } from '../support/kernels'
import { tinyMap } from '../support/maps'
import { runAll, start } from '../support/workers'

const MIXES: readonly (readonly [string, readonly Backend[]])[] = [['on WebAssembly', ['wasm']], ['on both backends at once', ['wasm', 'javascript']]]

describe.each(MIXES)('real workers %s', (_, backends) => {
  const scale = backends.length === 1 ? 1 : 0.15
  const many = (count: number): number => Math.round(count * scale)

  it('keep their own keys, through many resizes', async () => {
    const map = tinyMap<string, number>({ maxByteLength: 32 << 20 }), count = many(20_000)
    await runAll(map, 4, 'disjoint', { count }, backends)
    expect(map.size).toBe(4 * Math.floor(count / 2))
    for (let id = 0; id < 4; id++) for (let i = 0; i < count; i++) expect(map.get(`${id}:${i}`)).toBe(i % 2 === 1 ? i : undefined)
    expect(map.stats().resizes.count).toBeGreaterThan(5)
    expect(map.repair()).toMatchObject({ sizeError: 0, reclaimed: 0 })
  })

  it('lose no increment', async () => {
    const map = tinyMap<any, any>(), count = many(40_000), keys = 10
    await runAll(map, 4, 'increments', { count, keys }, backends)
    let sum = 0
    for (const value of map.values()) sum += value
    expect(sum).toBe(4 * count)
    for (let i = 0; i < 4; i++) map.set(`cell ${i}`, { n: 0, by: -1 })
    await runAll(map, 3, 'exchanges', { count: many(4000), keys: 4 }, backends)
    expect([0, 1, 2, 3].reduce((all, i) => all + map.get(`cell ${i}`).n, 0)).toBe(3 * many(4000))
  })

  it('take each item once, and agree on who inserted first', async () => {
    const map = tinyMap<string, any>({ maxByteLength: 4 << 20 }), count = many(10_000)
    for (let i = 0; i < count; i++) map.set(`item ${i}`, `payload ${i}`)
    const taken = (await runAll(map, 3, 'takers', { count }, backends)).flat().sort((a, b) => a - b)
    expect(taken).toEqual(Array.from({ length: count }, (_, i) => i))
    expect(map.size).toBe(0)
    const [first, ...others] = await runAll(map, 3, 'inserters', { count }, backends)
    for (const seen of others) expect(seen).toEqual(first)
    expect(map.size).toBe(count)
  })

  it('mix all operations on the same keys, and nothing is torn, lost or counted twice', async () => {
    const map = tinyMap<any, any>({ maxByteLength: 4 << 20 })
    await runAll(map, 4, 'mixed', { count: many(30_000), keys: 300 }, backends)
    const entries = [...map]
    expect(new Set(entries.map(([key]) => key)).size).toBe(entries.length)
    expect(map.size).toBe(entries.length)
    expect(map.repair()).toEqual({ entries: entries.length, sizeError: 0, reclaimed: 0 })
    expect(new Map(map)).toEqual(new Map(entries))
  })

  it('walk past growth and shrinking without missing a lasting key or meeting one twice', async () => {
    const map = tinyMap<string, number>({ maxByteLength: 8 << 20 }), lasting = 200
    for (let i = 0; i < lasting; i++) map.set(`lasting ${i}`, i)
    await Promise.all([runAll(map, 2, 'walks', { rounds: many(150), lasting }, backends), runAll(map, 2, 'tides', { rounds: many(30), count: 600 }, backends)])
    expect(map.size).toBe(lasting)
  })
})

describe('churn', () => {
  it('of ten million fresh keys with at most two alive stays in a small fixed memory', async () => {
    const map = tinyMap<any, any>({ maxByteLength: 256 * 1024 }, { places: 7, chunkShift: 2, fewestSlots: 16 })
    await runAll(map, 2, 'churn', { count: 4_500_000, text: false }, ['wasm'], true)
    await runAll(map, 2, 'churn', { count: 500_000, text: true }, ['wasm'], true)
    expect(map.size).toBe(0)
    expect(map.stats().capacity).toBeLessThanOrEqual(128)
    expect(map.stats().memory.used).toBeLessThan(200 * 1024)
    expect(map.repair()).toEqual({ entries: 0, sizeError: 0, reclaimed: 0 })
  })
})

describe('a worker that fails', () => {
  it('tells why', async () => {
    const map = tinyMap<any, any>()
    await expect(start(map, { job: 'no such job', id: 0 }).result).rejects.toThrow()
  })
})
