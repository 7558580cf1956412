// The map as a system of the harness: its kernel, its operations, its words in the map's own terms, and what a map must be
// equal to.

import { high, low } from '../../kernel/memory'
import { claimsCount } from '../../kernel/words/claims'
import { slotsOf } from '../../kernel/words/header'
import { Successor } from '../../kernel/words/successor'
import { zonePages } from '../../kernel/words/zone'
import { AREA_CELLS, Area, At, Field, Hint, Table } from '../../kernel/layout'
import { Status } from '../../kernel/read'
import { TRANSITIONS, WORDS } from '../../kernel/transitions'
import type { Step, WordKind } from '../../kernel/step'
import { PENDING, type Model } from '../linearizability'
import { type Call, type Own, type Program, type Range, type System, type WordInfo, type Words, op, system } from '../system'
import type { Word } from '../words'
import { auditMap } from './audit'
import { type Held, PLACES, mapDriver } from './driver'

export interface MapSystemOptions {
  readonly name?: string
  /** The built JavaScript kernel: a module that exports `instantiate(cells)`. Default: the one of this package. */
  readonly code?: URL | { readonly source: string }
  /** Where real workers find `mapDriver`. Default: the one of this package. */
  readonly driver?: URL
  readonly held?: Held
  /** Slots of the first table, and how many slots make a chunk of the copy, as a power of two. */
  readonly slots?: number
  readonly shift?: number
  /** Places for participants. Default 5: four threads, and whoever looks afterwards. */
  readonly places?: number
  /** Default: 128 KiB, and room for what `places` are more than 5. */
  readonly bytes?: number
}

const BYTES = 1 << 17
/** More slots than a program of the harness makes a table grow to. */
const MOST_SLOTS = 64

// --- the sequential map

type Entries = ReadonlyMap<number, number>

function withEntry(entries: Entries, key: number, value: number | undefined): Entries {
  const next = new Map(entries)
  if (value === undefined) next.delete(key)
  else next.set(key, value)
  return next
}

/** What an operation on one key makes of its value, undefined for none, and what it answers. */
type Effect = (found: number | undefined, a: any, b: any) => readonly [next: number | undefined, answer: unknown]

const KEYED: Readonly<Record<string, Effect>> = {
  get: found => [found, found],
  read: found => [found, found],
  put: (found, a) => [a, found],
  set: (_, a) => [a, undefined],
  delete: found => [undefined, found],
  getInPieces: found => [found, found],
  deleteInPieces: found => [undefined, found],
  remove: found => [undefined, found !== undefined],
  putIfAbsent: (found, a) => [found ?? a, found],
  replace: (found, a) => [found === undefined ? found : a, found],
  compareAndSet: (found, a, b) => [found === a ? b : found, found],
  compareAndDelete: (found, a) => [found === a ? undefined : found, found],
  add: (found = 0, a) => [found + a, found + a],
}

/** No key: whether a place is on offer. */
const OFFERED = -1
type After = readonly [next: Entries, answer: unknown]
const taken = (entries: Entries): After => [withEntry(entries, OFFERED, undefined), entries.has(OFFERED)]

/** Who comes and goes: of those who want what is offered one gets it, and a mark is its owner's. */
const PLACED: Readonly<Record<string, (entries: Entries) => After>> = {
  offer: entries => [withEntry(entries, OFFERED, 1), undefined],
  accept: taken,
  decline: taken,
  ask: entries => [entries, true],
  guardLate: entries => [entries, false],
}

/** Without its keys; a clear takes nobody's place. */
const cleared = (entries: Entries): Entries => new Map([...entries].filter(([key]) => key === OFFERED))

/** What each operation does to a map: its next contents, and what it answers. */
function after(entries: Entries, [name, key, a, b]: Call): After {
  if (name === 'clear') return [cleared(entries), undefined]
  if (name === 'install' && key === Successor.Clear) return [cleared(entries), ANYTHING]
  const rule = PLACED[name]
  if (rule !== undefined) return rule(entries)
  const found = entries.get(key as number), effect = KEYED[name]
  if (effect === undefined) return [entries, ANYTHING]
  const [next, answer] = effect(found, a, b)
  return [next === found ? entries : withEntry(entries, key as number, next), answer]
}
/** What no operation may answer, whatever the others do: that the words of the map contradict each other. */
const CORRUPT = Status[Status.Corrupt]
const ANYTHING = Symbol('any answer')

/** The map that every history must agree with. */
export const MAP: Model<Entries, Call, unknown> = {
  start: new Map(),
  step(entries, call, answer) {
    const [next, right] = after(entries, call)
    return answer === PENDING || right === ANYTHING && answer !== CORRUPT || right === answer ? next : undefined
  },
  key: entries => [...entries].sort(([a], [b]) => a - b).join(';'),
}

/**
 * The register of one key, for large histories: each key is judged by itself. Operations that concern no key (a resize,
 * a join) may answer anything; `clear` concerns all, so `judge` refuses it: it needs {@link MAP}.
 */
