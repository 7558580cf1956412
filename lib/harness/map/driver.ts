// What can be done with a map, as operations on its kernel: what lib/map does between a user's call and the kernel, for
// integer keys, and for keys and values in records. Runs in the explorer and in real workers alike.

import { AREA_CELLS, Area, Field, Table, tableAt } from '../../kernel/layout'
import { Need } from '../../kernel/pieces'
import { Sentinel, Status } from '../../kernel/read'
import { Tag } from '../../kernel/words/key'
import { areaIn } from '../../kernel/words/participant'
import { Expect } from '../../kernel/write'
import type { Answer, Caller, Code, Driven, Run, View } from '../system'

/** What `init` gives: who each thread is to the map, and the cells of its memory. */
export interface Members { readonly members: readonly number[], readonly cells: number }

/** How a program's numbers are held: in the slot itself, or in records. */
export type Held = 'integers' | 'records'

/** Places for participants: the threads of a program, and whoever looks afterwards. */
export const PLACES = 5
/** Characters of a record's bytes, by the number that it stands for. */
const LENGTH = 8
const TYPE = 3
/** A record of a class whose spans have two pages, and one that takes pages for itself. */
const SPAN_BYTES = 200
const RUN_BYTES = 2040
const RUN_PAGES = 3

const me = ({ thread, context }: Caller): number => (context as Members).members[thread]!
const areaOf = (caller: Caller): number => areaIn(me(caller)) * AREA_CELLS
const fieldPlace = (caller: Caller, field: number): number => (areaOf(caller) + Area.Fields) * 2 + field
const setField = (caller: Caller, field: number, value: number): void => caller.poke(fieldPlace(caller, field), value)

/** Writes the record for a number into a window: its bytes are the number, twice. */
function write(caller: Caller, area: Area, n: number): void {
  const place = (areaOf(caller) + area) * 2
  caller.poke(place, n)
  caller.poke(place + 1, ~n)
}

function* seek(caller: Caller, held: Held, key: number): Generator<unknown, void, any> {
  if (held === 'integers') { yield* caller.call('seekPayload', 0, me(caller), Field.Sought, Tag.Integer, key); return }
  write(caller, Area.Key, key)
  yield* caller.call('seekBytes', 0, me(caller), Field.Sought, areaOf(caller) + Area.Key, LENGTH, TYPE)
}

function expectValue(caller: Caller, held: Held, expect: Expect, value: number): void {
  setField(caller, Field.Expect, expect)
  if (expect !== Expect.Equal) return
  setField(caller, Field.ExpectTag, held === 'integers' ? Tag.Integer : Tag.Record)
  if (held === 'integers') { setField(caller, Field.ExpectPayload, value); return }
  write(caller, Area.Expected, value)
  setField(caller, Field.ExpectPlace, areaOf(caller) + Area.Expected)
  setField(caller, Field.ExpectLength, LENGTH)
  setField(caller, Field.ExpectType, TYPE)
}

function nextValue(caller: Caller, held: Held, value: number | undefined): void {
  setField(caller, Field.NextTag, value === undefined ? Tag.None : held === 'integers' ? Tag.Integer : Tag.Record)
  if (value === undefined) return
  if (held === 'integers') { setField(caller, Field.NextPayload, value); return }
  write(caller, Area.Next, value)
  setField(caller, Field.NextLength, LENGTH)
  setField(caller, Field.NextType, TYPE)
}

/** The value that an operation found, or undefined for none. */
function found(caller: Caller, status: Status): Answer {
  if (status === Status.NoMemory || status === Status.Corrupt) return Status[status]
  if (status === Status.Absent) return undefined
  const tag = caller.peek(fieldPlace(caller, Field.Tag))
  if (tag === Tag.None) return undefined
  if (tag === Tag.Integer) return caller.peek(fieldPlace(caller, Field.FoundPayload))
  const place = (areaOf(caller) + Area.Out) * 2, n = caller.peek(place)
  // Half of one record and half of another is no number.
  return caller.peek(fieldPlace(caller, Field.FoundLength)) === LENGTH && caller.peek(place + 1) === ~n ? n : `torn ${n}`
}

