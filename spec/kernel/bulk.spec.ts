import { describe, expect, it } from 'vitest'
import { Listed } from '../../lib/kernel/bulk'
import { AREA_CELLS, Area, Field, Table } from '../../lib/kernel/layout'
import { areaIn } from '../../lib/kernel/words/participant'
import { Sentinel, Status } from '../../lib/kernel/read'
import { Successor } from '../../lib/kernel/words/successor'
import { BACKENDS, Random, RawMap, walked } from '../support/kernels'
import { crowded } from '../support/hashes'
import { fill, headerWord, quiesce, slotsIn, startCopy } from '../support/tables'
import { ValueStep } from '../../lib/kernel/words/value'

/** Integers that a window holds. */
const WINDOW = Area.OutCells * 2
const [LEAST, MOST] = [-0x80000000, 0x7fffffff]

function offer(map: RawMap, area: Area, integers: readonly number[]): void { map.ints.set(integers, map.window(area) / 4) }

/** What the kernel answers, and how many answers it says are `Other`. */
function getMany(map: RawMap, keys: readonly number[]): [answers: number[], others: number] {
  offer(map, Area.Key, keys)
  const others = map.kernel.getMany(map.map, map.me, keys.length), at = map.window(Area.Out) / 4
  return [[...map.ints.slice(at, at + keys.length)], others]
}

function getManyBytes(map: RawMap, keys: readonly string[]): number[] {
  const list = map.window(Area.Next) / 4, first = map.window(Area.Key)
  let cell = 0
  for (const [n, key] of keys.entries()) {
    map.bytes.fill(0, first + cell * 8, first + (cell + 2 + (key.length >> 3)) * 8)
    map.bytes.set([...key].map(unit => unit.charCodeAt(0)), first + cell * 8)
    map.ints.set([cell, key.length, 3], list + n * Listed.Integers)
    cell += key.length + 7 >> 3
  }
  if (cell > Area.KeyCells) throw new Error('the keys do not fit')
  map.kernel.getManyBytes(map.map, map.me, keys.length)
  return keys.map((_, n) => map.ints[list + n * Listed.Integers + Listed.Answer]!)
}

function setMany(map: RawMap, pairs: readonly (readonly [number, number])[]): number {
  offer(map, Area.Key, pairs.map(([key]) => key))
  offer(map, Area.Next, pairs.map(([, value]) => value))
  return map.kernel.setMany(map.map, map.me, pairs.length)
}

/** All pairs, noting resizes as the map does. How many calls it took. */
function setAll(map: RawMap, pairs: readonly (readonly [number, number])[]): number {
  let calls = 0
  for (let from = 0; from < pairs.length; calls++) {
    const done = setMany(map, pairs.slice(from, from + WINDOW))
    if (done === 0) throw new Error(`the kernel has not written pair ${from}`)
    map.poke(Field.Started, 0)
    map.poke(Field.Promoted, 0)
    from += done
  }
  return calls
}

const range = (count: number, from = 0): number[] => Array.from({ length: count }, (_, n) => from + n)

