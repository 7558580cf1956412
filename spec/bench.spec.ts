// The parts of the benchmark that have a right answer: histograms, fits, goals, charts, the lock-based map; and that every
// scenario is there. What it measures is nobody's to assert.

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { GOALS, QUICK_MARGIN, evaluate } from '../bench/goals.mjs'
import { ratioChart, scalingChart, tailChart, wrap } from '../bench/lib/chart.mjs'
import { Crew, WrongAnswers } from '../bench/lib/driver.mjs'
import { fitScaling, speedupOf } from '../bench/lib/fit.mjs'
import { Histogram, bucketOf, topOf } from '../bench/lib/histogram.mjs'
import { TEXTS, entryOfRank, indices, isRight, keyMaker, valueAt, writeFlags } from '../bench/lib/keys.mjs'
import { duration, median, ratioOfRounds, three, valueText } from '../bench/lib/numbers.mjs'
import { KEYS, Ledger, WORDS, codeOf, keyOf } from '../bench/lib/ledger.mjs'
import { pageOf } from '../bench/lib/page.mjs'
import { markdownTable, reportText, textTable } from '../bench/lib/report.mjs'
import { KINDS, Lab, WAYS, bytesAt, churn, creepUp, growOne, leftOut, refillEmptied, refillThinned, usableShare } from '../bench/lib/refill.mjs'
import { inThread } from '../bench/lib/single.mjs'
import { LockedMap, createLocked } from '../bench/rivals/locked-map.mjs'
import { Random } from './support/kernels'

const RUN = fileURLToPath(new URL('../bench/run.mjs', import.meta.url))

describe('the histogram', () => {
  it('puts every number into a bucket that is at most a 64th wide', () => {
    for (let ns = 0; ns < 2 ** 31; ns = Math.max(ns + 1, Math.floor(ns * 1.0173))) {
      const top = topOf(bucketOf(ns)), next = bucketOf(top + 1)
      expect(top).toBeGreaterThanOrEqual(ns)
      expect(top - ns).toBeLessThanOrEqual(ns / 64)
      if (top + 1 < 2 ** 31) expect(next).toBe(bucketOf(ns) + 1)
    }
  })

  it('gives the percentiles of what it was told, at most a 64th too large', () => {
    const random = new Random(7), histogram = new Histogram(), exact: number[] = []
    for (let n = 0; n < 50_000; n++) {
      const ns = Math.floor(Math.exp(random.below(1000) / 1000 * 18)) + random.below(50)
      exact.push(ns)
      histogram.record(ns / 1e6)
    }
    exact.sort((a, b) => a - b)
    for (const percent of [1, 50, 90, 99, 99.9, 99.99]) {
      const wanted = exact[Math.max(1, Math.ceil(exact.length * percent / 100)) - 1]!, found = histogram.percentile(percent)
      // A duration passes through milliseconds as a float: it may lose one nanosecond.
      expect(found).toBeGreaterThanOrEqual(wanted - 1)
      expect(found).toBeLessThanOrEqual(wanted * (1 + 1 / 64) + 1)
    }
    expect([histogram.count, Math.abs(histogram.percentile(100) - exact.at(-1)!) <= 1]).toEqual([50_000, true])
  })

  it('is the sum of its parts', () => {
    const one = new Histogram(), other = new Histogram(), all = new Histogram()
    for (let n = 0; n < 1000; n++) {
      (n % 3 === 0 ? one : other).record(n * n / 1e6)
      all.record(n * n / 1e6)
    }
    expect(Histogram.from(structuredClone(one.plain)).merge(other)).toEqual(all)
  })
})

