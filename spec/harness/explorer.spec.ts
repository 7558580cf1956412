import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Instantiate, type Op, type Program, explore, isLinearizable } from '../../lib/harness/explorer'
import { instrument } from '../../lib/harness/instrument'

const SOURCE = readFileSync(new URL('../../build/checked/kernel.js', import.meta.url), 'utf8')

/** The instrumented kernel, from a file of its own: a module can only be loaded from one. */
async function load(source: string, name: string): Promise<Instantiate> {
  const file = join(tmpdir(), `stepped-${name}-${process.pid}.mjs`)
  writeFileSync(file, instrument(source))
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)).instantiate as Instantiate
}

let kernel: Instantiate
beforeAll(async () => { kernel = await load(SOURCE, 'kernel') })

const OPS: Readonly<Record<string, Op>> = {
  get: ['get', 1], 'put existing': ['put', 1, 5], 'put new': ['put', 3, 6], delete: ['delete', 1], putIfAbsent: ['putIfAbsent', 1, 7], compareAndSet: ['compareAndSet', 1, 1, 9],
  add: ['add', 1, 2], clear: ['clear'], resize: ['resize'],
}
const PREFIXES: Readonly<Record<string, readonly Op[]>> = {
  'one key': [['put', 1, 1]],
  'a table about to grow': [['put', 1, 1], ['put', 2, 2], ['put', 4, 4]],
  'a deleted key': [['put', 1, 1], ['put', 2, 2], ['delete', 1]],
  'a region that waits to be swept': [['put', 1, 1], ['resize']],
}

function programs(): Program[] {
  const names = Object.keys(OPS), pairs = names.flatMap((a, i) => names.slice(i).map(b => [a, b] as const))
  return Object.entries(PREFIXES).flatMap(([start, prefix]) => pairs.map(([a, b]) => ({ name: `${a} | ${b}, from ${start}`, prefix, threads: [[OPS[a]!], [OPS[b]!]] })))
}

describe.each([0, 1])('every pair of operations, %i of the threads killed', kills => {
  it('is linearizable in every interleaving that the budget reaches, and every survivor ends', () => {
    const verdicts = { exhaustive: 0, bounded: 0, failed: 0 }
    let longest = 0
    for (const program of programs()) {
      const result = explore(kernel, program, { kills, maxStates: 2500 })
      expect(result.failure, `${program.name}; schedule ${result.schedule.join(' ')}`).toBeUndefined()
      verdicts[result.verdict]++
      longest = Math.max(longest, result.longestSolo)
    }
    console.log(`${kills} kills: ${verdicts.exhaustive} programs exhaustively, ${verdicts.bounded} up to the budget, longest solo run ${longest} accesses`)
    // What needs no resize ends exhaustively; the rest is named bounded.
    expect(verdicts.exhaustive).toBeGreaterThan(80)
    expect(longest).toBeLessThan(400)
  })
})

/** Programs on which the mutants show; each must be caught by one of them. */
const REVEALING: readonly Program[] = [
  { name: 'put | resize', prefix: [['put', 1, 1]], threads: [[['put', 1, 5]], [['resize']]] },
  { name: 'put new | resize', prefix: [['put', 1, 1], ['put', 2, 2]], threads: [[['put', 3, 5]], [['resize']]] },
  { name: 'get | resize', prefix: [['put', 1, 1]], threads: [[['get', 1]], [['resize']]] },
  { name: 'put new, put new', prefix: [['put', 1, 1], ['put', 2, 2], ['put', 4, 4]], threads: [[['put', 3, 6]], [['put', 5, 6]]] },
  { name: 'add | clear', prefix: [['put', 1, 1], ['put', 2, 2], ['put', 4, 4]], threads: [[['add', 1, 2]], [['clear']]] },
]

/** Rules switched off: the name, what stands in the built file, and what takes its place. */
const MUTANTS: readonly (readonly [rule: string, from: RegExp, to: string])[] = [
  ['a copier carries values over', /function carryOver\([^)]*\) \{/, '$& return !0;'],
  ['a frozen value is still readable', /function isReadable\(word\) \{/, '$& if ((high(word) & 4) !== 0) return !1;'],
  ['a copier seals Empty keys', /function sealKey\([^)]*\) \{/, '$& return !0;'],
  ['a copy is done only when every slot is dead', /function copyChunk\([^)]*\) \{/, '$& for (const slot of []) copySlot(map, me, generation, slot); if (chunk > 0) { const at = chunksAt(map, generation) + chunk; swap(at, load(at), chunkWord(generation, 1, 0), 51); return !0; }'],
  ['a clear takes effect once', /finishKill\(map, me, generation\), 3 \/\* Written \*\//, 'kind === 2 ? 3 : 0'],
]

describe('mutants: a rule switched off is caught', () => {
  it.each(MUTANTS)('%s', async (rule, from, to) => {
    const changed = SOURCE.replace(from, to)
    expect(changed, 'the edit does not apply any more').not.toBe(SOURCE)
    const mutant = await load(changed, rule.replace(/\W/g, '-'))
    const caught = REVEALING.some(program => {
      try {
        return explore(mutant, program, { maxStates: 15_000 }).failure !== undefined
      } catch {
        // Even the prefix, alone, goes wrong.
        return true
      }
    })
    expect(caught).toBe(true)
  })
})

describe('the AST pass', () => {
  it('names the line of a plain access to a shared view', () => {
    expect(() => instrument('function peekAt(at) {\n  return cells[at]\n}')).toThrow('line 2: a plain access to the shared view cells')
  })

  it('refuses an access inside a callback', () => {
    expect(() => instrument('function load(at) {}\nfunction f(list) {\n  list.forEach(() => load(1))\n}')).toThrow('line 3: an access inside a callback')
  })

  it('turns just what reaches memory into generators', () => {
    const text = instrument('function load(at) {}\nfunction twice(x) { return 2 * x }\nfunction read(at) { return twice(load(at)) }\nfunction top() { return read(1) + twice(2) }')
    expect(text).toContain('function* read(at) { return twice((yield* load(at))) }')
    expect(text).toContain('function* top() { return (yield* read(1)) + twice(2) }')
    expect(text).toContain('function twice(x)')
  })
})

describe('the judge of histories', () => {
  const event = (op: Op, answer: number | undefined, before = 0, pending = false): Parameters<typeof isLinearizable>[0][number] => ({ op, answer, pending, before })

  it('accepts what some order explains', () => {
    expect(isLinearizable([event(['put', 1, 5], undefined), event(['get', 1], 5)], new Map())).toBe(true)
    expect(isLinearizable([event(['put', 1, 5], undefined), event(['get', 1], undefined)], new Map())).toBe(true)
  })

  it('refuses a read that missed a put that had ended, a lost update, and a value from nowhere', () => {
    expect(isLinearizable([event(['put', 1, 5], undefined), event(['get', 1], undefined, 1)], new Map())).toBe(false)
    expect(isLinearizable([event(['add', 1, 1], 1), event(['add', 1, 1], 1)], new Map())).toBe(false)
    expect(isLinearizable([event(['get', 1], 7)], new Map())).toBe(false)
  })

  it('lets a pending operation take effect once or never', () => {
    expect(isLinearizable([event(['put', 1, 5], undefined, 0, true), event(['get', 1], 5)], new Map())).toBe(true)
    expect(isLinearizable([event(['put', 1, 5], undefined, 0, true), event(['get', 1], undefined)], new Map())).toBe(true)
    expect(isLinearizable([event(['add', 1, 1], undefined, 0, true), event(['get', 1], 2)], new Map())).toBe(false)
  })
})
