import { describe, expect, it } from 'vitest'
import { Area, At, Field } from '../../lib/kernel/layout'
import { LONG_PROBE } from '../../lib/kernel/probe'
import { Sentinel, Status } from '../../lib/kernel/read'
import { Tag } from '../../lib/kernel/words/key'
import { isKeyed } from '../../lib/kernel/words/header'
import { Successor } from '../../lib/kernel/words/successor'
import { crowded } from '../support/hashes'
import { BACKENDS, RawMap } from '../support/kernels'
import { fill, quiesce, startCopy } from '../support/tables'

const set = (map: RawMap, key: number, value: number): boolean => Boolean(map.kernel.setInteger(map.map, map.me, key, value))
const remove = (map: RawMap, key: number): Status => map.kernel.deleteInteger(map.map, map.me, key)
const add = (map: RawMap, key: number, delta: number): number => map.kernel.addInteger(map.map, key, delta)
const [LEAST, MOST] = [-0x80000000, 0x7fffffff]

const copyAll = (map: RawMap, generation: number): void => { for (let n = 0; n < map.capacity; n++) map.kernel.copyChunk(map.map, map.me, generation, n) }

describe.each(BACKENDS)('the hot paths, %s', backend => {
  it('get an integer, or say that it is absent', () => {
    const map = new RawMap(backend)
    fill(map, [0, -1, LEAST, MOST])
    quiesce(map)
    expect([0, -1, MOST].map(key => map.kernel.getInteger(map.map, key))).toEqual([0, -1, MOST])
    expect(map.kernel.getInteger(map.map, 5)).toBe(Sentinel.Absent)
  })

  it('send values that equal a sentinel the long way', () => {
    const map = new RawMap(backend)
    for (const value of [Sentinel.Absent, Sentinel.Other]) {
      expect(map.put(1, value)).toBe(Status.Written)
      expect([map.kernel.getInteger(map.map, 1), map.get(1)]).toEqual([Sentinel.Other, value])
      expect(set(map, 1, value)).toBe(true)
      expect(map.get(1)).toBe(value)
    }
    expect(map.put(1, Sentinel.Absent + 1)).toBe(Status.Written)
    expect(map.kernel.getInteger(map.map, 1)).toBe(Sentinel.Absent + 1)
  })

  it('set an integer over an integer or where no key is, and nothing else', () => {
    const map = new RawMap(backend)
    fill(map, [1, 'a'], () => 7)
    map.put(2, 'text')
    map.put(3, 3)
    map.put(3, undefined)
    quiesce(map)
    expect([set(map, 1, 70), set(map, 2, 70), set(map, 3, 70), set(map, 4, 70)]).toEqual([true, false, false, true])
    expect([map.get(1), map.get(2), map.get(3), map.get(4), map.size]).toEqual([70, 'text', undefined, 70, 4])
  })

  it('take new keys until there is no room, which is for the long way to make', () => {
    const map = new RawMap(backend), capacity = map.capacity
    let taken = 0
    while (set(map, 100 + taken, taken)) taken++
    expect([taken, map.size, map.capacity, map.get(100 + taken)]).toEqual([capacity - (capacity >> 2), taken, capacity, undefined])
    expect([...Array(taken).keys()].map(n => map.get(100 + n))).toEqual([...Array(taken).keys()])
  })

  it('leave a key whose search is long to the long way, which asks for another hash', () => {
    const map = new RawMap(backend, { capacity: 1024 }), keys = crowded(130)
    expect(keys.map(key => set(map, key, 1))).toEqual(keys.map((_, n) => n <= LONG_PROBE))
    expect(map.kernel.putInteger(map.map, map.me, keys[129]!, 1)).toBe(Status.Written)
    quiesce(map)
    expect([isKeyed(map.cells[map.map + At.Root]!), keys.every(key => map.get(key) === 1)]).toEqual([true, true])
  })

  it('put an integer, whatever is there, in one call', () => {
    const map = new RawMap(backend), put = (key: number, value: number): Status => map.kernel.putInteger(map.map, map.me, key, value)
    map.put(2, 'text')
    map.put(3, 3)
    map.put(3, undefined)
    expect([put(1, 70), put(1, 71), put(2, 72), put(3, 73)]).toEqual([Status.Written, Status.Written, Status.Written, Status.Written])
    expect([map.get(1), map.get(2), map.get(3), map.size]).toEqual([71, 72, 73, 3])
    startCopy(map)
    expect([put(1, 81), put(4, 84), map.get(1), map.get(4), map.size]).toEqual([Status.Written, Status.Written, 81, 84, 4])
  })

  it('delete an integer, or say that its key is absent, and leave all else to the long way', () => {
    const map = new RawMap(backend)
    fill(map, [1, 2], () => 7)
    map.put(3, 'text')
    map.put(4, 4)
    map.put(4, undefined)
    quiesce(map)
    const before = map.size
    expect([remove(map, 1), remove(map, 5), remove(map, 3), remove(map, 4), remove(map, 1)]).toEqual([Status.Written, Status.Refused, Status.Retry, Status.Retry, Status.Retry])
    expect([map.get(1), map.get(2), map.get(3), map.size]).toEqual([undefined, 7, 'text', before - 1])
    expect([set(map, 2, 8), map.get(2), remove(map, 2), map.get(2), map.size]).toEqual([true, 8, Status.Written, undefined, before - 2])
  })

  it('begin to shrink a table that deletes have left too large', () => {
    const map = new RawMap(backend)
    fill(map, Array(200).keys())
    quiesce(map)
    const { capacity, generation } = map
    for (let key = 0; key < 200; key++) if (remove(map, key) !== Status.Written) map.put(key, undefined)
    quiesce(map)
    expect([map.size, map.generation > generation, map.capacity < capacity]).toEqual([0, true, true])
  })

  it('get and put in one call what the key in hand names', () => {
    const map = new RawMap(backend), put = (key: number, value: number): Status => { map.put(9, value); return map.kernel.putPayload(map.map, map.me, Tag.Integer, key) }
    expect([put(1, 5), map.kernel.getPayload(map.map, map.me, Tag.Integer, 1), map.found()]).toEqual([Status.Written, Status.Found, 5])
    expect(map.kernel.getPayload(map.map, map.me, Tag.Integer, 2)).toBe(Status.Absent)
    map.put(9, 6)
    expect(map.kernel.putBytes(map.map, map.me, map.write(Area.Key, 'text'), 3)).toBe(Status.Written)
    expect([map.get('text'), map.size]).toEqual([6, 3])
  })

  it('add to an integer, and say the sum', () => {
    const map = new RawMap(backend)
    map.put(1, 10)
    expect([add(map, 1, 5), add(map, 1, -20), add(map, 1, 0), map.get(1)]).toEqual([15, -5, -5, -5])
    expect([add(map, 2, 1), map.get(2)]).toEqual([Sentinel.Other, undefined])
  })

  it.each([[MOST, 1], [LEAST, -1], [1, MOST], [-2, LEAST], [MOST, MOST], [LEAST, LEAST]])('leave %i + %i, which overflows, to the long way', (value, delta) => {
    const map = new RawMap(backend)
    map.put(1, value)
    expect([add(map, 1, delta), map.get(1)]).toEqual([Sentinel.Other, value])
  })

  it.each([[LEAST + 3, -3], [LEAST + 3, -2], [0, LEAST], [-1, LEAST + 1]])('leave %i + %i, whose sum equals a sentinel, to the long way', (value, delta) => {
    const map = new RawMap(backend)
    map.put(1, value)
    expect([add(map, 1, delta), map.get(1)]).toEqual([Sentinel.Other, value])
  })

  it('add up to the last sums that are no sentinel', () => {
    const map = new RawMap(backend)
    for (const [value, delta, sum] of [[LEAST + 3, -1, LEAST + 2], [MOST - 1, 1, MOST], [LEAST, 5, LEAST + 5], [LEAST, MOST, -1]] as const) {
      map.put(1, value)
      expect([add(map, 1, delta), map.get(1)]).toEqual([sum, sum])
    }
  })

  it('take a keyed table as any other', () => {
    const map = new RawMap(backend)
    fill(map, [1, 2])
    startCopy(map, Successor.Copy, true)
    quiesce(map)
    expect([set(map, 1, 5), add(map, 1, 5), set(map, 3, 5), remove(map, 2), remove(map, 4)]).toEqual([true, 10, true, Status.Written, Status.Refused])
    expect([1, 2, 3, 4].map(key => map.kernel.getInteger(map.map, key))).toEqual([10, Sentinel.Other, 5, Sentinel.Absent])
  })

  it('leave writes to the long way where a copy has come to the key', () => {
    const map = new RawMap(backend)
    fill(map, [1, 2])
    copyAll(map, startCopy(map))
    const before = Buffer.from(map.bytes)
    expect([set(map, 1, 5), add(map, 1, 5), set(map, 3, 5), remove(map, 1)]).toEqual([false, Sentinel.Other, false, Status.Retry])
    expect(Buffer.compare(before, map.bytes)).toBe(0)
  })

  it.each([
    ['a copy runs', (map: RawMap) => { startCopy(map) }],
    ['a clear is installed', (map: RawMap) => { startCopy(map, Successor.Clear) }],
    ['a sweep waits', (map: RawMap) => { map.kernel.finishCopy(map.map, map.me, startCopy(map)) }],
  ])('write values that are still there while %s, and leave new keys to the long way, which helps', (_, make) => {
    const map = new RawMap(backend)
    fill(map, [1, 2])
    make(map)
    expect([set(map, 1, 5), add(map, 2, 5), set(map, 3, 5), map.get(1), map.get(2), map.get(3)]).toEqual([true, 7, false, 5, 7, undefined])
  })

  it('get by the bytes in the key window, in one call', () => {
    const map = new RawMap(backend)
    fill(map, ['some key'], () => 'its value')
    const get = (key: string): Status => map.kernel.getBytes(map.map, map.me, map.write(Area.Key, key), 3)
    expect([get('some key'), map.found(), get('some kez'), get('some key ')]).toEqual([Status.Found, 'its value', Status.Absent, Status.Absent])
    expect([map.kernel.getBytes(map.map, map.me, map.write(Area.Key, 'some key'), 4), map.field(Field.Type)]).toEqual([Status.Absent, 4])
  })
})
