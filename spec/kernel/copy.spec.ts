import { describe, expect, it } from 'vitest'
import { Status } from '../../lib/kernel/read'
import { Expect } from '../../lib/kernel/write'
import { Copied } from '../../lib/kernel/copy'
import { primeWord } from '../../lib/kernel/words/value'
import { Successor } from '../../lib/kernel/words/successor'
import { BACKENDS, RawMap, Random } from '../support/kernels'
import { chunkStates, fill, quiesce, slotCell, slotStates, slotsIn, startCopy, successorOf } from '../support/tables'

type Text = number | string
type Model = Map<Text, Text>

/** A table of 8 slots: two values in the word, two records, two deleted keys. */
function halfFull(map: RawMap): Model {
  fill(map, [1, 2, 'one', 'two', 3, 'three'])
  for (const key of [3, 'three']) map.put(key, undefined)
  return new Map<Text, Text>([[1, 1], [2, 2], ['one', 'one'], ['two', 'two']])
}

const indexes = (map: RawMap, generation: number): number[] => [...Array(slotsIn(map, generation)).keys()]
const copySlots = (map: RawMap, generation: number, many: number[]): void => {
  for (const index of many) map.kernel.copySlot(map.map, map.me, generation, slotCell(map, generation, index))
}

/** Freezes every value, as copiers do that vanish right after. */
function freezeAll(map: RawMap, generation: number): void {
  for (const index of indexes(map, generation)) {
    const cell = slotCell(map, generation, index) + 1, seen = map.cells[cell]!
    if (slotStates(map, generation)[index]!.endsWith(' Value')) map.cells[cell] = primeWord(seen)
  }
}

/** Copies every slot, and takes back the last step of those that moved: copiers that vanished between the two. */
function carryAll(map: RawMap, generation: number): void {
  freezeAll(map, generation)
  const cells = indexes(map, generation).map(index => slotCell(map, generation, index) + 1), primes = cells.map(cell => map.cells[cell]!)
  const states = slotStates(map, generation)
  copySlots(map, generation, indexes(map, generation))
  states.forEach((state, n) => { if (state.endsWith('Prime')) map.cells[cells[n]!] = primes[n]! })
}

/** Where all workers stopped at once. */
const STAGES: readonly (readonly [string, (map: RawMap) => void])[] = [
  ['no resize has begun', () => {}],
  ['a successor is installed', map => { startCopy(map) }],
  ['every value is frozen', map => freezeAll(map, startCopy(map))],
  ['every value is carried and still frozen', map => carryAll(map, startCopy(map))],
  ['half of the slots are copied', map => { const generation = startCopy(map); copySlots(map, generation, indexes(map, generation).slice(0, 4)) }],
  ['the other half is copied', map => { const generation = startCopy(map); copySlots(map, generation, indexes(map, generation).slice(4)) }],
  ['every slot is dead and no chunk is marked', map => { const generation = startCopy(map); copySlots(map, generation, indexes(map, generation)) }],
  ['every chunk is done', map => { const generation = startCopy(map); for (const n of indexes(map, generation)) map.kernel.copyChunk(map.map, map.me, generation, n) }],
  ['the root has moved and nothing is swept', map => { const generation = startCopy(map); map.kernel.finishCopy(map.map, map.me, generation) }],
  ['half of the old table is swept', map => {
    const generation = startCopy(map)
    map.kernel.finishCopy(map.map, map.me, generation)
    for (let n = 0; n < 5; n++) map.kernel.helpSweep(map.map, map.me, generation)
  }],
]

type Operation = readonly [string, (map: RawMap, model: Model) => void]

