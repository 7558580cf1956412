// The map's machines that are made up of several words: an old slot and the new one that its key moves to, the life of a
// table, the life of a block and that of a page. All are read off the shipped kernel by the explorer.

import { At, Table, regionAt, slotsFrom, tableAt } from '../kernel/layout'
import { type Word, high, low } from '../kernel/memory'
import { Chunk, chunkState } from '../kernel/words/chunk'
import { slotsOf } from '../kernel/words/header'
import { Key, Tag, keyReference, keyTag } from '../kernel/words/key'
import { PAGE_UNITS, unitsOf } from '../kernel/sizes'
import { Page, classIn, holdsClass, isDirty, isEmptied, isReservedFor, pageState, pagesIn, versionIn } from '../kernel/words/page'
import { Region, regionState } from '../kernel/words/region'
import { FIRST_GENERATION, generationOf } from '../kernel/words/root'
import { Successor, successorKind } from '../kernel/words/successor'
import { valueReference, valueTag } from '../kernel/words/value'
import { isOpen, zoneGeneration, zonePages } from '../kernel/words/zone'
import { beginningOf, callAlone } from '../harness/alone'
import type { Call, Program, System, View } from '../harness/system'
import { type Classify, type Extracted, extract } from './extract'

/** Reads a word of the map: all of them are 64 bits wide. */
type Read = (cell: number) => Word
const classified = (classify: (read: Read) => string | undefined): Classify => classify as Classify

const FIRST: number = FIRST_GENERATION
const LIMITS = { kills: 1, maxStates: 2_000_000 }

/** Where the tables of both halves lie in a system's memory, and the pages; and where a key has its home in a table. */
interface Layout {
  /** The first slot of a half's table, which has so many. */
  readonly slots: (half: number, capacity: number) => number
  readonly chunks: readonly number[]
  readonly pages: { readonly words: number, readonly count: number, readonly ground: number }
  readonly home: (key: number, capacity: number) => number
}

function layoutOf(system: System): Layout {
  const { memory, alone } = beginningOf(system, 1), places = [0, 1].map(half => memory[tableAt(0, half) + Table.Place] as bigint)
  const pages = { words: high(memory[At.Store] as bigint), count: low(memory[At.Store] as bigint), ground: low(memory[At.Ground] as bigint) }
  return {
    slots: (half, capacity) => slotsFrom(low(places[half]!), half, capacity), chunks: places.map(high), pages,
    home: (key, capacity) => (callAlone(system, alone, ['hashOf', key]) as number) >>> Math.clz32(capacity - 1),
  }
}

// --- the old slot and the new

/** A slot's state in one word: that of its value, or of its key where there is no value yet. */
export function slotState(key: string, value: string): string {
  if (value === 'Empty') return key
  return key === Key[Key.Key] ? value : `${key}, ${value}`
}

/**
 * The machine of the slot that a key has in one table, and the slot that it gets in the next, from the install of the next
 * table on, while it is copied or cleared: `old | new`. The operations may begin before the install.
 */
export function jointResize(system: System, what: 'copy' | 'clear'): Extracted {
  const { slots, home } = layoutOf(system), key = 12, old = slots(0, 4) + 2 * home(key, 4), table = tableAt(0, FIRST + 1)
  const homes = new Map([1, 2, 4, 8, 16].map(capacity => [capacity, slots(1, capacity) + 2 * home(key, capacity)])), next = (read: Read): number => {
    const word = read(table + Table.Capacity)
    return generationOf(word) === FIRST + 1 ? homes.get(slotsOf(word))! : homes.get(4)!
  }
  const state = (read: Read, cell: number): string =>
    slotState(system.words!.stateOf('key', read(cell)), system.words!.stateOf('value', read(cell + 1)))
  const classify = classified(read => {
    const root = generationOf(read(At.Root)), isBefore = root === FIRST && installed(read, tableAt(0, FIRST), FIRST) === Successor.None
    return isBefore || root > FIRST + 1 ? undefined : `${state(read, old)} | ${state(read, next(read))}`
  })
  return extract(system, jointPrograms(key, what), classify, LIMITS)
}

