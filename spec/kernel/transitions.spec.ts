import { readFileSync, readdirSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { Status } from '../../lib/kernel/read'
import { TRANSITIONS, WORDS, illegality } from '../../lib/kernel/transitions'
import { claimedWord, versionIn } from '../../lib/kernel/words/page'
import { BACKENDS, Backend, RawMap, walked } from '../support/kernels'
import { exhaust, fill, pageCellOf, pageOfBlock, pageWord, quiesce, startCopy } from '../support/tables'

const folder = new URL('../../lib/kernel/', import.meta.url)
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts') && !file.endsWith('.wasm.ts'))
  .map(file => readFileSync(new URL(file, folder), 'utf8'))

/** The text of a top-level function, or undefined. */
function bodyOf(name: string): string | undefined {
  const text = sources.find(source => source.includes(`function ${name}(`))
  const start = text?.indexOf(`function ${name}(`) ?? -1, end = text?.slice(start).search(/\}\n(\n|export|function|$)/) ?? -1
  return text?.slice(start, start + end)
}

const makers = (by: string): string[] => by.split(', ')

describe('TRANSITIONS', () => {
  it('gives every step an id of its own', () => {
    expect(TRANSITIONS.length).toBeGreaterThan(50)
    expect(new Set(TRANSITIONS.map(step => step.id)).size).toBe(TRANSITIONS.length)
  })

  it('names only states of the word', () => {
    for (const word of WORDS) for (const step of word.steps) {
      expect([...word.states, 'Any', 'Older'], step.name).toContain(step.from)
      expect([...word.states, 'Any'], step.name).toContain(step.to)
      expect(step.word).toBe(word.name)
    }
  })

  it('names for every step a function that is there', () => {
    const missing = TRANSITIONS.flatMap(step => makers(step.by)).filter(name => bodyOf(name) === undefined)
    expect(missing).toEqual([])
  })

  it('names the functions that make the swap', () => {
    const others = TRANSITIONS.flatMap(step => makers(step.by)).filter(name => !bodyOf(name)!.includes('swap('))
    expect(others).toEqual([])
  })

  it('says where something takes effect only of functions that mark the line', () => {
    const effects = TRANSITIONS.filter(step => step.effect !== '')
    expect(effects.length).toBeGreaterThan(3)
    for (const step of effects) for (const name of makers(step.by)) expect(bodyOf(name), `${step.name} by ${name}`).toMatch(/\/\/.*\bLP /)
  })

  it('knows no other step', () => { expect(illegality(9999, 0n, 0n)).toBe('step 9999 is not in TRANSITIONS') })
})

/** Growth, with keys put while the copy runs, and a sweep that frees deleted keys. */
function growing(backend: Backend): void {
  const map = new RawMap(backend, { capacity: 16 })
  fill(map, ['a', 'b', 'c', 'd', 'e', 1, 2, 3])
  map.put('a', 'other')
  map.put('b', undefined)
  map.put('b', 'again')
  map.put('c', undefined)
  startCopy(map)
  fill(map, [20, 'f'])
  quiesce(map)
  expect(map.size).toBe(9)
}

/** A clear of a table with values, deleted ones and empty slots. */
function clearing(backend: Backend): void {
  const map = new RawMap(backend)
  fill(map, ['a', 1])
  map.put(1, undefined)
  expect(map.clear()).toBe(Status.Written)
  quiesce(map)
  expect(map.size).toBe(0)
}

/** Every way into and out of a place. */
function joining(backend: Backend): void {
  const map = new RawMap(backend, { places: 2 }), { kernel } = map
  const block = kernel.allocate(map.map, map.me, 16, 0, 0)
  kernel.freeBlock(map.map, map.me, block)
  kernel.leave(map.map, map.me)
  const invited = kernel.invite(map.map)
  kernel.accept(map.map, invited, 5)
  kernel.guard(map.map, invited, 1, 2)
  kernel.reap(map.map, invited, true)
  kernel.reap(map.map, kernel.invite(map.map), true)
  expect([kernel.ownerOf(map.map, 1), kernel.ownerOf(map.map, 2)]).toEqual([0, 0])
}

/** Blocks of one page, of several, and runs; their pages change hands, also from a claim that nobody has finished. */
function freeing(backend: Backend): void {
  const map = new RawMap(backend), { kernel } = map, first = exhaust(map, 500), page = pageOfBlock(map, first[0]!)
  for (const block of first) kernel.freeBlock(map.map, map.me, block)
  for (const bytes of [5000, 16]) for (const block of exhaust(map, bytes)) kernel.freeBlock(map.map, map.me, block)
  map.cells[pageCellOf(map, page)] = claimedWord(versionIn(pageWord(map, page)) + 1, 1)
  exhaust(map, 1)
  expect(kernel.freePages(map.map)).toBe(0)
}

/** A table grows over pages that had blocks, and what is kept for it goes to blocks again when it has shrunk. */
function lendingPages(backend: Backend): void {
  const map = new RawMap(backend, { shift: 5 })
  for (const block of exhaust(map, 1)) map.kernel.freeBlock(map.map, map.me, block)
  fill(map, Array(2000).keys())
  const kept = map.kernel.zoneSize(map.map)
  for (let n = 0; n < 2000; n++) map.put(n, undefined)
  quiesce(map)
  exhaust(map, 1)
  expect([map.size, map.kernel.zoneSize(map.map) < kept]).toEqual([0, true])
}

/** A tenth of the values that filled the memory stays, and goes to the middle. */
function evacuating(backend: Backend): void {
  const map = new RawMap(backend)
  let many = 0
  while (map.put(many, 'v'.repeat(100)) === Status.Written) many++
  for (let n = 0; n < many; n++) if (n % 10 > 0) map.put(n, undefined)
  quiesce(map)
  expect(map.kernel.evacuate(map.map, map.me, map.generation)).toBeTruthy()
}

describe.each(BACKENDS)('the kernel, %s', backend => {
  beforeEach(() => walked.clear())

  it('makes every step of TRANSITIONS', () => {
    for (const program of [growing, clearing, joining, freeing, lendingPages, evacuating]) program(backend)
    const missing = TRANSITIONS.filter(step => !walked.has(step.id)).map(step => `${step.word}: ${step.name}`)
    expect(missing).toEqual([])
  })
})
