// SharedMaps for the specs: tables of four slots and copy chunks of one slot, so that resizes happen all the time.

import { type SharedMap, createShaped } from '../../lib/map/shared-map'
import type { CreateOptions, Geometry } from '../../lib/map/options'

export const TINY: Geometry = { places: 7, chunkShift: 0, fewestSlots: 4 }

export function tinyMap<K, V>(options: CreateOptions<K, V> = {}, geometry: Geometry = TINY): SharedMap<K, V> {
  return createShaped<K, V>({ maxByteLength: 1 << 20, ...options }, geometry)
}

/** Seeds of fast-check: SEED= replays a failing run. fast-check prints the seed of a failure by itself. */
export function runs(numRuns: number): { numRuns: number, seed?: number } {
  return process.env.SEED === undefined ? { numRuns } : { numRuns, seed: Number(process.env.SEED) }
}