function* put(caller: Caller, held: Held, key: number, next: number | undefined, expect: Expect, expected = 0): Generator<unknown, Answer, any> {
  yield* seek(caller, held, key)
  expectValue(caller, held, expect, expected)
  nextValue(caller, held, next)
  setField(caller, Field.WantsPrevious, 1)
  return found(caller, yield* caller.call('putIfMatch', 0, me(caller)))
}

function* get(caller: Caller, held: Held, key: number): Generator<unknown, Answer, any> {
  yield* seek(caller, held, key)
  return found(caller, yield* caller.call('get', 0, me(caller)))
}

/** As `map.get` and `map.delete` do it for a key that no window holds: it is shown in pieces, here in one. */
function* showing(caller: Caller, held: Held, key: number, call: 'get' | 'putIfMatch'): Generator<unknown, Answer, any> {
  yield* seek(caller, held, key)
  yield* caller.call('seekPieces', 0, me(caller), LENGTH, TYPE)
  for (;;) {
    const status: Status = yield* caller.call(call, 0, me(caller))
    if (status !== Status.Unsure) return found(caller, status)
    yield* show(caller, caller.peek(fieldPlace(caller, Field.Need)))
  }
}
function* show(caller: Caller, need: Need): Generator<unknown, void, any> {
  if (need === Need.Compare) {
    const same: boolean = yield* caller.call('samePiece', 0, me(caller), 0)
    yield* caller.call('judge', 0, me(caller), same)
    return
  }
  yield* caller.call('keyPiece', 0, me(caller), 0)
  yield* caller.call('keyEnd', 0, me(caller))
}
function* deleteInPieces(caller: Caller, held: Held, key: number): Generator<unknown, Answer, any> {
  expectValue(caller, held, Expect.Any, 0)
  nextValue(caller, held, undefined)
  setField(caller, Field.WantsPrevious, 1)
  return yield* showing(caller, held, key, 'putIfMatch')
}

/** As the map does it: the hot path, and where that will not do, get and a conditional write in turn. */
function* add(caller: Caller, held: Held, key: number, delta: number): Generator<unknown, Answer, any> {
  if (held === 'integers') {
    const sum: number = yield* caller.call('addInteger', 0, key, delta)
    if (sum !== Sentinel.Other) return sum
  }
  for (;;) {
    const before = (yield* get(caller, held, key)) as number | undefined
    const sum = (before ?? 0) + delta, expect = before === undefined ? Expect.Absent : Expect.Equal
    if ((yield* put(caller, held, key, sum, expect, before)) === before) return sum
  }
}

/** As `map.set`, `map.get` and `map.delete` do it for integers: the hot path first. */
function* setFast(caller: Caller, key: number, value: number): Generator<unknown, Answer, any> {
  if (yield* caller.call('setInteger', 0, me(caller), key, value)) return undefined
  const status: Status = yield* caller.call('putInteger', 0, me(caller), key, value)
  if (status !== Status.Written) yield* put(caller, 'integers', key, value, Expect.Any)
  return undefined
}
function* getFast(caller: Caller, key: number): Generator<unknown, Answer, any> {
  const value: number = yield* caller.call('getInteger', 0, key)
  if (value === Sentinel.Absent) return undefined
  return value === Sentinel.Other ? yield* get(caller, 'integers', key) : value
}

function* deleteFast(caller: Caller, key: number): Generator<unknown, Answer, any> {
  const status: Status = yield* caller.call('deleteInteger', 0, me(caller), key)
  if (status === Status.Retry) return (yield* put(caller, 'integers', key, undefined, Expect.Any)) !== undefined
  return status === Status.Written
}

/** Writes integers into a window, one after the other. */
function writeIntegers(caller: Caller, area: Area, integers: readonly number[]): void {
  for (const [n, integer] of integers.entries()) caller.poke((areaOf(caller) + area) * 2 + n, integer)
}

