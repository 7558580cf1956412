import { describe, expect, it } from 'vitest'
import { Field } from '../../lib/kernel/layout'
import { Status } from '../../lib/kernel/read'
import { BACKENDS, type Backend, Random, RawMap, type Shape } from '../support/kernels'
import { Paused, faultsOf, kernelMaker } from '../support/pauses'
import { longText, putLong } from '../support/records'
import { fill, pageOfBlock, quiesce, startCopy, usedBlocks } from '../support/tables'

const evacuate = (map: RawMap): boolean => Boolean(map.kernel.evacuate(map.map, map.me, map.generation))
const valueOf = (n: number): string => `value ${n} `.repeat(10 + n % 7)

/** A map that was full of values, of which every tenth stays: those, by their keys. */
function thinned(backend: Backend, shape: Shape = {}, every = 10): [RawMap, Map<number, string>] {
  const map = new RawMap(backend, { shift: 4, ...shape })
  let many = 0
  while (map.put(many, valueOf(many)) === Status.Written) many++
  const stay = new Map(Array.from({ length: Math.ceil(many / every) }, (_, n) => [n * every, valueOf(n * every)]))
  for (let n = 0; n < many; n++) if (!stay.has(n)) map.put(n, undefined)
  quiesce(map)
  return [map, stay]
}

const evacuateFor = (map: RawMap): boolean => Boolean(map.kernel.evacuateFor(map.map, map.me, map.generation))
/** Looks in vain for a run of three quarters of the free pages; so many it is. */
function wantRun(map: RawMap): number {
  const pages = map.kernel.freePages(map.map) * 3 >> 2
  expect(map.kernel.stageRecord(map.map, map.me, (pages - 1) * 1024, 3)).toBe(0)
  return pages
}
/** The two evacuations, each begun by what it needs. */
const GOALS: readonly [string, (map: RawMap) => void, (map: RawMap) => void][] = [
  ['to the middle', () => {}, evacuate], ['to the beginning', wantRun, evacuateFor],
]

/** All blocks that the slots refer to, in order. */
function referred(map: RawMap): number[] {
  const blocks: number[] = []
  for (let n = 0; n < map.capacity; n++) {
    map.kernel.traceSlot(map.map, map.me, n)
    blocks.push(...[map.field(Field.Payload), map.field(Field.FoundPayload)].filter(block => block !== 0))
  }
  return blocks.sort((a, b) => a - b)
}

/** What is wrong with a map that was evacuated: its entries, or its blocks. */
function faultOf(map: RawMap, model: Map<number | string, number | string>, lost = 0): string {
  const wrong = [...model].filter(([key, value]) => map.get(key) !== value)
  if (wrong.length > 0 || map.size !== model.size) return `${wrong.length} values are wrong, the size is ${map.size} of ${model.size}`
  const names = referred(map), more = usedBlocks(map).filter(block => !names.includes(block))
  if (new Set(names).size !== names.length) return 'two slots name one block'
  return more.length <= lost && usedBlocks(map).length - more.length === names.length ? '' : `${more.length} blocks are lost`
}

