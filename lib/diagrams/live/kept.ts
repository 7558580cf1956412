// Keys that only the page writes: whatever the workers do, and whichever of them is killed, what was written stays.

import type { SharedMap } from '../../map/shared-map'
import type { Settings } from './protocol'

/** The page's own entries: keys -1 to -count. */
export interface Kept {
  count: number
  /** Rounds of writes so far; each key's value says in which it was written last. */
  writes: number
  /** How often one was not as written. */
  lost: number
}

type Entries = SharedMap<number, number | string>

/** Most of them, by the workers' keys: enough to be in every part of the table, too few to matter. */
const mostFor = (keys: number): number => Math.min(256, Math.max(2, keys >> 5))

/** Key -n is written in the rounds that n divides, or, above that, when it is added. */
const valueOf = (n: number, round: number): number => round - round % n + n

/** One round: all are looked at; then, unless all is to rest, one more is added and those whose turn it is are written anew. */
export function keepOn(map: Entries, kept: Kept, { keys, paused }: Settings): void {
  checkKept(map, kept)
  if (paused) return
  kept.writes++
  if (kept.count < mostFor(keys)) kept.count++
  for (; kept.count > mostFor(keys); kept.count--) map.delete(-kept.count)
  for (let n = 1; n <= kept.count; n++) if (n === kept.count || kept.writes % n === 0) map.set(-n, valueOf(n, kept.writes))
}

function checkKept(map: Entries, kept: Kept): void {
  for (let n = 1; n <= kept.count; n++) if (map.get(-n) !== valueOf(n, kept.writes)) kept.lost++
}

/** Writes all of them anew, after a clear. */
export function rewrite(map: Entries, kept: Kept): void {
  for (let n = 1; n <= kept.count; n++) map.set(-n, valueOf(n, kept.writes))
}
