// What the library must reach, as code: each goal looks at one figure of the run.

import { duration, three } from './lib/numbers.mjs'

/**
 * @typedef {object} Goal
 * @property {string} what
 * @property {string} figure - the id of the figure it looks at
 * @property {number} [atLeast]
 * @property {number} [atMost]
 * @property {number} [wanted] - better than required
 * @property {string} [unit] - of its figure, where that is neither a ratio nor told by its scenario
 * @property {boolean} [exact] - it is not a time, so noise is no excuse in a quick run
 */

const STYLES = { called: 'called from a function', inlined: 'in a loop that V8 inlines' }

/** A map is used in both ways, so the goal has to hold in both. */
const againstMap = (entries, size) => Object.entries(STYLES).flatMap(([style, how]) => [
  { what: `integer get against Map, one thread, ${size} entries, ${how}`, figure: `mix.integers/${entries}/0% writes/uniform/${style}`, atLeast: 1.5, wanted: 1.7 },
  {
    what: `integer set of existing keys against Map, one thread, ${size} entries, ${how}`, figure: `mix.integers/${entries}/100% writes/uniform/${style}`,
    atLeast: 1.4, wanted: 1.7,
  },
])

/** Shares of maps that are filled, emptied and filled again. */
const share = (what, figure, atLeast) => ({ what, figure: `memory.refill/${figure}`, atLeast, unit: '%', exact: true })
/** What a kill may lose of records of up to 20,000 bytes: the key's and the value's record of one write. */
const KILL_BOUND = 2 * 20_480

/** @type {Goal[]} */
export const GOALS = [
  ...againstMap(100_000, '100,000'),
  ...againstMap(1_000_000, '1,000,000'),
  { what: 'integers, 95/5, two workers / one', figure: 'mix.workers/integers/5% writes', atLeast: 1.9 },
  { what: 'string get, 19 characters built for each call, against Map', figure: 'mix.strings of 19/100000/fresh/0% writes', atLeast: 1.4 },
  { what: 'string get, the same key objects again, against Map', figure: 'mix.strings of 19/100000/reused/0% writes', atLeast: 0.8 },
  { what: 'integers, 95/5, two workers, against the fastest sharing rival', figure: 'rivals.integers/2 workers/fastest', atLeast: 8 },
  { what: 'the same, against the lock-based map of the benchmark', figure: 'rivals.integers/2 workers/locked', atLeast: 8 },
  { what: 'strings, 95/5, two workers, against the fastest sharing rival', figure: 'rivals.strings/2 workers/fastest', atLeast: 4 },
  { what: 'the same, against the lock-based map of the benchmark', figure: 'rivals.strings/2 workers/locked', atLeast: 4 },
  { what: 'growth from the smallest size to 4 million integers, two workers, against one Map growing alone', figure: 'resize.growth/4 million, two workers', atLeast: 2 },
  { what: 'the same, with setMany', figure: 'resize.growth/4 million, two workers, setMany', atLeast: 2 },
  { what: 'p99.9 of an insert during growth to 4 million', figure: 'latency.growth/p99.9', atMost: 20_000 },
  { what: 'the longest insert of that growth, beyond the longest gap of an empty control loop', figure: 'latency.growth/max', atMost: 2e6 },
  { what: 'touched bytes of an integer pair, presized', figure: 'memory.presized', atMost: 24 },
  { what: 'touched bytes of an integer pair, grown, worst of 0.7, 1 and 1.4 million', figure: 'memory.grown/worst', atMost: 68 },
  share('a map that was full and was emptied, of what a fresh one holds, worst pair of kinds', 'all deleted/worst', 95),
  share('the same with a random tenth left, of what is free', 'a tenth left/worst', 80),
  { what: 'size that one growing value reaches in 4 MiB', figure: 'memory.refill/one growing value', atLeast: 1536, unit: 'KiB', exact: true },
  share('live share of 64 MiB with 2,000 creeping sizes', 'creeping sizes', 75),
  share('writes of mixed sizes at 60 % live that found memory', 'churn/written', 100),
  { what: 'used memory of the last of these writes, by that of the second window', figure: 'memory.refill/churn/creep', atMost: 103, unit: '%', exact: true },
  ...Object.entries({ 'integers': 52, '100 B': 80, '1 kB': 88, '100 kB': 88, '1 MB': 85 })
    .map(([kind, least]) => share(`usable share of 8 MiB: ${kind}`, `usable share/${kind}`, least)),
  share('usable share of 128 KiB, worst kind', 'usable share/128 KiB', 50),
  { what: 'memory lost by one kill, the most', figure: 'memory.refill/kills/most', atMost: KILL_BOUND, unit: 'bytes', exact: true },
  share('what a map of many kills holds after repair', 'kills/after repair', 95),
  { what: 'getMany of 1,000 integer keys at 1 million entries, against single gets', figure: 'bulk.getMany/integer/1000000/1000', atLeast: 2 },
  { what: 'gzip size of the core entry, both backends included', figure: 'startup.size', atMost: 20 },
]

/** How far a quick run may miss a goal before it says so: it has little time and shares its machine. */
export const QUICK_MARGIN = 0.35

const numberText = (value, unit) => unit === 'ns' ? duration(value) : unit === 'x' ? `${three(value)} x` : `${three(value)} ${unit}`
const goalText = ({ atLeast, atMost, wanted }, unit) => atMost !== undefined ? `<= ${numberText(atMost, unit)}`
  : `>= ${numberText(atLeast, unit)}${wanted === undefined ? '' : `, wanted ${numberText(wanted, unit)}`}`

/** Whether a value reaches a goal that is lowered by a margin. */
export function reaches({ atLeast, atMost }, value, margin = 0) {
  return atMost !== undefined ? value <= atMost * (1 + margin) : value >= atLeast * (1 - margin)
}

function verdict(goal, value, margin) {
  if (!reaches(goal, value)) return reaches(goal, value, margin) ? 'within the margin' : 'NO'
  return goal.wanted !== undefined && value < goal.wanted ? 'yes, not what is wanted' : 'yes'
}

/**
 * Holds figures against the goals.
 *
 * @param margin - of a quick run; 0 in a full one
 * @returns for each goal what it is, what was measured, and whether it was met ('not measured' where the figure is not there)
 */
export function evaluate(figures, margin = 0) {
  return GOALS.map(goal => {
    const figure = figures.find(({ id }) => id === goal.figure)
    const unit = figure?.unit ?? unitOf(goal)
    if (figure === undefined) return { what: goal.what, goal: goalText(goal, unit), measured: '', met: 'not measured', note: '' }
    const met = verdict(goal, figure.value, goal.exact ? 0 : margin)
    return { what: goal.what, goal: goalText(goal, unit), measured: numberText(figure.value, unit), met, note: figure.note }
  })
}

const unitOf = ({ figure, atMost, unit }) => unit ?? (atMost === undefined ? 'x' :
  figure.startsWith('latency') ? 'ns' : figure.startsWith('memory') ? 'bytes' : 'kB')
