// What one thread's instrumented code calls as `$`: it announces its accesses, and hands over its local state whenever it is stopped.

import { AccessKind, wordAfter } from './access'
import { laneA, laneB, type Interner, type Word } from './words'

type View = Int32Array | BigInt64Array

/** The access that a stopped thread is about to make, in cells and numbers of words. */
export interface Pending { kind: AccessKind, cell: number, a: number, b: number, site: number }

/** Cells that are one thread's own: which thread, and whether what they hold is part of its state. */
export interface PrivateCells { ownerOf(cell: number): number, isForgotten(cell: number): boolean, isVacant(cell: number): boolean }

/** Thrown where checked code does what the checker cannot follow. */
export class RuntimeError extends Error { override readonly name = 'RuntimeError' }

const NOTHING: Pending = { kind: AccessKind.Load, cell: -1, a: 0, b: 0, site: -1 }
/** Its text is another each time. */
const UNIQUE = Object.freeze({})
const OF_A_VIEW = /^(length|buffer|byteOffset|byteLength|BYTES_PER_ELEMENT|Symbol\(Symbol\.toStringTag\))$/

/** A view of the shared memory, behind what the code has of it. `fits`: its elements are the system's words. */
interface Guarded { readonly view: View, readonly fits: boolean, readonly text: string }

export class Runtime {
  /** The access of the generator that has just stopped. */
  readonly pending: Pending = { ...NOTHING }
  /** The bits of the thread's own cells, as two lanes. */
  ownA = 0
  ownB = 0
  /** Cells that were read plainly: whoever changes one of them has broken a promise. */
  readonly frozen = new Set<number>()
  /** What the functions on the stack hold, outermost first; and as text, as far as anybody asked: a run that only goes back to a place needs none. */
  private frames: (readonly unknown[])[] = []
  private texts: string[] = []
  private sites: number[] = []
  private fresh = 0
  private readonly ints: Int32Array
  private readonly symbols = new Map<symbol, number>()
  private readonly views = new WeakMap<object, Guarded>()
  /** What the checker cannot follow; the code may have caught it. */
  private broken: RuntimeError | undefined
  /** Whether an export is being called from outside, and what has begun by that. */
  private isEntering = false
  private entered: unknown

  /** `main` is the view whose cells are words; plain accesses may use others. */
  constructor(readonly thread: number, readonly words: Interner, readonly main: View, private readonly cells: PrivateCells) {
    this.ints = new Int32Array(main.buffer)
  }

  /** Before an operation is run (again) from its start. */
  begin(): void {
    this.frames = []
    this.texts = []
    this.sites = []
    this.ownA = this.ownB = 0
    this.broken = undefined
  }

  /** Calls an export: its result, or the steps that lead to it. */
  callExport(fn: (...args: unknown[]) => unknown, args: readonly unknown[]): { steps: Generator<unknown, unknown, any> | undefined, result: unknown } {
    this.unwind(0)
    this.isEntering = true
    this.entered = undefined
    let result: unknown
    try { result = fn(...args) } finally { this.isEntering = false }
    const { entered } = this
    if (entered !== undefined && entered !== result) this.fail('a function that reaches shared memory was called, and what it began was not gone on with')
    return { steps: entered as Generator<unknown, unknown, any> | undefined, result }
  }

  /** Notes what the checker cannot follow, for good: the code may catch it, and go on. */
  fail(message: string): never { throw this.broken ??= new RuntimeError(message) }
  /** @throws RuntimeError if the code has done what the checker cannot follow */
  check(): void { if (this.broken !== undefined) throw this.broken }

  /** Everything that the thread's further way depends on, but for what it reads. */
  localState(): string {
    const { kind, cell, a, b } = this.pending, { frames, texts } = this
    for (let n = texts.length; n < frames.length; n++) texts.push(this.frame(this.sites[n]!, frames[n]!))
    return `${texts.join('|')}#${kind},${cell},${a},${b}#${this.ownA},${this.ownB}`
  }
  /** The sites on the stack, outermost first. */
  stack(): readonly number[] { return [...this.sites] }

  // --- called by the code

