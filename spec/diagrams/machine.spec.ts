import { instance } from '@viz-js/viz'
import { describe, expect, it } from 'vitest'
import { sheet, layOut } from '../../lib/diagrams/draw'
import { toDot, toMermaid } from '../../lib/diagrams/machine'
import { lookOf } from '../../lib/diagrams/palette'
import { TRANSITIONS, WORDS } from '../../lib/kernel/transitions'

const MAP = { transitions: TRANSITIONS }
const LIGHT = { transitions: [
  { word: 'light', name: 'go', from: 'Red', to: 'Green', by: 'go', effect: 'cars may pass' }, { word: 'light', name: 'warn', from: 'Green', to: 'Amber "soon"', by: 'warn' },
  { word: 'light', name: 'stop', from: 'Amber "soon"', to: 'Red', by: 'stop' },
] }

describe('Mermaid', () => {
  it('has an edge for each step, with its function and what takes effect', () => {
    expect(toMermaid(LIGHT, { title: 'a light' })).toBe(`---
title: a light
---
stateDiagram-v2
  direction LR
  state "Red" as light_Red
  state "Green" as light_Green
  state "Amber 'soon'" as light_Amber__soon_
  [*] --> light_Red
  light_Red --> light_Green: go (go), takes effect: cars may pass
  light_Green --> light_Amber__soon_: warn (warn)
  light_Amber__soon_ --> light_Red: stop (stop)
`)
  })

  it('draws every word of the map, each step once', () => {
    const text = toMermaid(MAP)
    for (const { name } of WORDS) expect(text).toContain(`state "the ${name} word" as ${name.replace(' ', '_')}_word {`)
    expect(text.match(/ --> .*: /g)).toHaveLength(TRANSITIONS.length)
  })
})

describe('DOT', () => {
  it.each([['the map', MAP], ['a system with odd names', LIGHT]])('is what Graphviz reads: %s', async (_, system) => {
    const { errors, status } = (await instance()).render(toDot(system), { format: 'svg' })
    // Marks that are not ASCII get the width of a space: the margin of a node is larger than what that leaves out.
    expect([status, errors.filter(({ message }) => !message.includes('non-ASCII'))]).toEqual(['success', []])
  })

  it('weights each step by how often it was taken, and marks those that never were', () => {
    const [go, warn] = LIGHT.transitions, dot = toDot(LIGHT, { taken: new Map([[go!, 1000], [warn!, 1]]) })
    expect(dot).toContain('1000 ×')
    expect(dot.match(/class="never"/g)).toHaveLength(2)
    const widths = [...dot.matchAll(/penwidth=([\d.]+), class="plain"\]$/gm)].map(([, width]) => Number(width))
    expect(Math.max(...widths)).toBeGreaterThan(2 * Math.min(...widths))
  })

  it('draws the words that are asked for, and says which there are', () => {
    expect(toDot(MAP, { words: ['key'] })).not.toContain('Prime')
    expect(() => toDot(MAP, { words: ['kee'] })).toThrow(/no step changes a 'kee' word: the transitions name key, value, root/)
    expect(() => toMermaid({})).toThrow('the system gives no transitions: there is nothing to draw')
  })
})

describe('a drawing', () => {
  it('holds every text of the graph, and no colour that only suits one mode', async () => {
    const svg = sheet('A light', 'What it shows.', [await layOut(toDot(LIGHT))])
    for (const text of ['Red', 'Green', 'Amber', 'go', 'warn', 'stop', '◆ cars may pass', 'A light', 'What it shows.']) expect(svg).toContain(text)
    expect(svg).not.toMatch(/(fill|stroke)="(black|white|#000000|#ffffff)"/)
    expect(svg).toContain('prefers-color-scheme: dark')
  })

  it('tells the states of slots apart by marks, and by colours', () => {
    const states = ['Empty', 'Key', 'Sealed', 'Value', 'Tombstone', 'Prime', 'DeadEmpty', 'DeadDeleted', 'DeadMoved'].map(state => lookOf(state))
    expect([new Set(states.map(({ mark }) => mark)).size, new Set(states.map(({ fill }) => fill)).size]).toEqual([9, 9])
  })
})
