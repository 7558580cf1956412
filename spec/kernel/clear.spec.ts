import { describe, expect, it } from 'vitest'
import { Status } from '../../lib/kernel/read'
import { Successor } from '../../lib/kernel/words/successor'
import { BACKENDS, RawMap } from '../support/kernels'
import { unitsForBlocks, fill, quiesce, startCopy, successorOf } from '../support/tables'

describe.each(BACKENDS)('clear, %s', backend => {
  it('takes away all that was there, also in the middle of a copy, a clear or a sweep', () => {
    for (const make of [
      () => {}, (map: RawMap) => { startCopy(map) }, (map: RawMap) => { startCopy(map, Successor.Clear) },
      (map: RawMap) => { map.kernel.finishCopy(map.map, map.me, startCopy(map)) }, (map: RawMap) => { map.kernel.helpCopy(map.map, map.me, startCopy(map)) },
    ]) {
      const map = new RawMap(backend)
      fill(map, ['a', 'b', 1])
      make(map)
      expect(map.clear()).toBe(Status.Written)
      expect([map.size, map.get('a'), map.get(1), map.entries()]).toEqual([0, undefined, undefined, []])
      quiesce(map)
      expect(map.kernel.freeUnits(map.map)).toBe(unitsForBlocks(map))
    }
  })

  it('may be done again and again', () => {
    const map = new RawMap(backend)
    for (let n = 0; n < 50; n++) {
      if (n % 3 > 0) fill(map, ['a', n])
      expect([map.clear(), map.size]).toEqual([Status.Written, 0])
    }
    fill(map, ['a'])
    expect([map.get('a'), map.size]).toEqual(['a', 1])
  })

  it('makes a map that had grown small again', () => {
    const map = new RawMap(backend, { shift: 3 })
    fill(map, Array(500).keys())
    map.clear()
    for (let n = 0; n < 300; n++) { map.put(n, n); map.put(n, undefined) }
    expect(map.capacity).toBeLessThan(64)
  })

  it('that was decided and left is carried out by whoever settles it, once', () => {
    const map = new RawMap(backend)
    fill(map, ['a', 'b', 1])
    startCopy(map, Successor.Clear)
    const generation = map.generation
    for (let n = 0; n < 2; n++) expect([Boolean(map.kernel.settleClear(map.map, map.me)), map.generation]).toEqual([true, generation + 1])
    fill(map, ['c'])
    expect(map.kernel.settleClear(map.map, map.me)).toBeTruthy()
    expect([map.entries(), map.size]).toEqual([[['c', 'c']], 1])
  })

  it('is not begun by settling where there is none, in a map at rest and in the middle of a copy', () => {
    const map = new RawMap(backend)
    fill(map, ['a'])
    for (const make of [() => {}, () => { startCopy(map) }]) {
      make()
      expect([Boolean(map.kernel.settleClear(map.map, map.me)), map.get('a')]).toEqual([true, 'a'])
    }
    expect(successorOf(map, map.generation)).toBe('Copy')
  })
})
