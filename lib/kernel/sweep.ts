// The sweep: a retired region becomes Empty again, chunk by chunk, and frees the keys that did not move. Before it, a
// table that was cleared is killed chunk by chunk, since no copier did that.
//
// In all of this file `generation` is that of the retired table: the root's minus one.

import { Word, fail, load, low, pack, peek, poke } from './memory'
import { swap } from './step'
import { Area, Table, chunkShift, chunksAt, areaOf, regionAt, slotsAt, tableAt } from './layout'
import { freeBlock, noteFreed } from './blocks'
import { finishCopy, lastSlot, nextChunk } from './copy'
import { retire } from './promote'
import { addSize } from './size'
import { capacityOf, chunksOf } from './table'
import { Chunk, ChunkStep, CursorStep, chunkState, chunkWord, movedIn } from './words/chunk'
import { KeyStep, Tag, isEmptyKey, keyReference, keyTag, sealedKey, sweptKey } from './words/key'
import { Region, RegionStep, regionWord } from './words/region'
import { generationOf } from './words/root'
import { Successor, successorKind } from './words/successor'
import { Value, ValueStep, bareWord, isDead, isEmptyValue, isLeftBehind, valueReference, valueState, valueTag, versionOf } from './words/value'
import { isAbove } from './words/floor'
import { raiseFloor } from './zone'

/** Whether the region is still the retired one. Asked before each swap of the sweep. */
function isRetired(map: i32, generation: i32): boolean {
  return load(regionAt(map, generation)) === regionWord(generation, Region.Retired)
}

/** Whether the region of this generation waits to be swept. Whoever finds it still in use first marks it retired. */
export function needsSweep(map: i32, generation: i32): boolean {
  retire(map, generation)
  return isRetired(map, generation)
}

function wasCleared(map: i32, generation: i32): boolean {
  const word = load(tableAt(map, generation) + Table.Successor)
  return generationOf(word) === generation && successorKind(word) === Successor.Clear
}

// --- killing what clear left

function isOpenChunk(map: i32, generation: i32, chunk: i32): boolean {
  return load(chunksAt(map, generation) + chunk) === chunkWord(generation, Chunk.Open, 0)
}

/** Seals and kills one slot of a cleared table. False if somebody set the chunk's done-word: then all of it is dead. */
function killSlot(map: i32, me: i32, generation: i32, chunk: i32, slot: i32): boolean {
  while (true) {
    const seen = load(slot)
    if (!isEmptyKey(seen)) break
    if (!isOpenChunk(map, generation, chunk)) return false
    swap(slot, seen, sealedKey(seen), KeyStep.SealCleared)
  }
  while (true) {
    const seen = load(slot + 1)
    if (isDead(seen)) return true
    if (!isOpenChunk(map, generation, chunk)) return false
    if (killValue(slot, seen)) { dropValue(map, me, seen); return true }
  }
}

function killValue(slot: i32, seen: Word): boolean {
  const state = valueState(seen)
  if (state === Value.Empty) return swap(slot + 1, seen, bareWord(seen, Value.DeadEmpty), ValueStep.ClearEmpty)
  return swap(slot + 1, seen, bareWord(seen, Value.DeadDeleted), state === Value.Value ? ValueStep.ClearValue : ValueStep.ClearTombstone)
}

/** The winner of a swap that unlinked a value frees its record and corrects the size. */
function dropValue(map: i32, me: i32, seen: Word): void {
  if (valueState(seen) !== Value.Value) return
  if (valueTag(seen) === Tag.Record) freeBlock(map, me, valueReference(seen))
  addSize(map, me, -1)
}

function killChunk(map: i32, me: i32, generation: i32, chunk: i32, capacity: i32): void {
  const slots = slotsAt(map, generation, capacity), last = lastSlot(map, chunk, capacity)
  for (let index = chunk << chunkShift(map); index < last; index++) {
    if (!killSlot(map, me, generation, chunk, slots + (index << 1))) return
  }
  swap(chunksAt(map, generation) + chunk, chunkWord(generation, Chunk.Open, 0), chunkWord(generation, Chunk.Done, 0), ChunkStep.Done)
}

/** Kills all that is left of a cleared table: when this returns, its entries are no longer counted. */
export function finishKill(map: i32, me: i32, generation: i32): void {
  const capacity = capacityOf(map, generation), chunks = chunksOf(map, capacity)
  if (capacity < 0 || !needsSweep(map, generation) || !wasCleared(map, generation)) return
  for (let chunk = 0; chunk < chunks; chunk++) {
    if (isOpenChunk(map, generation, chunk)) killChunk(map, me, generation, chunk, capacity)
  }
}

// --- sweeping

/** Makes one dead slot Empty, for the next incarnation: its value word's version then, or -1 if the region is no longer this generation's to sweep. */
function sweepSlot(map: i32, me: i32, generation: i32, slot: i32): i32 {
  // Key word first (correctness): while the value word is dead no writer can use the slot, whoever else sweeps it.
  const key = load(slot), value = load(slot + 1)
  if (!isEmptyKey(key)) {
    if (!isRetired(map, generation)) return -1
    if (swap(slot, key, sweptKey(key), keyTag(key) === Tag.None ? KeyStep.SweepSealed : KeyStep.SweepKey)) dropKey(map, me, key, value)
  }
  const seen = load(slot + 1)
  if (isEmptyValue(seen)) return versionOf(seen)
  if (!isRetired(map, generation)) return -1
  const next = bareWord(seen, Value.Empty)
  // Lost to another sweeper: it has written the same.
  swap(slot + 1, seen, next, stepOfSweep(seen))
  return versionOf(next)
}

