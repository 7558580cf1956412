// The AST pass: what it refuses, that what it writes does the same as what it read, and that threads which it calls equal are.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wordAfter, AccessKind } from '../../lib/harness/access'
import { textOf } from '../../lib/harness/alone'
import { Ends } from '../../lib/harness/ends'
import { explore } from '../../lib/harness/explore'
import { instrument, stripModule } from '../../lib/harness/instrument'
import type { Model } from '../../lib/harness/linearizability'
import { Monitor } from '../../lib/harness/monitor'
import { type PrivateCells, Runtime } from '../../lib/harness/runtime'
import { Search } from '../../lib/harness/search'
import { type Operation, type Program, type Run, type System, type SystemOptions, bind, evaluate, op, system } from '../../lib/harness/system'
import { Interner } from '../../lib/harness/words'
import { World } from '../../lib/harness/world'
import { runs } from '../support/maps'

/** Short for accesses: L0 is a load of cell 0, S0(1) a store, A0(1) an add, X0(1) an exchange, C0(1, 2) a swap of 1 for 2. */
const METHODS: Readonly<Record<string, string>> = { L: 'load', S: 'store', A: 'add', X: 'exchange', C: 'compareExchange' }
const write = (source: string): string => source
  .replaceAll(/\bL(\d)\b/g, 'Atomics.load(cells, $1)')
  .replaceAll(/\b([SAXC])(\d)\(/g, (_, method: string, cell: string) => `Atomics.${METHODS[method]}(cells, ${cell}, `)

const NOBODYS: PrivateCells = { ownerOf: () => -1, isForgotten: () => false, isVacant: () => false }

// --- what is refused

describe('refused, with its line and what to do,', () => {
  const GET = 'export function get(cells) { return L0 }'
  const lines = (source: string, plain?: readonly string[]): string => {
    try {
      instrument(write(source), plain)
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`
    }
    return 'nothing'
  }

  it.each([
    ['a plain read', 'function f(cells) {\n  L0\n  return cells[1]\n}', 'line 3: a plain access to the shared view cells: use Atomics'],
    ['a plain write', 'function f(cells) {\n  cells[1] = L0\n}', 'line 2: a plain access to the shared view cells: use Atomics'],
    ['a method', 'function f(cells) {\n  L0; cells.fill(0)\n}', 'line 2: a plain access to the shared view cells: use Atomics'],
    ['a property of this', 'function f() {\n  Atomics.load(this.cells, 0)\n  return this.cells[1]\n}',
      'line 3: a plain access to the shared view .cells: use Atomics'],
    ['a property of a record', 'function f(m) {\n  Atomics.load(m.cells, 0)\n  m.cells[1]++\n}',
      'line 3: a plain access to the shared view .cells: use Atomics'],
    ['a second view', 'function f(cells) {\n  const ints = new Int32Array(cells.buffer); L0\n  return ints[0]\n}',
      'line 3: a plain access to the shared view ints: use Atomics'],
  ])('a plain access: %s', (_, source, message) => { expect(lines(source)).toBe(`InstrumentError: ${message}`) })

  it('a plain access elsewhere than in the functions that may, and one that reads and writes', () => {
    const source = 'function peek(cells) {\n  L0\n  return cells[1]\n}\nfunction poke(cells) { cells[1] = cells[2] }'
    expect(lines(source, ['peek', 'poke'])).toBe('nothing')
    expect(lines(source, ['peek'])).toBe('InstrumentError: line 5: a plain access to the shared view cells: use Atomics')
    for (const access of ['cells[1]++', 'cells[1] += 1', '[cells[1]] = [2]', 'delete cells[1]', 'for (cells[1] of [2]);']) {
      expect(lines(`function f(cells) {\n  L0;${access}\n}`,
        ['f'])).toBe('InstrumentError: line 2: a plain access that reads and writes, or takes apart: make it in two statements')
    }
  })

  it.each([
    ['in a callback', 'function f(cells, xs) {\n  xs.map(x => L0)\n}',
      'line 2: an access inside a callback cannot be scheduled: move it into a named function'],
    ['in a method', 'class A {\n  f(cells) { return L0 }\n}', 'line 2: an access inside a callback cannot be scheduled: move it into a named function'],
    ['in a method of a record', 'export const a = {\n  f(cells) { return L0 } }',
      'line 2: an access inside a callback cannot be scheduled: move it into a named function'],
    ['in a variable that changes', 'let f = cells => L0', 'line 1: an access inside a callback cannot be scheduled: move it into a named function'],
    ['in a field of a class', 'function f(cells) {\n  return class {\n  a = L0 } }',
      'line 3: an access inside a class cannot be scheduled: move it into a named function'],
    ['in a default value', 'function f(cells,\n  n = L0) { return n }', 'line 2: an access in a default value cannot be scheduled: move it into the body'],
    ['in a pattern of a parameter', 'function f(cells,\n  { n = L0 }) { return n }',
      'line 2: an access in a default value cannot be scheduled: move it into the body'],
    ['when the file is loaded', `const cells = new Int32Array(buffer)\nexport const a = L0`,
      'line 2: an access outside of all functions is made when the file is loaded: make it in init, or in an operation'],
  ])('an access %s', (_, source, message) => { expect(lines(source)).toBe(`InstrumentError: ${message}`) })

  it.each([
    ['in a callback', 'function f(cells, xs) {\n  xs.map(() => get(cells)) }',
      'line 3: a call of get inside a callback cannot be scheduled: move it into a named function'],
    ['in a default value', 'function f(cells, n = get(cells)) { return n }',
      'line 2: a call of get in a default value cannot be scheduled: move it into the body'],
    ['when the file is loaded', 'get(1)',
      'line 2: a call of get outside of all functions is made when the file is loaded: make it in init, or in an operation'],
    ['by new', 'function f() { return new get() }', 'line 2: get reaches shared memory: what makes objects cannot be stopped'],
  ])('a call of a function that reaches memory %s', (_, source, message) => { expect(lines(`${GET}\n${source}`)).toBe(`InstrumentError: ${message}`) })

  it.each([
    ['async', 'async function f(cells) { return L0 }', 'f is async: what touches shared memory must be a plain function'],
    ['a generator', 'function* f(cells) { return L0 }', 'f is a generator: what touches shared memory must be a plain function'],
    ['one of two', 'function f(cells) { return L0 } { function f() {} }', 'two functions are called f, and one reaches shared memory: give them two names'],
    ['of two names', 'const f = function g(cells) { return L0 }', 'the function is called both f and g: give it one name'],
    ['instantiate', 'export function instantiate(cells) { S0(1); return {} }',
      'instantiate touches shared memory: each worker calls it, so bring the memory to its beginning in init'],
    ['an arrow function that uses arguments', 'const f = cells => L0 + arguments.length', 'arguments of an arrow function are those of another: name them'],
  ])('a function that is %s', (_, source, message) => { expect(lines(source)).toBe(`InstrumentError: line 1: ${message}`) })

  it.each([
    ['wait', 'Atomics.wait(cells, 0, 0)', 'Atomics.wait waits for another worker: what waits cannot be checked for progress'],
    ['notify', 'Atomics.notify(cells, 0)', 'Atomics.notify wakes who waits: what waits cannot be checked for progress'],
    ['waitAsync', 'Atomics.waitAsync(cells, 0, 0)', 'Atomics.waitAsync waits for another worker: what waits cannot be checked for progress'],
    ['an unknown method', 'Atomics.nand(cells, 0, 0)', 'Atomics.nand is not known to the checker'],
    ['an alias', 'const { load } = Atomics', 'Atomics is used as a value: call its methods by their names'],
    ['a computed method', "Atomics['load'](cells, 0)", 'Atomics is used as a value: call its methods by their names'],
    ['a method as a value', 'const load = Atomics.load; load(cells, 0)', 'Atomics is used as a value: call its methods by their names'],
  ])('Atomics: %s', (_, source, message) => { expect(lines(`function f(cells) {\n${source} }`)).toBe(`InstrumentError: line 2: ${message}`) })

  it('not what only looks like it', () => {
    expect(lines('function f(cells, o) { Atomics.isLockFree(4); o.Atomics = { Atomics: 1 }; return L0 }')).toBe('nothing')
    expect(lines(`${GET}\nfunction f(get) { return [1].map(() => get()) }`)).toBe('nothing')
    expect(lines(`${GET}\nfunction f(o) { return o.get() + [1].map(o => o.get()).length }`)).toBe('nothing')
  })

  it('imports', () => {
    const message = 'an import: bundle the file first, so that all the code that is checked is in it'
    for (const source of ["import a from 'a'", "export * from 'a'", "export { a } from 'a'", "function f() { return import('a') }",
      'function f() { return import.meta.url }']) {
      expect(lines(`${GET}\n${source}`)).toBe(`InstrumentError: line 2: ${message}`)
    }
  })

  it('names that are the checker\'s own', () => {
    for (const name of ['$', '$0', '$_get', '$default']) {
      expect(lines(`${GET}\nexport const a = ${name}`)).toBe(`InstrumentError: line 2: the name ${name} is the checker's own: take another`)
    }
    expect(lines('export const $a = o.$0, b = { $: 1 }')).toBe('nothing')
  })

  const KEPT = (name: string): string =>
    `InstrumentError: line 2: ${name} outlives the operation and changes: each worker has its own. Keep it in shared memory, or in a local variable`
  it.each([
    ['a variable', 'let n = 0', 'n++'], ['a variable by a pattern', 'let n = 0', '[n] = [1]'], ['a variable by a loop', 'let n = 0', 'for (n of [1]);'],
    ['a property', 'const n = { a: 0 }', 'n.a++'], ['a property of a property', 'const n = { a: {} }', 'n.a.b = 1'],
      ['a property by a pattern', 'const n = {}', '({ a: n.a } = { a: 1 })'],
    ['a property that is deleted', 'const n = { a: 1 }', 'delete n.a'], ['an element', 'const n = []', 'n[0] = 1'], ['a list', 'const n = []', 'n.push(1)'],
    ['a map', 'const n = new Map()', 'n.set(1, 2)'], ['a function', 'function n() {}', 'n.count = 1'], ['a class', 'class n { static a = 1 }', 'n.a = 2'],
    ['a global', '', 'n = 1'], ['a property of a global', '', 'n.a = 1'], ['a variable, in a callback', 'let n = 0', '[1].forEach(() => { n++ })'],
  ])('what outlives an operation and changes: %s', (_, declared, changes) => {
    expect(lines(`${declared}\nexport function f(cells) { ${changes}; return L0 }`)).toBe(KEPT('n'))
  })

  it('what outlives an operation, in a function that makes the others', () => {
    expect(lines('export function instantiate(cells) { let n = 0\nfunction get() { n++; return L0 } return { get } }')).toBe(KEPT('n'))
    expect(lines('const { get } = (() => { let n = 0\nfunction get(cells) { n++; return L0 } return { get } })()')).toBe(KEPT('n'))
    expect(lines('const next = (() => { let n = 0; return () =>\nn++ })(); export function f(cells) { return L0 + next() }')).toBe(KEPT('n'))
    expect(lines('const n = 0; export function make(cells) { const n = { a: 1 }\nconst get = () => { n.a = 2; return L0 }; return { get } }')).toBe(KEPT('n'))
  })

  it('not what is made before all operations, and not what is local', () => {
    expect(lines('let n = 0; n++; (() => { n++ })(); export function f(cells) { return L0 + n }')).toBe('nothing')
    expect(lines('let v; export function instantiate(cells) { v = cells; return { get } } function get() { return Atomics.load(v, 0) }')).toBe('nothing')
    expect(lines('export function f(cells) { let n = 0; const o = { a: [] }; o.a.push(n); o.a[0] = L0; [1].forEach(() => { n++; o.b = 1 }) }')).toBe('nothing')
    expect(lines('const names = []; export function f(cells) { return names.indexOf(L0) }')).toBe('nothing')
  })

  const TELLS = 'tells something else in each run: what an operation does may depend on its arguments and on shared memory alone'
  it('what is different in each run', () => {
    for (const [name, text] of [['Date', 'Date.now()'], ['Date', 'new Date()'], ['performance', 'performance.now()'], ['Math', 'Math.random()'],
      ['crypto', 'crypto.randomUUID()']]) {
      const message = `InstrumentError: line 2: ${name} ${TELLS}`
      expect(lines(`function f(cells) { return L0 +\n${text} }`)).toBe(message)
      expect(lines(`function f(cells) { return L0 + now() }\nfunction now() { return ${text} }`)).toBe(message)
      expect(lines(`function f(cells) { return L0 }\nfunction now() { return ${text} }`)).toBe('nothing')
    }
    expect(lines('function f(cells, Date) { return L0 + Date.now() + Math.max(1, 2) }')).toBe('nothing')
  })
})