  load(view: View, index: number): Pending { return this.announce(AccessKind.Load, view, index) }
  store(view: View, index: number, next: Word): Pending { return this.announce(AccessKind.Store, view, index, next) }
  compareExchange(view: View, index: number, seen: Word, next: Word): Pending { return this.announce(AccessKind.CompareExchange, view, index, seen, next) }
  exchange(view: View, index: number, next: Word): Pending { return this.announce(AccessKind.Exchange, view, index, next) }
  add(view: View, index: number, by: Word): Pending { return this.announce(AccessKind.Add, view, index, by) }
  sub(view: View, index: number, by: Word): Pending { return this.announce(AccessKind.Sub, view, index, by) }
  and(view: View, index: number, by: Word): Pending { return this.announce(AccessKind.And, view, index, by) }
  or(view: View, index: number, by: Word): Pending { return this.announce(AccessKind.Or, view, index, by) }
  xor(view: View, index: number, by: Word): Pending { return this.announce(AccessKind.Xor, view, index, by) }

  /** A store whose result is used: JavaScript gives the value back as it was, the search the word. */
  stored(view: View, index: number, next: Word): Pending {
    const pending = this.store(view, index, next), word = this.words.word(pending.a)
    if (word !== next) this.fail(`Atomics.store gives ${next} back, but a word holds ${word}: do not use its result`)
    return pending
  }

  private announce(kind: AccessKind, guarded: View, index: number, a?: Word, b?: Word): Pending {
    const { pending, words, main } = this, { view, fits } = this.behind(guarded), at = Math.trunc(Number(index)) || 0
    if (!fits) this.fail(`all shared accesses must go through ${main[Symbol.toStringTag]}s, as the system's memory does`)
    if (!(at >= 0 && at < view.length)) throw new RangeError(`access to cell ${index} of ${view.length}`)
    const cell = (view.byteOffset - main.byteOffset) / view.BYTES_PER_ELEMENT + at, owner = this.cells.ownerOf(cell)
    const isOthers = owner >= 0 && owner !== this.thread && !this.cells.isForgotten(cell)
    if (isOthers) this.fail(`thread ${this.thread} accesses cell ${cell}, which is thread ${owner}'s own`)
    pending.kind = kind
    pending.cell = cell
    pending.a = a === undefined ? 0 : words.id(this.fit(a))
    pending.b = b === undefined ? 0 : words.id(this.fit(b))
    return pending
  }

  private fit(word: Word): Word { return this.words.wide ? BigInt.asIntN(64, word as bigint) : (word as number) | 0 }

  got<T>(value: T): T { return value }

  /** The access is made here: the thread stops. */
  at(pending: Pending, site: number, ...local: unknown[]): Pending {
    pending.site = site
    this.push(site, local)
    return pending
  }
  /** The access was made. */
  resumed(): void { this.pop() }

  call<T>(steps: T, site: number, ...local: unknown[]): T {
    this.push(site, local)
    return steps
  }
  back<T>(result: T): T {
    this.pop()
    return result
  }

  private push(site: number, local: readonly unknown[]): void {
    this.frames.push(local)
    this.sites.push(site)
  }
  private pop(): void {
    this.frames.pop()
    this.sites.pop()
    if (this.texts.length > this.frames.length) this.texts.pop()
  }

  /** How many functions are stopped; and back to so many, where an exception is caught. */
  depth(): number { return this.frames.length }
  unwind(depth: number): void {
    this.check()
    this.frames.length = this.sites.length = depth
    if (this.texts.length > depth) this.texts.length = depth
  }

  /** A function that reaches memory was called by what is no call of it in the text. */
  enter<T>(steps: T, name: string): T {
    const isFirst = this.isEntering && this.entered === undefined
    if (!isFirst) this.fail(`${name} reaches shared memory, and is called as a value, where it cannot be stopped: call it by its name`)
    this.entered = steps
    return steps
  }

  /** No other state is like this one: what cannot be looked into. */
  unique(): object { return UNIQUE }
  uniqueText(): string { return `!${this.fresh++}` }

  /** A view of the shared memory is hidden, so that only Atomics and what may access it plainly can go through it. */
  guard<T>(made: T): T {
    if (!ArrayBuffer.isView(made) || made.buffer !== this.main.buffer) return made
    const view = made as unknown as View, name = view[Symbol.toStringTag], refused = (_: unknown, key: string | symbol): never =>
      this.fail(`a plain access to a shared ${name} (${String(key)}): use Atomics`)
    const guarded = new Proxy(view, {
      get: (_, key) => OF_A_VIEW.test(String(key)) ? Reflect.get(view, key, view) : refused(view, key),
      set: refused, has: refused, deleteProperty: refused, defineProperty: refused, getOwnPropertyDescriptor: refused,
      ownKeys: () => refused(view, 'all of it'),
    })
    this.views.set(guarded, { view, fits: name === this.main[Symbol.toStringTag], text: `&${name}:${view.byteOffset}:${view.length}` })
    return guarded as T
  }

