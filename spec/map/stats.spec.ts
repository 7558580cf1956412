import { describe, expect, it } from 'vitest'
import { OutOfMemoryError } from '../../lib/index'
import { BACKENDS, Random, rawKernel } from '../support/kernels'
import { tinyMap } from '../support/maps'

const PAGE = 1024

describe.each(BACKENDS)('what stats say of memory, %s', backend => {
  it('sums up: header, tables, blocks and what is free are all there is', () => {
    const map = tinyMap<any, any>({ backend }), random = new Random(), kernel = rawKernel(backend, map.handle.memory as WebAssembly.Memory)
    for (let n = 0; n < 2000; n++) {
      const key = random.below(2) === 0 ? random.below(500) : `key ${random.below(200)}`
      if (random.below(3) === 0) map.delete(key)
      else map.set(key, random.below(2) === 0 ? n : 'v'.repeat(random.below(random.pick([100, 3000]))))
      if (n % 50 > 0) continue
      const { memory } = map.stats(), pages = kernel.freePages(0) * PAGE, where = `seed ${random.seed}, step ${n}`
      expect([memory.header + memory.tables + memory.blocks, memory.used + memory.free], where).toEqual([memory.used, memory.limit])
      expect([memory.tables % (2 * PAGE), memory.largest % PAGE], where).toEqual([0, 0])
      // Free blocks of pages in use are free too, but not whole pages.
      const inBlocks = [...memory.freeBlocks].reduce((sum, [bytes, count]) => sum + bytes * count, 0)
      expect([memory.free - inBlocks, memory.largest <= pages], where).toEqual([pages, true])
    }
  })

  it('of a new map: one table twice, no blocks, and all the rest free in one piece', () => {
    const { memory } = tinyMap<any, any>({ backend }).stats()
    expect(memory).toMatchObject({ kind: 'wasm', limit: 1 << 20, tables: 2 * PAGE, blocks: 0 })
    expect([memory.free, memory.largest]).toEqual([memory.limit - memory.used, memory.free])
  })

  it('counts a block as in use, and what is left of its page as free', () => {
    const map = tinyMap<any, any>({ backend }), { memory: before } = map.set('k', 1).stats(), { memory: after } = map.set('k2', 1).stats()
    // The record of a key of a few bytes: two units of 16 bytes, in a page of 32 such blocks.
    expect([before.blocks, after.blocks, before.free - after.free]).toEqual([32, 64, 32])
    expect([before.freeBlocks, after.freeBlocks]).toEqual([new Map([[32, 31]]), new Map([[32, 30]])])
  })

  it('gives back in its figures what was deleted', () => {
    const map = tinyMap<any, any>({ backend })
    for (let n = 0; n < 200; n++) map.set(n, 'v'.repeat(500))
    const full = map.stats().memory
    for (let n = 0; n < 200; n++) map.delete(n)
    const { memory } = map.stats()
    expect([full.blocks >= 200 * 500, memory.blocks, memory.largest > full.largest]).toEqual([true, 0, true])
  })

  it('names the largest record that fits as things are', () => {
    const map = tinyMap<any, any>({ backend }), { largest } = map.stats().memory
    expect(() => map.set(1, new Uint8Array(largest))).toThrow(OutOfMemoryError)
    map.set(1, new Uint8Array(largest - 16))
    expect([map.get(1).length, map.stats().memory.largest, map.stats().memory.free]).toEqual([largest - 16, 0, 0])
    map.delete(1)
    expect(map.stats().memory.largest).toBe(largest)
  })
})