describe('refused when it happens: what the text does not show', () => {
  const crash = (source: string, options: Partial<SystemOptions> = {}): string => {
    const checked = system({ code: { source: write(source) }, memory: 16, ops: { run: op() }, ...options })
    try {
      explore(checked, { threads: [[['run']], [['run']]] }, { confirm: false })
    } catch (error) {
      return (error as Error).message.split('\n')[0]!
    }
    return 'nothing'
  }

  it.each([
    ['read', 'const other = cells; L0; return other[1]', '1'], ['written', 'const other = cells; L0; other[1] = 2', '1'],
      ['spread', 'L0; const all = xs => [...xs]; return all(cells)', 'Symbol(Symbol.iterator)'],
    ['asked for a method', "const name = 'fill'; L0; const other = cells; other[name](0)", 'fill'],
      ['taken apart', 'L0; const { 1: a } = cells; return a', '1'],
    ['looped over', 'L0; for (const a of cells) return a', 'Symbol(Symbol.iterator)'],
      ['read by a helper', 'L0; const first = a => a[0]; return first(cells)', '0'],
    ['listed', 'L0; return Object.keys(cells)', 'all of it'], ['read in a try', 'L0; const other = cells; try { return other[0] } catch { return 7 }', '0'],
  ])('an alias of a view that is %s', (_, body, key) => {
    expect(crash(`export function run(cells) { ${body} }`)).toContain(`a plain access to a shared Int32Array (${key}): use Atomics`)
  })

  it('another view of the memory, by any name', () => {
    const run = (body: string): string => crash(`export function run(cells) { ${body} }`)
    expect(run('const View = Int32Array, a = new View(cells.buffer); L0; return [a].map(v => v[0])')).toContain('a plain access to a shared Int32Array (0)')
    expect(run('const a = new Uint32Array(cells.buffer); return Atomics.load(a, 0)')).toContain('must go through Int32Arrays')
    expect(run('const a = new Int32Array(4); return Atomics.load(a, 0) + L0')).toContain("an access to other memory than the system's")
  })

  it('a function that reaches memory, called as a value', () => {
    const get = 'function get(cells) { return L0 } ',
      message = 'get reaches shared memory, and is called as a value, where it cannot be stopped: call it by its name'
    for (const body of ['const f = get; return f(cells)', 'return [cells].map(get)[0]', 'return { get }.get(cells)', 'return get.call(undefined, cells)',
      'return [0].map(() => [get][0](cells))[0]']) {
      expect(crash(`${get}export function run(cells) { L1; ${body} }`)).toContain(message)
      // What hands on what another function begins is that function.
      expect(crash(`${get}export function run(cells) { ${body} }`)).toBe('nothing')
      expect(crash(`${get}export function run(cells) { const inner = () => { ${body} }; return inner() + 1 }`)).toContain('what it began was not gone on with')
    }
  })

  it('an operation that yields by itself', () => {
    expect(crash('export function run(cells) { return L0 }',
      { ops: { run: op(function* () { yield 1 }) } })).toContain('an operation may only yield by yield* caller.call(...)')
  })

  it('the value of a store that does not fit the word', () => {
    expect(crash('export function run(cells) { return S0(5) }')).toBe('nothing')
    expect(crash('export function run(cells) { S0(2 ** 32 + 1) }')).toBe('nothing')
    const message = 'Atomics.store gives 4294967297 back, but a word holds 1: do not use its result'
    expect(crash('export function run(cells) { return S0(2 ** 32 + 1) }')).toContain(message)
  })

  it('arguments that are changed: they are the program', () => {
    const change = 'export function run(cells, list) { list.push(L0); return list.length }'
    expect(() => explore(system({ code: { source: write(change) }, memory: 16, ops: { run: op() } }), { threads: [[['run', [1]]]] },
      { confirm: false })).toThrow(/not extensible/)
  })

  it.each([
    ['what a function remembers', 'const make = () => { let n = 0; return () => n++ }, next = make(); export function run(cells) { L0; return next() }'],
    ['what a record remembers', 'const state = { n: 0 }; const bump = s => s.n++; export function run(cells) { return L0 + bump(state) }'],
    ['what a list remembers', 'const list = []; const add = to => to.push(1); export function run(cells) { L0; add(list); return list.length }'],
    ['a random number', 'const { random } = Math; export function run(cells) { L0; return random() }'],
    ['what is different every other time',
      'const make = () => { let n = 0; return () => n++ % 2 }, flip = make(); export function run(cells) { L0; const a = flip(); S1(1); S2(a) }'],
    ['what goes on every other time',
      'const make = () => { let n = 0; return () => n++ % 2 }, flip = make(); export function run(cells) { L0; if (flip()) S1(2) }'],
  ])('what the search cannot see: %s', (_, source) => {
    expect(crash(source)).toContain('the code does not repeat itself (run, line 1): it must depend on nothing but its arguments and shared memory')
  })

  it('what an operation without accesses remembers', () => {
    expect(crash('const make = () => { let n = 0; return () => n++ }, next = make(); export function run(cells) { return next() }'))
      .toContain('run() does not answer the same again: it must depend on nothing but its arguments and shared memory')
  })
})

