// A run as a space-time diagram. Time goes down. A lane for each worker: a bar for each operation, a mark for each access,
// swaps won and lost, the linearization point; and beside them a strip for each slot, coloured by its state.

import { THREADS, INK, lookOf } from './palette'
import type { Access, Operation, Trace } from './record'
import { escaped, fitted, picture, widthOf } from './svg'

const ROW = 22, SIZE = 11.5, STRIP = 78, BAR = 26, LEFT = 18, HEAD = 78, TEXT = 14

/** What a lane is wide: as wide as the longest of its lines, in any lane. */
interface Layout { readonly lane: number, readonly rowAt: (n: number) => number }

/** One row of the picture: one access that matters, or a stretch of loads by the same worker. */
interface Row { readonly from: number, readonly to: number }

/**
 * A recorded run as a space-time diagram, in SVG. Each access has its mark; loads in a row share a line of text.
 *
 * @param trace - from `record`, or from a trace file
 * @returns a picture of its own; it follows the reader's light or dark mode
 */
export function toSvg(trace: Trace): string {
  const rows = rowsOf(trace), strips = stripsOf(trace), bottom = HEAD + rows.length * ROW + 16, layout = layoutOf(trace, rows)
  const right = LEFT + trace.threads.length * layout.lane, width = Math.max(right + strips.length * STRIP + 24, widthOf(trace.about, 12) + 40)
  const body = [
    heading(trace), ...trace.threads.map((calls, t) => lane(t, calls, bottom, layout)), ...trace.operations.map(operation => bar(operation, layout)),
    ...losses(trace, layout), ...rows.map((row, n) => line(trace, row, n, layout)), ...trace.operations.map(operation => point(operation, layout)),
    ...strips.map((strip, n) => stripOf(trace, strip, rows, right + 12 + n * STRIP)), legend(bottom),
  ]
  return picture(width, bottom + 54, trace.title, `${trace.about} ${summary(trace)}`, STYLE, body.join('\n'))
}

function layoutOf(trace: Trace, rows: readonly Row[]): Layout {
  const texts = rows.map(row => widthOf(textOf(trace, row), SIZE) + BAR + TEXT + 24), heads = trace.threads.map((calls, t) => widthOf(headOf(t, calls), 13) * 1.08 + 24)
  return { lane: Math.ceil(Math.max(220, ...texts, ...heads)), rowAt: n => rows.findIndex(({ from, to }) => from <= n && n <= to) }
}

const STYLE = `
text { font-size: ${SIZE}px } .small { font-size: 10.5px } .faint { fill: var(--faint) } .bold { font-weight: bold } .on { fill: ${INK} }
.rule { stroke: var(--rule) } .lost { stroke: var(--alarm) } .link { stroke: var(--alarm); stroke-dasharray: 3 3; fill: none; opacity: 0.75 }`

const summary = ({ operations }: Trace): string =>
  operations.map(({ thread, call, ...ended }) => `Worker ${thread}: ${call}${outcome(ended)}.`).join(' ')

function outcome({ answer, killed }: Pick<Operation, 'answer' | 'killed'>): string {
  if (answer === undefined) return killed ? ', killed' : ', pending'
  return answer === 'undefined' ? '' : ` = ${answer}`
}

const yOf = (row: number): number => HEAD + row * ROW + ROW / 2
const xOf = (thread: number, { lane }: Layout): number => LEFT + thread * lane + BAR
const colourOf = (thread: number): string => THREADS[thread % THREADS.length]!

// --- rows

/** Whether an access has a row of its own. */
function isShown({ accesses, operations }: Trace, n: number): boolean {
  const { what } = accesses[n]!
  return what !== 'load' && what !== 'add' || operations.some(({ point }) => point === n)
}

function rowsOf(trace: Trace): Row[] {
  const rows: Row[] = []
  trace.accesses.forEach((access, n) => {
    const last = rows.at(-1), before = trace.accesses[n - 1]
    const joins = last !== undefined && !isShown(trace, n) && !isShown(trace, n - 1) && before!.operation === access.operation
    if (joins) rows[rows.length - 1] = { from: last.from, to: n }
    else rows.push({ from: n, to: n })
  })
  return rows
}

