import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Event, type Judgement, type Model, PENDING, judge } from '../../lib/harness/linearizability'
import { Random } from '../support/kernels'

/** Operations on a map; all of them answer what was there before, null for nothing. */
type Op = readonly ['get' | 'delete', number] | readonly ['put' | 'putIfAbsent', number, number] | readonly ['compareAndSet', number, number | null, number]
type Value = number | null
type MapEvent = Event<Op, Value>
type MapModel<State> = Model<State, Op, Value>

function write(before: Value, op: Op): Value {
  switch (op[0]) {
    case 'get': return before
    case 'delete': return null
    case 'put': return op[2]
    case 'putIfAbsent': return before ?? op[2]
    case 'compareAndSet': return before === op[2] ? op[3] : before
  }
}

/** One key's register. */
const REGISTER: MapModel<Value> = {
  start: null,
  step: (before, op, answer) => answer === PENDING || answer === before ? write(before, op) : undefined,
  partition: op => op[1],
}
/** The whole map, of a few keys. */
const WHOLE: MapModel<readonly Value[]> = {
  start: [null, null, null],
  step: (state, op, answer) => answer === PENDING || answer === state[op[1]] ? state.with(op[1], write(state[op[1]]!, op)) : undefined,
  key: state => state.join(),
}

const NEVER = Infinity
const event = (op: Op, answer: Value, call: number, back: number): MapEvent => ({ op, answer, call, back })
const killed = (op: Op, call: number, until?: number): MapEvent =>
  ({ ...event(op, null, call, NEVER), ...until === undefined ? {} : { until } })
const isPending = ({ back }: Event): boolean => back === NEVER
const returnedOf = <E extends Event>(events: readonly E[]): E[] => events.filter(e => !isPending(e))

// --- the other judge: every order of every choice, one by one

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]]
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map(rest => [item, ...rest]))
}

function subsets<T>(items: readonly T[]): T[][] { return items.reduce<T[][]>((all, item) => [...all, ...all.map(some => [...some, item])], [[]]) }

const lastTimeOf = ({ back, until = back }: Event): number => until

/** All orders of the operations that returned and any of the others, in keeping with what ended before what began. */
function ordersOf<E extends Event>(history: readonly E[]): E[][] {
  const all = subsets(history.filter(isPending)).flatMap(some => permutations([...returnedOf(history), ...some]))
  return all.filter(order => order.every((a, i) => order.every((b, j) => j <= i || lastTimeOf(b) >= a.call)))
}

/** How many operations of an order the model explains, and the state after these. */
function replay<State, O, A>(order: readonly Event<O, A>[], model: Model<State, O, A>): [explained: number, state: State] {
  let state = model.start
  for (const [i, { op, answer, back }] of order.entries()) {
    const next = model.step(state, op, back === NEVER ? PENDING : answer)
    if (next === undefined) return [i, state]
    state = next
  }
  return [order.length, state]
}

/** The verdict, and how many operations that returned can be explained at most. */
function byAllOrders<State>(history: readonly MapEvent[], model: MapModel<State>): { ok: boolean, most: number } {
  const most = Math.max(...ordersOf(history).map(order => returnedOf(order.slice(0, replay(order, model)[0])).length))
  return { ok: most === returnedOf(history).length, most }
}

/** Holds what `judge` says of a history that is not right against the model. */
function expectEvidence<State, O, A>({ longest, blocked }: Judgement<O, A>, part: readonly Event<O, A>[], model: Model<State, O, A>): void {
  const [explained, state] = replay(longest, model), left = returnedOf(part).filter(e => !longest.includes(e))
  expect(explained).toBe(longest.length)
  expect(new Set(longest).size).toBe(longest.length)
  const gate = Math.min(...left.map(({ back }) => back))
  let latest = -Infinity
  for (const e of longest) {
    latest = Math.max(latest, e.call)
    expect(lastTimeOf(e)).toBeGreaterThanOrEqual(latest)
  }
  expect(latest).toBeLessThanOrEqual(gate)
  expect(new Set(blocked)).toEqual(new Set(left.filter(({ call }) => call <= gate)))
  expect(blocked.length).toBeGreaterThan(0)
  for (const { op, answer } of blocked) expect(model.step(state, op, answer)).toBeUndefined()
}

// --- histories by hand