export const REGISTER: Model<number | null, Call, unknown> = {
  start: null,
  step(found, [name, , a, b], answer) {
    const effect = KEYED[name]
    if (effect === undefined) return answer === CORRUPT ? undefined : found
    const [next, right] = effect(found ?? undefined, a, b)
    return answer === PENDING || right === answer ? next ?? null : undefined
  },
  partition: ([name, key]) => name === 'clear' ? undefined : name in KEYED ? key as number : 'no key',
}

/** `readMany` and `setMany` take effect key by key. */
function partsOf(call: Call, answer: unknown): (readonly [Call, unknown])[] {
  const [name, ...args] = call
  if (name === 'readMany') return args.map((key, n) => [['get', key], (answer as readonly unknown[] | undefined)?.[n]])
  if (name === 'setMany') return args.map(([key, value]) => [['set', key, value], undefined])
  return [[call, answer]]
}

// --- memory

/** What belongs to a thread alone: the windows, the fields and the statistics of its area. */
function ownOf(thread: number): Own {
  const area = (thread + 1) * AREA_CELLS, fields = area + Area.Fields
  return {
    cells: [[area + Area.Hints, area + AREA_CELLS]],
    forgotten: [[area + Area.Retries, area + Area.Freed], [area + Area.Freed + 1, area + Area.Hints]],
    lasting: [
      ...[Field.RoomGeneration, Field.Room, Field.Deletes, Field.Helps].map(field => fields * 2 + field),
      ...Array.from({ length: Hint.Down + 1 }, (_, hint) => (area + Area.Hints) * 2 + hint),
    ],
  }
}

/** The areas of places that are free: who joins clears their fields and hints. */
function vacantAreas(threads: number, places: number): Range[] {
  return Array.from({ length: places - threads - 1 }, (_, n) => (threads + 2 + n) * AREA_CELLS).map(area => [area + Area.Hints, area + AREA_CELLS])
}

/** Cells of a half: where its done-words begin, and where its slots begin or end. */
interface Half { readonly chunks: number, readonly slots: number }

/** The words of a map, once its memory is laid out. */
class MapWords implements Words {
  private readonly kinds = new Map<string, WordKind>(WORDS.map(kind => [kind.name, kind]))
  private readonly steps = new Map<string, Step>(TRANSITIONS.map(step => [`${step.word}|${step.name}`, step]))
  private readonly fixed = new Map<number, WordInfo | undefined>()
  private halves: readonly Half[] = []
  private pages = { words: 0, count: 0 }

  /** The layout depends on the system alone, so it is read once. */
  readFrom(memory: BigInt64Array): void {
    if (this.halves.length > 0) return
    this.halves = [0, 1].map(half => {
      const place = memory[At.Table + half * At.TableStride + Table.Place]!
      return { chunks: high(place), slots: low(place) }
    })
    this.fixed.set(At.Root, { kind: 'root', name: 'root' })
    this.halves.forEach((_, half) => this.addHeader(half))
    this.fixed.set(At.Places, { kind: 'places', name: 'places' })
    this.fixed.set(At.Zone, { kind: 'zone', name: 'zone' })
    this.fixed.set(At.Floor, { kind: 'floor', name: 'floor' })
    this.pages = { words: high(memory[At.Store]!), count: low(memory[At.Store]!) }
  }

  private addHeader(half: number): void {
    const name = 'AB'[half]!, table = At.Table + half * At.TableStride
    const add = (cell: number, kind: string, what = kind): void => { this.fixed.set(cell, { kind, name: `${name}.${what}` }) }
    this.fixed.set(At.Region + half, { kind: 'region', name: `${name}.region` })
    add(table + Table.Capacity, 'capacity')
    add(table + Table.Successor, 'successor')
    add(table + Table.SeedLow, 'seed', 'seed low')
    add(table + Table.SeedHigh, 'seed', 'seed high')
    add(table + Table.Floor, 'table floor', 'floor')
    add(table + Table.Claims, 'claims')
    add(table + Table.Cursor, 'cursor')
    add(table + Table.SweepCursor, 'cursor', 'sweep cursor')
  }

  at(cell: number): WordInfo | undefined {
    if (!this.fixed.has(cell)) this.fixed.set(cell, this.inArea(cell) ?? this.inPages(cell) ?? this.inHalf(cell))
    return this.fixed.get(cell)
  }

  private inArea(cell: number): WordInfo | undefined {
    const area = Math.floor(cell / AREA_CELLS), offset = cell % AREA_CELLS
    if (area < 1 || cell >= this.halves[0]!.chunks) return undefined
    return offset === Area.Owner ? { kind: 'participant', name: `owner ${area}` } : undefined
  }

  private inPages(cell: number): WordInfo | undefined {
    const page = cell - this.pages.words
    return page >= 0 && page < this.pages.count ? { kind: 'page', name: `page ${page}` } : undefined
  }

