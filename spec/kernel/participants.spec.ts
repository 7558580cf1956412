import { describe, expect, it } from 'vitest'
import { Area, Field } from '../../lib/kernel/layout'
import { Status } from '../../lib/kernel/read'
import { Participant, areaIn, ticketIn } from '../../lib/kernel/words/participant'
import { BACKENDS, Backend, RawMap } from '../support/kernels'
import { exhaust, fill, unitsForBlocks } from '../support/tables'

const stateIn = (map: RawMap, area: number): string => Participant[map.kernel.ownerState(map.map, area)]!
const states = (map: RawMap, places: number): string[] => Array.from({ length: places }, (_, n) => stateIn(map, n + 1))
const reap = (map: RawMap, me: number, ended: boolean): boolean => Boolean(map.kernel.reap(map.map, me, ended))
const owns = (map: RawMap, me: number): boolean => Boolean(map.kernel.owns(map.map, me))
const bytesOf = (map: RawMap): Buffer => Buffer.from(map.bytes)

/** Takes blocks of several sizes, and gives them back. */
function use(map: RawMap, me: number): void {
  const blocks = [16, 50, 100, 500, 5000].map(bytes => map.kernel.allocate(map.map, me, bytes, 0, 0))
  for (const block of blocks) map.kernel.freeBlock(map.map, me, block)
}

/** A map that calls with another `me`. */
function as(map: RawMap, me: number): RawMap {
  const other = Object.create(map) as RawMap
  other.me = me
  return other
}

const twoPlaces = (backend: Backend): RawMap => new RawMap(backend, { places: 2 })

