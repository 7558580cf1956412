// What a failure shows, and that it can be seen again: tokens, schedules, traces, and the test to keep.

import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { CheckError, type ExploreOptions, explore, replay } from '../../lib/harness/explore'
import { programText, regressionText, switchesIn } from '../../lib/harness/report'
import { type Call, type Program, type System, type SystemOptions, op, system } from '../../lib/harness/system'
import { fromToken, parseSchedule, scheduleText, toToken } from '../../lib/harness/token'
import { type Choice, killOf, stepOf } from '../../lib/harness/world'
import { runs } from '../support/maps'

const LOST = 'export function add(cells) {\n  const n = Atomics.load(cells, 0)\n  Atomics.store(cells, 0, n + 1)\n  return n\n}'
const RIGHT = 'export function add(cells) { return Atomics.add(cells, 0, 1) }'
const counter = (source: string, more: Partial<SystemOptions> = {}): System =>
  system({ name: 'counter', code: { source }, memory: 8, ops: { add: op() }, ...more })
const checked = counter(LOST), fixed = counter(RIGHT)
const program: Program = { threads: [[['add']], [['add']]] }

function failing(run: () => unknown): CheckError {
  try {
    run()
  } catch (error) {
    if (error instanceof CheckError) return error
    throw error
  }
  throw new Error('nothing was found')
}
const failingTo = (of: System, what: Program = program, options: ExploreOptions = {}): CheckError =>
  failing(() => explore(of, what, { confirm: false, ...options }))

describe('a schedule', () => {
  it('is written in runs, and kills', () => {
    const schedule = [stepOf(0), stepOf(0), stepOf(1), killOf(0), killOf(2), stepOf(1), stepOf(1), stepOf(11)]
    expect(scheduleText(schedule)).toBe('0x2 1x1 k0 k2 1x2 11x1')
    expect(parseSchedule('0x2 1x1 k0 k2 1x2 11x1')).toEqual(schedule)
    expect([scheduleText([]), parseSchedule('')]).toEqual(['', []])
  })

  it('is read as it was written, whatever it is', () => {
    fc.assert(fc.property(fc.array(fc.nat(17)), (schedule: Choice[]) => { expect(parseSchedule(scheduleText(schedule))).toEqual(schedule) }), runs(200))
  })

  it.each(['0', 'x', '1x', 'k', '0x1 0y2', '-1x2', 'k1x2', '0x1,1x1'])('that is none is refused: %s', text => {
    expect(() => parseSchedule(text)).toThrow(TypeError)
    expect(() => parseSchedule(text)).toThrow('is no part of a schedule: it must look like 0x12 or k1')
  })

  it('has as many switches as it has other runs than the first', () => {
    expect(['', '0x3', '0x3 1x2', '0x1 1x2 0x1', '0x1 k0 1x2', 'k1 0x2'].map(text => switchesIn(parseSchedule(text))))
      .toEqual(['0 switches', '0 switches', '1 switch', '2 switches', '1 switch', '0 switches'])
  })
})

