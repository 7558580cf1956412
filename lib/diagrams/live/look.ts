// What a picture of the map is made of, read from its words with the kernel's own decoding. It only loads, so whoever looks
// changes nothing and holds nobody up.
//
// It is built as the JavaScript kernel is: over the cells of one buffer. Words that are read one after the other need not
// have stood together at any one moment; each of them stood there when it was read.

import { Table, chunksAt, pageAt, regionAt, slotsAt, tableAt, pagesInAll } from '../../kernel/layout'
import { type Word, load, low } from '../../kernel/memory'
import { blocksOf } from '../../kernel/sizes'
import { capacityOf, chunksOf, rootGeneration } from '../../kernel/table'
import { Chunk, chunkState } from '../../kernel/words/chunk'
import { claimsCount, isClosed } from '../../kernel/words/claims'
import { slotsOf } from '../../kernel/words/header'
import { endsProbe, isEmptyKey } from '../../kernel/words/key'
import { Page, classIn, pageState, pagesIn, versionIn } from '../../kernel/words/page'
import { Region, regionState } from '../../kernel/words/region'
import { generationOf } from '../../kernel/words/root'
import { Successor, successorKind } from '../../kernel/words/successor'
import { Value, valueState } from '../../kernel/words/value'
import { isKept } from '../../kernel/zone'
import { type Looked, PageKind, Slot, type Survey, type TableLook, type TableState } from './states'

const BY_VALUE: Readonly<Record<Value, Slot>> = {
  [Value.Empty]: Slot.Empty, [Value.Tombstone]: Slot.Tombstone, [Value.Value]: Slot.Value, [Value.Prime]: Slot.Prime,
  [Value.DeadEmpty]: Slot.DeadEmpty, [Value.DeadDeleted]: Slot.DeadDeleted, [Value.DeadMoved]: Slot.DeadMoved,
}

function slotState(key: Word, value: Word): Slot {
  const state = valueState(value)
  if (state !== Value.Empty) return BY_VALUE[state]
  return isEmptyKey(key) ? Slot.Empty : endsProbe(key) ? Slot.Sealed : Slot.Key
}

/** The states of the slots from `from` up to `to`, into `into` at the same places. False if the table has gone meanwhile. */
export function readSlots(map: number, generation: number, from: number, to: number, into: Uint8Array): boolean {
  const capacity = capacityOf(map, generation)
  if (capacity < to) return false
  const first = slotsAt(map, generation, capacity)
  for (let index = from; index < to; index++) into[index] = slotState(load(first + index * 2), load(first + index * 2 + 1))
  return capacityOf(map, generation) >= to
}

/** What the headers of both halves say. O(chunks) of a table that is copied or swept. */
export function survey(map: number): Survey {
  const root = rootGeneration(map)
  return { generation: root, tables: [tableIn(map, 0, root), tableIn(map, 1, root)] }
}

function tableIn(map: number, half: number, root: number): TableLook {
  const region = load(regionAt(map, half)), used = regionState(region) !== Region.Free, generation = generationOf(region)
  if (!used) return free(generation, slotsOf(load(tableAt(map, half) + Table.Capacity)))
  const state = stateOf(map, generation, root), capacity = Math.max(0, capacityOf(map, generation))
  const claims = load(tableAt(map, half) + Table.Claims), own = generationOf(claims) === generation
  const chunks = capacity === 0 ? 0 : chunksOf(map, capacity)
  const [done, swept] = state === 'copying' || state === 'clearing' || state === 'sweeping' ? countChunks(map, generation, chunks) : [0, 0]
  return {
    name: `Table ${generation}`, generation, isRoot: generation === root, state: state === 'clearing' && done === chunks ? 'sweeping' : state, capacity,
    claims: own ? claimsCount(claims) : 0, closed: own && isClosed(claims), chunks, chunksDone: done, chunksSwept: swept,
  }
}

function free(generation: number, capacity: number): TableLook {
  return { name: 'Free', generation, isRoot: false, state: 'free', capacity, claims: 0, closed: false, chunks: 0, chunksDone: 0, chunksSwept: 0 }
}

/** The state of a table in use; a cleared one is `clearing` until its chunks are counted. */
function stateOf(map: number, generation: number, root: number): TableState {
  const kind = successorOf(map, generation), age = generation - root | 0
  if (age === 0) return kind === Successor.Copy ? 'copying' : 'sole'
  if (age > 0) return successorOf(map, root) === Successor.None ? 'building' : 'filling'
  return kind === Successor.Clear ? 'clearing' : 'sweeping'
}

function successorOf(map: number, generation: number): Successor {
  const word = load(tableAt(map, generation) + Table.Successor)
  return generationOf(word) === generation ? successorKind(word) : Successor.None
}

function countChunks(map: number, generation: number, chunks: number): [done: number, swept: number] {
  const first = chunksAt(map, generation)
  let done = 0, swept = 0
  for (let chunk = 0; chunk < chunks; chunk++) {
    const word = load(first + chunk)
    if (generationOf(word) !== generation || chunkState(word) === Chunk.Open) continue
    done++
    if (chunkState(word) === Chunk.Swept) swept++
  }
  return [done, swept]
}

/** Both tables with all their slots. O(slots). */
export function look(map: number): Looked {
  const { generation, tables } = survey(map)
  return { generation, tables: tables.map(table => ({ ...table, slots: slotsIn(map, table) })) }
}

/** The slots of a table, or none where it is free or has gone. */
function slotsIn(map: number, { state, generation, capacity }: TableLook): Uint8Array {
  const slots = new Uint8Array(state === 'free' ? 0 : capacity)
  return readSlots(map, generation, 0, slots.length, slots) ? slots : new Uint8Array(0)
}

/** Pages that the map has. */
export function pageCount(map: number): number { return pagesInAll(map) }

/** What the pages from `from` up to `to` are, into `into` at the same places. */
export function readPages(map: number, from: number, to: number, into: Uint8Array): void {
  for (let page = from; page < to; page++) into[page] = pageKind(map, page)
}

function pageKind(map: number, page: number): PageKind {
  const word = load(pageAt(map, page)), state = pageState(word)
  if (state === Page.Table) return isKept(map, page, word) ? PageKind.Slots : PageKind.Free
  if (state !== Page.Tail) return firstKind(word)
  const distance = low(word), first = distance > 0 && distance <= page ? load(pageAt(map, page - distance)) : word
  return versionIn(first) === versionIn(word) && pagesIn(first) > distance ? firstKind(first) : PageKind.Free
}

/** Of the first page of a span or run. */
function firstKind(word: Word): PageKind {
  const state = pageState(word)
  if (state === Page.Claimed || state === Page.Run) return PageKind.Run
  if (state !== Page.Blocks) return PageKind.Free
  let used = blocksOf(classIn(word))
  const all = used
  for (let bits = low(word); bits !== 0; bits &= bits - 1) used--
  return used === 0 ? PageKind.Free : PageKind.Run + Math.ceil(used * 4 / all)
}
