// A system: an algorithm on shared memory, as the checker knows it. Which code, how much memory, how it begins, what can
// be done with it, and what it must be equal to.

import { readFileSync } from 'node:fs'
import { type Instrumented, instrument, stripModule } from './instrument'
import type { Model } from './linearizability'
import type { Word } from './words'

/** What an operation gives back: whatever can be compared by its text. */
export type Answer = unknown
/** One call of an operation, by name, with its arguments. */
export type Call = readonly [name: string, ...args: any[]]

/** What each thread does, after what was done before by one alone. */
export interface Program {
  readonly name?: string
  readonly prefix?: readonly Call[]
  readonly threads: readonly (readonly Call[])[]
}

/** The memory's one view, through which all shared accesses go. */
export type View = Int32Array | BigInt64Array

/** How an operation reaches the code, in the explorer and on real workers alike. */
export interface Caller {
  readonly thread: number
  /** What `init` gave. */
  readonly context: any
  /** Calls an export of the code. */
  call(name: string, ...args: any[]): Generator<unknown, any, any>
  /** Reads 32 bits of the thread's own memory; `place` counts 32-bit words from the start of the memory. */
  peek(place: number): number
  poke(place: number, value: number): void
}

/** An operation written out, where it is more than the call of one export. */
export type Run = (caller: Caller, ...args: any[]) => Generator<unknown, Answer, any>

/** One operation of a system. */
export interface Operation {
  /** fast-check arbitraries for its arguments; only generated programs need them. */
  readonly args: readonly unknown[]
  readonly run: Run | undefined
  /** Whether it changes nothing. */
  readonly isRead: boolean
}

/** An operation that calls the export of the same name with these arguments; or, with a function at the end, whatever that does. */
export function op(...args: readonly unknown[]): Operation {
  const last = args.at(-1)
  return typeof last === 'function' ? { args: args.slice(0, -1), run: last as Run, isRead: false } : { args, run: undefined, isRead: false }
}

/**
 * An operation, as by {@link op}, that changes nothing. Where a system names no `final`, its reads are made at the end of every
 * history, each for all that the program touches.
 */
export function read(...args: readonly unknown[]): Operation { return { ...op(...args), isRead: true } }

/** A stretch of cells, the last one not included. */
export type Range = readonly [from: number, to: number]

/** Memory that lies in the buffer, but that one thread alone uses: its accesses are no steps that others could see. */
export interface Own {
  readonly cells: readonly Range[]
  /** Statistics: always read as 0, so that nothing can depend on them. */
  readonly forgotten?: readonly Range[]
  /** Places (of 32 bits) that outlive an operation; all other own memory is zero when one begins. */
  readonly lasting?: readonly number[]
}

/** One legal step of a kind of words. */
export interface Transition {
  readonly word: string
  readonly name: string
  readonly from: string
  readonly to: string
  /** The functions that make the step, with commas. */
  readonly by: string
  readonly effect?: string
}

/** A shared word that takes part in the protocol. */
export interface WordInfo {
  /** Its kind, as `Transition.word` names it. */
  readonly kind: string
  /** This very word, for traces. */
  readonly name: string
}

/** What tells the monitor and the reports about the words of a system. */
export interface Words {
  /** The word at a cell, or undefined where none is watched. */
  at(cell: number): WordInfo | undefined
  /** The state that a word is in. */
  stateOf(kind: string, word: Word): string
  /** The word in the words of the algorithm; default: its state. */
  show?(kind: string, word: Word): string
  /** Why `next` may not follow `seen`, although the states may; '' if it may. */
  guard?(kind: string, seen: Word, next: Word, step: Transition): string
}

/** The code's functions as they are, uninstrumented, over real memory. */
export type Code = Record<string, (...args: any[]) => any>

/** What a driver's function returns. */
export interface Driven { readonly ops: Readonly<Record<string, Run>>, readonly init?: SystemOptions['init'] }

/** A module with a function of that name which, called with the options, gives the operations and `init` (see {@link Driven}). */
export interface Driver { readonly module: URL, readonly name: string, readonly options?: unknown }

/** What `system` is given. */
export interface SystemOptions {
  readonly name?: string
  /** The shipped file (a module without imports), by URL; or its text. */
  readonly code: URL | { readonly source: string }
  /** Bytes of memory, seen as an Int32Array; or the view to see them by. */
  readonly memory: number | { readonly bytes: number, readonly view: 'int32' | 'bigint64' }
  /** Brings fresh memory to its beginning; what it returns is handed to every operation as `context`. */
  readonly init?: (code: Code, memory: View, threads: number) => unknown
  readonly ops: Readonly<Record<string, Operation>>
  /** Where real workers find operations that are written out, and `init`: functions cannot be sent to them. */
  readonly driver?: Driver | undefined
  /** What the system must be equal to. Left out: its own behaviour when one thread runs alone. */
  readonly model?: Model<any, Call, Answer>
  /**
   * For operations that are several at once: the calls that each of them stands for, with what they answered. Each call takes
   * effect by itself, between the operation's start and its return, and the model knows only these. Default: the operation itself.
   */
  readonly parts?: (call: Call, answer: Answer) => readonly (readonly [call: Call, answer: Answer])[]
  /**
   * Calls that end a thread for good (a reap), by the names of their operations: the thread whose unfinished operation may
   * take no effect any more once the call has answered so, or undefined for none. It counts if the thread was killed before
   * the call began: then its operation comes before all that begin after the call has ended, or never takes effect.
   * Default: what a killed thread had begun may take effect at any later time.
   */
  readonly ends?: Readonly<Record<string, (call: Call, answer: Answer) => number | undefined>>
  /**
   * Reads of the memory at rest, as operations; they are appended to every history. Default: each operation that is a
   * {@link read}, once for all arguments with which the program calls anything, cut to as many as it takes: `get(key)` for each
   * key that was touched. Where threads may be killed there must be one or the other: what a kill has torn shows in no answer.
   */
  readonly final?: (program: Program) => readonly Call[]
  /** Whether the memory at rest is in order: '' or what is wrong. May change it. */
  readonly audit?: (rest: Rest) => string
  readonly words?: Words
  readonly transitions?: readonly Transition[]
  /** Functions of the code that may access shared views plainly: own memory, and what never changes. */
  readonly plain?: readonly string[]
  readonly own?: (thread: number) => Own
  /** Cells that are nobody's own yet, and that whoever takes them clears: plain accesses read 0 there and write nothing. */
  readonly vacant?: (threads: number) => readonly Range[]
  /** Functions that stand for the access itself, left out of traces. */
  readonly fence?: readonly string[]
}

