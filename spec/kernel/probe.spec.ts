import { describe, expect, it } from 'vitest'
import { Field } from '../../lib/kernel/layout'
import { Status } from '../../lib/kernel/read'
import { BACKENDS, RawMap } from '../support/kernels'
import { crowded, keyWithHash } from '../support/hashes'
import { fill, headerWord, quiesce, slotStates, startCopy } from '../support/tables'
import { Table } from '../../lib/kernel/layout'
import { isKeyed } from '../../lib/kernel/words/header'

const lengths = (map: RawMap): number[] => [...Array(map.capacity).keys()].map(n => map.kernel.probeLength(map.map, map.me, n))
const rows = (map: RawMap): string[] => slotStates(map, map.generation).map(state => state.split(' ')[0]!)

/** Two strings whose base hashes under the seed of a RawMap are equal. */
function twins(map: RawMap): [string, string] {
  const seen = new Map<number, string>()
  for (let n = 0; ; n++) {
    const text = `twin ${n}`
    map.seek(text)
    const hash = map.field(Field.Hash), other = seen.get(hash)
    if (other !== undefined) return [other, text]
    seen.set(hash, text)
  }
}

describe.each(BACKENDS)('a search, %s', backend => {
  it('begins at the slot that the hash says, and goes on to the next', () => {
    const map = new RawMap(backend, { capacity: 16 })
    fill(map, crowded(3, 5 << 28))
    expect(rows(map).map((state, n) => state === 'Key' ? n : -1).filter(n => n >= 0)).toEqual([5, 6, 7])
    expect(lengths(map).filter(n => n >= 0)).toEqual([0, 1, 2])
  })

  it('goes round the end of the table', () => {
    const map = new RawMap(backend, { capacity: 16 }), keys = [-1, -2, -3, -4].map(hash => keyWithHash(hash))
    fill(map, keys)
    expect(rows(map).map((state, n) => state === 'Key' ? n : -1).filter(n => n >= 0)).toEqual([0, 1, 2, 15])
    expect([keys.map(key => map.get(key)), map.get(keyWithHash(-5))]).toEqual([keys, undefined])
    for (const key of keys) expect(map.put(key, undefined)).toBe(Status.Written)
    expect(map.size).toBe(0)
  })

  it('tells keys of equal hash apart', () => {
    const map = new RawMap(backend), [a, b] = twins(map)
    map.put(a, 'first')
    expect([map.get(a), map.get(b)]).toEqual(['first', undefined])
    map.put(b, 'second')
    expect([map.get(a), map.get(b), map.size]).toEqual(['first', 'second', 2])
    map.put(a, undefined)
    startCopy(map)
    quiesce(map)
    expect([map.get(a), map.get(b), map.size]).toEqual([undefined, 'second', 1])
  })

  it('tells an integer from a string or a constant of the same bits', () => {
    const map = new RawMap(backend)
    map.put(49, 'integer')
    map.put('1', 'text')
    map.kernel.seekPayload(map.map, map.me, Field.Sought, 3, 49)
    expect(map.kernel.get(map.map, map.me)).toBe(Status.Absent)
    expect([map.get(49), map.get('1')]).toEqual(['integer', 'text'])
  })

  it('ends after the full circle in a table that is full to the last slot', () => {
    const map = new RawMap(backend, { bytes: 1 << 16, places: 1 })
    let count = 0
    while (map.put(count, count) === Status.Written) count++
    quiesce(map)
    expect([map.capacity, rows(map).includes('Empty')]).toEqual([count, false])
    expect([map.get(count), map.get(-1), map.get('text'), map.get(count - 1)]).toEqual([undefined, undefined, undefined, count - 1])
    expect([map.put(count, undefined), map.put(count, 1), map.put(0, 5)]).toEqual([Status.Refused, Status.NoMemory, Status.Written])
  })

  it('goes on past deleted keys', () => {
    const map = new RawMap(backend, { capacity: 16 }), keys = crowded(5)
    fill(map, keys)
    for (const key of keys.slice(0, 4)) map.put(key, undefined)
    expect([map.get(keys[4]!), map.get(keys[0]!)]).toEqual([keys[4], undefined])
  })

  it('asks for a reseed only when it was long in a table that is at most half full', () => {
    const map = new RawMap(backend, { capacity: 512, shift: 5 }), keys = crowded(200)
    fill(map, keys.slice(0, 129))
    quiesce(map)
    expect(isKeyed(headerWord(map, map.generation, Table.Capacity))).toBe(false)
    expect(Math.max(...lengths(map))).toBe(128)
    fill(map, keys)
    quiesce(map)
    expect(isKeyed(headerWord(map, map.generation, Table.Capacity))).toBe(true)
    expect(Math.max(...lengths(map))).toBeLessThan(40)
  })
})
