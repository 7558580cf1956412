import { expect, it } from 'vitest'
import { Status } from '../../lib/kernel/read'
import { BACKENDS, RawMap } from '../support/kernels'

it.each(BACKENDS)('several maps lie in one buffer and do not touch each other, %s', backend => {
  // The first map is told of the lower half only; the second lies in the upper, known by its address alone.
  const first = new RawMap(backend, { bytes: 1 << 20, length: 1 << 19 })
  const at = 1 << 16, cells = 1 << 16, other = new RawMap(backend, {}, first), { kernel } = other
  expect(kernel.create(at, cells, 4, 0, 4, 9, 9, 9, 9)).toBeTruthy()
  const second = Object.assign(Object.create(RawMap.prototype) as RawMap, other, { map: at, me: kernel.join(at, 0) })
  const small = new RawMap(backend, { bytes: 1 << 18 })
  expect(kernel.recognize(at, cells)).toBe(0)
  for (let i = 0; i < 2000; i++) {
    expect(small.put(i % 700, i)).toBe(Status.Written)
    expect(second.put(i % 700, i)).toBe(Status.Written)
    expect(second.put(`text ${i % 50}`, `value ${i}`)).toBe(Status.Written)
  }
  expect(second.size).toBe(750)
  expect(first.size).toBe(0)
  for (let i = 0; i < 700; i++) expect(second.get(i)).toBe(small.get(i))
  second.clear()
  expect(second.entries()).toEqual([])
})
