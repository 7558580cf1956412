// Threads as trees of what they have read. A deterministic thread can only go on in as many ways as there are words for
// it to read next; each such way is grown once, by running the instrumented code, and then known. The search itself runs
// no code at all. Places that agree in their whole local state are one place, however they were reached.

import { AccessKind } from './access'
import { callText, exportOf, textOf } from './alone'
import { Footprint, Footprints } from './footprints'
import { type Pending, type PrivateCells, Runtime } from './runtime'
import { type Answer, type Call, type Caller, type Code, type Own, type Program, type Range, type System, type View, bind, evaluate, start } from './system'
import type { Interner, Word } from './words'

/** Where a thread stands: what it is about to do, after all it has read. */
export interface Place {
  readonly id: number
  readonly thread: number
  /** All operations have ended; there is no access. */
  readonly done: boolean
  readonly kind: AccessKind
  readonly cell: number
  readonly a: number
  readonly b: number
  /** The first access of an operation. */
  readonly isCall: boolean
  /** An operation that makes no access: its one step reads a cell that is in no memory, so that it happens at a moment, as others do. */
  readonly isSilent: boolean
  /** Operations of the thread that have ended, as bits; and their answers. */
  readonly ended: number
  readonly answers: readonly Answer[]
  /** A number for all places of this thread with these answers: all that is left of a thread that was killed. */
  readonly afterlife: number
  readonly kids: Map<number, Place>
  /** The sites on the stack, outermost first. */
  readonly stack: readonly number[]
  /** What the thread may still access from here on. */
  readonly footprint: Footprint
  readonly start: Start
  /** How the place was first reached: from where, having read what. Undefined for the first access of an operation. */
  readonly parent: Place | undefined
  readonly edge: number
}

/** The beginning of an operation: which one, and what lives on from those before. */
interface Start {
  readonly id: number, readonly thread: number, readonly index: number
  readonly answers: readonly Answer[]
  readonly lasting: readonly number[]
}

/** What tells places of one start apart. */
type Stands = Pick<Place, 'kind' | 'cell' | 'a' | 'b' | 'stack' | 'done' | 'isCall' | 'isSilent' | 'parent' | 'edge'>

type Steps = Generator<unknown, Answer, Word>
/** An operation that is stopped at a place. */
interface Run { place: Place | undefined, steps: Steps, log: string[] }

const NONE: Own = { cells: [] }
/** Accesses in a row to memory of its own after which a thread is taken to go round in circles. */
const MOST_OWN = 100_000

/** Which cells are whose, looked up by cell. */
export class Ownership implements PrivateCells {
  private readonly owners: Int8Array
  private readonly forgotten: Uint8Array
  private readonly vacant: Uint8Array

  constructor(cells: number, readonly owns: readonly Own[], vacant: readonly Range[] = []) {
    this.vacant = new Uint8Array(cells)
    for (const [from, to] of vacant) this.vacant.fill(1, from, to)
    this.owners = new Int8Array(cells).fill(-1)
    this.forgotten = new Uint8Array(cells)
    owns.forEach((own, thread) => {
      for (const [from, to] of own.cells) this.owners.fill(thread, from, to)
      for (const [from, to] of own.forgotten ?? []) { this.owners.fill(thread, from, to); this.forgotten.fill(1, from, to) }
    })
  }

  ownerOf(cell: number): number { return this.owners[cell]! }
  isVacant(cell: number): boolean { return this.vacant[cell] === 1 }
  isForgotten(cell: number): boolean { return this.forgotten[cell] === 1 }
}

/** All threads of one program. */
export class Threads {
  readonly roots: readonly Place[]
  readonly runtimes: readonly Runtime[]
  readonly ownership: Ownership
  readonly footprints = new Footprints()
  /** The first number of each thread's operations. */
  readonly first: readonly number[]
  private readonly codes: readonly Code[]
  /** The operations; whoever changed an argument would change the program. */
  private readonly calls: readonly (readonly Call[])[]
  /** The cell behind the last one. */
  private readonly nowhere: number
  private readonly runs: (Run | undefined)[] = []
  private readonly places = new Map<string, Place>()
  private readonly starts = new Map<string, Start>()
  private readonly afterlives = new Map<string, number>()
  private ids = 0

  constructor(readonly system: System, readonly program: Program, readonly memory: View, readonly words: Interner, private readonly context: unknown) {
    const { threads } = program
    this.nowhere = memory.length
    this.ownership = new Ownership(memory.length, threads.map((_, thread) => system.own?.(thread) ?? NONE), system.vacant?.(threads.length))
    this.runtimes = threads.map((_, thread) => new Runtime(thread, words, memory, this.ownership))
    this.codes = this.runtimes.map(runtime => bind(evaluate(system.instrumented.text, runtime), runtime.guard(memory)))
    this.calls = threads.map(calls => calls.map(call => frozen(call)))
    this.first = threads.map((_, thread) => threads.slice(0, thread).reduce((sum, ops) => sum + ops.length, 0))
    this.roots = threads.map((_, thread) => this.enter(this.startAt(thread, 0, [], this.lastingOf(thread))))
  }

