// What the player shows at a step, where its jumps lead, and how it lays words and machines out; all without a browser.

import { beforeAll, describe, expect, it } from 'vitest'
import { JUMPS, changeFrom, hasJump, jumpFrom, overOperation } from '../../../lib/diagrams/player/jumps'
import { clampStep, machineAt, momentAt } from '../../../lib/diagrams/player/state'
import type { Trace } from '../../../lib/diagrams/record'
import { brokenRun, counterRun, lightsRun, shippedRuns } from '../../support/runs'

let runs: Record<string, Trace>
beforeAll(() => { runs = { ...shippedRuns(), counter: counterRun(), lights: lightsRun(), broken: brokenRun() } })

const NAMES = ['empty-slot', 'reader-meets-prime', 'stalled-copier', 'killed-in-mid-copy', 'counter', 'lights', 'broken']
const steps = ({ accesses }: Trace): number[] => accesses.map((_, n) => n + 1)

describe('a moment', () => {
  it.each(NAMES)('of %s has the words as each access found and left them', name => {
    const trace = runs[name]!
    expect(momentAt(trace, 0).words).toEqual(trace.words.map(({ text, state }) => ({ text, state })))
    for (const step of steps(trace)) {
      const { word, seen, next, from, to, what } = trace.accesses[step - 1]!, before = momentAt(trace, step - 1).words, after = momentAt(trace, step).words
      if (what !== 'kill') expect([before[word], after[word]], `step ${step}`).toEqual([{ text: seen, state: from }, { text: next, state: to }])
      expect(after.filter((_, n) => n !== word)).toEqual(before.filter((_, n) => n !== word))
    }
  })

  it.each(NAMES)('of %s has each operation begin, end and answer at its accesses', name => {
    const trace = runs[name]!
    for (const [thread, calls] of trace.threads.entries()) {
      const own = trace.operations.filter(operation => operation.thread === thread)
      for (const step of [0, ...steps(trace)]) {
        const { calls: shown, last, next } = momentAt(trace, step).lanes[thread]!
        expect(shown.map(({ call }) => call)).toEqual(calls)
        shown.forEach(({ phase, answer }, n) => {
          const begun = own[n] !== undefined && own[n]!.from < step, over = begun && own[n]!.answer !== undefined && own[n]!.to < step
          expect([begun, over], `${name} ${step} ${thread} ${n}`).toEqual([phase !== 'later', phase === 'done'])
          expect(answer).toBe(over ? own[n]!.answer : undefined)
        })
        expect(trace.accesses.slice(last + 1, step).some(access => access.thread === thread && access.what !== 'kill')).toBe(false)
        if (next >= 0) expect([trace.accesses[next]!.thread, next >= step]).toEqual([thread, true])
      }
    }
  })

  it('tells how far each worker is', () => {
    const trace = runs.counter!, of = (step: number): string[] => momentAt(trace, step).lanes.map(({ status }) => status)
    const kill = trace.accesses.findIndex(({ what }) => what === 'kill')
    expect([of(0), of(1), of(3), of(kill), of(kill + 1), of(trace.accesses.length)]).toEqual([
      ['not begun', 'not begun'], ['running', 'not begun'], ['running', 'between operations'], ['between operations', 'between operations'],
      ['killed', 'between operations'], ['killed', 'done']])
    const killed = runs['killed-in-mid-copy']!
    expect(momentAt(killed, 141).lanes[0]).toMatchObject({ status: 'killed', calls: [{ call: 'finish()', phase: 'killed', answer: undefined }] })
    expect(momentAt(killed, 5).lanes[0]).toMatchObject({ status: 'running', calls: [{ phase: 'now' }] })
  })

  it('is one that the run has', () => {
    const trace = runs['empty-slot']!
    expect([-3, 0, 7.9, 54, 55, 1e9, NaN].map(step => clampStep(trace, step))).toEqual([0, 0, 7, 54, 54, 54, 0])
    expect([momentAt(trace, -1).step, momentAt(trace, 99).step, momentAt(trace, 0).access]).toEqual([0, 54, undefined])
  })

  it('shows the machine of the last word that has one worth seeing', () => {
    const trace = runs['stalled-copier']!, shown = (step: number): string => trace.machines[machineAt(trace, step)]!.word
    expect(shown(0)).toBe('value')
    for (const step of steps(trace)) {
      const { word, won } = trace.accesses[step - 1]!, kind = trace.words[word]!.kind!
      expect(shown(step)).toBe(kind === 'root' && !won ? shown(step - 1) : kind)
    }
    expect([machineAt(runs.counter!, 3), runs.lights!.machines[machineAt(runs.lights!, 0)]!.word]).toEqual([-1, 'light'])
  })
})

