// What the page shows of a run at one step, computed from the trace alone. Step 0 is the beginning; step n is the moment
// after the n-th access.

import type { Access, Trace } from '../record'

/** A word as it is at a moment. */
export interface WordNow { readonly text: string, readonly state: string | undefined }

/** A call of a worker's program. */
export interface CallNow {
  readonly call: string
  readonly phase: 'later' | 'now' | 'done' | 'killed'
  /** Its answer, once it has one. */
  readonly answer: string | undefined
}

/** A worker at a moment. */
export interface LaneNow {
  readonly status: 'not begun' | 'running' | 'between operations' | 'done' | 'killed'
  readonly calls: readonly CallNow[]
  /** The last access it made and the next one it will make, as numbers in `accesses`; -1 for none. */
  readonly last: number
  readonly next: number
}

/** A run at one step. */
export interface Moment {
  readonly step: number
  /** The access that led here; undefined at the beginning. */
  readonly access: Access | undefined
  readonly words: readonly WordNow[]
  readonly lanes: readonly LaneNow[]
}

/** How many steps a run has. */
export const stepsOf = ({ accesses }: Trace): number => accesses.length

/** The nearest step that the run has. */
export const clampStep = (trace: Trace, step: number): number => Math.min(stepsOf(trace), Math.max(0, Math.trunc(step) || 0))

/** The run at a step. Linear in the steps before it. */
export function momentAt(trace: Trace, wanted: number): Moment {
  const step = clampStep(trace, wanted)
  const words: WordNow[] = trace.words.map(({ text, state }) => ({ text, state }))
  for (const { word, next, to } of trace.accesses.slice(0, step)) if (word >= 0) words[word] = { text: next, state: to ?? words[word]!.state }
  return { step, access: trace.accesses[step - 1], words, lanes: trace.threads.map((_, thread) => laneAt(trace, thread, step)) }
}

function laneAt({ accesses, operations, threads }: Trace, thread: number, step: number): LaneNow {
  const own = operations.filter(operation => operation.thread === thread)
  const killed = accesses.findIndex(access => access.thread === thread && access.what === 'kill'), dead = killed >= 0 && killed < step
  const calls = threads[thread]!.map((call, n): CallNow => {
    const operation = own[n]
    if (operation === undefined || operation.from >= step) return { call, phase: 'later', answer: undefined }
    if (operation.to < step && operation.answer !== undefined) return { call, phase: 'done', answer: operation.answer }
    return { call, phase: operation.killed && dead ? 'killed' : 'now', answer: undefined }
  })
  const isOwn = (access: Access): boolean => access.thread === thread && access.what !== 'kill'
  const last = accesses.findLastIndex((access, n) => n < step && isOwn(access)), next = accesses.findIndex((access, n) => n >= step && isOwn(access))
  return { status: statusOf(calls, dead), calls, last, next }
}

function statusOf(calls: readonly CallNow[], dead: boolean): LaneNow['status'] {
  if (dead) return 'killed'
  if (calls.every(({ phase }) => phase === 'done')) return 'done'
  if (calls.some(({ phase }) => phase === 'now')) return 'running'
  return calls.some(({ phase }) => phase === 'done') ? 'between operations' : 'not begun'
}

/** The machine to be shown at a step: that of the last word, up to here, whose machine has something to show. */
export function machineAt({ accesses, words, machines }: Trace, step: number): number {
  for (let n = step - 1; n >= 0; n--) {
    const { word, won } = accesses[n]!, found = machines.findIndex(machine => machine.word === words[word]?.kind)
    if (found >= 0 && (won || machines[found]!.states.length > 1)) return found
  }
  const value = machines.findIndex(({ word }) => word === 'value')
  return value >= 0 ? value : machines.reduce((best, { states }, n) => states.length > (machines[best]?.states.length ?? 0) ? n : best, machines.length > 0 ? 0 : -1)
}
