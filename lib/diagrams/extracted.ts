// Extracted machines, drawn: states with the number of explored states that are in them, edges with the steps that lead
// along them; and for a machine of two words a table of all combinations, those that were never reached among them.

import type { Drawing } from './draw'
import type { Edge, Extracted } from './extract'
import { HEAD, quoted, stepNode } from './machine'
import { INK, lookOf } from './palette'
import { escaped, widthOf } from './svg'

/** Marks of states that are more than one word of a slot: a key that is gone, and the value that is still to be swept. */
const partsOf = (state: string): { readonly look: string, readonly text: string } => ({ look: state.split(', ').at(-1)!, text: state.replace('Empty, ', 'no key, ') })

const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',')

/** An extracted machine in the DOT language. */
export function extractedDot({ states, edges }: Extracted, title: string): string {
  const ids = new Map([...states.keys()].map((state, n) => [state, `s${n}`])), all = [...states.keys()]
  const nodes = [...states].map(([state, count]) => `  ${ids.get(state)!} [${nodeOf(state, count, all.indexOf(state))}]`)
  const isJoint = all.some(state => state.includes(' | ')), drawn = parallel(edges, isJoint).map(([pair, lines], n) => {
    const [from, to] = pair.split('\n').map(state => ids.get(state)!)
    return `  e${n} [${stepNode(lines, 'plain')}]\n  ${from} -> e${n} [arrowhead=none]; e${n} -> ${to}`
  })
  return `digraph ${quoted(title)} {\n${HEAD}${isJoint ? '  rankdir=TB; ranksep=0.25; nodesep=0.3\n' : ''}${nodes.join('\n')}\n${drawn.join('\n')}\n}\n`
}

/** An extracted machine as a Mermaid state diagram; each state with the number of explored states that are in it. */
export function extractedMermaid({ states, edges }: Extracted, title: string): string {
  const ids = new Map([...states.keys()].map((state, n) => [state, `s${n}`]))
  const named = [...states].map(([state, count]) => `  state "${state} (${grouped(count)})" as ${ids.get(state)!}`)
  const drawn = parallel(edges, true).map(([pair, lines]) => `  ${pair.split('\n').map(state => ids.get(state)!).join(' --> ')}: ${lines.join(', ')}`)
  return `---\ntitle: ${title}\n---\nstateDiagram-v2\n${named.join('\n')}\n${drawn.join('\n')}\n`
}

/** Steps that lead from one state to the same other share an edge; one that has an edge of its own takes two lines, if there is room. */
function parallel(edges: Extracted['edges'], isTight: boolean): [pair: string, lines: readonly string[]][] {
  const found = new Map<string, Edge[]>()
  for (const edge of edges.keys()) found.set(`${edge.from}\n${edge.to}`, [...found.get(`${edge.from}\n${edge.to}`) ?? [], edge])
  const parts = ({ step, by }: Edge): [string, string] => [step.replace(/^.*: /, ''), by]
  return [...found].map(([pair, shared]) => [pair, shared.length > 1 || isTight ? shared.map(edge => parts(edge).join(' · ')) : parts(shared[0]!)])
}

function nodeOf(state: string, count: number, place: number): string {
  const cells = state.split(' | ')
  if (cells.length === 1) return `label=${quoted(`${state}\\n${grouped(count)}`).replace(/\\\\n/g, '\\n')}, fillcolor="${lookOf(state, place).fill}"`
  const cell = (text: string): string => {
    const part = partsOf(text), { fill, mark } = lookOf(part.look)
    return `<TD BGCOLOR="${fill}" CELLPADDING="5" WIDTH="${Math.ceil(widthOf(`${mark} ${part.text}`, 13.5) + 26)}">${mark} ${part.text}</TD>`
  }
  const rows = `<TR>${cells.map(cell).join('')}</TR><TR><TD COLSPAN="2" BORDER="0" CELLPADDING="2"><FONT POINT-SIZE="10">${grouped(count)}</FONT></TD></TR>`
  return `shape=plain, style="", label=<<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" COLOR="${INK}">${rows}</TABLE>>, class=joint`
}

// --- the table of combinations

const CELL = 76, ROW = 26, SIZE = 11

/** What is written above a table: what its rows and columns are, what was explored, and what else there is to say. */
export interface TableText { readonly rows: string, readonly columns: string, readonly programs: string, readonly note: string }

/**
 * Every combination of the states of two words: how many explored states are in it, or a dash where none is. Of the programs that
 * were explored a dash is a proof, of others not: so these are named.
 */
export function combinations({ states, explored }: Extracted, universe: readonly string[], text: TableText): Drawing {
  const { rows: rowName, columns: columnName, programs, note } = text
  const head = Math.max(...universe.map(state => widthOf(partsOf(state).text, SIZE))) + 44, top = 94 + head * 0.42, reached = states.size, all = universe.length ** 2
  const columns = universe.map((state, n) => {
    const x = head + n * CELL + CELL / 2
    return `<text font-size="${SIZE}" transform="translate(${x - 4},${top - 8}) rotate(-25)">${escaped(titled(state))}</text>`
  })
  const rows = universe.map((old, n) => {
    const y = top + n * ROW, cells = universe.map((next, m) => cellOf(states.get(`${old} | ${next}`), head + m * CELL, y))
    return `<text x="${head - 8}" y="${y + 17}" font-size="${SIZE}" text-anchor="end">${escaped(titled(old))}</text>${cells.join('')}`
  })
  const legend = `${reached} of ${all} combinations were reached, in ${grouped(explored)} states; the other ${all - reached} by none of these programs.`
  const lines = [`Every interleaving, with at most one kill, of ${programs}`, `${legend} ${note}`]
  const above = lines.map((line, n) => `<text x="16" y="${38 + n * 18}" font-size="12" style="fill:var(--faint)">${escaped(line)}</text>`)
  const width = Math.max(head + universe.length * CELL + 60, ...lines.map(line => widthOf(line, 12) + 32))
  const body = `<text x="16" y="20" font-size="13" font-weight="bold">${escaped(`${rowName} (rows) and ${columnName} (columns)`)}</text>
${[...above, ...columns, ...rows].join('\n')}`
  return { body, width, height: top + universe.length * ROW + 24 }
}

const titled = (state: string): string => `${lookOf(partsOf(state).look).mark} ${partsOf(state).text}`

function cellOf(count: number | undefined, x: number, y: number): string {
  const box = `<rect x="${x}" y="${y}" width="${CELL - 3}" height="${ROW - 3}" rx="3" ${count === undefined ? 'style="fill:none;stroke:var(--rule)"' : 'fill="#7fd1ae"'}/>`
  const ink = count === undefined ? 'style="fill:var(--faint)"' : `style="fill:${INK}"`
  return `${box}<text x="${x + CELL / 2 - 1.5}" y="${y + 16}" font-size="${SIZE}" text-anchor="middle" ${ink}>${count === undefined ? '–' : grouped(count)}</text>`
}
