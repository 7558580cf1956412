import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { AccessKind } from '../../lib/harness/access'
import { mapSystem } from '../../lib/harness/map/system'
import type { Call, Program, System } from '../../lib/harness/system'
import { Conformance, Traced, conform } from '../../lib/harness/traced'
import { type Choice, World, killOf, stepOf } from '../../lib/harness/world'
import { Random } from '../support/kernels'

const built = (file: string): URL => new URL(`../../build/${file}`, import.meta.url)
const module = new WebAssembly.Module(readFileSync(built('traced/kernel.wasm')))
const code = built('release/kernel.js')
const INTEGERS = mapSystem({ code, held: 'integers' }), RECORDS = mapSystem({ code, held: 'records' })

const COPY = 1, CLEAR = 2
const FULL: readonly Call[] = [['put', 1, 10], ['put', 2, 20], ['put', 3, 30]]
const install: Call = ['install', COPY], copied: readonly Call[] = [...FULL, install, ['copyChunks', 0, 4]]

/** Where a program begins. */
const PREFIXES: Readonly<Record<string, readonly Call[]>> = {
  'a quiet table': [['put', 1, 10], ['put', 2, 20]],
  'about to grow': FULL,
  'a deleted key': [...FULL, ['delete', 2]],
  'installed': [...FULL, install],
  'half copied': [...FULL, install, ['copyChunks', 0, 2]],
  'all dead': copied,
  'promoted, not swept': [...copied, ['promote']],
  'half swept': [...copied, ['promote'], ['helpSweep', 2]],
  'a clear decided': [...FULL, ['install', CLEAR]],
  'in both halves': [...FULL, ['resize'], ['quiesce'], ['resize'], ['quiesce'], ['delete', 3]],
}

// --- random programs and schedules

/** One random operation; `thread` is another that may be reaped. */
function operation(random: Random, thread: number): Call {
  const key = 1 + random.below(5), a = random.below(3) * 10 + 10, b = 100 + random.below(100)
  const keyed: Call[] = [['get', key], ['put', key, b], ['delete', key], ['putIfAbsent', key, b], ['replace', key, b], ['compareAndSet', key, a, b],
    ['compareAndDelete', key, a], ['add', key, 1], ['set', key, b], ['read', key]]
  const whole: Call[] = [['clear'], ['resize'], ['install', COPY], ['install', CLEAR], ['helpSweep', 1 + random.below(3)], ['reap', thread, false],
    ['attach']]
  return random.below(5) < 4 ? random.pick(keyed) : random.pick(whole)
}

function smallProgram(random: Random): Program {
  const count = 2 + random.below(2), prefix = random.pick(Object.values(PREFIXES))
  const callsOf = (thread: number): Call[] => Array.from({ length: 1 + random.below(2) }, () => operation(random, (thread + 1) % count))
  return { prefix, threads: Array.from({ length: count }, (_, thread) => callsOf(thread)) }
}

/** A thread that has ended, or is killed, is reaped for good, beside others. Nobody may join: that area is still the thread's here. */
function endingProgram(random: Random): Program {
  const others = [operation(random, 0), operation(random, 0)].filter(([name]) => name !== 'attach')
  return { prefix: random.pick(Object.values(PREFIXES)), threads: [[['put', 1, 1]], [['reap', 0, true], ['reap', 0, true]], [['get', 1], ...others]] }
}

/** Many changes of few keys by one thread, or several resizes, beside another's few operations. */
function churnProgram(random: Random): Program {
  const churn = Array.from({ length: 12 }, (_, n): Call => n % 2 === 0 ? ['put', 1 + random.below(3), n] : ['delete', 1 + random.below(3)])
  const resizes: Call[] = [['resize'], ['put', 4, 1], ['resize'], ['delete', 1], ['resize'], ['quiesce']]
  return { prefix: random.pick(Object.values(PREFIXES)), threads: [random.below(2) === 0 ? churn : resizes, [operation(random, 0), operation(random, 0)]] }
}

/** Runs of steps of random lengths; kills at random moments, if any. About as long as the program. */
function randomSchedule(random: Random, threads: number, length: number, kills: number): Choice[] {
  const schedule: Choice[] = [], mean = random.pick([1, 2, 8, 30, 120])
  while (schedule.length < length) {
    const thread = random.below(threads)
    for (let n = random.below(2 * mean); n >= 0; n--) schedule.push(stepOf(thread))
  }
  for (let n = 0; n < kills; n++) schedule.splice(random.below(length), 0, killOf(random.below(threads)))
  return schedule
}

/** A schedule, as runs of choices: `2x10` are ten steps of thread 1, `3x1` is its kill. */
function runsOf(schedule: readonly Choice[]): string {
  const runs: [choice: Choice, times: number][] = []
  for (const choice of schedule) {
    const last = runs.at(-1)
    if (last?.[0] === choice) last[1]++
    else runs.push([choice, 1])
  }
  return runs.map(run => run.join('x')).join(' ')
}

/** How many schedules were compared, and what differed. */
interface Compared { schedules: number, accesses: number, readonly differences: string[] }

function compare(system: System, program: Program, random: Random, schedules: number, all: Compared): void {
  const conformance = new Conformance(system, module, program), threads = program.threads.length
  for (let n = 0; n < schedules; n++) {
    // The first run, one thread after the other, tells how long the program is.
    const length = 1 + Math.round(conformance.accesses / Math.max(1, n)), kills = n % 2 === 0 ? 0 : 1 + random.below(2)
    const schedule = n === 0 ? [] : randomSchedule(random, threads, length, kills), difference = conformance.run(schedule)
    all.schedules++
    if (difference !== '') all.differences.push(`${difference}: program ${JSON.stringify(program)}, schedule ${runsOf(schedule)}`)
  }
  all.accesses += conformance.accesses
}