// --- exports

describe('exports', () => {
  const namesOf = (source: string): string[] => {
    const text = write(source), runtime = new Runtime(0, new Interner(false), new Int32Array(new SharedArrayBuffer(16)), NOBODYS)
    const names = Object.keys(evaluate(stripModule(text), undefined)), stepped = evaluate(instrument(text).text, runtime)
    expect(Object.keys(stepped)).toEqual(names)
    return names
  }
  /** What a function answers, untouched and stepped. */
  const both = (source: string, name = 'run'): unknown[] => [outcome(source, { name }), outcome(source, { name, stepped: true })].map(({ answer }) => answer)

  it('of all forms have the same names', () => {
    expect(namesOf('export function a(cells) { return L0 }\nexport const b = cells => L0, c = 1\nexport let { d, e: [f] } = { e: [1] }')).toEqual(['a', 'b',
      'c', 'd', 'f'])
    expect(namesOf("function a(cells) { return L0 }\nconst b = 1\nexport { a, b as c, b as 'd e' }")).toEqual(['a', 'c', 'd e'])
    expect(namesOf('export default function (cells) { return L0 }')).toEqual(['default'])
    expect(namesOf('export default function a(cells) { return L0 }\nexport class B {}')).toEqual(['default', 'B'])
    expect(namesOf('export default 1 + 2')).toEqual(['default'])
    expect(namesOf('export default class {}')).toEqual(['default'])
  })

  it('answer the same', () => {
    for (const source of [
      'export function run(cells) { return L0 }', 'export const run = cells => L0', 'export const run = (cells) => (1, L0)',
        'export const run = (cells) => ({ a: L0 })',
      'export const run = function (cells) { return L0 }', 'export const run = function run(cells, n = 0) { return n < 2 ? run(cells, n + 1) : L0 }',
      'const get = cells => L0; export { get as run }', 'export function run(cells) { return inner(cells); function inner(cells) { return L0 } }',
      'export const run = cells => { const inner = i => L0 + i; return inner(2) + inner(3) }', 'export const run = (cells) => /* => */ L0 * 2 + L1',
      'export const run = cells=>{return L0+L1}', 'export function run(cells){L0;return L0+L1}', 'export const run = (cells, a = (() => 4)()) => a + L0, c = 1',
    ]) expect(both(source)).toEqual([outcome(source).answer, outcome(source).answer])
  })

  it('by default go by their name in the file too', () => {
    const source = 'export default function get(cells) { return L0 }\nexport function run(cells) { return get(cells) + 1 }'
    expect(both(source)).toEqual(['6', '6'])
    expect(both(source, 'default')).toEqual(['5', '5'])
    expect(both('export default function (cells) { return L0 }\n(() => 1)()', 'default')).toEqual(['5', '5'])
    expect(both('export default function (cells) { return L0 }', 'default')).toEqual(['5', '5'])
  })
})

