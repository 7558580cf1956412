import { describe, expect, it } from 'vitest'
import type { SharedMap as Class } from '../../lib/index'
import { At } from '../../lib/kernel/layout'
import { high, low } from '../../lib/kernel/memory'

// The package as it is published: the checked kernels would stop at the first step that is not legal.
const { SharedMap } = await import(new URL('../../dist/index.js', import.meta.url).href) as { SharedMap: typeof Class }

/** What a word's half may be after something else has written into the map. */
const HOSTILE = [0, 1, 3, 31, -1, 0x7fffffff, -0x80000000, 0x10000000, 0x00010000]
const ENTRIES = 24
const BYTES = 1 << 17
/** Words of the header, of the first participant's area, of the first pages and those in the middle, and of the first table. */
const WORDS: Readonly<Record<string, (cells: BigInt64Array) => readonly [number, number]>> = {
  header: () => [0, 128], area: () => [1024, 1100], 'words of the first pages': cells => [pageWords(cells), pageWords(cells) + 4],
  'words of the pages in the middle': cells => [pageWords(cells) + (low(cells[At.Store]!) >> 1) - 8, pageWords(cells) + (low(cells[At.Store]!) >> 1) + 8],
  table: cells => [low(cells[At.Ground]!) * 2, low(cells[At.Ground]!) * 2 + 128],
}
const pageWords = (cells: BigInt64Array): number => high(cells[At.Store]!)

type Map = Class<number | string, number | string>

const OPERATIONS: Readonly<Record<string, (map: Map) => unknown>> = {
  'get an integer': map => map.get(ENTRIES - 1), 'get a string': map => map.get('key 1'), 'get what is not there': map => map.get('none'),
  'set an integer': map => map.set(ENTRIES - 1, 2), 'set a string': map => map.set('key 1', 'other'),
  'set new keys': map => { for (let i = 0; i < 3; i++) map.set(`new ${i}`, 'x').set(1000 + i, i) },
  grow: map => { for (let i = 0; i < ENTRIES * 2; i++) map.set(1e6 + i, i) },
  delete: map => map.delete('key 2'), add: map => map.add(ENTRIES - 1, 1), compareAndSet: map => map.compareAndSet('key 1', 'value 1', 5),
  getMany: map => map.getMany([1, 2, ENTRIES - 1]), setMany: map => map.setMany([[1, 2], [ENTRIES + 9, 4]]),
  size: map => map.size, walk: map => [...map], stats: map => map.stats(), attach: map => SharedMap.attach(map.handle),
  invite: map => map.reap(map.invite().participant, { ended: true }), clear: map => map.clear(), repair: map => map.repair(),
}

/** Writes each hostile value over each half of each word, does each operation, and gives what took too long or threw what it should not. */
function attack(backend: 'wasm' | 'javascript', wordsIn: (cells: BigInt64Array) => readonly [number, number]): string[] {
  const map = SharedMap.create({ maxByteLength: BYTES, backend, seed: 5 }) as Map, { buffer } = map.handle
  for (let i = 0; i < ENTRIES; i++) map.set(i, i).set(`key ${i}`, `value ${i}`)
  for (let i = 0; i < ENTRIES / 4; i++) map.delete(i)
  const cells = new BigInt64Array(buffer), ints = new Int32Array(buffer), image = cells.slice(), wrong: string[] = [], [from, to] = wordsIn(cells)
  for (let word = from; word < to; word++) for (const half of [0, 1]) for (const value of HOSTILE) for (const [name, operation] of Object.entries(OPERATIONS)) {
    cells.set(image)
    ints[word * 2 + half] = value
    const problem = attempt(() => operation(map))
    if (problem !== '') wrong.push(`${name}, word ${word}.${half} = ${value}: ${problem}`)
  }
  cells.set(image)
  return wrong
}

function attempt(operation: () => unknown): string {
  const started = performance.now()
  try {
    operation()
  } catch (error) {
    const { name, message } = error as Error
    if (!['CorruptedError', 'OutOfMemoryError', 'PlacesError'].includes(name)) return `${name}: ${message}`
  }
  const ms = performance.now() - started
  return ms > 1000 ? `${Math.round(ms)} ms` : ''
}

describe.each(['wasm', 'javascript'] as const)('in a map into whose words something else has written, %s', backend => {
  it.each(Object.entries(WORDS))('each operation ends within a second, and throws no raw error: the %s', (_, words) => {
    expect(attack(backend, words).slice(0, 20)).toEqual([])
  })
})
