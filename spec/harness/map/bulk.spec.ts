// Many keys in one call, beside what can go wrong for it: each key by itself is linearizable, in every interleaving.

import { describe, expect, it } from 'vitest'
import { CheckError, explore } from '../../../lib/harness/explore'
import { collidingKeys } from '../../../lib/harness/map/scenarios'
import { mapSystem } from '../../../lib/harness/map/system'
import type { Call } from '../../../lib/harness/system'

const map = mapSystem({ code: new URL('../../../build/release/kernel.js', import.meta.url), driver: new URL('../../../build/harness/map-driver.js', import.meta.url) })
const [a, b, c, d] = collidingKeys(map, 4) as [number, number, number, number]
const PRESENT: readonly Call[] = [['put', a, 1], ['put', b, 1]], HALF: readonly Call[] = [...PRESENT, ['install', 1], ['copyChunks', 0, 2]]
const OTHERS: Readonly<Record<string, Call>> = { 'put existing': ['put', b, 5], 'put new': ['put', c, 6], delete: ['delete', b], resize: ['resize'], clear: ['clear'] }

describe.each([['no resize', PRESENT], ['half copied', HALF]] as const)('from a map with %s', (_, prefix) => {
  it.each(Object.keys(OTHERS))('many reads are right beside %s, either killed', name => {
    explore(map, { prefix, threads: [[['readMany', b, c, a]], [OTHERS[name]!]] }, { kills: 1, require: 'exhaustive' })
  })

  it.each(Object.keys(OTHERS).filter(name => name !== 'clear'))('many writes are right beside %s', name => {
    explore(map, { prefix, threads: [[['setMany', [b, 8], [d, 9]]], [OTHERS[name]!]] }, { require: 'exhaustive' })
  })
})

it('many reads are not one moment: two keys that are always written in turn are seen the wrong way round', () => {
  const program = { prefix: PRESENT, threads: [[['readMany', a, b]], [['put', a, 2], ['put', b, 2]]] } as const
  explore(map, program, { require: 'exhaustive' })
  // Taken as one operation they have no explanation.
  const together = { ...map, parts: undefined, model: {
    start: '1,1', step: (seen: string, [name, key]: Call, answer: unknown) => {
      const [first, second] = seen.split(',')
      if (name === 'put') return key === a ? `2,${second}` : `${first},2`
      if (name === 'get') return seen
      return typeof answer === 'symbol' || String(answer) === seen ? seen : undefined
    },
  } }
  expect(() => explore(together, program, { confirm: false })).toThrow(CheckError)
})
