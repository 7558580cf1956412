// What a killed thread has left is read at the end, whether the program reads it or not.

import { describe, expect, it } from 'vitest'
import { CheckError, explore } from '../../lib/harness/explore'
import { finalsOf } from '../../lib/harness/finals'
import { PENDING, type Model } from '../../lib/harness/linearizability'
import { stress } from '../../lib/harness/stress'
import { type Call, type Operation, type Program, type System, type SystemOptions, freshMemory, op, read, shipped, system }
  from '../../lib/harness/system'

/** Records of two words, by key: a write is torn where it is killed between the two. */
const SOURCE = `
  export function write(cells, key, a) { Atomics.store(cells, key * 2, a); Atomics.store(cells, key * 2 + 1, a) }
  export function get(cells, key) { const a = Atomics.load(cells, key * 2), b = Atomics.load(cells, key * 2 + 1); return a === b ? a : 'torn' }
  export function both(cells) { return [get(cells, 0), get(cells, 1)] }`

const MODEL: Model<string, Call, unknown> = {
  start: '0,0',
  step(state, [name, key, a], answer) {
    const values = state.split(',').map(Number)
    if (name === 'write') return String(values.with(key as number, a as number))
    const right = name === 'get' ? values[key as number] : values
    return answer === PENDING || JSON.stringify(answer) === JSON.stringify(right) ? state : undefined
  },
}
const pairs = (reads: Record<string, Operation>, more: Partial<SystemOptions> = {}): System =>
  system({ name: 'pairs', code: { source: SOURCE }, memory: 16, model: MODEL, ops: { write: op(), ...reads }, ...more })

const ALONE: Program = { prefix: [['write', 0, 1]], threads: [[['write', 1, 5]], [['write', 0, 2]]] }
const message = (run: () => unknown): string => {
  try {
    run()
    return ''
  } catch (error) {
    if (error instanceof CheckError) return error.failure.message
    throw error
  }
}

describe('a torn write of a killed thread', () => {
  it('is seen though the program reads nothing: operations that are reads are made at the end, of each key that was touched', () => {
    const program = { threads: [[['write', 1, 5]]] } as const
    const of = (reads: Record<string, Operation>): string => message(() => explore(pairs(reads), program, { kills: 1, confirm: false }))
    expect(of({ get: read() })).toMatch(/^not linearizable: write\(1, 5\) pending .*get\(1\) -> "torn"/)
    expect(of({ both: read() })).toMatch(/both\(\) -> \[0,"torn"\]/)
    expect(explore(pairs({ get: read() }), program).verdict).toBe('exhaustive')
  })

  it('cannot pass because nobody looks: kills are refused where nothing is read at the end', async () => {
    const blind = pairs({ get: op() })
    expect(() => explore(blind, ALONE, { kills: 1 })).toThrow(TypeError)
    expect(() => explore(blind, ALONE, { kills: 1 })).toThrow(/^pairs: nothing reads what a killed thread has left.*read\(\) in place of op\(\).*final: /)
    await expect(stress(blind, { calls: [['write', 0, 1]], kills: 1 })).rejects.toThrow(/^pairs: nothing reads/)
    expect(explore(blind, ALONE).verdict).toBe('exhaustive')
    // Whoever says so gets no reads.
    expect(explore(pairs({ get: op() }, { final: () => [] }), ALONE, { kills: 1 }).verdict).toBe('exhaustive')
  })
})

describe('the reads at the end', () => {
  const readsOf = (of: System, program: Program): readonly Call[] => finalsOf(of, program, shipped(of, freshMemory(of)))

  it('are each read once for all arguments that the program names, the prefix too', () => {
    expect(readsOf(pairs({ get: read(), both: read() }), ALONE)).toEqual([['get', 0], ['get', 1], ['both']])
  })

  it('are none for what is called with too few arguments, and those of final alone, where there is one', () => {
    expect(readsOf(pairs({ get: read(), both: op() }), { threads: [[['both']]] })).toEqual([])
    expect(readsOf(pairs({ get: read() }, { final: () => [['get', 1]] }), ALONE)).toEqual([['get', 1]])
  })

  it('know how many arguments an operation takes that is written out, and one of code over a memory', () => {
    const written = pairs({ get: read(function* (caller, key: number) { return yield* caller.call('get', key) }) })
    expect(readsOf(written, ALONE)).toEqual([['get', 0], ['get', 1]])
    const source = `export function instantiate(cells) {
      function write(key, a) { Atomics.store(cells, key * 2, a) }
      function get(key) { return Atomics.load(cells, key * 2) }
      function both() { return [get(0), get(1)] }
      return { write, get, both }
    }`
    expect(readsOf(system({ ...pairs({ get: read(), both: read() }), code: { source } }), ALONE)).toEqual([['get', 0], ['get', 1], ['both']])
  })
})
