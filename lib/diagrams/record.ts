// A recorded run: everything that a picture of it needs, as plain data that can be written to a file. Words are told apart
// by their names: those named like `A[3].key` make a grid, in which the row is `A[3]`.

import { callText, textOf } from '../harness/alone'
import type { Program, System, Transition } from '../harness/system'
import { toToken } from '../harness/token'
import { type Step, trace } from '../harness/trace'
import { type Choice, World } from '../harness/world'

/** The kinds of words of a system, each with the states that its steps name. */
export interface Machine {
  readonly word: string
  readonly states: readonly string[]
  readonly steps: readonly Transition[]
}

/** A word of the run, as it was at the beginning. */
export interface Word {
  readonly name: string
  readonly kind: string | undefined
  readonly state: string | undefined
  readonly text: string
}

/** One access, or a kill. */
export interface Access {
  readonly thread: number
  readonly what: Exclude<Step['what'], 'none'>
  /** The number of the word in `words`; -1 for a kill. */
  readonly word: number
  /** What was there and what is there now, and what was wanted, as text; the states, where the system tells them. */
  readonly seen: string
  readonly next: string
  readonly wanted: string | undefined
  readonly from: string | undefined
  readonly to: string | undefined
  /** Whether it changed the word. */
  readonly won: boolean
  /** Where: the machine, and the step in it, that the change is; undefined if it is none. */
  readonly step: Transition | undefined
  /** Functions on the stack, outermost first; the line of the innermost. */
  readonly stack: readonly string[]
  readonly line: number
  /** The number of the operation in `operations`; -1 for a kill. */
  readonly operation: number
}

/** An operation of the run. */
export interface Operation {
  readonly thread: number
  readonly call: string
  /** Undefined while it is pending: it was killed, or the run ends before it does. */
  readonly answer: string | undefined
  /** Its first and its last access, as numbers in `accesses`; of one that is pending, the last that it made. */
  readonly from: number
  readonly to: number
  /** The access at which it takes effect, or at which its answer is settled; -1 where it has not come to that. */
  readonly point: number
  /** Whether it was killed. */
  readonly killed: boolean
}

/** A run, as plain data. */
export interface Trace {
  readonly format: 'nonblocking-map trace'
  readonly version: 1
  readonly system: string
  readonly title: string
  /** What there is to see, in a sentence or two; may be empty. */
  readonly about: string
  /** What was done before, and what each thread does. */
  readonly prefix: readonly string[]
  readonly threads: readonly (readonly string[])[]
  readonly machines: readonly Machine[]
  readonly words: readonly Word[]
  readonly accesses: readonly Access[]
  readonly operations: readonly Operation[]
  /** The lines of the code that the accesses are in. */
  readonly lines: Readonly<Record<number, string>>
  /** The word that replays the run. */
  readonly token: string
  /** What the code threw, or undefined. */
  readonly error: string | undefined
}

/** The kinds of words that a table of legal steps names, each with its states in the order in which they are named. */
export function machinesOf(transitions: readonly Transition[]): Machine[] {
  return [...new Set(transitions.map(({ word }) => word))].map(word => {
    const steps = transitions.filter(step => step.word === word)
    return { word, states: [...new Set(steps.flatMap(({ from, to }) => [from, to]))], steps }
  })
}

type ShownStep = Step & Pick<Access, 'what'>
/** An operation that makes no access has no place in a picture of accesses. */
const isShown = (step: Step): step is ShownStep => step.what !== 'none'

/**
 * Runs one schedule of a program and records it; of operations that make an access.
 *
 * @param schedule - as in a token; see `fromToken`, `direct`
 * @throws PrefixError if the prefix alone fails; what a thread throws ends the record and is its `error`
 */
export function record(system: System, program: Program, schedule: readonly Choice[], { title = program.name ?? system.name, about = '' } = {}): Trace {
  const world = new World(system, program), before = Int32Array.from(world.cells)
  const { steps: all, error } = trace(system, program, schedule, world), steps = all.filter(isShown), numbers = wordsOf(world, steps)
  const operations = operationsOf(world, steps), words = [...numbers.keys()].map(cell => wordAt(world, cell, before[cell]!))
  const source = system.source.split('\n'), lines = Object.fromEntries(steps.filter(({ line }) => line > 0)
    .map(({ line }) => [line, source[line - 1]!.trim()]))
  const own = (step: Step, n: number): number => operations.findIndex(({ thread, from, to }) => thread === step.thread && from <= n && n <= to)
  return {
    format: 'nonblocking-map trace', version: 1, system: system.name, title, about,
    prefix: (program.prefix ?? []).map(callText), threads: program.threads.map(calls => calls.map(callText)),
    machines: machinesOf(system.transitions ?? []).filter(({ word }) => words.some(({ kind }) => kind === word)),
    words, operations, lines, token: toToken({ system: system.name, program, schedule }), error,
    accesses: steps.map((step, n) => ({
      thread: step.thread, what: step.what, word: step.what === 'kill' ? -1 : numbers.get(step.cell)!, seen: step.seen, next: step.next, wanted: step.wanted,
      from: step.from, to: step.to, won: step.won, step: step.step, stack: step.stack, line: step.line, operation: step.what === 'kill' ? -1 : own(step, n),
    })),
  }
}

