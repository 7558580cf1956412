import { describe, expect, it } from 'vitest'
import { Status } from '../../lib/kernel/read'
import { Successor } from '../../lib/kernel/words/successor'
import { BACKENDS, Backend, RawMap } from '../support/kernels'
import { unitsForBlocks, chunkStates, fill, quiesce, regionOf, slotStates, startCopy } from '../support/tables'

/** A retired table of 8 slots: two keys moved, two were deleted. */
function retired(backend: Backend): [RawMap, number] {
  const map = new RawMap(backend, { capacity: 8 })
  fill(map, [1, 'a', 2, 'b'])
  map.put(2, undefined)
  map.put('b', undefined)
  const generation = startCopy(map)
  map.kernel.finishCopy(map.map, map.me, generation)
  return [map, generation]
}

/** A retired table of 8 slots that was cleared and is not killed yet. */
function cleared(backend: Backend): [RawMap, number] {
  const map = new RawMap(backend, { capacity: 8 })
  fill(map, [1, 'a', 2, 'b'])
  map.put('b', undefined)
  const generation = startCopy(map, Successor.Clear)
  map.put('none', undefined)
  return [map, generation]
}

const free = (map: RawMap): number => map.kernel.freeUnits(map.map)

describe.each(BACKENDS)('the sweep, %s', backend => {
  it('makes every slot Empty and the region free', () => {
    const [map, generation] = retired(backend)
    expect(regionOf(map, generation)).toBe('Retired')
    map.kernel.finishSweep(map.map, map.me, generation)
    expect([regionOf(map, generation), slotStates(map, generation)]).toEqual(['Free', Array(8).fill('Empty Empty')])
    expect(chunkStates(map, generation)).toEqual(Array(8).fill('Swept'))
  })

  it('frees the records of deleted keys, and not those of keys that moved', () => {
    const [map, generation] = retired(backend), before = free(map)
    map.kernel.finishSweep(map.map, map.me, generation)
    expect(free(map) - before).toBe(map.kernel.unitsOf(map.kernel.classOf(2)))
    expect([map.get('a'), map.get(1), map.get('b')]).toEqual(['a', 1, undefined])
  })

  it('is done a chunk at a time by those who write, and goes on from wherever it stopped', () => {
    const [map, generation] = retired(backend)
    for (let n = 0; n < 9; n++) {
      expect(regionOf(map, generation), `${n} helpers`).toBe('Retired')
      expect(chunkStates(map, generation).filter(state => state === 'Swept').length).toBe(Math.max(0, n - 1))
      map.kernel.helpSweep(map.map, map.me, generation)
    }
    expect(regionOf(map, generation)).toBe('Free')
  })

  it('is nothing where there is nothing to sweep, or for a helper that comes too late', () => {
    const [map, generation] = retired(backend)
    map.kernel.finishSweep(map.map, map.me, generation)
    const before = Buffer.from(map.bytes)
    for (const late of [generation + 1, generation, generation - 1, generation - 2]) {
      map.kernel.finishSweep(map.map, map.me, late)
      if (late !== generation + 1) map.kernel.helpSweep(map.map, map.me, late)
    }
    expect(slotStates(map, generation)).toEqual(Array(8).fill('Empty Empty'))
    expect([regionOf(map, generation), map.get('a'), map.size]).toEqual(['Free', 'a', 2])
    expect(Buffer.compare(before.subarray(map.window(1024)), map.bytes.subarray(map.window(1024)))).toBe(0)
  })

  it('of a cleared table first kills it, frees all its records and corrects the size', () => {
    const [map, generation] = cleared(backend)
    expect([map.generation, regionOf(map, generation), map.get('a'), map.size > 0]).toEqual([generation + 1, 'Retired', undefined, true])
    map.kernel.finishSweep(map.map, map.me, generation)
    expect([map.size, regionOf(map, generation), slotStates(map, generation)]).toEqual([0, 'Free', Array(8).fill('Empty Empty')])
    expect(free(map)).toBe(unitsForBlocks(map))
  })

  it('of a cleared table is done a chunk at a time too', () => {
    const [map, generation] = cleared(backend)
    let helpers = 0
    for (; regionOf(map, generation) === 'Retired' && helpers < 100; helpers++) map.kernel.helpSweep(map.map, map.me, generation)
    expect([map.size, regionOf(map, generation), free(map)]).toEqual([0, 'Free', unitsForBlocks(map)])
    expect(helpers).toBeGreaterThan(10)
  })

  it('is finished before the next resize begins', () => {
    const [map, generation] = retired(backend)
    startCopy(map)
    expect([regionOf(map, generation + 2), map.generation]).toEqual(['InUse', generation + 1])
    quiesce(map)
    expect([map.get('a'), map.get(1), map.size]).toEqual(['a', 1, 2])
  })

  it('lets a key be put again, time after time, into slots that were used before', () => {
    const map = new RawMap(backend)
    for (let n = 0; n < 300; n++) {
      fill(map, ['a', 1], () => n)
      startCopy(map)
      quiesce(map)
      expect([map.get('a'), map.get(1)]).toEqual([n, n])
      expect(map.put(n % 2 === 0 ? 'a' : 1, undefined)).toBe(Status.Written)
    }
    expect(map.capacity).toBeLessThanOrEqual(8)
  })
})
