// The reads at the end of every history. Without them a write that a kill has torn shows in no answer.

import { exportOf } from './alone'
import type { Call, Code, Program, System } from './system'

/**
 * The reads of a program's memory at rest: what the system's `final` names; or each operation that is a {@link read}, once for
 * all arguments with which the program calls anything, as many of them as the operation takes. So `get(key)` reads each key
 * that was touched; a call with fewer arguments is none that it could be made with.
 */
export function finalsOf(system: System, program: Program, code: Code): readonly Call[] {
  if (system.final !== undefined) return system.final(program)
  const calls = [...program.prefix ?? [], ...program.threads.flat()]
  const reads = Object.entries(system.ops).filter(([, { isRead }]) => isRead).flatMap(([name, { run }]) => {
    const takes = run !== undefined ? run.length - 1 : exportOf(code, name).length
    return calls.filter(call => call.length > takes).map((call): Call => [name, ...call.slice(1, takes + 1)])
  })
  return [...new Map(reads.map(call => [JSON.stringify(call), call])).values()]
}

/** @throws TypeError where kills are asked for, and nothing would look at what they leave */
export function requireFinals({ name, final, ops }: System, kills: number): void {
  if (kills === 0 || final !== undefined || Object.values(ops).some(({ isRead }) => isRead)) return
  throw new TypeError(`${name}: nothing reads what a killed thread has left, so a torn write would pass. Declare operations that change `
    + 'nothing by read() in place of op(): they are made at the end, for all that the program touches. Or name the reads: final: () => [[\'get\']]')
}