const RIGHT: Record<string, MapEvent[]> = {
  'nothing': [],
  'one after the other': [event(['put', 1, 5], null, 0, 1), event(['get', 1], 5, 2, 3), event(['delete', 1], 5, 4, 5), event(['get', 1], null, 6, 7)],
  'a read that overlaps a write and misses it': [event(['put', 1, 5], null, 0, 3), event(['get', 1], null, 1, 2)],
  'a read that overlaps a write and sees it': [event(['put', 1, 5], null, 0, 3), event(['get', 1], 5, 1, 2)],
  'a call at the very time of a return, in the other order': [event(['put', 1, 5], 6, 0, 1), event(['put', 1, 6], null, 1, 2)],
  'operations that take no time': [event(['get', 1], 5, 1, 1), event(['put', 1, 5], null, 1, 1)],
  'two that overlap, in the order of their returns': [event(['put', 1, 5], 6, 0, 3), event(['put', 1, 6], null, 1, 2)],
  'only the fitting one of two compareAndSet works': [
    event(['put', 1, 1], null, 0, 1), event(['compareAndSet', 1, 1, 2], 1, 2, 9), event(['compareAndSet', 1, 1, 3], 2, 2, 9), event(['get', 1], 2, 10, 11)],
  'a write that never returned, unseen': [killed(['put', 1, 5], 0), event(['get', 1], null, 1, 2), event(['get', 1], null, 3, 4)],
  'a write that never returned, seen at once': [killed(['put', 1, 5], 0), event(['get', 1], 5, 1, 2)],
  'a write that never returned, seen late': [
    killed(['put', 1, 5], 0), event(['get', 1], null, 1, 2), event(['put', 1, 6], null, 3, 4), event(['get', 1], 6, 5, 6), event(['get', 1], 5, 7, 8)],
  'a write that never returned and was called during the read that saw it': [event(['get', 1], 5, 0, 2), killed(['put', 1, 5], 1)],
  'two that never returned, one after the other': [
    killed(['compareAndSet', 1, 2, 3], 0), killed(['compareAndSet', 1, 1, 2], 1), event(['put', 1, 1], null, 2, 3), event(['get', 1], 3, 4, 5)],
  'of two deletes that never returned, each took effect once': [
    killed(['delete', 1], 0), killed(['delete', 1], 1), event(['put', 1, 1], null, 2, 3), event(['put', 1, 2], null, 4, 5), event(['get', 1], null, 6, 7)],
  'a write that was over by a time, seen before it': [
    killed(['put', 1, 5], 0, 2), event(['get', 1], null, 0, 1), event(['get', 1], 5, 2, 3), event(['get', 1], 5, 4, 5)],
  'a write that was over by a time, overwritten before it and not seen': [
    killed(['put', 1, 5], 0, 3), event(['put', 1, 6], null, 1, 2), event(['get', 1], 6, 4, 5)],
  'of two that never returned, the one that was called last and may come late': [
    killed(['put', 1, 5], 0, 1), killed(['put', 1, 5], 0, 9), event(['get', 1], null, 2, 3), event(['get', 1], 5, 4, 5)],
  'of two that never returned, the one that was called last where both could be seen': [
    killed(['put', 1, 5], 0), killed(['put', 1, 5], 1, 2), event(['get', 1], 5, 2, 3), event(['put', 1, 6], 5, 4, 5),
    event(['get', 1], 5, 6, 7)],
  'a write that was over by the time of a read which saw it, behind a read that did not': [
    killed(['put', 1, 5], 0, 1), event(['get', 1], null, 0, 9), event(['get', 1], 5, 2, 9)],
  'only some that never returned': [killed(['put', 1, 5], 0), killed(['delete', 1], 1)],
  'keys of their own': [event(['put', 1, 5], null, 0, 1), event(['get', 2], null, 2, 3), event(['put', 2, 6], null, 4, 5), event(['get', 1], 5, 6, 7)],
  'given in any order': [event(['get', 1], 6, 4, 5), event(['put', 1, 5], null, 0, 1), event(['put', 1, 6], 5, 2, 3)],
}

