// The explorer against a judge that is too simple to be wrong: small operations, made at random, run by a dumb interpreter
// in every interleaving, and every history that comes of it held against every order of its operations.

import { describe, expect, it } from 'vitest'
import { CheckError, explore } from '../../lib/harness/explore'
import { PENDING, type Model } from '../../lib/harness/linearizability'
import { type Call, type Program, type System, op, system } from '../../lib/harness/system'
import { Random } from '../support/kernels'

// --- a language of few words

/** An operand: a number, the variable, or the argument. */
type Operand = number | 'n' | 'x'
/** A statement on a cell; what it finds becomes the variable, if it says so. Or a condition on the variable. */
type Statement =
  | { readonly do: 'load' | 'store' | 'add' | 'cas', readonly cell: number, readonly a: Operand, readonly b: Operand }
  | { readonly do: 'if', readonly is: number, readonly then: readonly Statement[] }
  | { readonly do: 'return', readonly a: Operand }
type Body = readonly Statement[]

const CELLS = 3

function randomOperand(random: Random): Operand { return random.pick<Operand>([0, 1, 2, 'n', 'x']) }

function randomStatement(random: Random, deep: boolean): Statement {
  const cell = random.below(CELLS), a = randomOperand(random), b = randomOperand(random), what = random.below(deep ? 8 : 6)
  if (what === 7) return { do: 'if', is: random.below(2), then: [randomStatement(random, false), ...random.below(2) === 0 ? [randomStatement(random, false)] : []] }
  if (what === 6) return { do: 'return', a }
  return { do: random.pick(['load', 'load', 'store', 'add', 'cas'] as const), cell, a, b }
}

/** Up to three statements; a fifth of the operations, and some paths of others, make no access. */
function randomBody(random: Random): Body {
  if (random.below(5) === 0) return [{ do: 'return', a: randomOperand(random) }]
  const early: Statement[] = random.below(4) === 0 ? [{ do: 'if', is: random.below(2), then: [{ do: 'return', a: randomOperand(random) }] }] : []
  return [...early, ...Array.from({ length: 1 + random.below(3) }, () => randomStatement(random, true)), { do: 'return', a: randomOperand(random) }]
}

/** The operation as the code that the explorer checks. The variable begins as the argument. */
function sourceOf(body: Body): string {
  const line = (statement: Statement): string => {
    if (statement.do === 'if') return `if (n === ${statement.is}) { ${statement.then.map(line).join(' ')} }`
    if (statement.do === 'return') return `return ${statement.a};`
    const { cell, a, b } = statement
    if (statement.do === 'load') return `n = Atomics.load(cells, ${cell});`
    if (statement.do === 'store') return `Atomics.store(cells, ${cell}, ${a});`
    return statement.do === 'add' ? `n = Atomics.add(cells, ${cell}, 1);` : `n = Atomics.compareExchange(cells, ${cell}, ${a}, ${b});`
  }
  return `let n = x; ${body.map(line).join(' ')}`
}

/** The same, interpreted: stops before each access. Written without a look at the checker. */
function* interpret(body: Body, x: number, env = { n: x }): Generator<undefined, number | undefined, number[]> {
  const value = (operand: Operand): number => operand === 'n' ? env.n : operand === 'x' ? x : operand
  for (const statement of body) {
    if (statement.do === 'return') return value(statement.a)
    if (statement.do === 'if') {
      if (env.n !== statement.is) continue
      const answer = yield* interpret(statement.then, x, env)
      if (answer !== undefined) return answer
      continue
    }
    const cells = yield undefined, found = cells[statement.cell]!
    if (statement.do === 'store') cells[statement.cell] = value(statement.a)
    if (statement.do === 'add') cells[statement.cell] = found + 1
    if (statement.do === 'cas' && found === value(statement.a)) cells[statement.cell] = value(statement.b)
    if (statement.do !== 'store') env.n = found
  }
  return undefined
}

// --- the dumb judge

interface Threads { readonly ops: readonly { readonly body: Body, readonly x: number, readonly call: Call }[][] }
interface Past { readonly call: Call, readonly answer: unknown, readonly from: number, readonly to: number }

/**
 * All histories of a program: for each schedule of steps the operations with the times of their first and last steps. An
 * operation without an access takes one step, which does nothing.
 */
