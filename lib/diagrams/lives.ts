// The map's machines that are made up of several words: an old slot and the new one that its key moves to, the life of a
// table, and the life of a block. All are read off the shipped kernel by the explorer.

import { AREA_CELLS, Area, At, LIST_CLASSES, PARTICIPANT_CLASSES, Table } from '../kernel/layout'
import { Key, Tag } from '../kernel/words/key'
import { Chunk, chunkState } from '../kernel/words/chunk'
import { Region, regionState } from '../kernel/words/region'
import { Successor, successorKind } from '../kernel/words/successor'
import { callAlone, callerOf } from '../harness/alone'
import { type Call, type Program, type System, type View, freshMemory, shipped } from '../harness/system'
import { type Classify, type Extracted, type Read, extract } from './extract'

const FIRST = 2

/** Where the tables of both halves lie in a system's memory; and where a key has its home in a table. */
interface Layout {
  readonly slots: readonly number[]
  readonly chunks: readonly number[]
  readonly home: (key: number, capacity: number) => number
}

function layoutOf(system: System): Layout {
  const memory = freshMemory(system), code = shipped(system, memory), context = system.init?.(code, memory, 1)
  const places = [0, 1].map(half => memory[At.Table + half * At.TableStride + Table.Place] as bigint), caller = callerOf(code, memory, 0, context)
  return {
    slots: places.map(place => Number(BigInt.asIntN(32, place))), chunks: places.map(place => Number(place >> 32n)),
    home: (key, capacity) => (callAlone(system, caller, ['hashOf', key]) as number) >>> Math.clz32(capacity - 1),
  }
}

const low28 = (word: unknown): number => Number(BigInt.asUintN(28, word as bigint))
const high = (word: unknown): number => Number(BigInt.asIntN(32, word as bigint >> 32n))

// --- the old slot and the new

/** A slot's state in one word: that of its value, or of its key where there is no value yet. */
export function slotState(key: string, value: string): string {
  if (value === 'Empty') return key
  return key === Key[Key.Key] ? value : `${key}, ${value}`
}

/** The machine of the slot that a key has in one table, and the slot that it gets in the next, while it is copied or cleared: `old | new`. */
export function jointResize(system: System, what: 'copy' | 'clear'): Extracted {
  const { slots, home } = layoutOf(system), key = 12, old = slots[0]! + 2 * home(key, 4), table = At.Table + At.TableStride
  const homes = new Map([1, 2, 4, 8, 16].map(capacity => [capacity, slots[1]! + 2 * home(key, capacity)])), next = (read: Read): number => {
    const word = read(table + Table.Capacity)
    return high(word) === FIRST + 1 ? homes.get(low28(word))! : slots[1]!
  }
  const state = (read: Read, cell: number): string =>
    slotState(system.words!.stateOf('key', read(cell)), system.words!.stateOf('value', read(cell + 1)))
  const classify: Classify = read => high(read(At.Root)) > FIRST + 1 ? undefined : `${state(read, old)} | ${state(read, next(read))}`
  return extract(system, jointPrograms(key, what), classify, { kills: 1, maxStates: 2_000_000 })
}

/** One thread resizes, or clears, and sweeps; the other does each of the operations on a key that is there, was there, or never was. */
function jointPrograms(key: number, what: 'copy' | 'clear'): Program[] {
  const present: Call = ['put', key, 1], prefixes: Call[][] = [[], [present], [present, ['delete', key]]], begin: Call[] = what === 'copy' ? [['install', Successor.Copy]] : []
  const operations: Call[] = [['put', key, 5], ['delete', key], ['get', key]], finish: Call = what === 'copy' ? ['finish'] : ['clear']
  return prefixes.flatMap(prefix => operations.map((operation): Program => {
    const name = `${[...prefix, ...begin].map(call => call[0]).join(', ')}; ${finish[0]} | ${operation[0]}`
    return { name, prefix: [...prefix, ...begin], threads: [[finish, ['helpSweep', 4]], [operation]] }
  }))
}

// --- the life of a table

/** What the table of the first generation after the one at the start goes through, from memory that is free to memory that is free. */
export function tableLife(system: System): Extracted {
  const { chunks } = layoutOf(system), mine = FIRST + 1, half = mine & 1, own = At.Table + half * At.TableStride, before = At.Table + (1 - half) * At.TableStride
  const classify: Classify = read => {
    const root = high(read(At.Root)), region = read(At.Region + half), kind = regionState(region as never)
    if (high(region) !== mine) return kind === Region.Free || high(region) > mine ? 'free' : undefined
    if (kind === Region.Free) return 'free'
    const capacity = low28(read(own + Table.Capacity)), words = Array.from({ length: capacity }, (_, n) => read(chunks[half]! + n))
    const swept = words.filter(word => chunkState(word as never) === Chunk.Swept).length
    if (kind === Region.Retired) return swept === capacity ? 'swept' : 'retired'
    if (root === mine - 1) return installed(read, before, mine - 1) === Successor.None ? 'being built' : 'being filled'
    if (root > mine) return 'replaced'
    if (installed(read, own, mine) === Successor.None) return 'sole'
    return words.every(word => high(word) === mine && chunkState(word as never) !== Chunk.Open) ? 'copied' : 'copying'
  }
  return extract(system, tablePrograms(), classify, { kills: 1, maxStates: 2_000_000 })
}