describe('a token', () => {
  const call = fc.tuple(fc.string(), fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null))).map(([name, arg]): Call => [name, arg])
  const PROGRAM = fc.record({ name: fc.string(), prefix: fc.array(call, { maxLength: 3 }),
    threads: fc.array(fc.array(call, { maxLength: 3 }), { maxLength: 4 }) }, { requiredKeys: ['prefix', 'threads'] })

  it('holds the system, the program and the schedule', () => {
    fc.assert(fc.property(fc.string(), PROGRAM, fc.array(fc.nat(7)), (name, what, schedule) => {
      const token = toToken({ system: name, program: what, schedule })
      expect(fromToken(token)).toEqual({ system: name, program: what, schedule })
      expect(token).toMatch(/^nm1\.[\w-]+$/)
    }), runs(200))
  })

  it('of a program without a beginning has an empty one', () => {
    expect(fromToken(toToken({ system: 'a', program: { threads: [] }, schedule: [] })).program).toEqual({ prefix: [], threads: [] })
  })

  it('is short', () => {
    expect(toToken({ system: 'counter', program, schedule: parseSchedule('0x20 1x30 0x5 1x20') }).length).toBeLessThan(90)
  })

  it('of another version, or none, is refused', () => {
    for (const token of ['', 'nm2.abc', 'xyz', toToken({ system: 'a', program, schedule: [] }).slice(1)]) {
      expect(() => fromToken(token)).toThrow(TypeError)
      expect(() => fromToken(token)).toThrow('this is no token of this version: it must begin with nm1.')
    }
  })

  it('that is damaged is refused', () => {
    const token = toToken({ system: 'counter', program, schedule: parseSchedule('0x2 1x3') }),
      packed = (text: string): string => `nm1.${deflateRawSync(text).toString('base64url')}`
    for (const damaged of [token.slice(0, -4), token.slice(0, 20), 'nm1.', 'nm1.!!!', packed('no json'), packed('{}'), packed('["a", [], [], "nonsense"]')]) {
      expect(() => fromToken(damaged), damaged).toThrow(TypeError)
      expect(() => fromToken(damaged), damaged).toThrow(/^the token is damaged \(.*\): copy all of it$/)
    }
  })
})

describe('a failure', () => {
  it('shows the program, the run in columns, the token, and a test', () => {
    const { message, failure } = failingTo(checked)
    expect(message.replaceAll(failure.token, 'TOKEN')).toMatchInlineSnapshot(`
      "counter: linearizability: not linearizable: add() -> 0 [0..2]; add() -> 0 [0..2]

      program, 4 accesses, 2 switches
        thread 0  add()
        thread 1  add()

      | add()
      |   [0] is 0  add:2
      |                         add()
      |                           [0] is 0  add:2
      |                           [0] 0 => 1  add:3
      |                           = 0
      |   [0] stays 1  add:3
      |   = 0

      REPLAY=TOKEN

      as a test:
      const program = { prefix: [], threads: [[["add"]],[["add"]]] }
      it('is right in every interleaving', () => { explore(checked, program) })
      it('is right in the run that once failed', () => { replay(checked, 'TOKEN') })"
    `)
  })

  it('has the parts of its message', () => {
    const { name, failure, message } = failingTo(checked)
    expect([name, failure.check, failure.system, failure.program, scheduleText(failure.schedule), failure.confirmation]).toEqual(['CheckError',
      'linearizability', 'counter', program, '0x1 1x2 0x1', undefined])
    expect(fromToken(failure.token)).toEqual({ system: 'counter', program: { prefix: [], ...program }, schedule: failure.schedule })
    for (const part of [failure.message, failure.trace, failure.token, failure.regression]) expect(message).toContain(part)
  })

  it('names what came before, kills, words, and who did nothing', () => {
    const named = counter(LOST,
      { words: { at: cell => ({ kind: 'count', name: `count ${cell}` }), stateOf: (_, word) => word === 0 ? 'Zero' : 'Some', show: (_, word) => `<${word}>` } })
    const { failure, message } = failingTo(named, { name: 'three', prefix: [['add']], threads: [[['add'], ['add']], [['add']], []] })
    expect(programText(failure.program)).toBe('  before    add()\n  thread 0  add(); add()\n  thread 1  add()\n  thread 2  (nothing)')
    expect(message).toContain('program (three), 6 accesses, 2 switches')
    expect(failure.trace).toContain('count 0 is <1>  add:2')
    expect(failure.trace).toContain('count 0 <1> => <2>  add:3')
  })

  it('shows who was killed', () => {
    const source = 'export function move(cells) { Atomics.sub(cells, 0, 1); Atomics.add(cells, 1, 1) }'
    const { failure } = failingTo(system({ name: 'bank', code: { source }, memory: 8, ops: { move: op() }, final: () => [],
      audit: ({ kills, memory }) => kills > 0 && Number(memory[0]) + Number(memory[1]) !== 0 ? 'money is lost' : '' }),
      { threads: [[['move']]] }, { kills: 1 })
    expect([failure.check, failure.message, scheduleText(failure.schedule)]).toEqual(['audit', 'money is lost', '0x1 k0'])
    expect(failure.trace).toBe('| move()\n|   [0] 0 => -1  move:1\n| † killed')
    expect(failure.regression).toContain('explore(checked, program, { kills: 1 })')
  })

  it('shows what the code throws', () => {
    const { failure } = failingTo(counter('export function add(cells) { if (Atomics.add(cells, 0, 1) === 1) throw new RangeError(`too many`) }'))
    expect([failure.check, failure.message]).toEqual(['crash', expect.stringMatching(/^too many \(thread [01]\)$/)])
    expect(failure.trace).toMatch(/thread [01]: too many$/)
  })
})

