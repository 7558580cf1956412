import { describe, expect, it } from 'vitest'
import { Workers, confirm, difference, simulate } from '../../lib/harness/confirm'
import { CheckError, type Failure, explore } from '../../lib/harness/explore'
import { PENDING, type Model } from '../../lib/harness/linearizability'
import { REGISTER, mapSystem } from '../../lib/harness/map/system'
import { Random } from '../../lib/harness/random'
import { type StressOptions, StressError, stress } from '../../lib/harness/stress'
import { type Call, type Driven, type Program, type System, op, system } from '../../lib/harness/system'
import { type Choice, World, isKill, killOf, stepOf } from '../../lib/harness/world'

const built = (file: string): URL => new URL(`../../build/${file}`, import.meta.url)
const KERNEL = { code: built('release/kernel.js'), driver: built('harness/map-driver.js') }
const asModule = (text: string): URL => new URL(`data:text/javascript,${encodeURIComponent(text)}`)

// --- systems

const COUNTER = {
  bad: '(cells) { const n = Atomics.load(cells, 0); Atomics.store(cells, 0, n + 1); return n + 1 }',
  good: '(cells) { return Atomics.add(cells, 0, 1) + 1 }',
}
const counterOf = (add: string): System => system({ name: 'counter', code: { source: `export function add${add}` }, memory: 8, ops: { add: op() } })
const BAD = counterOf(COUNTER.bad), GOOD = counterOf(COUNTER.good)
const BOTH: Program = { threads: [[['add']], [['add']]] }

/** Every kind of access, in shared words, in words of the thread's own, in those that last, and in those that are forgotten. */
const KINDS = `
  const own = 16;
  export function swap(cells, at, a, b) { return Atomics.compareExchange(cells, at, a, b) === a ? Atomics.load(cells, at) : -1 }
  export function mix(cells, at, a) {
    const seen = Atomics.add(cells, at, a) ^ Atomics.sub(cells, at + 1, a), more = Atomics.and(cells, at, a | 9) + Atomics.or(cells, at + 1, a);
    return seen + more + Atomics.xor(cells, at, 3) + Atomics.exchange(cells, at + 1, a);
  }
  export function note(cells, thread, a) {
    const mine = own + thread * 8;
    Atomics.add(cells, mine, 1);
    Atomics.store(cells, mine + 1, Atomics.load(cells, mine + 1) + a);
    if (Atomics.add(cells, mine + 2, 1) !== 0) return -1;
    Atomics.store(cells, 2, Atomics.load(cells, mine) * 100 + Atomics.load(cells, mine + 1));
    return Atomics.load(cells, 2);
  }
  export function idle() { return 7; }
`
const KINDS_DRIVER = `export function make({ most }) { return { ops: {
  *swap(caller, at, a, b) { return yield* caller.call('swap', at % most, a, b) },
  *mix(caller, at, a) { const first = yield* caller.call('mix', at, a); return [first, yield* caller.call('swap', at, 0, a)] },
  *note(caller, a) {
    caller.poke(19 + caller.thread * 8, caller.peek(19 + caller.thread * 8) + caller.context.base)
    return (yield* caller.call('note', caller.thread, a)) + caller.peek(19 + caller.thread * 8)
  },
  *idle(caller) { return yield* caller.call('idle') },
} } }`

async function kindsSystem(): Promise<System> {
  const module = asModule(KINDS_DRIVER), options = { most: 3 }
  const { make } = await import(/* @vite-ignore */ module.href) as { make: (of: typeof options) => Driven }, { ops } = make(options)
  return system({
    name: 'kinds', code: { source: KINDS }, memory: 256, ops: Object.fromEntries(Object.entries(ops).map(([name, run]) => [name, op(run)])),
    driver: { module, name: 'make', options },
    init(_, memory) { memory[0] = 5 as never; return { base: 10 } },
    own(thread) {
      const at = 16 + thread * 8
      return { cells: [[at, at + 2], [at + 3, at + 4]], forgotten: [[at + 2, at + 3]], lasting: [at] }
    },
  })
}

