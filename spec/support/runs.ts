// Recorded runs for the specs of the diagrams: those that are shipped, and some of systems that tell nothing about their words.

import { type Leg, direct } from '../../lib/diagrams/direct'
import { recordRaces } from '../../lib/diagrams/races'
import { type Trace, record } from '../../lib/diagrams/record'
import { mapSystem } from '../../lib/harness/map/system'
import { type Call, type System, op, system } from '../../lib/harness/system'
import { killOf, stepOf } from '../../lib/harness/world'

const built = (file: string): URL => new URL(`../../build/${file}`, import.meta.url)

const map = (): System => mapSystem({ code: built('release/kernel.js'), driver: built('harness/map-driver.js') })

/** The races that are shipped, recorded on the built kernel. */
export const shippedRuns = (): Record<string, Trace> => recordRaces(map())

/** A long run of three workers, in which the table grows more than once and memory is used again. */
export function longRun(): Trace {
  const calls = (thread: number): Call[] => Array.from({ length: 9 }, (_, n) => n % 4 === 3 ? ['get', n * 7 + thread] : ['put', (n * 5 + thread * 3) % 23, n])
  const of = map(), program = { threads: [calls(0), calls(1), calls(2)] }
  const legs = Array.from({ length: 60 }, (_, n): Leg => [n % 3, { accesses: 3 + n * 5 % 7 }])
  return record(of, program, direct(of, program, [...legs, [0, 'end'], [1, 'end'], [2, 'end']]), { title: 'A long run' })
}

const COUNTER = `
export function add(cells) {
  for (;;) { const n = Atomics.load(cells, 0); if (Atomics.compareExchange(cells, 0, n, n + 1) === n) return n }
}
export function other(cells) { Atomics.store(cells, 1, 7); Atomics.exchange(cells, 1, 8); Atomics.exchange(cells, 1, 8); return Atomics.add(cells, 0, 0) }
export function fail(cells) { Atomics.add(cells, 0, 2); throw new Error('it broke') }`

/** A counter, of whose words and steps nothing is said. */
export const counter = (): System => system({ name: 'counter', code: { source: COUNTER }, memory: 8, ops: { add: op(), other: op(), fail: op() } })

/** Two threads add; both have read, one swap is lost. Then the one is killed between its operations. */
export function counterRun(): Trace {
  const of = counter(), program = { threads: [[['add'], ['add']], [['add'], ['other']]] } as const
  const schedule = direct(of, program, [[0, { accesses: 1 }], [1, 'answer'], [0, 'answer'], [0, 'killed'], [1, 'end']])
  return record(of, program, schedule, { title: 'Two <b>counters</b> & "more"' })
}

/** A run in which the code throws. */
export const brokenRun = (): Trace => record(counter(), { threads: [[['add'], ['fail']]] }, [stepOf(0), stepOf(0), stepOf(0), killOf(0)], { title: 'It breaks' })

const LIGHTS = `
export function change(cells, n, to) { const seen = Atomics.load(cells, n); return Atomics.compareExchange(cells, n, seen, to) }`
const STATES = ['Red', 'Green', 'Amber']

/** A grid of many words, with steps of their own and one that is not legal; and more workers than most runs have. */
export function lightsRun(): Trace {
  const of = system({
    name: 'lights', code: { source: LIGHTS }, memory: 4 * 40, ops: { change: op(0, 0) },
    words: { at: cell => cell < 40 ? { kind: 'light', name: `crossing[${cell}]` } : undefined, stateOf: (_, word) => STATES[Number(word)]! },
    transitions: [
      { word: 'light', name: 'go', from: 'Red', to: 'Green', by: 'change', effect: 'change' },
      { word: 'light', name: 'warn', from: 'Green', to: 'Amber', by: 'change' },
    ],
  })
  const program = { threads: [[['change', 39, 1]], [['change', 39, 1]], [['change', 0, 1]], [['change', 39, 0]], [['change', 1, 1]]] } as const
  const legs = [[0, { accesses: 1 }], [1, 'end'], [0, 'end'], [2, 'end'], [3, 'end'], [4, 'end']] as const
  return record(of, program, direct(of, program, legs), { title: 'Lights', about: 'Five workers.' })
}
