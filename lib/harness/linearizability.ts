// Linearizability: whether some order of the operations, in keeping with what ended before what began, explains every
// answer. Judges recorded histories of any size, of any object that has a sequential model.
//
// The search is Wing and Gong's in Lowe's form, one for each part of the object. A configuration is the set of operations
// taken so far and the state they led to; none is searched twice. Three rules cut it further:
// - A configuration is covered by one with the same returned operations, the same state and fewer of those that never
//   returned, since these may be left out. So none of them is taken if the state after the next operation shows nothing of it.
// - Of equal operations that never returned, and may take effect until the same time, the one that was called first is
//   taken first.
// - An operation that returned, may come next and leaves the state alone is taken at once, and nothing is tried in its place:
//   whatever could have come before it can come after it. That holds for reads. It does not for an operation that would
//   change another state and answer the same, so that all states that were met are looked at before anything is called wrong.
//   Nor does it where another operation that never returned is too late afterwards: then all is tried.

import { type Line, lineUp } from './linearize/line'
import type { Budget } from './linearize/memo'
import type { Event, Model } from './linearize/model'
import { Search } from './linearize/search'

export { type Event, type Model, PENDING } from './linearize/model'

/** What `judge` found out. */
export interface Judgement<Op, Answer> {
  /** Whether an order explains the history; unknown if the search was given up. */
  readonly ok: true | false | 'unknown'
  /** Where ok is not true: the part (partition) that has no explanation, or none yet; undefined without `partition`. */
  readonly part: string | number | undefined
  /** The longest sequence of operations that could be explained in it (most returned ones), in linearized order. */
  readonly longest: readonly Event<Op, Answer>[]
  /** The operations of which one would have to come next, by time of call. If ok is false, none of them can. */
  readonly blocked: readonly Event<Op, Answer>[]
  /** Steps of the search: calls of `step` that tried an operation, and comparisons of whole configurations. */
  readonly steps: number
}

/** How much is searched: some seconds. */
const MAX_STEPS = 50_000_000

/**
 * Judges whether a history is linearizable.
 *
 * Configurations that were searched are remembered by 63 bits of hash, so a search may pass one over by mistake. That
 * cannot make a wrong history right; and before one is called wrong, the part is searched again with a memory of the
 * configurations themselves.
 *
 * Complexity: for n operations, c of them at a time, of which the model tells s states apart, O(n * c * 2^c * s)
 * steps at most, about n for a right history whose operations answer what they saw. Operations that never returned count as
 * concurrent with all later ones; what they do to the search is bounded by the different effects that they could have had.
 *
 * Sources: Wing and Gong, "Testing and Verifying Concurrent Objects", 1993; Lowe, "Testing for Linearizability", 2017 (the
 * list of calls and returns, the memory of configurations); Horn and Kroening, "Faster linearizability checking via
 * P-compositionality", 2015 (the parts), as in Athalye's Porcupine.
 *
 * @param history The events, in any order.
 * @param options `maxSteps`: how many steps to spend in all, second searches included. Default: 50 million.
 * @returns The judgement; the smallest parts are searched first, and it is about the first that is not right.
 * @throws TypeError if a time is not a number, a call is not finite, or a return or an `until` comes before its call; if an
 *   operation that returned has an `until`; if `partition`
 *   gives undefined for an operation; if the model starts with undefined; if `maxSteps` is not a number from 0 up.
 */
export function judge<State, Op, Answer>(
  history: readonly Event<Op, Answer>[], model: Model<State, Op, Answer>, options: { maxSteps?: number } = {},
): Judgement<Op, Answer> {
  const budget: Budget = { spent: 0, most: options.maxSteps ?? MAX_STEPS }
  if (!(budget.most >= 0)) throw new TypeError(`maxSteps is ${String(budget.most)}. It must be a number from 0 up.`)
  if (model.start === undefined) throw new TypeError('The model starts with undefined, which stands for "may not". Start with another value, such as null.')
  history.forEach(check)
  const parts = [...partsOf(history, model)].sort((a, b) => a[1].length - b[1].length)
  for (const [part, events] of parts) {
    const { ok, search } = judgePart(lineUp(events), model, budget)
    if (ok !== true) return { ok, part, longest: search.longest(), blocked: search.blocked(), steps: budget.spent }
  }
  return { ok: true, part: undefined, longest: [], blocked: [], steps: budget.spent }
}

interface Verdict<State, Op, Answer> { ok: true | false | 'unknown', search: Search<State, Op, Answer> }

function judgePart<State, Op, Answer>(line: Line<Op, Answer>, model: Model<State, Op, Answer>, budget: Budget): Verdict<State, Op, Answer> {
  const first = new Search(line, model, budget, { exact: false, eager: true }), found = first.run()
  if (found !== false) return { ok: found, search: first }
  if (first.wasRightlyEager()) {
    const search = new Search(line, model, budget, { exact: true, eager: true }), ok = search.run()
    if (ok === true || ok === false && search.wasRightlyEager()) return { ok, search }
  }
  const last = new Search(line, model, budget, { exact: true, eager: false }), ok = last.run()
  // A search that was cut short knows less than the first one, which came to its end.
  return { ok, search: ok === 'unknown' ? first : last }
}

function check({ call, back, until = Infinity }: Event, index: number): void {
  if (!Number.isFinite(call)) throw new TypeError(`history[${index}]: call is ${String(call)}. It must be a finite number.`)
  if (typeof back !== 'number' || Number.isNaN(back)) throw new TypeError(`history[${index}]: back is ${String(back)}. It must be a number, or Infinity.`)
  if (back < call) throw new TypeError(`history[${index}]: it is back at ${back}, before its call at ${call}.`)
  if (typeof until !== 'number' || !(until >= call)) {
    throw new TypeError(`history[${index}]: until is ${String(until)}. It must be a number from its call at ${call} up.`)
  }
  if (until !== Infinity && back !== Infinity) {
    throw new TypeError(`history[${index}]: it has an until, but it is back at ${back}. Only what never returned has one.`)
  }
}

type Parts<Op, Answer> = Map<string | number | undefined, Event<Op, Answer>[]>

/** The events of each part. */
function partsOf<State, Op, Answer>(history: readonly Event<Op, Answer>[], model: Model<State, Op, Answer>): Parts<Op, Answer> {
  const parts: Parts<Op, Answer> = new Map()
  if (model.partition === undefined) return parts.set(undefined, [...history])
  history.forEach((event, index) => {
    const part = model.partition!(event.op)
    if (part === undefined) throw new TypeError(`history[${index}]: its operation belongs to no part. Use a model of the whole state, without partition.`)
    const events = parts.get(part)
    if (events === undefined) parts.set(part, [event])
    else events.push(event)
  })
  return parts
}