describe.each(BACKENDS)('many keys in one call, %s', backend => {
  it('are answered in their order, also the same key twice', () => {
    const map = new RawMap(backend)
    fill(map, [0, -1, LEAST, MOST, 7], key => Number(key) >> 1)
    quiesce(map)
    expect(getMany(map, [7, 5, 0, -1, 7, MOST, LEAST])).toEqual([[3, Sentinel.Absent, 0, -1, 3, MOST >> 1, LEAST >> 1], 0])
    expect(getMany(map, [])).toEqual([[], 0])
    expect(getMany(map, [6])).toEqual([[Sentinel.Absent], 0])
  })

  it('that collide are found past each other, round the end of the table, and absent ones are absent', () => {
    const map = new RawMap(backend, { capacity: 16 }), keys = crowded(10, 0xfff00000)
    fill(map, keys.slice(0, 8))
    expect(getMany(map, keys)).toEqual([[...keys.slice(0, 8), Sentinel.Absent, Sentinel.Absent], 0])
    expect(setMany(map, keys.slice(0, 8).map(key => [key, -key]))).toBe(8)
    expect(getMany(map, keys)[0]).toEqual([...keys.slice(0, 8).map(key => -key), Sentinel.Absent, Sentinel.Absent])
  })

  it.each([1, 255, 256, 257, 511, 512])('are right for every number of keys: %i', count => {
    const map = new RawMap(backend), keys = range(count)
    setAll(map, keys.map(key => [key, key * 3]))
    quiesce(map)
    expect(getMany(map, keys)).toEqual([keys.map(key => key * 3), 0])
    expect(getMany(map, keys.map(key => key + count))).toEqual([keys.map(() => Sentinel.Absent), 0])
  })

  it('are answered for keys of bytes too, integers only', () => {
    const map = new RawMap(backend), texts = [...range(60).map(n => `${'k'.repeat(n % 20)}${n}`), '']
    fill(map, texts, text => String(text).length)
    map.put('k1', 'no integer')
    map.put('2kk', Sentinel.Other)
    const keys = [...texts, 'absent', 'k1', '2kk']
    expect(getManyBytes(map, keys)).toEqual([...texts.map(text => text === 'k1' ? Sentinel.Other : text.length), Sentinel.Absent, Sentinel.Other, Sentinel.Other])
    quiesce(map)
    startCopy(map, Successor.Copy, true)
    expect(getManyBytes(map, keys.slice(-3))).toEqual([Sentinel.Absent, Sentinel.Other, Sentinel.Other])
    quiesce(map)
    expect(getManyBytes(map, texts.slice(2, 30))).toEqual(texts.slice(2, 30).map(text => text.length))
  })

  it('write nothing but the answers and the list of searches', () => {
    const map = new RawMap(backend), keys = range(WINDOW)
    setAll(map, keys.map(key => [key, key]))
    offer(map, Area.Key, keys)
    const before = map.bytes.slice(), [expected, out] = [map.window(Area.Expected), map.window(Area.Out)] as [number, number]
    map.kernel.getMany(map.map, map.me, keys.length)
    const changed = range(before.length).filter(n => before[n] !== map.bytes[n])
    expect(changed.length).toBeGreaterThan(WINDOW)
    expect(changed.filter(n => !(n >= expected && n < expected + Area.ExpectedCells * 8) && !(n >= out && n < out + Area.OutCells * 8))).toEqual([])
  })

  it('say which keys have no short answer: values that are no integers, or that equal a sentinel', () => {
    const map = new RawMap(backend)
    fill(map, [1, 2, 3, 4, 5], key => [0, 10, 'text', Sentinel.Absent, Sentinel.Other, 50][Number(key)]!)
    map.put(6, 6)
    map.put(6, undefined)
    quiesce(map)
    expect(getMany(map, [1, 2, 3, 4, 5, 7])).toEqual([[10, Sentinel.Other, Sentinel.Other, Sentinel.Other, 50, Sentinel.Absent], 3])
    expect(map.get(6)).toBeUndefined()
  })

  it('are found in a keyed table too', () => {
    const map = new RawMap(backend)
    fill(map, [1, 2])
    startCopy(map, Successor.Copy, true)
    quiesce(map)
    expect(getMany(map, [1, 2, 3])).toEqual([[1, 2, Sentinel.Absent], 0])
    setAll(map, [[1, 10], [3, 30]])
    expect([1, 2, 3].map(key => map.get(key))).toEqual([10, 2, 30])
  })

  it('end their searches in a table without an Empty key', () => {
    const map = new RawMap(backend, { capacity: 16 }), keys = range(16)
    // A table that no larger one can follow is filled to the last slot; here it is made full by hand.
    fill(map, keys.slice(0, 12))
    const slots = slotsIn(map, map.generation), first = Number(BigInt.asIntN(32, headerWord(map, map.generation, Table.Place)))
    for (let n = 0; n < slots; n++) if (map.cells[map.map + first + 2 * n] === 0n) map.cells[map.map + first + 2 * n] = 1n << 32n | 0x7ffffn
    const [answers, others] = getMany(map, [0, 11, 99])
    expect([answers.slice(0, 2), answers[2], others]).toEqual([[0, 11], Sentinel.Other, 1])
  })
})