const WRONG: Record<string, MapEvent[]> = {
  'a stale read': [event(['put', 1, 5], null, 0, 1), event(['put', 1, 6], 5, 2, 3), event(['get', 1], 5, 4, 5)],
  'a read that misses a write that ended before': [event(['put', 1, 5], null, 0, 1), event(['get', 1], null, 2, 3)],
  'reads that see a write, then miss it': [event(['put', 1, 5], null, 0, 9), event(['get', 1], 5, 1, 2), event(['get', 1], null, 3, 4)],
  'readers that see two writes in different orders': [
    event(['put', 1, 5], null, 0, 9), event(['put', 1, 6], 5, 0, 9), event(['get', 1], 6, 1, 2), event(['get', 1], 5, 3, 4)],
  'a lost update': [event(['put', 1, 0], null, 0, 1), event(['compareAndSet', 1, 0, 5], 0, 2, 5), event(['compareAndSet', 1, 0, 6], 0, 3, 6)],
  'two that both found nothing': [event(['putIfAbsent', 1, 5], null, 0, 3), event(['putIfAbsent', 1, 6], null, 1, 4)],
  'a value that was deleted twice': [event(['put', 1, 5], null, 0, 1), event(['delete', 1], 5, 2, 5), event(['delete', 1], 5, 3, 6)],
  'a value from nowhere': [event(['put', 1, 5], null, 0, 1), event(['get', 1], 7, 2, 3)],
  'a value from the future': [event(['get', 1], 5, 0, 1), event(['put', 1, 5], null, 2, 3)],
  'a value of another key': [event(['put', 1, 5], null, 0, 1), event(['get', 2], 5, 2, 3)],
  'writes against the order of time': [event(['put', 1, 5], 6, 0, 1), event(['put', 1, 6], null, 2, 3)],
  'a write that never returned and took effect twice': [
    killed(['put', 1, 5], 0), event(['get', 1], 5, 1, 2), event(['put', 1, 6], 5, 3, 4), event(['get', 1], 5, 5, 6)],
  'a write that never returned and was undone': [killed(['put', 1, 5], 0), event(['get', 1], 5, 1, 2), event(['get', 1], null, 3, 4)],
  'a write that was over by a time, seen only after it': [
    killed(['put', 1, 5], 0, 2), event(['get', 1], null, 3, 4), event(['get', 1], 5, 5, 6)],
  'a write that was over by a time, seen after a write that came later': [
    killed(['put', 1, 5], 0, 2), event(['put', 1, 6], null, 3, 4), event(['get', 1], 5, 5, 6)],
  'two that never returned, of which one was over by a time, seen twice': [
    killed(['put', 1, 5], 0, 2), killed(['put', 1, 5], 0), event(['get', 1], null, 3, 4), event(['get', 1], 5, 5, 6),
    event(['put', 1, 6], 5, 7, 8), event(['get', 1], 5, 9, 10)],
  'a write that never returned, seen before its call': [event(['get', 1], 5, 0, 1), killed(['put', 1, 5], 2)],
  'one that never returned, without another that it needs': [
    killed(['compareAndSet', 1, 2, 3], 0), event(['put', 1, 1], null, 2, 3), event(['get', 1], 3, 4, 5), killed(['compareAndSet', 1, 1, 2], 6)],
  'three effects of two deletes that never returned': [
    killed(['delete', 1], 0), killed(['delete', 1], 0), event(['put', 1, 1], null, 2, 3), event(['put', 1, 2], null, 4, 5), event(['put', 1, 3], null, 6, 7),
    event(['get', 1], null, 8, 9)],
}

describe('judge, on histories by hand', () => {
  it.each(Object.entries(RIGHT))('explains %s', (_, history) => {
    expect(byAllOrders(history, WHOLE).ok).toBe(true)
    for (const found of [judge(history, REGISTER), judge(history, WHOLE)]) expect(found).toMatchObject({ ok: true, part: undefined, longest: [], blocked: [] })
  })

  it.each(Object.entries(WRONG))('does not explain %s', (_, history) => {
    expect(byAllOrders(history, WHOLE).ok).toBe(false)
    const found = judge(history, REGISTER), part = history.filter(({ op }) => op[1] === found.part)
    expect(found.ok).toBe(false)
    expectEvidence(found, part, REGISTER)
    const whole = judge(history, WHOLE)
    expect(whole).toMatchObject({ ok: false, part: undefined })
    expectEvidence(whole, history, WHOLE)
  })

  it('names the part, what could be explained, and what could not come next', () => {
    const put = event(['put', 2, 5], null, 0, 1), read = event(['get', 2], 5, 2, 3), stale = event(['get', 2], null, 4, 5)
    const history = [stale, event(['put', 1, 1], null, 0, 9), put, read, event(['get', 2], 5, 6, 7)]
    expect(judge(history, REGISTER)).toEqual({ ok: false, part: 2, longest: [put, read], blocked: [stale], steps: expect.any(Number) as number })
  })

  it('does not read the answer of what never returned', () => {
    const history = [{ ...killed(['put', 1, 5], 0), answer: 77 }, event(['get', 1], 5, 1, 2)]
    expect(judge(history, REGISTER).ok).toBe(true)
  })
})

// --- other objects

type QueueOp = readonly ['push', string] | readonly ['shift']
const QUEUE: Model<readonly string[], QueueOp, string | undefined> = {
  start: [],
  step: (state, op, answer) => {
    if (op[0] === 'push') return [...state, op[1]]
    return answer === PENDING || answer === state[0] ? state.slice(1) : undefined
  },
  key: state => state.join(),
}

/** Operations on a number from 0 to 3, most of which do not tell what they saw; `expect` is refused at one number. */
type BlindOp = readonly [name: 'get' | 'swap' | 'set' | 'add' | 'compareAndSet' | 'expect', a: number, b: number]
const BLIND: Model<number, BlindOp, number> = {
  start: 0,
  step: (state, [name, a, b], answer) => {
    switch (name) {
      case 'get': return answer === PENDING || answer === state ? state : undefined
      case 'swap': return answer === PENDING || answer === state ? a : undefined
      case 'set': return a
      case 'add': return (state + a) % 4
      case 'compareAndSet': return state === a ? b : state
      case 'expect': return state === a ? undefined : state
    }
  },
}

/** Adds, and answers the sum. */
const COUNTER: Model<number, number, number> = { start: 0, step: (sum, op, answer) => answer === PENDING || answer === sum + op ? sum + op : undefined }

