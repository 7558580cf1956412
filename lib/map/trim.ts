// trim: what writes do before they fail for want of memory, at a time that the program chooses.

import { PAGE_BYTES, noteResizes } from './stats'
import type { Reach } from './reach'

/** What is free after `trim`, in bytes. */
export interface Trimmed {
  /** By how much more is free than before; less than nothing if others have written meanwhile. */
  readonly gained: number
  /** All that is free, as `stats().memory.free` says it. */
  readonly free: number
  /** The most that lies side by side, as `stats().memory.largest` says it. */
  readonly largest: number
}

/** @internal */
export function trim({ attachment, fields }: Reach): Trimmed {
  const { kernel, at, me } = attachment, before = kernel.freeUnits(at)
  kernel.trim(at, me)
  noteResizes(attachment, fields)
  const free = kernel.freeUnits(at)
  return { gained: (free - before) * 16, free: free * 16, largest: kernel.mostTogether(at) * PAGE_BYTES }
}
