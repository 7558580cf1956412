import { describe, expect, it } from 'vitest'
import { Area, At } from '../../lib/kernel/layout'
import { Expect } from '../../lib/kernel/write'
import { BACKENDS, RawMap } from '../support/kernels'
import { fill } from '../support/tables'

describe.each(BACKENDS)('the size, %s', backend => {
  it('counts what is there, not what was written', () => {
    const map = new RawMap(backend)
    map.put('a', 1)
    map.put('a', 2)
    map.put('b', 1, Expect.Absent)
    map.put('b', 2, Expect.Absent)
    map.put('c', 1, Expect.Present)
    expect(map.size).toBe(2)
    map.put('a', undefined)
    map.put('a', undefined)
    expect(map.size).toBe(1)
    map.put('a', 3)
    expect(map.size).toBe(2)
  })

  it('is the sum over stripes, one a participant and one for what repair found', () => {
    const map = new RawMap(backend, { places: 5 }), second = new RawMap(backend, {}, map)
    fill(map, [1, 2, 3])
    fill(second, [4, 5])
    map.kernel.setSize(map.map, 5)
    fill(second, [6])
    second.put(1, undefined)
    second.put(2, undefined)
    second.put(3, undefined)
    const stripe = (cell: number): number => map.kernel.lowAt(map.map + cell)
    expect([stripe(1024 + Area.Stripe), stripe(2048 + Area.Stripe), stripe(At.SharedStripe)]).toEqual([0, -2, 5])
    expect([map.size, second.size]).toEqual([3, 3])
  })

  it('stays right when a participant leaves and another takes its stripe', () => {
    const map = new RawMap(backend)
    fill(map, [1, 2, 3])
    map.kernel.leave(map.map, map.me)
    map.me = map.kernel.join(map.map, 0)
    fill(map, [4])
    expect(map.size).toBe(4)
  })

  it('can be set, for repair', () => {
    const map = new RawMap(backend)
    fill(map, [1, 2, 3])
    map.kernel.setSize(map.map, 77)
    expect(map.size).toBe(77)
    map.put(1, undefined)
    expect(map.size).toBe(76)
  })

  it('is nothing after a clear, whatever was in it', () => {
    const map = new RawMap(backend)
    fill(map, [1, 'a', 2, 'b'])
    map.put('a', undefined)
    map.clear()
    expect(map.size).toBe(0)
  })
})