/**
 * A trace from the text of a trace file.
 *
 * @throws TypeError for what is no trace of this version
 */
export function checkTrace(text: string): Trace {
  let trace: Partial<Trace> | null
  try { trace = JSON.parse(text) as Partial<Trace> | null } catch { throw new TypeError('this is no trace file: it is not JSON') }
  if (trace?.format !== 'nonblocking-map trace') throw new TypeError(`this is no trace file: its format must be 'nonblocking-map trace'`)
  if (trace.version !== 1) throw new TypeError(`the trace has version ${String(trace.version)}, this library understands version 1: record it again`)
  return trace as Trace
}

// --- words

function wordAt({ system, words }: World, cell: number, id: number): Word {
  const info = system.words?.at(cell), word = words.word(id)
  if (info === undefined) return { name: `[${cell}]`, kind: undefined, state: undefined, text: textOf(word) }
  const state = system.words!.stateOf(info.kind, word)
  return { name: info.name, kind: info.kind, state, text: system.words!.show?.(info.kind, word) ?? state }
}

/** Rows are counted from the first on, or with a sign from the end of the last. */
const GRID = /^(.*\[-?)(\d+)\]/

/** The cells that were accessed, and the rows of their grids from where they are counted up to them; each with its number, in the order of their names. */
function wordsOf({ system, cells }: World, steps: readonly Step[]): Map<number, number> {
  const found = new Map<string, number>(), last = new Map<string, number>()
  const nameOf = (cell: number): string => system.words?.at(cell)?.name ?? `[${cell}]`
  for (const { cell, what } of steps) {
    if (what === 'kill') continue
    const name = nameOf(cell), [, grid, row] = GRID.exec(name) ?? []
    found.set(name, cell)
    if (grid !== undefined && system.words?.at(cell) !== undefined) last.set(grid, Math.max(last.get(grid) ?? 0, Number(row)))
  }
  for (let cell = 0; last.size > 0 && cell < cells.length - 1; cell++) {
    const [, grid, row] = GRID.exec(system.words!.at(cell)?.name ?? '') ?? []
    if (grid !== undefined && Number(row) <= (last.get(grid) ?? -1)) found.set(nameOf(cell), cell)
  }
  const order = (name: string): string => name.replace(/\[-(\d+)\]/, (_, row: string) => `[${1e9 - Number(row)}]`)
  const sorted = [...found].sort(([a], [b]) => order(a).localeCompare(order(b), 'en', { numeric: true }))
  return new Map(sorted.map(([, cell], n) => [cell, n]))
}

// --- operations

function operationsOf(world: World, steps: readonly Step[]): Operation[] {
  const all: { thread: number, call: string, answer: string | undefined, from: number, to: number, killed: boolean }[] = []
  steps.forEach(({ thread, call, answer, what }, n) => {
    if (call !== undefined) all.push({ thread, call, answer: undefined, from: n, to: n, killed: false })
    const own = all.findLast(operation => operation.thread === thread && operation.answer === undefined)
    if (own === undefined) return
    if (what === 'kill') { own.killed = true; return }
    own.to = n
    own.answer = answer
  })
  return all.map(operation => ({ ...operation, point: pointOf(operation, steps, world.system) }))
}

/** Whether an effect is that of the thread that makes the step; 'clear, where ...' is that of whoever began a clear. */
const isOwn = (effect: string): boolean => effect !== '' && !effect.includes(', where')

type Begun = Omit<Operation, 'point'>

/**
 * Where an operation takes effect: at its own last change that the table says has an effect; or at the change by which
 * another thread finished it; or, if it answers something or changed nothing, at the last word of a kind with effects that
 * it looked at. Parts of a resize take effect nowhere.
 */
function pointOf({ thread, call, answer, from, to }: Begun, steps: readonly Step[], { transitions = [] }: System): number {
  const last = (wanted: (step: Step) => boolean): number => steps.findLastIndex((step, n) => n >= from && n <= to && wanted(step))
  const name = call.replace(/\(.*/, ''), effect = ({ step }: Step): string => step?.effect ?? ''
  const own = last(step => step.thread === thread && isOwn(effect(step)))
  if (own >= 0) return own
  const helped = last(step => effect(step).startsWith(`${name}, where`))
  if (helped >= 0 || answer === undefined) return helped
  if (answer === 'undefined' && last(step => step.thread === thread && step.kind !== undefined && step.won) >= 0) return -1
  const kinds = new Set(transitions.filter(step => isOwn(step.effect ?? '')).map(({ word }) => word))
  const looked = last(step => step.thread === thread && step.kind !== undefined && kinds.has(step.kind))
  return looked >= 0 ? looked : last(step => step.thread === thread)
}