it('keeps the lines, and notes them', () => {
  const source = write('export function run(cells) {\n  L0\n\n  return get(cells)\n}\nconst get = cells =>\n  L1'), { text, sites } = instrument(source)
  expect(text.split('\n').slice(0, 7).map(line => line.includes('yield'))).toEqual([false, true, false, true, false, false, true])
  expect(sites).toEqual([{ line: 2, fn: 'run' }, { line: 4, fn: 'run' }, { line: 7, fn: 'get' }])
})

// --- the same behaviour

interface Outcome { answer: string, memory: number[] }

/** Runs one function alone over four cells; what it throws is its answer too. */
function outcome(source: string, { name = 'run', stepped = false, args = [] as unknown[], plain = [] as string[] } = {}): Outcome {
  const memory = new Int32Array(new SharedArrayBuffer(16))
  memory.set([5, 7, 0, 1])
  const answer = (stepped ? runStepped : runUntouched)(write(source), memory, name, args, plain)
  return { answer, memory: [...memory] }
}

function runUntouched(source: string, memory: Int32Array, name: string, args: unknown[]): string {
  try { return textOf(bind(evaluate(stripModule(source), undefined), memory)[name]!(...args)) } catch (error) { return `throws ${(error as Error).message}` }
}

/** The generator, driven by hand: each access is made here. */
function runStepped(source: string, memory: Int32Array, name: string, args: unknown[], plain: string[]): string {
  const words = new Interner(false), runtime = new Runtime(0, words, memory, { ...NOBODYS, ownerOf: cell => cell === 3 ? 0 : -1 })
  try {
    const code = bind(evaluate(instrument(source, plain).text, runtime), runtime.guard(memory)), { steps, result } = runtime.callExport(code[name]!, args)
    return textOf(steps === undefined ? result : toTheEnd(steps, runtime, words, memory))
  } catch (error) {
    return `throws ${(error as Error).message}`
  }
}

/** Accesses that stepped code has made. */
let accesses = 0

function toTheEnd(steps: Generator<unknown, unknown>, runtime: Runtime, words: Interner, memory: Int32Array): unknown {
  let stopped = steps.next()
  while (stopped.done !== true) {
    const { kind, cell, a, b } = runtime.pending, found = words.id(memory[cell]!)
    memory[cell] = words.word(wordAfter(words, kind, found, a, b)) as number
    expect(runtime.localState()).toBe(runtime.localState())
    runtime.resumed()
    accesses++
    stopped = steps.next(words.word(kind === AccessKind.Store ? a : found) as never)
  }
  expect(runtime.depth()).toBe(0)
  return stopped.value
}