describe('judge, on other objects', () => {
  const push = (text: string, call: number, back: number): Event<QueueOp, string | undefined> => ({ op: ['push', text], answer: undefined, call, back })
  const shift = (answer: string | undefined, call: number, back: number): Event<QueueOp, string | undefined> => ({ op: ['shift'], answer, call, back })

  it('orders the writes of a queue by what is read later', () => {
    const pushes = [push('a', 0, 5), push('b', 1, 6), push('c', 2, 7)]
    expect(judge([...pushes, shift('c', 8, 9), shift('a', 10, 11), shift('b', 12, 13), shift(undefined, 14, 15)], QUEUE).ok).toBe(true)
    expect(judge([...pushes, shift('c', 8, 9), shift('a', 10, 11), shift('c', 12, 13)], QUEUE).ok).toBe(false)
    expect(judge([push('a', 0, 1), push('b', 2, 3), shift('b', 4, 5)], QUEUE).ok).toBe(false)
  })

  it('takes a shift that never returned for the one that is missing', () => {
    expect(judge([push('a', 0, 1), push('b', 2, 3), shift(undefined, 2, NEVER), shift('b', 4, 5)], QUEUE).ok).toBe(true)
    expect(judge([push('a', 0, 1), push('b', 2, 3), shift('b', 4, 5), shift(undefined, 6, NEVER)], QUEUE).ok).toBe(false)
  })

  const blind = (op: BlindOp, answer: number, call: number, back: number): Event<BlindOp, number> => ({ op, answer, call, back })

  it('tries a state again that it met before with the help of one that never returned', () => {
    // First it comes to 1 + 3 = 0 by the add, which is of no use; then to 0 without it, which is then of use.
    const history = [blind(['set', 0, 0], 0, 0, 2), blind(['set', 1, 0], 0, 1, 2), blind(['add', 3, 0], 0, 3, NEVER), blind(['get', 0, 0], 3, 4, 5)]
    expect(judge(history, BLIND).ok).toBe(true)
    const others = [blind(['add', 1, 0], 0, -2, NEVER), blind(['set', 3, 0], 0, -1, NEVER), blind(['add', 3, 0], 0, -3, NEVER), blind(['get', 0, 0], 2, -1, 2)]
    expect(judge(others, BLIND).ok).toBe(true)
  })

  it('does not take a write that tells nothing for a read, where it changes nothing', () => {
    // At 0 the first one changes nothing. It must come after the second one, which overlaps it.
    const both = [blind(['compareAndSet', 2, 3], 0, 0, 5), blind(['set', 2, 0], 0, 1, 6)]
    expect(judge([...both, blind(['get', 0, 0], 3, 7, 8)], BLIND).ok).toBe(true)
    expect(judge([...both, blind(['get', 0, 0], 2, 7, 8)], BLIND).ok).toBe(true)
    expect(judge([...both, blind(['get', 0, 0], 1, 7, 8)], BLIND).ok).toBe(false)
  })

  it('goes without keys for states, if it takes longer', () => {
    const { key: _, ...keyless } = QUEUE
    expect(judge([push('a', 0, 5), push('b', 1, 6), shift('b', 7, 8), shift('a', 9, 10)], keyless).ok).toBe(true)
    expect(judge([push('a', 0, 5), push('b', 1, 6), shift('b', 7, 8), shift('b', 9, 10)], keyless).ok).toBe(false)
  })
})

// --- random histories, against every order

/** A history of few operations, times and values, so that all meet; as it would be, or with any answers. */
function smallHistory(random: Random, keys: number): MapEvent[] {
  const isReal = random.below(3) > 0, longest = 1 + random.below(8), state: Value[] = [null, null, null]
  return Array.from({ length: 1 + random.below(6) }, (_, point) => {
    const op = anyOp(random, random.below(keys), random.below(2), random.below(2)), before = state[op[1]]!
    const isKilled = random.below(4) === 0, call = point - random.below(longest), back = isKilled ? NEVER : point + random.below(longest)
    if (!isKilled || random.below(2) === 0) state[op[1]] = write(before, op)
    const found = event(op, isReal && random.below(12) > 0 ? before : random.pick([null, 0, 1]), call, back)
    return isKilled && random.below(2) === 0 ? { ...found, until: call + random.below(longest) } : found
  })
}

function anyOp(random: Random, key: number, value: number, expected: Value): Op {
  const name = random.pick(['get', 'put', 'delete', 'putIfAbsent', 'compareAndSet'] as const)
  if (name === 'compareAndSet') return [name, key, expected, value]
  return name === 'get' || name === 'delete' ? [name, key] : [name, key, value]
}

function blindHistory(random: Random): Event<BlindOp, number>[] {
  const kills = random.below(5), longest = 1 + random.below(8)
  let state = 0
  return Array.from({ length: 3 + random.below(4) }, (_, point) => {
    const op: BlindOp = [random.pick(['get', 'swap', 'set', 'add', 'compareAndSet', 'expect', 'get']), random.below(4), random.below(4)]
    const isKilled = random.below(6) < kills, answer = random.below(5) === 0 ? random.below(4) : state
    if (!isKilled || random.below(2) === 0) state = BLIND.step(state, op, PENDING) ?? state
    const call = point - random.below(longest), until = isKilled && random.below(2) === 0 ? { until: call + random.below(longest) } : {}
    return { op, answer, call, back: isKilled ? NEVER : point + random.below(longest), ...until }
  })
}