const installed = (read: Read, table: number, generation: number): Successor => {
  const word = read(table + Table.Successor)
  return high(word) === generation ? successorKind(word as never) : Successor.None
}

function tablePrograms(): Program[] {
  const put: Call = ['put', 12, 1], resize: Call = ['resize'], sweep: Call = ['helpSweep', 8]
  return [
    { name: 'built and filled', prefix: [put], threads: [[resize], [['get', 12]]] },
    { name: 'copied', prefix: [put, resize], threads: [[resize], [['get', 12]]] },
    { name: 'swept', prefix: [put, resize, ['helpSweep', 4], resize], threads: [[sweep], [['helpSweep', 3]]] },
    { name: 'swept and used again', prefix: [put, resize, ['helpSweep', 4], resize], threads: [[sweep, resize], [['get', 12]]] },
  ]
}

// --- the life of a block

/** What a block goes through: one that records use, and one that is carved for the occasion. */
export function blockLife(records: System): Extracted {
  const { slots } = layoutOf(records), put: Call = ['put', 12, 1], kills = { kills: 1, maxStates: 2_000_000 }
  const used = extract(records, [
    { name: 'used', prefix: [], threads: [[put], [['get', 12]]] },
    { name: 'replaced', prefix: [put], threads: [[['put', 12, 2], ['put', 12, 3], ['put', 12, 4]], [['get', 12]]] },
    { name: 'deleted', prefix: [put], threads: [[['delete', 12], ['put', 12, 5]], [['get', 12]]] },
    { name: 'its worker is reaped', prefix: [put, ['put', 12, 2]], threads: [[['get', 12]], [['reap', 0, false], ['put', 12, 3]]] },
  ], blockIn(slots, after(records, [put], memory => valueBlock(memory, slots[0]!))), kills)
  const carved = extract(records, [{ name: 'carved', threads: [[['carve']], [['get', 12]]] }],
    blockIn(slots, carvedBlock(records)), kills)
  // The worker that was reaped has no cache any more: it takes from the shared lists.
  const reaped: Call[] = [put, ['reap', 0, false]]
  const head = after(records, reaped, memory => Math.max(...Array.from({ length: LIST_CLASSES }, (_, n) => low28(memory[At.Lists + n]))))
  const shared = extract(records, [{ name: 'its worker was reaped', prefix: reaped, threads: [[['put', 12, 3]], [['get', 12]]] }], blockIn(slots, head), kills)
  return [carved, shared].reduce(merged, used)
}

/** Where a block is. */
function blockIn(slots: readonly number[], block: number): Classify {
  const frontier = At.Frontier + (block * 2 < slots[1]! ? 0 : 1) * At.FrontierStride
  return read => {
    if (block < high(read(frontier))) return 'not carved'
    if (isIn(read, block, At.Lists, LIST_CLASSES)) return 'in a shared list'
    for (let area = 1; area < 6; area++) if (isIn(read, block, area * AREA_CELLS + Area.Caches, PARTICIPANT_CLASSES)) return 'in a cache'
    for (const half of slots) {
      for (let slot = half; slot < half + 16; slot += 2) if (isNamed(read(slot), block) || isNamed(read(slot + 1), block)) return 'published'
    }
    return 'in hand'
  }
}

/** What some calls of the first of two threads leave in fresh memory. */
function after<T>(system: System, calls: readonly Call[], look: (memory: View) => T): T {
  const memory = freshMemory(system), code = shipped(system, memory), context = system.init?.(code, memory, 2)
  for (const call of calls) callAlone(system, callerOf(code, memory, 0, context), call)
  return look(memory)
}

/** The block that is carved first. */
function carvedBlock(records: System): number {
  const lowest = (call: Call): number[] => after(records, [call], memory => [0, 1].map(half => high(memory[At.Frontier + half * At.FrontierStride])))
  const before = lowest(['get', 12]), now = lowest(['carve'])
  return now.find((unit, half) => unit !== before[half])!
}

const isNamed = (word: unknown, block: number): boolean => (high(word) & 3) === Tag.Record && low28(word) === block

/** The block of the first value in a table. */
function valueBlock(memory: View, slots: number): number {
  for (let slot = slots; slot < slots + 8; slot += 2) if ((high(memory[slot + 1]) & 3) === Tag.Record) return low28(memory[slot + 1])
  throw new Error('no record was found: is this a map of records?')
}

function merged(a: Extracted, b: Extracted): Extracted {
  const states = new Map(a.states), edges = new Map([...a.edges].map(([edge, count]) => [JSON.stringify(edge), { edge, count }]))
  for (const [state, count] of b.states) states.set(state, (states.get(state) ?? 0) + count)
  for (const [edge, count] of b.edges) {
    const key = JSON.stringify(edge), known = edges.get(key)
    edges.set(key, { edge, count: count + (known?.count ?? 0) })
  }
  return { states, edges: new Map([...edges.values()].map(({ edge, count }) => [edge, count])), explored: a.explored + b.explored }
}

/** Whether a block is in one of some lists: each block's second cell holds the reference of the next. */
function isIn(read: Read, block: number, heads: number, count: number): boolean {
  for (let n = 0; n < count; n++) {
    for (let at = low28(read(heads + n)), length = 0; at !== 0 && length < 1000; at = low28(read(at * 2 + 1)), length++) if (at === block) return true
  }
  return false
}