describe('a run can be seen again', () => {
  afterEach(() => { vi.unstubAllEnvs(); vi.restoreAllMocks() })

  it('by its token: the same fault, and a trace', () => {
    const { failure } = failingTo(checked), again = failing(() => replay(checked, failure.token))
    expect([again.failure.check, again.failure.message, again.failure.trace, again.failure.schedule]).toEqual([failure.check, failure.message, failure.trace,
      failure.schedule])
    expect(again.failure.confirmation).toEqual({ confirmed: true, why: '' })
  })

  it('where it was fixed', () => {
    const { token } = failingTo(checked).failure
    expect(replay(fixed, token)).toMatchInlineSnapshot(`
      "| add()
      |   [0] 0 => 1  add:1
      |   = 0
      |                         add()
      |                           [0] 1 => 2  add:1
      |                           = 1"
    `)
  })

  it('to its end, though the schedule ends before', () => {
    expect(replay(fixed, toToken({ system: 'counter', program, schedule: [stepOf(1)] }))).toContain('= 1')
    expect(replay(fixed, toToken({ system: 'counter', program, schedule: parseSchedule('1x9 0x9') }))).toContain('= 1')
  })

  it('not by the token of another system', () => {
    const { token } = failingTo(checked).failure
    expect(() => replay(system({ ...checked, name: 'another' }), token)).toThrow(new TypeError('the token is of the system counter, not of another'))
    expect(() => replay(checked, `${token.slice(0, -5)}`)).toThrow(TypeError)
  })

  it('by the environment variable REPLAY, in whatever exploration of that system comes first', () => {
    const { failure } = failingTo(checked), quiet = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    vi.stubEnv('REPLAY', failure.token)
    expect(failing(() => explore(checked, { threads: [[['add']]] })).failure.trace).toBe(failure.trace)
    expect(explore(system({ ...fixed, name: 'another' }), program).verdict).toBe('exhaustive')
    expect(quiet).not.toHaveBeenCalled()
    expect(explore(fixed, program).verdict).toBe('exhaustive')
    expect(quiet.mock.calls[0]![0]).toContain('  thread 0  add()\n  thread 1  add()\n\n| add()')
    vi.stubEnv('REPLAY', '')
    expect(explore(checked, { threads: [[['add']]] }).verdict).toBe('exhaustive')
  })

  it('by the test that it comes with', () => {
    const { regression } = failingTo(checked, { prefix: [['add']], ...program }).failure
    const run = (of: System): string[] => {
      const results: string[] = [],
        it = (name: string, test: () =>
        void): void => { try { test(); results.push(`${name}: passes`) } catch (error) { results.push(`${name}: ${(error as Error).name}`) } }
      new Function('it', 'explore', 'replay', 'checked', regression)(it, (system: System, what: Program) => explore(system, what, { confirm: false }), replay,
        of)
      return results
    }
    expect(run(checked)).toEqual(['is right in every interleaving: CheckError', 'is right in the run that once failed: CheckError'])
    expect(run(fixed)).toEqual(['is right in every interleaving: passes', 'is right in the run that once failed: passes'])
    expect(regressionText(program, 'TOKEN', 0)).toBe([
      'const program = { prefix: [], threads: [[["add"]],[["add"]]] }',
      "it('is right in every interleaving', () => { explore(checked, program) })",
      "it('is right in the run that once failed', () => { replay(checked, 'TOKEN') })",
    ].join('\n'))
  })
})
