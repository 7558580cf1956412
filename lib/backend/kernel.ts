// What both backends offer: the kernel's exports. See `lib/kernel/index.ts`.

import type * as exported from '../kernel/index'

/** The kernel over one buffer. */
export type Kernel = typeof exported

/** Called by checked kernels at every swap. */
export interface Checks {
  propose(step: number, seen: bigint, next: bigint): void
  took(step: number): void
  fail(law: number): void
}
