// What was lost is found, to the byte; what contradicts itself is said, and nothing is changed then.

import { describe, expect, it } from 'vitest'
import { CorruptedError, type SharedMap } from '../../lib/index'
import { low, pack, high } from '../../lib/kernel/memory'
import { Tag, keyTag } from '../../lib/kernel/words/key'
import { valueTag } from '../../lib/kernel/words/value'
import { BACKENDS, type Backend, Random, RawMap, rawKernel } from '../support/kernels'
import { tinyMap } from '../support/maps'
import { slotCell, slotsIn, startCopy, usedBlocks } from '../support/tables'

type AnyMap = SharedMap<any, any>

/** The raw kernel over a map's memory, as the map's own worker. */
function rawOf(map: AnyMap, backend: Backend): RawMap {
  const { buffer, memory, at } = map.handle, kernel = rawKernel(backend, memory as WebAssembly.Memory)
  const views = { cells: new BigInt64Array(buffer), ints: new Int32Array(buffer), bytes: new Uint8Array(buffer) }
  return Object.assign(Object.create(RawMap.prototype) as RawMap, views, { kernel, map: at, me: map.participant, backend })
}
/** Takes a block and loses it, as a killed worker does: its bytes. */
function lose(raw: RawMap, bytes: number): number {
  const block = raw.kernel.allocate(raw.map, raw.me, bytes, 0, 0)
  return raw.kernel.unitsOfBlock(raw.map, block) * 16
}
/** The cells of the words that refer to records: keys, values. */
function referring(raw: RawMap): { keys: number[], values: number[] } {
  const slots = Array.from({ length: slotsIn(raw, raw.generation) }, (_, index) => slotCell(raw, raw.generation, index))
  return {
    keys: slots.filter(cell => keyTag(raw.cells[cell]!) === Tag.Record),
    values: slots.map(cell => cell + 1).filter(cell => valueTag(raw.cells[cell]!) === Tag.Record && high(raw.cells[cell]!) !== 0),
  }
}
const referenceIn = (word: bigint): number => low(word) & 0x0fffffff
/** The word with another reference. */
const renamed = (word: bigint, block: number): bigint => pack(high(word), low(word) & ~0x0fffffff | block)

const filled = (backend: Backend): AnyMap => {
  const map = tinyMap<any, any>({ backend })
  for (let n = 0; n < 50; n++) map.set(`key ${n}`, `value ${n}`.repeat(1 + n * 3 % 40)).set(n, n)
  map.repair()
  return map
}
const SIZES = [1, 16, 100, 500, 2032, 2033, 20_000, 100_000]

describe.each(BACKENDS)('repair, %s', backend => {
  it.each(SIZES)('finds a block of %i bytes that was lost, counts it exactly, and gives it back', bytes => {
    const map = filled(backend), raw = rawOf(map, backend), entries = new Map(map), free = map.stats().memory.free
    const lost = lose(raw, bytes)
    expect([lost >= bytes, map.stats().memory.free < free]).toEqual([true, true])
    expect(map.repair()).toEqual({ entries: 100, sizeError: 0, reclaimed: lost })
    expect(map.repair()).toEqual({ entries: 100, sizeError: 0, reclaimed: 0 })
    expect([map.stats().memory.free, new Map(map)]).toEqual([free, entries])
  })

  it('finds all that was lost among what lives, of any sizes, in the middle of a resize too', () => {
    const random = new Random()
    for (let round = 0; round < 20; round++) {
      const map = filled(backend), raw = rawOf(map, backend), where = `seed ${random.seed}, round ${round}`
      let lost = 0
      for (let n = 0; n < 100; n++) {
        if (random.below(2) === 0) map.set(`key ${random.below(80)}`, 'v'.repeat(random.below(1500)))
        else if (random.below(2) === 0) map.delete(`key ${random.below(80)}`)
        else lost += lose(raw, random.below(random.pick([50, 3000])))
      }
      if (round % 2 === 0) { raw.kernel.quiesce(raw.map, raw.me); startCopy(raw); raw.kernel.helpCopy(raw.map, raw.me, raw.generation) }
      const entries = new Map(map)
      expect(map.repair(), where).toEqual({ entries: entries.size, sizeError: 0, reclaimed: lost })
      expect([new Map(map), map.repair().reclaimed], where).toEqual([entries, 0])
    }
  })

  it('corrects the size, whichever way it was wrong', () => {
    for (const [said, error] of [[103, 3], [90, -10], [-5, -105]] as const) {
      const map = filled(backend)
      rawOf(map, backend).kernel.setSize(0, said)
      expect([map.repair(), map.size]).toEqual([{ entries: 100, sizeError: error, reclaimed: 0 }, 100])
    }
  })

  it('gives back what the records of others cannot take: as much fits again as in a new map', () => {
    const map = filled(backend), raw = rawOf(map, backend)
    const fill = (): number => { let n = 0; try { for (;; n++) map.set(`more ${n}`, 'v'.repeat(3000)) } catch { return n } }
    const whole = fill()
    for (let n = 0; n < whole; n++) map.delete(`more ${n}`)
    map.repair()
    while (lose(raw, 3000) > 0);
    expect(fill()).toBeLessThan(whole / 10)
    expect(map.repair().reclaimed).toBeGreaterThan(whole * 3000 * 0.9)
    expect(fill()).toBeGreaterThan(whole * 0.9)
  })
})

