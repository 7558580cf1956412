import { describe, expect, it } from 'vitest'
import { Status } from '../../lib/kernel/read'
import { Successor } from '../../lib/kernel/words/successor'
import { BACKENDS, Backend, RawMap } from '../support/kernels'
import { quiesce, regionOf, slotStates, startCopy, successorOf } from '../support/tables'

const key = (n: number): string => `key ${n}`.padEnd(200)
const recover = (map: RawMap): boolean => Boolean(map.kernel.recover(map.map, map.me))

/** A map whose memory is taken by the records of keys; how many there are. */
function full(backend: Backend): [RawMap, number] {
  const map = new RawMap(backend, { bytes: 1 << 16, places: 1 })
  let count = 0
  while (map.put(key(count), count) === Status.Written) count++
  return [map, count]
}

describe.each(BACKENDS)('when memory has run out, %s', backend => {
  it('the records of deleted keys are given back before a write gives up', () => {
    const [map, count] = full(backend)
    for (let n = 0; n < count / 2; n++) map.put(key(n), undefined)
    for (let n = 0; n < count / 2 - 1; n++) expect(map.put(key(1000 + n), n), `key ${n}`).toBe(Status.Written)
    expect(map.size).toBe(map.entries().length)
  })

  it('the records of cleared keys are given back before a write gives up', () => {
    const [map, count] = full(backend)
    map.clear()
    for (let n = 0; n < count - 1; n++) expect(map.put(key(n), n), `key ${n}`).toBe(Status.Written)
  })

  it('what a write of new keys had begun before it gave up does not pile up', () => {
    const [map, count] = full(backend)
    for (let n = 0; n < 2 * count; n++) expect(map.put(`k${n}`, 'v'.repeat(2000))).toBe(Status.NoMemory)
    expect(map.size).toBe(count)
    for (let n = 0; n < count / 10; n++) expect(map.put(key(n), undefined)).toBe(Status.Written)
    expect(map.put(key(5000), 1)).toBe(Status.Written)
  })

  it('a copy and a sweep are finished, and then there is nothing more to recover', () => {
    const map = new RawMap(backend)
    for (const n of [1, 2, 3]) map.put(n, n)
    const generation = startCopy(map)
    expect(recover(map)).toBe(true)
    expect([map.generation, regionOf(map, generation), recover(map)]).toEqual([generation + 1, 'Free', false])
  })

  it('a clear takes effect, and its table is swept', () => {
    const map = new RawMap(backend)
    map.put('a', 'b')
    const generation = startCopy(map, Successor.Clear)
    expect([recover(map), map.generation, map.get('a')]).toEqual([true, generation + 1, undefined])
    expect([recover(map), regionOf(map, generation), recover(map)]).toEqual([true, 'Free', false])
  })

  it('a table with deleted keys is cleaned out', () => {
    const map = new RawMap(backend)
    for (const n of ['a', 'b', 'c']) map.put(n, n)
    map.put('b', undefined)
    quiesce(map)
    expect(recover(map)).toBe(true)
    expect(slotStates(map, map.generation).filter(state => state.startsWith('Key'))).toEqual(['Key Value', 'Key Value'])
    expect(successorOf(map, map.generation)).toBe('None')
  })
})