  /** The slots of half A are counted from the first page on, those of half B from the end of the last: there B[-1] ends, whatever the capacity. */
  private inHalf(cell: number): WordInfo | undefined {
    const half = cell < this.halves[1]!.chunks ? 0 : 1, { chunks } = this.halves[half]!, name = 'AB'[half]!
    if (cell >= chunks && cell < (half === 0 ? this.halves[1]!.chunks : this.pages.words)) return { kind: 'chunk', name: `${name}.chunk ${cell - chunks}` }
    return this.inSlots(cell, 'A', this.halves[0]!.slots, 0, MOST_SLOTS) ?? this.inSlots(cell, 'B', this.halves[1]!.slots, -MOST_SLOTS, 0)
  }

  private inSlots(cell: number, name: string, place: number, from: number, to: number): WordInfo | undefined {
    const index = Math.floor((cell - place) / 2)
    if (index < from || index >= to) return undefined
    return (cell - place & 1) === 0 ? { kind: 'key', name: `${name}[${index}].key` } : { kind: 'value', name: `${name}[${index}].value` }
  }

  stateOf(kind: string, word: Word): string { return this.kinds.get(kind)!.stateOf(word as bigint) }

  show(kind: string, word: Word): string {
    const state = this.stateOf(kind, word), bits = word as bigint, lower = low(bits), upper = high(bits)
    switch (kind) {
      case 'key': return state === 'Key' ? `Key ${lower}` : state
      case 'value': return state === 'Value' || state === 'Prime' ? `${state} ${lower}` : state
      case 'root': return `table ${upper}`
      case 'claims': return `${state} ${claimsCount(bits)} of table ${upper}`
      case 'cursor': return `${lower} of table ${upper}`
      case 'page': return state === 'Blocks' ? `Blocks ${(lower >>> 0).toString(2)}` : state === 'Tail' ? `Tail of the page ${lower} before` : state
      case 'floor': return `version ${lower}`
      case 'zone': return `${state}, ${zonePages(bits)} pages, for table ${upper}`
      case 'capacity': return `${slotsOf(bits)} slots of table ${upper}`
      case 'places': return `${lower} taken`
      default: return `${state} of table ${upper}`
    }
  }

  guard(kind: string, seen: Word, next: Word, { name }: { name: string }): string {
    const step = this.steps.get(`${kind}|${name}`)!
    return this.kinds.get(kind)!.forward(seen as bigint, next as bigint, step) ? '' : `${this.show(kind, seen)} -> ${this.show(kind, next)} does not move forward`
  }
}

// --- at rest

/** The keys that a program names, read one after the other; and again when everything unfinished is finished. */
function readsOf({ prefix = [], threads }: Program): Call[] {
  const calls = [...prefix, ...threads.flat()].flatMap(call => partsOf(call, undefined).map(([part]) => part))
  const keys = new Set(calls.filter(([name]) => name in KEYED).map(([, key]) => key as number))
  const reads = [...keys].map((key): Call => ['get', key])
  return [...reads, ['quiesce'], ...reads]
}

const bytesFor = (places: number): number => BYTES + Math.max(0, places - PLACES) * AREA_CELLS * 8

/** Beside this file, once it is built. */
const besides = (file: string): URL => new URL(file, import.meta.url)

/**
 * The map itself as a system, to be explored: small tables, one slot a chunk, so that resizes happen all the time. Its
 * operations are those of `SharedMap` on small integers (`get`, `put`, `delete`, `putIfAbsent`, `replace`, `compareAndSet`,
 * `compareAndDelete`, `add`, `clear`) and the parts of a resize, of joining and of reaping.
 *
 * @throws {@link InstrumentError} for code that is no kernel
 * @example
 * ```js
 * import { explore, mapSystem } from 'nonblocking-map/harness'
 *
 * const program = { prefix: [['put', 1, 1]], threads: [[['add', 1, 2]], [['clear']]] }
 * explore(mapSystem(), program, { kills: 1 }).verdict // => 'exhaustive'
 * ```
 */
export function mapSystem(options: MapSystemOptions = {}): System {
  const { name = 'map', code = besides('./kernel.js'), driver = besides('./map-driver.js') } = options
  const { held = 'integers', slots = 4, shift = 0, places = PLACES, bytes = bytesFor(places) } = options
  const shape = { held, slots, shift, places }, driven = mapDriver(shape), words = new MapWords()
  const map: System = system({
    name: held === 'integers' ? name : `${name} of records`, code, memory: { bytes, view: 'bigint64' },
    ops: Object.fromEntries(Object.entries(driven.ops).map(([operation, run]) => [operation, op(run)])),
    init(kernel, memory, threads) {
      const members = driven.init(kernel, memory, threads)
      words.readFrom(memory as BigInt64Array)
      return members
    },
    driver: { module: driver, name: 'mapDriver', options: shape },
    model: MAP, parts: partsOf, ends: { reap: ([, thread], answer) => answer === true ? thread as number : undefined },
    final: readsOf, audit: rest => auditMap(() => map, rest), own: ownOf,
    vacant: threads => vacantAreas(threads, places), plain: ['fixed', 'peek', 'poke', 'keep', 'sumProducts', 'foldSum'],
    fence: ['load', 'store', 'cas', 'add', 'swap'],
    transitions: TRANSITIONS, words,
  })
  return map
}

