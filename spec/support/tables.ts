// Looking into a raw map's tables: its words, by the names of their states.

import { Status } from '../../lib/kernel/read'
import { Start } from '../../lib/kernel/resize'
import { At, Table, slotsFrom, tableAt } from '../../lib/kernel/layout'
import { high, low } from '../../lib/kernel/memory'
import { CHUNK } from '../../lib/kernel/words/chunk'
import { slotsOf } from '../../lib/kernel/words/header'
import { KEY } from '../../lib/kernel/words/key'
import { REGION } from '../../lib/kernel/words/region'
import { Successor, SUCCESSOR } from '../../lib/kernel/words/successor'
import { VALUE } from '../../lib/kernel/words/value'
import { PAGE_UNITS, blocksOf, spanOf, unitsOf } from '../../lib/kernel/sizes'
import { PAGE, Page, classIn, isEmptied, pageState } from '../../lib/kernel/words/page'
import { RawMap } from './kernels'

/** A word of the table's header. */
export function headerWord(map: RawMap, generation: number, word: Table): bigint {
  return map.cells[tableAt(map.map, generation) + word]!
}

export function slotsIn(map: RawMap, generation: number): number { return slotsOf(headerWord(map, generation, Table.Capacity)) }

/** The cell of the key word of a slot; the value word follows. */
export function slotCell(map: RawMap, generation: number, index: number): number {
  return map.map + slotsFrom(low(headerWord(map, generation, Table.Place)), generation, slotsIn(map, generation)) + index * 2
}

/** The states of a table's slots, as 'Key Value', 'Sealed DeadEmpty', ... */
export function slotStates(map: RawMap, generation: number): string[] {
  return Array.from({ length: slotsIn(map, generation) }, (_, index) => {
    const cell = slotCell(map, generation, index)
    return `${KEY.stateOf(map.cells[cell]!)} ${VALUE.stateOf(map.cells[cell + 1]!)}`
  })
}

/** The states of a table's done-words, one for each slot where chunks are of one slot. */
export function chunkStates(map: RawMap, generation: number): string[] {
  const first = map.map + high(headerWord(map, generation, Table.Place))
  return Array.from({ length: slotsIn(map, generation) }, (_, n) => CHUNK.stateOf(map.cells[first + n]!))
}

export function regionOf(map: RawMap, generation: number): string { return REGION.stateOf(map.cells[map.map + At.Region + (generation & 1)]!) }
export function successorOf(map: RawMap, generation: number): string { return SUCCESSOR.stateOf(headerWord(map, generation, Table.Successor)) }

/** Installs a successor for the root's table, and leaves it at that. */
export function startCopy(map: RawMap, kind: Successor = Successor.Copy, reseed = false): number {
  const generation = map.generation
  const started = map.kernel.startResize(map.map, map.me, generation, kind, reseed)
  if (started !== Start.Installed || successorOf(map, generation) !== Successor[kind]) throw new Error('the resize did not start')
  return generation
}

/** Brings the map to rest. */
export function quiesce(map: RawMap): void {
  if (!map.kernel.quiesce(map.map, map.me)) throw new Error('the map does not come to rest')
}

/** Whatever `put` answers must be Written. */
export function fill(map: RawMap, keys: Iterable<number | string>, value: (key: number | string) => number | string = key => key): void {
  for (const key of keys) if (map.put(key, value(key)) !== Status.Written) throw new Error(`no room for ${key}`)
}

/** The units of all pages that are not kept for tables: what is free there, and what blocks take. */
export function unitsForBlocks(map: RawMap): number {
  return (map.kernel.pagesInAll(map.map) - 2 * map.kernel.zoneSize(map.map)) * PAGE_UNITS
}

/** The word of a page. */
export function pageWord(map: RawMap, page: number): bigint { return map.cells[pageCellOf(map, page)]! }
/** The cell of the word of a page. */
export function pageCellOf(map: RawMap, page: number): number { return map.map + high(map.cells[map.map + At.Store]!) + page }
/** The unit where a page begins. */
export function unitOfPage(map: RawMap, page: number): number { return low(map.cells[map.map + At.Ground]!) + page * PAGE_UNITS }
/** The page in which a block begins. */
export function pageOfBlock(map: RawMap, block: number): number { return Math.floor((block - unitOfPage(map, 0)) / PAGE_UNITS) }
/** The states of all pages, as 'Fresh', 'Tail', 'Emptied', ... */
export function pageStates(map: RawMap): string[] {
  return Array.from({ length: map.kernel.pagesInAll(map.map) }, (_, page) => PAGE.stateOf(pageWord(map, page)))
}

/** Units that no block of their span has: what is left at the ends of the spans that are in use. */
export function restUnits(map: RawMap): number {
  const words = Array.from({ length: map.kernel.pagesInAll(map.map) }, (_, page) => pageWord(map, page))
  const spans = words.filter(word => pageState(word) === Page.Blocks && !isEmptied(word))
  return spans.map(classIn).reduce((sum, of) => sum + spanOf(of) * PAGE_UNITS - blocksOf(of) * unitsOf(of), 0)
}

/** All blocks that are in use. */
export function usedBlocks(map: RawMap): number[] {
  const all: number[] = []
  for (let block = map.kernel.nextUsed(map.map, 0); block !== 0; block = map.kernel.nextUsed(map.map, block + 1)) all.push(block)
  return all
}

/** Allocates blocks for so many bytes until there is nothing left: all that it got. */
export function exhaust(map: RawMap, bytes = 1, me = map.me): number[] {
  const blocks: number[] = []
  for (let block = map.kernel.allocate(map.map, me, bytes, 0, 0); block !== 0; block = map.kernel.allocate(map.map, me, bytes, 0, 0)) blocks.push(block)
  return blocks
}
