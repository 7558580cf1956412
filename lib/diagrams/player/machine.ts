// The state diagram of one kind of words: how many words are in each state, and a token that goes along the step that was
// taken.

import { lookOf } from '../palette'
import type { Access, Machine, Trace } from '../record'
import { el, hueOf, isStill, setText, steady, svg } from './dom'
import { type Arc, type Layout, type Node, LABEL_SIZE, layoutOf, pathText } from './layout'
import { type Moment, machineAt } from './state'

/** How long a token is under way, in milliseconds, at most. */
const JOURNEY = 420

interface Drawing {
  readonly picture: SVGElement
  readonly nodes: Map<string, SVGGElement>
  readonly arcs: Map<Arc, SVGGElement>
  readonly token: SVGGElement
  readonly layout: Layout
}

/** Builds the diagrams of a run; what it returns shows a moment. `chosen` stays until the reader lets it follow the run again. */
export function machineView(root: HTMLElement, trace: Trace): (now: Moment, travel?: number) => void {
  root.hidden = trace.machines.length === 0
  if (root.hidden) return () => {}
  const drawings = trace.machines.map(draw), caption = steady('p', 'caption', captionsOf(trace)), stage = el('div', { class: 'stage' })
  let chosen = -1, moment: Moment | undefined
  const tabs = trace.machines.map(({ word }, n) => tab(word, () => { chosen = n; render(moment!) }))
  const follow = tab('follows the run', () => { chosen = -1; render(moment!) })
  follow.classList.add('follow')
  root.replaceChildren(el('div', { class: 'machine-head' }, el('h2', {}, 'State machine'), follow),
    el('div', { class: 'machine-body' }, el('div', { class: 'tabs', role: 'group', 'aria-label': 'Kind of words' }, ...tabs), stage), caption.box)
  const render = (now: Moment, travel = 0): void => {
    moment = now
    const shown = chosen >= 0 ? chosen : machineAt(trace, now.step)
    tabs.forEach((button, n) => button.setAttribute('aria-pressed', `${n === shown}`))
    follow.setAttribute('aria-pressed', `${chosen < 0}`)
    if (stage.firstChild !== drawings[shown]!.picture) stage.replaceChildren(drawings[shown]!.picture)
    show(drawings[shown]!, trace, trace.machines[shown]!, now, travel)
    caption.set(captionOf(trace, trace.machines[shown]!, now))
  }
  return render
}

function tab(text: string, choose: () => void): HTMLButtonElement {
  const button = el('button', { type: 'button', 'aria-pressed': 'false' }, text)
  button.addEventListener('click', choose)
  return button
}

// --- drawing

function draw(machine: Machine): Drawing {
  const layout = layoutOf(machine, 430, 268), { width, height } = layout
  const arcs = new Map(layout.arcs.map(arc => [arc, drawArc(arc)])), nodes = new Map(layout.nodes.map((node, n) => [node.state, drawNode(node, n)]))
  const labels = layout.arcs.map(arc => arc.label === undefined ? undefined
    : svg('text', { class: 'label', x: arc.label.x, y: arc.label.y + LABEL_SIZE * 0.35, 'text-anchor': 'middle', 'font-size': LABEL_SIZE }, arc.names.join(', ')))
  const token = svg('g', { class: 'token' }, svg('circle', { r: 7 }), svg('path', { d: 'M-3.2-3.2 3.2 3.2M3.2-3.2-3.2 3.2' }))
  const picture = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `States of ${machine.word} words: ${machine.states.join(', ')}` },
    ...arcs.values(), ...labels, ...nodes.values(), token)
  return { picture, nodes, arcs, token, layout }
}

function drawArc({ curve, from, to, names }: Arc): SVGGElement {
  const [, , control, end] = curve, turn = Math.atan2(end.y - control.y, end.x - control.x) * 180 / Math.PI
  return svg('g', { class: 'arc' }, svg('title', {}, `${names.join(', ')}: ${from} → ${to}`), svg('path', { class: 'line', d: pathText(curve) }),
    svg('path', { class: 'head', d: 'M4,0 -4,-3.6 -4,3.6Z', transform: `translate(${end.x.toFixed(1)},${end.y.toFixed(1)}) rotate(${turn.toFixed(1)})` }))
}

