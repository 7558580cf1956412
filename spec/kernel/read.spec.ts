import { describe, expect, it } from 'vitest'
import { Area, At, Field, Table, tableAt } from '../../lib/kernel/layout'
import { pack } from '../../lib/kernel/memory'
import { Status } from '../../lib/kernel/read'
import { Tag, keyWord } from '../../lib/kernel/words/key'
import { StampBits } from '../../lib/kernel/words/stamp'
import { valueWord } from '../../lib/kernel/words/value'
import { BACKENDS, RawMap, Random } from '../support/kernels'
import { fill, quiesce, slotCell, slotStates, startCopy } from '../support/tables'

const INTEGERS = [0, 1, -1, 2, 0x7fffffff, -0x80000000, -0x7fffffff]
const seekConstant = (map: RawMap, constant: number): void => map.kernel.seekPayload(map.map, map.me, Field.Sought, Tag.Constant, constant)

/** The slot of the only key there is. */
function onlySlot(map: RawMap): number {
  return slotCell(map, map.generation, slotStates(map, map.generation).findIndex(state => state.startsWith('Key')))
}

describe.each(BACKENDS)('reads, %s', backend => {
  it('give back every integer, as a key and as a value', () => {
    const map = new RawMap(backend)
    for (const key of INTEGERS) for (const value of INTEGERS) {
      expect(map.put(key, value)).toBe(Status.Written)
      expect(map.get(key), `${key}`).toBe(value)
    }
    expect(map.size).toBe(INTEGERS.length)
  })

  it('tell constants from integers of the same bits', () => {
    const map = new RawMap(backend)
    fill(map, [5], () => 1)
    seekConstant(map, 5)
    map.poke(Field.NextTag, Tag.Constant)
    map.poke(Field.NextPayload, 9)
    expect(map.kernel.putIfMatch(map.map, map.me)).toBe(Status.Written)
    seekConstant(map, 5)
    expect([map.kernel.get(map.map, map.me), map.field(Field.Tag), map.field(Field.FoundPayload)]).toEqual([Status.Found, Tag.Constant, 9])
    expect([map.get(5), map.size]).toEqual([1, 2])
  })

  it('write nothing outside the caller\'s own area', () => {
    const map = new RawMap(backend), random = new Random(), ownFields = map.window(0), ownEnd = ownFields + 1024 * 8
    fill(map, ['a', 'b', 1, 2, 3])
    map.put('b', undefined)
    startCopy(map)
    const outside = (): Buffer => Buffer.concat([map.bytes.subarray(0, ownFields), map.bytes.subarray(ownEnd)])
    const before = outside()
    for (let n = 0; n < 50; n++) map.get(random.pick(['a', 'b', 'c', 1, 2, 3, 4]))
    expect(map.size).toBe(4)
    expect(Buffer.compare(before, outside()), `seed ${random.seed}`).toBe(0)
  })

  it('answer that a reference outside the map, or a length no block holds, is corrupt', () => {
    const map = new RawMap(backend)
    map.put(1, 'text')
    const cell = onlySlot(map) + 1, seen = map.cells[cell]!
    map.cells[cell] = valueWord(seen, Tag.Record, 0x0fffffff)
    map.seek(1)
    expect(map.kernel.get(map.map, map.me)).toBe(Status.Corrupt)
    map.cells[cell] = seen
    const record = Number(BigInt.asUintN(28, seen))
    map.cells[record * 2 + 1] = pack(0, 100_000)
    expect(map.kernel.get(map.map, map.me)).toBe(Status.Corrupt)
  })

  it('end in a buffer whose header contradicts itself', () => {
    const map = new RawMap(backend)
    fill(map, ['a', 1])
    map.cells[map.map + At.Root] = pack(99, 0)
    map.seek('a')
    expect([map.kernel.get(map.map, map.me), map.kernel.capacityNow(map.map)]).toEqual([Status.Corrupt, -1])
    expect(map.kernel.getInteger(map.map, 1)).toBe(-2147483648)
  })

  it('do not follow a key\'s reference outside the map', () => {
    const map = new RawMap(backend)
    map.put('key', 1)
    const cell = onlySlot(map), seen = map.cells[cell]!
    map.cells[cell] = keyWord(seen, Number(seen >> 32n) & 63, Number(BigInt.asIntN(32, seen)) | 0x0fffffff)
    map.seek('key')
    expect([Status.Absent, Status.Corrupt]).toContain(map.kernel.get(map.map, map.me))
    expect(map.put('key', 2)).toBe(Status.Written)
    expect(map.get('key')).toBe(2)
  })

  it('say in pieces what is too long for the window, and count starting again', () => {
    const map = new RawMap(backend)
    map.put('a', 'x'.repeat(1000))
    expect(map.get('a')).toBe('x'.repeat(1000))
    expect(map.kernel.lowAt(map.map + 1024 + Area.Retries)).toBe(0)
    // A record that seems to be written just now, for ever.
    const record = Number(BigInt.asUintN(28, map.cells[onlySlot(map) + 1]!))
    map.cells[record * 2] = map.cells[record * 2]! | BigInt(StampBits.Writing) << 32n
    map.seek('a')
    expect(map.kernel.get(map.map, map.me)).toBe(Status.Corrupt)
    expect(map.kernel.lowAt(map.map + 1024 + Area.Retries)).toBeGreaterThan(0)
  })

  it('know at once that a table of another generation than the root contradicts it', () => {
    for (const word of [Table.Capacity, Table.Successor]) {
      const map = new RawMap(backend), seal = (map: RawMap): void => { map.cells[onlySlot(map)] = 1n }
      map.put('a', 'x')
      if (word === Table.Successor) seal(map)
      map.cells[tableAt(map.map, map.generation) + word] = pack(0, 4)
      map.seek('a')
      expect(map.kernel.get(map.map, map.me)).toBe(Status.Corrupt)
      expect(map.kernel.lowAt(map.map + 1024 + Area.Retries)).toBe(0)
    }
  })

  it('are right at every moment of a table that is copied, cleared and swept', () => {
    const map = new RawMap(backend), other = new RawMap(backend, {}, map)
    for (let n = 0; n < 200; n++) {
      fill(other, ['a', 1], () => n)
      if (n % 7 === 0) startCopy(other)
      expect([map.get('a'), map.get(1), map.get('b'), map.get(2)]).toEqual([n, n, undefined, undefined])
      if (n % 11 === 0) { other.clear(); expect([map.get('a'), map.get(1)]).toEqual([undefined, undefined]) }
      if (n % 13 === 0) quiesce(other)
    }
  })
})