  /** Number of places that were found. */
  get size(): number { return this.ids }

  /** Where the thread gets by reading `word`. Throws what the code throws. */
  grow(place: Place, word: number): Place {
    if (place.isSilent) return this.endSilent(place, word)
    const run = this.runs[place.thread]?.place === place ? this.runs[place.thread]! : this.rerun(place)
    return this.resume(run, place, word)
  }

  private resume(run: Run, place: Place, word: number): Place {
    run.place = undefined
    this.runtimes[place.thread]!.resumed()
    const next = this.advance(place.start, run, this.given(place, word), place, word)
    place.kids.set(word, next)
    this.footprints.link(place, next)
    return next
  }

  /** What an access gives to the code where it finds a word. */
  private given({ kind, a }: Place, found: number): Word { return this.words.word(kind === AccessKind.Store ? a : found) }

  /** Runs an operation from its start along what the place's path has read. */
  private rerun(place: Place): Run {
    const path: Place[] = []
    for (let at: Place | undefined = place; at !== undefined; at = at.parent) path.unshift(at)
    const run = this.begin(place.start), runtime = this.runtimes[place.thread]!
    let stopped = this.toAccess(place.thread, run.steps.next(undefined as never), run.steps)
    for (const [n, at] of path.entries()) {
      if (stopped.done === true || !isAt(runtime.pending, at)) this.failToRepeat(at)
      if (at === place) break
      runtime.resumed()
      stopped = this.toAccess(place.thread, run.steps.next(this.given(at, path[n + 1]!.edge)), run.steps)
    }
    return run
  }

  private failToRepeat({ thread, stack }: Place): never {
    const { line, fn } = this.system.instrumented.sites[stack.at(-1)!]!
    throw this.runtimes[thread]!.fail(`the code does not repeat itself (${fn}, line ${line}): it must depend on nothing but its arguments and shared memory`)
  }

  // --- operations

  private lastingOf(thread: number): number[] {
    const ints = new Int32Array(this.memory.buffer)
    return (this.ownership.owns[thread]!.lasting ?? []).map(place => ints[place]!)
  }

  private startAt(thread: number, index: number, answers: readonly Answer[], lasting: readonly number[]): Start {
    const key = `${thread}|${index}|${answers.map(textOf).join()}|${lasting.join()}`
    let known = this.starts.get(key)
    if (known === undefined) this.starts.set(key, known = { id: this.starts.size, thread, index, answers, lasting })
    return known
  }

  /** The place at which a thread stands when an operation begins; or where it stands when there is none left. */
  private enter(from: Start): Place {
    const { thread, index } = from
    if (index >= this.program.threads[thread]!.length) return this.placeAt(from, undefined, 0, true, undefined)
    return this.advance(from, this.begin(from), undefined as never, undefined, 0)
  }

  /** A fresh run of an operation, its own memory as it is when one begins. */
  private begin({ thread, index, lasting }: Start): Run {
    const own = this.ownership.owns[thread]!, runtime = this.runtimes[thread]!, ints = new Int32Array(this.memory.buffer)
    for (const [from, to] of own.cells) this.memory.fill((this.words.wide ? 0n : 0) as never, from, to)
    // Whatever ran before has lost its memory, and its stack.
    this.runs[thread] = undefined
    runtime.begin()
    own.lasting?.forEach((place, n) => { if (lasting[n] !== 0) runtime.setOwn(ints, place, lasting[n]!) })
    const log: string[] = []
    return { place: undefined, steps: start(this.system, this.callerOf(thread, log), this.calls[thread]![index]!) as Steps, log }
  }

  /** The operation's way to the code. What it learns on the way is part of its state, so it is noted. */
  private callerOf(thread: number, log: string[]): Caller {
    const code = this.codes[thread]!, runtime = this.runtimes[thread]!, ints = runtime.guard(new Int32Array(this.memory.buffer))
    return {
      thread, context: this.context,
      *call(name, ...args) {
        // What the code is given to change, it may change at any time.
        if (!args.every(isFixed)) log.push(runtime.uniqueText())
        const { steps, result } = runtime.callExport(exportOf(code, name), args), answer = steps === undefined ? result : yield* steps
        log.push(runtime.told(answer))
        return answer
      },
      peek(place) { const found = runtime.plainLoad(ints, place) as number; log.push(`${found}`); return found },
      poke(place, value) { runtime.plainStore(ints, place, value) },
    }
  }

