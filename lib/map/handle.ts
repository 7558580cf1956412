// The record that carries a map to another thread: plain, so that structured clone takes it as it is.

import { isSharedBuffer } from '../backend/realms'
import { HandleError } from '../errors'
import { AREA_CELLS, At } from '../kernel/layout'
import { MeBits } from '../kernel/words/participant'
import { shown } from './naming'

/** @internal The version of the handle's shape. */
export const HANDLE_VERSION = 1

/**
 * What `map.handle` gives and `SharedMap.attach` takes. Post it to a worker, or put it into `workerData`. It cannot be
 * sent to another process, and must not be in a transfer list.
 */
export interface Handle {
  readonly format: 'nonblocking-map'
  readonly version: number
  /** The `WebAssembly.Memory` that `buffer` belongs to; absent where there is no WebAssembly. */
  readonly memory: object | undefined
  readonly buffer: SharedArrayBuffer
  /** Where in the buffer the map begins, in cells of 8 bytes. */
  readonly at: number
  /** The place that `invite` kept for the receiver; 0 when the receiver looks for one itself. */
  readonly participant: number
  /** The names of the codecs that the map was created with. */
  readonly codecs: { readonly keys: string | undefined, readonly values: string | undefined }
}

/** @internal Throws `HandleError` for whatever is not a handle that this version understands. */
export function checkHandle(handle: unknown): Handle {
  const record = handle as Partial<Handle> | null | undefined
  if (typeof record !== 'object' || record === null || record.format !== 'nonblocking-map') {
    throw new HandleError('This is not a map\'s handle. Pass what map.handle or map.invite() gave, as it arrived in the worker.')
  }
  if (record.version !== HANDLE_VERSION) {
    throw new HandleError(`The handle has version ${shown(record.version)}, this library understands version ${HANDLE_VERSION}. `
      + `Load the same version of nonblocking-map in every worker.`)
  }
  if (!isSharedBuffer(record.buffer)) {
    throw new HandleError('The handle has lost its memory on the way. Send it with postMessage or workerData (not as JSON, and not to another process).')
  }
  checkPlaces(record as Handle)
  checkMemory(record as Handle)
  checkCodecs(record.codecs)
  return record as Handle
}

const HINT = 'Pass what map.handle or map.invite() gave, as it arrived in the worker, and change nothing in it.'

function refuseIf(wrong: boolean, what: string): void { if (wrong) throw new HandleError(`${what}. ${HINT}`) }

const isIndex = (value: unknown): value is number => Number.isInteger(value) && value as number >= 0

/** A map, and a participant's area, lie wholly in the buffer. */
function checkPlaces({ buffer: { byteLength }, at, participant }: Handle): void {
  refuseIf(byteLength % 8 !== 0, `The handle's buffer has ${byteLength} bytes, which no map has`)
  const isIn = (cell: number): boolean => (cell + AREA_CELLS) * 8 <= byteLength
  refuseIf(!isIndex(at) || !isIn(at), `The handle's at is ${shown(at)}, which is no place in its buffer of ${byteLength / 8} cells`)
  // Its upper bits name the area, its lower ones whose turn it is there.
  const isParticipant = isIndex(participant) && participant < 2 ** 31 && isIn(at + (participant >>> MeBits.AreaShift) * AREA_CELLS)
  refuseIf(!isParticipant, `The handle's participant is ${shown(participant)}, which no map gives`)
}

/** `memory` is a WebAssembly.Memory, of this realm or another, that shows the same bytes as `buffer`. */
function checkMemory({ memory, buffer, at }: Handle): void {
  if (memory === undefined || typeof WebAssembly === 'undefined') return
  const of = bufferOf(memory)
  if (of === undefined) throw new HandleError(`The handle's memory is ${shown(memory)}, not a WebAssembly.Memory. ${HINT}`)
  refuseIf(of.byteLength !== buffer.byteLength || !showSame(of, buffer, at), `The handle's memory and its buffer are not of one map`)
}

function bufferOf(memory: unknown): ArrayBufferLike | undefined {
  try {
    return Object.getOwnPropertyDescriptor(WebAssembly.Memory.prototype, 'buffer')!.get!.call(memory) as ArrayBufferLike
  } catch {
    return undefined
  }
}

/** Whether both hold the map of one identity: words that are random for each map, and never change. */
function showSame(one: ArrayBufferLike, other: ArrayBufferLike, at: number): boolean {
  return one === other || new BigInt64Array(one)[at + At.Identity] === new BigInt64Array(other)[at + At.Identity]
}

function checkCodecs(codecs: unknown): void {
  const { keys, values } = Object(codecs) as Record<string, unknown>
  const isName = (name: unknown): boolean => name === undefined || typeof name === 'string'
  refuseIf(typeof codecs !== 'object' || codecs === null || !isName(keys) || !isName(values),
    `The handle's codecs are ${shown(codecs)}, not the names of the map's codecs`)
}
