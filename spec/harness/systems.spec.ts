// Algorithms that are no maps: right ones pass, in every interleaving, and each with a known bug is found.

import { describe, expect, it } from 'vitest'
import { CheckError, type ExploreOptions, type Explored, type Failure, explore, replay } from '../../lib/harness/explore'
import { type Model, PENDING } from '../../lib/harness/linearizability'
import { type Call, type Caller, type Program, type System, type SystemOptions, op, system } from '../../lib/harness/system'

/** A program of calls like `push 1`: operations are parted by commas, threads by bars; what comes before ends with a colon. */
function programOf(text: string): Program {
  const calls = (part: string): Call[] => part.split(',').map(call => call.trim()).filter(call => call !== '')
    .map(call => { const [name, ...args] = call.split(' ') as [string, ...string[]]; return [name, ...args.map(Number)] })
  const [before, after] = text.includes(':') ? text.split(':') as [string, string] : ['', text]
  return { prefix: calls(before), threads: after.split('|').map(calls) }
}

const check = (of: System, text: string, options: ExploreOptions = {}): Explored =>
  explore(of, programOf(text), { confirm: false, require: 'exhaustive', ...options })

/** What an exploration finds; its token shows the same again. */
function found(of: System, text: string, options: ExploreOptions = {}): Failure {
  try {
    check(of, text, options)
  } catch (error) {
    if (error instanceof CheckError) return error.failure
    throw error
  }
  throw new Error('nothing was found')
}

const EMPTY = 0

/** A line of numbers: which of its ends `pop` takes from, and how many it holds. */
function lineModel(take: 'shift' | 'pop', room: number, more: string = 'push'): Model<readonly number[], Call, unknown> {
  return {
    start: [],
    step(line, [name, x], answer) {
      const next = [...line], right = name !== more ? next[take]() ?? EMPTY : next.length < room
      if (right === true) next.push(x as number)
      return answer === PENDING || answer === right ? next : undefined
    },
    key: line => line.join(),
  }
}