function line(trace: Trace, row: Row, n: number, layout: Layout): string {
  const access = trace.accesses[row.from]!, { thread } = access, x = xOf(thread, layout), y = yOf(n), isQuiet = access.what !== 'kill' && !isShown(trace, row.from)
  const kind = access.what === 'kill' ? 'bold' : isQuiet ? 'small faint' : ''
  const mark = isQuiet ? dots(row.to - row.from + 1, colourOf(thread)) : markOf(access, colourOf(thread))
  return `<g transform="translate(${x},${y})">${mark}<text x="${TEXT}" y="4" class="${kind}">${escaped(textOf(trace, row))}</text></g>`
}

/** A dot for each of some loads in a row, one below the other. */
function dots(count: number, colour: string): string {
  const step = Math.min(6, (ROW - 4) / count), radius = Math.min(2.5, step / 2.2).toFixed(1)
  return Array.from({ length: count }, (_, n) => `<circle cy="${((n - (count - 1) / 2) * step).toFixed(1)}" r="${radius}" fill="${colour}"/>`).join('')
}

function markOf({ what, won }: Access, colour: string): string {
  if (what === 'kill') return '<path d="M-5 -5l10 10m0 -10l-10 10" stroke-width="2.5" class="lost"/>'
  if (what === 'load') return `<circle r="3.5" fill="${colour}"/>`
  if (won) return `<circle r="5.5" fill="${colour}"/>`
  return `<circle r="5" style="fill:var(--paper)" stroke="${colour}" stroke-width="2"/><path d="M-3 -3l6 6" class="lost" stroke-width="1.6"/>`
}

function textOf(trace: Trace, { from, to }: Row): string {
  const access = trace.accesses[from]!, { what, won, seen, next } = access
  if (what === 'kill') return 'killed here'
  if (!isShown(trace, from)) return loadsText(trace, from, to)
  const name = nameOf(trace, access)
  if (what === 'load') return `${name} is ${seen}`
  if (won) return `${name}  ${seen} → ${next}`
  return what === 'swap' ? `${name}: lost, it is ${seen}` : `${name} stays ${seen}`
}

const nameOf = ({ words }: Trace, { word }: Access): string => words[word]!.name

function loadsText(trace: Trace, from: number, to: number): string {
  const names = [...new Set(trace.accesses.slice(from, to + 1).filter(({ word }) => trace.words[word]!.kind !== undefined).map(access => nameOf(trace, access)))]
  if (names.length === 0) return 'counts'
  return names.length < 3 ? `reads ${names.join(', ')}` : `reads ${names[0]!} … ${names.at(-1)!} (${names.length} words)`
}

// --- lanes

function heading({ title, about }: Trace): string {
  return `<text x="${LEFT}" y="26" style="font-size:18px" class="bold">${escaped(title)}</text>
<text x="${LEFT}" y="46" style="font-size:12px" class="faint">${escaped(about)}</text>`
}

const headOf = (thread: number, calls: readonly string[]): string => `Worker ${thread}: ${calls.join('; ')}`

function lane(thread: number, calls: readonly string[], bottom: number, layout: Layout): string {
  const x = LEFT + thread * layout.lane, rule = thread === 0 ? '' : `<path d="M${x - 8} ${HEAD - 22}V${bottom}" class="rule"/>`
  return `${rule}<text x="${x}" y="${HEAD - 8}" class="bold" style="font-size:13px;fill:${colourOf(thread)}">${escaped(headOf(thread, calls))}</text>`
}

function bar({ thread, from, to, answer }: Operation, layout: Layout): string {
  const x = xOf(thread, layout), top = yOf(layout.rowAt(from)) - 8, bottom = yOf(layout.rowAt(to)) + 8, colour = colourOf(thread)
  const end = answer === undefined ? 'stroke-dasharray="4 3"' : ''
  return `<rect x="${x - 8}" y="${top}" width="16" height="${bottom - top}" rx="8" fill="${colour}" fill-opacity="0.16" stroke="${colour}" stroke-opacity="0.6" ${end}/>`
}

/** The linearization point: a diamond at the left of the bar. */
function point({ thread, point: at, call }: Operation, layout: Layout): string {
  if (at < 0) return ''
  return `<path d="M${xOf(thread, layout) - 17} ${yOf(layout.rowAt(at)) - 6}l6 6l-6 6l-6 -6z" fill="${colourOf(thread)}"><title>${escaped(call)} takes effect here</title></path>`
}

/**
 * Between each swap that was lost and the change of another worker that made it lose. Each row holds one access, so on the
 * row of the right one of both there is nothing to its left: the line runs there, and down the bar of the other.
 */
