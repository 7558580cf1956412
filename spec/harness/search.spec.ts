// The search against one that is too simple to be wrong: every interleaving, one by one, without a table of states.

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Ends } from '../../lib/harness/ends'
import { CheckError, type ExploreOptions, explore } from '../../lib/harness/explore'
import type { Model } from '../../lib/harness/linearizability'
import { Monitor } from '../../lib/harness/monitor'
import { switchesIn } from '../../lib/harness/report'
import * as scouting from '../../lib/harness/scout'
import { Search, type SearchOptions, type Searched } from '../../lib/harness/search'
import { type Call, type Program, type System, type SystemOptions, op, system } from '../../lib/harness/system'
import { StateTable } from '../../lib/harness/table'
import type { Place } from '../../lib/harness/tree'
import { World, noUndo } from '../../lib/harness/world'
import { runs } from '../support/maps'

vi.mock('../../lib/harness/scout', { spy: true })

/** Short for accesses: L0 is a load of cell 0, S0(1) a store, A0(1) an add, C0(1, 2) a swap of 1 for 2. */
const METHODS: Readonly<Record<string, string>> = { L: 'load', S: 'store', A: 'add', C: 'compareExchange' }
const write = (source: string): string => source
  .replaceAll(/\bL(\d)\b/g, 'Atomics.load(cells, $1)')
  .replaceAll(/\b([SAC])(\d)\(/g, (_, method: string, cell: string) => `Atomics.${METHODS[method]}(cells, ${cell}, `)

/** Any history is right: what counts is which there are. */
const ANYTHING: Model<number, unknown, unknown> = { start: 0, step: () => 0 }
const UNBOUNDED: SearchOptions = { kills: 0, maxStates: 1e6, preemptions: Infinity, solo: 1000, together: 1000, reduce: false, deadline: Infinity,
  checks: ['linearizability', 'transition', 'progress', 'audit', 'crash'] }

/** A system whose operations are these bodies of functions of `cells` and `x`. */
function made(bodies: Readonly<Record<string, string>>, options: Partial<SystemOptions> = {}, more = ''): System {
  const all = { ...bodies, all: 'return [L0, L1, L2, L3]' },
    source = Object.entries(all).map(([name, body]) => `export function ${name}(cells, x) { ${body} }`).join('\n')
  return system({ code: { source: write(`${source}\n${more}`) }, memory: 16, ops: Object.fromEntries(Object.keys(all).map(name => [name, op()])),
    model: ANYTHING, final: () => [['all']], ...options })
}
/** A program of operations without arguments: threads are parted by a bar. */
const programOf = (text: string): Program =>
  ({ threads: text.split('|').map(ops => ops.trim().split(/\s+/).filter(name => name !== '').map((name): Call => [name])) })

interface Found extends Searched { readonly histories: readonly string[] }

function search(checked: System, program: Program, options: Partial<SearchOptions> = {}): Found {
  const world = new World(checked, program), ends = new Ends(world),
    searched = new Search(world, new Monitor(checked), { ...UNBOUNDED, ...options }, ends).run()
  return { ...searched, histories: [...ends.histories].sort() }
}

/** Every path, by trying all choices and taking them back; nothing is remembered. */
function everyPath(world: World, ends: Ends, kills: number, killed = 0): number {
  let paths = 0
  for (let t = 0; t < world.at.length; t++) {
    if (world.isOver(t)) continue
    const undo = noUndo(), place = world.at[t]!
    world.step(place, undo)
    paths += everyPath(world, ends, kills, killed)
    world.undo(undo)
    if (killed === kills || place.isCall) continue
    world.killed[t] = true
    paths += everyPath(world, ends, kills, killed + 1)
    world.killed[t] = false
  }
  if (paths > 0) return paths
  expect(ends.check(killed)).toBe(undefined)
  return 1
}

function plain(checked: System, program: Program, kills: number): { interleavings: number, histories: readonly string[] } {
  const world = new World(checked, program), ends = new Ends(world), interleavings = everyPath(world, ends, kills)
  return { interleavings, histories: [...ends.histories].sort() }
}

const CAS = made({ add: 'for (;;) { const seen = L0; if (C0(seen, seen + 1) === seen) return seen }', get: 'return L0' })
const LOST = made({ add: 'const n = L0; S0(n + 1); return n', get: 'return L0', three: 'A1(1); A1(1); return L0' })
const OWN = made({ a: 'S0(1); A0(1); return L0 + L2', b: 'S1(1); A1(1); return L1 + L2', c: 'A2(1); S3(1); A3(1); return L3' })
const SLOTS = made({ put: 'for (let i = 0; i < 2; i++) if (C0(0, 7) === 0) return i; return -1', take: 'const seen = L0; return seen === 0 ? 0 : C0(seen, 0)',
  far: 'L1; L1; L2; return C0(0, 3)' })
/** The very same numbers as words of a cell, as cells, and as places of threads. */
const SMALL = made({ up: 'let n = L0; for (let i = 1; i < 3; i++) { S0(i); n = n * 3 + L0 } return n',
  down: 'let n = L1; for (let i = 2; i > 0; i--) { S1(i); n = n * 3 + L0 } return n', swap: 'S0(L1); S1(L0)' })
const EARLY = made({ a: 'if (L0 === 1) return 1; A1(1); return L2', b: 'S0(1)', none: 'return 5', twice: 'A0(1); return A0(1)' })

/** An operation that needs most where the other changes the cell after it was read, before accesses that nobody notices. */
const SOLO = made({ a: 'if (L0 === 1) return; A1(1); A1(1); if (L0 === 1) { L2; L2; L2 }', b: 'S0(1)' })
/** Random programs: all of their paths are walked. */
const RANDOM = Number(process.env.FUZZ ?? 40)
const SYSTEMS = { CAS, LOST, OWN, SLOTS, SMALL, EARLY, SOLO }

describe('the search agrees with one that tries every path', () => {
  it.each([
    ['CAS', 'add | add', 2], ['CAS', 'add add | get', 1], ['CAS', 'add | get | get', 1], ['CAS', 'add | add | get', 0], ['CAS', 'add get | get add', 0],
    ['LOST', 'add | add', 2], ['LOST', 'add get | add', 1], ['LOST', 'three | three', 2], ['LOST', 'add | add | get', 1], ['LOST', 'get | get | get | get', 0],
    ['OWN', 'a | b', 2], ['OWN', 'a | b | c', 0], ['OWN', 'a c | b', 1], ['OWN', 'a | a', 1],
    ['SLOTS', 'put | take', 2], ['SLOTS', 'put put | take', 0], ['SLOTS', 'far | put', 2], ['SLOTS', 'take | put | far', 0],
    ['SMALL', 'up | down', 1], ['SMALL', 'up | up', 1], ['SMALL', 'swap | up', 1], ['SMALL', 'swap | swap | swap', 0], ['SMALL', 'down | down', 1],
    ['EARLY', 'a | b', 2], ['EARLY', 'a a | b', 1], ['EARLY', 'twice | a | b', 1], ['EARLY', 'a | none b', 1], ['EARLY', 'none', 1], ['EARLY', ' | a', 1],
      ['SOLO', 'a | b', 1], ['SOLO', 'b | a', 1],
  ] as const)('%s: %s, up to %d kills', (name, text, most) => {
    const checked = SYSTEMS[name], program = programOf(text)
    for (let kills = 0; kills <= most; kills++) {
      const right = plain(checked, program, kills), found = search(checked, program, { kills }), reduced = search(checked, program, { kills, reduce: true })
      expect([found.complete, found.fault, reduced.complete, reduced.fault]).toEqual([true, undefined, true, undefined])
      expect(found.interleavings).toBe(right.interleavings)
      expect(found.histories).toEqual(right.histories)
      expect(reduced.histories).toEqual(right.histories)
      expect(reduced.interleavings).toBeLessThanOrEqual(right.interleavings)
      expect(reduced.solo).toEqual(found.solo)
      expect(found.kills > 0).toBe(kills > 0 && text.trim() !== 'none')
    }
  })

  it('on random programs', () => {
    const access = fc.tuple(fc.constantFrom('L#', 'A#(1)', 'S#(2)', 'C#(0, 1)', 'C#(n, 2)'), fc.nat(3)).map(([text, cell]) => text.replace('#', `${cell}`))
    const step = fc.tuple(fc.constantFrom('', '', 'if (n & 1) '), access).map(([when, text]) => `${when}n = n * 3 + ${text}`)
    const body = fc.array(step, { minLength: 1, maxLength: 3 }).map(steps => `let n = 0; ${steps.join('; ')}; return n`)
    const text = fc.oneof(fc.constantFrom('a | b', 'a a | b', 'a b | c', 'a | a'), fc.constantFrom('a | b | b', 'a | b | c'))
    fc.assert(fc.property(body, body, body, text, fc.nat(1), (a, b, c, what, kills) => {
      const checked = made({ a, b, c }), program = programOf(what), right = plain(checked, program, kills)
      const found = search(checked, program, { kills }), reduced = search(checked, program, { kills, reduce: true })
      expect([found.interleavings, found.histories]).toEqual([right.interleavings, right.histories])
      expect(reduced.histories).toEqual(right.histories)
      expect(reduced.solo).toEqual(found.solo)
    }), runs(RANDOM))
  })

  it('makes accesses at once that nobody can notice, and only those', () => {
    const states = (text: string, reduce: boolean): number => search(OWN, programOf(text), { reduce }).states
    expect(states('a | b', true)).toBeLessThan(states('a | b', false))
    expect(search(LOST, programOf('add | add'), { reduce: true }).states).toBe(search(LOST, programOf('add | add')).states)
  })

  it('counts exactly where numbers are large, and its table grows', () => {
    // Two threads of n accesses to cells of their own: as many ways as there are to choose n of 2n.
    const checked = made({ a: 'for (let i = 0; i < 70; i++) L0', b: 'for (let i = 0; i < 70; i++) L1' }),
      { interleavings, states } = search(checked, programOf('a | b'))
    let ways = 1n
    for (let n = 1n; n <= 70n; n++) ways = ways * (70n + n) / n
    expect(interleavings / Number(ways)).toBeCloseTo(1, 10)
    // Where both stand; and, for each that has begun, whether the other had ended before.
    expect(states).toBe(71 * 71 + 70 + 70)
  })

  it('needs as many accesses alone as were counted by hand', () => {
    // Whoever has read, and been overtaken, loses a swap, and reads and swaps again.
    expect(search(CAS, programOf('add | add')).solo).toEqual([3, 3])
    expect(search(CAS, programOf('add | get')).solo).toEqual([2, 1])
    expect([false, true].map(reduce => search(SOLO, programOf('a | b'), { reduce }).solo)).toEqual([[6, 1], [6, 1]])
    expect(explore(CAS, programOf('add get | add'), { confirm: false })).toMatchObject({ verdict: 'exhaustive', longestSolo: 3, solo: { add: 3, get: 1 } })
  })
})

describe('no progress', () => {
  const faultOf = (checked: System, text: string, options: Partial<SearchOptions> = {}): string | undefined => {
    const results = [false, true].map(reduce => search(checked, programOf(text), { ...options, reduce }).fault)
    expect(results[1]?.check).toBe(results[0]?.check)
    return results[0] && `${results[0].check}: ${results[0].message}`
  }
  const CYCLE = /^progress: a cycle: the threads can keep each other from ending: after \d+ accesses \(thread .*\) everything is as it was$/

  it('is found where two threads undo what the other has done', () => {
    const checked = made({ one: 'for (;;) { S0(1); if (L0 === 1) return }', two: 'for (;;) { S0(2); if (L0 === 2) return }' })
    expect(faultOf(checked, 'one | two')).toMatch(CYCLE)
    expect(faultOf(checked, 'one')).toBe(undefined)
  })

  it('is found where one waits for another', () => {
    const checked = made({ wait: 'while (L0 === 0); return 1', set: 'L1; S0(1)', lock: 'while (C0(0, 1) !== 0); L1; S0(0)' })
    expect(faultOf(checked, 'wait | set')).toMatch(CYCLE)
    expect(faultOf(checked, 'lock | lock')).toMatch(CYCLE)
    expect(faultOf(checked, 'lock')).toBe(undefined)
  })

  it('is found where one waits for another only after it was killed', () => {
    // The helper does what the other has left, unless that was killed before it could say what.
    const checked = made({ owner: 'S0(1); S1(1)',
      helper: 'if (L0 === 0) return 0; for (let i = 0; i < 3; i++) if (L1 === 1) return 1; while (L1 === 0 && L2 === 0); return 2', free: 'S2(1)' })
    expect(faultOf(checked, 'owner', { kills: 1 })).toBe(undefined)
    expect(faultOf(checked, 'owner | helper', { kills: 1 })).toMatch(CYCLE)
    expect(explore(made({ a: 'S0(1); S1(1)', b: 'return L0 + L1' }), programOf('a | b'), { kills: 1, confirm: false }).verdict).toBe('exhaustive')
  })

  it('is found where no state comes back, by the number of accesses in which no operation ends', () => {
    const endless = made({ go: 'for (let n = 0; ; n++) if (L0 === 1) return n', set: 'S0(1)' }),
      opaque = made({ go: 'for (const _ of forever()) if (L0 === 1) return', set: 'S0(1)' }, {}, 'function* forever() { for (;;) yield }')
    for (const checked of [endless, opaque]) {
      expect(faultOf(checked, 'go | set',
        { together: 50 })).toBe('progress: 50 accesses, and no operation has ended: the threads can keep each other from ending')
    }
  })

  it('is found where an operation needs too long alone', () => {
    const checked = made({ long: 'for (let n = 0; n < 20; n++) L0' })
    expect(faultOf(checked, 'long', { solo: 19 })).toBe('progress: an operation needs more than 19 accesses although it runs alone')
    expect(faultOf(checked, 'long', { solo: 20 })).toBe(undefined)
    expect(search(checked, programOf('long'), { together: 10 }).fault?.check).toBe('progress')
    expect([4, 3].map(together => faultOf(LOST, 'three | three', { together, kills: 2 })?.split(',')[0])).toEqual([undefined, 'progress: 3 accesses'])
  })

  it('is told with what goes round', () => {
    const checked = made({ wait: 'while (L0 === 0); return 1', set: 'L1; S0(1)' })
    expect(faultOf(checked, 'wait | set')).toContain('after 1 accesses (thread 0 in wait()) everything is as it was')
  })

  it('in a program that no random run would end', () => {
    const checked = made({ wait: 'while (L0 === 0);', get: 'return L1' })
    expect(faultOf(checked, 'wait | get')).toMatch(CYCLE)
  })
})

describe('a search that a cycle ends is never right, whatever is asked for', () => {
  const CELL: Model<number, Call, unknown> = { start: 0, step: (n, [name], answer) => name === 'all' ? n : answer === n ? n + 1 : undefined }
  const RMW = (cell: number): string => `const n = L${cell}; S${cell}(n + 1)`
  /** Wrong, each of them, behind a loop that waits. */
  it.each<[string, string, Record<string, string>]>([
    ['a lock that tests, then sets', 'a | a', { a: `for (;;) { if (L0 === 0) { S0(1); break } } ${RMW(1)}; S0(0); return n` }],
    ['a lock of Peterson that gives way before it asks', 'a | b', {
      a: `S2(1); S0(1); while (L1 === 1 && L2 === 1); ${RMW(3)}; S0(0); return n`,
      b: `S2(0); S1(1); while (L0 === 1 && L2 === 0); ${RMW(3)}; S1(0); return n` }],
    ['a read that does not look twice', 'a | write', {
      a: 'let seen; do seen = L0; while (seen & 1); return L1 === L2 ? 0 : -1', write: 'S0(1); S1(5); S2(5); S0(2); return 1' }],
  ])('%s', (_, text, bodies) => {
    for (const options of [{}, { preemptions: 3 }, { maxStates: 20 }, { checks: ['linearizability'] }] as const) {
      const explored = (): unknown => explore(made(bodies, { model: CELL }), programOf(text), { checks: ['linearizability', 'audit'], confirm: false, ...options })
      expect(explored).toThrow(CheckError)
    }
  })

  it('but fails with what the cycle is, where it stopped, and what to do', () => {
    // A lock that is right: nothing but the loop is wrong.
    const lock = made({ add: 'while (C0(0, 1) !== 0); const n = L1; S1(n + 1); S0(0); return n' }, { model: CELL })
    for (const options of [{}, { preemptions: 3 }] as const) {
      const { failure } = failing(lock, programOf('add | add'), { checks: ['linearizability'], ...options })
      expect(failure.check).toBe('budget')
      expect(failure.message).toMatch(/^stopped after \d+ states by a fault that checks leaves out \(progress\): a cycle: .*thread 1 in add\(\)/)
      expect(failure.message).toMatch(/let the operation answer that it must be tried again, in place of waiting in a loop$/)
      expect(failure.trace).toContain('| add()')
    }
    // What it finds before the cycle, or beside it, comes first.
    const broken = made({ a: `if (L0 !== 0) while (L2 === 0); ${RMW(1)}; return n`, lock: 'S0(1); return 0' }, { model: CELL })
    expect(failing(broken, programOf('a | a'), { checks: ['linearizability'] }).failure.check).toBe('linearizability')
  })

  it('nor one that an exception ends', () => {
    const throwing = made({ a: 'if (L0 === 1) throw new Error("so")', b: 'S0(1)' })
    expect(failing(throwing, programOf('a | b'), { checks: ['linearizability'] }).failure.message).toContain('leaves out (crash): so')
  })
})

/** The error of an exploration, and its parts. */
function failing(checked: System, program: Program, options: ExploreOptions = {}): CheckError {
  try {
    explore(checked, program, { confirm: false, ...options })
  } catch (error) {
    if (error instanceof CheckError) return error
    throw error
  }
  throw new Error('nothing was found')
}

describe('few preemptions', () => {
  const { model: _, final: __, ...counter } = made({ add: 'const n = L0; S0(n + 1); return n', watch: 'return [L0, L0, L0]', set: 'S0(1); S0(2)' })
  const checked = system(counter), seesAll: Model<number, Call,
    unknown> = { start: 0, step: (state, _call, answer) => String(answer) === '0,1,2' ? undefined : state }
  const watched = system({ ...counter, model: seesAll })

  it('find what needs no more, and nothing else', () => {
    const at = (of: System, text: string, preemptions: number, reduce = false): string | undefined =>
      search(of, programOf(text), { preemptions, reduce }).fault?.check
    expect([0, 1].map(bound => at(checked, 'add | add', bound))).toEqual([undefined, 'linearizability'])
    expect([0, 1, 2, 3].map(bound => at(watched, 'watch | set', bound))).toEqual([undefined, undefined, undefined, 'linearizability'])
    expect([0, 1, 2, 3].map(bound => at(watched, 'watch | set', bound, true))).toEqual([undefined, undefined, undefined, 'linearizability'])
  })

  it('are enough to show a fault with as few switches as it needs', () => {
    const { failure } = failing(checked, programOf('add add | add add'))
    expect([failure.check, switchesIn(failure.schedule), failure.schedule.length]).toEqual(['linearizability', '2 switches', 8])
    expect(switchesIn(failing(watched, programOf('watch | set')).failure.schedule)).toBe('4 switches')
  })

  it('see some of what all see, and all of it if there are enough of them', () => {
    const program = programOf('a a | b b'), of = made({ a: 'A0(1); return L0 * 10 + L1', b: 'A1(1); return L1 * 10 + L0' })
    const all = search(of, program).histories,
      [few, more, enough] = [1, 2, 20].map(preemptions => search(of, program, { preemptions }).histories) as [string[], string[], string[]]
    expect(enough).toEqual(all)
    expect(few.every(history => more.includes(history)) && more.every(history => all.includes(history))).toBe(true)
    expect(few.length).toBeLessThan(more.length)
    expect(more.length).toBeLessThan(all.length)
    for (const preemptions of [0, 1, 2]) {
      const reduced = search(of, program, { preemptions, reduce: true }).histories
      expect(search(of, program, { preemptions }).histories.every(history => reduced.includes(history))).toBe(true)
    }
  })
})

describe('a budget that ends', () => {
  const checked = made({ a: 'return L0 + L1 + A0(1) + A1(1)' }), program = programOf('a a | a a')

  it('is named: what few preemptions can do, or some runs', () => {
    expect(explore(checked, program).verdict).toBe('exhaustive')
    const bounded = explore(checked, program, { maxStates: 300 })
    expect(bounded).toMatchObject({ verdict: 'bounded', bound: 1 })
    expect(bounded.summary).toMatch(/^bounded: 1 preemptions: \d+ interleavings, \d+ states, 0 kills, longest solo run 4$/)
    const sampled = explore(checked, program, { maxStates: 5, samples: 20 })
    expect(sampled).toMatchObject({ verdict: 'sampled', bound: 20, interleavings: 20 })
    expect(sampled.summary).toMatch(/^sampled: 20 runs: 20 interleavings, /)
    expect(sampled.histories).toBeGreaterThan(1)
  })

  it('is a failure, if all is asked for', () => {
    const { message, failure } = failing(checked, program, { maxStates: 100, require: 'exhaustive' })
    expect([failure.check, failure.schedule, failure.confirmation]).toEqual(['budget', [], undefined])
    expect(message).toMatch(/^system: budget: not exhaustive: the budget ended after 100 states\n\nprogram\n {2}thread 0 {2}a\(\); a\(\)\n/)
    expect(explore(checked, program, { require: 'exhaustive' }).verdict).toBe('exhaustive')
  })

  it('finds the fault anyway, if it needs little', () => {
    const { model: _, final: __, ...counter } = made({ add: 'const n = L0; S0(n + 1); return n' })
    for (const maxStates of [30, 5]) expect(failing(system(counter), programOf('add add add | add add add'),
      { maxStates }).failure.check).toBe('linearizability')
  })

  it('of seconds is one too', () => {
    expect(explore(checked, program, { seconds: 0, samples: 10 }).verdict).toBe('sampled')
  })
})

describe('a word that is read plainly', () => {
  const peek = 'function peek(cells, i) { return cells[i] }'
  it('must never change, be it before or after', () => {
    const checked = made({ a: 'return L1 + peek(cells, 0)', b: 'L1; S0(1)', c: 'S2(1)' }, { plain: ['peek'] }, peek)
    for (const reduce of [false, true]) {
      expect(search(checked, programOf('a | b'), { reduce }).fault).toEqual({ check: 'crash',
        message: 'cell 0 is read plainly, but it changes: read it through Atomics' })
      expect(search(checked, programOf('a | c'), { reduce }).fault).toBe(undefined)
    }
  })
})

describe('memory of one thread', () => {
  const own = (thread: number): { cells: [number, number][] } => ({ cells: [[2 + thread, 3 + thread]] })
  it('is no other\'s', () => {
    const checked = made({ mine: 'L0; S2(1); return L2', yours: 'L0; return L2', peeks: 'L0; return peek(cells, 2)',
      own: 'L0; return [S2(5), A2(2), C2(7, 9), C2(1, 2), L2]' }, { own, plain: ['peek'] }, 'function peek(cells, i) { return cells[i] }')
    expect(search(checked, programOf('mine | mine')).fault?.message).toBe("thread 1 accesses cell 2, which is thread 0's own (thread 1)")
    expect(search(checked, programOf('mine | yours')).fault?.message).toContain("which is thread 0's own")
    expect(search(checked, programOf('mine | peeks')).fault?.message).toBe("thread 1 reads cell 2, which is thread 0's own, plainly (thread 1)")
    expect(search(made({ waits: 'L0; while (L2 === 0);' }, { own }),
      programOf('waits')).fault?.message).toMatch(/^100000 accesses to its own memory, and none that others see/)
    expect(search(checked, programOf('mine')).histories).toEqual(['mine() -> 1 [0..2]; all() -> [0,0,0,0] [3..4]'])
    expect(search(checked, programOf('own')).histories).toEqual(['own() -> [5,5,7,9,9] [0..2]; all() -> [0,0,0,0] [3..4]'])
  })
})

describe('places', () => {
  const LINES = { run: 'const n = L0;\n return n + outer(cells)', catches: 'try { throws(cells) } catch { L1 }\n L2',
    ends: 'if (L0 === 5) return 1;\n return outer(cells) + L3' }
  const checked = made(LINES, {},
    'function outer(cells) {\n return inner(cells) * 2 }\nfunction inner(cells) {\n return L1 + L2 }\nfunction throws(cells) {\n if (L0 === 0) throw 1 }')
  const stackOf = ({ stack }: Place): string[] => stack.map(site => checked.instrumented.sites[site]!.fn)
  const worldOf = (text: string): World => new World(checked, programOf(text))

  it('know the functions that are stopped', () => {
    const { threads } = worldOf('run'), first = threads.grow(threads.roots[0]!, 0)
    expect([stackOf(threads.roots[0]!), stackOf(first), stackOf(threads.grow(first, 0))]).toEqual([['run'], ['run', 'outer', 'inner'],
      ['run', 'outer', 'inner']])
  })

  it('do not know those that an exception has left', () => {
    const { threads } = worldOf('catches'), [root] = threads.roots as [Place], caught = threads.grow(root, 0), next = threads.grow(caught, 0)
    expect([stackOf(root), stackOf(caught), stackOf(next)]).toEqual([['catches', 'throws'], ['catches'], ['catches']])
  })

  it('are gone on from where they are, whatever ran in between', () => {
    const world = worldOf('ends'), { threads } = world, [root] = threads.roots as [Place], five = world.words.id(5), first = threads.grow(root, 0)
    // Runs from the start to the end, in the same generator functions.
    expect(threads.grow(root, five).done).toBe(true)
    const second = threads.grow(first, 0), last = threads.grow(second, 0)
    expect([stackOf(first), stackOf(second), stackOf(last)]).toEqual([['ends', 'outer', 'inner'], ['ends', 'outer', 'inner'], ['ends']])
  })
})

describe('the table of states', () => {
  it('keeps what is known of each state as it grows', () => {
    const table = new StateTable(3, 16), keys = Array.from({ length: 5000 }, (_, n) => [Math.imul(n, 0x9e3779b1), Math.imul(n + 7, 0x85ebca6b)] as const)
    for (const [n, [a, b]] of keys.entries()) {
      const at = table.find(a, b)
      expect(table.marks[at]).toBe(0)
      table.add(at)
      table.counts[at] = n
      table.marks[at] = 1 + n % 2
      table.alone.set([n, n + 1, n + 2], at * 3)
      table.latest.set([n + 3, n + 4, n + 5], at * 3)
    }
    expect(table.size).toBe(5000)
    expect(table.epoch).toBeGreaterThan(5)
    for (const [n, [a, b]] of keys.entries()) {
      const at = table.find(a, b)
      const known = [table.alone, table.latest].flatMap(numbers => [...numbers.subarray(at * 3, at * 3 + 3)])
      expect([table.counts[at], table.marks[at], known]).toEqual([n, 1 + n % 2, [n, n + 1, n + 2, n + 3, n + 4, n + 5]])
    }
  })

  it('tells states apart by both lanes', () => {
    const table = new StateTable(1), first = table.find(1, 2)
    table.add(first)
    expect([table.find(1, 2) === first, table.find(1, 3) === first, table.find(2, 2) === first]).toEqual([true, false, false])
    expect(table.marks[table.find(1, 3)]).toBe(0)
  })
})

describe('the search itself', () => {
  afterEach(() => { vi.restoreAllMocks() })

  it('leaves the world as it found it', () => {
    const world = new World(LOST, programOf('add | add')),
      before = [[...world.at], [...world.cells], world.memoryA, world.memoryB, [...world.before], [...world.killed]]
    for (const preemptions of [Infinity, 0, 1]) new Search(world, new Monitor(LOST), { ...UNBOUNDED, kills: 1, preemptions }).run()
    new Search(world, new Monitor(LOST), { ...UNBOUNDED, maxStates: 4 }).run()
    expect([[...world.at], [...world.cells], world.memoryA, world.memoryB, [...world.before], [...world.killed]]).toEqual(before)
  })

  describe('where it has taken an access for one that nobody notices', () => {
    // The other touches the cell only after the first has read it many times.
    const checked = made({ a: 'A1(1); const n = [L0, L0].join(); A2(1); return n', b: 'if (L1 === 1) S0(1); return L2' }), program = programOf('a | b')
    beforeEach(() => { vi.mocked(scouting.scout).mockImplementation(() => undefined) })
    it('explores the state in full after all, and finds the same', () => {
      const blind = search(checked, program, { reduce: true }), all = search(checked, program)
      expect([blind.histories, blind.solo]).toEqual([all.histories, all.solo])
      expect(blind.states).toBeLessThan(all.states)
    })

    it('would miss histories otherwise', () => {
      vi.spyOn(Search.prototype as unknown as { repair(): void }, 'repair').mockImplementation(() => undefined)
      expect(search(checked, program, { reduce: true }).histories.length).toBeLessThan(search(checked, program).histories.length)
    })
  })
})