// --- random programs and schedules

type Make = (random: Random) => Call

const pick = <T>(random: Random, from: readonly T[]): T => from[random.below(from.length)]!
const some = <T>(random: Random, most: number, make: () => T): T[] => Array.from({ length: 1 + random.below(most) }, make)

const kindsCall: Make = random => pick(random, [
  ['swap', random.below(4), random.below(3), random.below(3)], ['mix', random.below(3), random.below(4)], ['note', random.below(3)], ['idle'],
])
const MAP_CALLS = ['get', 'put', 'delete', 'putIfAbsent', 'replace', 'compareAndSet', 'compareAndDelete', 'add'] as const
const mapCallOf = (names: readonly string[], keys: number): Make =>
  random => [pick(random, names), 1 + random.below(keys), 1 + random.below(4), 1 + random.below(4)]
const STAGES: readonly Call[][] = [[], [['install', 1]], [['install', 1], ['copyChunks', 0, 2]], [['resize']], [['install', 1], ['finish']], [['install', 2]]]

function kindsProgram(random: Random): Program {
  const calls = (most: number): Call[] => some(random, most, () => kindsCall(random))
  return { prefix: calls(2), threads: some(random, 3, () => calls(3)) }
}
function mapProgram(names: readonly string[]): (random: Random) => Program {
  const call = mapCallOf(names, 4), rare: Call[] = [['resize'], ['clear'], ['attach']]
  const other: Make = random => random.below(6) === 0 ? pick(random, rare) : call(random)
  return random => ({
    prefix: [...some(random, 4, () => call(random)), ...pick(random, STAGES)],
    threads: Array.from({ length: 2 + random.below(2) }, () => some(random, 2, () => other(random))),
  })
}

/** Switches now and then, may kill now and then, and may end anywhere. */
function randomSchedule(random: Random, threads: number): Choice[] {
  const stay = 1 + random.below(20), length = random.below(4) === 0 ? random.below(100) : 1500, kills = random.below(2) === 0
  let thread = random.below(threads)
  return Array.from({ length }, () => {
    if (random.below(stay) === 0) thread = random.below(threads)
    return kills && random.below(60) === 0 ? killOf(thread) : stepOf(thread)
  })
}

interface Compared { schedules: number, differences: string[], killed: number, answers: number }

/** Runs random schedules of random programs through the explorer's world and through real workers. */
function compare(of: System, make: (random: Random) => Program, programs: number, each: number, seed: number): Compared {
  const random = new Random(seed), workers = new Workers(of, 3), found: Compared = { schedules: 0, differences: [], killed: 0, answers: 0 }
  for (let n = 0; n < programs; n++) {
    const program = make(random), world = new World(of, program)
    for (let m = 0; m < each; m++) {
      const schedule = randomSchedule(random, program.threads.length), expected = simulate(world, schedule), real = workers.run(program, expected.schedule)
      const why = difference(of, program, expected, real)
      if (why !== '') found.differences.push(`${JSON.stringify(program)} ${schedule.join('')}: ${why}`)
      found.schedules++
      found.killed += Number(schedule.some(isKill))
      found.answers += real.answers.flat().length
    }
  }
  workers.close()
  return found
}

function expectAgreement({ schedules, differences, killed, answers }: Compared, count: number): void {
  expect(differences).toEqual([])
  expect(schedules).toBe(count)
  expect(killed).toBeGreaterThan(count / 10)
  expect(answers).toBeGreaterThan(count)
}

describe('the explorer and real workers agree', () => {
  it('on every kind of access', async () => { expectAgreement(compare(await kindsSystem(), kindsProgram, 60, 40, 1), 2400) })
  it('on a map of integers', () => { expectAgreement(compare(mapSystem(KERNEL), mapProgram([...MAP_CALLS, 'set', 'read']), 40, 40, 2), 1600) })
  it('on a map of records', () => { expectAgreement(compare(mapSystem({ ...KERNEL, held: 'records' }), mapProgram(MAP_CALLS), 25, 40, 3), 1000) })
})