/** As `map.getMany` and `map.setMany` do it for integers: one call for all, and one by one what that leaves. */
function* readMany(caller: Caller, ...keys: number[]): Generator<unknown, Answer, any> {
  writeIntegers(caller, Area.Key, keys)
  yield* caller.call('getMany', 0, me(caller), keys.length)
  const answers: Answer[] = keys.map((_, n) => caller.peek((areaOf(caller) + Area.Out) * 2 + n))
  for (const [n, answer] of answers.entries()) {
    if (answer === Sentinel.Absent) answers[n] = undefined
    if (answer === Sentinel.Other) answers[n] = yield* get(caller, 'integers', keys[n]!)
  }
  return answers
}
function* setMany(caller: Caller, ...pairs: (readonly [number, number])[]): Generator<unknown, Answer, any> {
  for (let from = 0; from < pairs.length;) {
    writeIntegers(caller, Area.Key, pairs.slice(from).map(([key]) => key))
    writeIntegers(caller, Area.Next, pairs.slice(from).map(([, value]) => value))
    const done: number = yield* caller.call('setMany', 0, me(caller), pairs.length - from)
    from += done
    setField(caller, Field.Started, 0)
    setField(caller, Field.Promoted, 0)
    if (done === 0) yield* put(caller, 'integers', ...pairs[from++]!, Expect.Any)
  }
  return undefined
}

function* clear(caller: Caller): Generator<unknown, Answer, any> {
  const status: Status = yield* caller.call('clear', 0, me(caller))
  return status === Status.Written ? undefined : Status[status]
}

/** The hash by which a key finds its home. */
function* hashOf(caller: Caller, held: Held, key: number): Generator<unknown, Answer, any> {
  yield* seek(caller, held, key)
  return caller.peek(fieldPlace(caller, Field.Sought + Field.Hash))
}

/** The steps of a resize one by one, to begin programs in the middle of one. */
function* install(caller: Caller, kind: number): Generator<unknown, Answer, any> {
  yield* caller.call('startResize', 0, me(caller), yield* caller.call('rootGeneration', 0), kind, false)
  return undefined
}
function* copyChunks(caller: Caller, from: number, to: number): Generator<unknown, Answer, any> {
  const generation: number = yield* caller.call('rootGeneration', 0)
  for (let chunk = from; chunk < to; chunk++) yield* caller.call('copyChunk', 0, me(caller), generation, chunk)
  return undefined
}
function* promote(caller: Caller): Generator<unknown, Answer, any> {
  yield* caller.call('copyCheckAndPromote', 0, me(caller), yield* caller.call('rootGeneration', 0))
  return undefined
}
function* finish(caller: Caller): Generator<unknown, Answer, any> {
  yield* caller.call('finishCopy', 0, me(caller), yield* caller.call('rootGeneration', 0))
  return undefined
}
function* helpSweep(caller: Caller, times: number): Generator<unknown, Answer, any> {
  const generation: number = yield* caller.call('rootGeneration', 0)
  for (let n = 0; n < times; n++) yield* caller.call('helpSweep', 0, me(caller), generation - 1)
  return undefined
}
function* resize(caller: Caller): Generator<unknown, Answer, any> {
  const generation: number = yield* caller.call('rootGeneration', 0)
  yield* caller.call('startResize', 0, me(caller), generation, 1, false)
  yield* caller.call('finishCopy', 0, me(caller), generation)
  return undefined
}

/** A resize that makes the table keyed, under new seeds. */
function* reseed(caller: Caller): Generator<unknown, Answer, any> {
  const generation: number = yield* caller.call('rootGeneration', 0)
  yield* caller.call('startResize', 0, me(caller), generation, 1, true)
  yield* caller.call('finishCopy', 0, me(caller), generation)
  return undefined
}

/** In fresh memory: leaves done-words for no larger table than the first one. */
function* occupy(caller: Caller): Generator<unknown, Answer, any> {
  const [first, second] = [0, 1].map(half => (tableAt(0, half) + Table.Place) * 2 + 1) as [number, number]
  caller.poke(second, caller.peek(first) + (yield* caller.call('capacityNow', 0)))
  return undefined
}

