// What `create` and `attach` may be asked for, checked and completed.

import type { BackendName } from '../backend/backend'
import type { Codec } from '../codec/codec'
import { OptionsError } from '../errors'

/** Options of `SharedMap.attach`. */
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
  /** Entries to make room for at once. Default: the smallest table, which grows by itself. The map never shrinks below it. */
  readonly capacity?: number
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
/** @internal The default of `maxByteLength`: room for some 12 million pairs of integers. */
export const DEFAULT_BYTES = 512 * MIB
/** @internal What a WebAssembly memory can hold. */
export const MOST_BYTES = 4096 * MIB
/** @internal Room for the header and a few participants, with something left for a table. */
export const FEWEST_BYTES = 128 * KIB
const SMALLEST_TABLE = 16
/** Presized tables are filled to this share, safely below the three quarters at which they grow. */
const PRESIZED_LOAD = 0.7

/** @internal A map's shape, completed. */
export interface Shape { byteLength: number, places: number, chunkShift: number, slots: number, seed: number | undefined }

/** @internal Checks the options and completes them. */
export function shapeOf(options: CreateOptions<never, never>, geometry: Geometry = {}): Shape {
  const { maxByteLength = DEFAULT_BYTES, capacity, seed, backend } = options
  checkNumber('maxByteLength', maxByteLength, FEWEST_BYTES, MOST_BYTES)
  if (capacity !== undefined) checkNumber('capacity', capacity, 0, 2 ** 27)
  if (seed !== undefined && !Number.isSafeInteger(seed)) throw new OptionsError(`seed is ${String(seed)}. It must be an integer.`)
  checkBackend(backend)
  const byteLength = Math.ceil(maxByteLength / PAGE) * PAGE
  return {
    byteLength, seed,
    places: geometry.places ?? (byteLength >= 4 * MIB ? 64 : 7),
    chunkShift: geometry.chunkShift ?? 7,
    slots: Math.max(geometry.fewestSlots ?? SMALLEST_TABLE, Math.ceil((capacity ?? 0) / PRESIZED_LOAD)),
  }
}

function checkNumber(name: string, value: unknown, least: number, most: number): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return
  throw new OptionsError(`${name} is ${String(value)}. It must be a whole number from ${least} to ${most}.`)
}

/** @internal Throws `OptionsError` for what is no backend. */
export function checkBackend(backend: unknown): void {
  if (backend === undefined || backend === 'wasm' || backend === 'javascript') return
  throw new OptionsError(`backend is ${String(backend)}. It must be 'wasm' or 'javascript'; leave it out for the fastest that is allowed.`)
}