// --- counterexamples

function failureOf(of: System, program: Program): Failure {
  try {
    explore(of, program)
  } catch (error) {
    if (error instanceof CheckError) return error.failure
    throw error
  }
  throw new Error('nothing was found')
}
/** A system that the explorer takes for another than workers are given. */
const lying = (of: System, source: string): System => ({ ...of, code: { source }, source })

describe('a counterexample', () => {
  it('is confirmed before it is reported', () => {
    const { confirmation, schedule } = failureOf(BAD, BOTH)
    expect(confirmation).toEqual({ confirmed: true, why: '' })
    expect(confirm(BAD, BOTH, schedule)).toEqual({ confirmed: true, why: '' })
  })

  it('of other code than the shipped file is not confirmed', () => {
    const { schedule } = failureOf(BAD, BOTH)
    expect(confirm(lying(BAD, GOOD.source), BOTH, schedule)).toEqual({ confirmed: false, why: 'thread 1 answered 2, not 1, to add()' })
    const quiet = BAD.source.replace('n + 1)', 'n + 2)')
    expect(confirm(lying(BAD, quiet), { threads: [[['add']]] }, [0, 0])).toEqual({ confirmed: false, why: 'cell 0 is 2, not 1' })
    const longer = BAD.source.replace('return', 'Atomics.load(cells, 1); return')
    expect(confirm(lying(BAD, longer), BOTH, [0, 2, 0, 2])).toEqual({ confirmed: false, why: 'thread 0 ended 0 operations, not 1' })
  })

  it('that ends by a throw is confirmed by a throw', () => {
    const fragile = (then: string): System => system({
      name: 'fragile', memory: 8, ops: { take: op() },
      code: { source: `export function take(cells) { if (Atomics.exchange(cells, 0, 1) === 1) { ${then} } return 1 }` },
    })
    const program: Program = { threads: [[['take']], [['take']]] }
    for (const then of ['throw new Error(\'taken\')', 'Atomics.load(cells, 99)', 'null.at', 'Atomics.store(cells, 1, 1n)']) {
      const failure = failureOf(fragile(then), program)
      expect(failure).toMatchObject({ check: 'crash', confirmation: { confirmed: true, why: '' } })
      expect(confirm(lying(fragile(then), fragile('').source), program, failure.schedule).why).toMatch(/^thread [01] did not throw \(/)
      expect(confirm(lying(fragile(''), fragile(then).source), program, [0, 2, 0, 2]).why).toMatch(/^thread 1 threw in take\(\): /)
    }
  })

  it('that catches all it can still ends where the schedule does', () => {
    const clinging = system({
      name: 'clinging', memory: 4, ops: { hold: op() }, code: { source: `export function hold(cells) {
        try { Atomics.add(cells, 0, 1); Atomics.add(cells, 0, 1) } catch { return 5 } finally { Atomics.add(cells, 0, 10) }
        return 1
      }` },
    })
    expect(confirm(clinging, { threads: [[['hold']], [['hold']]] }, [0, 2, 3])).toEqual({ confirmed: true, why: '' })
  })

  it('is not confirmed where workers cannot be used, and says why', () => {
    const add = op((caller: any) => caller.call('add')), returning = (answer: string): string => BAD.source.replace('return n + 1', `return ${answer}`)
    const why = (of: Partial<System>): string => confirm({ ...BAD, ...of }, BOTH, [0, 2, 0, 2]).why
    expect(why({ ops: { add } })).toBe('the system names no driver, so its operations cannot be sent to workers')
    const driver = (text: string): System['driver'] => ({ module: asModule(text), name: 'make' })
    expect(why({ ops: { add }, driver: driver('export const made = 1') })).toBe('the code does not load: the driver\'s module exports no function make')
    expect(why({ ops: { add }, driver: driver('export const make = () => ({ ops: {} })') })).toBe('the code does not load: the driver has no operation add')
    expect(why({ driver: driver('throw new Error(\'no\')') })).toBe('the code does not load: no')
    expect(why({ code: { source: 'export const add = 1' } })).toBe('thread 0 threw in add(): fn is not a function')
    expect(why({ init: () => () => 1 })).toMatch(/^what init gives, or an argument, cannot be sent to workers: /)
    expect(why({ code: { source: returning('() => 1') } })).toMatch(/its answers cannot be sent/)
    expect(() => new Workers({ ...BAD, driver: driver('await new Promise(() => {})') }, 1, 300)).toThrow('workers did not answer in 300 ms')
    expect(() => new Workers(BAD, 9)).toThrow('threads is 9: it must be 1 to 8')
  })
})

// --- stress

const COUNT: Model<number, Call, unknown> = {
  start: 0,
  step(n, [name], answer) {
    const next = name === 'add' ? n + 1 : n
    return answer === PENDING || answer === next ? next : undefined
  },
}
/** Time for others to come in between. */
const pause = (turns: number): string => `for (let k = 0; k < ${turns}; k++) Atomics.load(cells, 1);`
const SLOW = counterOf(COUNTER.bad.replace('Atomics.store', `${pause(500)} Atomics.store`))
/** Whoever is killed in between leaves it locked. It is held nearly always, however seldom a busy machine lets the workers run. */
const LOCKED = counterOf(`(cells) {
  while (Atomics.compareExchange(cells, 1, 0, 1) !== 0);
  const n = Atomics.add(cells, 0, 1) + 1; ${pause(200_000)}
  Atomics.store(cells, 1, 0);
  return n
}`)

describe('stress', () => {
  const calls: Record<string, StressOptions['calls']> = {
    integers: mapCallOf([...MAP_CALLS, 'set', 'read', 'resize'], 24), records: mapCallOf([...MAP_CALLS, 'resize'], 24),
  }

  it.each(['integers', 'records'] as const)('finds no fault in a map of %s', async held => {
    const of = mapSystem({ ...KERNEL, held, bytes: 1 << 22 })
    const { operations, history, killed, pending, summary } = await stress(of, { calls: calls[held]!, model: REGISTER, ms: 500 })
    expect([killed, pending]).toEqual([0, 0])
    expect(operations).toBeGreaterThan(500)
    expect(history.length).toBeGreaterThan(operations)
    expect(summary).toMatch(/^linearizable: \d+ operations by 2 workers, \d+ operations\/s$/)
  })

  it.each(['integers', 'records'] as const)('finds no fault in a map of %s whose workers are killed', async held => {
    const of = mapSystem({ ...KERNEL, held, places: 20, bytes: 1 << 22 })
    const { operations, killed, pending } = await stress(of, { calls: calls[held]!, model: REGISTER, ms: 1000, kills: 10, workers: 3 })
    expect(killed).toBe(10)
    expect(pending).toBeLessThanOrEqual(killed)
    expect(operations).toBeGreaterThan(500)
  })

  it('finds lost updates', async () => {
    const found: unknown = await stress(SLOW, { model: COUNT, seed: 5, maxOperations: 50_000 }).catch((error: unknown) => error)
    expect(found).toBeInstanceOf(StressError)
    expect(found).toMatchObject({ seed: 5, judgement: { ok: false, part: undefined } })
    expect((found as StressError).message).toMatch(/^counter: not linearizable: after \d+ operations.* \(seed 5\)$/s)
    expect((found as StressError).history.length).toBeGreaterThan(100)
    await expect(stress(GOOD, { model: COUNT, ms: 200 })).resolves.toMatchObject({ killed: 0, judgement: { ok: true } })
    await expect(stress(GOOD, { maxOperations: 40 })).resolves.toMatchObject({ operations: 40 })
  })

  it('counts what killed workers may have done', async () => {
    const source = `export function add${COUNTER.good}; export function read(cells) { return Atomics.load(cells, 0) }`
    const counter = system({ name: 'counter', code: { source }, memory: 8, ops: { add: op(), read: op() }, final: () => [['read']], model: COUNT })
    const { history, killed } = await stress(counter, { kills: 5, ms: 600, workers: 3 }), added = history.filter(({ op: [name] }) => name === 'add')
    const sure = added.filter(({ back }) => back !== Infinity).length, total = history.at(-1)!.answer
    expect(killed).toBe(5)
    expect(total).toBeGreaterThanOrEqual(sure)
    expect(total).toBeLessThanOrEqual(added.length)
  })

  it('finds that others wait for the dead', async () => {
    await expect(stress(LOCKED, { model: COUNT, ms: 100 })).resolves.toMatchObject({ judgement: { ok: true } })
    // At the end nobody asks for a lock that a dead thread holds.
    const locked = system({ ...LOCKED, final: () => [] })
    // Every second kill hits the holder.
    const killing = stress(locked, { model: COUNT, kills: 16, ms: 400, patience: 2000, maxOperations: 1e6 })
    await expect(killing).rejects.toThrow(/^counter: thread \d+ did not return from add\(\) in 2000 ms/)
  })

  it('keeps what answers are', async () => {
    const odd = system({
      name: 'odd', memory: 4, ops: { give: op() },
      code: { source: `export function give(cells) {
        const n = Atomics.add(cells, 0, 1) % 6
        return [undefined, -0, 2n ** 70n, 'text', { n: [1, null] }, NaN][n]
      }` },
    })
    const { history } = await stress(odd, { workers: 1, maxOperations: 12, model: { start: 0, step: n => n } })
    expect(history.map(({ answer }) => answer).slice(0, 6)).toEqual([undefined, -0, 2n ** 70n, 'text', { n: [1, null] }, NaN])
    await expect(stress(odd, { workers: 1, maxOperations: 12 })).resolves.toMatchObject({ operations: 12 })
  })

  it('tells what goes wrong besides', async () => {
    const fragile = counterOf('(cells) { if (Atomics.add(cells, 0, 1) === 50) throw new Error(\'fifty\'); return 1 }')
    await expect(stress(fragile, { model: COUNT, seed: 3 })).rejects.toThrow(/^counter: thread [01]: add\(\) threw: fifty \(seed 3\)$/)
    const wrong = { ...GOOD, audit: () => 'dirty' }, blind = { ...GOOD, audit: () => { throw new Error('dark') } }
    await expect(stress(wrong, { model: COUNT, ms: 50 })).rejects.toThrow(/^counter: at rest: dirty \(seed -?\d+\)$/)
    await expect(stress(blind, { model: COUNT, ms: 50 })).rejects.toThrow(/^counter: at rest: dark/)
    const absent = { module: asModule('throw new Error(\'absent\')'), name: 'make' }
    await expect(stress({ ...GOOD, driver: absent }, { model: COUNT })).rejects.toThrow(/^counter: absent/)
    const leaving = counterOf('(cells) { if (Atomics.add(cells, 0, 1) === 50) process.exit(); return 1 }')
    await expect(stress(leaving, { model: { start: 0, step: n => n } })).rejects.toThrow(/^counter: thread [01] has ended by itself/)
    await expect(stress(GOOD)).rejects.toThrow('a model is needed for histories of more than 100 operations')
    await expect(stress({ ...GOOD, ops: { add: op(1) } }, { model: COUNT })).rejects.toThrow('name the calls of counter')
    await expect(stress({ ...GOOD, ops: { add: op(() => undefined as never) } }, { model: COUNT })).rejects.toThrow('the system names no driver')
    await expect(stress(GOOD, { model: COUNT, workers: 0 })).rejects.toThrow('workers is 0: it must be at least 1')
  })
})