/** Ways in which slots and blocks contradict each other. */
const CONTRADICTIONS: readonly (readonly [string, RegExp, (raw: RawMap) => void])[] = [
  ['two slots name one block as their value', /two slots refer to block \d+/, raw => {
    const [one, two] = referring(raw).values as [number, number]
    raw.cells[one] = renamed(raw.cells[one]!, referenceIn(raw.cells[two]!))
  }],
  ['two slots name one block as their key', /two slots refer to block \d+/, raw => {
    const [one, two] = referring(raw).keys as [number, number]
    raw.cells[one] = renamed(raw.cells[one]!, referenceIn(raw.cells[two]!))
  }],
  ['a slot names one block as its key and as its value', /two slots refer to block \d+/, raw => {
    const one = referring(raw).keys.find(cell => valueTag(raw.cells[cell + 1]!) === Tag.Record)!
    raw.cells[one + 1] = renamed(raw.cells[one + 1]!, referenceIn(raw.cells[one]!))
  }],
  ['a slot names a block that is free', /block \d+ is free and in use/, raw => {
    // Another in its span stays, so that it is a span still.
    const one = referring(raw).keys.at(-1)!
    raw.kernel.freeBlock(raw.map, raw.me, referenceIn(raw.cells[one]!))
  }],
  ['a slot names a run that is free', /no block begins at \d+/, raw => {
    const one = referring(raw).values[0]!, run = raw.kernel.allocate(raw.map, raw.me, 5000, 0, 0)
    raw.kernel.freeBlock(raw.map, raw.me, run)
    raw.cells[one] = renamed(raw.cells[one]!, run)
  }],
  ['a slot names the middle of a block', /no block begins at \d+/, raw => {
    const one = referring(raw).values[0]!
    raw.cells[one] = renamed(raw.cells[one]!, referenceIn(raw.cells[one]!) + 1)
  }],
  ['a slot names a page of the tables', /no block begins at \d+/, raw => {
    const one = referring(raw).values[0]!
    raw.cells[one] = renamed(raw.cells[one]!, (slotCell(raw, raw.generation, 0) - raw.map) / 2)
  }],
  ['a slot names what lies outside of the map', /no block begins at \d+/, raw => {
    const one = referring(raw).values[0]!
    raw.cells[one] = renamed(raw.cells[one]!, 0x0fffffff)
  }],
]

describe.each(BACKENDS)('repair says that the map is corrupted, and frees nothing, where %s', backend => {
  it.each(CONTRADICTIONS)('%s', (_, said, make) => {
    const map = filled(backend), raw = rawOf(map, backend)
    make(raw)
    lose(raw, 100)
    const used = usedBlocks(raw)
    expect(() => map.repair()).toThrow(CorruptedError)
    expect(() => map.repair()).toThrow(said)
    expect(usedBlocks(raw)).toEqual(used)
  })
})