describe('the fit', () => {
  it('finds the serial fraction of two points', () => {
    expect(fitScaling([[1, 1], [2, 2]]).serial).toBeCloseTo(0)
    expect(fitScaling([[1, 1], [2, 1]]).serial).toBeCloseTo(1)
    expect(fitScaling([[1, 1], [2, 1.9]])).toEqual({ serial: expect.closeTo(0.0526, 3), coherence: 0 })
  })

  it('finds both numbers of a law from more', () => {
    const law = { serial: 0.07, coherence: 0.004 }, fit = fitScaling([1, 2, 4, 8, 16].map(count => [count, speedupOf(law, count)]))
    expect([fit.serial, fit.coherence]).toEqual([expect.closeTo(law.serial, 6), expect.closeTo(law.coherence, 6)])
  })

  it('has nothing to say about one worker, and no coherence below 0', () => {
    expect(fitScaling([[1, 1]]).serial).toBeNaN()
    expect(fitScaling([[1, 1], [2, 1.5], [4, 3.5]])).toEqual({ serial: expect.closeTo(0.076, 2), coherence: 0 })
  })
})

describe('numbers', () => {
  it('are medians', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, NaN])
    expect(ratioOfRounds([10, 20, 90], [5, 10, 30])).toBe(2)
  })

  it('are written with three digits and a unit', () => {
    expect([1234, 123.4, 12.34, 1.234, 0.01234, 0].map(three)).toEqual(['1234', '123', '12.3', '1.23', '0.0123', '0.00'])
    expect([12, 12_300, 12_300_000].map(duration)).toEqual(['12.0 ns', '12.3 us', '12.3 ms'])
    expect(valueText({ value: 1.5, unit: 'x' })).toBe('1.50 x')
  })
})

describe('keys and values', () => {
  it('are different for different entries, and of the length they say', () => {
    for (const [length, keyOf] of Object.entries(TEXTS) as [string, (index: number) => string][]) {
      expect([0, 1, 999_999].map(index => keyOf(index).length)).toEqual(Array(3).fill(Number(length)))
      expect(new Set(Array.from({ length: 5000 }, (_, index) => keyOf(index))).size).toBe(5000)
    }
    expect(new Set(Array.from({ length: 100_000 }, (_, index) => keyMaker('integer')(index))).size).toBe(100_000)
  })

  it('tell a wrong value from a right one, whatever its version', () => {
    for (const version of [0, 1, 127, 128, 300]) expect(isRight(77, valueAt(77, version))).toBe(true)
    expect([isRight(77, valueAt(78, 0)), isRight(0, undefined)]).toEqual([false, false])
  })

  it('are asked for as often as the distribution says', () => {
    const count = 1000, length = 200_000, seen = { zipf: [0, 0], uniform: [0, 0] }
    const harmonic = Array.from({ length: count }, (_, rank) => (rank + 1) ** -0.99).reduce((a, b) => a + b)
    for (const name of ['zipf', 'uniform'] as const) {
      const entries = [0, 1].map(rank => entryOfRank(rank, count))
      for (const index of indices(name, count, 5, length)) if (entries.includes(index)) seen[name][entries.indexOf(index)]!++
    }
    expect(new Set(Array.from({ length: count }, (_, rank) => entryOfRank(rank, count))).size).toBe(count)
    expect(seen.zipf.map(times => times / length * harmonic)).toEqual([expect.closeTo(1, 1), expect.closeTo(2 ** -0.99, 1)])
    expect(seen.uniform.map(times => times / length * count)).toEqual([expect.closeTo(1, 0), expect.closeTo(1, 0)])
    expect(writeFlags(5, 3, length).reduce((a, b) => a + b, 0) / length).toBeCloseTo(0.05, 2)
  })
})

/** What a run would measure. */
const cases = execFileSync(process.execPath, [RUN, '--list'], { encoding: 'utf8' }).split('\n').filter(Boolean).map(line => line.replace(/ {2}\(quick\)$/, ''))

