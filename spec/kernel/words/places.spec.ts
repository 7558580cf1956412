import { describe, expect, it } from 'vitest'
import { At } from '../../../lib/kernel/layout'
import { pack } from '../../../lib/kernel/memory'
import { PLACES, PlacesStep } from '../../../lib/kernel/words/places'
import { BACKENDS, RawMap } from '../../support/kernels'
import { expectBackward } from '../../support/words'

describe('the number of places that were taken', () => {
  it('only grows', () => {
    expectBackward(PlacesStep.Raise, pack(0, 5), pack(0, 5))
    expectBackward(PlacesStep.Raise, pack(0, 5), pack(0, 4))
    expect(PLACES.forward(pack(0, 5), pack(0, 9), PLACES.steps[0]!)).toBe(true)
  })

  it.each(BACKENDS)('is never believed beyond the places there are, %s', backend => {
    const map = new RawMap(backend, { places: 3 })
    expect(map.kernel.placesTaken(map.map)).toBe(1)
    for (const word of [4, 1000, -1]) {
      map.cells[map.map + At.Places] = pack(0, word)
      expect([map.kernel.placesTaken(map.map), map.size]).toEqual([3, 0])
    }
  })
})