function stepOfSweep(seen: Word): ValueStep {
  const state = valueState(seen)
  return state === Value.DeadMoved ? ValueStep.SweepMoved : state === Value.DeadDeleted ? ValueStep.SweepDeleted : ValueStep.SweepEmpty
}

/** Dead-moved means that the key's record lives on in the successor, if it was not left behind; otherwise the winner of the key's swap frees it. */
function dropKey(map: i32, me: i32, key: Word, value: Word): void {
  if (keyTag(key) === Tag.Record && (valueState(value) !== Value.DeadMoved || isLeftBehind(value))) freeBlock(map, me, keyReference(key))
}

function sweepChunk(map: i32, me: i32, generation: i32, chunk: i32, capacity: i32): boolean {
  const at = chunksAt(map, generation) + chunk, word = load(at)
  if (generationOf(word) !== generation) return false
  if (chunkState(word) === Chunk.Swept) return true
  const slots = slotsAt(map, generation, capacity), last = lastSlot(map, chunk, capacity)
  let latest = versionOf(load(slots + (chunk << chunkShift(map) << 1) + 1))
  for (let index = chunk << chunkShift(map); index < last; index++) {
    const version = sweepSlot(map, me, generation, slots + (index << 1))
    if (version < 0) return false
    if (isAbove(version, latest)) latest = version
  }
  // Before the chunk counts as swept: its pages may go to blocks then, and come back.
  raiseFloor(map, latest)
  swap(at, word, chunkWord(generation, Chunk.Swept, movedIn(word)), ChunkStep.Sweep)
  const area = areaOf(map, me)
  poke(area, Area.Swept << 1, peek(area, Area.Swept << 1) + last - (chunk << chunkShift(map)) | 0)
  return true
}

function allDone(map: i32, generation: i32, chunks: i32): boolean {
  for (let chunk = 0; chunk < chunks; chunk++) {
    const word = load(chunksAt(map, generation) + chunk)
    if (generationOf(word) !== generation || chunkState(word) === Chunk.Open) return false
  }
  return true
}

/** Opens the sweep, once every chunk is dead: the cursor's first step. */
function openSweep(map: i32, me: i32, generation: i32, capacity: i32): void {
  const at = tableAt(map, generation) + Table.SweepCursor, seen = load(at)
  if (generationOf(seen) !== generation || low(seen) !== 0) return
  if (!allDone(map, generation, chunksOf(map, capacity))) return finishKill(map, me, generation)
  if (CHECKED) assertDead(map, generation, capacity, seen)
  swap(at, seen, pack(generation, 1), CursorStep.Advance)
}

/** A law, in checked builds: a retired table is wholly dead before it is swept. */
function assertDead(map: i32, generation: i32, capacity: i32, cursor: Word): void {
  let open = 0
  for (let index = 0; index < capacity; index++) {
    const slot = slotsAt(map, generation, capacity) + (index << 1)
    if (!isDead(load(slot + 1)) || isEmptyKey(load(slot))) open++
  }
  if (open > 0 && load(tableAt(map, generation) + Table.SweepCursor) === cursor && isRetired(map, generation)) fail(1)
}

/** The bounded share of the sweep that each write does: one chunk to kill or to sweep. */
export function helpSweep(map: i32, me: i32, generation: i32): void {
  const capacity = capacityOf(map, generation), chunks = chunksOf(map, capacity)
  if (capacity < 0) return
  const cursor = load(tableAt(map, generation) + Table.SweepCursor)
  if (generationOf(cursor) !== generation) return
  if (low(cursor) === 0) return helpKill(map, me, generation, capacity)
  const next = nextChunk(map, generation, Table.SweepCursor, chunks + 1)
  if (next < 0) finishSweep(map, me, generation)
  else if (sweepChunk(map, me, generation, next - 1, capacity) && next === chunks) releaseRegion(map, me, generation, chunks)
}

function helpKill(map: i32, me: i32, generation: i32, capacity: i32): void {
  const chunk = wasCleared(map, generation) ? nextChunk(map, generation, Table.Cursor, chunksOf(map, capacity)) : -1
  if (chunk >= 0) killChunk(map, me, generation, chunk, capacity)
  else openSweep(map, me, generation, capacity)
}

/** Finishes a resize alone, the sweep of the table before included. */
export function finishResize(map: i32, me: i32, generation: i32): void {
  finishCopy(map, me, generation)
  finishSweep(map, me, generation)
}

/** Does all that is left of the sweep, alone if it must: the region is free when this returns, or somebody else's. */
export function finishSweep(map: i32, me: i32, generation: i32): void {
  const capacity = capacityOf(map, generation), chunks = chunksOf(map, capacity)
  if (capacity < 0 || !needsSweep(map, generation)) return
  finishKill(map, me, generation)
  openSweep(map, me, generation, capacity)
  for (let chunk = 0; chunk < chunks; chunk++) if (!sweepChunk(map, me, generation, chunk, capacity)) return
  releaseRegion(map, me, generation, chunks)
}

function allSwept(map: i32, generation: i32, chunks: i32): boolean {
  for (let chunk = 0; chunk < chunks; chunk++) {
    const word = load(chunksAt(map, generation) + chunk)
    if (generationOf(word) !== generation || chunkState(word) !== Chunk.Swept) return false
  }
  return true
}

function releaseRegion(map: i32, me: i32, generation: i32, chunks: i32): void {
  if (!allSwept(map, generation, chunks)) return
  // Pages that no table needs any more can be had from here on.
  if (swap(regionAt(map, generation), regionWord(generation, Region.Retired), regionWord(generation, Region.Free), RegionStep.Release)) noteFreed(map, me, 1)
}
