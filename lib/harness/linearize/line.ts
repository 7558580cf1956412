// A part of a history, laid out for the search.

import type { Event } from './model'

/**
 * The events of a part, and the ring of their calls and returns by time. Operations have numbers: first those that
 * returned, then the others, each in the order of their calls. Operation i is called at entry 2i, and back at 2i + 1.
 */
export interface Line<Op, Answer> {
  readonly events: readonly Event<Op, Answer>[]
  /** How many returned. It is also half the number of the ring's head. */
  readonly returned: number
  readonly next: Int32Array
  readonly previous: Int32Array
  /** For each operation that returned: how many others, in the order of their calls, it does not wholly precede. */
  readonly reach: Int32Array
  /** For each operation that did not: the last one before it that asked the same, and may take effect until the same time, or -1. */
  readonly twins: Int32Array
  /** Until when each of them may take effect; undefined where none is ever too late. */
  readonly untils: Float64Array | undefined
}

export function lineUp<Op, Answer>(part: readonly Event<Op, Answer>[]): Line<Op, Answer> {
  const byCall = (a: Event, b: Event): number => a.call - b.call
  const done = part.filter(event => event.back !== Infinity).sort(byCall), pending = part.filter(event => event.back === Infinity).sort(byCall)
  const twins = twinsOf(pending, done.length), untils = untilsOf(pending)
  return { events: [...done, ...pending], returned: done.length, twins, untils, ...ringOf(done) }
}

function untilsOf(pending: readonly Event[]): Float64Array | undefined {
  const untils = Float64Array.from(pending, ({ until = Infinity }) => until)
  return untils.every(until => until === Infinity) ? undefined : untils
}

function ringOf(done: readonly Event[]): Pick<Line<unknown, unknown>, 'next' | 'previous' | 'reach'> {
  const head = done.length * 2, next = new Int32Array(head + 1), previous = new Int32Array(head + 1), reach = new Int32Array(done.length + 1)
  let last = head, calls = 0
  const append = (entry: number): void => { next[last] = entry; previous[entry] = last; last = entry }
  for (const op of done.map((_, i) => i).sort((a, b) => done[a]!.back - done[b]!.back)) {
    // A call at the time of a return goes first: the two overlap.
    while (calls < done.length && done[calls]!.call <= done[op]!.back) append(2 * calls++)
    append(2 * op + 1)
    reach[op] = calls
  }
  append(head)
  reach[done.length] = done.length
  return { next, previous, reach }
}

function twinsOf(pending: readonly Event[], first: number): Int32Array {
  const twins = new Int32Array(pending.length).fill(-1), seen = new Map<string, number>(), things = new Map<unknown, number>()
  if (pending.length < 2) return twins
  pending.forEach(({ op, until = Infinity }, i) => {
    const text = `${until} ${spell(op, things)}`
    twins[i] = seen.get(text) ?? -1
    seen.set(text, first + i)
  })
  return twins
}

/** How deep an operation is looked into; it may be a ring. */
const DEEPEST = 8

/** A text that only equal values share. What is not plain is equal to itself alone. */
function spell(value: unknown, things: Map<unknown, number>, depth = 0): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol' || value === null) return String(value)
  if (depth < DEEPEST && isPlain(value)) {
    const inside = Reflect.ownKeys(value).map(key => `${spell(key, things)}:${spell((value as Record<PropertyKey, unknown>)[key], things, depth + 1)}`)
    return Array.isArray(value) ? `[${inside.join()}]` : `{${inside.join()}}`
  }
  const thing = things.get(value) ?? things.size
  things.set(value, thing)
  return `#${thing}`
}

function isPlain(value: object | symbol): value is object {
  if (typeof value !== 'object') return false
  const kind: unknown = Object.getPrototypeOf(value)
  return kind === Array.prototype || kind === Object.prototype || kind === null
}
