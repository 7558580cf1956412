// A state machine on paper: its states on an ellipse, in their order, and an arc for each pair of states that a step joins.

import type { Machine } from '../record'

export interface Point { readonly x: number, readonly y: number }
/** A box, by its middle. */
export interface Box extends Point { readonly width: number, readonly height: number }
export interface Node extends Box { readonly state: string }

/** An arc, as a cubic curve, and where its label stands; no label where it would lie on something else. */
export interface Arc {
  readonly from: string
  readonly to: string
  readonly names: readonly string[]
  readonly curve: Curve
  readonly label: Point | undefined
}
export type Curve = readonly [Point, Point, Point, Point]
export interface Layout { readonly width: number, readonly height: number, readonly nodes: readonly Node[], readonly arcs: readonly Arc[] }

export const LABEL_SIZE = 10.5
/** What a step from a state to itself needs above or below its box, with its label; and what any box does, for its count. */
const LOOP = 42, SPARE = 14
const NODE_HEIGHT = 30, CHARACTER = 7.9, LABEL_CHARACTER = 6.2, MARK = 32

const nodeWidth = (state: string): number => Math.max(56, state.length * CHARACTER + MARK)

/** Lays a machine out in a box of that size. */
export function layoutOf({ states, steps }: Machine, width = 500, height = 300): Layout {
  const widest = Math.max(...states.map(nodeWidth)), middle = { x: width / 2, y: height / 2 }
  const angles = states.map((_, n) => Math.PI * (2 * n / states.length - (states.length % 2 === 0 ? 1 : 0.5)))
  const above = (state: string): number => steps.some(({ from, to }) => from === state && to === state) ? LOOP : SPARE
  const room = states.map((state, n) => ((height - NODE_HEIGHT) / 2 - above(state)) / Math.abs(Math.sin(angles[n]!)))
  const radius = states.length === 1 ? { x: 0, y: 0 } : { x: (width - widest) / 2 - 10, y: Math.min(...room, height / 2) }
  const nodes = states.map((state, n): Node =>
    ({ state, x: middle.x + radius.x * Math.cos(angles[n]!), y: middle.y + radius.y * Math.sin(angles[n]!), width: nodeWidth(state), height: NODE_HEIGHT }))
  const drawn = joined(steps).map(pair => ({ ...pair, curve: curveOf(nodes, states.indexOf(pair.from), states.indexOf(pair.to), middle) }))
  return { width, height, nodes, arcs: withLabels(drawn, nodes, { x: middle.x, y: middle.y, width, height }) }
}

/** The steps between the same two states, under one arc. */
function joined(steps: Machine['steps']): Omit<Arc, 'curve' | 'label'>[] {
  const arcs = new Map<string, { from: string, to: string, names: string[] }>()
  for (const { from, to, name } of steps) {
    const key = JSON.stringify([from, to])
    if (arcs.has(key)) arcs.get(key)!.names.push(name)
    else arcs.set(key, { from, to, names: [name] })
  }
  return [...arcs.values()]
}

// --- curves

/**
 * From the edge of one box to that of the other. Between neighbours it keeps to the right, so that there and back are two;
 * all others bend to the middle, away from the boxes that they pass, and the way back does so more.
 */
function curveOf(nodes: readonly Node[], a: number, b: number, middle: Point): Curve {
  const from = nodes[a]!, to = nodes[b]!
  if (from === to) return loopOf(from, middle)
  const dx = to.x - from.x, dy = to.y - from.y, length = Math.hypot(dx, dy), ahead = (b - a + nodes.length) % nodes.length
  const rightIsIn = dy * (middle.x - from.x) - dx * (middle.y - from.y) > 0, near = ahead === 1 || ahead === nodes.length - 1
  const bend = near ? 8 + length * 0.12 : (rightIsIn ? 1 : -1) * length * (ahead * 2 < nodes.length ? 0.04 : 0.18)
  const aside = { x: dy / length * bend, y: -dx / length * bend }
  const curve: Curve = [from, { x: from.x + dx / 3 + aside.x, y: from.y + dy / 3 + aside.y }, { x: from.x + dx * 2 / 3 + aside.x, y: from.y + dy * 2 / 3 + aside.y }, to]
  let begin = 0, end = 1
  while (begin < 0.48 && isIn(from, pointOn(curve, begin), 2)) begin += 0.01
  while (end > 0.52 && isIn(to, pointOn(curve, end), 6)) end -= 0.01
  return part(curve, begin, end)
}