describe.each(BACKENDS)('many keys during a resize, %s', backend => {
  /** A map in the middle of a copy: some slots are dead, some are not. */
  function halfCopied(): [RawMap, number[]] {
    const map = new RawMap(backend, { capacity: 16 }), keys = range(10)
    fill(map, keys, key => Number(key) * 10)
    const generation = startCopy(map)
    for (let chunk = 0; chunk < 8; chunk++) map.kernel.copyChunk(map.map, map.me, generation, chunk)
    return [map, keys]
  }

  it('are read where they still are, and left to the long way where they are not', () => {
    const [map, keys] = halfCopied(), [answers, others] = getMany(map, keys)
    expect(others).toBeGreaterThan(0)
    expect(others).toBeLessThan(keys.length)
    for (const key of keys) expect([key * 10, Sentinel.Other]).toContain(answers[key])
    expect(keys.map(key => map.get(key))).toEqual(keys.map(key => key * 10))
    // A sealed key says nothing about a key that was never there.
    expect(getMany(map, range(20, 100))[0].every(answer => answer === Sentinel.Absent || answer === Sentinel.Other)).toBe(true)
  })

  it('are written where they still are, and otherwise by the long way, which goes on with the copy', () => {
    const [map, keys] = halfCopied(), copied = (): number => map.kernel.lowAt(map.map + areaIn(map.me) * AREA_CELLS + Area.Copied)
    const pairs = [...keys, 50, 51].map(key => [key, key + 1] as const), before = copied()
    setAll(map, pairs)
    expect(pairs.map(([key]) => map.get(key))).toEqual(pairs.map(([, value]) => value))
    expect([map.size, copied() > before]).toEqual([12, true])
  })

  it('stop writing after the pair that began or ended a resize, so that it can be noted', () => {
    const map = new RawMap(backend), pairs = range(300).map(key => [key, key] as const)
    const done = setMany(map, pairs)
    expect([done < 300, map.field(Field.Started) !== 0 || map.field(Field.Promoted) !== 0]).toEqual([true, true])
    expect(map.size).toBe(done)
    expect(setAll(map, pairs.slice(done))).toBeGreaterThan(3)
    expect(range(300).map(key => map.get(key))).toEqual(range(300))
  })
})

describe.each(BACKENDS)('many writes, %s', backend => {
  it('take place in their turn: the last of one key stays', () => {
    const map = new RawMap(backend)
    setAll(map, [[1, 1], [2, 2], [1, 3], [3, 3], [1, 4], [2, 5]])
    expect([map.get(1), map.get(2), map.get(3), map.size]).toEqual([4, 5, 3, 3])
    setAll(map, [[3, 1], [3, 2], [3, 9]])
    expect(map.get(3)).toBe(9)
  })

  it('replace whatever is there, and count what is new', () => {
    const map = new RawMap(backend)
    fill(map, [1, 2, 3], key => key === 1 ? 'text' : 5)
    map.put(3, undefined)
    setAll(map, [[1, 10], [2, Sentinel.Other], [3, Sentinel.Absent], [4, LEAST]])
    expect([1, 2, 3, 4].map(key => map.get(key))).toEqual([10, Sentinel.Other, Sentinel.Absent, LEAST])
    expect(map.size).toBe(4)
  })

  it('update what is there by one swap each, without the long way', () => {
    const map = new RawMap(backend, { capacity: 1024 }), keys = range(400)
    fill(map, keys)
    quiesce(map)
    const before = walked.get(ValueStep.Update) ?? 0, sought = map.field(Field.Sought + Field.Payload)
    expect(setMany(map, keys.map(key => [key, -key]))).toBe(400)
    expect(walked.get(ValueStep.Update)! - before).toBe(400)
    expect(map.field(Field.Sought + Field.Payload)).toBe(sought)
  })

  it('stop before the pair for which there is no memory', () => {
    const map = new RawMap(backend, { bytes: 1 << 17, places: 2 })
    let many = 0
    for (; map.put(many, many) === Status.Written; many++);
    expect(setMany(map, [[0, 7], [1, 8], [many, 9], [2, 9]])).toBe(2)
    expect([map.get(0), map.get(1), map.get(many), map.get(2)]).toEqual([7, 8, undefined, 2])
    expect(setMany(map, [[many, 9]])).toBe(0)
  })
})

it.each(BACKENDS)('many keys answer as single ones do, whatever happens between, %s', backend => {
  const map = new RawMap(backend), random = new Random(), model = new Map<number, number>()
  for (let turn = 0; turn < 150; turn++) {
    const keys = Array.from({ length: random.below(60) }, () => random.below(90)), where = `seed ${random.seed}, turn ${turn}`
    if (random.below(2) === 0) {
      const pairs = keys.map(key => [key, random.below(1000)] as const)
      setAll(map, pairs)
      for (const [key, value] of pairs) model.set(key, value)
    } else {
      for (const key of keys) { map.put(key, undefined); model.delete(key) }
    }
    const asked = range(90), [answers] = getMany(map, asked)
    for (const key of asked) if (answers[key] !== Sentinel.Other) expect(answers[key] === Sentinel.Absent ? undefined : answers[key], `${where}, key ${key}`).toBe(model.get(key))
    expect(asked.map(key => map.get(key)), where).toEqual(asked.map(key => model.get(key)))
    expect(map.size, where).toBe(model.size)
  }
  expect(map.generation).toBeGreaterThan(5)
})
