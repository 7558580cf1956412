// State machines as text: Mermaid, which GitHub draws by itself, and DOT, for Graphviz. One edge a step, with the function
// that makes it and what takes effect there; or weighted by how often a run took it.

import type { Transition } from '../harness/system'
import { type Machine, machinesOf } from './record'
import { INK, lookOf } from './palette'

/** What a system tells of its words; any system of the harness that gives its transitions. */
export interface Told { readonly transitions?: readonly Transition[] }

export interface MachineOptions {
  /** The kinds of words to draw. Default: all that the transitions name. */
  readonly words?: readonly string[]
  readonly title?: string
  /** How often each step was taken: edges are as thick as that, and those that never were are dashed and red. */
  readonly taken?: ReadonlyMap<Transition, number>
}

/** @throws TypeError for a system without transitions, or a word that they do not name */
export function machines({ transitions = [] }: Told, { words }: MachineOptions): Machine[] {
  const all = machinesOf(transitions)
  if (all.length === 0) throw new TypeError('the system gives no transitions: there is nothing to draw')
  return words?.map(word => {
    const machine = all.find(each => each.word === word)
    if (machine === undefined) throw new TypeError(`no step changes a '${word}' word: the transitions name ${all.map(each => each.word).join(', ')}`)
    return machine
  }) ?? all
}

const idOf = (word: string, state: string): string => `${word}_${state}`.replace(/\W/g, '_')

/** The state in which a word begins: the first that is named. */
const isFirst = ({ states }: Machine, state: string): boolean => states[0] === state && state !== 'Older' && state !== 'Any'

// --- Mermaid

/**
 * The state machines of a system's words as a Mermaid state diagram.
 *
 * @throws TypeError for a system without transitions
 * @example
 * ```js
 * import { mapSystem } from 'nonblocking-map/harness'
 * import { toMermaid } from 'nonblocking-map/diagrams'
 *
 * toMermaid(mapSystem(), { words: ['value'] }).split('\n')[0] // => 'stateDiagram-v2'
 * ```
 */
export function toMermaid(system: Told, options: MachineOptions = {}): string {
  const drawn = machines(system, options), title = options.title === undefined ? '' : `---\ntitle: ${options.title}\n---\n`
  const bodies = drawn.length === 1 ? [mermaidBody(drawn[0]!, options, '  ')] : drawn.map(machine => {
    const name = idOf(machine.word, 'word')
    return `  state "the ${machine.word} word" as ${name} {\n    direction LR\n${mermaidBody(machine, options, '    ')}\n  }`
  })
  return `${title}stateDiagram-v2\n${drawn.length === 1 ? '  direction LR\n' : ''}${bodies.join('\n')}\n`
}

function mermaidBody(machine: Machine, { taken }: MachineOptions, indent: string): string {
  const named = machine.states.map(state => `${indent}state "${state.replace(/"/g, "'")}" as ${idOf(machine.word, state)}`)
  const start = machine.states.filter(state => isFirst(machine, state)).map(state => `${indent}[*] --> ${idOf(machine.word, state)}`)
  const edges = machine.steps.map(step => {
    const often = taken === undefined ? '' : `, ${taken.get(step) ?? 0} times`
    return `${indent}${idOf(machine.word, step.from)} --> ${idOf(machine.word, step.to)}: ${step.name} (${step.by})${often}${effectText(step)}`
  })
  return [...named, ...start, ...edges].join('\n')
}

const effectText = ({ effect = '' }: Transition): string => effect === '' ? '' : `, takes effect: ${effect}`

// --- DOT

/**
 * The state machines of a system's words in the DOT language, a cluster each. Steps that do something for a user are drawn bold.
 *
 * @throws TypeError for a system without transitions
 */
export function toDot(system: Told, options: MachineOptions = {}): string {
  const drawn = machines(system, options), most = Math.max(1, ...options.taken?.values() ?? [])
  const bodies = drawn.map(machine => cluster(machine, drawn.length > 1, step => styleOf(step, options.taken, most)))
  return `digraph ${quoted(options.title ?? 'machines')} {\n${HEAD}${bodies.join('\n')}\n}\n`
}