describe('judge, on random small histories', () => {
  it('says what a look at every order says', () => {
    const random = new Random(20260), counts = { right: 0, wrong: 0, rightWithPending: 0, wrongWithPending: 0 }
    for (let n = 0; n < 6000; n++) {
      const history = smallHistory(random, 1 + n % 3), sure = byAllOrders(history, WHOLE), what = JSON.stringify(history)
      const whole = judge(history, WHOLE), parts = judge(history, REGISTER)
      expect([whole.ok, parts.ok], what).toEqual([sure.ok, sure.ok])
      counts[`${sure.ok ? 'right' : 'wrong'}${history.some(isPending) ? 'WithPending' : ''}`]++
      if (sure.ok) continue
      expect(returnedOf(whole.longest).length, what).toBe(sure.most)
      expectEvidence(whole, history, WHOLE)
      expectEvidence(parts, history.filter(({ op }) => op[1] === parts.part), REGISTER)
    }
    console.log('small histories:', counts)
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(500)
  })

  it('says the same of operations that do not tell what they saw', () => {
    const random = new Random(31), counts = { right: 0, wrong: 0 }
    for (let n = 0; n < 4000; n++) {
      const history = blindHistory(random), what = JSON.stringify(history), orders = ordersOf(history)
      const most = Math.max(...orders.map(order => returnedOf(order.slice(0, replay(order, BLIND)[0])).length)), isRight = most === returnedOf(history).length
      const found = judge(history, BLIND)
      expect(found.ok, what).toBe(isRight)
      counts[isRight ? 'right' : 'wrong']++
      if (isRight) continue
      expect(returnedOf(found.longest).length, what).toBe(most)
      expectEvidence(found, history, BLIND)
    }
    console.log('operations that do not tell:', counts)
    expect(Math.min(counts.right, counts.wrong)).toBeGreaterThan(500)
  })

  it('says the same of a counter, whose sums hide which adds took effect', () => {
    const random = new Random(7), counts = { right: 0, wrong: 0 }
    for (let n = 0; n < 2000; n++) {
      const history = Array.from({ length: 2 + random.below(5) }, (_, i) => {
        const call = i - random.below(4)
        const back = random.below(5) < 2 ? NEVER : i + random.below(4)
        const until = back === NEVER && random.below(2) === 0 ? { until: call + random.below(6) } : {}
        return { op: 1 + random.below(2), answer: 1 + i + random.below(4), call, back, ...until }
      })
      const isRight = ordersOf(history).some(order => replay(order, COUNTER)[0] === order.length)
      expect(judge(history, COUNTER).ok, JSON.stringify(history)).toBe(isRight)
      counts[isRight ? 'right' : 'wrong']++
    }
    console.log('counters:', counts)
    expect(Math.min(counts.right, counts.wrong)).toBeGreaterThan(300)
  })
})

describe('judge, when all hashes are equal', () => {
  afterEach(() => { vi.restoreAllMocks() })

  /** Judges histories as ever, and then with hashes that are good for nothing. How many of the first searches that led astray. */
  function astray<State, O, A>(histories: readonly (readonly Event<O, A>[])[], model: Model<State, O, A>): number {
    const usual = histories.map(history => judge(history, model))
    vi.spyOn(Math, 'imul').mockReturnValue(0)
    const found = histories.map(history => judge(history, model))
    expect(found.map(({ ok }) => ok)).toEqual(usual.map(({ ok }) => ok))
    return found.filter(({ ok, steps }, i) => ok === true && steps > usual[i]!.steps).length
  }

  it('still calls nothing wrong that is right', () => {
    const random = new Random(99)
    expect(astray(Array.from({ length: 1500 }, () => smallHistory(random, 1)), REGISTER)).toBeGreaterThan(300)
  })

  it('nor if the operations do not tell what they saw', () => {
    const random = new Random(97)
    expect(astray(Array.from({ length: 5000 }, () => blindHistory(random)), BLIND)).toBeGreaterThan(300)
  })

  it('nor if it is longer', () => {
    const random = new Random(98), shape = { operations: 150, clients: 4, keys: 1, values: 3, killed: 3 }
    const right = Array.from({ length: 20 }, () => largeHistory(random, shape).events)
    const wrong = right.map(events => events.with(100, { ...events[100]!, answer: -1, back: 200 }))
    expect(astray(right, REGISTER)).toBe(20)
    expect(astray(wrong, REGISTER)).toBe(0)
  })
})

// --- large histories

interface Large { readonly events: MapEvent[], /** How many took effect and never returned. */ readonly lateEffects: number }
/** An operation of a client, and when it takes effect. */
interface Work { op: Op, answer: Value, at: number, isKilled: boolean }
interface Shape { operations: number, clients: number, keys: number, /** Different values; 0: each is written once. */ values: number, killed?: number }