const put = (key: Text, value: Text): Operation => [`put of ${key}`, (map, model) => {
  expect(map.put(key, value)).toBe(Status.Written)
  expect(map.found()).toBe(model.get(key))
  model.set(key, value)
}]
const remove = (key: Text): Operation => [`delete of ${key}`, (map, model) => {
  expect(map.put(key, undefined)).toBe(model.has(key) ? Status.Written : Status.Refused)
  expect(map.found()).toBe(model.get(key))
  model.delete(key)
}]
const get = (key: Text): Operation => [`get of ${key}`, (map, model) => {
  const before = Buffer.from(map.bytes.slice(map.window(1024)))
  expect(map.get(key)).toBe(model.get(key))
  expect(Buffer.compare(before, map.bytes.slice(map.window(1024))), 'a read writes nothing outside its area').toBe(0)
}]
const conditional = (name: string, key: Text, expected: Expect, value?: Text): Operation => [`${name} of ${key}`, (map, model) => {
  const matches = expected === Expect.Absent ? !model.has(key) : expected === Expect.Present ? model.has(key) : model.get(key) === value
  expect(map.put(key, 'new', expected, value)).toBe(matches ? Status.Written : Status.Refused)
  expect(map.found()).toBe(model.get(key))
  if (matches) model.set(key, 'new')
}]

const OPERATIONS: readonly Operation[] = [
  get(1), get('one'), get(3), get('three'), get(99), get('none'),
  put(1, 10), put('one', 'uno'), put(3, 30), put('three', 'tres'), put(99, 990), put('none', 'ninguno'),
  remove(1), remove('one'), remove(3), remove('three'), remove(99), remove('none'),
  conditional('putIfAbsent', 'one', Expect.Absent), conditional('putIfAbsent', 3, Expect.Absent), conditional('putIfAbsent', 'none', Expect.Absent),
  conditional('replace', 'one', Expect.Present), conditional('replace', 3, Expect.Present), conditional('replace', 'none', Expect.Present),
  conditional('compareAndSet', 'one', Expect.Equal, 'one'), conditional('compareAndSet', 1, Expect.Equal, 1), conditional('failing compareAndSet', 1, Expect.Equal, 2),
  ['fast put', (map, model) => { if (map.kernel.setInteger(map.map, map.me, 1, 11)) model.set(1, 11) }],
  ['fast add', (map, model) => { if (map.kernel.addInteger(map.map, 1, 5) === 6) model.set(1, 6) }],
  ['clear', (map, model) => { expect(map.clear()).toBe(Status.Written); model.clear() }],
  ['iteration', (map, model) => expect(new Map(map.entries(2))).toEqual(model)],
]

function expectModel(map: RawMap, model: Model): void {
  const entries = map.entries(3)
  expect([entries.length, new Map(entries), map.size]).toEqual([model.size, model, model.size])
}