  private behind(guarded: View): Guarded {
    return this.views.get(guarded) ?? this.fail('an access to other memory than the system\'s')
  }

  plainLoad(guarded: View, index: number): Word {
    const { view } = this.behind(guarded), cell = this.cellOf(view, index), owner = this.cells.ownerOf(cell)
    if (this.cells.isVacant(cell)) return this.words.wide && view === this.main ? 0n : 0
    if (owner !== this.thread && owner >= 0) this.fail(`thread ${this.thread} reads cell ${cell}, which is thread ${owner}'s own, plainly`)
    if (owner < 0) this.frozen.add(cell)
    return owner >= 0 && this.cells.isForgotten(cell) ? this.words.wide && view === this.main ? 0n : 0 : view[index]!
  }

  plainStore(guarded: View, index: number, next: Word): Word {
    const { view } = this.behind(guarded), cell = this.cellOf(view, index)
    if (this.cells.isVacant(cell)) return next
    if (this.cells.ownerOf(cell) !== this.thread) this.fail(`thread ${this.thread} writes cell ${cell} plainly, which is not its own`)
    this.setOwn(view, index, next)
    return next
  }

  /** Writes into the thread's own memory. */
  setOwn(view: View, index: number, next: Word): void {
    const byte = view.byteOffset + index * view.BYTES_PER_ELEMENT, last = byte + view.BYTES_PER_ELEMENT - 1 >> 2
    if (this.cells.isForgotten(this.cellOf(view, index))) return
    for (let place = byte >> 2; place <= last; place++) this.stir(place)
    view[index] = next
    for (let place = byte >> 2; place <= last; place++) this.stir(place)
  }

  /** Makes the access that was announced, in the thread's own memory; no other worker can tell. */
  serveOwn(): Word {
    const { kind, cell, a, b } = this.pending, { words, main } = this
    const found = words.id(this.cells.isForgotten(cell) ? words.wide ? 0n : 0 : main[cell]!), next = wordAfter(words, kind, found, a, b)
    if (next !== found) this.setOwn(main, cell, words.word(next))
    return words.word(kind === AccessKind.Store ? a : found)
  }

  /** Takes 32 bits of own memory into the hash of it, or out of it. */
  private stir(place: number): void {
    const bits = this.ints[place]!
    if (bits === 0) return
    this.ownA ^= laneA(place, bits)
    this.ownB ^= laneB(place, bits)
  }

  /** The cell of the main view in which a place of any view lies. */
  private cellOf(view: View, index: number): number {
    return (view.byteOffset - this.main.byteOffset + index * view.BYTES_PER_ELEMENT) / this.main.BYTES_PER_ELEMENT | 0
  }

  // --- local state as text

  private frame(site: number, local: readonly unknown[]): string {
    let text = `${site}`
    for (const value of local) text += `,${this.textOf(value)}`
    return text
  }

  private textOf(value: unknown): string {
    switch (typeof value) {
      case 'number': return Object.is(value, -0) ? '-0' : `${value}`
      case 'boolean': case 'undefined': return `${value}`
      case 'bigint': return `${value}n`
      case 'string': return JSON.stringify(value)
      case 'symbol': return `&${this.numberOf(value)}`
      default: return value === null ? 'null' : this.textOfObject(value as object)
    }
  }

  private numberOf(symbol: symbol): number {
    if (!this.symbols.has(symbol)) this.symbols.set(symbol, this.symbols.size)
    return this.symbols.get(symbol)!
  }

  /** Views of the memory are always the same; of any other object, and of what a function remembers, nobody knows what becomes. */
  private textOfObject(value: object): string { return this.views.get(value)?.text ?? (value === this.main.buffer ? '&' : this.uniqueText()) }

  /** What an operation is told, as text. Two arrays or plain objects are equal if what they hold is. */
  told(value: unknown): string {
    if (typeof value !== 'object' || value === null) return this.textOf(value)
    if (Array.isArray(value)) return `[${value.map(inner => this.told(inner)).join()}]`
    if (Object.getPrototypeOf(value) !== Object.prototype) return this.textOfObject(value)
    return `{${Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${this.told(inner)}`).join()}}`
  }
}
