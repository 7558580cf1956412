// One worker's access to one map: its memory, its kernel, its place among the participants. However often a worker
// attaches, it takes part once.

import { type BackendName, type Memory, openKernel, reserveMemory } from '../backend/backend'
import type { Kernel } from '../backend/kernel'
import { CorruptedError, PlacesError } from '../errors'
import { At } from '../kernel/layout'
import type { Handle } from './handle'
import { type Shape, tooSmall } from './options'
import { lookForEnded, placesOf } from './places'
import { type Place, knownPlace, leavePlace, randomWords, sharePlace, thisThread } from './thread'

/** Everything that the methods of a map need. */
export interface Attachment {
  readonly memory: Memory
  readonly at: number
  readonly kernel: Kernel
  readonly backend: BackendName
  readonly bytes: Uint8Array
  readonly ints: Int32Array
  /** Who this worker is to the kernel. */
  readonly me: number
  /** This worker's place, which all its attachments to the map share. */
  readonly place: Place
}

/** Reserves memory and writes a new map into it. */
export function createMap(shape: Shape, backend: BackendName | undefined): Attachment {
  const memory = reserveMemory(shape.byteLength, shape.memory), { kernel } = openKernel(memory, backend), random = randomWords()
  const secretLow = shape.seed === undefined ? random[0]! : shape.seed | 0
  const secretHigh = shape.seed === undefined ? random[1]! : Math.floor(shape.seed / 2 ** 32) | 0
  // Cells are counted in 32 bits: 4 GiB are 2^29 of them.
  if (!kernel.create(0, shape.byteLength / 8, shape.places, shape.chunkShift, shape.slots, secretLow, secretHigh, random[2]!, random[3]!)) {
    throw tooSmall(shape, kernel.mostSlots(0))
  }
  return open(memory, 0, backend, 0)
}

/** Joins the map that a handle names. */
export function attachTo(handle: Handle, backend: BackendName | undefined): Attachment {
  return open({ memory: handle.memory as WebAssembly.Memory | undefined, buffer: handle.buffer }, handle.at, backend, handle.participant)
}

function open(memory: Memory, at: number, wanted: BackendName | undefined, invited: number): Attachment {
  const { kernel, backend } = openKernel(memory, wanted), cells = memory.buffer.byteLength / 8
  const wrong = at < 0 || at + 128 > cells ? 3 : kernel.recognize(at, cells - at)
  if (wrong === 1) throw new CorruptedError('There is no map in this buffer. Use the handle of a map that SharedMap.create made.')
  if (wrong === 2) throw new CorruptedError('The map in this buffer was made by another version of the layout. Load the same version of nonblocking-map in every worker.')
  if (wrong !== 0) throw new CorruptedError('The header of the map in this buffer contradicts itself. Something else has written into its memory; create a new map.')
  const identity = `${kernel.highAt(at + At.Identity)}:${kernel.lowAt(at + At.Identity)}`
  const place = takePlace(kernel, at, identity, invited)
  return { memory, at, kernel, backend, bytes: new Uint8Array(memory.buffer), ints: new Int32Array(memory.buffer), me: place.me, place }
}

function takePlace(kernel: Kernel, at: number, identity: string, invited: number): Place {
  const known = knownPlace(identity)
  if (known === undefined) return newPlace(kernel, at, identity, invited)
  // This thread takes part once: a further place that was kept for it is free again.
  if (invited !== 0 && invited !== known.me) kernel.decline(at, invited)
  known.users++
  return known
}

function newPlace(kernel: Kernel, at: number, identity: string, invited: number): Place {
  const thread = thisThread().number, me = invited !== 0 && kernel.accept(at, invited, thread) ? invited : kernel.join(at, thread)
  lookForEnded({ kernel, at }, identity, me === 0)
  if (me === 0) throw new PlacesError(placesOf({ kernel, at }))
  return { kernel, at, me, identity, users: 1 }
}

/** Keeps a place for a worker that is to come: its `me`. */
export function inviteTo({ kernel, at, place }: Attachment): number {
  const me = kernel.invite(at)
  lookForEnded({ kernel, at }, place.identity, me === 0)
  if (me === 0) throw new PlacesError(placesOf({ kernel, at }))
  return me
}

// --- attachments that nobody detaches

/** What is collected without being detached gives its place back too. The place is held here only until then. */
const forgotten = new FinalizationRegistry<Place>(place => {
  // Nobody is there to take an error: it throws nothing but what a corrupted buffer makes the kernel throw.
  try { leavePlace(place) } catch { /* Whoever uses the map next is told. */ }
})

/**
 * From here on another thread may join, or has been there before. Until then a map is this thread's alone: nothing is
 * noted of it, so that its memory goes when the program forgets it.
 */
export function share(owner: object, { place }: Attachment): void {
  sharePlace(place)
  forgotten.unregister(owner)
  forgotten.register(owner, place, owner)
}

/** Gives this attachment up. */
export function release(owner: object, { place }: Attachment): void {
  forgotten.unregister(owner)
  leavePlace(place)
}
