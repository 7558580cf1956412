// Where the player puts words and states.

import { beforeAll, describe, expect, it } from 'vitest'
import { type Box, layoutOf, pointOn } from '../../../lib/diagrams/player/layout'
import { groupsOf, isNumbered } from '../../../lib/diagrams/player/shape'
import { type Trace, machinesOf } from '../../../lib/diagrams/record'
import { TRANSITIONS } from '../../../lib/kernel/transitions'
import { counterRun, lightsRun, shippedRuns } from '../../support/runs'

let runs: Record<string, Trace>
beforeAll(() => { runs = shippedRuns() })

describe('the memory', () => {
  it('has a grid for each table, and the other words beside theirs', () => {
    const trace = runs['killed-in-mid-copy']!, groups = groupsOf(trace), name = (n: number): string => trace.words[n]!.name
    expect(groups.map(({ prefix }) => prefix)).toEqual(['', 'A', 'B'])
    expect(groups[0]!.lines.map(({ items }) => items.map(({ word }) => name(word)))).toEqual([['root']])
    expect(groups[1]!.grid!.parts).toEqual(['key', 'value'])
    expect(groups[1]!.grid!.rows.map(({ words }) => words.map(name))).toEqual([0, 1, 2, 3].map(row => [`A[${row}].key`, `A[${row}].value`]))
    expect(groups[1]!.lines.map(({ label }) => label)).toEqual(['capacity', 'claims', 'cursor', 'region', 'successor', 'chunk'])
    expect(groups[1]!.lines.at(-1)!.items.map(({ label, word }) => [label, name(word)])).toEqual([0, 1, 2, 3].map(n => [`${n}`, `A.chunk ${n}`]))
    expect(groups[1]!.lines.map(isNumbered)).toEqual([false, false, false, false, false, true])
  })

  it.each(['empty-slot', 'reader-meets-prime', 'stalled-copier', 'killed-in-mid-copy'])('of %s shows each word once', name => {
    const words = groupsOf(runs[name]!).flatMap(({ grid, lines }) => [
      ...grid?.rows.flatMap(row => row.words) ?? [], ...lines.flatMap(({ items }) => items.map(({ word }) => word))])
    expect(words.sort((a, b) => a - b)).toEqual(runs[name]!.words.map((_, n) => n))
  })

  it('of a system that names nothing is a line of cells; of one that names a row of words, a grid without columns', () => {
    const lines = [{ label: '[0]', items: [{ label: '', word: 0 }] }, { label: '[1]', items: [{ label: '', word: 1 }] }]
    expect(groupsOf(counterRun())).toEqual([{ prefix: '', grid: undefined, lines }])
    const [lights, ...others] = groupsOf(lightsRun())
    expect([lights!.prefix, lights!.grid!.parts, lights!.grid!.rows.length, lights!.lines, others]).toEqual(['crossing', [''], 40, [], []])
  })

  it('leaves out a part that a row does not have', () => {
    const words = ['T[0].key', 'T[2].value', 'T[2].key'].map(name => ({ name, kind: undefined, state: undefined, text: '0' }))
    expect(groupsOf({ ...counterRun(), words })[0]!.grid).toEqual({ parts: ['key', 'value'], rows: [{ index: 0, words: [0, -1] }, { index: 2, words: [2, 1] }] })
  })
})

const MACHINES = machinesOf(TRANSITIONS)
const lapped = (a: Box, b: Box): boolean => Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < (a.height + b.height) / 2

describe.each(MACHINES.map(machine => [machine.word, machine] as const))('the machine of %s words', (_, machine) => {
  const { width, height, nodes, arcs } = layoutOf(machine, 430, 268)

  it('has each state in a place of its own, inside', () => {
    expect(nodes.map(({ state }) => state)).toEqual(machine.states)
    for (const [n, node] of nodes.entries()) {
      expect(nodes.slice(n + 1).filter(other => lapped(node, other))).toEqual([])
      expect(node.x - node.width / 2 >= 0 && node.x + node.width / 2 <= width && node.y - node.height / 2 >= 0 && node.y + node.height / 2 <= height, node.state).toBe(true)
    }
  })

  it('has each step on one arc, from state to state, which crosses no third state', () => {
    const drawn = arcs.flatMap(({ from, to, names }) => names.map(name => `${name}: ${from} ${to}`))
    expect(drawn.sort()).toEqual(machine.steps.map(({ name, from, to }) => `${name}: ${from} ${to}`).sort())
    for (const { from, to, curve } of arcs) {
      const points = Array.from({ length: 101 }, (_, n) => pointOn(curve, n / 100))
      const crossed = nodes.filter(node => points.some(point => Math.abs(point.x - node.x) < node.width / 2 && Math.abs(point.y - node.y) < node.height / 2))
      expect(crossed.map(({ state }) => state), `${from} ${to}`).toEqual([])
    }
  })

  it('has labels that lie on nothing', () => {
    const boxes = arcs.flatMap(({ label, names }) => label === undefined ? [] : [{ ...label, width: names.join(', ').length * 6, height: 12 }])
    for (const [n, box] of boxes.entries()) {
      expect([...nodes, ...boxes.slice(n + 1)].filter(other => lapped(box, other))).toEqual([])
      expect(box.x - box.width / 2 >= 0 && box.x + box.width / 2 <= width && box.y >= 6 && box.y <= height - 6).toBe(true)
    }
  })
})

it('labels most arcs', () => {
  const arcs = MACHINES.flatMap(machine => layoutOf(machine, 430, 268).arcs)
  expect(arcs.length).toBeGreaterThan(40)
  expect(arcs.filter(({ label }) => label !== undefined).length / arcs.length).toBeGreaterThan(0.8)
})