/** What clients that work without a pause would record: operation n takes effect at time n, between its call and its return. */
function largeHistory(random: Random, { operations, clients, keys, values, killed: dead = 0 }: Shape): Large {
  const state = new Array<Value>(keys).fill(null), works = Array.from({ length: clients }, (): Work[] => [])
  let lateEffects = 0
  for (let at = 0; at < operations; at++) {
    const key = random.below(keys), answer = state[key]!, value = values === 0 ? at : random.below(values)
    const op = anyOp(random, key, value, random.below(3) > 0 ? answer : value)
    const isKilled = random.below(operations) < dead, takesEffect = !isKilled || random.below(2) === 0
    if (takesEffect) state[key] = write(answer, op)
    if (isKilled && takesEffect && state[key] !== answer) lateEffects++
    random.pick(works).push({ op, answer, at, isKilled })
  }
  return { events: works.flatMap((work, thread) => timed(random, work, thread)), lateEffects }
}

/** Random times for one client's operations: between two effects, one returns and the next is called. */
function timed(random: Random, work: readonly Work[], thread: number): MapEvent[] {
  let free = -10
  return work.map(({ op, answer, at, isKilled }, i) => {
    const between = (from: number, to: number): number => from + (to - from) * random.below(1000) / 1000
    const call = between(free, at), back = between(at, work[i + 1]?.at ?? at + 10)
    free = back
    return { op, answer, call, back: isKilled ? NEVER : back, thread }
  })
}

function timedJudge(name: string, history: readonly MapEvent[]): [Judgement<Op, Value>, number] {
  // Of the processor's time: what others do on the machine is not the judge's.
  const start = process.cpuUsage(), found = judge(history, REGISTER), { user, system } = process.cpuUsage(start), took = (user + system) / 1000
  console.log(`${name}: ${history.length} operations, ${String(found.ok)} after ${found.steps} steps, ${took.toFixed(0)} ms`)
  return [found, took]
}

/** What is judged, and the most steps to an operation. */
const SHAPES: [name: string, shape: Shape, most: number][] = [
  ['8 clients, 256 keys', { operations: 100_000, clients: 8, keys: 256, values: 0 }, 1.1],
  ['8 clients, 256 keys, few values', { operations: 100_000, clients: 8, keys: 256, values: 4 }, 1.1],
  ['8 clients, one key', { operations: 20_000, clients: 8, keys: 1, values: 0 }, 4],
  ['8 clients, one key, few values', { operations: 20_000, clients: 8, keys: 1, values: 4 }, 4],
  ['8 clients, 256 keys, 1000 killed', { operations: 100_000, clients: 8, keys: 256, values: 4, killed: 1000 }, 1.1],
  ['8 clients, one key, 40 killed', { operations: 20_000, clients: 8, keys: 1, values: 0, killed: 40 }, 30],
]

describe('judge, on large histories', () => {
  it.each(SHAPES)('explains a right one in less than a second: %s', (name, shape, most) => {
    const { events, lateEffects } = largeHistory(new Random(4), shape), [found, took] = timedJudge(name, events)
    expect(found.ok).toBe(true)
    expect(took).toBeLessThan(1000)
    // It went nearly straight: what hides behind the speed of the machine shows here.
    expect(found.steps / shape.operations).toBeLessThan(most)
    if (shape.killed !== undefined) expect(lateEffects).toBeGreaterThan(shape.killed / 8)
  })

  it('explains a right one still if operations take longer, in any order of the events', () => {
    const random = new Random(5), { events } = largeHistory(random, { operations: 5000, clients: 6, keys: 10, values: 0 })
    const slower = events.map(e => ({ ...e, call: e.call - random.below(5), back: e.back + random.below(5) })).sort(() => random.below(3) - 1)
    expect(judge(slower, REGISTER).ok).toBe(true)
    expect(judge(events.toReversed(), REGISTER).ok).toBe(true)
  })
})

// --- one answer changed

/** A wrong answer for an event, where each value is written once; undefined if it has none of that kind. */
type Corruption = (target: MapEvent, sameKey: readonly MapEvent[], random: Random) => Value | undefined

const changes = ({ op, answer }: MapEvent): boolean => write(answer, op) !== answer
/** Values that were taken away by operations for which `holds` is true. */
function gone(events: readonly MapEvent[], holds: (e: MapEvent) => boolean): Value[] {
  return events.filter(e => e.answer !== null && changes(e) && holds(e)).map(({ answer }) => answer)
}
/** Values that were written by operations for which `holds` is true. */
function written(events: readonly MapEvent[], holds: (e: MapEvent) => boolean): Value[] {
  return events.filter(e => changes(e) && holds(e)).map(({ op, answer }) => write(answer, op)).filter(value => value !== null)
}
const oneOf = (values: readonly Value[], random: Random): Value | undefined => values.length === 0 ? undefined : random.pick(values)

