import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CheckError, explore } from '../../../lib/harness/explore'
import { MUTANTS } from '../../../lib/harness/map/mutants'
import { mapPrograms } from '../../../lib/harness/map/programs'
import { mapSystem } from '../../../lib/harness/map/system'
import { mutated } from '../../../lib/harness/mutants'
import type { Program, System } from '../../../lib/harness/system'
import { runs } from '../../support/maps'

const code = new URL('../../../build/release/kernel.js', import.meta.url)
const BUDGET = { maxStates: 6000, samples: 20, confirm: false }

describe('programs made by fast-check', () => {
  it.each(['integers', 'records'] as const)('are right on a map of %s, one thread killed', held => {
    const map = mapSystem({ code, held }), verdicts: Record<string, number> = {}
    fc.assert(fc.property(mapPrograms(fc, map), (program: Program) => {
      const { verdict } = explore(map, program, { ...BUDGET, kills: 1 })
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
    }), runs(24))
    console.log(`${held}: ${JSON.stringify(verdicts)}`)
    expect(Object.values(verdicts).reduce((sum, n) => sum + n)).toBe(24)
  })

  it.each(['entries are counted', 'a put that loses its swap answers what it replaces (JCTools 319)'])('find a mutant, and shrink to a few calls: %s', name => {
    const map = mapSystem({ code }), sick: System = mutated(map, MUTANTS.find(mutant => mutant.name === name)!)
    const failed = fc.check(fc.property(mapPrograms(fc, map), (program: Program) => { explore(sick, program, BUDGET) }), { numRuns: 300, seed: 7 })
    expect(failed.failed).toBe(true)
    expect((failed.errorInstance as Error)).toBeInstanceOf(CheckError)
    const [{ prefix = [], threads }] = failed.counterexample as [Program]
    console.log(`${name}: found at program ${failed.numRuns}, shrunk ${failed.numShrinks} times to ${JSON.stringify({ prefix, threads })}`)
    expect(prefix.length + threads.flat().length).toBeLessThanOrEqual(4)
  })
})
