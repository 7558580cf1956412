// Operations of one thread alone, on the shipped code and real memory: what comes before a program, and what is asked
// when it has ended.

import { type Answer, type Call, type Caller, type Code, type System, type View, freshMemory, shipped, start } from './system'

/** Memory at its beginning, the shipped code over it, and the first thread alone. */
export interface Beginning { readonly memory: View, readonly code: Code, readonly context: unknown, readonly alone: Caller }

/** Fresh memory of a system, brought to its beginning for so many threads. */
export function beginningOf(system: System, threads: number): Beginning {
  const memory = freshMemory(system), code = shipped(system, memory), context = system.init?.(code, memory, threads)
  return { memory, code, context, alone: callerOf(code, memory, 0, context) }
}

/** The shipped code over a memory, as one thread calls it. */
export function callerOf(code: Code, memory: View, thread: number, context: unknown): Caller {
  const ints = new Int32Array(memory.buffer)
  return {
    thread, context,
    // eslint-disable-next-line require-yield -- the shipped code never stops
    *call(name, ...args) { return exportOf(code, name)(...args) },
    peek: place => ints[place]!,
    poke(place, value) { ints[place] = value },
  }
}

/** An export by its name. */
export function exportOf(code: Code, name: string): (...args: any[]) => any {
  const fn = code[name]
  if (typeof fn !== 'function') throw new TypeError(`the code exports no function ${name}; it exports ${Object.keys(code).join(', ')}`)
  return fn
}

/** Runs one call to its end. */
export function callAlone(of: System, caller: Caller, call: Call): Answer {
  const result = start(of, caller, call).next()
  if (result.done !== true) throw new TypeError(`${call[0]} stopped although nothing is instrumented: an operation may only yield by yield* caller.call(...)`)
  return result.value
}

/** How an answer is told from another. */
export function textOf(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'object' && value !== null) return JSON.stringify(value, (_, inner: unknown) => typeof inner === 'bigint' || inner === undefined ? textOf(inner) : inner)
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
export const callText = ([name, ...args]: Call): string => `${name}(${args.map(textOf).join(', ')})`
