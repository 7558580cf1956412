import { describe, expect, it } from 'vitest'
import { Status } from '../../lib/kernel/read'
import { BACKENDS, RawMap, Random } from '../support/kernels'

describe.each(BACKENDS)('the kernel as a map, %s', backend => {
  it.each([0, 1, 7])('agrees with Map over a long random program, chunks of 2^%i slots', shift => {
    const map = new RawMap(backend, { shift }), model = new Map<number | string, number | string>(), random = new Random()
    const steps = backend === 'wasm' ? 60_000 : 12_000
    for (let n = 0; n < steps; n++) {
      const few = n % 4000 < 2000, number = random.below(few ? 8 : 300)
      const key = random.below(2) === 0 ? number : `key ${number} ${'x'.repeat(number % 40)}`
      const value = random.below(2) === 0 ? n : `value ${n} ${'y'.repeat(n % 50)}`
      const where = `seed ${random.seed}, step ${n}`
      switch (random.below(4)) {
        case 0:
          expect(map.put(key, value), where).toBe(Status.Written)
          expect(map.found(), where).toBe(model.get(key))
          model.set(key, value)
          break
        case 1:
          expect(map.put(key, undefined), where).toBe(model.has(key) ? Status.Written : Status.Refused)
          expect(map.found(), where).toBe(model.get(key))
          model.delete(key)
          break
        default:
          expect(map.get(key), where).toBe(model.get(key))
      }
      if (random.below(3000) === 0) { expect(map.clear(), where).toBe(Status.Written); model.clear() }
      if (n % 100 === 0) {
        expect(map.size, where).toBe(model.size)
        const entries = map.entries(random.pick([1, 7, 64]))
        expect(new Map(entries), where).toEqual(model)
        expect(entries.length, where).toBe(model.size)
      }
    }
  })
})