describe('a jump', () => {
  const jump = (trace: Trace, name: string): number[] => {
    const found: number[] = [], kind = JUMPS.find(one => one.name === name)!
    for (let step = jumpFrom(trace, 0, kind, true); step !== undefined; step = jumpFrom(trace, step, kind, true)) found.push(step)
    const back: number[] = []
    for (let step = jumpFrom(trace, trace.accesses.length + 1, kind, false); step !== undefined; step = jumpFrom(trace, step, kind, false)) back.unshift(step)
    expect(back).toEqual(found)
    expect(hasJump(trace, kind)).toBe(found.length > 0)
    return found
  }

  it.each([
    ['empty-slot', 'switch', [15, 29, 35]], ['empty-slot', 'lost swap', [35]], ['empty-slot', 'effect', [32, 52]], ['empty-slot', 'promotion', []],
    ['empty-slot', 'kill', []], ['stalled-copier', 'promotion', [91]], ['stalled-copier', 'lost swap', [95, 100, 102]], ['stalled-copier', 'illegal step', []],
    ['killed-in-mid-copy', 'kill', [27]], ['counter', 'lost swap', [4]], ['lights', 'illegal step', [8]],
  ])('in %s to each %s', (name, kind, wanted) => { expect(jump(runs[name]!, kind)).toEqual(wanted) })

  it('leads from change to change of a word', () => {
    const trace = runs['stalled-copier']!, word = trace.words.findIndex(({ name }) => name === 'A[1].value')
    const changes = trace.accesses.flatMap((access, n) => access.won && access.word === word ? [n + 1] : [])
    expect(changes.length).toBe(2)
    expect([0, changes[0]!, changes[1]!].map(step => changeFrom(trace, step, word, true))).toEqual([changes[0], changes[1], undefined])
    expect([trace.accesses.length, changes[1]!, changes[0]!].map(step => changeFrom(trace, step, word, false))).toEqual([changes[1], changes[0], undefined])
  })

  it('has a letter of its own', () => { expect(JUMPS.map(({ key }) => key).join('')).toBe('slepki') })
})

describe('over an operation', () => {
  it('forward leads to its end, wherever one is in it, and then over the next that goes on', () => {
    const trace = runs['empty-slot']!
    expect([0, 1, 5, 14, 34, 15, 35, 53, 54].map(step => overOperation(trace, step, true))).toEqual([34, 34, 34, 34, 54, 54, 54, 54, 54])
  })

  it('back leads to before it began', () => {
    const trace = runs['empty-slot']!
    expect([54, 35, 34, 14, 15, 1, 0].map(step => overOperation(trace, step, false))).toEqual([14, 14, 0, 0, 14, 0, 0])
  })

  it('of one that was killed stops before the kill, and steps over that alone', () => {
    const trace = runs['killed-in-mid-copy']!
    expect([3, 26, 27].map(step => overOperation(trace, step, true))).toEqual([26, 27, 70])
    expect([27, 26].map(step => overOperation(trace, step, false))).toEqual([26, 0])
  })

  it.each(NAMES)('of %s always comes to an end', name => {
    const trace = runs[name]!
    let forward = 0, back = trace.accesses.length
    for (let n = 0; n < trace.accesses.length + 1; n++) { forward = overOperation(trace, forward, true); back = overOperation(trace, back, false) }
    expect([forward, back]).toEqual([trace.accesses.length, 0])
  })
})
