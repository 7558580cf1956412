import { describe, expect, it } from 'vitest'
import { At, Field, Table } from '../../lib/kernel/layout'
import { isKeyed } from '../../lib/kernel/words/header'
import { Successor } from '../../lib/kernel/words/successor'
import { BACKENDS, RawMap } from '../support/kernels'
import { chunkStates, fill, headerWord, regionOf, startCopy } from '../support/tables'

const promote = (map: RawMap, generation: number): boolean => Boolean(map.kernel.copyCheckAndPromote(map.map, map.me, generation))
const copyAll = (map: RawMap, generation: number, from = 0): void => {
  for (let n = from; n < 8; n++) map.kernel.copyChunk(map.map, map.me, generation, n)
}
const filled = (backend: 'wasm' | 'javascript'): RawMap => { const map = new RawMap(backend, { capacity: 8 }); fill(map, [1, 2, 'a']); return map }

describe.each(BACKENDS)('promotion, %s', backend => {
  it('waits for the last chunk, read from the done-words alone', () => {
    const map = filled(backend), generation = startCopy(map)
    for (let n = 7; n >= 0; n--) {
      expect([promote(map, generation), map.generation]).toEqual([false, generation])
      map.kernel.copyChunk(map.map, map.me, generation, n)
    }
    expect(chunkStates(map, generation)).toEqual(Array(8).fill('Done'))
    expect([promote(map, generation), map.generation]).toEqual([true, generation + 1])
  })

  it('retires the old region, and notes that it was this caller\'s doing', () => {
    const map = filled(backend), generation = startCopy(map)
    copyAll(map, generation)
    map.poke(Field.Promoted, 0)
    promote(map, generation)
    expect([regionOf(map, generation), map.field(Field.Promoted)]).toEqual(['Retired', generation + 1])
  })

  it('carries the capacity and the flags of the new table to the root word', () => {
    for (const reseed of [false, true]) {
      const map = filled(backend)
      map.kernel.finishCopy(map.map, map.me, startCopy(map, Successor.Copy, reseed))
      expect(map.cells[map.map + At.Root]).toBe(headerWord(map, map.generation, Table.Capacity))
      expect(isKeyed(map.cells[map.map + At.Root]!)).toBe(reseed)
    }
  })

  it('is done once, however often it is asked for', () => {
    const map = filled(backend), generation = startCopy(map)
    copyAll(map, generation)
    promote(map, generation)
    map.poke(Field.Promoted, 0)
    const before = Buffer.from(map.bytes)
    expect([promote(map, generation), promote(map, generation - 1), promote(map, generation + 1)]).toEqual([true, false, false])
    expect(Buffer.compare(before, map.bytes)).toBe(0)
  })

  it('of a clear does not wait for the chunks', () => {
    const map = filled(backend), generation = startCopy(map, Successor.Clear)
    expect(promote(map, generation)).toBe(false)
    expect(map.get('a')).toBe('a')
    map.clear()
    expect([map.generation, map.get('a'), map.size]).toEqual([generation + 1, undefined, 0])
  })
})