/** Bodies of a function of `cells`, and what stands beside it. */
const SNIPPETS: Readonly<Record<string, readonly [body: string, more?: string]>> = {
  'all accesses': [`return [L0, S0(3), A0(4), X0(9), C0(9, 2), C0(9, 1), L0,
    Atomics.sub(cells, 0, 1), Atomics.and(cells, 0, 3), Atomics.or(cells, 0, 4), Atomics.xor(cells, 0, 5), L0]`],
  'words that wrap': ['S0(2 ** 31); A0(2 ** 31); S1(-1.7); S2(NaN); return [L0, L1, L2]'],
  'indices that are no numbers': ["return [Atomics.load(cells, '1'), Atomics.load(cells, 1.9), Atomics.load(cells, undefined), Atomics.load(cells, NaN)]"],
  'an index that is too large': ['try { Atomics.load(cells, 4) } catch (error) { return error.constructor.name + L0 }'],
  'arithmetic': ['return L0 * 10 + L1 ** 2 - (L2 | 3) % 2'],
  'order of evaluation': ['let x = 1; return [x + (x = L0) + x, x++ + L1 + x, (x, L0) + (x = 2)]'],
  'compound assignment': ['let x = 2; x += L0; x *= L1; x ||= S2(4); const a = [1, 2]; a[L3] += L0; a[0] -= L1; return [x, a]'],
  'an assignment that is overtaken': ['let x = 1; x += (x = 100, L0); return x'],
  'logical operators': ['return [L2 || L0, L2 && L0, null ?? L1, L0 ?? S1(9), (L2 ? L0 : L1) + 1]'],
  'loops': ['let n = 0; for (let i = 0, m = L3; i < m + 2; i++) n += L0; while (n > L1) n -= L1; do n++; while (n < L0); return n'],
  'labels': [`let n = 0; outer: for (let i = 0; i < 3; i++) { for (let j = 0; j < 3;
    j++) { if (L3 === j) continue outer; if (i > L3) break outer; n += 10 * i + j + L0 } } return n`],
  'for-of and for-in': [`let n = 0; for (const a of [1, L0, 2]) n = n * 10 + a + L3;
    for (const key in { a: 1, [L0]: 2 }) n += key + L1; const o = {}; for (o[L3] of [4, 5]); return [n, o]`],
  'switch': ["switch (L0) { case L1: return 'a'; case 5: { const a = L2; S2(a + 1) } case 6: let b = L2; return b * 10; default: return 'd' }"],
  'early ends': ['try { if (L0) return L1; return 1 } finally { A2(1) }'],
  'a finalizer that returns': ["try { throw new Error('a') } catch (error) { return error.message + L0 } finally { if (L2 === 0) return 'finally ' + L1 }"],
  'exceptions through functions': [`const out = []; for (const n of [5, 6]) try { out.push(risky(cells, n) + L0) }
    catch ({ message }) { out.push(message, L1) } return out`,
    'function risky(cells, n) { return inner(cells, n) + L0 } function inner(cells, n) { if (L0 === n) throw new Error(`not ${L0}`); return L1 }'],
  'exceptions that nobody catches': ['A0(1); [].a.b; A0(1)'],
  'recursion': ['return fib(cells, 6)', 'function fib(cells, n) { A0(1); return n < 2 ? n : fib(cells, n - 1) + fib(cells, n - 2) + L2 }'],
  'mutual recursion': ['return even(cells, L0)',
    'const even = (cells, n) => n === L2 ? true : odd(cells, n - 1); function odd(cells, n) { return n === L2 ? false : even(cells, n - 1) }'],
  'nested functions': [`let n = L0; const add = i => { n += i + L1; return n };
    function twice(i) { return add(i) + add(i + 1) } return [twice(1), n, add(L3)]`],
  'closures': ['let n = 0; const fs = []; for (let i = 0; i < 3; i++) { fs.push(() => i + n++); L0 } return fs.map(f => f() + f()).concat(L1)'],
  'arguments': ['return [count(cells, L0, L1), count(cells), arguments.length]', 'function count(cells) { A2(1); return arguments.length * 10 + L2 }'],
  'rest, spread and defaults': ['return many(cells, ...[L0, 2], ...[3], L1)',
    'function many(cells, a, b = 4, ...rest) { return [a, b, ...rest, L3, ...[L0, L1]] }'],
  'destructuring': ['const { a, b: { c = L0 } = { c: L1 }, [`k${L3}`]: d = 3, ...e } = { a: L0, k1: undefined, f: L1 }; let g, h\n'
    + '[g, h = L0, ...h] = [L1]; return [a, c, d, e, g, h]'],
  'patterns that use what they bind': ['const { a, b = a + L0, c = b * L1 } = { a: L3 }; const t = []; [t[L3], t[a]] = [L0, L1]; return [a, b, c, t]'],
  'shorthand properties': ['let x = L0; const y = 2; x++; return { x, y, z: L1, f() { return 1 }, get g() { return x }, ...{ x: L2 }, [x + L3]: y }'],
  'templates': ["let x = 1; return `${x}${L0}-${x = L1}${`${x}${L0}`}` + String.raw`\\${L3}`"],
  'optional chains': [`const o = { f: (a, b) => a + b, g: { h: x => x } }, n = null
    return [o?.f(L0, L1), n?.f(L0), n?.a[L1], n?.a.b(L0, L1), o.g?.h(L0), o.i?.(L1), (n?.a)?.b, o?.['f'](1, L3)]`],
  'methods and this': [`const o = { n: 2, add(a, b) { return this.n + a * b } }
    return [o.add(L0, L1), o['add' + ''](L0, 2), Math.max(L0, L1, o.n), [L0, L1].map(function (x) { return x + this.n }, o)]`],
  'new': [`class A { constructor(a, b) { this.c = a * 10 + b } } const o = { A };
    return [new A(L0, L1).c, new o.A(1, L3).c, new (L0 ? A : Object)(L1, 2).c, new Array(L3, L0)]`],
  'classes': ['class A { static n = 1; #m = 2; get m() { return this.#m } } A.n += L0; return [A.n, new A().m + L1]'],
  'typed arrays of its own': [`const seen = new Int32Array(4), more = new Uint8Array([1, 2]);
    seen[L3] = L0; seen[2] += more[L3]; return [...seen, seen.length]`],
  'generators and iterators of its own': [`const it = [1, 2, 3][Symbol.iterator](); it.next(); const n = L0;
    function* two() { yield 1; yield 2 } return [it.next().value + n, ...two(), L1]`],
  'sequences and voids': ['let x = (L0, L1), y = void L0; return [(x += 1, x), y, typeof L0, -L1, !L2, ~L0, (L0, 3)]'],
  'increments': ['const o = { n: 1 }; let i = L3; return [o.n++ + L0, ++o.n * L1, i-- - L0, i, o[["n", "m"][L2]]++ + o.n]'],
  'delete, in and instanceof': ['const o = { a5: 1, b: 2 }; return [delete o[`a${L0}`], `a${L0}` in o, "b" in (L0, o), o instanceof (L0 ? Object : Array)]'],
  'var and hoisting': ['if (L0) { var a = L1 } return [a, b(), typeof c]; function b() { return typeof a } var c = 1'],
  'a switch over strings, in a loop': [`let s = ''; for (const k of ['a', 'b', 'c']) switch (k) { case 'b': if (L0 > 4) continue;
    case 'a': s += L1; break; default: s += k + L0 } return s`],
  'lines without semicolons': [`const o = { n: 1 }
    let a = o, i = 0
    L0
    a.n = L1
    i++
    S2(i)
    a[i] = L0
    i = L2
    L1 === 7 && A2(1)
    const f = () => { i++ }
    f()
    L0
    ;[i] = [i + L3]
    return [o, i, g(cells), (h(cells), 1)]`, `const g = cells => { return L2 }
    const h = cells => L2
    [g].length
    const k = function (cells) { L0 }`],
  'blocks without spaces': ['if(L0){let x=L1;S2(x)}else{L1}return L2'],
  'numbers of many kinds': ['return [-0 * L2, L0 / 0, 0 / L2, 1e21 + L0, BigInt(L0) * 2n]'],
}

describe('stepped code does what the untouched code does:', () => {
  it.each(Object.entries(SNIPPETS))('%s', (_, [body, more = '']) => {
    const source = `export function run(cells, ...args) { ${body} }\n${more}`, untouched = outcome(source)
    expect(outcome(source, { stepped: true })).toEqual(untouched)
    expect(outcome(source, { stepped: true, args: [1] })).toEqual(outcome(source, { args: [1] }))
  })

  it('plain accesses in functions that may make them', () => {
    const source = `export function run(cells) { poke(cells, 3, (1, L0 * 2)); return peek(cells, 3) + peek(cells, (1, 3)) + L1 }
      function peek(cells, i) { return cells[i] } function poke(cells, i, value) { cells[ (0, i) ]  =  (2, value) }`
    expect(outcome(source, { stepped: true, plain: ['peek', 'poke'] })).toEqual({ answer: '27', memory: [5, 7, 0, 10] })
    expect(outcome(source)).toEqual({ answer: '27', memory: [5, 7, 0, 10] })
  })

  it('in an environment that makes the functions', () => {
    const source = `export function instantiate(cells) {
      const at = 1, kernel = (() => {
        function get(i) { return Atomics.load(cells, i + at) }
        const run = () => get(0) + get(1)
        return { run, get: () => get }
      })()
      return kernel
    }`
    expect(outcome(source, { stepped: true })).toEqual(outcome(source))
  })
})