/** Compares schedules of random programs, half of them with kills, until there are so many or some of them differ. */
function compareMany(what: string, schedules: number, each: number, choose: (random: Random) => readonly [System, Program]): Compared {
  const all: Compared = { schedules: 0, accesses: 0, differences: [] }, random = new Random(), start = performance.now()
  while (all.schedules < schedules && all.differences.length < 3) compare(...choose(random), random, each, all)
  const seconds = (performance.now() - start) / 1000
  console.info(`${what}: ${all.schedules} schedules, ${all.accesses} accesses, ${Math.round(all.schedules / seconds)} schedules/s (seed ${random.seed})`)
  return all
}

describe('the WebAssembly kernel, under the schedules of the explorer', () => {
  const none = (schedules: number): object => ({ schedules, differences: [] })
  const either = (random: Random): System => random.pick([INTEGERS, RECORDS])

  it('makes the same accesses, answers and memory as the JavaScript one: small programs', () => {
    expect(compareMany('small programs', 5000, 20, random => [either(random), smallProgram(random)])).toMatchObject(none(5000))
  })

  it('so, while a worker is reaped for good', () => {
    expect(compareMany('endings', 400, 20, random => [either(random), endingProgram(random)])).toMatchObject(none(400))
  })

  it('so, under churn and across several tables', () => {
    expect(compareMany('churn', 600, 20, random => [either(random), churnProgram(random)])).toMatchObject(none(600))
  })

  it('so, where memory runs out', () => {
    const prefix = Array.from({ length: 520 }, (_, n): Call => ['put', 10 + n, n])
    expect(new World(RECORDS, { prefix, threads: [[]] }).prefixAnswers.at(-1)).toBe('NoMemory')
    const threadsOf = (random: Random): Program['threads'] => [[['put', 1, 1], ['delete', 10]], [operation(random, 0)], [['put', 11, 1]]]
    expect(compareMany('full memory', 30, 10, random => [RECORDS, { prefix, threads: threadsOf(random) }])).toMatchObject(none(30))
  })
})

describe('the comparison', () => {
  /** Of a program run with one line of the JavaScript kernel changed. */
  const differenceOf = (from: string, to: string, prefix: readonly Call[] = [...FULL, install]): string => {
    const source = readFileSync(code, 'utf8')
    expect(source.split(from).length, `the kernel has ${from} once`).toBe(2)
    const program: Program = { prefix, threads: [[['put', 1, 11]], [['add', 2, 1]], [['put', 4, 1]]] }
    return conform(mapSystem({ code: { source: source.replace(from, to) } }), module, program, [])
  }

  it('finds nothing where the code is the same', () => {
    expect(differenceOf('return load(slot + 1) === prime;', 'return prime === load(slot + 1);')).toBe('')
  })

  it('finds an access that is missing', () => {
    expect(differenceOf('return load(slot + 1) === prime;', 'return true;'))
      .toMatch(/^thread 0, put\(1, 11\): CompareExchange of cell \d+ .*; in WebAssembly Load of cell/)
  })

  it('finds another operand', () => {
    expect(differenceOf('Atomics.add(cells, at, BigInt(delta >>> 0))', 'Atomics.add(cells, at, BigInt(delta * 2))'))
      .toMatch(/^thread 2, put\(4, 1\): Add of cell (\d+) \(0x2, 0x0\); in WebAssembly Add of cell \1 \(0x1, 0x0\)$/)
  })

  it('finds another answer', () => {
    expect(differenceOf('/* Update */)) return sum;', '/* Update */)) return sum + 1;', FULL)).toBe('thread 1 answers 22; in WebAssembly 21')
  })
})

describe('a traced thread', () => {
  const begin = (...threads: Call[][]): Traced => new Traced(module, new World(RECORDS, { prefix: FULL, threads }))

  it('makes one access at a time, and ends', () => {
    const traced = begin([['put', 1, 5], ['get', 1]], [['get', 2]])
    expect(traced.pending(0)).toMatchObject({ kind: AccessKind.Load })
    let accesses = 0
    for (; !traced.isOver(0); accesses++) {
      const next = traced.pending(0)
      expect(traced.step(0)).toMatchObject([next])
    }
    expect([traced.answers(0), traced.answers(1), traced.pending(0), accesses > 20]).toEqual([[10, 5], [], undefined, true])
    expect(traced.step(0)).toEqual([])
  })

  it('makes many in one go, over the ends of its operations', () => {
    const one = begin([['put', 1, 5], ['get', 1]]), many = begin([['put', 1, 5], ['get', 1]]), made: unknown[] = []
    while (!one.isOver(0)) made.push(...one.step(0))
    expect(many.step(0, Infinity)).toEqual(made)
    expect(Buffer.compare(Buffer.from(many.memory.buffer), Buffer.from(one.memory.buffer))).toBe(0)
  })

  it('goes no further once it was killed, until it begins again', () => {
    const traced = begin([['put', 1, 5]], [['get', 1]])
    traced.step(0, 10)
    traced.kill(0)
    expect([traced.isOver(0), traced.step(0)]).toEqual([true, []])
    traced.step(1, Infinity)
    expect([traced.answers(0), traced.answers(1)]).toEqual([[], [10]])
    traced.restart()
    traced.step(0, Infinity)
    expect([traced.isOver(0), traced.answers(0), traced.answers(1)]).toEqual([true, [10], []])
  })

  it('needs whole pages of memory', () => {
    const system = mapSystem({ code, bytes: (1 << 17) - 8 })
    expect(() => new Traced(module, new World(system, { threads: [[['get', 1]]] }))).toThrow('multiple of 65536')
  })
})
