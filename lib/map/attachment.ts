// One worker's access to one map: its memory, its kernel, its place among the participants. However often a worker
// attaches, it takes part once.

import { type BackendName, type Memory, openKernel, reserveMemory } from '../backend/backend'
import type { Kernel } from '../backend/kernel'
import { oncePerThread } from '../backend/realms'
import { CorruptedError, OutOfMemoryError } from '../errors'
import { At } from '../kernel/layout'
import type { Handle } from './handle'
import { type Shape, tooSmall } from './options'

/** A place among the participants of one map, shared by all attachments of this worker to it. */
interface Place { me: number, users: number }

/** Also of the other copies of this library in this thread: together they are one participant. */
const places = oncePerThread('places', () => new Map<string, Place>())

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
  /** Names the map, wherever its memory is seen from. */
  readonly identity: string
}

/** This worker's number, where the runtime tells it (Node, Bun, Deno): 0 if it does not. */
function threadNumber(): number {
  const runtime = (globalThis as { process?: { getBuiltinModule?: (name: string) => { threadId?: number } | undefined } }).process
  const id = runtime?.getBuiltinModule?.('node:worker_threads')?.threadId
  return id === undefined ? 0 : id + 1
}

function randomWords(): Int32Array {
  const words = new Int32Array(4)
  const source = (globalThis as { crypto?: Crypto }).crypto
  if (source !== undefined) return source.getRandomValues(words)
  for (let i = 0; i < 4; i++) words[i] = Math.random() * 2 ** 32
  return words
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
  return { memory, at, kernel, backend, bytes: new Uint8Array(memory.buffer), ints: new Int32Array(memory.buffer), me: place.me, identity }
}

function takePlace(kernel: Kernel, at: number, identity: string, invited: number): Place {
  const known = places.get(identity), thread = threadNumber()
  if (known !== undefined) {
    known.users++
    return known
  }
  const me = invited !== 0 && kernel.accept(at, invited, thread) ? invited : kernel.join(at, thread)
  if (me === 0) throw new OutOfMemoryError('All places of the map are taken, and a guest\'s needs memory')
  const place = { me, users: 1 }
  places.set(identity, place)
  return place
}

/** The last user of this worker's place gives it back, with what its caches hold. */
export function leavePlace({ kernel, at, me, identity }: Attachment): void {
  const place = places.get(identity)
  if (place === undefined || --place.users > 0) return
  places.delete(identity)
  kernel.leave(at, me)
}