function losses({ accesses }: Trace, layout: Layout): string[] {
  return accesses.flatMap((access, n) => {
    if (access.what !== 'swap' || access.won) return []
    const by = accesses.findLastIndex((other, m) => m < n && other.won && other.word === access.word)
    if (by < 0 || accesses[by]!.thread === access.thread) return []
    const [left, right] = accesses[by]!.thread < access.thread ? [by, n] : [n, by]
    const x = xOf(accesses[left]!.thread, layout) + 8, y = yOf(layout.rowAt(right))
    return [`<path d="M${xOf(accesses[right]!.thread, layout) - 9} ${y}H${x}V${yOf(layout.rowAt(left))}" class="link"/>`]
  })
}

// --- slots

/** The words of one row of a grid, or one word; shown if it changes. */
interface Strip { readonly name: string, readonly words: readonly number[] }

function stripsOf({ words, accesses }: Trace): Strip[] {
  const changed = new Set(accesses.filter(({ won, word }) => won && word >= 0 && words[word]!.state !== undefined).map(({ word }) => word)), rows = new Map<string, number[]>()
  words.forEach(({ name, state }, n) => {
    const row = /^(.*\[-?\d+\])/.exec(name)?.[1] ?? (name.includes('.') ? undefined : name)
    if (row !== undefined && state !== undefined) rows.set(row, [...rows.get(row) ?? [], n])
  })
  return [...rows].filter(([, parts]) => parts.some(word => changed.has(word))).map(([name, parts]) => ({ name, words: parts }))
}

/** What the strip says at each row: the words' states before the first access, and after each row. */
function stripOf(trace: Trace, { name, words }: Strip, rows: readonly Row[], x: number): string {
  const now = new Map(words.map(word => [word, { state: trace.words[word]!.state!, text: trace.words[word]!.text }])), parts: { state: string, text: string, row: number }[] = []
  const note = (row: number): void => {
    const seen = shown([...now.values()])
    if (parts.at(-1)?.text !== seen.text) parts.push({ ...seen, row })
  }
  note(-1)
  rows.forEach(({ from, to }, row) => {
    for (const { word, won, to: state, next } of trace.accesses.slice(from, to + 1)) if (won && now.has(word)) now.set(word, { state: state!, text: next })
    note(row)
  })
  const edges = [...parts.map(({ row }) => row < 0 ? HEAD : yOf(row)), HEAD + rows.length * ROW]
  const drawn = parts.map((part, n) => box(part, x, edges[n]!, edges[n + 1]!, parts.findIndex(({ state }) => state === part.state)))
  return `<text x="${x + STRIP / 2 - 3}" y="${HEAD - 8}" text-anchor="middle" class="bold">${escaped(name)}</text>${drawn.join('')}`
}

/** Of the words of a row, the last that is not as it was made: a value if there is one, otherwise the key. */
function shown(words: readonly { readonly state: string, readonly text: string }[]): { state: string, text: string } {
  return words.findLast(({ state }) => state !== 'Empty') ?? words.at(-1)!
}

function box({ state, text }: { state: string, text: string }, x: number, top: number, bottom: number, place: number): string {
  const { fill } = lookOf(state, place), height = bottom - top
  const label = height < 14 ? '' : `<text x="${x + STRIP / 2 - 3}" y="${top + 14}" text-anchor="middle" class="small on">${escaped(fitted(text, 10.5, STRIP - 8))}</text>`
  return `<rect x="${x}" y="${top}" width="${STRIP - 6}" height="${Math.max(0, height)}" fill="${fill}" stroke="${INK}" stroke-opacity="0.35"/>${label}`
}

function legend(bottom: number): string {
  const y = bottom + 26, items: readonly [string, string][] = [
    ['<circle r="2.5" fill="var(--faint)"/>', 'loads'], ['<circle r="5.5" fill="var(--faint)"/>', 'a change: the swap was won'],
    ['<circle r="5" style="fill:var(--paper)" stroke="var(--faint)" stroke-width="2"/><path d="M-3 -3l6 6" class="lost" stroke-width="1.6"/>', 'a swap that was lost'],
    ['<path d="M0 -6l6 6l-6 6l-6 -6z" fill="var(--faint)"/>', 'the operation takes effect'], ['<path d="M-5 -5l10 10m0 -10l-10 10" stroke-width="2.5" class="lost"/>', 'killed'],
  ]
  let x = LEFT + 8
  return items.map(([mark, text]) => {
    const at = x
    x += widthOf(text, SIZE) + 46
    return `<g transform="translate(${at.toFixed(1)},${y})">${mark}<text x="13" y="4" class="faint">${text}</text></g>`
  }).join('\n')
}