// --- threads that are called equal

/** Any history is right: what counts is which there are. */
const ANYTHING: Model<number, unknown, unknown> = { start: 0, step: () => 0 }

interface Sources { readonly a: string, readonly b?: string, readonly more?: string, readonly own?: boolean, readonly ops?: Readonly<Record<string, Operation>>,
  readonly threads?: Program['threads'] }

function checkedOf({ a, b = 'S0(1); S1(1); S0(0); S1(0)', more = '', own = false, ops = {} }: Sources): System {
  const all = 'export function all(cells) { return [L0, L1, L2, L3] }'
  const source = write(`export function a(cells, me) { ${a} }\nexport function b(cells) { ${b} }\n${all}\n${more}`)
  return system({ code: { source }, memory: 32, ops: { a: op(), b: op(), all: op(), ...ops }, model: ANYTHING, final: () => [['all']], plain: ['peek', 'poke'],
    ...own ? { own: thread => ({ cells: [[4 + thread * 2, 6 + thread * 2]] }) } : {} })
}

interface Seen { readonly complete: boolean, readonly histories: readonly string[], readonly interleavings: number, readonly states: number,
  readonly solo: readonly number[] }

function search(checked: System, threads: Program['threads'], kills: number, reduce: boolean, maxStates = 1e6): Seen {
  const world = new World(checked, { threads }), ends = new Ends(world), checks = ['linearizability', 'progress', 'audit', 'crash'] as const
  const options = { kills, maxStates, preemptions: Infinity, solo: 1000, together: 1000, reduce, deadline: Infinity, checks }
  const { complete, fault, interleavings, states, solo } = new Search(world, new Monitor(checked), options, ends).run()
  expect(fault).toBe(undefined)
  return { complete, histories: [...ends.histories].sort(), interleavings, states, solo }
}

/** What a search finds where no two stops are equal. A spy would keep all that it has seen. */
function withoutMerging<T>(run: () => T): T {
  const { localState } = Runtime.prototype
  let fresh = 0
  Runtime.prototype.localState = () => `${fresh++}`
  try { return run() } finally { Runtime.prototype.localState = localState }
}

/** What is found with and without a reduction; and then where no two stops are equal, without and with it. */
function fourWays(checked: System, threads: Program['threads'], kills: number, maxStates?: number): readonly Seen[] {
  const twoWays = (): Seen[] => [false, true].map(reduce => search(checked, threads, kills, reduce, maxStates))
  return [...twoWays(), ...withoutMerging(twoWays)]
}

function expectSame([merged, reduced, unmerged, neither]: readonly Seen[]): void {
  for (const seen of [merged!, reduced!, neither!]) expect([seen.complete, seen.histories, seen.solo]).toEqual([true, unmerged!.histories, unmerged!.solo])
  expect([merged!.interleavings, unmerged!.complete]).toEqual([unmerged!.interleavings, true])
  expect(merged!.states).toBeLessThanOrEqual(unmerged!.states)
}

/** Compares all ways to search; what they find. */
function compare(checked: System, threads: Program['threads'], kills: number): Seen {
  const seen = fourWays(checked, threads, kills)
  expectSame(seen)
  return seen[0]!
}

const HELPER = 'function get(cells, i) { return Atomics.load(cells, i) }'