/** From a box's upper or lower edge back to it, on the side that looks outward. */
function loopOf({ x, y, height }: Node, middle: Point): Curve {
  const up = y <= middle.y ? -1 : 1, edge = y + up * (height / 2 + 2), far = edge + up * 32
  return [{ x: x - 14, y: edge }, { x: x - 30, y: far }, { x: x + 30, y: far }, { x: x + 14, y: edge + up * 4 }]
}

const between = (a: Point, b: Point, t: number): Point => ({ x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t })

/** The curve up to `t`, and from there on: de Casteljau's construction. */
function split([a, b, c, d]: Curve, t: number): [Curve, Curve] {
  const ab = between(a, b, t), bc = between(b, c, t), cd = between(c, d, t), abc = between(ab, bc, t), bcd = between(bc, cd, t), on = between(abc, bcd, t)
  return [[a, ab, abc, on], [on, bcd, cd, d]]
}
const part = (curve: Curve, begin: number, end: number): Curve => split(split(curve, end)[0], begin / end)[1]

/** The point at `t` between 0 and 1. */
export const pointOn = (curve: Curve, t: number): Point => split(curve, t)[1][0]

/** The curve in the terms of an SVG path. */
export const pathText = (curve: Curve): string => {
  const [a, b, c, d] = curve.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`)
  return `M${a} C${b} ${c} ${d}`
}

// --- labels

const isIn = (box: Box, { x, y }: Point, margin: number): boolean => Math.abs(x - box.x) < box.width / 2 + margin && Math.abs(y - box.y) < box.height / 2 + margin
const overlap = (a: Box, b: Box): boolean => Math.abs(a.x - b.x) < (a.width + b.width) / 2 + 3 && Math.abs(a.y - b.y) < (a.height + b.height) / 2 + 2
const inside = (a: Box, b: Box): boolean => Math.abs(a.x - b.x) <= (b.width - a.width) / 2 && Math.abs(a.y - b.y) <= (b.height - a.height) / 2
const ALONG = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74]

/** Where a label may stand: on its arc, if that is much longer than the label; or beside it. */
function placesOf(curve: Curve, width: number, height: number): (Box & { readonly beside: boolean })[] {
  const [a, , , d] = curve, isLong = Math.hypot(d.x - a.x, d.y - a.y) > width + 26
  return [0, 1, -1].flatMap(side => side === 0 && !isLong ? [] : ALONG.map(t => {
    const { x, y } = pointOn(curve, t), before = pointOn(curve, t - 0.05), dx = x - before.x, dy = y - before.y, length = Math.hypot(dx, dy) || 1
    const away = side * (Math.abs(dy) * (width / 2 + 2) + Math.abs(dx) * (height / 2 + 2)) / length
    return { x: x - dy / length * away, y: y + dx / length * away, width, height, beside: side !== 0 }
  }))
}

/** Gives each arc, the shortest names first, the first place along it where its label lies on no box, no label and no other arc. */
function withLabels(arcs: readonly Omit<Arc, 'label'>[], nodes: readonly Node[], all: Box): Arc[] {
  const taken: Box[] = [...nodes], labels = new Map<object, Point>()
  const textOf = (arc: { names: readonly string[] }): string => arc.names.join(', ')
  for (const arc of [...arcs].sort((a, b) => textOf(a).length - textOf(b).length)) {
    const others = arcs.filter(other => other !== arc).flatMap(({ curve }) => Array.from({ length: 41 }, (_, n) => pointOn(curve, n / 40)))
    const places = placesOf(arc.curve, textOf(arc).length * LABEL_CHARACTER + 4, LABEL_SIZE + 3)
    const own = Array.from({ length: 41 }, (_, n) => pointOn(arc.curve, n / 40))
    const isClear = (place: Box): boolean => inside(place, all) && !taken.some(box => overlap(box, place)) && !others.some(point => isIn(place, point, 2))
    const free = places.find(({ beside, ...place }) => isClear(place) && !(beside && own.some(point => isIn(place, point, 1))))
    if (free !== undefined) { taken.push(free); labels.set(arc, { x: free.x, y: free.y }) }
  }
  return arcs.map(arc => ({ ...arc, label: labels.get(arc) }))
}
