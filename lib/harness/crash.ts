// Kills at every access of one act, where no schedule is needed: a worker is alone when it is killed, and others look at
// what it has left behind. For acts that need the others to be idle, and for those by which workers come and go.

import type { Code } from './system'
import { instantiateTraced, makeAccess, wholePages } from './traced'

/** Thrown out of an import where the worker is killed. */
const KILLED = new Error('killed')

/** A worker on the traced WebAssembly kernel that can be killed at any access. Other kernels may run over its memory. */
export class Victim {
  readonly memory: WebAssembly.Memory
  readonly cells: BigInt64Array
  /** The exports of its kernel. */
  readonly code: Code
  /** Accesses that it may still make. */
  private left = Infinity

  /** @throws `TypeError` if the memory is not a whole number of pages */
  constructor(module: WebAssembly.Module, bytes: number) {
    this.memory = wholePages(bytes)
    const cells = this.cells = new BigInt64Array(this.memory.buffer)
    this.code = instantiateTraced(module, this.memory, (kind, cell, a, b) => {
      if (this.left-- <= 0) throw KILLED
      return makeAccess(cells, kind, cell, a, b)
    })
  }

  /**
   * Runs an act on the victim's kernel, up to its end or so many shared accesses.
   *
   * @returns whether it was killed: false if it came to its end
   * @throws what the act throws
   */
  run(accesses: number, act: () => void): boolean {
    this.left = accesses
    try {
      act()
      return false
    } catch (error) {
      if (error === KILLED) return true
      throw error
    } finally {
      this.left = Infinity
    }
  }
}

/** Whatever an act needs; of it only the victim is known here. */
export interface Scene { readonly victim: Victim }

/**
 * Does an act again and again, each time from the same beginning: killed before its first access, before its second, and so
 * on, until it comes to its end. After each the check looks at what is left.
 *
 * @param prepare - the beginning, the same each time; it may restore one memory
 * @param act - what the victim does; deterministic, and on the victim's kernel alone
 * @param check - throws if anything is wrong; it is told how many accesses were made, and whether the victim was killed then
 * @returns how many accesses the whole act makes
 * @throws what `act` or `check` throws, with the kill in the message
 * @remarks O(accesses²) in all.
 */
export function killAtEveryAccess<S extends Scene>(
  prepare: () => S, act: (scene: S) => void, check: (scene: S, accesses: number, killed: boolean) => void,
): { accesses: number } {
  for (let accesses = 0; ; accesses++) {
    const scene = prepare()
    try {
      const killed = scene.victim.run(accesses, () => act(scene))
      check(scene, accesses, killed)
      if (!killed) return { accesses }
    } catch (error) {
      if (error instanceof Error) error.message = `killed after ${accesses} accesses: ${error.message}`
      throw error
    }
  }
}
