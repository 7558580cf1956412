import { describe, expect, it } from 'vitest'
import { extract } from '../../lib/diagrams/extract'
import { combinations, extractedDot, extractedMermaid } from '../../lib/diagrams/extracted'
import { blockLife, jointResize, pageLife, tableLife } from '../../lib/diagrams/lives'
import { mapSystem } from '../../lib/harness/map/system'

const built = (file: string): URL => new URL(`../../build/${file}`, import.meta.url)
const OPTIONS = { code: built('release/kernel.js'), driver: built('harness/map-driver.js') }, MAP = mapSystem(OPTIONS)

describe('the old slot and the new', () => {
  const copy = jointResize(MAP, 'copy'), reached = [...copy.states.keys()]

  it('never both hold a live value while a table is copied: the law that resizes rest on', () => {
    const LIVE = ['Value', 'Tombstone']
    expect(reached.filter(state => state.split(' | ').every(slot => LIVE.includes(slot)))).toEqual([])
    expect(reached).toContain('Prime | Value')
  })

  it('are seen where an operation begins before the install: a key without a value, and one that was closed so', () => {
    expect(reached).toEqual(expect.arrayContaining(['Key | Empty', 'DeadEmpty | Empty', 'DeadEmpty | Value']))
  })

  it('go from Value to DeadMoved by freezing, carrying and moving, in that order', () => {
    const steps = [...copy.edges.keys()].filter(({ from, to }) => `${from}${to}`.includes('Prime')).map(({ from, to, step, by }) => `${from} > ${to}: ${step} (${by})`)
    expect(steps.sort()).toEqual([
      'Prime | Empty > Prime | Key: key: carry key (carryOver)', 'Prime | Key > Prime | Value: value: carry (carryOver)',
      'Prime | Value > DeadMoved | Value: value: move (copySlot)', 'Value | Empty > Prime | Empty: value: prime (freeze)',
    ])
  })

  it('are drawn with every state that was reached, and a dash for every one that was not', () => {
    const universe = [...new Set(reached.flatMap(state => state.split(' | ')))]
    const { body } = combinations(copy, universe, { rows: 'old', columns: 'new', programs: 'these', note: '' })
    expect(body).toContain(`the other ${universe.length ** 2 - reached.length} by none of these programs`)
    expect(body).toContain('of these<')
    expect(body.match(/>–</g)).toHaveLength(universe.length ** 2 - reached.length)
    expect(extractedDot(copy, 'joint').match(/shape=plain/g)).toHaveLength(reached.length)
  })
})

describe('lives', () => {
  it('of a table: one way round, from free memory to free memory', () => {
    const life = tableLife(MAP), { edges } = life, way = ['free', 'being built', 'being filled', 'sole', 'copying', 'copied', 'replaced', 'retired', 'swept', 'free']
    expect([...edges.keys()].map(({ from, to }) => `${from} > ${to}`).sort()).toEqual(way.slice(1).map((to, n) => `${way[n]!} > ${to}`).sort())
    expect(extractedMermaid(life, 'a life').match(/ --> s\d+: /g)).toHaveLength(way.length - 1)
  })

  it('of a block: published only from a hand, and in one place at a time', () => {
    const { edges, states } = blockLife(mapSystem({ ...OPTIONS, held: 'records' }))
    expect([...states.keys()].sort()).toEqual(['free', 'in hand', 'its page is another\'s', 'its page is nobody\'s', 'published'])
    expect([...edges.keys()].filter(({ from, to }) => from === 'published' || to === 'published').every(({ from, to }) => [from, to].includes('in hand'))).toBe(true)
    // Only a block that is free goes with its page.
    expect([...edges.keys()].filter(({ from, to }) => from === 'in hand' && to !== 'published').map(({ to }) => to)).toEqual(['free'])
  })

  it('of a page: claimed only where it is nobody\'s, and counted in for tables only where it holds nothing but slots', () => {
    const { edges, states } = pageLife(mapSystem({ ...OPTIONS, held: 'records' })), before = (state: string): string[] => [...new Set([...edges.keys()].filter(({ to }) => to === state).map(({ from }) => from))].sort()
    expect([...states.keys()].sort()).toEqual(['a large record', 'being claimed', 'blocks', 'blocks, all free', 'free', 'never used', 'reserved', 'reserved, not clean', 'slots'])
    expect(before('being claimed')).toEqual(['blocks, all free', 'free', 'never used'])
    expect([before('blocks'), before('a large record')]).toEqual([['being claimed', 'blocks, all free', 'free'], ['being claimed']])
    expect([before('slots'), before('reserved')]).toEqual([['reserved'], ['reserved, not clean']])
    expect(before('free')).toEqual(['a large record', 'being claimed', 'blocks, all free', 'reserved', 'slots'])
  })
})

describe('an extraction', () => {
  it('fails where the search is not exhaustive: what it did not reach might be reachable', () => {
    expect(() => extract(MAP, [{ threads: [[['put', 1, 1]], [['put', 2, 2]]] }], () => 'any', { maxStates: 10 })).toThrow('not exhaustive')
  })
})