/** Programs in which two ways lead to one stop, with something between them that only what comes later shows. */
const PROGRAMS: Readonly<Record<string, Sources>> = {
  'values on the expression stack': { a: 'return L0 * 100 + L1 * 10 + L0' },
  'a variable that changes after it was held': { a: 'let x = L0; return x * 100 + (x = L1) * 10 + x + (x++, L0) + x' },
  'a loop counter': { a: 'let n = 0; for (let i = 0; i < 3; i++) n = n * 2 + L0; return n' },
  'how often a loop ran': { a: 'let i = 0; while (L0 === 0 && i < 2) i++; L1; return i' },
  'where a for-of loop stands': { a: 'for (const k of [7, 7, 7]) { if (L0) continue; A2(k) }' },
  'where a for-in loop stands': { a: "let s = ''; for (const k in { a: 1, b: 1 }) { if (L0) continue; L1; s += k } return s" },
  'where an iterator of its own stands': { a: 'const it = [1, 2, 3][Symbol.iterator](); if (L0) it.next(); L1; return it.next().value' },
  'what a switch compares with': { a: "switch (L0) { case L1: return 'a'; case L0 + 1: return 'b'; default: return 'c' }" },
  'a fall through cases that share variables': { a: `let n = 0; switch (L0) { case 0: let x = L1; n = x; L0;
    if (n) return x * 3; default: L1; n += 5; if (n > 99) return x } return n` },
  'recursion': { a: 'return down(cells, 2)', more: 'function down(cells, n) { return n === 0 ? L0 : down(cells, n - 1) * 2 + L1 }' },
  'two calls of one function': { a: 'const x = get(cells, 0), y = get(cells, 0); return x * 10 + y + get(cells, 1)', more: HELPER },
  'arguments that wait for others': { a: 'return pick(get(cells, 0) * 5, get(cells, 1), get(cells, 0))',
    more: `${HELPER} function pick(a, b, c) { return [a, b, c] }` },
  'a return that a finalizer overtakes': { a: 'try { return L0 * 2 } finally { if (L1) return 9; A2(1) }' },
  'an exception that a finalizer holds': { a: "try { try { if (L0) throw 5; return 1 } finally { A2(1); L1 } } catch (error) { return error + L0 }" },
  'exceptions out of functions': { a: "let s = ''; for (let n = 0; n < 2; n++) try { s += risky(cells, n) } catch (error) { s += error + L1 } return s",
    more: "function risky(cells, n) { if (L0 === n) throw `e${n}`; return L1 }" },
  'an exception in the middle of an expression': { a: 'let n = 1; try { n = n * 10 + risky(cells) } catch { n = -n } return n * 2 + L1',
    more: 'function risky(cells) { if (L0) throw 1; return L1 }' },
  'a labelled continue': { a: `let n = 0; outer: for (let i = 0; i < 2; i++) { for (let j = 0; j < 2;
    j++) { if (L0) continue outer; n = n * 3 + i + j + 1 } } return n` },
  'a compound assignment to an element': { a: 'const t = [1, 2]; t[L0] += L1; t[L1] *= 5; return t' },
  'a compound assignment that is overtaken': { a: 'let x = L0 + 1; x += (x = 10, L1); return x' },
  'a property that changes': { a: 'const o = { n: 1 }; o.n += L0; const p = o; p.n *= 3; L1; return o.n' },
  'an optional chain': { a: "const o = L0 ? { p: { f: (x, y) => x * 10 + y } } : undefined; return o?.p.f(L0 + 1, L1) ?? 'none'" },
  'the arguments object': { a: 'return more(cells, L0, L0)',
    more: 'function more() { const [cells] = arguments; L1; return arguments[1] * 10 + arguments[2] }' },
  'patterns that take their time': { a: 'const { x, y = L1 } = { x: L0 }; const [z = L0, w = z] = []; return [x, y, z, w]' },
  'keys that are computed before': { a: 'return { [`k${L0}`]: L1, x: L0 }' },
  'templates': { a: 'return `${L0}-${L1}-${L0}`' },
  'elements of an array': { a: 'return [...[L0, L1], , L0]' },
  'a function in a variable': { a: 'let f = x => x + 1; if (L0) f = x => x * 7; return f(L1)' },
  'a callback that counts': { a: 'let n = 0; const r = go(cells, () => { n++ }); return n * 10 + r',
    more: 'function go(cells, count) { if (L0) count(); return L1 }' },
  'a callback that counts, and is still needed': { a: 'let n = 0; go(cells, () => ++n); return n',
    more: 'function go(cells, count) { if (L0) count(); L1; count() }' },
  'a function that remembers': { a: 'const next = counter(); if (L0) next(); L1; return next()', more: 'function counter() { let n = 0; return () => n++ }' },
  'a nested function that changes what is around it': { a: 'let n = 0; const read = i => { n += Atomics.load(cells, i); L1 }; read(0); read(1); return n' },
  'a nested function that reads what is around it': { a: 'let n = L0; const read = () => L1 + n * 10; n += 2 * L1; return read() + read()' },
  'arrays of its own': { a: 'const t = new Int32Array(2), l = []; t[L0] = 5; if (L0) l.push(1); L1; return [t[0], t[1], l.length]' },
  'a map of its own': { a: 'const m = new Map(); if (L0) m.set(1, 2); L1; return m.size' },
  'a class of its own': { a: 'class C { static n = 0 } if (L0) C.n = 5; L1; return C.n' },
  'a field that is read when an object is made': { a: 'let x = L0; class C { y = x } L1; return new C().y' },
  'symbols of one name': { a: "const s = Symbol('s'), t = Symbol('s'), v = L0 ? s : t; L1; return v === s" },
  'zeros of two kinds': { a: 'const z = L0 ? -0 : 0; L1; return 1 / z' },
  'values of one text': { a: "const v = [1, '1', 1n, true, null, 'null', undefined, NaN][L0 * 2 + L1]; L0; return typeof v" },
  'a string that looks like two': { a: "const v = L0 ? 'a,b' : 'a', w = L0 ? 'c' : 'b,c'; L1; return v + w" },
  'a var of a loop': { a: 'for (let i = 0; i < 2; i++) { if (L0) var last = i; L1 } return last' },
  'one variable of two blocks': { a: 'const x = L0; { const x = L0 + 5; L1; if (x > 9) return 1 } return x' },
  'what is made by new': { a: 'return new Pair(L0, L1, L0).sum', more: 'class Pair { constructor(a, b, c) { this.sum = a * 100 + b * 10 + c } }' },
  'the largest of several': { a: 'return Math.max(L0 * 2, Math.min(L1, 5) + 1, L0 * 3)' },
  'what a store gives back': { a: 'return S2(L0 + 1) * 10 + X2(L1 + 5)' },
  'swaps that are lost': { a: 'for (let n = 0; n < 2; n++) { const seen = L0; if (C0(seen, seen + 2) === seen) return n * 10 + seen } return 99' },
  'several operations': { a: 'return L0 * 2 + L1', threads: [[['a'], ['b'], ['a']], [['b'], ['a']]], b: 'S0(1); S1(1)' },
  'answers that later operations must not show': { a: 'return [L0, { x: L1 }]', threads: [[['a'], ['a']], [['b']]] },
  'three threads': { a: 'return L0 * 10 + L1', b: 'A0(1); A1(1)', threads: [[['a']], [['b']], [['b']]] },
  'memory of its own': { a: 'poke(cells, me, L0); if (L1) poke(cells, me + 1, 3); L0; return peek(cells, me) * 10 + peek(cells, me + 1)', own: true,
    more: 'function peek(cells, i) { return cells[i] } function poke(cells, i, to) { cells[i] = to }', threads: [[['a', 4]], [['b']]] },
  'memory of its own that changes again': { a: `poke(cells, me, 3); poke(cells, me, L0 + 1); poke(cells, me + 1, 1);
    if (L1) poke(cells, me + 1, 0); L0; return peek(cells, me) * 10 + peek(cells, me + 1)`, own: true,
    more: 'function peek(cells, i) { return cells[i] } function poke(cells, i, to) { cells[i] = to }', threads: [[['a', 4]], [['b']]] },
  'accesses to memory of its own': { a: `const x = Atomics.store(cells, me, L0 + 1), y = Atomics.exchange(cells, me, 7)
    Atomics.add(cells, me, L1); return x * 100 + y * 10 + Atomics.load(cells, me) + L0`, own: true,
    threads: [[['a', 4]], [['b']]] },
  'bytes of its own memory': { a: 'poke(cells, 16 + L0, 1); L1; return peek(cells, 16)', own: true,
    more: `function peek(cells, i) { const bytes = new Uint8Array(cells.buffer); return bytes[i] }
      function poke(cells, i, to) { const bytes = new Uint8Array(cells.buffer); bytes[i] = to }` },
}