  /** Goes on to the next access that others can see; own memory is read and written on the way. */
  private toAccess(thread: number, result: IteratorResult<unknown, Answer>, steps: Steps): IteratorResult<unknown, Answer> {
    const runtime = this.runtimes[thread]!
    for (let own = 0; ; own++) {
      runtime.check()
      if (result.done === true) return result
      if (own > MOST_OWN) runtime.fail(`${MOST_OWN} accesses to its own memory, and none that others see: nobody can end that`)
      if (result.value !== runtime.pending) runtime.fail('an operation may only yield by yield* caller.call(...)')
      if (this.ownership.ownerOf(runtime.pending.cell) !== thread) return result
      const word = runtime.serveOwn()
      runtime.resumed()
      result = steps.next(word)
    }
  }

  private advance(from: Start, run: Run, word: Word, parent: Place | undefined, edge: number): Place {
    const { thread } = from, result = this.toAccess(thread, run.steps.next(word), run.steps)
    if (result.done === true) return parent === undefined ? this.silentAt(from) : this.end(from, result.value, parent, edge)
    const place = this.placeAt(from, parent, edge, false, run.log)
    run.place = place
    this.runs[thread] = run
    return place
  }

  /** The end of an operation that makes no access. It is run anew: others may have run since it was found out. */
  private endSilent(place: Place, word: number): Place {
    const { start: from, thread } = place, run = this.begin(from), { done, value } = this.toAccess(thread, run.steps.next(undefined as never), run.steps)
    if (done !== true) this.failToAnswer(from)
    const next = this.end(from, value as Answer, undefined, 0)
    place.kids.set(word, next)
    this.footprints.link(place, next)
    return next
  }

  private failToAnswer({ thread, index }: Start): never {
    const call = callText(this.calls[thread]![index]!)
    throw this.runtimes[thread]!.fail(`${call} does not answer the same again: it must depend on nothing but its arguments and shared memory`)
  }

  /** The end of an operation. It is run once more: what depends on what the search cannot see, another variable or a clock, ends otherwise. */
  private end(from: Start, answer: Answer, parent: Place | undefined, edge: number): Place {
    const { thread } = from, lasting = this.lastingOf(thread), again = parent === undefined ? this.begin(from) : this.rerun(parent)
    if (parent !== undefined) this.runtimes[thread]!.resumed()
    const { done, value } = this.toAccess(thread, again.steps.next(parent === undefined ? undefined as never : this.given(parent, edge)), again.steps)
    if (done !== true || textOf(value) !== textOf(answer) || this.lastingOf(thread).join() !== lasting.join()) {
      if (parent !== undefined) this.failToRepeat(parent)
      this.failToAnswer(from)
    }
    return this.enter(this.startAt(thread, from.index + 1, [...from.answers, answer], lasting))
  }

  private placeAt(from: Start, parent: Place | undefined, edge: number, done: boolean, log: readonly string[] | undefined): Place {
    const runtime = this.runtimes[from.thread]!, key = `${from.id}@${parent === undefined}@${done ? '' : `${log!.join()}@${runtime.localState()}`}`
    const known = this.places.get(key)
    if (known !== undefined) return known
    const { kind, cell, a, b } = runtime.pending, access = { kind, cell: done ? -1 : cell, a, b, stack: done ? [] : runtime.stack() }
    return this.addPlace(key, from, { ...access, done, isCall: !done && parent === undefined, isSilent: false, parent, edge })
  }

  /** Where a thread stands when an operation begins that makes no access. */
  private silentAt(from: Start): Place {
    const key = `${from.id}@silent`, access = { kind: AccessKind.Load, cell: this.nowhere, a: 0, b: 0, stack: [] }
    return this.places.get(key) ?? this.addPlace(key, from, { ...access, done: false, isCall: true, isSilent: true, parent: undefined, edge: 0 })
  }

  private addPlace(key: string, from: Start, stands: Stands): Place {
    const { thread, answers } = from, ended = (1 << answers.length) - 1 << this.first[thread]!, afterlife = this.afterlifeOf(from)
    const place: Place = { id: this.ids++, thread, ended, answers, afterlife, kids: new Map(), footprint: new Footprint(), start: from, ...stands }
    this.places.set(key, place)
    return place
  }

  private afterlifeOf({ thread, index, answers }: Start): number {
    const key = `${thread}|${index}|${answers.map(textOf).join()}`
    let number = this.afterlives.get(key)
    if (number === undefined) this.afterlives.set(key, number = -1 - this.afterlives.size)
    return number
  }
}

const isAt = ({ kind, cell, a, b, site }: Pending, place: Place): boolean =>
  kind === place.kind && cell === place.cell && a === place.a && b === place.b && site === place.stack.at(-1)

/** Whether nobody can change a value. */
const isFixed = (value: unknown): boolean => typeof value !== 'function' && (typeof value !== 'object' || Object.isFrozen(value))

/** A copy of plain data that nobody can change. */
function frozen<T>(value: T): T {
  if (Array.isArray(value)) return Object.freeze(value.map(frozen)) as T
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, frozen(inner)]))) as T
}
