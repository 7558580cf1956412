// What `create` and `attach` may be asked for, checked and completed.

import type { BackendName, MemoryKind } from '../backend/backend'
import type { Codec } from '../codec/codec'
import { OptionsError } from '../errors'
import { AREA_CELLS } from '../kernel/layout'
import { MOST_PLACES } from '../kernel/words/participant'
import { nearest, shown } from './naming'

/** Options of `SharedMap.attach`. It takes those of `create` too, and leaves what only `create` can use alone. */
export interface AttachOptions<K, V> {
  /** Which kernel this worker runs; the default is the fastest that is allowed. Workers need not agree. */
  readonly backend?: BackendName
  /** How keys become bytes; must be the codec that the map was created with. Default: the built-in encoding. */
  readonly keys?: Codec<K>
  /** How values become bytes; must be the codec that the map was created with. Default: the built-in encoding. */
  readonly values?: Codec<V>
}

/** Options of `SharedMap.create`. */
export interface CreateOptions<K, V> extends AttachOptions<K, V> {
  /**
   * Most memory that the map may ever use, in bytes; rounded up to 64 KiB. Default 512 MiB, at most 4 GiB. It is
   * reserved, not used: Linux charges only for pages that were touched; Windows may charge for all of it.
   */
  readonly maxByteLength?: number
  /**
   * Entries to make room for at once. Default: the smallest table, which grows by itself. The map never shrinks below it. Takes about
   * 46 bytes an entry of `maxByteLength`, so at most 92 million.
   */
  readonly capacity?: number
  /**
   * What the map lies in. `'wasm'` is a `WebAssembly.Memory`, for which the system sets some 10 GiB of addresses aside whatever
   * `maxByteLength` is: a page of Chromium has room for some 120, a process on Linux for some 12,000, and one under `ulimit -v` may
   * have room for none. `'plain'` is a `SharedArrayBuffer`, on which every worker runs the JavaScript backend. Default: `'wasm'`
   * where it is to be had, or else `'plain'`.
   */
  readonly memory?: MemoryKind
  /**
   * How many workers can be attached at once, at most 4,095. Default: what a thirty-second of `maxByteLength` has room for, up to 64, or
   * a sixty-fourth, up to 1,000; at least 7, or 3 below 256 KiB. Each takes 8 KiB, which nothing else can use; those that were never taken
   * are not touched.
   */
  readonly places?: number
  /**
   * A number that fixes the layout, for reproducible runs, up to the first reseed. Default: random, so that nobody can choose keys
   * that collide; where keys come from strangers, leave it out.
   */
  readonly seed?: number
}

/** @internal Geometry that only specs change. */
export interface Geometry { readonly places?: number, readonly chunkShift?: number, readonly fewestSlots?: number }

const KIB = 1024
const MIB = KIB * KIB
const PAGE = 64 * KIB
/** @internal The default of `maxByteLength`: room for some 16 million pairs of integers. */
export const DEFAULT_BYTES = 512 * MIB
/** @internal What a WebAssembly memory can hold. */
export const MOST_BYTES = 4096 * MIB
/** @internal Room for the header and a few participants, with something left for a table. */
export const FEWEST_BYTES = 128 * KIB
const SMALLEST_TABLE = 16
/** Most entries to make room for: what fits into `MOST_BYTES`, in whole millions. */
const MOST_CAPACITY = 92_000_000
const AREA_BYTES = AREA_CELLS * 8
const FEWEST_PLACES = 7
/** In the smallest maps. */
const FEWEST_PLACES_OF_ALL = 3
/** Presized tables are filled to this share, safely below the three quarters at which they grow. */
const PRESIZED_LOAD = 0.7

/** @internal A map's shape, completed. */
export interface Shape {
  byteLength: number, places: number, chunkShift: number, slots: number, seed: number | undefined, memory: MemoryKind | undefined
}

/** @internal What `create` says of a capacity that does not fit: `most` are the slots that a table can have in this memory. */
export function tooSmall({ byteLength, places, slots }: Shape, most: number): OptionsError {
  const capacityOf = (count: number): number => Math.min(MOST_CAPACITY, Math.max(0, Math.floor(count * PRESIZED_LOAD) - 1))
  // Two tables, each slot with its share of a page word and of a done-word, the participants' areas, and what rounding takes.
  const bytesWith = (areas: number): number => Math.ceil((slots * 4.05 + (areas + 2) * AREA_CELLS) * 8 / PAGE) * PAGE
  // More memory may have more places, which need more memory: each time a sixty-fourth of what the last has added.
  let needed = 0
  for (let next = bytesWith(places); next > needed; next = bytesWith(Math.max(places, defaultPlaces(next)))) needed = next
  const larger = needed <= MOST_BYTES ? `a maxByteLength of ${needed}, or ` : ''
  return new OptionsError(`The capacity asked for is too large: two tables of ${slots} slots do not fit into a maxByteLength of `
    + `${byteLength}. Ask for ${larger}a capacity of at most ${capacityOf(most)}.`)
}