/** Memory at rest, after all threads have ended or were killed. */
export interface Rest {
  readonly code: Code
  readonly memory: View
  readonly context: any
  readonly kills: number
  /** What the calls of `final` answered. */
  readonly finals: readonly Answer[]
  readonly program: Program
}

/** A system, ready to be explored. */
export interface System extends SystemOptions {
  readonly name: string
  readonly bytes: number
  readonly wide: boolean
  readonly source: string
  readonly instrumented: Instrumented
}

/** @internal Whether code is named by a URL, of this realm or of a test runner's. */
export const isUrl = (code: URL | { readonly source: string }): code is URL => 'href' in code

/**
 * Declares an algorithm to the checker.
 *
 * The code is instrumented at once: code that cannot be checked is refused here, with its line.
 *
 * @throws {@link InstrumentError} for a plain access to a shared view, an access in a callback, an import, a wait
 * @example
 * ```js
 * import { op, system, explore } from 'nonblocking-map/harness'
 *
 * const counter = system({
 *   code: { source: 'export function add(cells) { const n = Atomics.load(cells, 0); Atomics.store(cells, 0, n + 1); return n + 1 }' },
 *   memory: 4,
 *   ops: { add: op() },
 * })
 * explore(counter, { threads: [[['add']], [['add']]] }) // => throws CheckError
 * ```
 */
export function system(options: SystemOptions): System {
  const source = isUrl(options.code) ? readFileSync(options.code, 'utf8') : options.code.source
  const bytes = typeof options.memory === 'number' ? options.memory : options.memory.bytes
  const wide = typeof options.memory !== 'number' && options.memory.view === 'bigint64'
  const name = options.name ?? (isUrl(options.code) ? options.code.pathname.split('/').at(-1)!.replace(/\.\w+$/, '') : 'system')
  if (!(bytes > 0) || bytes % (wide ? 8 : 4) !== 0) throw new TypeError(`memory is ${bytes} bytes: it must be a multiple of ${wide ? 8 : 4}`)
  if (Object.keys(options.ops).length === 0) throw new TypeError('ops is empty: name at least one operation')
  return { ...options, name, bytes, wide, source, instrumented: instrument(source, options.plain) }
}

/** The memory of a system, zeroed, as its code sees it. */
export function freshMemory({ bytes, wide }: System): View {
  const buffer = new SharedArrayBuffer(bytes)
  return wide ? new BigInt64Array(buffer) : new Int32Array(buffer)
}

/** What was compiled last: a system is evaluated for each thread of each program. */
const compiled = new Map<string, (runtime: unknown) => Code>()
const KEPT = 8

/** Runs the text of a module over a runtime, or, untouched but for its exports, without one. */
export function evaluate(text: string, runtime: unknown): Code {
  let module = compiled.get(text)
  if (module === undefined) {
    module = new Function('$', `'use strict';${text}`) as (runtime: unknown) => Code
    if (compiled.size >= KEPT) compiled.delete(compiled.keys().next().value!)
    compiled.set(text, module)
  }
  return module(runtime)
}

/** A function whose first argument is the memory; it takes one less. */
function over(memory: View, fn: Code[string]): Code[string] {
  const takes = typeof fn === 'function' ? Math.max(0, fn.length - 1) : 0
  return Object.defineProperty((...args: unknown[]) => fn(memory, ...args), 'length', { value: takes })
}

/** The functions that the code offers over a memory: what `instantiate` gives, or the exports themselves, which then take the memory first. */
export function bind(exports: Code, memory: View): Code {
  if (typeof exports.instantiate === 'function') return exports.instantiate(memory) as Code
  return Object.fromEntries(Object.entries(exports).map(([name, fn]) => [name, over(memory, fn)]))
}

/** The code as it is shipped, over a memory. */
export function shipped(of: System, memory: View): Code { return bind(evaluate(strip(of), undefined), memory) }

const stripped = new WeakMap<System, string>()

/** The module's text as the body of a function. */
function strip(of: System): string {
  let text = stripped.get(of)
  if (text === undefined) stripped.set(of, text = stripModule(of.source))
  return text
}

/** The generator that one call stands for. */
export function start(of: System, caller: Caller, [name, ...args]: Call): Generator<unknown, Answer, any> {
  const operation = of.ops[name]
  if (operation === undefined) throw new TypeError(`${of.name} has no operation ${name}; it has ${Object.keys(of.ops).join(', ')}`)
  return operation.run === undefined ? caller.call(name, ...args) : operation.run(caller, ...args)
}
