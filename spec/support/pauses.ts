// A worker that is stopped before any access of an act while another worker does something, and then goes on: what the
// explorer does for small programs, for single acts of any length, on both backends, and on a kernel with edits.

import { readFileSync } from 'node:fs'
import type { Kernel } from '../../lib/backend/kernel'
import { instantiateTraced, makeAccess } from '../../lib/harness/traced'
import { type SourceMutant, kernelText } from './edited'
import type { Backend, RawMap } from './kernels'

/** Makes a kernel over a map's memory that calls `before` at each shared access. */
export type MakeKernel = (map: RawMap, before: () => void) => Kernel

const module = new WebAssembly.Module(readFileSync(new URL('../../build/traced/kernel.wasm', import.meta.url)))
const METHODS = ['load', 'store', 'compareExchange', 'add', 'exchange', 'sub', 'and', 'or', 'xor'] as const

/** The kernel as it is, or the JavaScript one with edits. */
export async function kernelMaker(backend: Backend, mutant: SourceMutant = { name: 'none', edits: [] }): Promise<MakeKernel> {
  if (backend === 'wasm') return (map, before) => instantiateTraced(module, map.memory, (kind, cell, a, b) => {
    before()
    return makeAccess(map.cells, kind, cell, a, b)
  }) as unknown as Kernel
  const text = await kernelText(mutant)
  type Make = (atomics: unknown, cells: BigInt64Array, ints: Int32Array) => Kernel
  const make = new Function('Atomics', 'cells', 'ints', `${text}; return kernel`) as Make
  return (map, before) => {
    const watched = METHODS.map(name => {
      const method = Atomics[name] as (...all: unknown[]) => unknown
      return [name, (...args: unknown[]) => { before(); return method(...args) }]
    })
    return make(Object.fromEntries(watched), map.cells, map.ints)
  }
}

/** A map whose kernel can be stopped. */
export class Paused {
  private left = Infinity
  private meanwhile: () => void = () => {}

  constructor(readonly map: RawMap, make: MakeKernel) {
    (map as { kernel: Kernel }).kernel = make(map, () => this.before())
  }

  private before(): void {
    if (this.left-- > 0) return
    this.left = Infinity
    this.meanwhile()
  }

  /** Runs an act, stopped before its access number `n`. Whether it came so far. */
  run(n: number, act: () => void, meanwhile: () => void): boolean {
    let isPaused = false
    this.left = n
    this.meanwhile = () => { isPaused = true; meanwhile() }
    try { act() } finally { this.left = Infinity }
    return isPaused
  }
}

/** What one worker does, what another does meanwhile, and what is wrong afterwards ('' for nothing). Each begins in the same memory. */
export interface Scene { readonly paused: Paused, act(): void, meanwhile(): void, fault(): string }

/** Stops the act before each access, or before every `every`th; what was wrong, by the access, `most` faults at most. */
export function faultsOf({ paused, act, meanwhile, fault }: Scene, every = 1, most = Infinity): string[] {
  const { bytes } = paused.map, beginning = bytes.slice(), faults: string[] = []
  for (let n = 0, isPaused = true; isPaused && faults.length < most; n += every) {
    bytes.set(beginning)
    let wrong: string
    try {
      isPaused = paused.run(n, act, meanwhile)
      wrong = fault()
    } catch (error) {
      wrong = (error as Error).message
    }
    if (wrong !== '') faults.push(`stopped before access ${n}: ${wrong}`)
  }
  bytes.set(beginning)
  return faults
}
