import { describe, expect, it } from 'vitest'
import { Field } from '../../lib/kernel/layout'
import { Status } from '../../lib/kernel/read'
import { Expect } from '../../lib/kernel/write'
import { BACKENDS, RawMap } from '../support/kernels'
import { unitsForBlocks, fill, quiesce } from '../support/tables'

type Text = number | string

/** What putIfMatch does with the present key 'k', the deleted 'd' and the absent 'n', by what it expects. */
const CASES: readonly (readonly [name: string, key: string, next: Text | undefined, expected: Expect, value: Text | undefined, written: boolean])[] = [
  ['put over a value', 'k', 'new', Expect.Any, undefined, true],
  ['put after a delete', 'd', 'new', Expect.Any, undefined, true],
  ['put of a new key', 'n', 'new', Expect.Any, undefined, true],
  ['putIfAbsent over a value', 'k', 'new', Expect.Absent, undefined, false],
  ['putIfAbsent after a delete', 'd', 'new', Expect.Absent, undefined, true],
  ['putIfAbsent of a new key', 'n', 'new', Expect.Absent, undefined, true],
  ['replace over a value', 'k', 'new', Expect.Present, undefined, true],
  ['replace after a delete', 'd', 'new', Expect.Present, undefined, false],
  ['replace of a new key', 'n', 'new', Expect.Present, undefined, false],
  ['compareAndSet of an equal value', 'k', 'new', Expect.Equal, 'old', true],
  ['compareAndSet of another value', 'k', 'new', Expect.Equal, 'olx', false],
  ['compareAndSet of a longer value', 'k', 'new', Expect.Equal, 'old\0', false],
  ['compareAndSet of an integer', 'k', 'new', Expect.Equal, 5, false],
  ['compareAndSet after a delete', 'd', 'new', Expect.Equal, 'old', false],
  ['compareAndSet of a new key', 'n', 'new', Expect.Equal, 'old', false],
  ['delete of a value', 'k', undefined, Expect.Any, undefined, true],
  ['delete after a delete', 'd', undefined, Expect.Any, undefined, false],
  ['delete of a new key', 'n', undefined, Expect.Any, undefined, false],
  ['delete of an equal value', 'k', undefined, Expect.Equal, 'old', true],
  ['delete of another value', 'k', undefined, Expect.Equal, 'olx', false],
  ['delete if present', 'k', undefined, Expect.Present, undefined, true],
  ['delete if absent', 'k', undefined, Expect.Absent, undefined, false],
]

describe.each(BACKENDS)('putIfMatch, %s', backend => {
  it.each(CASES)('%s', (_, key, next, expected, value, written) => {
    const map = new RawMap(backend)
    fill(map, ['k', 'd'], () => 'old')
    map.put('d', undefined)
    quiesce(map)
    const before = key === 'k' ? 'old' : undefined, size = map.size
    expect(map.put(key, next, expected, value)).toBe(written ? Status.Written : Status.Refused)
    expect(map.found()).toBe(before)
    expect(map.get(key)).toBe(written ? next : before)
    expect(map.size - size).toBe(written ? Number(next !== undefined) - Number(before !== undefined) : 0)
  })

  it('compares integers', () => {
    const map = new RawMap(backend)
    fill(map, ['k'], () => 5)
    expect([map.put('k', 6, Expect.Equal, 4), map.put('k', 6, Expect.Equal, '5'), map.put('k', 6, Expect.Equal, 5), map.get('k')])
      .toEqual([Status.Refused, Status.Refused, Status.Written, 6])
  })

  it('writes nothing and takes no slot where it is refused', () => {
    const map = new RawMap(backend)
    fill(map, ['k'])
    const pages = unitsForBlocks(map), free = map.kernel.freeUnits(map.map)
    for (let n = 0; n < 100; n++) {
      expect(map.put(`none ${n}`, 'new', Expect.Present)).toBe(Status.Refused)
      expect(map.put(`none ${n}`, undefined)).toBe(Status.Refused)
      expect(map.put('k', `new ${n}`, Expect.Absent)).toBe(Status.Refused)
    }
    expect([map.capacity, map.generation, unitsForBlocks(map), map.kernel.freeUnits(map.map)]).toEqual([4, 2, pages, free])
  })

  it('gives back a value that was staged and not written', () => {
    const map = new RawMap(backend)
    fill(map, ['k'])
    map.poke(Field.NextRecord, 0)
    const free = map.kernel.freeUnits(map.map), staged = map.kernel.stageRecord(map.map, map.me, 30, 3)
    expect(map.kernel.freeUnits(map.map)).toBeLessThan(free)
    map.kernel.finishRecord(map.map, staged, 0)
    map.seek('k')
    map.poke(Field.Expect, Expect.Absent)
    map.poke(Field.NextTag, 2)
    map.poke(Field.NextRecord, staged)
    expect(map.kernel.putIfMatch(map.map, map.me)).toBe(Status.Refused)
    expect([map.kernel.freeUnits(map.map), map.field(Field.NextRecord)]).toEqual([free, 0])
  })

  it('does not read the old value where nobody wants it', () => {
    const map = new RawMap(backend)
    fill(map, ['k'], () => 'old value')
    map.seek('k')
    map.poke(Field.Expect, Expect.Any)
    map.poke(Field.WantsPrevious, 0)
    map.poke(Field.FoundLength, 77)
    map.poke(Field.NextTag, 1)
    expect([map.kernel.putIfMatch(map.map, map.me), map.field(Field.FoundLength)]).toEqual([Status.Written, 77])
  })
})
