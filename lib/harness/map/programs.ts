// Programs on a map for fast-check: few keys that all collide, few values that come again and again, tables nearly full.

import { type FastCheck, type ProgramShape, programs } from '../programs'
import { type System, op } from '../system'
import { collidingKeys } from './scenarios'

/** fast-check, with what is needed beyond {@link FastCheck}. */
export interface FastCheckOfKeys extends FastCheck { constantFrom(...values: any[]): any }

/**
 * An arbitrary of programs on a {@link mapSystem}: what comes beforehand mostly puts, so that many tables are about to grow.
 *
 * @param fc - the fast-check module
 */
export function mapPrograms(fc: FastCheckOfKeys, system: System, shape: ProgramShape = {}): any {
  const key = fc.constantFrom(...collidingKeys(system, 5)), value = fc.constantFrom(1, 2)
  const args: Readonly<Record<string, readonly unknown[]>> = {
    get: [key], put: [key, value], delete: [key], putIfAbsent: [key, value], replace: [key, value], compareAndSet: [key, value, value],
    compareAndDelete: [key, value], add: [key, value], clear: [], resize: [], helpSweep: [fc.constantFrom(1, 2)],
  }
  const ops = Object.fromEntries(Object.entries(args).map(([name, parts]) => [name, op(...parts, system.ops[name]!.run)]))
  return programs(fc, { ...system, ops }, { ops: 2, prefix: 5, before: ['put', 'put', 'put', 'delete', 'resize'], ...shape })
}
