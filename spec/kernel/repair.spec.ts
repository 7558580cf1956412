import { describe, expect, it } from 'vitest'
import { Field } from '../../lib/kernel/layout'
import { Successor } from '../../lib/kernel/words/successor'
import { BACKENDS, RawMap, Random } from '../support/kernels'
import { crowded } from '../support/hashes'
import { fill, quiesce, regionOf, restUnits, startCopy, successorOf, unitsForBlocks, usedBlocks } from '../support/tables'

const trace = (map: RawMap, index: number): [boolean, number, number] =>
  [Boolean(map.kernel.traceSlot(map.map, map.me, index)), map.field(Field.Payload), map.field(Field.FoundPayload)]

/** All that the slots refer to, in units, and the number of entries. */
function traceAll(map: RawMap): { units: number, entries: number, blocks: number[] } {
  const blocks: number[] = []
  let entries = 0
  for (let n = 0; n < map.capacity; n++) {
    const [isEntry, key, value] = trace(map, n)
    if (isEntry) entries++
    blocks.push(...[key, value].filter(block => block !== 0))
  }
  return { units: blocks.reduce((sum, block) => sum + map.kernel.unitsOfBlock(map.map, block), 0), entries, blocks }
}

describe.each(BACKENDS)('what lies behind repair, %s', backend => {
  it.each([
    ['a copy that has begun', (map: RawMap) => { startCopy(map) }],
    ['a copy that is half done', (map: RawMap) => { const generation = startCopy(map); for (let n = 0; n < 5; n++) map.kernel.helpCopy(map.map, map.me, generation) }],
    ['a sweep', (map: RawMap) => { map.kernel.finishCopy(map.map, map.me, startCopy(map)) }],
    ['nothing', () => {}],
  ])('brings a map to rest that was in the middle of %s', (_, make) => {
    const map = new RawMap(backend, { capacity: 8 })
    fill(map, [1, 'a', 2, 'b'])
    make(map)
    expect(Boolean(map.kernel.quiesce(map.map, map.me))).toBe(true)
    expect([successorOf(map, map.generation), regionOf(map, map.generation), regionOf(map, map.generation + 1)]).toEqual(['None', 'InUse', 'Free'])
    expect(map.entries().length).toBe(4)
  })

  it('brings a map to rest that was in the middle of a clear', () => {
    const map = new RawMap(backend)
    fill(map, [1, 'a'])
    startCopy(map, Successor.Clear)
    quiesce(map)
    expect([map.size, regionOf(map, map.generation + 1), map.kernel.freeUnits(map.map)]).toEqual([0, 'Free', unitsForBlocks(map)])
  })

  it('gives up on a buffer whose words contradict each other', () => {
    const map = new RawMap(backend), generation = map.generation
    map.cells.fill(0n, map.map + 16, map.map + 64)
    expect(Boolean(map.kernel.quiesce(map.map, map.me))).toBe(false)
    expect(map.generation).toBe(generation)
  })

  it('traces the blocks of each slot', () => {
    const map = new RawMap(backend, { capacity: 16 })
    fill(map, [1, 'a', 'b'], key => key === 'b' ? 'text' : 5)
    map.put('a', undefined)
    const slots = [...Array(16).keys()].map(n => trace(map, n)).map(([entry, key, value]) => `${entry} ${key > 0} ${value > 0}`)
    expect(slots.filter(each => each !== 'false false false').sort()).toEqual(['false true false', 'true false false', 'true true true'])
  })

  it('finds that every block in use is referred to by one slot', () => {
    const map = new RawMap(backend), random = new Random()
    for (let n = 0; n < 3000; n++) {
      const key = random.below(2) === 0 ? random.below(50) : `key ${random.below(50)}`
      map.put(key, random.below(3) === 0 ? undefined : random.below(2) === 0 ? n : 'v'.repeat(random.below(100)))
      if (n % 300 > 0) continue
      quiesce(map)
      const { units, entries, blocks } = traceAll(map)
      expect([units + map.kernel.freeUnits(map.map) + restUnits(map), entries], `seed ${random.seed}, step ${n}`).toEqual([unitsForBlocks(map), map.size])
      expect(usedBlocks(map), `seed ${random.seed}, step ${n}`).toEqual(blocks.sort((a, b) => a - b))
    }
  })

  it('says how far keys lie from their homes', () => {
    const map = new RawMap(backend, { capacity: 16 }), keys = crowded(4, -1 << 28)
    fill(map, keys)
    const lengths = [...Array(16).keys()].map(n => map.kernel.probeLength(map.map, map.me, n))
    expect(lengths).toEqual([1, 2, 3, ...Array(12).fill(-1), 0])
  })

  it('says which blocks are in use, from any block on', () => {
    const map = new RawMap(backend), blocks = [10_000, 1, 1, 300, 20_000].map(bytes => map.kernel.allocate(map.map, map.me, bytes, 0, 0)).sort((a, b) => a - b)
    expect(usedBlocks(map)).toEqual(blocks)
    for (const [n, block] of blocks.entries()) {
      expect([map.kernel.nextUsed(map.map, block), map.kernel.nextUsed(map.map, block + 1)], `block ${n}`).toEqual([block, blocks[n + 1] ?? 0])
    }
    for (const block of blocks) map.kernel.freeBlock(map.map, map.me, block)
    expect(map.kernel.nextUsed(map.map, 0)).toBe(0)
  })
})