/** Who takes part: a new worker looks whether this is a map, joins and leaves again; another is reaped. */
function* attach(caller: Caller): Generator<unknown, Answer, any> {
  if ((yield* caller.call('recognize', 0, (caller.context as Members).cells)) !== 0) return Status[Status.Corrupt]
  const joined: number = yield* caller.call('join', 0, 0)
  if (joined !== 0) yield* caller.call('leave', 0, joined)
  return joined !== 0
}
function* reap(caller: Caller, thread: number, ended: boolean): Generator<unknown, Answer, any> {
  const reaped = Boolean(yield* caller.call('reap', 0, (caller.context as Members).members[thread]!, ended))
  return (yield* caller.call('settleClear', 0, me(caller))) ? reaped : Status[Status.Corrupt]
}
/** A place that is kept for somebody who comes and leaves; one that is given up; and a block of a size that nobody has in stock. */
function* invite(caller: Caller, comes: boolean): Generator<unknown, Answer, any> {
  const invited: number = yield* caller.call('invite', 0)
  if (invited === 0) return false
  if (comes && (yield* caller.call('accept', 0, invited, 7)) === true) yield* caller.call('leave', 0, invited)
  else yield* caller.call('reap', 0, invited, true)
  return true
}
/** A place that is kept for somebody: both who accepts it and who gives it back know its number, and one of them has it. */
function* offer(caller: Caller): Generator<unknown, Answer, any> {
  yield* caller.call('invite', 0)
  return undefined
}
function* onOffer(caller: Caller, what: 'accept' | 'decline'): Generator<unknown, Answer, any> {
  const offered: number = yield* caller.call('ownerOf', 0, (caller.context as Members).members.length + 1)
  return offered !== 0 && (yield* caller.call(what, 0, offered, 7)) === true
}

/** A thread's lock is named by its number here. Whoever sees a place's mark finds there the name of the owner whose mark it is. */
function* guard(caller: Caller): Generator<unknown, Answer, any> {
  yield* caller.call('guard', 0, me(caller), 0, me(caller))
  return undefined
}
function* ask(caller: Caller, thread: number): Generator<unknown, Answer, any> {
  const area = areaIn((caller.context as Members).members[thread]!)
  const owner: number = yield* caller.call('guardedOwner', 0, area)
  return owner === 0 || owner === (yield* caller.call('lowAt', area * AREA_CELLS + Area.Life))
}
/** The lock comes only when the place has gone to another. */
function* guardLate(caller: Caller): Generator<unknown, Answer, any> {
  const early: number = yield* caller.call('join', 0, 0)
  yield* caller.call('leave', 0, early)
  yield* caller.call('join', 0, 0)
  return (yield* caller.call('guard', 0, early, 0, early)) === true
}

/** Memory that the caller alone holds for a while: a span in the middle, or a run so many pages from the zone. What it holds changes by no other hand. */
function* claim(caller: Caller, away?: number): Generator<unknown, Answer, any> {
  const block: number = away === undefined ? yield* caller.call('allocate', 0, me(caller), SPAN_BYTES, TYPE, 0) : yield* atEdge(caller, away, RUN_PAGES, RUN_BYTES)
  if (block === 0) return false
  const cell = block * 2 + 2, held: number = yield* caller.call('lowAt', cell)
  yield* caller.call('unveil', 0, block, 1)
  yield* caller.call('unveil', 0, block, 1)
  const intact = held === (yield* caller.call('lowAt', cell))
  yield* caller.call('freeBlock', 0, me(caller), block)
  return intact || Status[Status.Corrupt]
}
function* atEdge(caller: Caller, away: number, pages: number, bytes: number): Generator<unknown, number, any> {
  const zone: number = (yield* caller.call('zoneSize', 0)) + away
  return yield* caller.call('allocateBetween', 0, me(caller), zone, zone + pages, bytes, TYPE, 0)
}
/** A block at the edge of the zone that is not given back: where it has a span, the caller's next blocks of that class will lie there too. */
function* hold(caller: Caller, pages: number, bytes: number): Generator<unknown, Answer, any> {
  yield* atEdge(caller, 0, pages, bytes)
  return undefined
}
/** The zone grows by a page at each end for a successor that somebody is about to build, and shrinks when its table needs less. */
function* extend(caller: Caller): Generator<unknown, Answer, any> {
  const next: number = (yield* caller.call('rootGeneration', 0)) + 1 | 0
  if (yield* caller.call('openZone', 0, next)) yield* caller.call('extendZone', 0, next, (yield* caller.call('zoneSize', 0)) + 1)
  yield* caller.call('closeZone', 0, next)
  return undefined
}
function* shrink(caller: Caller): Generator<unknown, Answer, any> {
  yield* caller.call('shrinkZone', 0)
  return undefined
}
function* evacuate(caller: Caller): Generator<unknown, Answer, any> {
  yield* caller.call('evacuate', 0, me(caller), yield* caller.call('rootGeneration', 0))
  return undefined
}

