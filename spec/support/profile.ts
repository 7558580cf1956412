// The quick profile of the map's own checks, for the specs.

import { expect } from 'vitest'
import { Profile, QUICK, type ScenarioRow } from '../../lib/harness/map/profile'

export const profile = (maxStates = QUICK.maxStates): Profile => new Profile({
  code: new URL('../../build/release/kernel.js', import.meta.url), driver: new URL('../../build/harness/map-driver.js', import.meta.url),
}, { ...QUICK, maxStates })

/** Runs every `every`th scenario of a part; all must be right. Returns the rows. */
export function runPart(all: Profile, part: string, every: number): ScenarioRow[] {
  const jobs = all.scenarioJobs(every).filter(job => job.part === part)
  const rows = jobs.map(job => all.run(job).scenario!)
  expect(rows.length).toBeGreaterThan(3)
  expect(rows.flatMap(({ failure }) => failure ?? [])).toEqual([])
  const count = (verdict: string): number => rows.filter(row => row.verdict === verdict).length, visited = rows.reduce((sum, row) => sum + row.visited, 0)
  const seconds = rows.reduce((sum, row) => sum + row.ms, 0) / 1000, often = rows.reduce((sum, row) => sum + row.interleavings, 0)
  console.log(`${part}: ${rows.length} programs, ${count('exhaustive')} exhaustive, ${count('bounded')} bounded, ${count('sampled')} sampled; ${often.toExponential(1)} interleavings, `
    + `longest solo run ${Math.max(...rows.map(row => row.longestSolo))}; ${(visited / seconds / 1e6).toFixed(2)} million states a second`)
  return rows
}