/** One thread resizes, or clears, and sweeps; the other does each of the operations on a key that is there, was there, or never was. */
function jointPrograms(key: number, what: 'copy' | 'clear'): Program[] {
  const present: Call = ['put', key, 1], prefixes: Call[][] = [[], [present], [present, ['delete', key]]]
  const operations: Call[] = [['put', key, 5], ['delete', key], ['get', key]], replace: Call = what === 'copy' ? ['resize'] : ['clear']
  return prefixes.flatMap(prefix => operations.map((operation): Program => {
    const name = `${prefix.map(call => call[0]).join(', ')}; ${replace[0]} | ${operation[0]}`
    return { name, prefix, threads: [[replace, ['helpSweep', 4]], [operation]] }
  }))
}

// --- the life of a table

/** What the table of the first generation after the one at the start goes through, from memory that is free to memory that is free. */
export function tableLife(system: System): Extracted {
  const { chunks } = layoutOf(system), mine = FIRST + 1, half = mine & 1, own = tableAt(0, mine), before = tableAt(0, mine - 1)
  const classify = classified(read => {
    const root = generationOf(read(At.Root)), region = read(regionAt(0, mine)), kind = regionState(region)
    if (generationOf(region) !== mine) return kind === Region.Free || generationOf(region) > mine ? 'free' : undefined
    if (kind === Region.Free) return 'free'
    const capacity = slotsOf(read(own + Table.Capacity)), words = Array.from({ length: capacity }, (_, n) => read(chunks[half]! + n))
    if (kind === Region.Retired) return words.every(word => chunkState(word) === Chunk.Swept) ? 'swept' : 'retired'
    if (root === mine - 1) return installed(read, before, mine - 1) === Successor.None ? 'being built' : 'being filled'
    if (root > mine) return 'replaced'
    if (installed(read, own, mine) === Successor.None) return 'sole'
    return words.every(word => generationOf(word) === mine && chunkState(word) !== Chunk.Open) ? 'copied' : 'copying'
  })
  return extract(system, tablePrograms(), classify, LIMITS)
}