describe('a ring buffer for one that pushes and one that pops', () => {
  const SOURCE = `
    const HEAD = 0, TAIL = 1, SLOTS = 2, ROOM = 2
    export function push(cells, x) {
      const tail = Atomics.load(cells, TAIL)
      if (tail - Atomics.load(cells, HEAD) === ROOM) return false
      Atomics.store(cells, SLOTS + tail % ROOM, x)
      Atomics.store(cells, TAIL, tail + 1)
      return true
    }
    export function pop(cells) {
      const head = Atomics.load(cells, HEAD)
      if (head === Atomics.load(cells, TAIL)) return ${EMPTY}
      const x = Atomics.load(cells, SLOTS + head % ROOM)
      Atomics.store(cells, HEAD, head + 1)
      return x
    }`
  const ring = (source: string, options: Partial<SystemOptions> = {}): System =>
    system({ name: 'ring', code: { source }, memory: 16, ops: { push: op(), pop: op() }, final: () => [['pop'], ['pop'], ['pop']], ...options })
  const right = ring(SOURCE), modelled = ring(SOURCE, { model: lineModel('shift', 2) })

  it('is right, by its own behaviour alone and by that of a queue', () => {
    for (const of of [right, modelled]) {
      expect(check(of, 'push 1, push 2, push 3 | pop, pop').verdict).toBe('exhaustive')
      expect(check(of, 'push 1: push 2, push 3 | pop, pop', { kills: 1 })).toMatchObject({ verdict: 'exhaustive', longestSolo: 4, solo: { push: 4, pop: 4 } })
    }
  })

  it('is wrong if the slot is filled after the tail has moved', () => {
    const hasty = SOURCE.replace(/(Atomics.store\(cells, SLOTS.*\n)\s*(Atomics.store\(cells, TAIL.*\n)/, '$2$1')
    expect(hasty).not.toBe(SOURCE)
    for (const of of [ring(hasty), ring(hasty, { model: lineModel('shift', 2) })]) expect(found(of, 'push 1 | pop').check).toBe('linearizability')
  })

  it('is wrong for two that push', () => {
    for (const of of [right, modelled]) expect(found(of, 'push 1 | push 2').check).toBe('linearizability')
  })

  it('is wrong by its model, though not by itself, if it holds less than it should', () => {
    const small = SOURCE.replace('=== ROOM', '=== ROOM - 1')
    expect(check(ring(small), 'push 1, push 2 | pop').verdict).toBe('exhaustive')
    expect(found(ring(small, { model: lineModel('shift', 2) }), 'push 1, push 2 | pop').check).toBe('linearizability')
  })
})

describe('a stack of nodes that are used again', () => {
  /** A head is the number of a node, and above it how often the head has changed: that keeps a swap from taking an old head for the new one. */
  const source = (tag: number): string => `
    const STACK = 0, FREE = 1, NODE = 0xffff, ROOM = 3, next = node => node * 2, value = node => node * 2 + 1
    export function init(cells) {
      for (let node = 1; node <= ROOM; node++) give(cells, FREE, node)
    }
    function take(cells, list) {
      for (;;) {
        const head = Atomics.load(cells, list), node = head & NODE
        if (node === 0) return { node }
        const rest = Atomics.load(cells, next(node)), x = Atomics.load(cells, value(node))
        if (Atomics.compareExchange(cells, list, head, (head & ~NODE) + ${tag} | rest) === head) return { node, x }
      }
    }
    function give(cells, list, node) {
      for (;;) {
        const head = Atomics.load(cells, list)
        Atomics.store(cells, next(node), head & NODE)
        if (Atomics.compareExchange(cells, list, head, (head & ~NODE) + ${tag} | node) === head) return
      }
    }
    export function push(cells, x) {
      const { node } = take(cells, FREE)
      if (node === 0) return false
      Atomics.store(cells, value(node), x)
      give(cells, STACK, node)
      return true
    }
    export function pop(cells) {
      const { node, x } = take(cells, STACK)
      if (node === 0) return ${EMPTY}
      give(cells, FREE, node)
      return x
    }`
  const stack = (tag: number, options: Partial<SystemOptions> = {}): System =>
    system({ name: 'stack', code: { source: source(tag) }, memory: 32, init: code => { code.init!() },
    ops: { push: op(), pop: op() }, final: () => [['pop'], ['pop'], ['pop'], ['pop']], ...options })
  const model = lineModel('pop', 3)
  const PROGRAM = 'push 1, push 2: pop | pop, push 3'

  it('is right if each change of a head is told from all others', () => {
    for (const of of [stack(0x10000), stack(0x10000, { model })]) {
      const { verdict, interleavings } = check(of, PROGRAM)
      expect([verdict, interleavings > 1e4]).toEqual(['exhaustive', true])
      expect(check(of, 'push 1, push 2: pop | push 3').verdict).toBe('exhaustive')
    }
  })

  it('is wrong without: a node that has come back is taken for one that never went', () => {
    for (const of of [stack(0), stack(0, { model })]) {
      const { check: by, message, schedule, trace, token } = found(of, PROGRAM)
      expect([by, message.includes('pop() -> 2')]).toEqual(['linearizability', true])
      expect(schedule.length).toBeGreaterThan(10)
      expect(trace).toContain('pop()')
      expect(() => replay(of, token)).toThrow(message)
    }
  })

  it('is right without, as long as no node comes back', () => {
    expect(check(stack(0, { model }), 'push 1, push 2: pop | pop').verdict).toBe('exhaustive')
  })

  it('loses a node for each thread that was killed, at most', () => {
    const audit = (lost: number): SystemOptions['audit'] => ({ code, kills, finals }) => {
      let room = 0
      while (code.push!(9) === true) room++
      const left = finals.filter(x => x !== EMPTY).length
      return room + lost * kills >= 3 ? '' : `${3 - room} nodes are lost, by ${kills} kills; ${left} were left`
    }
    expect(check(stack(0x10000, { model, audit: audit(1) }), 'push 1: pop | push 2', { kills: 1 }).verdict).toBe('exhaustive')
    expect(found(stack(0x10000, { model, audit: audit(0) }), 'push 1: pop | push 2', { kills: 1 })).toMatchObject({ check: 'audit',
      message: expect.stringMatching(/^1 nodes are lost, by 1 kills/) })
  })
})

describe('a counter', () => {
  const counter = (body: string, options: Partial<SystemOptions> = {}): System =>
    system({ name: 'counter', code: { source: `export function add(cells) { ${body} } export function get(cells) { return Atomics.load(cells, 0) }` },
    memory: 8, ops: { add: op(), get: op() }, final: () => [['get']], ...options })
  const right = [counter('return Atomics.add(cells, 0, 1)'),
    counter('for (;;) { const n = Atomics.load(cells, 0); if (Atomics.compareExchange(cells, 0, n, n + 1) === n) return n }')]
  const loses = 'const n = Atomics.load(cells, 0); Atomics.store(cells, 0, n + 1)'

  it('is right if it adds at once', () => {
    for (const of of right) expect(check(of, 'add, get | add | get').verdict).toBe('exhaustive')
  })

  it('is wrong if it reads and writes, though its answers are right', () => {
    expect(found(counter(loses), 'add | add').check).toBe('linearizability')
    expect(check(counter(loses, { final: () => [] }), 'add | add').verdict).toBe('exhaustive')
    expect(check(counter(loses), 'add | get').verdict).toBe('exhaustive')
  })

  it('gives a ticket to one only', () => {
    const audit: SystemOptions['audit'] = ({ memory, program, kills, finals }) => {
      const given = Number(memory[0]), asked = program.threads.flat().length
      return given === asked ? '' : `${given} of ${asked} tickets, ${kills} kills, ${finals.length} reads`
    }
    expect(found(counter(`${loses}; return n`, { final: () => [] }), 'add | add').check).toBe('linearizability')
    expect(found(counter(loses, { audit, final: () => [] }), 'add, add | add')).toMatchObject({ check: 'audit',
      message: expect.stringMatching(/^[12] of 3 tickets, 0 kills, 0 reads$/) })
    expect(found(counter(loses, { audit }), 'add | add')).toMatchObject({ check: 'audit', message: '1 of 2 tickets, 0 kills, 1 reads' })
    expect(check(counter('return Atomics.add(cells, 0, 1)', { audit }), 'add, add | add').verdict).toBe('exhaustive')
  })

  it('is wrong if the audit throws', () => {
    expect(found(counter('return Atomics.add(cells, 0, 1)', { audit() { throw new Error('no') } }), 'add')).toMatchObject({ check: 'audit',
      message: 'at rest: no' })
  })

  it('of legal steps only', () => {
    const words: SystemOptions['words'] =
      { at: cell => cell === 0 ? { kind: 'count', name: 'count' } : undefined, stateOf: (_, word) => word === 0 ? 'Zero' : 'More',
      guard: (_, seen, next) => next > seen ? '' : 'it does not grow' }
    const transitions = [{ word: 'count', name: 'first', from: 'Zero', to: 'More', by: 'add' },
      { word: 'count', name: 'other', from: 'More', to: 'More', by: 'add' }]
    expect(check(counter('return Atomics.add(cells, 0, 1)', { words, transitions }), 'add | add').verdict).toBe('exhaustive')
    expect(found(counter('return Atomics.sub(cells, 0, 1)', { words, transitions }), 'add')).toMatchObject({ check: 'transition',
      message: 'illegal step of a count word: count: Zero -> More in add (line 1): it does not grow' })
    expect(found(counter(loses, { words, transitions }), 'add').message).toBe('illegal step: a plain store changes count: Zero -> More in add (line 1)')
    expect(found(counter('return Atomics.add(cells, 0, 1)', { words, transitions: transitions.slice(0, 1) }),
      'add, add').message).toContain('More -> More in add (line 1) is not in the table')
  })
})

describe('memory of 64-bit words', () => {
  const SOURCE = `
    export function move(cells, x) {
      const from = Atomics.sub(cells, 0, BigInt(x))
      Atomics.add(cells, 1, BigInt(x))
      return from
    }
    export function swap(cells, seen, next) { return Atomics.compareExchange(cells, 0, BigInt(seen) << 40n, BigInt(next) << 40n) }
    export function put(cells, x) { return Atomics.store(cells, 0, BigInt(x) << 40n) }
    export function sum(cells) { return Atomics.load(cells, 0) + Atomics.load(cells, 1) }`
  const of = system({ name: 'wide', code: { source: SOURCE }, memory: { bytes: 16, view: 'bigint64' }, ops: { move: op(), swap: op(), put: op(), sum: op() },
    final: () => [['sum']] })

  it('is explored as that of 32 bits is', () => {
    expect(check(of, 'put 5: swap 5 6 | swap 5 7 | put 8').verdict).toBe('exhaustive')
    expect(check(of, 'put 5: move 1 | move 2').verdict).toBe('exhaustive')
    expect(found(of, 'put 5: move 1 | sum')).toMatchObject({ check: 'linearizability', message: expect.stringContaining(`sum() -> ${(5n << 40n) - 1n}n`) })
  })

  it('wraps as it does', () => {
    const wraps = system({ name: 'wraps', code: { source: 'export function add(cells) { return Atomics.add(cells, 0, 2n ** 62n) }' },
      memory: { bytes: 8, view: 'bigint64' }, ops: { add: op() } })
    expect(check(wraps, 'add: add, add | add').verdict).toBe('exhaustive')
  })
})

describe('code that is made over a memory', () => {
  const SOURCE = `
    export function instantiate(cells) {
      const COUNT = 1
      const kernel = (() => {
        const at = i => COUNT + i
        function get(i) { return Atomics.load(cells, at(i)) }
        function add(i) {
          for (;;) {
            const seen = get(i)
            if (Atomics.compareExchange(cells, at(i), seen, seen + 1) === seen) return seen
          }
        }
        return { add, get }
      })()
      return kernel
    }`
  const made = (source: string): System =>
    system({ name: 'made', code: { source }, memory: 16, ops: { add: op(), get: op(), both: op(function* ({ call, context, thread }: Caller) {
    return [context, thread, yield* call('add', 0), yield* call('add', 1)]
  }) }, init: (code, memory, threads) => { code.add!(1); return memory.length + threads }, final: () => [['get', 0], ['get', 1]] })

  it('is explored as code that is handed the memory is', () => {
    expect(check(made(SOURCE), 'add 0: add 0 | add 0, get 0 | add 1').verdict).toBe('exhaustive')
    expect(found(made(SOURCE.replace('=== seen) return seen', '=== seen || true) return seen')), 'add 0 | add 0').check).toBe('linearizability')
  })

  it('is reached by operations that are written out, which know the thread and what init gave', () => {
    const told: Model<number, Call, unknown> = { start: 0, step: (count, [name], answer) => {
      const [context, thread] = answer === PENDING || name !== 'both' ? [6, 0] : answer as number[]
      return context === 6 && (thread === 0 || thread === 1) ? count + 1 : undefined
    } }
    expect(check(system({ ...made(SOURCE), model: told }), 'both | both').verdict).toBe('exhaustive')
    // By itself an operation of two steps is none of one step.
    expect(found(made(SOURCE), 'both | both').check).toBe('linearizability')
  })
})
