// The pools that people use, as they come from their packages.

import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { Tinypool } from 'tinypool'
import { afterEach, describe, expect, it } from 'vitest'
import { SharedMap, reapOnExit } from '../../lib/index'

const filename = fileURLToPath(new URL('pool-worker.mjs', import.meta.url))
const library = new URL('../../build/checked/index.js', import.meta.url).href

interface Pool { run(task: unknown, options?: { signal?: AbortSignal }): Promise<unknown>, destroy(): Promise<void>, readonly threads: unknown[] }
type Shape = { minThreads: number, maxThreads: number, idleTimeout?: number }

const POOLS: readonly (readonly [name: string, make: (shape: Shape) => Pool])[] = [
  ['piscina', shape => new Piscina({ filename, ...shape })],
  ['tinypool', shape => new Tinypool({ filename, ...shape })],
]

const newMap = (): SharedMap<any, any> => SharedMap.create<any, any>({ maxByteLength: 8 << 20, places: 7 })
const used = (map: SharedMap<any, any>): number => map.stats().participants.length

describe.each(POOLS)('a pool of %s', (_, make) => {
  let pool: Pool
  afterEach(async () => { await pool.destroy() })

  const work = (map: SharedMap<any, any>, key: number, more: object = {}, options = {}): Promise<unknown> => pool.run({ library, handle: map.handle, key, ...more }, options)

  it('is reaped wholly when it is destroyed', async () => {
    const map = newMap()
    pool = make({ minThreads: 3, maxThreads: 3 })
    reapOnExit(map, pool)
    await Promise.all([1, 2, 3, 4, 5, 6].map(key => work(map, key)))
    expect([used(map) > 1, map.size]).toEqual([true, 6])
    await pool.destroy()
    await expect.poll(() => used(map)).toBe(1)
    expect(map.repair()).toMatchObject({ entries: 6, reclaimed: 0 })
  })

  it('whose tasks are aborted again and again gives every place back, those of workers to come too', async () => {
    const map = newMap()
    pool = make({ minThreads: 1, maxThreads: 2 })
    reapOnExit(map, pool)
    for (let n = 0; n < 10; n++) {
      const abort = new AbortController(), endless = work(map, n, { endless: true }, { signal: abort.signal }).catch(() => 'aborted'), other = work(map, 1000 + n)
      await other
      await expect.poll(() => map.has(n)).toBe(true)
      abort.abort()
      expect(await endless).toBe('aborted')
    }
    expect(map.size).toBe(20)
    await expect.poll(() => used(map)).toBeLessThanOrEqual(1 + pool.threads.length)
  })

  it('whose tasks end their thread with an error gives every place back', async () => {
    const map = newMap()
    pool = make({ minThreads: 1, maxThreads: 1 })
    reapOnExit(map, pool)
    for (let n = 0; n < 10; n++) await work(map, n, { crash: true }).catch(() => {})
    await expect.poll(() => used(map)).toBeLessThanOrEqual(1 + pool.threads.length)
  })

  it('may be given with many maps, and with maps that are detached or forgotten before it ends', async () => {
    pool = make({ minThreads: 1, maxThreads: 1 })
    const kept = newMap()
    reapOnExit(kept, pool)
    for (let n = 0; n < 15; n++) {
      using map = newMap()
      reapOnExit(map, pool)
      await work(map, n)
      expect(map.get(n)).toBe('done')
    }
    await work(kept, 1)
    await pool.destroy()
    await expect.poll(() => used(kept)).toBe(1)
  })
})