const CORRUPTIONS: Record<string, Corruption> = {
  'a value from nowhere': () => -1,
  'a value that was gone before the call': (target, others, random) => oneOf(gone(others, e => e.back < target.call), random),
  'the value that went last before the call': (target, others) => gone(others, e => e.back < target.call).at(-1),
  'a value that is written after the return': (target, others, random) => oneOf(written(others, e => e.call > target.back), random),
  'a lost update: the value that another one replaced': (target, others, random) => changes(target)
    ? oneOf(gone(others, e => e !== target && e.answer !== target.answer), random) : undefined,
}

describe('judge, on large histories with one answer changed', () => {
  const random = new Random(6), { events } = largeHistory(random, { operations: 20_000, clients: 8, keys: 40, values: 0 })

  it.each(Object.entries(CORRUPTIONS))('finds %s', (_, corrupt) => {
    let found = 0
    for (let n = 0; n < 40; n++) {
      const target = random.pick(events), sameKey = events.filter(({ op }) => op[1] === target.op[1]), answer = corrupt(target, sameKey, random)
      if (answer === undefined) continue
      const judgement = judge(events.with(events.indexOf(target), { ...target, answer }), REGISTER)
      expect(judgement, `${JSON.stringify(target)} answers ${String(answer)}`).toMatchObject({ ok: false, part: target.op[1] })
      expectEvidence(judgement, sameKey.with(sameKey.indexOf(target), { ...target, answer }), REGISTER)
      found++
    }
    expect(found).toBeGreaterThan(15)
  })

  it('finds one on a key that all work on, at its end', () => {
    const { events: all } = largeHistory(random, { operations: 20_000, clients: 8, keys: 1, values: 4 }), late = all.findIndex(({ call }) => call > 19_000)
    const [found, took] = timedJudge('one key, a value from nowhere at the end', all.map((e, i) => i === late ? { ...e, answer: -1 } : e))
    expect(found.ok).toBe(false)
    expect(found.longest.length).toBeGreaterThan(18_000)
    expect(found.steps / all.length).toBeLessThan(20)
    expect(took).toBeLessThan(1000)
  })

  it('finds one on a key that all work on, with some of them killed', () => {
    const shape = { operations: 4000, clients: 8, keys: 1, values: 0, killed: 20 }, all = largeHistory(random, shape).events
    expect(judge(all, REGISTER).ok).toBe(true)
    const [found] = timedJudge('one key, 20 killed, a value from nowhere', all.map((e, i) => i === 1000 ? { ...e, answer: -1 } : e))
    expect(found.ok).toBe(false)
    expect(found.steps / all.length).toBeLessThan(2000)
    expect(found.blocked.map(({ answer }) => answer)).toContain(-1)
  })
})

// --- operations that never returned

describe('operations that never returned', () => {
  /** A history in which nothing is right after the first hundred operations. */
  function wrong(pending: readonly MapEvent[]): MapEvent[] {
    return [...pending, ...Array.from({ length: 100 }, (_, i) => event(['get', 1], null, i, i + 1)), event(['get', 1], -1, 200, 201)]
  }

  it.each<[string, (i: number) => Op]>([
    ['writes of as many values', i => ['put', 1, i]],
    ['equal writes', () => ['put', 1, 5]],
    ['reads', () => ['get', 1]],
    ['writes of an absent key', i => ['putIfAbsent', 1, i]],
    ['deletes and writes', i => i % 2 === 0 ? ['delete', 1] : ['put', 1, 1]],
    ['writes that need each other', i => ['compareAndSet', 1, i === 0 ? null : i - 1, i]],
  ])('do not blow up the search: 60 %s', (_, op) => {
    const found = judge(wrong(Array.from({ length: 60 }, (__, i) => killed(op(i), 0))), REGISTER)
    expect(found.ok).toBe(false)
    expect(found.steps).toBeLessThan(500_000)
  })

  it('do not blow up a counter: 200 equal adds', () => {
    const pending = Array.from({ length: 200 }, () => ({ op: 1, answer: 0, call: 0, back: NEVER }))
    expect(judge([...pending, { op: 0, answer: 150, call: 1, back: 2 }, { op: 0, answer: 200, call: 3, back: 4 }], COUNTER).ok).toBe(true)
    const found = judge([...pending, { op: 0, answer: 150, call: 1, back: 2 }, { op: 0, answer: 201, call: 3, back: 4 }], COUNTER)
    expect(found.ok).toBe(false)
    expect(found.steps).toBeLessThan(500_000)
  })

  const ring: unknown[] = [], otherRing: unknown[] = [1]
  ring.push(ring)
  otherRing.push(otherRing)
  it.each<[string, unknown, unknown]>([
    ['0 and -0', 0, -0], ['a number and its text', 1, '1'], ['a number and a bigint', 1, 1n], ['null and undefined', null, undefined],
    ['texts of values', 'null', null], ['symbols', Symbol('a'), Symbol('a')], ['an empty array and a hole', [], [undefined]],
    ['a list in a list', [[1], 2], [[1, 2]]], ['commas', ['a,b'], ['a', 'b']], ['names', { a: 1 }, { b: 1 }], ['a missing name', {}, { a: undefined }],
    ['an array and an object', [1], { 0: 1, length: 1 }], ['dates', new Date(1), new Date(2)], ['closures', () => 1, () => 1],
    ['rings', ring, otherRing], ['names that are symbols', { [Symbol('a')]: 1 }, { [Symbol('a')]: 1 }],
  ])('are not taken for each other: %s', (_, first, second) => {
    const read = 'what was done last'
    const model: Model<number, unknown, number> = {
      start: 0, step: (state, op, answer) => op === read ? answer === PENDING || answer === state ? state : undefined : Object.is(op, first) ? 1 : 2,
    }
    const both: Event<unknown, number>[] = [{ op: first, answer: 0, call: 0, back: NEVER }, { op: second, answer: 0, call: 1, back: NEVER }]
    expect([0, 1, 2, 3].map(answer => judge([...both, { op: read, answer, call: 2, back: 3 }], model).ok)).toEqual([true, true, true, false])
  })
})

