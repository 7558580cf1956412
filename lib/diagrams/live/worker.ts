// A worker of the live view: it puts, gets and deletes on the page's map until it is told otherwise, or killed.

import { SharedMap } from '../../map/shared-map'
import { type Order, type Report, type Settings, isFor, valueFor } from './protocol'

interface State {
  readonly map: SharedMap<number, number | string>
  settings: Settings
  order: number
  random: number
  operations: number
  checked: number
  wrong: number
  last: string
  /** From when, and how many operations since, the pace is kept. */
  since: number
  done: number
  reported: number
  /** Whether a turn is under way or will come. */
  turning: boolean
}

const scope = globalThis as unknown as { postMessage(report: Report): void, onmessage: ((event: MessageEvent<Order>) => void) | null }
/** Milliseconds of work between two looks at what the page says, and between two reports. */
const TURN = 10
const REPORT = 100
/** Operations between two looks at the clock. */
const BATCH = 64

/** Between two turns: a message to itself comes at once, but not before those of the page that wait. */
const channel = new MessageChannel()
let state: State | undefined

scope.onmessage = ({ data }) => {
  try {
    if (data.kind === 'start') state = begin(data.handle, data.seed, data.settings)
    else if (state !== undefined) follow(state, data.settings, data.number)
    if (state !== undefined && !state.turning) turn(state)
  } catch (error) {
    fail(error)
  }
}

channel.port1.onmessage = again

function again(): void {
  try {
    turn(state!)
  } catch (error) {
    fail(error)
  }
}

function begin(handle: (Order & { kind: 'start' })['handle'], seed: number, settings: Settings): State {
  const map = SharedMap.attach<number, number | string>(handle)
  const counts = { operations: 0, checked: 0, wrong: 0, last: '' }
  return { map, settings, order: 0, random: seed | 1, ...counts, since: performance.now(), done: 0, reported: 0, turning: false }
}

/** Follows an order, from now on. */
function follow(state: State, settings: Settings, order: number): void {
  state.settings = settings
  state.order = order
  state.since = performance.now()
  state.done = 0
}

/** As many operations as are due, up to the length of a turn; then the next turn is arranged. */
function turn(state: State): void {
  const { settings: { pace, paused } } = state
  state.turning = !paused
  if (paused) return report(state)
  const start = performance.now()
  let now = start
  for (let due = dueAt(state, now); due > 0 && now - start < TURN; due = dueAt(state, now)) {
    for (let n = Math.min(due, BATCH); n > 0; n--) operate(state)
    now = performance.now()
  }
  if (now - state.reported > (pace !== 0 && pace < 10 ? 0 : REPORT)) report(state)
  if (pace === 0 || dueAt(state, now) > 0) channel.port2.postMessage(0)
  else setTimeout(again, Math.max(1, state.since + (state.done + 1) * 1000 / pace - now))
}

/** Operations that the pace asks for now. One that was held up does not make up for more than a second. */
function dueAt(state: State, now: number): number {
  const { settings: { pace } } = state
  if (pace === 0) return Infinity
  if (now - state.since - (state.done + 1) * 1000 / pace > 1000) follow(state, state.settings, state.order)
  return Math.floor((now - state.since) * pace / 1000) - state.done
}

function report({ operations, checked, wrong, last, order, settings: { paused } }: State, failure?: string): void {
  state!.reported = performance.now()
  scope.postMessage({ operations, checked, wrong, last, order, paused, failure })
}

function fail(error: unknown): void {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  if (state !== undefined) return report(state, text)
  scope.postMessage({ operations: 0, checked: 0, wrong: 0, last: '', order: 0, paused: false, failure: text })
}

/** A number from 0 up to `n`. */
function below(state: State, n: number): number {
  state.random ^= state.random << 13
  state.random ^= state.random >>> 17
  state.random ^= state.random << 5
  return Math.floor((state.random >>> 0) / 2 ** 32 * n)
}

function operate(state: State): void {
  const { map, settings: { put, get, delete: del, keys, values } } = state, key = below(state, keys), what = below(state, put + get + del)
  state.operations++
  state.done++
  if (what < put) {
    map.set(key, valueFor(key, state.operations, values))
    state.last = `put ${key}`
  } else if (what < put + get) {
    state.last = `get ${key}: ${check(state, key, map.get(key)) ? 'found' : 'absent'}`
  } else {
    state.last = `delete ${key}: ${check(state, key, map.take(key)) ? 'deleted' : 'absent'}`
  }
}

/** Counts what was read, and what nobody had written for this key. Whether something was there. */
function check(state: State, key: number, value: number | string | undefined): boolean {
  if (value === undefined) return false
  state.checked++
  if (!isFor(key, value)) state.wrong++
  return true
}