describe.each(BACKENDS)('an evacuation, %s', backend => {
  it('brings what lives to the middle, and leaves the rest in one piece at each end', () => {
    const [map, stay] = thinned(backend), before = map.kernel.mostTogether(map.map), pages = map.kernel.pagesInAll(map.map)
    expect(evacuate(map)).toBe(true)
    expect([map.kernel.mostTogether(map.map) > 3 * before, map.kernel.roomForZone(map.map, 1 << 20) > pages / 4]).toEqual([true, true])
    for (const block of usedBlocks(map)) expect(Math.abs(pageOfBlock(map, block) - pages / 2)).toBeLessThan(pages / 4)
    expect(faultOf(map, stay)).toBe('')
  })

  it('is not done twice where nothing was given back meanwhile, and not where it would give back little', () => {
    const [map] = thinned(backend)
    evacuate(map)
    const before = Buffer.from(map.bytes)
    expect([evacuate(map), Buffer.compare(before, map.bytes)]).toEqual([false, 0])
    const [full, all] = thinned(backend, {}, 1)
    expect([evacuate(full), evacuate(new RawMap(backend)), faultOf(full, all)]).toEqual([false, false, ''])
  })

  it('copies values of every size, also those that no window holds', () => {
    const map = new RawMap(backend, { bytes: 1 << 20, shift: 4 }), random = new Random(), lengths = [1, 16, 100, 1000, 2032, 2033, 5000, 20_000]
    let many = 0
    while (putLong(map, `k${many}`, longText(lengths[many % 8]!), false) === Status.Written && map.kernel.freePages(map.map) > 40) many++
    const stay = Array.from({ length: many }, (_, n) => n).filter(n => n % 8 === random.below(8))
    for (let n = 0; n < many; n++) if (!stay.includes(n)) putLong(map, `k${n}`, undefined, false)
    quiesce(map)
    evacuate(map)
    for (const n of stay) {
      map.seek(`k${n}`)
      expect([map.kernel.get(map.map, map.me), map.field(Field.FoundLength)], `seed ${random.seed}, ${n}`).toEqual([Status.Found, lengths[n % 8]])
      expect(map.read(768, Math.min(2048, lengths[n % 8]!)), `seed ${random.seed}, ${n}`).toBe(longText(lengths[n % 8]!).slice(0, 2048))
    }
    expect(referred(map)).toEqual(usedBlocks(map))
  })

  it('goes to the beginning for a run that no free piece is long enough for, keys too', () => {
    const map = new RawMap(backend, { bytes: 1 << 18, shift: 4 }), key = (n: number): string => `key ${n} `.repeat(20)
    let many = 0
    while (map.put(key(many), valueOf(many)) === Status.Written) many++
    const stay = new Map(Array.from({ length: Math.ceil(many / 10) }, (_, n) => [key(n * 10), valueOf(n * 10)]))
    for (let n = 0; n < many; n++) if (n % 10 > 0) map.put(key(n), undefined)
    quiesce(map)
    const pages = wantRun(map)
    expect([map.kernel.mostTogether(map.map) < pages, evacuateFor(map), map.kernel.mostTogether(map.map) >= pages]).toEqual([true, true, true])
    expect(faultOf(map, stay)).toBe('')
    // What was not to be had is there now, and is not moved for again.
    expect([map.kernel.stageRecord(map.map, map.me, (pages - 1) * 1024, 3) > 0, evacuateFor(map)]).toEqual([true, false])
  })

  it('is not done for a run that is longer than all that is free, nor for none', () => {
    const [map, stay] = thinned(backend), before = usedBlocks(map)
    expect([evacuateFor(map), map.kernel.stageRecord(map.map, map.me, map.kernel.freePages(map.map) * 1024, 3), evacuateFor(map)]).toEqual([false, 0, false])
    expect([usedBlocks(map), faultOf(map, stay)]).toEqual([before, ''])
  })

  it('moves nothing while a successor is installed', () => {
    const [map] = thinned(backend)
    startCopy(map)
    const before = usedBlocks(map)
    evacuate(map)
    expect(usedBlocks(map)).toEqual(before)
  })

  it.each(GOALS.flatMap(([goal, begin, move]) => ([
    ['a value is replaced', (other: RawMap, key: number) => { fill(other, [key], () => 'another value') }],
    ['a value is deleted', (other: RawMap, key: number) => { other.put(key, undefined) }],
    ['another evacuates too', (other: RawMap) => { evacuate(other) }],
    ['a resize goes over it', (other: RawMap) => { startCopy(other); quiesce(other) }],
  ] as [string, (other: RawMap, key: number) => void][]).map(([what, meanwhile]) => [goal, what, begin, move, meanwhile] as const)))('%s that is stopped before any of its accesses, while %s, keeps all values and loses no block', async (_, __, begin, move, meanwhile) => {
    const [map, stay] = thinned(backend, { bytes: 1 << 16, places: 2 }), other = new RawMap(backend, {}, map)
    begin(map)
    const paused = new Paused(map, await kernelMaker(backend)), key = [...stay.keys()].at(-1)!
    let model: Map<number | string, number | string>
    expect(faultsOf({
      paused, act: () => { model = new Map(stay); move(map) },
      meanwhile: () => {
        meanwhile(other, key)
        const now = other.get(key)
        if (now === undefined) model.delete(key)
        else model.set(key, now)
      },
      fault: () => { quiesce(other); return faultOf(other, model) },
    }, backend === 'wasm' ? 7 : 31)).toEqual([])
  })

  it.each(GOALS)('%s whose worker is killed before any of its accesses loses at most one block', async (_, begin, move) => {
    const [map, stay] = thinned(backend, { bytes: 1 << 16, places: 2 }), other = new RawMap(backend, {}, map)
    begin(map)
    const paused = new Paused(map, await kernelMaker(backend))
    expect(faultsOf({
      paused, act: () => { try { move(map) } catch { /* it was killed */ } },
      meanwhile: () => { throw new Error('killed') }, fault: () => faultOf(other, stay, 1),
    }, backend === 'wasm' ? 7 : 31)).toEqual([])
  })
})
