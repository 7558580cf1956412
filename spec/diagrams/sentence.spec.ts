// Runs in words.

import { beforeAll, describe, expect, it } from 'vitest'
import type { Trace } from '../../lib/diagrams/record'
import { isIllegal, sentence } from '../../lib/diagrams/sentence'
import { brokenRun, counterRun, lightsRun, shippedRuns } from '../support/runs'

let runs: Record<string, Trace>
beforeAll(() => { runs = shippedRuns() })

const all = (trace: Trace): string[] => Array.from({ length: trace.accesses.length + 1 }, (_, n) => sentence(trace, n))
/** Lines of the kernel move whenever it changes. */
const plain = (text: string): string => text.replace(/line \d+/g, 'line 0')

describe('a step in words', () => {
  it('tells what was done before, and what is to be done', () => {
    expect(sentence(runs['empty-slot']!, 0)).toBe('The beginning. put(15, 1) is done before. Worker 0 is to do put(31, 2), worker 1 to do put(51, 3).')
    expect(sentence(runs['killed-in-mid-copy']!, 0)).toBe(
      'The beginning. put(15, 1), put(31, 1) and install(1) are done before. Worker 0 is to do finish(), worker 1 to do put(15, 5), put(31, 6) and get(15).')
    expect(sentence({ ...runs['empty-slot']!, prefix: [], threads: [[]] }, 0)).toBe('The beginning. Worker 0 is to do nothing.')
  })

  it('tells of reads, swaps won and swaps lost, and what the loser had seen', () => {
    const said = all(runs['empty-slot']!).map(plain)
    expect(said).toContain('Worker 0 begins put(31, 2). It reads root, which is table 2 (rootGeneration, line 0).')
    expect(said).toContain('Worker 0, in put(31, 2), swaps A[2].key from Empty to Key 31: claim (insert, line 0).')
    expect(said).toContain('Worker 1, in put(51, 3), tries to swap A[2].key from Empty to Key 51 and loses: it is Key 31 already (insert, line 0).')
    expect(said).toContain('Worker 1, in put(51, 3), adds to [2056]: 0n becomes 1n (addSize, line 0).')
  })

  it('tells where an operation takes effect, and what it answers', () => {
    expect(all(runs['empty-slot']!).map(plain)).toEqual(expect.arrayContaining([
      'Worker 0, in put(31, 2), swaps A[2].value from Empty to Value 2: insert (writeSlot, line 0). Here put(31, 2) takes effect (put of an absent key).',
      'Worker 1, in put(51, 3), reads root, which is table 2 (rootGeneration, line 0). put(51, 3) is done.']))
    const read = all(runs['reader-meets-prime']!).filter(text => text.includes('get(15) answers 1') || text.includes('This settles'))
    expect(read.join(' ')).toMatch(/reads A\[1\]\.value, which is Prime 1 .* This settles what get\(15\) answers\..*get\(15\) answers 1\./)
  })

  it('tells of a kill in an operation, and of one between two', () => {
    const killed = runs['killed-in-mid-copy']!, n = killed.accesses.findIndex(({ what }) => what === 'kill')
    expect(sentence(killed, n + 1)).toBe('Worker 0 is killed in the middle of finish(). It takes no further step, and nobody tells the others.')
    expect(all(counterRun())).toContain('Worker 0 is killed before it begins add().')
    expect(sentence({ ...counterRun(), threads: [[], []] }, counterRun().accesses.findIndex(({ what }) => what === 'kill') + 1)).toBe('Worker 0 is killed when all is done.')
  })

  it('needs neither names nor steps of a system', () => {
    const said = all(counterRun())
    expect(said).toContain('Worker 0, in add(), tries to swap [0] from 0 to 1 and loses: it is 1 already (add, line 3).')
    expect(said).toContain('Worker 1, in add(), swaps [0] from 0 to 1 (add, line 3). Here add() takes effect. add() answers 0.')
    expect(said).toContain('Worker 1 begins other(). It writes 7 into [1], which was 0 (other, line 5).')
    expect(said).toContain('Worker 1, in other(), exchanges what is in [1] for 8, which was 7 (other, line 5).')
    expect(said).toContain('Worker 1, in other(), exchanges what is in [1] for 8, which was that already (other, line 5).')
    expect(said.at(-1)).toBe('Worker 1, in other(), adds nothing to [0], which stays 2 (other, line 5). This settles what other() answers. other() answers 2.')
  })

  it('tells of a word that looks as it did when it was lost, and of one that its thread had not seen', () => {
    const trace = counterRun(), n = trace.accesses.findIndex(({ what, won }) => what === 'swap' && !won)
    const changed = (change: object): Trace => ({ ...trace, accesses: trace.accesses.map((access, at) => at === n ? { ...access, ...change } : access) })
    expect(sentence(changed({ seen: '0' }), n + 1)).toContain('and loses: it has changed since, though it is 0 again')
    expect(sentence(changed({ word: 1, wanted: undefined }), n + 1)).toContain('tries to swap [1] to another word and loses')
  })

  it('tells whose operation another worker brings to its effect', () => {
    const trace = lightsRun(), point = trace.operations[1]!.point
    const helped = { ...trace, operations: trace.operations.map((operation, n) => n === 0 ? { ...operation, point } : operation) }
    expect(sentence(helped, point + 1)).toContain('Here worker 0\'s change(39, 1) takes effect (change). Here change(39, 1) takes effect (change).')
  })

  it('ends with what the code threw', () => {
    const trace = brokenRun()
    expect(sentence(trace, trace.accesses.length)).toBe(
      'Worker 0, in add(), swaps [0] from 0 to 1 (add, line 3). Here add() takes effect. add() answers 0. Then the code throws; thread 0: it broke.')
  })

  it('refuses a step that is not there', () => {
    for (const n of [-1, 55, 0.5, NaN]) expect(() => sentence(runs['empty-slot']!, n), `${n}`).toThrow(RangeError)
  })
})

it('knows which change no step of the system is', () => {
  const trace = lightsRun(), illegal = trace.accesses.filter(access => isIllegal(trace, access))
  expect(illegal.map(({ thread, from, to }) => [thread, from, to])).toEqual([[3, 'Green', 'Red']])
  expect(sentence(trace, trace.accesses.indexOf(illegal[0]!) + 1))
    .toMatch(/^Worker 3, in change\(39, 0\), swaps crossing\[39\] from Green to Red \(change, line 2\)\. That is no legal step\. /)
  for (const run of [...Object.values(runs), counterRun()]) expect(run.accesses.filter(access => isIllegal(run, access))).toEqual([])
})
