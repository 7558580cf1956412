import { describe, expect, it } from 'vitest'
import { Area, Field } from '../../lib/kernel/layout'
import { Status } from '../../lib/kernel/read'
import { Expect } from '../../lib/kernel/write'
import { Successor } from '../../lib/kernel/words/successor'
import { RawMap, Random } from '../support/kernels'

type Text = number | string

const SEEDS = [1, 22, 333, 4444, 55555]

function randomKey(random: Random): Text {
  const number = random.below(40)
  return random.below(2) === 0 ? number - 20 : `key ${number} ${'k'.repeat(number)}`
}

function randomValue(random: Random): Text {
  return random.below(2) === 0 ? random.below(1000) : 'v'.repeat(random.below(300))
}

/** What an operation answered: its status, and what it describes. */
function described(map: RawMap, status: Status): unknown[] { return [Status[status], map.field(Field.Tag) === 0 ? undefined : map.found()] }

/** One random operation of the kernel's, whatever it is: its answers. */
function anyOperation(map: RawMap, random: Random): unknown[] {
  const { kernel, me } = map, key = randomKey(random), value = randomValue(random)
  switch (random.below(18)) {
    case 0: case 1: case 2: case 3: return described(map, map.put(key, value))
    case 4: case 5: return described(map, map.put(key, undefined))
    case 6: return described(map, map.put(key, value, Expect.Absent))
    case 7: return described(map, map.put(key, value, Expect.Present))
    case 8: return described(map, map.put(key, value, Expect.Equal, randomValue(random)))
    case 9: return [map.get(key)]
    case 10: return [Boolean(kernel.setInteger(map.map, me, random.below(40) - 20, random.below(1000)))]
    case 11: return [kernel.addInteger(map.map, random.below(40) - 20, random.below(1000) - 500)]
    case 12: return map.entries(1 + random.below(20)).flat()
    case 13: return [map.size, map.capacity, map.generation]
    case 14: return random.below(8) === 0 ? [Status[map.clear()]] : [map.get(key)]
    case 15: case 16: return many(map, random)
    default: return [helper(map, random.below(4), me)]
  }
}

/** A call for many keys: what the kernel says, and the answers. */
function many(map: RawMap, random: Random): unknown[] {
  const { kernel } = map, count = 1 + random.below(40), [keys, next, out] = [Area.Key, Area.Next, Area.Out].map(area => map.window(area) / 4) as [number, number, number]
  for (let n = 0; n < count; n++) {
    map.ints[keys + n] = random.below(40) - 20
    map.ints[next + n] = random.below(1000)
  }
  if (random.below(2) === 0) return [kernel.getMany(map.map, map.me, count), ...map.ints.slice(out, out + count)]
  const done = kernel.setMany(map.map, map.me, count), resized = [map.field(Field.Started), map.field(Field.Promoted)]
  map.poke(Field.Started, 0)
  map.poke(Field.Promoted, 0)
  return [done, ...resized]
}

/** What a helper does on its own, with the root's generation. */
function helper(map: RawMap, which: number, me: number): unknown {
  const { kernel } = map, generation = map.generation
  switch (which) {
    case 0: return kernel.startResize(map.map, me, generation, Successor.Copy, false)
    case 1: return Boolean(kernel.copyCheckAndPromote(map.map, me, generation))
    case 2: return kernel.helpSweep(map.map, me, generation - 1)
    default: return Boolean(kernel.quiesce(map.map, me))
  }
}

describe('the two backends', () => {
  it.each([...SEEDS, new Random().seed])('leave the same bytes behind after the same program, seed %i', seed => {
    const maps = [new RawMap('wasm'), new RawMap('javascript')] as const, randoms = [new Random(seed), new Random(seed)] as const
    for (let n = 0; n < 2500; n++) {
      expect(anyOperation(maps[1], randoms[1]), `seed ${seed}, step ${n}`).toEqual(anyOperation(maps[0], randoms[0]))
      if (n % 200 === 0) expect(Buffer.compare(maps[0].bytes, maps[1].bytes), `bytes, seed ${seed}, step ${n}`).toBe(0)
    }
    expect(Buffer.compare(maps[0].bytes, maps[1].bytes), `bytes, seed ${seed}, at the end`).toBe(0)
    expect(maps[0].generation).toBeGreaterThan(10)
  })

  it.each([...SEEDS, new Random().seed])('share one map and agree with Map, seed %i', seed => {
    const first = new RawMap('wasm'), maps = [first, new RawMap('javascript', {}, first)], model = new Map<Text, Text>(), random = new Random(seed)
    for (let n = 0; n < 5000; n++) {
      const map = random.pick(maps), where = `seed ${seed}, step ${n}, ${map.backend}`
      const key = randomKey(random), value = randomValue(random), draining = n % 400 < 200
      switch (random.below(draining ? 2 : 3)) {
        case 2:
          expect(map.put(key, value), where).toBe(Status.Written)
          expect(map.found(), where).toBe(model.get(key))
          model.set(key, value)
          break
        case 1:
          expect(map.put(key, undefined), where).toBe(model.has(key) ? Status.Written : Status.Refused)
          expect(map.found(), where).toBe(model.get(key))
          model.delete(key)
          break
        default: expect(map.get(key), where).toBe(model.get(key))
      }
      if (n % 100 === 0) expect([new Map(map.entries()), map.size], where).toEqual([model, model.size])
    }
    expect(first.generation).toBeGreaterThan(10)
  })
})