function histories({ ops }: Threads): Past[][] {
  const found = new Map<string, Past[]>()
  /** Follows a schedule from the start; the threads that can go on then, or none at the end. */
  const follow = (schedule: readonly number[]): number[] => {
    const cells = [0, 0, 0], past: Past[] = [], at = ops.map(() => ({ op: 0, run: undefined as Generator<undefined, number | undefined, number[]> | undefined, from: 0 }))
    schedule.forEach((t, time) => {
      const thread = at[t]!, { body, x, call } = ops[t]![thread.op]!
      let isOver: boolean, answer: unknown
      if (thread.run === undefined) {
        thread.run = interpret(body, x)
        thread.from = time
        const first = thread.run.next(cells)
        ;[isOver, answer] = first.done === true ? [true, first.value] : read(thread.run.next(cells))
      } else {
        ;[isOver, answer] = read(thread.run.next(cells))
      }
      if (!isOver) return
      past.push({ call, answer, from: thread.from, to: time })
      thread.run = undefined
      thread.op++
    })
    const going = at.flatMap(({ op: n }, t) => n < ops[t]!.length ? [t] : [])
    if (going.length === 0) {
      const end = cells.map((value, cell): Past => ({ call: ['peek', cell], answer: value, from: schedule.length + cell, to: schedule.length + cell }))
      const orders = past.map(a => past.map(b => a.to < b.from ? 1 : 0).join('')).join()
      found.set(JSON.stringify([past.map(({ call, answer }) => [call, answer ?? null]), orders, cells]), [...past, ...end])
    }
    return going
  }
  const walk = (schedule: number[]): void => { for (const t of follow(schedule)) walk([...schedule, t]) }
  walk([])
  return [...found.values()]
}

const read = ({ done, value }: IteratorResult<undefined, number | undefined>): [isOver: boolean, answer: unknown] => [done === true, value]

/** Whether some order of the operations explains a history. */
function isRight(history: readonly Past[], model: Model<string, Call, unknown>): boolean {
  const go = (left: readonly Past[], state: string): boolean => left.length === 0 || left.some((next, n) => {
    if (left.some(other => other !== next && other.to < next.from)) return false
    const after = model.step(state, next.call, next.answer)
    return after !== undefined && go(left.toSpliced(n, 1), after)
  })
  return go(history, model.start)
}

// --- cases

interface Case { readonly checked: System, readonly program: Program, readonly threads: Threads, readonly model: Model<string, Call, unknown> }

/** What the operations do when each runs at once; or, for a part of the cases, what other operations do. */
function modelOf(bodies: readonly Body[]): Model<string, Call, unknown> {
  return {
    start: '0,0,0',
    step(state, [name, x], answer) {
      const cells = state.split(',').map(Number)
      if (name === 'peek') return answer === PENDING || answer === cells[x as number] ? state : undefined
      const run = interpret(bodies[Number((name as string).slice(1))]!, x as number)
      let result = run.next(cells)
      while (result.done !== true) result = run.next(cells)
      return answer === PENDING || answer === result.value ? cells.join() : undefined
    },
  }
}

function randomCase(random: Random): Case {
  const bodies = [randomBody(random), randomBody(random), randomBody(random)], other = bodies.map(body => random.below(4) === 0 ? randomBody(random) : body)
  const model = modelOf(random.below(3) === 0 ? other : bodies), shape = random.pick([[1, 1], [1, 1], [2, 1], [1, 1, 1]])
  const ops = shape.map(count => Array.from({ length: count }, () => {
    const n = random.below(3), x = random.below(2)
    return { body: bodies[n]!, x, call: [`f${n}`, x] as Call }
  }))
  const code = bodies.map((body, n) => `export function f${n}(cells, x) { ${sourceOf(body)} }`).join('\n')
  const checked = system({
    code: { source: `${code}\nexport function peek(cells, cell) { return Atomics.load(cells, cell) }` }, memory: CELLS * 4, model,
    ops: { f0: op(), f1: op(), f2: op(), peek: op() }, final: () => [0, 1, 2].map((cell): Call => ['peek', cell]),
  })
  return { checked, model, threads: { ops }, program: { threads: ops.map(calls => calls.map(({ call }) => call)) } }
}