const installed = (read: Read, table: number, generation: number): Successor => {
  const word = read(table + Table.Successor)
  return generationOf(word) === generation ? successorKind(word) : Successor.None
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

/** What a block that records use goes through. */
export function blockLife(records: System): Extracted {
  const layout = layoutOf(records), put: Call = ['put', 12, 1], block = after(records, [put], memory => valueBlock(memory, layout.slots(0, 4)))
  const others = claimAt(records, pageIn(layout, block))
  return extract(records, [
    { name: 'used', prefix: [], threads: [[put], [['get', 12]]] },
    { name: 'replaced', prefix: [put], threads: [[['put', 12, 2], ['put', 12, 3], ['put', 12, 4]], [['get', 12]]] },
    { name: 'deleted', prefix: [put], threads: [[['delete', 12], ['put', 12, 5]], [['get', 12]]] },
    { name: 'its page goes to others', prefix: [], threads: [[others, put], [['get', 12]]] },
    { name: 'others want its page', prefix: [], threads: [[others], [put]] },
  ], blockIn(layout, block, after(records, [put], memory => classIn(memory[layout.pages.words + pageIn(layout, block)] as bigint))), LIMITS)
}

const pageIn = ({ pages }: Layout, block: number): number => Math.floor((block - pages.ground) / PAGE_UNITS)
/** Pages of a large record of the harness. */
const RUN = 3
/** Claims pages from that one on for a large record, and gives them back. */
const claimAt = (records: System, page: number): Call => ['claimEdge', page - after(records, [], memory => zonePages(memory[At.Zone] as bigint))]

/** Where a block is; what its page is cut into decides whether it is one. */
function blockIn(layout: Layout, block: number, sizeClass: number): Classify {
  const { slots, pages } = layout, page = pageIn(layout, block), bit = (block - pages.ground) % PAGE_UNITS / unitsOf(sizeClass)
  return classified(read => {
    const word = read(pages.words + page), tables = [slots(0, 4), ...[4, 8].map(capacity => slots(1, capacity))]
    if (tables.some(first => isNamed(read, first, block))) return 'published'
    if (holdsClass(word, sizeClass) && !isEmptied(word)) return (low(word) >>> bit & 1) !== 0 ? 'free' : 'in hand'
    return isNobodys(pageIs(layout, read, page)) ? 'its page is nobody\'s' : 'its page is another\'s'
  })
}

function isNamed(read: Read, first: number, block: number): boolean {
  for (let slot = first; slot < first + 16; slot += 2) if (isKeyOf(block, read(slot)) || isValueOf(block, read(slot + 1))) return true
  return false
}

// --- the life of a page

/** Whether anybody may claim a page that is that. */
const isNobodys = (is: string): boolean => is === 'never used' || is === 'free' || is === 'blocks, all free'

/** What a page is: one that is not the first of its span or run is what the first one is. */
function pageIs({ pages }: Layout, read: Read, page: number): string {
  const word = read(pages.words + page), state = pageState(word), zone = read(At.Zone)
  if (state === Page.Tail) {
    const first = read(pages.words + page - low(word)), isHeld = versionIn(first) === versionIn(word) && pagesIn(first) > low(word)
    return isHeld ? pageIs({ pages } as Layout, read, page - low(word)) : 'free'
  }
  if (state !== Page.Table) return isEmptied(word) ? 'blocks, all free' : PAGES[state]
  const isKept = page < zonePages(zone) || page >= pages.count - zonePages(zone), isReserved = isOpen(zone) && isReservedFor(word, zoneGeneration(zone))
  return isKept ? 'slots' : !isReserved ? 'free' : isDirty(word) ? 'reserved, not clean' : 'reserved'
}
const PAGES: Readonly<Record<Exclude<Page, Page.Tail | Page.Table>, string>> = {
  [Page.Fresh]: 'never used', [Page.Free]: 'free', [Page.Claimed]: 'being claimed', [Page.Blocks]: 'blocks', [Page.Run]: 'a large record',
}

/** What the pages in the middle and beside the tables go through: blocks, large records, and tables that grow into them and give them back. */
export function pageLife(records: System): Extracted {
  const layout = layoutOf(records), put: Call = ['put', 12, 1], edge = after(records, [], memory => zonePages(memory[At.Zone] as bigint))
  const middle = after(records, [put], memory => pageIn(layout, valueBlock(memory, layout.slots(0, 4))))
  const claim: Call = ['claimEdge'], grow: Call[] = [claim, ['extend']]
  const programs: readonly (readonly [pages: readonly number[], program: Program])[] = [
    [[middle], { name: 'blocks', prefix: [], threads: [[put], [['get', 12]]] }],
    [[middle, middle + 1], { name: 'spans of two pages', prefix: [], threads: [[['claim'], ['claim']], [['claim']]] }],
    [[middle], { name: 'blocks or a large record', prefix: [], threads: [[claimAt(records, middle)], [put]] }],
    [[edge, edge + 1], { name: 'large records', prefix: [], threads: [[claim], [claim]] }],
    [[edge, edge + 1], { name: 'large records that overlap', prefix: [], threads: [[claim], [['claimEdge', 1]]] }],
    [[edge], { name: 'a table that grows', prefix: [claim], threads: [[['extend']], [claim]] }],
    [[edge], { name: 'a table that cannot grow', prefix: [claim], threads: [[['extend']], [claimAt(records, layout.pages.count - edge - RUN)]] }],
    [[edge], { name: 'a table that is large', prefix: grow, threads: [[['resize']], [['get', 12]]] }],
    [[edge], { name: 'a table that has shrunk', prefix: [...grow, ['resize'], ['quiesce']], threads: [[['shrink'], claim], [['get', 12]]] }],
  ]
  const seen = (page: number, program: Program): Extracted => extract(records, [program], classified(read => pageIs(layout, read, page)), LIMITS)
  return programs.flatMap(([pages, program]) => pages.map(page => seen(page, program))).reduce(merged)
}

/** What some calls of the first of two threads leave in fresh memory. */
function after<T>(system: System, calls: readonly Call[], look: (memory: View) => T): T {
  const { memory, alone } = beginningOf(system, 2)
  for (const call of calls) callAlone(system, alone, call)
  return look(memory)
}

const isKeyOf = (block: number, word: Word): boolean => keyTag(word) === Tag.Record && keyReference(word) === block
const isValueOf = (block: number, word: Word): boolean => valueTag(word) === Tag.Record && valueReference(word) === block

/** The block of the first value in a table. */
function valueBlock(memory: View, slots: number): number {
  for (let slot = slots; slot < slots + 8; slot += 2) {
    const word = memory[slot + 1] as Word
    if (valueTag(word) === Tag.Record) return valueReference(word)
  }
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