describe('the goals', () => {
  const figures = (value: number, unit: string): object[] => GOALS.map(goal => ({ id: goal.figure, value, unit, note: '' }))

  it('are met, missed, or not measured', () => {
    const of = (found: object[], margin = 0): string[] => evaluate(found, margin).map(({ met }) => met)
    expect(new Set(of([]))).toEqual(new Set(['not measured']))
    const at = (least: number, most: number): object[] =>
      GOALS.map(({ figure, atLeast, atMost }) => ({ id: figure, value: atLeast === undefined ? atMost! * most : atLeast * least, unit: 'x', note: '' }))
    expect(new Set(of(at(5, 1)))).toEqual(new Set(['yes']))
    expect(new Set(of(at(0.99, 1.01)))).toEqual(new Set(['NO']))
    expect(of(figures(1.55, 'x'))[0]).toBe('yes, not what is wanted')
    expect([of(figures(1.2, 'x'), QUICK_MARGIN)[0], of(figures(0.9, 'x'), QUICK_MARGIN)[0]]).toEqual(['within the margin', 'NO'])
  })

  it('look at figures of cases that there are', () => {
    const lost = GOALS.filter(({ figure }) => !cases.some(name => figure.replace('.', '/').startsWith(name)))
    expect(lost.map(({ figure }) => figure)).toEqual([])
  })
})