function verdictOf({ checked, program }: Case): 'right' | 'wrong' {
  try {
    expect(explore(checked, program, { confirm: false }).verdict).toBe('exhaustive')
    return 'right'
  } catch (error) {
    if (error instanceof CheckError && error.failure.check === 'linearizability') return 'wrong'
    throw error
  }
}

describe('operations made at random', () => {
  const CASES = Number(process.env.FUZZ ?? 1) * 400

  it('are right for the explorer just where every interleaving has an order that explains it', () => {
    const seed = Number(process.env.SEED ?? 20261128), counts = { right: 0, wrong: 0, silent: 0, wrongAndSilent: 0 }
    for (let n = 0; n < CASES; n++) {
      const one = randomCase(new Random(seed + n)), verdict = verdictOf(one), all = histories(one.threads)
      const dumb = all.every(history => isRight(history, one.model)) ? 'right' : 'wrong'
      expect(verdict, `seed ${seed + n}: ${JSON.stringify(one.program)}\n${one.checked.source}`).toBe(dumb)
      const hasSilent = one.threads.ops.flat().some(({ body, x }) => interpret(body, x).next([]).done === true)
      counts[verdict]++
      if (hasSilent) counts.silent++
      if (hasSilent && verdict === 'wrong') counts.wrongAndSilent++
    }
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(CASES / 20)
  }, 60_000)
})

describe('an operation that makes no access', () => {
  const answer = (source: string, program: Program, model: Model<number, Call, unknown>): string | undefined => {
    const checked = system({ code: { source }, memory: 4, ops: { f: op(), set: op(), get: op() }, model })
    try {
      return explore(checked, program, { confirm: false }).verdict
    } catch (error) {
      if (error instanceof CheckError) return error.failure.message
      throw error
    }
  }
  const SET = 'export function set(cells, x) { Atomics.store(cells, 0, x) } export function get(cells) { return Atomics.load(cells, 0) }'
  const CELL: Model<number, Call, unknown> = {
    start: 0,
    step: (found, [name, x], said) => name === 'set' ? x as number : said === PENDING || said === found ? found : undefined,
  }

  it('is wrong if it answers what it may not: f() { return 42 } is no read of 0', () => {
    expect(answer(`export function f() { return 42 } ${SET}`, { threads: [[['f']]] }, CELL)).toBe('not linearizable: f() -> 42 [0..2]')
    expect(answer(`export function f() { return 0 } ${SET}`, { threads: [[['f']]] }, CELL)).toBe('exhaustive')
  })

  it('is wrong on that path alone on which it makes none', () => {
    const source = `export function f(cells, x) { return x === 1 ? 42 : Atomics.load(cells, 0) } ${SET}`
    expect(answer(source, { threads: [[['f', 0]], [['set', 7]]] }, CELL)).toBe('exhaustive')
    expect(answer(source, { threads: [[['f', 0]], [['f', 1]], [['set', 7]]] }, CELL)).toMatch(/^not linearizable: .*f\(1\) -> 42/)
  })

  it('happens at a moment between the operations before and after it, at any moment, and not over all of that time', () => {
    const source = `export function f() { return 7 } ${SET}`
    // Somewhere between the two sets 7 is right; but it may be called when 0 is there, or when 8 is.
    expect(answer(source, { threads: [[['f']], [['set', 7], ['set', 8]]] }, CELL)).toMatch(/^not linearizable: .*f\(\) -> 7/)
    expect(answer(source, { threads: [[['set', 7], ['f'], ['get']]] }, CELL)).toBe('exhaustive')
    expect(answer(source, { threads: [[['set', 8], ['f'], ['set', 7]]] }, CELL)).toMatch(/^not linearizable: .*f\(\) -> 7/)
  })

  it('is part of the report, the replay and the run on real workers', () => {
    const source = `export function f() { return 42 } ${SET}`, checked = system({ code: { source }, memory: 4, ops: { f: op(), set: op(), get: op() }, model: CELL })
    try {
      explore(checked, { threads: [[['get'], ['f']], [['set', 1]]] })
      expect.unreachable()
    } catch (error) {
      if (!(error instanceof CheckError)) throw error
      const { trace, confirmation } = error.failure
      expect(trace).toContain('| f()\n|   = 42')
      expect(confirmation).toEqual({ confirmed: true, why: '' })
    }
  })
})