describe.each(BACKENDS)('participants, %s', backend => {
  it('take the first vacant place, and note their thread', () => {
    const map = twoPlaces(backend), second = map.kernel.join(map.map, 1234)
    expect([areaIn(map.me), areaIn(second)]).toEqual([1, 2])
    expect([map.kernel.ownerOf(map.map, 1), map.kernel.ownerOf(map.map, 2)]).toEqual([map.me, second])
    expect(map.kernel.ownerThread(map.map, 2)).toBe(1234)
    expect([owns(map, map.me), owns(map, second), owns(map, second + 1)]).toEqual([true, true, false])
  })

  it('leave their place to the next, whose ticket is a later one', () => {
    const map = twoPlaces(backend), before = map.me
    map.kernel.leave(map.map, before)
    expect([stateIn(map, 1), map.kernel.ownerOf(map.map, 1)]).toEqual(['Vacant', 0])
    const next = map.kernel.join(map.map, 0)
    expect([areaIn(next), ticketIn(next)]).toEqual([1, ticketIn(before) + 1])
    expect([owns(map, before), owns(map, next)]).toEqual([false, true])
  })

  it('keep nothing that they gave back, neither while they are there nor when they leave', () => {
    const map = twoPlaces(backend), other = map.kernel.join(map.map, 0)
    use(map, map.me)
    expect(map.kernel.freeUnits(map.map)).toBe(unitsForBlocks(map))
    const blocks = exhaust(map, 1, other)
    for (const block of blocks) map.kernel.freeBlock(map.map, map.me, block)
    map.kernel.leave(map.map, map.me)
    expect([exhaust(map, 1, other).length, map.kernel.freeUnits(map.map)]).toEqual([blocks.length, 0])
  })

  it('are invited, and accept once', () => {
    const map = twoPlaces(backend), me = map.kernel.invite(map.map)
    expect([stateIn(map, 2), map.kernel.ownerOf(map.map, 2)]).toEqual(['Invited', me])
    expect([1, 2].map(() => Boolean(map.kernel.accept(map.map, me, 9)))).toEqual([true, false])
    expect([stateIn(map, 2), map.kernel.ownerThread(map.map, 2), owns(map, me)]).toEqual(['Owned', 9, true])
  })

  it('cannot accept what was reaped, nor what was never offered', () => {
    const map = twoPlaces(backend), me = map.kernel.invite(map.map)
    expect(reap(map, me, false)).toBe(true)
    expect(stateIn(map, 2)).toBe('Vacant')
    const before = bytesOf(map)
    expect([me, map.me, map.me + 1].map(each => Boolean(map.kernel.accept(map.map, each, 1)))).toEqual([false, false, false])
    expect(Buffer.compare(before, map.bytes)).toBe(0)
  })

  it('find no place when all are taken, and one as soon as somebody leaves', () => {
    const map = twoPlaces(backend), second = map.kernel.join(map.map, 0), free = map.kernel.freeUnits(map.map)
    expect([map.kernel.join(map.map, 0), map.kernel.invite(map.map), map.kernel.freeUnits(map.map)]).toEqual([0, 0, free])
    map.kernel.leave(map.map, second)
    expect(areaIn(map.kernel.join(map.map, 0))).toBe(2)
  })

  it('number a thousand places, of which only those that were taken are looked at', () => {
    const map = new RawMap(backend, { places: 1000, bytes: 1 << 24 }), members = [map.me]
    expect(map.kernel.placesTaken(map.map)).toBe(1)
    while (members.length < 1000) members.push(map.kernel.join(map.map, members.length))
    expect([map.kernel.placesTaken(map.map), map.kernel.join(map.map, 0), areaIn(members[999]!), members[999]! > 0]).toEqual([1000, 0, 1000, true])
    as(map, members[999]!).put(7, 70)
    expect([map.size, map.get(7)]).toEqual([1, 70])
    for (const me of members) map.kernel.leave(map.map, me)
    expect([map.kernel.placesTaken(map.map), areaIn(map.kernel.join(map.map, 0))]).toEqual([1000, 1])
  })

  it('are not hit by the number of an owner before them, after 10,000 or 100,000 changes', () => {
    const map = twoPlaces(backend), stale: number[] = []
    let me = map.kernel.join(map.map, 0)
    for (let n = 0; n < 100_000; n++) {
      if (n < 3 || n === 4095 || n === 90_000 || n === 99_999) stale.push(me)
      if (n % 3 === 0) reap(map, me, true)
      else map.kernel.leave(map.map, me)
      me = map.kernel.join(map.map, 0)
    }
    expect([new Set([...stale, me]).size, areaIn(me)]).toEqual([stale.length + 1, 2])
    expect(stale.map(each => reap(map, each, true))).toEqual(stale.map(() => false))
    expect(owns(map, me)).toBe(true)
  })

  it('decline an invitation, once, and never one that was accepted, reaped or not made', () => {
    const map = twoPlaces(backend), decline = (me: number): boolean => Boolean(map.kernel.decline(map.map, me)), invited = map.kernel.invite(map.map)
    expect([decline(invited), stateIn(map, 2), decline(invited)]).toEqual([true, 'Vacant', false])
    const accepted = map.kernel.invite(map.map)
    map.kernel.accept(map.map, accepted, 9)
    expect([decline(accepted), owns(map, accepted), decline(map.me), owns(map, map.me), decline(0), decline(99 << 19)]).toEqual([false, true, false, true, false, false])
    reap(map, accepted, false)
    expect([decline(accepted), stateIn(map, 2)]).toEqual([false, 'Reaped'])
  })

  it('are guarded by a name, which is that of their owner as long as the mark is there', () => {
    const map = twoPlaces(backend), life = (): number[] => [map.kernel.highAt(map.map + 2048 + Area.Life), map.kernel.lowAt(map.map + 2048 + Area.Life)]
    const guard = (me: number, high: number, low: number): boolean => Boolean(map.kernel.guard(map.map, me, high, low))
    const first = map.kernel.join(map.map, 7)
    expect([map.kernel.guardedOwner(map.map, 2), guard(first, 11, 12), map.kernel.guardedOwner(map.map, 2), life()]).toEqual([0, true, first, [11, 12]])
    expect(guard(first, 11, 12)).toBe(true)
    // Reaped, it is still known whose thread to ask after.
    reap(map, first, false)
    expect([map.kernel.guardedOwner(map.map, 2), map.kernel.ownerThread(map.map, 2), guard(first, 1, 2), life()]).toEqual([first, 7, false, [11, 12]])
    reap(map, first, true)
    const second = map.kernel.join(map.map, 8)
    expect([map.kernel.guardedOwner(map.map, 2), guard(first, 1, 2), life(), map.kernel.guardedOwner(map.map, 2)]).toEqual([0, false, [11, 12], 0])
    expect([guard(second, 21, 22), map.kernel.guardedOwner(map.map, 2), life()]).toEqual([true, second, [21, 22]])
    map.kernel.leave(map.map, second)
    const third = map.kernel.invite(map.map)
    expect([guard(third, 1, 2), map.kernel.guardedOwner(map.map, 2)]).toEqual([false, 0])
    map.kernel.accept(map.map, third, 9)
    expect(map.kernel.guardedOwner(map.map, 2)).toBe(0)
  })

  it('leave once: a place that is vacant, or kept for somebody, is not touched by leaving', () => {
    const map = twoPlaces(backend), invited = map.kernel.invite(map.map), before = bytesOf(map)
    map.kernel.leave(map.map, invited)
    expect(Buffer.compare(before, map.bytes)).toBe(0)
    map.kernel.leave(map.map, map.me)
    const left = bytesOf(map)
    map.kernel.leave(map.map, map.me)
    expect([Buffer.compare(left, map.bytes), owns(map, map.me), stateIn(map, 2)]).toEqual([0, false, 'Invited'])
  })

  it('may be reaped while they live: they lose their place and work on', () => {
    const map = twoPlaces(backend)
    fill(map, ['a', 'b', 'c'])
    use(map, map.me)
    const free = map.kernel.freeUnits(map.map)
    expect(reap(map, map.me, false)).toBe(true)
    expect([stateIn(map, 1), owns(map, map.me), map.kernel.freeUnits(map.map)]).toEqual(['Reaped', false, free])
    fill(map, ['d', 'e', 'f', 'g', 'h', 1, 2, 3])
    expect(map.put('a', undefined)).toBe(Status.Written)
    expect([map.get('a'), map.get('b'), map.get('h'), map.size]).toEqual([undefined, 'b', 'h', 10])
  })

  it('keep the area of a reaped one from others until it is known to have ended', () => {
    const map = twoPlaces(backend)
    reap(map, map.me, false)
    expect(areaIn(map.kernel.join(map.map, 0))).toBe(2)
    expect(map.kernel.join(map.map, 0)).toBe(0)
    expect(reap(map, map.me, true)).toBe(true)
    expect(areaIn(map.kernel.join(map.map, 0))).toBe(1)
  })

  it('may be reaped any number of times', () => {
    const map = twoPlaces(backend)
    use(map, map.me)
    expect([1, 2, 3].map(() => reap(map, map.me, false))).toEqual([true, true, true])
    const before = bytesOf(map)
    expect(reap(map, map.me, false)).toBe(true)
    expect(Buffer.compare(before, map.bytes)).toBe(0)
    expect([reap(map, map.me, true), reap(map, map.me, true)]).toEqual([true, false])
    expect(states(map, 2)).toEqual(['Vacant', 'Vacant'])
  })

  it('are not touched by a stale `me`', () => {
    const map = twoPlaces(backend), stale = map.me
    map.kernel.leave(map.map, stale)
    const next = map.kernel.join(map.map, 0)
    use(map, next)
    const before = bytesOf(map)
    expect([reap(map, stale, true), reap(map, stale - 1, true), reap(map, 0, true), reap(map, 99 << 19, true)]).toEqual([false, false, false, false])
    map.kernel.leave(map.map, stale)
    expect(Buffer.compare(before, map.bytes)).toBe(0)
    map.kernel.leave(map.map, next)
    expect(stateIn(map, 1)).toBe('Vacant')
  })

  it('free blocks with a stale `me` too: they are anybody\'s then', () => {
    const map = twoPlaces(backend), stale = map.me, block = map.kernel.allocate(map.map, stale, 1000, 0, 0)
    map.kernel.leave(map.map, stale)
    const next = map.kernel.join(map.map, 0)
    exhaust(map, 1, next)
    expect(map.kernel.allocate(map.map, next, 1000, 0, 0)).not.toBe(0)
    exhaust(map, 1000, next)
    map.kernel.freeBlock(map.map, stale, block)
    expect(map.kernel.allocate(map.map, next, 1000, 0, 0)).toBe(block)
  })

  it('keep their thread when they are reaped, so that it is known whose end to wait for', () => {
    const map = twoPlaces(backend), second = map.kernel.join(map.map, 77)
    reap(map, second, false)
    expect([stateIn(map, 2), map.kernel.ownerThread(map.map, 2), map.kernel.ownerOf(map.map, 2)]).toEqual(['Reaped', 77, 0])
  })

  it('start without the fields of the last owner', () => {
    const map = twoPlaces(backend), fields = [Field.Room, Field.Deletes, Field.Started, Field.Promoted, Field.HeldRecord]
    for (const field of fields) map.poke(field, 77)
    map.kernel.leave(map.map, map.me)
    const next = as(map, map.kernel.join(map.map, 0))
    expect(fields.map(field => next.field(field))).toEqual([0, 0, 0, 0, 0])
  })
})
