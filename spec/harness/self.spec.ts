// The checker checked as it checks others: each of its own rules is switched off, and a program that it then gets wrong is
// named.

import { describe, expect, it } from 'vitest'
import * as harness from '../../lib/harness'
import { type SourceMutant, importEdited } from '../support/edited'

type Harness = typeof harness
/** A program, and what the checker says of it in a word. */
type Question = (of: Harness) => string

function verdictOf({ CheckError }: Harness, run: () => { verdict: string }): string {
  try {
    return run().verdict
  } catch (error) {
    return error instanceof CheckError ? error.failure.check : (error as Error).name
  }
}

/** A cell: f answers 42 without a look at it. */
const constant: Question = of => {
  const checked = of.system({
    code: { source: 'export function f() { return 42 }' }, memory: 4, ops: { f: of.op() },
    model: { start: 0, step: (n: number, _: unknown, answer: unknown) => answer === n || answer === of.PENDING ? n : undefined },
  })
  return verdictOf(of, () => of.explore(checked, { threads: [[['f']]] }, { confirm: false }))
}

/** A lock that waits in a loop, where progress is not asked for. */
const lock: Question = of => {
  const source = `export function add(cells) {
    while (Atomics.compareExchange(cells, 0, 0, 1) !== 0);
    Atomics.add(cells, 1, 1)
    Atomics.store(cells, 0, 0)
  }`
  const checked = of.system({ code: { source }, memory: 8, ops: { add: of.op() } })
  return verdictOf(of, () => of.explore(checked, { threads: [[['add']], [['add']]] }, { confirm: false, checks: ['linearizability'] }))
}

const WRITE = 'export function write(cells, x) { Atomics.store(cells, 0, x); Atomics.store(cells, 1, x) }'
const READ = 'export function get(cells) { const a = Atomics.load(cells, 0); return a === Atomics.load(cells, 1) ? a : -1 }'
/** A write in two steps, killed between them. */
const torn = (isRead: boolean): Question => of => {
  const checked = of.system({
    code: { source: `${WRITE}\n${READ}` }, memory: 8, ops: { write: of.op(), get: isRead ? of.read() : of.op() },
    model: { start: 0, step: (n: number, [name, x]: harness.Call, answer: unknown) =>
      name === 'write' ? x as number : answer === n || answer === of.PENDING ? n : undefined },
  })
  return verdictOf(of, () => of.explore(checked, { threads: [[['write', 5]]] }, { confirm: false, kills: 1 }))
}

/** A write that a helper completes late, after its thread was reaped. */
const late: Question = of => {
  const source = `
    export function write(cells, x) { Atomics.store(cells, 0, x << 8); help(cells) }
    export function help(cells) {
      const seen = Atomics.load(cells, 0)
      if (seen >> 8 !== 0) Atomics.compareExchange(cells, 0, seen, seen >> 8)
    }
    export function get(cells) { return Atomics.load(cells, 0) & 255 }
    export function reap(cells) { Atomics.load(cells, 0); return true }`
  const checked = of.system({
    code: { source }, memory: 4, ops: { write: of.op(), help: of.op(), get: of.read(), reap: of.op() },
    ends: { reap: ([, thread]) => thread as number },
    model: { start: 0, step: (n: number, [name, x]: harness.Call, answer: unknown) =>
      name === 'write' ? x as number : name !== 'get' || answer === n || answer === of.PENDING ? n : undefined },
  })
  const program: harness.Program = { threads: [[['reap', 1], ['get'], ['help'], ['get']], [['write', 5]]] }
  return verdictOf(of, () => of.explore(checked, program, { confirm: false, kills: 1 }))
}

/** A write that was over before a read which sees nothing began: whoever takes that read first makes the write too late. */
const overtaken: Question = of => {
  const history = [
    { op: ['write', 5], answer: undefined, call: 0, back: Infinity, until: 1 },
    { op: ['get'], answer: 5, call: 0, back: 9 }, { op: ['none'], answer: undefined, call: 2, back: 9 },
  ] as const
  const model: harness.Model<number, readonly [string, number?], unknown> = {
    start: 0, step: (n, [name, x], answer) => name === 'write' ? x : name === 'none' || answer === n ? n : undefined,
  }
  return String(of.judge(history, model).ok)
}

/** Of two equal writes the one that was called first is over before the read that sees the other. */
const twins: Question = of => {
  const write = { op: ['write', 5], answer: undefined, call: 0, back: Infinity } as const
  const history = [
    { ...write, until: 1 }, write, { op: ['get'], answer: 0, call: 2, back: 3 }, { op: ['get'], answer: 5, call: 4, back: 5 },
  ] as const
  const model: harness.Model<number, readonly [string, number?], unknown> = {
    start: 0, step: (n, [name, x], answer) => name === 'write' ? x : answer === n ? n : undefined,
  }
  return String(of.judge(history, model).ok)
}

const edit = (file: string, from: string, to: string): SourceMutant['edits'][number] => ({ file: `harness/${file}.ts`, from, to })

const MUTANTS: readonly (readonly [rule: string, edits: SourceMutant['edits'], question: Question, right: string])[] = [
  ['an operation that makes no access is part of the history',
    [edit('tree', 'return parent === undefined ? this.silentAt(from) : this.end(from, result.value, parent, edge)',
      'return this.end(from, result.value, parent, edge)')], constant, 'linearizability'],
  ['a search that a cycle ends is not right', [edit('search', '    this.barrier = fault\n', '')], lock, 'budget'],
  ['what a kill has torn is read at the end',
    [edit('ends', 'finalsOf(world.system, world.program, this.code)', '[]')], torn(true), 'linearizability'],
  ['kills are refused where nothing is read at the end',
    [edit('explore', '    requireFinals(system, kills)\n', '')], torn(false), 'TypeError'],
  ['what a reaped thread had begun is over',
    [edit('history', 'return until === undefined ? event : { ...event, until }', 'return event')], late, 'linearizability'],
  ['states differ by who had been killed when a reap began',
    [edit('world', 'if (this.deadBefore[n] !== 0) hash', 'if (false) hash')], late, 'linearizability'],
  ['an operation is not too late by a guess', [edit('linearize/search', ' && !this.isTooLate(op)', '')], late, 'linearizability'],
  ['an operation that is taken at once makes no other too late',
    [edit('linearize/search', ' && !this.hasClosed(op, latest)', '')], overtaken, 'true'],
  ['equal operations are not of one kind if one is over sooner',
    [edit('linearize/line', '`${until} ${spell(op, things)}`', 'spell(op, things)')], twins, 'true'],
]

describe('a rule of the checker', () => {
  it.each(MUTANTS)('%s: switched off, it gets a program wrong', async (name, edits, question, right) => {
    expect(question(harness)).toBe(right)
    expect(question(await importEdited<Harness>('harness/index.ts', { name, edits }))).not.toBe(right)
  })
})