/** Graphviz knows the widths of its letters. */
export const FONT = 'Helvetica'
/** A step's text is a node of its own, so that no other edge runs through it. */
export const HEAD = `  rankdir=LR; bgcolor=transparent; nodesep=0.18; ranksep=0.32; pad=0.2
  fontname="${FONT}"; fontsize=14; labeljust=l
  node [shape=box, style="rounded,filled", fontname="${FONT}", fontsize=13, fontcolor="${INK}", color="${INK}", margin="0.22,0.09"]
  edge [arrowsize=0.7]
`
/** Lines of a step's text, as the attributes of its node. */
export const stepNode = (lines: readonly string[], kind: string): string =>
  `label=${quoted(lines.join('\n')).replace(/\n/g, '\\n')}, shape=box, style="", penwidth=0, fontsize=10.5, margin="0.16,0.04", height=0.2, class="step ${kind}"`
export const quoted = (text: string): string => `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`

function cluster(machine: Machine, framed: boolean, style: (step: Transition) => Style): string {
  const { word, states, steps } = machine
  const nodes = states.map((state, place) => {
    const { fill, mark } = lookOf(state, place), outside = state === 'Older' || state === 'Any'
    const text = outside ? `${state.toLowerCase()}${state === 'Older' ? ' generation' : ' state'}` : `${mark}  ${state}`
    return `    ${idOf(word, state)} [label=${quoted(text)}, ${outside ? 'style="rounded,dashed", class=outside' : `fillcolor="${fill}"`}]`
  })
  const edges = steps.map((step, n) => {
    const middle = idOf(word, `step ${n}`), { lines, kind, width } = style(step), line = `penwidth=${width}, class="${kind}"`
    const [from, to] = [idOf(word, step.from), idOf(word, step.to)]
    return `    ${middle} [${stepNode(lines, kind)}]\n    ${from} -> ${middle} [${line}, arrowhead=none]; ${middle} -> ${to} [${line}]`
  })
  const head = framed ? `  subgraph cluster_${idOf(word, 'word')} {\n    label=${quoted(`  the ${word} word`)}; style=rounded; class=frame; margin=16\n` : ''
  return `${head}${nodes.join('\n')}\n${edges.join('\n')}${framed ? '\n  }' : ''}`
}

/** The lines beside an edge, what it is (for its colour), and how thick. */
interface Style { readonly lines: readonly string[], readonly kind: string, readonly width: number }

function styleOf(step: Transition, taken: MachineOptions['taken'], most: number): Style {
  const { name, by, effect = '' } = step
  if (taken === undefined && effect === '') return { lines: [name, by], kind: 'plain', width: 1 }
  if (taken === undefined) return { lines: [name, by, `◆ ${effect}`], kind: 'effect', width: 2.2 }
  const count = taken.get(step) ?? 0
  if (count === 0) return { lines: [name, 'never taken'], kind: 'never', width: 1.2 }
  return { lines: [name, `${count} ×`], kind: 'plain', width: Number((0.8 + 5 * Math.log1p(count) / Math.log1p(most)).toFixed(2)) }
}

// --- drawn

/** Style of the drawings that Graphviz lays out: its black becomes the reader's text colour. */
export const DRAWN = `
.edge path { stroke: var(--line) } .edge polygon { fill: var(--line); stroke: var(--line) } .edge text { fill: var(--text) }
.node text { fill: ${INK} } .joint text[font-size="10.00"] { fill: var(--faint) } .step text { fill: var(--text) } .step text:first-of-type { font-weight: bold }
.outside path { stroke: var(--line) } .outside text { fill: var(--faint) }
.frame path { stroke: var(--rule); fill: none } .cluster text { fill: var(--text) }
.edge.effect path { stroke: var(--text) } .edge.effect polygon { fill: var(--text); stroke: var(--text) }
.edge.never path { stroke-dasharray: 5 3 }
.edge.never path { stroke: var(--alarm) } .edge.never polygon { fill: var(--alarm); stroke: var(--alarm) } .never text { fill: var(--alarm) }`
