// The smallest programs that showed a bug, one for each that was found.

import { describe, expect, it } from 'vitest'
import { At, Field, Table } from '../../lib/kernel/layout'
import { Status } from '../../lib/kernel/read'
import { areaIn } from '../../lib/kernel/words/participant'
import { finalStamp, isBeingWritten, openStamp, sealedStamp, stampOf } from '../../lib/kernel/words/stamp'
import { Successor } from '../../lib/kernel/words/successor'
import { BACKENDS, RawMap } from '../support/kernels'
import { exhaust, headerWord } from '../support/tables'

const BIG = { bytes: 1 << 18, capacity: 64, shift: 2 }

describe.each(BACKENDS)('once broken, %s', backend => {
  it('a writer that is out of memory does not copy into the table that a clear has just installed', () => {
    const map = new RawMap(backend, BIG)
    for (let i = 0; i < 20; i++) map.put(i, i)
    for (let i = 0; i < 20; i += 2) map.put(i, undefined)
    const generation = map.generation
    // Another worker's clear, killed between its install and its swing.
    map.kernel.startResize(map.map, map.me, generation, Successor.Clear, false)
    expect(Boolean(map.kernel.finishCopy(map.map, map.me, generation))).toBe(false)
    map.kernel.recover(map.map, map.me)
    expect(map.entries()).toEqual([])
    for (let i = 0; i < 20; i++) expect(map.get(i)).toBeUndefined()
    expect(map.kernel.quiesce(map.map, map.me)).toBeTruthy()
    map.put(1, 1)
    expect(map.entries()).toEqual([[1, 1]])
  })

  it('a builder killed after it closed the claims does not stop new keys, though there is no room to grow', () => {
    const map = new RawMap(backend, { bytes: 1 << 18, capacity: 512, shift: 2 })
    for (let i = 0; i < 384; i++) expect(map.put(i, i)).toBe(Status.Written)
    exhaust(map)
    const claims = map.map + At.Table + (map.generation & 1) * At.TableStride + Table.Claims
    map.cells[claims]! |= 0x10000000n
    for (let i = 384; i < 480; i++) expect(map.put(i, i), `key ${i}`).toBe(Status.Written)
    for (let i = 0; i < 480; i++) expect(map.get(i)).toBe(i)
  })

  it('a participant reaped while it may live keeps its area to itself, through a repair as well', () => {
    const map = new RawMap(backend, { places: 2 }), other = map.kernel.join(map.map, 7)
    expect(map.kernel.reap(map.map, other, false)).toBeTruthy()
    map.kernel.quiesce(map.map, map.me)
    expect(map.kernel.join(map.map, 0)).toBe(0)
    expect(map.kernel.reap(map.map, other, true)).toBeTruthy()
    expect(areaIn(map.kernel.join(map.map, 0))).toBe(areaIn(other))
  })

  it('a new owner of a place inherits nothing that the old one had in hand', () => {
    const map = new RawMap(backend, { places: 1 })
    map.put('key', 'value')
    const value = map.field(Field.NextRecord)
    map.poke(Field.NextRecord, 4711)
    map.poke(Field.KeyRecord, 4711)
    map.kernel.reap(map.map, map.me, true)
    map.me = map.kernel.join(map.map, 0)
    expect([value, map.field(Field.NextRecord), map.field(Field.KeyRecord)]).toEqual([0, 0, 0])
  })

  it('a write of a new key that has no memory for its value takes no slot and keeps no record of the key', () => {
    const map = new RawMap(backend, BIG)
    map.kernel.allocate(map.map, map.me, 1, 0, 0)
    exhaust(map, 200)
    // Only little blocks are left.
    expect(map.put('k', 'v'.repeat(200))).toBe(Status.NoMemory)
    const claimed = headerWord(map, map.generation, Table.Claims), free = map.kernel.freeUnits(map.map)
    for (let i = 0; i < 100; i++) expect(map.put(`k${i}`, 'v'.repeat(200))).toBe(Status.NoMemory)
    expect(map.kernel.freeUnits(map.map)).toBe(free)
    expect(headerWord(map, map.generation, Table.Claims)).toBe(claimed)
    expect(map.entries()).toEqual([])
  })

  it('a write without memory cleans nothing out where nothing was deleted', () => {
    const map = new RawMap(backend, BIG)
    for (let i = 0; i < 30; i++) map.put(i, i)
    expect(map.kernel.quiesce(map.map, map.me)).toBeTruthy()
    exhaust(map)
    const generation = map.generation
    for (let i = 0; i < 10; i++) expect(map.put(`key ${i}`, 'value')).toBe(Status.NoMemory)
    expect(map.generation).toBe(generation)
    map.put(1, undefined)
    expect(map.put('key', 'value')).toBe(Status.NoMemory)
    expect(map.generation).toBeGreaterThan(generation)
  })

  it('one slot copied for each write is too little: growth with chunks of one slot keeps searches short', () => {
    const map = new RawMap(backend, { bytes: 1 << 21, capacity: 4, shift: 0 })
    for (let i = 0; i < 12_000; i++) map.put(i, i)
    let longest = 0
    for (let index = 0; index < map.capacity; index++) longest = Math.max(longest, map.kernel.probeLength(map.map, map.me, index))
    expect(longest).toBeLessThan(200)
    expect(map.capacity).toBeGreaterThanOrEqual(12_000 / 0.8)
  })
})

describe('the stamp of a block', () => {
  it('says while it is written that it is, and moves by one for each use', () => {
    let word = 0n
    for (let use = 1; use <= 5; use++) {
      const open = openStamp(word, 3, 1, 77)
      expect([isBeingWritten(open), finalStamp(open)]).toEqual([true, use])
      word = sealedStamp(open)
      expect([isBeingWritten(word), stampOf(word)]).toEqual([false, use])
    }
  })
})