// --- limits

describe('judge, on its limits', () => {
  const stale = WRONG['a stale read']!

  it('says unknown when its steps are spent', () => {
    const { events } = largeHistory(new Random(8), { operations: 1000, clients: 4, keys: 1, values: 0 })
    const found = judge(events, REGISTER, { maxSteps: 200 })
    expect(found).toMatchObject({ ok: 'unknown', part: 0, steps: expect.any(Number) as number })
    expect(found.steps).toBeLessThan(210)
    expect(found.longest.length).toBeGreaterThan(20)
    expect(found.blocked.length).toBeGreaterThan(0)
    expect(replay(found.longest, REGISTER)[0]).toBe(found.longest.length)
    expect(judge(events, REGISTER, { maxSteps: 0 })).toMatchObject({ ok: 'unknown', longest: [] })
    expect(judge([], REGISTER, { maxSteps: 0 }).ok).toBe(true)
  })

  it('says false only after a second search, which needs steps as well', () => {
    const { steps, longest } = judge(stale, REGISTER)
    expect(judge(stale, REGISTER, { maxSteps: steps })).toMatchObject({ ok: false, steps })
    for (let maxSteps = 0; maxSteps < steps; maxSteps++) expect(judge(stale, REGISTER, { maxSteps }).ok, `${maxSteps} of ${steps}`).toBe('unknown')
    expect(judge(stale, REGISTER, { maxSteps: steps / 2 }).longest).toEqual(longest)
  })

  it('searches small parts first, so that a large one does not hide what is wrong there', () => {
    const { events } = largeHistory(new Random(9), { operations: 1000, clients: 4, keys: 1, values: 0 })
    expect(judge([...events, ...stale], REGISTER, { maxSteps: 100 })).toMatchObject({ ok: false, part: 1 })
  })

  it.each<[string, MapEvent[], RegExp]>([
    ['a call that is no number', [event(['get', 1], null, 0, 1), event(['get', 1], null, NaN, 1)], /^history\[1\]: call is NaN/],
    ['a call that never was', [event(['get', 1], null, NEVER, NEVER)], /^history\[0\]: call is Infinity/],
    ['a return that is no number', [event(['get', 1], null, 0, NaN)], /^history\[0\]: back is NaN/],
    ['a return that is missing', [event(['get', 1], null, 0, undefined as never)], /^history\[0\]: back is undefined/],
    ['a return before its call', [event(['get', 1], null, 0, 1), event(['get', 1], null, 3, 2)], /^history\[1\]: it is back at 2, before its call at 3/],
    ['an end before its call', [killed(['get', 1], 3, 2)], /^history\[0\]: until is 2. .*from its call at 3 up/],
    ['an end that is no number', [killed(['get', 1], 3, NaN)], /^history\[0\]: until is NaN/],
    ['an end of what has returned', [{ ...event(['get', 1], null, 0, 1), until: 2 }],
      /^history\[0\]: it has an until, but it is back at 1/],
  ])('refuses %s', (_, history, message) => {
    expect(() => judge(history, REGISTER)).toThrow(TypeError)
    expect(() => judge(history, REGISTER)).toThrow(message)
  })

  it('refuses an operation that belongs to no part', () => {
    const model: MapModel<Value> = { ...REGISTER, partition: op => op[0] === 'delete' ? undefined : op[1] }
    expect(judge(stale, model).ok).toBe(false)
    const refused = (): unknown => judge([...stale, event(['delete', 1], 5, 9, 10)], model)
    expect(refused).toThrow(TypeError)
    expect(refused).toThrow(/^history\[3\]: .*whole state, without partition/)
  })

  it('refuses a start and a budget that mean nothing', () => {
    expect(() => judge([], { ...REGISTER, start: undefined as never })).toThrow(TypeError)
    for (const maxSteps of [NaN, -1]) expect(() => judge([], REGISTER, { maxSteps })).toThrow(TypeError)
    expect(judge(stale, REGISTER, { maxSteps: Infinity }).ok).toBe(false)
  })
})
