import { describe, expect, it } from 'vitest'
import { MUTANTS } from '../../../lib/harness/map/mutants'
import { mapSystem } from '../../../lib/harness/map/system'
import { trials } from '../../../lib/harness/map/trials'
import { explore } from '../../../lib/harness/explore'
import { MutantError, edited, expectKilled, tryMutant } from '../../../lib/harness/mutants'

const code = new URL('../../../build/release/kernel.js', import.meta.url)
const SYSTEMS = { integers: mapSystem({ code, held: 'integers' }), records: mapSystem({ code, held: 'records' }) }
/** Those on which some mutant shows. */
const USED = new Set(MUTANTS.map(({ shows, held = 'integers' }) => `${held}: ${shows}`))

describe('the rules of the protocol', () => {
  it('are many, and each is named once', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(25)
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
  })

  it.each(MUTANTS.map(mutant => [mutant.name, mutant] as const))('%s: switched off, it is caught', (_, mutant) => {
    const { held = 'integers', shows } = mutant, system = SYSTEMS[held], trial = trials(system, held).filter(({ program }) => program.name === shows)
    expect(trial.length, `there is no program '${shows}'`).toBe(1)
    expectKilled([tryMutant(system, mutant, trial, { maxStates: 150_000 })])
  })
})

describe.each(['integers', 'records'] as const)('the map of %s as it is', held => {
  it.each(trials(SYSTEMS[held], held).filter(({ program }) => USED.has(`${held}: ${program.name}`)).map(trial => [trial.program.name, trial] as const))('stands the trial %s', (_, { program, options }) => {
    explore(SYSTEMS[held], program, { ...options, maxStates: 10_000, samples: 20 })
  })
})

describe('an edit', () => {
  it('that applies no more fails loudly', () => {
    expect(() => edited('function f() {\n  a\n}', { name: 'x', fn: 'g', from: 'a', to: 'b' })).toThrow(new MutantError("mutant 'x' does not apply: there is no function g"))
    expect(() => edited('function f() {\n  a\n}', { name: 'x', fn: 'f', from: 'z', to: 'b' })).toThrow(new MutantError("mutant 'x' does not apply: f has no 'z'"))
    expect(() => edited('a a', { name: 'x', from: 'a', to: 'b' })).toThrow(new MutantError("mutant 'x' does not say where: the file has 'a' more than once"))
  })

  it('is made in its function alone', () => {
    expect(edited('function e() {\n  a\n}\nfunction f() {\n  a\n}', { name: 'x', fn: 'f', from: 'a', to: 'b' })).toBe('function e() {\n  a\n}\nfunction f() {\n  b\n}')
  })
})