function* quiesce(caller: Caller): Generator<unknown, Answer, any> {
  yield* caller.call('quiesce', 0, me(caller))
  return undefined
}

function operations(held: Held): Record<string, Run> {
  return {
    get: (caller, key: number) => get(caller, held, key),
    claim: caller => claim(caller), claimEdge: (caller, away = 0) => claim(caller, away),
    holdEdge: caller => hold(caller, RUN_PAGES, RUN_BYTES), goToEdge: caller => hold(caller, 1, LENGTH),
    put: (caller, key: number, value: number) => put(caller, held, key, value, Expect.Any),
    delete: (caller, key: number) => put(caller, held, key, undefined, Expect.Any),
    getInPieces: (caller, key: number) => held === 'integers' ? get(caller, held, key) : showing(caller, held, key, 'get'),
    deleteInPieces: (caller, key: number) =>
      held === 'integers' ? put(caller, held, key, undefined, Expect.Any) : deleteInPieces(caller, held, key),
    reseed,
    putIfAbsent: (caller, key: number, value: number) => put(caller, held, key, value, Expect.Absent),
    replace: (caller, key: number, value: number) => put(caller, held, key, value, Expect.Present),
    compareAndSet: (caller, key: number, expected: number, next: number) => put(caller, held, key, next, Expect.Equal, expected),
    compareAndDelete: (caller, key: number, expected: number) => put(caller, held, key, undefined, Expect.Equal, expected),
    add: (caller, key: number, delta: number) => add(caller, held, key, delta),
    clear,
    hashOf: (caller, key: number) => hashOf(caller, held, key),
    set: setFast, read: getFast, remove: deleteFast, readMany, setMany,
    install, copyChunks, promote, occupy, finish, helpSweep, resize, attach, reap, invite, offer, guard, ask, guardLate, extend, shrink, evacuate, quiesce,
    accept: caller => onOffer(caller, 'accept'), decline: caller => onOffer(caller, 'decline'),
  }
}

/** How small the map is, and how the program's numbers are held. Plain data: it is sent to workers. */
export interface DriverOptions {
  readonly held: Held
  /** Slots of the first table, and how many slots make a chunk of the copy, as a power of two. */
  readonly slots: number
  readonly shift: number
  /** Places for participants. Default 5. */
  readonly places?: number
}

/** The map's operations and its beginning, for the explorer and for real workers. */
export function mapDriver(options: DriverOptions): Driven & { init: (code: Code, memory: View, threads: number) => Members } {
  return { ops: operations(options.held), init: (code, memory, threads) => createMap(code, memory, threads, options) }
}

/** Brings fresh memory to an empty map, with a participant for each thread and one for whoever looks afterwards. */
function createMap(code: Code, memory: View, threads: number, { slots, shift, places = PLACES }: DriverOptions): Members {
  if (code.create!(0, memory.length, places, shift, slots, 123, 456, 7, 8) !== true) throw new RangeError(`a map of ${slots} slots does not fit`)
  const members = Array.from({ length: threads + 1 }, () => code.join!(0, 0) as number)
  if (members.includes(0)) throw new RangeError(`there are no places for ${threads} threads: name more`)
  // A span for each in stock, so that no program begins by claiming one.
  const blocks = members.map(member => code.allocate!(0, member, LENGTH, TYPE, 0) as number)
  members.forEach((member, n) => code.freeBlock!(0, member, blocks[n]!))
  return { members, cells: memory.length }
}
