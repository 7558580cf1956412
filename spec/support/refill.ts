// What the specs of memory that comes back share: the benchmark's `memory/refill` in small, over the library's sources.

import { Lab, MIB } from '../../bench/lib/refill.mjs'
import * as library from '../../lib/index'
import { collect } from './collect'
import { type Backend, Random } from './kernels'

/** Kinds of which a map of a mebibyte holds some. */
export const KINDS_THAT_FIT = ['integers', '16 B', '100 B', '1 kB', '10 kB', '100 kB', 'keys of 3 kB']

/** What is measured with on a backend; `where` replays it. JavaScript is slow: its maps are smaller, and a kind meets one other, not all. */
export function labFor(backend: Backend): { lab: Lab, where: string, size: number, othersOf: (kind: string) => string[] } {
  // A collection after each map would take as long as the map.
  let maps = 0
  const seed = new Random().seed, lab = new Lab(library, { backend, seed, collect: () => { if (++maps % 25 === 0) collect() } })
  const othersOf = (kind: string): string[] => {
    const others = KINDS_THAT_FIT.filter(other => other !== kind), n = KINDS_THAT_FIT.indexOf(kind)
    return backend === 'wasm' ? others : [KINDS_THAT_FIT[(n + 3) % KINDS_THAT_FIT.length]!]
  }
  return { lab, where: `seed ${seed}`, size: backend === 'wasm' ? MIB : MIB / 2, othersOf }
}

export interface Refilled { held: number, wanted: number, share: number }

/** Says what falls short of a share: `10 of 820 of 1 kB`. One value of many counts, one of a few does not, but there must be one. */
export function short(least: number, { held, wanted }: Omit<Refilled, 'share'>, what: string): string[] {
  return held >= Math.max(1, Math.floor(wanted * least)) ? [] : [`${held} of ${wanted} ${what}`]
}
