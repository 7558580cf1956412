// The record that carries a map to another thread: plain, so that structured clone takes it as it is.

import { isSharedBuffer } from '../backend/realms'
import { HandleError } from '../errors'

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
    throw new HandleError(`The handle has version ${String(record.version)}, this library understands version ${HANDLE_VERSION}. `
      + `Load the same version of nonblocking-map in every worker.`)
  }
  if (!isSharedBuffer(record.buffer) || typeof record.at !== 'number') {
    throw new HandleError('The handle has lost its memory on the way. Send it with postMessage or workerData (not as JSON, and not to another process).')
  }
  return record as Handle
}
