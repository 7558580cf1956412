// Records of random sizes under kills, in small: `npm run memory` does it with ten million operations.

import { beforeAll, describe, expect, it } from 'vitest'
import { type Backend, Random } from '../support/kernels'
import { type Stressed, stressApart } from './memory.mjs'

const url = new URL('../../build/checked/index.js', import.meta.url).href
/** What one kill may lose of records of up to 20,000 bytes: the key's and the value's record of one write. */
const BOUND = 2 * 20_480
const CREWS: readonly (readonly [string, { workers: number, backends: readonly Backend[], operations: number, kills: number }])[] = [
  ['two workers', { workers: 2, backends: ['wasm'], operations: 40_000, kills: 5 }],
  ['four workers, two of them on each backend', { workers: 4, backends: ['wasm', 'javascript'], operations: 25_000, kills: 5 }],
]

describe.each(CREWS)('records of 0 to 20,000 bytes, written and deleted by %s, some terminated while they write', (_, crew) => {
  const { seed } = new Random(), where = `seed ${seed}`
  let done: Stressed
  // It throws at the first byte that is not what was written, at a key that is lost, and at one that came back.
  beforeAll(async () => { done = await stressApart({ ...crew, url, seed, mib: 8 }) })

  it('are all there in the end, byte for byte, and nothing else is', () => {
    expect([done.operations, done.kills, done.left], where).toEqual([crew.operations, crew.kills, 0])
    expect(done.bytes, where).toBeGreaterThan(2 << 20)
    expect(Math.abs(done.sizeError), where).toBeLessThanOrEqual(crew.kills)
  })

  it('always find memory while half of the map is live', () => expect(done.failures, where).toBe(0))

  it('cost no more memory per kill than is promised, and repair finds all of it', () => {
    expect(done.lost, where).toBeLessThanOrEqual(crew.kills * BOUND)
    expect(done.again, where).toBe(0)
  })

  it('leave a map that, emptied, holds as much of any size as a new one', () => {
    expect(done.shares.filter(({ share }) => share < 0.9), where).toEqual([])
  })
})
