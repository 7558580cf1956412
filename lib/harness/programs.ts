// Programs made and shrunk by fast-check, explored by the checker: who shrinks programs searches their schedules anew.
// fast-check is handed in, so that nobody needs it who writes programs by hand.

import type { Call, Program, System } from './system'

/** As much of fast-check as is needed; pass the module itself. */
export interface FastCheck {
  tuple(...parts: any[]): any
  oneof(...parts: any[]): any
  array(part: any, shape: { minLength?: number, maxLength?: number }): any
  constant(value: any): any
}

/** How large the programs are. */
export interface ProgramShape {
  /** Threads. Default 2. */
  readonly threads?: number
  /** Most operations of a thread, at least one. Default 2. */
  readonly ops?: number
  /** Most operations beforehand. Default 3. */
  readonly prefix?: number
  /** The operations that may occur; default: all. */
  readonly among?: readonly string[]
  /** The operations that may come beforehand; default: the same. */
  readonly before?: readonly string[]
}

/**
 * An arbitrary of programs over a system's operations, whose arguments come from the arbitraries that `op` was given.
 *
 * @param fc - the fast-check module
 * @throws TypeError for an operation that the system does not have
 * @example
 * ```js
 * import fc from 'fast-check'
 * import { explore, op, programs, system } from 'nonblocking-map/harness'
 *
 * const cell = system({
 *   code: { source: 'export const add = (cells, n) => { return Atomics.add(cells, 0, n) }' },
 *   memory: 4,
 *   ops: { add: op(fc.nat(3)) },
 * })
 * let seen = 0
 * fc.assert(fc.property(programs(fc, cell), program => { seen += explore(cell, program).histories }), { numRuns: 20 })
 * seen > 20 // => true
 * ```
 */
export function programs(fc: FastCheck, system: System, { threads = 2, ops = 2, prefix = 3, among = Object.keys(system.ops), before = among }: ProgramShape = {}): any {
  const calls = (names: readonly string[]): any => fc.oneof(...names.map(name => callOf(fc, system, name)))
  const thread = fc.array(calls(among), { minLength: 1, maxLength: ops })
  return fc.tuple(fc.array(calls(before), { maxLength: prefix }), ...Array.from({ length: threads }, () => thread))
    .map(([first, ...rest]: [Call[], ...Call[][]]): Program => ({ prefix: first, threads: rest }))
}

function callOf(fc: FastCheck, { ops, name: system }: System, name: string): any {
  const operation = ops[name]
  if (operation === undefined) throw new TypeError(`${system} has no operation ${name}; it has ${Object.keys(ops).join(', ')}`)
  return fc.tuple(fc.constant(name), ...operation.args)
}