describe.each(BACKENDS)('a copy, %s', backend => {
  describe.each(STAGES)('where %s', (_, stall) => {
    it.each(OPERATIONS)('%s is right', (_name, operate) => {
      const map = new RawMap(backend, { capacity: 8 }), model = halfFull(map)
      stall(map)
      operate(map, model)
      for (const key of [1, 2, 3, 99, 'one', 'two', 'three', 'none']) expect(map.get(key), `${key}`).toBe(model.get(key))
      expectModel(map, model)
      quiesce(map)
      expectModel(map, model)
    })
  })

  it('leaves every slot dead, and says of each whether it moved', () => {
    const map = new RawMap(backend, { capacity: 8 })
    halfFull(map)
    const generation = startCopy(map)
    const moved = indexes(map, generation).filter(n => map.kernel.copySlot(map.map, map.me, generation, slotCell(map, generation, n)) === Copied.Moved)
    expect(moved.length).toBe(4)
    expect(slotStates(map, generation).sort()).toEqual(
      ['Key DeadDeleted', 'Key DeadDeleted', 'Key DeadMoved', 'Key DeadMoved', 'Key DeadMoved', 'Key DeadMoved', 'Sealed DeadEmpty', 'Sealed DeadEmpty'])
    expect(chunkStates(map, generation)).toEqual(Array(8).fill('Open'))
    expect(map.kernel.copySlot(map.map, map.me, generation, slotCell(map, generation, moved[0]!))).toBe(Copied.Moved)
  })

  it('marks a chunk done once its slots are dead, and does not promote by itself', () => {
    const map = new RawMap(backend, { capacity: 8, shift: 2 })
    halfFull(map)
    const generation = startCopy(map)
    expect(Boolean(map.kernel.copyChunk(map.map, map.me, generation, 1))).toBe(true)
    expect(chunkStates(map, generation).slice(0, 2)).toEqual(['Open', 'Done'])
    expect(Boolean(map.kernel.copyCheckAndPromote(map.map, map.me, generation))).toBe(false)
    expect(map.generation).toBe(generation)
  })

  it('carries nothing over a newer value in the successor', () => {
    const map = new RawMap(backend, { capacity: 8 })
    halfFull(map)
    carryAll(map, startCopy(map))
    expect(map.put('one', 'newer')).toBe(Status.Written)
    expect(map.put('two', undefined)).toBe(Status.Written)
    quiesce(map)
    expect([map.get('one'), map.get('two'), map.get(1)]).toEqual(['newer', undefined, 1])
  })

  it('is nothing to a helper that comes too late', () => {
    const map = new RawMap(backend, { capacity: 8 })
    halfFull(map)
    const generation = startCopy(map)
    quiesce(map)
    const before = Buffer.from(map.bytes)
    expect(map.kernel.copySlot(map.map, map.me, generation, slotCell(map, generation, 0))).toBe(Copied.Gone)
    expect(Boolean(map.kernel.finishCopy(map.map, map.me, generation - 1))).toBe(false)
    expect(Buffer.compare(before, map.bytes)).toBe(0)
  })

  it('goes on while stale helpers make every call with old generations', () => {
    const map = new RawMap(backend), random = new Random(), model: Model = new Map(), copied = new Set<number>(), steps = backend === 'wasm' ? 20_000 : 5_000
    for (let n = 0; n < steps; n++) {
      const key = random.below(2) === 0 ? random.below(20) : `key ${random.below(20)}`, where = `seed ${random.seed}, step ${n}`
      staleCall(map, random, copied)
      if (random.below(2) === 0) { expect(map.put(key, n), where).toBe(Status.Written); model.set(key, n) }
      else { map.put(key, undefined); model.delete(key) }
      expect(map.get(key), where).toBe(model.get(key))
      if (random.below(500) === 0) { map.clear(); model.clear() }
      if (n % 50 === 0) expect([new Map(map.entries(5)), map.size], where).toEqual([model, model.size])
    }
    expect(map.generation).toBeGreaterThan(100)
  })
})

/** A call as a helper makes it that has slept for some generations, or has not. `copied` are those that were copied. */
function staleCall(map: RawMap, random: Random, copied: Set<number>): void {
  const { kernel, me } = map, generation = map.generation - random.pick([0, 0, 0, 1, 2, 3])
  if (generation === map.generation && successorOf(map, generation) === 'Copy') copied.add(generation)
  const index = random.below(slotsIn(map, generation)), which = random.below(8)
  if (which < 4 && !copied.has(generation)) return
  switch (which) {
    case 0: kernel.copySlot(map.map, me, generation, slotCell(map, generation, index)); break
    case 1: kernel.copyChunk(map.map, me, generation, index); break
    case 2: kernel.helpCopy(map.map, me, generation); break
    case 3: kernel.finishCopy(map.map, me, generation); break
    case 4: kernel.copyCheckAndPromote(map.map, me, generation); break
    case 5: kernel.helpSweep(map.map, me, generation); break
    case 6: kernel.finishSweep(map.map, me, generation); break
    default: kernel.startResize(map.map, me, generation, Successor.Copy, random.below(20) === 0)
  }
}

// Counted where nothing else takes memory meanwhile: the JavaScript backend makes bigints.
describe('the pages of a successor', () => {
  it('are each found by one fault: written before they are read', () => {
    const slots = 1 << 16, map = new RawMap('wasm', { bytes: 1 << 23, shift: 7, capacity: slots })
    for (let key = 0; key < slots >> 1; key++) if (!map.kernel.setInteger(map.map, map.me, key, key)) throw new Error('no room')
    const generation = startCopy(map), pages = slotsIn(map, generation + 1) / 256, before = process.resourceUsage().minorPageFault
    expect(map.kernel.finishCopy(map.map, map.me, generation)).toBeTruthy()
    // If a search came first there would be twice as many, and at every second one all threads would stop.
    expect(process.resourceUsage().minorPageFault - before).toBeLessThan(pages * 1.5)
    expect([0, 1, 12345, (slots >> 1) - 1].map(key => map.get(key))).toEqual([0, 1, 12345, (slots >> 1) - 1])
  })
})
