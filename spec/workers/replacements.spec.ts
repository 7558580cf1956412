// A long-lived pool, in small: `npm run replace` does it with 10,000 threads.

import { threadId } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import * as library from '../../lib/index'
import { replaceThreads } from './replacements.mjs'

const LIBRARY = new URL('../../build/checked/index.js', import.meta.url).href
const canTell = (process as { getBuiltinModule?: (name: string) => { locks?: unknown } }).getBuiltinModule?.('node:worker_threads').locks !== undefined

describe('a pool that replaces its threads', () => {
  it('keeps attaching, a third of them terminated, with fewer places than threads', async () => {
    expect(threadId).toBe(0)
    const { failures, threads, left, repaired } = await replaceThreads(library, LIBRARY, { threads: 60, places: 12, reaping: true, pool: 4 })
    expect([failures, threads, left]).toEqual([[], 60, 0])
    expect(repaired).toMatchObject({ entries: 51, sizeError: 0 })
  })

  it('without anybody who reaps: those that return leave nothing, those that are terminated a place each, where the platform does not tell', async () => {
    const { failures, threads, left } = await replaceThreads(library, LIBRARY, { threads: 40, places: 32, reaping: false, pool: 4 })
    expect([failures, threads, left]).toEqual([[], 40, canTell ? 0 : 14])
  })
})
