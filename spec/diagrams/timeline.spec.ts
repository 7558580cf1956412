import { describe, expect, it } from 'vitest'
import { direct } from '../../lib/diagrams/direct'
import { checkTrace, record } from '../../lib/diagrams/record'
import { recordRaces } from '../../lib/diagrams/races'
import { toSvg } from '../../lib/diagrams/timeline'
import { mapSystem } from '../../lib/harness/map/system'
import { op, system } from '../../lib/harness/system'
import { stepOf } from '../../lib/harness/world'

const built = (file: string): URL => new URL(`../../build/${file}`, import.meta.url)
const MAP = mapSystem({ code: built('release/kernel.js'), driver: built('harness/map-driver.js') }), RACES = recordRaces(MAP)
/** An algorithm that tells nothing of its words. */
const BARE = system({ name: 'bare', memory: 64, ops: { bump: op() }, code: { source: `export function instantiate(cells) {
  function bump() { for (;;) { const n = Atomics.load(cells, 3); if (Atomics.compareExchange(cells, 3, n, n + 1) === n) return n } }
  return { bump }
}` } })
const BUMPS = { threads: [[['bump']], [['bump']]] } as const

describe('a recorded run', () => {
  it('tells each operation: when it began, when it took effect, when it ended, and what it answered', () => {
    const { operations, accesses, words } = RACES['killed-in-mid-copy']!
    expect(operations.map(({ thread, call, answer, killed }) => [thread, call, answer, killed]))
      .toEqual([[0, 'finish()', undefined, true], [1, 'put(15, 5)', '1', false], [1, 'put(31, 6)', '1', false], [1, 'get(15)', '5', false]])
    const effects = operations.map(({ point }) => point < 0 ? undefined : [words[accesses[point]!.word]!.name, accesses[point]!.step?.name])
    expect(effects).toEqual([undefined, ['B[-5].value', 'update'], ['B[-4].value', 'update'], ['B[-5].value', undefined]])
    for (const { from, to, point } of operations.filter(({ point: at }) => at >= 0)) expect([point >= from, point <= to]).toEqual([true, true])
  })

  it('gives an operation that another finishes the point at which that happened', () => {
    const trace = record(MAP, { threads: [[['clear']], [['clear']]] }, direct(MAP, { threads: [[['clear']], [['clear']]] }, [[0, { before: 'swing' }], [1, 'end'], [0, 'end']]))
    const [first] = trace.operations, { thread, step } = trace.accesses[first!.point]!
    expect([first!.call, thread, step?.name]).toEqual(['clear()', 1, 'promote'])
  })

  it('is the same run again: words and answers follow from its accesses', () => {
    for (const { words, accesses } of Object.values(RACES)) {
      const now = words.map(({ text }) => text)
      for (const { word, seen, next, what } of accesses) {
        if (what === 'kill') continue
        expect(now[word]).toBe(seen)
        now[word] = next
      }
    }
  })

  it('is plain data, and is read back from its file', () => {
    for (const trace of Object.values(RACES)) expect(checkTrace(JSON.stringify(trace))).toEqual(JSON.parse(JSON.stringify(trace)))
    expect(() => checkTrace('{')).toThrow('this is no trace file: it is not JSON')
    expect(() => checkTrace('null')).toThrow("its format must be 'nonblocking-map trace'")
    expect(() => checkTrace('{"format":"nonblocking-map trace","version":7}')).toThrow('version 7, this library understands version 1: record it again')
  })

  it('is told leg by leg, and a leg that never ends is an error', () => {
    expect(direct(BARE, BUMPS, [[0, { accesses: 1 }], [1, 'answer'], [0, 'end']])).toEqual([0, 1, 1, 0, 0, 0].map(stepOf))
    expect(() => direct(BARE, BUMPS, [[0, { before: 'nothing' }]])).toThrow('thread 0 never gets to nothing')
  })
})

describe('a space-time diagram', () => {
  const textOf = (svg: string): string => svg.replace(/<(style|desc|title)[^]*?<\/\1>/g, '').replace(/<[^>]+>/g, '\n')

  it.each(Object.entries(RACES))('of %s shows every change, every swap that was lost, every kill and every point', (_, trace) => {
    const svg = toSvg(trace), text = textOf(svg), count = (part: string): number => svg.split(part).length - 1
    const changes = trace.accesses.filter(({ won, what }) => won && what !== 'add'), lost = trace.accesses.filter(({ won, what }) => !won && what === 'swap')
    for (const { word, seen, next } of changes) expect(text).toContain(`${trace.words[word]!.name}  ${seen} → ${next}`)
    for (const { word, seen } of lost) expect(text).toContain(`${trace.words[word]!.name}: lost, it is ${seen}`)
    expect(count('takes effect here</title>')).toBe(trace.operations.filter(({ point }) => point >= 0).length)
    expect(count('killed here')).toBe(trace.accesses.filter(({ what }) => what === 'kill').length)
    for (const { call } of trace.operations) expect(text).toContain(call)
    // A mark for each access; the legend has three circles of its own, and a swap that was lost is one too.
    expect(count('<circle')).toBe(trace.accesses.filter(({ what }) => what !== 'kill').length + 3)
    expect(svg).toContain('prefers-color-scheme: dark')
  })

  it('leaves nothing outside the picture', () => {
    for (const trace of Object.values(RACES)) {
      const svg = toSvg(trace), [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!
      const xs = [...svg.matchAll(/ x="([\d.-]+)"/g)].map(([, x]) => Number(x)), ys = [...svg.matchAll(/ y="([\d.-]+)"/g)].map(([, y]) => Number(y))
      expect([Math.min(...xs) >= 0, Math.max(...xs) < Number(width), Math.min(...ys) >= 0, Math.max(...ys) < Number(height)]).toEqual([true, true, true, true])
    }
  })

  it('is drawn of a system that tells nothing of its words, too', () => {
    const svg = toSvg(record(BARE, BUMPS, direct(BARE, BUMPS, [[0, { accesses: 1 }], [1, 'end'], [0, 'end']])))
    expect(textOf(svg)).toContain('[3]: lost, it is 1')
  })
})
