import type { Repaired, SharedMap } from '../../lib/index'

export function replaceThreads(library: object, url: string, options: { threads: number, places: number, reaping: boolean, pool?: number }):
  Promise<{ failures: unknown[], threads: number, left: number, repaired: Repaired, map?: SharedMap<string, unknown> }>
