// Bugs that the explorer found in the kernel, each as the smallest program that showed it.

import { describe, expect, it } from 'vitest'
import { explore } from '../../../lib/harness/explore'
import { collidingKeys } from '../../../lib/harness/map/scenarios'
import type { Call } from '../../../lib/harness/system'
import { mapSystem } from '../../../lib/harness/map/system'

const map = mapSystem({ code: new URL('../../../build/release/kernel.js', import.meta.url), driver: new URL('../../../build/harness/map-driver.js', import.meta.url) })
const [a, b, c] = collidingKeys(map, 3) as [number, number, number]

describe('found by the explorer', () => {
  it('a clear and one writer kept each other from ending, resize after resize', () => {
    // The writer went on with the clear's resize as with a copy; the clear finished the copy and began again. Closing says what for.
    const { verdict, longestSolo } = explore(map, { prefix: [['put', a, 1]], threads: [[['clear']], [['put', c, 6]]] }, { kills: 1, require: 'exhaustive' })
    expect([verdict, longestSolo < 200]).toEqual(['exhaustive', true])
  })

  it('a writer that settled a clear waited for whoever built the table after the next', () => {
    // The root had gone on, but the claims of the table that was cleared stood until then, and it looked at nothing else.
    explore(map, { prefix: [['put', a, 1]], threads: [[['clear'], ['clear']], [['put', a, 6]]] }, { require: 'exhaustive' })
  })

  it('a clear whose table was closed for a copy swung to an empty table', () => {
    explore(map, { prefix: [['put', a, 1], ['put', b, 1]], threads: [[['clear']], [['install', 1]]] }, { kills: 1, require: 'exhaustive' })
  })

  it('a new key was refused for want of memory, though there was enough', () => {
    // Two samples of a table in motion denied the resize; then its claims were found closed, and that was taken for full.
    const program = { prefix: [['put', a, 1], ['put', b, 1]] as const, threads: [[['put', c, 4]], [['delete', a], ['put', c, 3], ['put', a, 6], ['resize']]] as const }
    expect(explore(map, program, { preemptions: 3 }).verdict).toBe('bounded')
  })
})

describe('three threads across a resize', () => {
  it.each([['put', ['put', a, 5], ['resize'], ['get', a]], ['delete', ['put', a, 5], ['get', a], ['delete', a]]] as const)('are right in every interleaving: %s and others', (_, ...calls) => {
    explore(map, { prefix: [['put', a, 1], ['put', b, 1]], threads: calls.map(call => [call as Call]) }, { require: 'exhaustive' })
  })
})
