// Walks while the order of the table changes under them.

import { describe, expect, it } from 'vitest'
import { createMap } from '../../lib/map/attachment'
import { shapeOf } from '../../lib/map/options'
import { Reach } from '../../lib/map/reach'
import { walkEntries } from '../../lib/map/walk'
import { ANY } from '../../lib/map/tokens'
import { Expect } from '../../lib/kernel/write'
import { BACKENDS } from '../support/kernels'

describe.each(BACKENDS)('a walk, %s', backend => {
  it.each([[1], [2], [4]])('gives each key once, though the map is reseeded %i times meanwhile', reseeds => {
    const reach = new Reach(createMap(shapeOf({ maxByteLength: 1 << 21, seed: 9 }), backend), undefined, undefined), { kernel, at, me } = reach
    const keys = Array.from({ length: 3000 }, (_, n) => n % 2 === 0 ? n : `key ${n}`)
    for (const key of keys) reach.write(key, Expect.Any, ANY, 1, false)
    const given: unknown[] = []
    let begun = 0
    for (const [key] of walkEntries(reach)) {
      given.push(key)
      if (given.length % 600 !== 0 || begun === reseeds) continue
      begun++
      const generation = kernel.rootGeneration(at)
      kernel.startResize(at, me, generation, 1, true)
      // Half of them are left running: the walk finishes them.
      if (begun % 2 === 1) kernel.finishCopy(at, me, generation)
    }
    expect([begun, given.length, new Set(given)]).toEqual([reseeds, keys.length, new Set(keys)])
    reach.detach()
  })
})