/** Every option there is: an object, so that the compiler finds what is missing here. */
const KNOWN: Readonly<Record<keyof CreateOptions<never, never>, true>> = {
  backend: true, capacity: true, keys: true, maxByteLength: true, memory: true, places: true, seed: true, values: true,
}

/** @internal Throws `OptionsError` for what is no object, for an option that there is not, and for a wrong backend or codec. */
export function checkOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new OptionsError(`The options are ${shown(options)}. Pass an object such as { maxByteLength: 1024 ** 3 }, or nothing.`)
  }
  for (const name of Object.keys(options)) if (!Object.hasOwn(KNOWN, name)) throw new OptionsError(unknownOption(name))
  const { backend, keys, values } = options as Record<string, unknown>
  checkBackend(backend)
  checkCodec('keys', keys)
  checkCodec('values', values)
}

function unknownOption(name: string): string {
  const all = Object.keys(KNOWN), near = nearest(name, all)
  return `There is no option ${shown(name)}. ` + (near === undefined ? `The options are ${all.join(', ')}.` : `Did you mean ${near}?`)
}

function checkCodec(which: string, codec: unknown): void {
  if (codec === undefined) return
  const { name, encode, decode } = Object(codec) as Record<string, unknown>
  if (typeof encode !== 'function' || typeof decode !== 'function') {
    throw new OptionsError(`${which} is ${shown(codec)}, which is no codec. `
      + 'Pass an object with the functions encode and decode (see Codec), or leave it out.')
  }
  if (name !== undefined && typeof name !== 'string') {
    throw new OptionsError(`The name of the codec ${which} is ${shown(name)}. It must be a string.`)
  }
}

/** @internal Checks the options and completes them. */
export function shapeOf(options: CreateOptions<never, never>, geometry: Geometry = {}): Shape {
  checkOptions(options)
  const { maxByteLength = DEFAULT_BYTES, capacity, places, seed, backend, memory } = options
  checkNumber('maxByteLength', maxByteLength, FEWEST_BYTES, MOST_BYTES)
  if (capacity !== undefined) checkNumber('capacity', capacity, 0, MOST_CAPACITY)
  if (places !== undefined) checkNumber('places', places, 1, Math.min(MOST_PLACES, mostPlaces(maxByteLength)))
  if (seed !== undefined && !Number.isSafeInteger(seed)) throw new OptionsError(`seed is ${shown(seed)}. It must be an integer.`)
  checkMemory(memory, backend)
  const byteLength = Math.ceil(maxByteLength / PAGE) * PAGE
  return {
    byteLength, seed, memory: memory ?? (backend === 'wasm' ? 'wasm' : undefined),
    places: geometry.places ?? places ?? defaultPlaces(byteLength),
    chunkShift: geometry.chunkShift ?? 7,
    slots: Math.max(geometry.fewestSlots ?? SMALLEST_TABLE, Math.ceil((capacity ?? 0) / PRESIZED_LOAD)),
  }
}

/** As many as fit a thirty-second of the memory, up to 64; or a sixty-fourth, up to 1,000. */
function defaultPlaces(byteLength: number): number {
  const many = Math.min(64, byteLength / 32 / AREA_BYTES), most = Math.min(1000, byteLength / 64 / AREA_BYTES)
  return Math.max(byteLength < 256 * KIB ? FEWEST_PLACES_OF_ALL : FEWEST_PLACES, Math.floor(Math.max(many, most)))
}

/** More leave nothing for tables. */
const mostPlaces = (maxByteLength: number): number => Math.max(FEWEST_PLACES, Math.floor(maxByteLength / 2 / AREA_BYTES))

function checkNumber(name: string, value: unknown, least: number, most: number): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return
  throw new OptionsError(`${name} is ${shown(value)}. It must be a whole number from ${least} to ${most}.`)
}

function checkMemory(memory: unknown, backend: unknown): void {
  if (memory !== undefined && memory !== 'wasm' && memory !== 'plain') {
    throw new OptionsError(`memory is ${shown(memory)}. It must be 'wasm' or 'plain'; leave it out for the one that can be had.`)
  }
  if (memory === 'plain' && backend === 'wasm') {
    throw new OptionsError('memory is "plain" and backend is "wasm": WebAssembly cannot use a plain SharedArrayBuffer. '
      + 'Leave one of the two out.')
  }
}

function checkBackend(backend: unknown): void {
  if (backend === undefined || backend === 'wasm' || backend === 'javascript') return
  throw new OptionsError(`backend is ${shown(backend)}. It must be 'wasm' or 'javascript'; leave it out for the fastest that is allowed.`)
}
