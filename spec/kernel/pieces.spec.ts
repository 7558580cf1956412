import { describe, expect, it } from 'vitest'
import { Field } from '../../lib/kernel/layout'
import { Need } from '../../lib/kernel/pieces'
import { Status } from '../../lib/kernel/read'
import { Successor } from '../../lib/kernel/words/successor'
import { BACKENDS, RawMap } from '../support/kernels'
import { compare, hashKeyed, longText, putLong, seekLong as seek, show } from '../support/records'
import { fill, quiesce, startCopy } from '../support/tables'

const get = (map: RawMap): Status => map.kernel.get(map.map, map.me)
const need = (map: RawMap): string => Need[map.field(Field.Need)]!

describe.each(BACKENDS)('a key in pieces, %s', backend => {
  const key = longText(5000)
  const made = (): RawMap => { const map = new RawMap(backend, { bytes: 1 << 20 }); putLong(map, key, 'value'); return map }

  it('is asked for once, and found', () => {
    const map = made()
    seek(map, key)
    expect([get(map), need(map)]).toEqual([Status.Unsure, 'Compare'])
    compare(map, key)
    expect([get(map), map.found(), get(map)]).toEqual([Status.Found, 'value', Status.Found])
  })

  it('that is not there is not asked for', () => {
    const map = made()
    seek(map, `${key}!`)
    expect(get(map)).toBe(Status.Absent)
  })

  it('is told from another of the same hash, length and type', () => {
    const map = made()
    seek(map, key)
    expect(get(map)).toBe(Status.Unsure)
    compare(map, `${key.slice(0, -1)}!`)
    expect([get(map), get(map)]).toEqual([Status.Absent, Status.Absent])
  })

  it('is asked for anew in the next table, where nothing is known of it', () => {
    const map = made(), other = new RawMap(backend, {}, map)
    seek(map, key)
    get(map)
    compare(map, key)
    expect(get(map)).toBe(Status.Found)
    startCopy(other)
    quiesce(other)
    expect([get(map), need(map)]).toEqual([Status.Unsure, 'Compare'])
    compare(map, key)
    expect([get(map), map.found()]).toEqual([Status.Found, 'value'])
  })

  it('is not believed where its record was freed between two pieces', () => {
    const map = made(), other = new RawMap(backend, {}, map)
    seek(map, key)
    expect(get(map)).toBe(Status.Unsure)
    let pieces = 0
    show(map, key, from => {
      if (pieces++ === 1) { other.clear(); quiesce(other); putLong(other, longText(4999).replaceAll('1', '2'), 'another') }
      map.kernel.samePiece(map.map, map.me, from)
    })
    map.kernel.judge(map.map, map.me, true)
    expect(get(map)).toBe(Status.Absent)
  })

  it('is hashed under the seeds of a keyed table, and of one that is keyed anew', () => {
    const map = made()
    for (let round = 0; round < 2; round++) {
      startCopy(map, Successor.Copy, true)
      quiesce(map)
      seek(map, key)
      expect([get(map), need(map)]).toEqual([Status.Unsure, 'Hash'])
      hashKeyed(map, key)
      expect([get(map), need(map)]).toEqual([Status.Unsure, 'Compare'])
      compare(map, key)
      expect([get(map), map.found()]).toEqual([Status.Found, 'value'])
    }
  })

  it('is deleted without memory, and a write that would take it asks for a record', () => {
    const map = made()
    fill(map, [1])
    seek(map, key)
    map.poke(Field.Expect, 0)
    map.poke(Field.NextTag, 0)
    map.poke(Field.NextRecord, 0)
    expect(map.kernel.putIfMatch(map.map, map.me)).toBe(Status.Unsure)
    compare(map, key)
    expect([map.kernel.putIfMatch(map.map, map.me), map.size, get(map)]).toEqual([Status.Written, 1, Status.Absent])
    seek(map, `${key}?`)
    map.poke(Field.NextTag, 1)
    expect([map.kernel.putIfMatch(map.map, map.me), need(map), map.size]).toEqual([Status.Unsure, 'Record', 1])
  })
})
