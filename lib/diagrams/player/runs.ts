// The runs that a page holds, each under a name for links; and what a file of a reader's own must look like.

import type { Trace } from '../record'

/** A recorded run, and its name in links. */
export interface Run { readonly name: string, readonly trace: Trace }

/** One run, some, or some by their names. */
export type Traces = Trace | readonly Trace[] | Readonly<Record<string, Trace>>

/** Runs by their names; one that has none gets it from its title. */
export function runsOf(traces: Traces): Run[] {
  const entries = Array.isArray(traces) ? (traces as Trace[]).map(trace => [slugOf(trace), trace] as const)
    : isTrace(traces) ? [[slugOf(traces), traces] as const] : Object.entries(traces as Record<string, Trace>)
  return entries.map(([name, trace], n) => {
    const before = entries.slice(0, n).filter(([other]) => other === name).length
    return { name: before === 0 ? name : `${name}-${before + 1}`, trace }
  })
}

const isTrace = (value: unknown): value is Trace => (value as Trace | null)?.format === 'nonblocking-map trace'
/** A file may hold anything, so this may get anything. */
const slugOf = (trace: Trace | null): string => `${trace?.title ?? ''}`.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'run'

const LISTS = ['threads', 'machines', 'words', 'accesses', 'operations', 'prefix'] as const

/**
 * The runs in a file: a trace as JSON, or several.
 *
 * @throws TypeError for anything else
 */
export function readRuns(text: string): Run[] {
  let value: unknown
  try { value = JSON.parse(text) } catch (error) { throw new TypeError(`it is no JSON: ${(error as Error).message}`) }
  if (typeof value !== 'object' || value === null) throw new TypeError('it holds no trace')
  const runs = runsOf(value as Traces)
  if (runs.length === 0) throw new TypeError('it holds no trace')
  for (const { trace } of runs) {
    if (!isTrace(trace)) throw new TypeError('it is no trace of nonblocking-map: its format must say so')
    if (trace.version !== 1) throw new TypeError(`it is a trace of version ${String(trace.version)}: this page reads version 1`)
    if (LISTS.some(name => !Array.isArray(trace[name])) || typeof trace.lines !== 'object') throw new TypeError('it is a damaged trace: a part of it is missing')
  }
  return runs
}