/** Operations that are written out: what they have been told is theirs to remember. */
const WRITTEN_OUT: Readonly<Record<string, Run>> = {
  *twice(caller) { const x: number = yield* caller.call('a'), y: number = yield* caller.call('a'); return x * 10 + y },
  *record(caller) {
    const r: { x: number } = yield* caller.call('record'), first: number = yield* caller.call('a')
    yield* caller.call('change', r)
    return [first, yield* caller.call('a'), r.x]
  },
  *told(caller) { let n = 0; const last: number = yield* caller.call('tell', (x: number) => { n += x }); return [n, last] },
  *lists(caller) { const list: number[] = yield* caller.call('list'); yield* caller.call('a'); return list.join() },
  *caught(caller) { try { yield* caller.call('risky') } catch (error) { return `${error as string}${(yield* caller.call('a')) as number}` } return 'fine' },
}
const OPERATIONS = {
  a: 'return L1', more: `export function record(cells) { return { x: 0 } } export function change(cells, r) { r.x += L0; L1 }
    export function tell(cells, f) { f(L0); return L1 }
    export function list(cells) { return [L0, L0] } export function risky(cells) { if (L0) throw 'e'; L1 }`,
}

// --- code that nobody wrote

/** No two functions, and no two labels, have one name. */
function numbered(text: string): string {
  let n = 0
  return text.replaceAll(/([HO])#([^]*?)\1#/g, (_, kind: string, between: string) => `${kind}${++n}${between}${kind}${n}`)
}

/** Expressions (E) over three variables (V), two cells, and whatever lives within one expression. */
const EXPRESSIONS = [
  'L0', 'L1', 'L0', 'L1', 'V', 'V', '1', '2', '(E + E)', '(E * 3 - E)', '(V = E)', '(V += E)', 'V++', '(E ? E : E)', '(E || E)', '(E, E)', '`${E}${E}`',
  "[E, ...[E]].join('')", 'get(cells, E)', 'get(...[cells, E])', 'pair(cells, E, E)', 'sum(E, E)', 'Math.max(E, E)', '(({ a, b = V }) => a + b)({ a: E })',
  "Object.values({ k1: 5, [`k${E}`]: E }).join('')", '(E ? { g: (v, w) => v * 3 + w } : null)?.g(E, E)', 'go(cells, () => { V += V })',
]
/** Statements (S). Whatever they do, they end. No object outlives one: no two stops beside it would ever be called equal. */
const STATEMENTS = [
  'V = E', 'V = E', ';[x, y = E] = [E]', 'A2(E); S', 'if (E) { S }', "if (E) return 'r' + x", 'S\nS', '{ const t = E; let x = t; S; y = x }',
    '{ const { c, d = E } = { c: E }; x = c + d }',
  'for (let i = 0; i < 2; i++) { S; x += i }', 'for (const k of [1, E, 1]) { if (L0 === k) continue; S }', '{ let n = 0; while (n++ < 2 && E) { S } }',
  'switch (E) { case E: S; case 1: y++; break; default: S }', 'try { S; if (E) throw y; x++ } catch (error) { z = error; S }', 'try { S } finally { S }',
  '{ const H# = () => { V += L1 + V; return y }; y = H#() }', 'O#: for (const i of [1, 2]) { for (;;) { if (E) continue O#; S; break } z += i }',
]

const { code: CODE } = fc.letrec<{ e: string, s: string, code: string }>(tie => {
  const parts: Readonly<Record<string, fc.Arbitrary<string>>> = { E: tie('e'), S: tie('s'), V: fc.constantFrom('x', 'y', 'z') }
  const filled = (text: string): fc.Arbitrary<string> =>
    fc.tuple(...text.split(/\b([ESV])\b/).map(part => parts[part] ?? fc.constant(part))).map(all => all.join(''))
  const oneOf = (texts: readonly string[]): fc.Arbitrary<string> => fc.oneof({ depthSize: 'small', withCrossShrink: true }, ...texts.map(filled))
  return { e: oneOf(EXPRESSIONS), s: oneOf(STATEMENTS), code: filled('let x = 0, y = 1, z = 2\nS\nS\nS\nreturn [x, y, z].join()').map(numbered) }
})
const BESIDE = `function get(cells, i) { return Atomics.load(cells, i & 1) }
  function sum(a, b) { return a * 5 + b }
  function go(cells, f) { if (L0) f(); return L1 }
  function pair(cells, a, b) { try { if (a > 9) throw a; return get(cells, a) + b + L1 } catch (error) { return error + b + L0 } finally { a++ } }`

/** Random programs: each is searched in four ways. */
const RANDOM = Number(process.env.FUZZ ?? 25), MOST_STATES = 2000

describe('random code', () => {
  it('does, stepped, what it does untouched; and threads that the search calls equal are equal', () => {
    fc.assert(fc.property(CODE, body => {
      const source = `export function run(cells) { ${body} }\n${BESIDE}`, untouched = outcome(source)
      accesses = 0
      expect(outcome(source, { stepped: true })).toEqual(untouched)
      fc.pre(accesses < 10)
      const checked = checkedOf({ a: `try { ${body} } catch (error) { return 'threw ' + error }`, more: BESIDE })
      const seen = fourWays(checked, [[['a']], [['b']]], 0, MOST_STATES)
      // Few are larger in company than they are alone.
      fc.pre(seen.every(({ complete }) => complete))
      expectSame(seen)
    }), runs(RANDOM))
  })
})
describe('threads that the search calls equal are equal:', () => {
  it.each(Object.entries(PROGRAMS))('%s', (_, sources) => {
    const checked = checkedOf(sources), { threads = [[['a']], [['b']]] } = sources
    expect(compare(checked, threads, 0).histories.length).toBeGreaterThan(1)
    if (threads.length === 2 && threads.flat().length === 2) compare(checked, threads, 1)
  })

  it.each(Object.entries(WRITTEN_OUT))('an operation that is written out: %s', (_, run) => {
    const checked = checkedOf({ ...OPERATIONS, ops: { run: op(run) } })
    expect(compare(checked, [[['run']], [['b']]], 0).histories.length).toBeGreaterThan(1)
  })

  it('and threads that differ in nothing are called equal', () => {
    const threads = [[['a']], [['b']]] as const, b = 'S0(1); S0(2); S0(3)'
    const statesOf = (a: string, more = HELPER): number => search(checkedOf({ a, b, more }), threads, 0, false).states
    expect(statesOf('L0; L0; L0; return 1')).toBe(statesOf('get(cells, 0); const x = get(cells, 0); L0; return 1'))
    expect(statesOf('L0; L0; L0; return 1')).toBeLessThan(statesOf('return [L0, L0, L0]'))
  })
})