function drawNode({ state, x, y, width, height }: Node, place: number): SVGGElement {
  const { fill, mark } = lookOf(state, place), left = -width / 2
  return svg('g', { class: 'node', transform: `translate(${x.toFixed(1)},${y.toFixed(1)})`, 'data-state': state },
    svg('rect', { x: left, y: -height / 2, width, height, rx: 8, fill }),
    svg('text', { class: 'mark', x: left + 13, y: 4.5, 'text-anchor': 'middle' }, mark),
    svg('text', { x: left + 23, y: 4.5 }, state),
    svg('g', { class: 'count', transform: `translate(${-left - 2},${-height / 2 + 1})` },
      svg('rect', { x: -10, y: -8, width: 20, height: 16, rx: 8 }), svg('text', { y: 4, 'text-anchor': 'middle' })))
}

// --- a moment

function show({ nodes, arcs, token, layout }: Drawing, trace: Trace, machine: Machine, { words, access }: Moment, travel: number): void {
  const here = access !== undefined && trace.words[access.word]?.kind === machine.word ? access : undefined
  for (const [state, node] of nodes) {
    const count = words.filter((word, n) => trace.words[n]!.kind === machine.word && word.state === state).length
    node.querySelector('.count')!.classList.toggle('none', count === 0)
    setText(node.querySelector('.count text')!, `${count}`)
    node.classList.toggle('here', here !== undefined && here.to === state)
  }
  const taken = here?.step === undefined ? undefined : layout.arcs.find(({ from, to }) => from === here.step!.from && to === here.step!.to)
  for (const [arc, line] of arcs) line.classList.toggle('taken', arc === taken)
  token.setAttribute('class', here === undefined ? 'token none' : `token ${hueOf(here.thread)} ${here.what === 'swap' && !here.won ? 'lost' : here.won ? 'won' : 'read'}`)
  if (here !== undefined) moveToken(token, arcs.get(taken!), layout, here, travel)
}

/** Puts the token below the state that the word is in now; along the arc, where there is time for it. */
function moveToken(token: SVGGElement, arc: SVGGElement | undefined, layout: Layout, { to, step }: Access, travel: number): void {
  const node = layout.nodes.find(({ state }) => state === to) ?? layout.nodes.find(({ state }) => state === step?.to)
  token.classList.toggle('none', node === undefined)
  if (node === undefined) return
  const rest = { x: node.x - node.width / 2, y: node.y + node.height / 2 }, line = arc?.querySelector<SVGPathElement>('.line')
  const place = ({ x, y }: { x: number, y: number }): void => token.setAttribute('transform', `translate(${x.toFixed(1)},${y.toFixed(1)})`)
  const journey = token.dataset.journey = `${Number(token.dataset.journey ?? 0) + 1}`, time = Math.min(JOURNEY, travel)
  if (line === null || line === undefined || time < 60 || isStill()) { place(rest); return }
  const length = line.getTotalLength(), begun = performance.now()
  const frame = (now: number): void => {
    if (token.dataset.journey !== journey) return
    const part = Math.min(1, Math.max(0, now - begun) / time)
    place(part < 1 ? line.getPointAtLength(length * (1 - (1 - part) ** 2)) : rest)
    if (part < 1) requestAnimationFrame(frame)
  }
  frame(begun)
}

function captionOf(trace: Trace, machine: Machine, { access, words }: Moment): string {
  const word = access === undefined ? undefined : trace.words[access.word]
  if (access === undefined || word?.kind !== machine.word) return `The last access was not to a ${machine.word} word.`
  const now = words[access.word]!, name = word.name
  if (access.step !== undefined) return stepText(name, access)
  if (access.won) return `${name}: ${access.from} → ${access.to}, which is no legal step`
  return `${name} ${access.what === 'swap' ? 'stays' : 'is'} ${now.text}`
}

const stepText = (name: string, { step, from, to }: Access): string => `${name}: ${step!.name}, ${from} → ${to}`

/** The longest caption of the run is one of a step. */
function captionsOf(trace: Trace): string[] {
  return trace.accesses.filter(({ step }) => step !== undefined).map(access => stepText(trace.words[access.word]!.name, access))
}
