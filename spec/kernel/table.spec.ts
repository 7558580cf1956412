import { describe, expect, it } from 'vitest'
import { homeSlot, softLimit } from '../../lib/kernel/table'
import { BACKENDS, RawMap, Random } from '../support/kernels'
import { keyWithHash } from '../support/hashes'
import { fill, quiesce, slotCell } from '../support/tables'

describe('a table', () => {
  it('has a home for every hash, in hash order, for any capacity', () => {
    const random = new Random()
    for (const capacity of [1, 3, 4, 7, 1000, 4096, 0x0fffffff]) {
      const hashes = [0, 1, 2 ** 32 - 1, ...Array.from({ length: 200 }, () => random.below(2 ** 32))].sort((a, b) => a - b)
      for (const hash of hashes) expect(homeSlot(hash | 0, capacity), `${hash} of ${capacity}`).toBe(Number(BigInt(hash) * BigInt(capacity) >> 32n))
    }
  })

  it('is full at three quarters', () => { expect([4, 8, 100, 1024].map(softLimit)).toEqual([3, 6, 75, 768]) })
})

describe.each(BACKENDS)('homes, %s', backend => {
  it('are where the hash says, whatever the capacity', () => {
    const random = new Random()
    for (const capacity of [4, 5, 7, 100, 1000]) for (let n = 0; n < 20; n++) {
      const map = new RawMap(backend, { capacity }), hash = random.below(2 ** 32)
      fill(map, [keyWithHash(hash)])
      quiesce(map)
      expect(map.cells[slotCell(map, map.generation, Number(BigInt(hash) * BigInt(capacity) >> 32n))], `seed ${random.seed}, ${hash}`).not.toBe(0n)
    }
  })
})
