import { describe, expect, it } from 'vitest'
import { Field, Table } from '../../lib/kernel/layout'
import { Status } from '../../lib/kernel/read'
import { CLAIMS, claimsCount } from '../../lib/kernel/words/claims'
import { BACKENDS, RawMap } from '../support/kernels'
import { fill, headerWord, quiesce, slotStates, startCopy } from '../support/tables'

const claims = (map: RawMap, generation = map.generation): [string, number] => {
  const word = headerWord(map, generation, Table.Claims)
  return [CLAIMS.stateOf(word), claimsCount(word)]
}
const taken = (map: RawMap, generation = map.generation): number => slotStates(map, generation).filter(state => state.startsWith('Key')).length

describe.each(BACKENDS)('claims, %s', backend => {
  it('count each new key once, and no update', () => {
    const map = new RawMap(backend, { capacity: 16 })
    fill(map, ['a', 'b', 'a', 1, 1])
    map.put('b', undefined)
    map.put('b', 'again')
    expect(claims(map)).toEqual(['Open', 3])
  })

  it('are reserved in batches in a large table, and what is left over is used first', () => {
    const map = new RawMap(backend, { capacity: 4096 * 2, bytes: 1 << 20, shift: 6 }), batch = 8192 * 3 / 4 >> 10
    map.put(0, 0)
    expect([claims(map), map.field(Field.Room)]).toEqual([['Open', batch], batch - 1])
    for (let n = 1; n < batch; n++) map.put(n, n)
    expect([claims(map), map.field(Field.Room)]).toEqual([['Open', batch], 0])
    map.put(batch, batch)
    expect(claims(map)).toEqual(['Open', batch * 2])
  })

  it('are never fewer than the keys that are taken', () => {
    const map = new RawMap(backend)
    for (let n = 0; n < 500; n++) {
      map.put(n % 90, n)
      if (n % 3 === 0) map.put((n * 7) % 90, undefined)
      expect(claims(map)[1], `step ${n}`).toBeGreaterThanOrEqual(taken(map))
      expect(claims(map)[1], `step ${n}`).toBeLessThanOrEqual(map.capacity)
    }
  })

  it('are closed when a resize begins, and start the successor\'s, unsettled', () => {
    const map = new RawMap(backend)
    fill(map, [1, 2, 3])
    map.put(3, undefined)
    const generation = startCopy(map)
    expect([claims(map, generation), claims(map, generation + 1)]).toEqual([['Closed', 3], ['Unsettled', 3]])
  })

  it('are settled to the keys that moved, and those put meanwhile', () => {
    const map = new RawMap(backend, { capacity: 8 })
    fill(map, [1, 2, 3, 4, 5])
    map.put(1, undefined)
    map.put(2, undefined)
    startCopy(map)
    fill(map, [6])
    quiesce(map)
    expect([claims(map), taken(map)]).toEqual([['Open', 4], 4])
  })

  it('leave a writer no room in the successor beyond its slots: it finishes the copy', () => {
    const map = new RawMap(backend, { bytes: 1 << 16, places: 1 })
    let count = 0
    while (map.put(count, count) === Status.Written) count++
    for (let n = 0; n < count / 2; n++) map.put(n, undefined)
    const generation = startCopy(map)
    for (let n = 0; n < count / 4; n++) expect(map.put(-n - 1, n)).toBe(Status.Written)
    expect(map.generation).toBeGreaterThan(generation)
    expect(map.entries().length).toBe(map.size)
  })
})
