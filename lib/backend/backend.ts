// Which kernel runs over a buffer: WebAssembly where it may be compiled, JavaScript everywhere else. Both read and write
// the same bytes, so that workers on different backends can share one map.

import { instantiate } from '#kernel/javascript'
import wasmText from '#kernel/wasm'
import { IsolationError, OptionsError } from '../errors'
import { bytesOf } from './carried'
import { strictChecks } from './checks'
import type { Checks, Kernel } from './kernel'

/** The two ways to run the kernel. `'wasm'` is several times faster; `'javascript'` needs no right to compile code. */
export type BackendName = 'wasm' | 'javascript'

/** What a map lies in: `'wasm'` is a `WebAssembly.Memory`, for both backends; `'plain'` a `SharedArrayBuffer`, for the JavaScript one. */
export type MemoryKind = 'wasm' | 'plain'

const PAGE = 65536

/** @internal The memory of a map: `memory` is there wherever it could be had, also for maps on the JavaScript backend. */
export interface Memory {
  readonly memory: WebAssembly.Memory | undefined
  readonly buffer: SharedArrayBuffer
}

let built: WebAssembly.Module | null | undefined

/** The compiled kernel, or null where compiling is impossible or forbidden. */
function compiled(): WebAssembly.Module | null {
  if (built !== undefined) return built
  try {
    built = new WebAssembly.Module(bytesOf(wasmText))
  } catch {
    built = null
  }
  return built
}

/** Throws where there is no shared memory to be had. */
function requireSharedMemory(): void {
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated
  if (isolated === false || typeof SharedArrayBuffer === 'undefined') throw new IsolationError()
}

/**
 * @internal Reserves zeroed shared memory of a whole number of pages. Untouched pages cost nothing. Where it is not said which kind is
 * wanted and the system gives no WebAssembly memory, for which it must set some 10 GiB of addresses aside, a plain one does.
 */
export function reserveMemory(byteLength: number, wanted: MemoryKind | undefined): Memory {
  requireSharedMemory()
  if (wanted === 'plain' || wanted === undefined && typeof WebAssembly === 'undefined') return reservePlain(byteLength)
  try {
    const pages = byteLength / PAGE, memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    return { memory, buffer: memory.buffer as unknown as SharedArrayBuffer }
  } catch (error) {
    if (wanted === undefined) return reservePlain(byteLength)
    throw new OptionsError(`There is no WebAssembly memory of ${byteLength} bytes to be had (${String(error)}). `
      + 'Each needs some 10 GiB of addresses, whatever its size: start Node with --disable-wasm-trap-handler, let go of maps that are '
      + 'used no more, or leave the options backend and memory out to run the JavaScript backend.')
  }
}

function reservePlain(byteLength: number): Memory {
  try {
    return { memory: undefined, buffer: new SharedArrayBuffer(byteLength) }
  } catch (error) {
    throw new OptionsError(`The system would not reserve ${byteLength} bytes of shared memory (${String(error)}). Ask for a smaller maxByteLength.`)
  }
}

/** Only checked kernels call these: a release build has neither the calls nor the monitor. */
const checks: Checks = CHECKED ? strictChecks : { propose() {}, took() {}, fail() {} }

const kernels = new WeakMap<object, Partial<Record<BackendName, Kernel>>>()

/** @internal The kernel over a memory: the one that was asked for, or else the fastest that is allowed. */
export function openKernel({ memory, buffer }: Memory, wanted: BackendName | undefined): { kernel: Kernel, backend: BackendName } {
  const wasm = memory === undefined || wanted === 'javascript' ? null : compiled()
  if (wanted === 'wasm' && memory === undefined) {
    throw new OptionsError('This map lies in a plain SharedArrayBuffer, which WebAssembly cannot use: it was created with memory: '
      + '\'plain\', or where no WebAssembly memory was to be had. Leave the option backend out to use the JavaScript one.')
  }
  if (wanted === 'wasm' && wasm === null) {
    throw new OptionsError('The WebAssembly backend may not be compiled here (a content-security policy?). '
      + 'Leave the option backend out to use the JavaScript one.')
  }
  const backend: BackendName = wasm === null ? 'javascript' : 'wasm', open = kernels.get(buffer) ?? {}
  kernels.set(buffer, open)
  open[backend] ??= wasm === null ? instantiate(new BigInt64Array(buffer), checks) : instance(wasm, memory!)
  return { kernel: open[backend], backend }
}

function instance(wasm: WebAssembly.Module, memory: WebAssembly.Memory): Kernel {
  return new WebAssembly.Instance(wasm, { env: { memory }, checks: { ...checks } }).exports as unknown as Kernel
}