/** The first thing that is not well-formed in a text of elements, or ''. */
function malformed(document: string): string {
  const text = document.replace(/<!doctype html>|<style>[^]*?<\/style>/g, ''), open: string[] = []
  for (const [tag, end, name, attributes, empty] of text.matchAll(/<(\/?)([a-zA-Z0-9]+)((?:\s[^<>]*?)?)(\/?)>/g)) {
    if (!/^(\s+[\w:-]+(="[^"<]*")?)*\s*$/.test(attributes!)) return tag
    if (end === '/') { if (open.pop() !== name) return tag }
    else if (empty !== '/') open.push(name!)
  }
  const between = text.replace(/<\/?[a-zA-Z0-9]+(\s[^<>]*)?>/g, '')
  return open.length > 0 ? `<${open.join('><')}> stay open` : /[<>]|&(?!#\d+;)/.exec(between)?.[0] ?? ''
}

describe('charts', () => {
  const long = 'slower '.repeat(30).trim()
  const rows = [{ label: 'a < b & "c"', value: 3, text: '3.00 x' }, { label: long, value: 0.1, text: '0.100 x' }, { label: 'far', value: 5000, text: '5000 x' }]
  const drawings = [
    ratioChart('ratios', rows),
    tailChart('tails', { ours: [[50, 100], [99.9, 5e3], [100, 2e7]], theirs: [[50, 80], [100, 3]] }),
    scalingChart('scaling', { mix: [[1, 1], [2, 1.9], [4, 3.5]] }),
  ]

  it('are well-formed, with every number a number', () => {
    expect(drawings.map(malformed)).toEqual(['', '', ''])
    for (const drawing of drawings) expect(drawing).not.toMatch(/NaN|Infinity|undefined/)
    expect(malformed('<svg><g></svg>')).not.toBe('')
    expect(malformed('<svg>a & b</svg>')).not.toBe('')
  })

  it('have labels that fit, each on a line of its own', () => {
    expect(wrap(long).every(line => line.length <= 84)).toBe(true)
    const lines = [...drawings[0]!.matchAll(/<text x="560" y="([\d.]+)"/g)].map(([, y]) => Number(y))
    expect(lines.length).toBeGreaterThan(4)
    for (let n = 1; n < lines.length; n++) expect(lines[n]! - lines[n - 1]!).toBeGreaterThanOrEqual(13)
  })

  it('point to the right for more than 1 and to the left for less', () => {
    const drawn = [...drawings[0]!.matchAll(/<rect x="([\d.]+)" .*? width="([\d.]+)" .*? class="(\w+)"/g)]
    const bars = drawn.map(([, x, width, name]) => ({ x: Number(x), width: Number(width), name }))
    expect(bars.map(({ name }) => name)).toEqual(['for', 'against', 'for'])
    expect([bars[0]!.x, bars[1]!.x + bars[1]!.width]).toEqual([bars[2]!.x, expect.closeTo(bars[0]!.x, 0)])
  })
})

describe('the report', () => {
  const figures = [
    { id: 'mix.a', what: 'a | b', value: 2, unit: 'x', note: '1 ns' },
    { id: 'latency.growth/p99.9', what: 'tail', value: 30_000, unit: 'ns', note: '' },
  ]
  const results = {
    command: 'npm run bench', date: 'today', node: 'v20', processor: 'some', cores: 2, seconds: 1, figures, goals: evaluate(figures), failures: [{ name: 'x', why: 'it <broke>' }],
    curves: { SharedMap: [[50, 100], [100, 1e6]] }, scaling: { mix: [[1, 1], [2, 1.9]] },
    rivals: [], missing: [{ file: 'ems', reason: 'no compiler' }], remarks: [['lmdb', 'broke']],
  }
  const scenarios = [{ name: 'mix', title: 'Mix', about: 'What it is.' }, { name: 'latency', title: 'Latency', about: 'Times.' }]

  it('has every figure, what failed and the goals', () => {
    expect(reportText(results, scenarios)).toMatch(/Mix\n===[^]*a \| b +2\.00 x +1 ns[^]*it <broke>[^]*p99\.9 of an insert.*30\.0 us +<= 20\.0 us +NO/)
    expect(markdownTable(['a', 'b'], [['1|2', '3']])).toBe('| a | b |\n| --- | --- |\n| 1\\|2 | 3 |')
    expect(textTable(['a', 'b'], [['long', 'x']])).toBe('a     b\n----  -\nlong  x')
  })

  it('is a page that needs nothing else', () => {
    const page = pageOf(results, scenarios)
    expect(malformed(page)).toBe('')
    expect(page).toContain('prefers-color-scheme: dark')
    expect(page.match(/https?:[^"']*/g)?.filter(address => address !== 'http://www.w3.org/2000/svg')).toEqual([])
  })
})

describe('the lock-based map', () => {
  it('does what a Map does, for integers and strings, while it grows', () => {
    const random = new Random(), map = new LockedMap(createLocked({ byteLength: 1 << 24 })), model = new Map<unknown, number>(), differences: unknown[] = []
    const compare = (key: unknown, found: unknown, wanted: unknown): void => { if (found !== wanted) differences.push([key, found, wanted]) }
    for (let n = 0; n < 100_000; n++) {
      const number = random.below(2000), key = n % 2 === 0 ? number - 1000 : `key ${'x'.repeat(number % 50)} ${number}`, value = random.below(1000)
      const what = random.below(4)
      if (what === 0) compare(key, map.delete(key), model.delete(key))
      else if (what === 1) compare(key, map.get(key), model.get(key))
      else if (what === 2) { map.set(key, value); model.set(key, value) } else compare(key, map.add(key, 3), model.set(key, (model.get(key) ?? 0) + 3).get(key))
    }
    for (const [key, value] of model) compare(key, map.get(key), value)
    expect([differences, map.size, model.size > 2000]).toEqual([[], model.size, true])
  })

  it('says when its memory is used up, and is not left locked', () => {
    const map = new LockedMap(createLocked({ byteLength: 4096 }))
    expect(() => { for (let n = 0; n < 1000; n++) map.set(n, n) }).toThrow('used up')
    expect(map.get(0)).toBe(0)
  })
})

class NoMemory extends Error {}

/** A map whose memory is counted and never broken into pieces. What is wrong with it is asked for: memory that stays, a value that is another's. */
class Counted {
  readonly held = new Map<unknown, unknown>()
  used = 0
  constructor(readonly limit: number, readonly wrong: '' | 'keeps' | 'confuses' | 'forgets') {}
  bytesOf(value: any): number { return value === undefined ? 0 : 16 + (typeof value === 'number' ? 0 : value.length) }
  get size(): number { return this.held.size }
  get(key: unknown): unknown { return this.held.get(this.wrong === 'confuses' && key === 3 ? 4 : key) }
  keys(): Iterable<unknown> { return this.held.keys() }
  stats(): object { return { memory: { used: this.used } } }
  detach(): void { this.held.clear() }
  set(key: unknown, value: unknown): void {
    // Both are there for a moment.
    if (this.used + this.bytesOf(value) > this.limit) throw new NoMemory()
    this.used += this.bytesOf(value) - this.bytesOf(this.held.get(key))
    this.held.set(key, value)
    if (this.wrong === 'forgets' && this.held.size === 20) this.held.delete(key)
  }
  delete(key: unknown): boolean {
    if (this.wrong !== 'keeps') this.used -= this.bytesOf(this.held.get(key))
    return this.held.delete(key)
  }
  clear(): void { for (const key of this.held.keys()) this.delete(key) }
}

describe('what is measured of memory that comes back', () => {
  const SIZE = 1 << 18, ways = Object.keys(WAYS), kinds = Object.keys(KINDS).filter(kind => KINDS[kind].bytes < 100_000)
  const labOf = (wrong: Counted['wrong']): any =>
    new Lab({ SharedMap: { create: ({ maxByteLength }: { maxByteLength: number }) => new Counted(maxByteLength, wrong) }, OutOfMemoryError: NoMemory })
  const pairs = kinds.flatMap(a => kinds.map(b => [a, b] as const))

  it('is all, of a map that loses nothing', () => {
    const lab = labOf('')
    for (const [n, [a, b]] of pairs.entries()) {
      const { held, wanted } = refillThinned(lab, SIZE, a, b)
      expect(refillEmptied(lab, SIZE, a, b, ways[n % 4]).share).toBe(1)
      // A fresh map holds whole ones: it may have had room for a part of another of either kind.
      expect(held).toBeGreaterThanOrEqual(wanted)
      expect((held - wanted) * (16 + KINDS[b].bytes)).toBeLessThan(32 + KINDS[a].bytes + KINDS[b].bytes)
    }
    // Half, for the old value and the new one are both there.
    expect(growOne(lab, SIZE, 64)).toBe(SIZE / 2)
    expect(creepUp(lab, SIZE, { keys: 20, most: 100 }).share).toBeGreaterThan(0.95)
    const { failures, growth, live } = churn(lab, 4 * SIZE, { writes: 10_000, window: 1000 })
    expect([failures, growth, live]).toEqual([0, expect.closeTo(1, 1), expect.closeTo(0.6, 1)])
    for (const kind of kinds) expect(usableShare(lab, SIZE, kind).share).toBeGreaterThan(0.95)
  })

  it('is nothing, of a map that keeps the memory of what was deleted', () => {
    const lab = labOf('keeps')
    for (const [n, [a, b]] of pairs.entries()) {
      // What the last entry of the one kind left may have room for some of another.
      expect(refillEmptied(lab, SIZE, a, b, ways[n % 4]).held * (16 + KINDS[b].bytes)).toBeLessThan(16 + KINDS[a].bytes)
    }
    expect(churn(lab, 4 * SIZE, { writes: 10_000, window: 1000 }).failures).toBeGreaterThan(0)
  })

  it('leaves out, with why, what does not fit', () => {
    const lab = labOf('')
    expect([leftOut(lab, SIZE, '1 kB', '1 MB'), leftOut(lab, SIZE, '100 kB', '1 kB', 10), leftOut(lab, SIZE, '100 kB', '1 kB')]).toEqual([
      'a fresh map holds no value of 1 MB', 'a fresh map holds fewer than 10 of 100 kB', undefined,
    ])
  })

  it('is nothing at all where an answer is wrong', () => {
    for (const wrong of ['confuses', 'forgets'] as const) {
      for (const kind of kinds) expect(() => labOf(wrong).fresh(SIZE, kind), `${wrong} ${kind}`).toThrow(/wrong value|in place of/)
      expect(() => churn(labOf(wrong), 4 * SIZE, { writes: 10_000, window: 1000 })).toThrow(/wrong value|not found/)
    }
  })
})

describe('what workers that are terminated have written', () => {
  /** Sixty writes in turn of fifteen keys, the last but one of which goes its own way. */
  function written(last: (held: Map<unknown, any>, key: unknown, value: any) => unknown): any {
    const held = new Map<unknown, any>(), words = new Int32Array(new SharedArrayBuffer((WORDS + KEYS * 2) * 4))
    let writes = 0
    const set = (key: unknown, value: any): void => { if (++writes === 59) last(held, key, value); else held.set(key, value) }
    const ledger = new Ledger({ set, get: (key: unknown) => held.get(key), delete: (key: unknown) => held.delete(key) }, words, 0, 16, 20_000)
    for (let n = 0; n < 60; n++) ledger.write(n % 15, codeOf(n * 999, 100 + n * 7))
    return ledger
  }
  const checkAll = (ledger: any): number[] => Array.from({ length: 16 }, (_, n) => ledger.check(n))
  const asItShould = (held: Map<unknown, any>, key: unknown, value: any): unknown => held.set(key, value)

  it('is right as it was written, and wrong where it was lost, is old, or has one byte of another', () => {
    expect(checkAll(written(asItShould))).toEqual(Array.from({ length: 16 }, (_, n) => n < 15 ? 100 + (n + 45) * 7 : -1))
    expect(() => checkAll(written(() => {}))).toThrow('key 13 of lane 0')
    expect(() => checkAll(written((held, key) => held.delete(key)))).toThrow('key 13 of lane 0: nothing')
    const torn = (value: Uint8Array): Uint8Array => value.map((byte, at) => at === 500 ? byte ^ 1 : byte)
    expect(() => checkAll(written((held, key, value) => held.set(key, torn(value))))).toThrow('key 13 of lane 0')
  })

  it('is settled where a kill has left it in doubt: the old value or the new one, and no third', () => {
    const ledger = written(asItShould), { map } = ledger, size = 100 + 48 * 7
    /** A worker that is terminated has no time to take back what it planned. */
    const plan = (code: number): void => { Atomics.store(ledger.words, ledger.at + 3 * 2 + 1, code) }
    plan(codeOf(5, 50))
    ledger.settle()
    expect(ledger.check(3)).toBe(size)
    plan(codeOf(5, 50))
    map.set(keyOf(0, 3), bytesAt(5, 50))
    ledger.settle()
    expect(ledger.check(3)).toBe(50)
    plan(codeOf(6, 60))
    map.set(keyOf(0, 3), bytesAt(7, 60))
    expect(() => ledger.settle()).toThrow('neither what it held nor what was being written')
  })
})

describe('a crew', () => {
  let crew: Crew | undefined
  afterEach(() => crew?.close())

  it.each(['locked', 'ours'])('loses no increment of two workers, and no entry of a growing map: %s', async file => {
    crew = await Crew.start(file, 2)
    await crew.create({ entries: 10, keys: 'string', presized: false })
    const { all, seconds } = await crew.rate('increment', { keys: 'string', entries: 500, operations: 50_000 })
    expect([all.map(({ operations }: { operations: number }) => operations), seconds > 0]).toEqual([[50_000, 50_000], true])
    expect((await crew.run([{ job: 'total', parameters: { keys: 'string', entries: 500 } }])).all[0]).toMatchObject({ sum: 100_000 })
    await crew.create({ entries: 30_000, keys: 'integer', presized: false })
    await crew.rate('insert', { keys: 'integer', to: 30_000 })
    expect((await crew.run([{ job: 'verify', parameters: { keys: 'integer', to: 30_000 } }])).all[0]).toMatchObject({ misses: 0, wrong: 0, size: 30_000 })
  })

  it('ends the run when a map has lost entries', async () => {
    crew = await Crew.start('ours', 1)
    await crew.create({ entries: 100, keys: 'integer' })
    await crew.run([{ job: 'insert', parameters: { keys: 'integer', to: 99 } }])
    const { all } = await crew.run([{ job: 'verify', parameters: { keys: 'integer', to: 100 } }])
    expect(() => crew!.check(all)).toThrow(WrongAnswers)
    expect(() => crew!.check([{ misses: 0, wrong: 0 }])).not.toThrow()
  })

  it('stops what runs until it is stopped, and tells of what fails', async () => {
    crew = await Crew.start('ours', 2)
    await crew.create({ entries: 1000, keys: 'integer' })
    const { all } = await crew.run([{ job: 'insert', parameters: { keys: 'integer', to: 1000 } }, { job: 'control', parameters: { untilStopped: true } }])
    expect([all[0].operations, Histogram.from(all[1].histogram).count === all[1].operations]).toEqual([1000, true])
    await expect(crew.run([{ job: 'mix', parameters: { keys: 'no such kind', length: 1, entries: 10, operations: 1 } }])).rejects.toThrow('not a function')
  })
})

describe('the scenarios', () => {
  it('are those that were asked for', () => {
    const wanted = [
      ...[0, 5, 50, 100].flatMap(writes => [`mix/integers/1000000/${writes}% writes/uniform`, `mix/workers/integers/${writes}% writes`]),
      'mix/integers/1000/', 'mix/integers/100000/', 'mix/integers/10000000/', '/zipf/',
      ...[8, 19, 40].flatMap(length => [`mix/strings of ${length}/100000/fresh`, `mix/strings of ${length}/100000/reused`]),
      'mix/values/text16', 'mix/values/text200', 'mix/values/object', 'mix/workers/strings',
      'resize/growth/4 million, one worker', 'resize/growth/4 million, two workers', 'resize/reads during growth', 'resize/reads and inserts during growth',
      'resize/many resizes', 'latency/growth', 'latency/reads during growth',
      'contention/all workers on one key', 'contention/increments on 1 key', 'contention/increments on 16 keys', 'contention/increments on 1000 keys',
      'contention/insert and delete churn', 'bulk/getMany', 'bulk/setMany',
      'memory/presized', 'memory/grown', 'memory/after deleting 90 %', 'memory/after churn', 'memory/refill/all deleted', 'memory/refill/a tenth left',
      'memory/refill/one growing value', 'memory/refill/creeping sizes', 'memory/refill/churn', 'memory/refill/usable share', 'memory/refill/kills',
      'startup/create and attach', 'startup/size',
      'rivals/integers/2 workers', 'rivals/strings/2 workers', 'rivals/integers/one worker', 'rivals/strings/one worker', 'rivals/inserts by all workers',
      'backends/integer get', 'backends/together', 'reclamation/javascript', 'reclamation/wasm', 'scaling/serial fraction', 'scaling/cache lines written',
    ]
    expect(wanted.filter(name => !cases.some(entry => entry.includes(name)))).toEqual([])
  })

  it('count no shared cache line for a read, and one for a write of an existing key', async () => {
    const { lines, wrong } = await inThread('lines', { entries: 200 })
    for (const operations of Object.values(lines) as Record<string, { lines: number, own: number }>[]) {
      expect([operations.get!.lines, operations['get of an absent key']!.lines, operations.has!.lines, operations['set of an existing key']!.lines]).toEqual([0, 0, 0, 1])
      expect([operations.delete!.lines - operations.delete!.own, operations.insert!.lines > 1]).toEqual([1, true])
    }
    expect(wrong).toBe(0)
  })
})
