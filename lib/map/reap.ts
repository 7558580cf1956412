// reap: what a worker that was killed had begun is brought to its end, then its place is taken back.

import type { Attachment } from './attachment'
import { corrupted } from './reach'

/**
 * @internal Takes back a participant's place; whether there was one. First a clear that is decided is carried out: so once a participant is
 * reaped, nothing that its worker began takes effect any more. In this order a reaper that is killed in between leaves the
 * place for the next.
 */
export function reap({ kernel, at, me }: Attachment, participant: number, ended: boolean): boolean {
  if (!kernel.settleClear(at, me)) throw corrupted(undefined)
  // A WebAssembly function answers with a number.
  return Boolean(kernel.reap(at, participant, ended))
}
