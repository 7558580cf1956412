// The memory: grids of slots, and the other words beside them. The word of the last access is outlined in its worker's
// colour, with a tag that says what became of it.

import { lookOf } from '../palette'
import type { Access, Trace } from '../record'
import { el, hueOf, setText } from './dom'
import { type Grid, type Group, type Line, groupsOf, isNumbered } from './shape'
import type { Moment } from './state'

/** The element of each word, in the order of the words. */
type Cells = HTMLElement[]

/** What a reader does with a word: points at it, or at none (-1); picks it. */
export interface WordActions { point(word: number): void, pick(word: number, forward: boolean): void }

/** Builds the memory of a run; what it returns shows a moment. */
export function memoryView(root: HTMLElement, trace: Trace, actions: WordActions): (now: Moment) => void {
  const cells: Cells = [], groups = groupsOf(trace)
  const boxes = groups.map(group => groupOf(group, trace, cells))
  const alone = groups[0]?.prefix === '' ? boxes.shift() : undefined
  root.replaceChildren(el('div', { class: 'memory-head' }, el('h2', {}, 'Memory'), alone), el('div', { class: 'groups' }, ...boxes))
  listen(root, actions)
  return now => {
    const owners = groups.map(({ lines }) => ownerOf(lines, now))
    groups.forEach(({ prefix, lines, grid }, n) => {
      if (prefix !== '') showTitle(boxes[n - groups.length + boxes.length]!, owners[n]!, isRoot(owners[n]!, now, trace))
      for (const { items } of lines) for (const { word } of items) show(cells[word]!, trace, word, now, owners[n]!)
      for (const { words } of grid?.rows ?? []) for (const word of words) if (word >= 0) show(cells[word]!, trace, word, now, '')
    })
    keepInView(cells[now.access?.word ?? -1])
  }
}

function groupOf({ prefix, grid, lines }: Group, trace: Trace, cells: Cells): HTMLElement {
  const title = prefix === '' ? undefined : el('h3', {}, prefix, el('span', { class: 'owner' }), el('span', { class: 'root-tag' }, 'root'))
  const body = el('div', { class: 'group-body' }, grid === undefined ? undefined : gridTable(grid, cells), linesBox(lines.filter(line => !isNumbered(line)), trace, cells))
  return el('div', { class: prefix === '' ? 'group alone' : grid === undefined ? 'group' : 'group with-grid', 'data-prefix': prefix },
    title, body, linesBox(lines.filter(isNumbered), trace, cells))
}

/** A longer grid goes on beside itself, where there is room. */
const ROWS = 10

function gridTable({ parts, rows }: Grid, cells: Cells): HTMLElement {
  const head = (): Node | undefined => parts.every(part => part === '') ? undefined
    : el('thead', {}, el('tr', {}, el('th', { 'aria-label': 'row' }), ...parts.map(part => el('th', { scope: 'col' }, part))))
  const nameOf = (index: number): Node => el('th', { scope: 'row', title: index < 0 ? 'counted from the end' : '' }, `${Math.abs(index)}`)
  const body = rows.map(({ index, words }) => el('tr', {}, nameOf(index), ...words.map(word => el('td', {}, word < 0 ? undefined : cellOf(word, cells)))))
  const tables = Math.ceil(rows.length / ROWS), each = Math.ceil(rows.length / tables)
  return el('div', { class: 'grid' }, ...Array.from({ length: tables }, (_, n) => el('table', {}, head(), el('tbody', {}, ...body.slice(n * each, (n + 1) * each)))))
}

/** More words than that in one line show their marks alone. */
const MANY = 8

function linesBox(lines: readonly Line[], trace: Trace, cells: Cells): HTMLElement | undefined {
  if (lines.length === 0) return undefined
  return el('dl', { class: lines.every(isNumbered) ? 'lines in-line' : 'lines' }, ...lines.map(line => {
    const items = line.items.map(({ label, word }) => {
      const cell = cellOf(word, cells, trace.words[word]!.name)
      if (!isNumbered(line)) return cell
      cell.classList.add('small')
      return el('span', { class: 'numbered' }, el('small', {}, label), cell)
    })
    return el('div', { class: items.length > MANY ? 'many' : undefined }, el('dt', {}, line.label), el('dd', {}, ...items))
  }))
}

function cellOf(word: number, cells: Cells, title?: string): HTMLElement {
  return cells[word] = el('span', { class: 'word', 'data-word': word, title },
    el('i', { class: 'mark', 'aria-hidden': 'true' }), el('span', { class: 'text' }), el('b', { class: 'tag' }))
}

function listen(root: Element, { point, pick }: WordActions): void {
  for (const cell of root.querySelectorAll<HTMLElement>('.word')) {
    const word = Number(cell.dataset.word)
    cell.addEventListener('pointerenter', () => { point(word) })
    cell.addEventListener('pointerleave', () => { point(-1) })
    cell.addEventListener('click', event => { pick(word, !event.shiftKey) })
  }
}

// --- a moment

function show(cell: HTMLElement, trace: Trace, n: number, { access, words }: Moment, owner: string): void {
  const { text, state } = words[n]!, { name, kind } = trace.words[n]!
  const [mark, shown, tag] = cell.children as unknown as [HTMLElement, HTMLElement, HTMLElement]
  const look = state === undefined ? undefined : lookOf(state, trace.machines.find(({ word }) => word === kind)?.states.indexOf(state))
  cell.style.setProperty('--fill', look?.fill ?? 'var(--plain)')
  cell.classList.toggle('plain', look === undefined)
  setText(mark, look?.mark ?? '')
  setText(shown, owner !== '' && text.endsWith(` of ${owner}`) ? text.slice(0, -owner.length - 4) : text)
  if (cell.title !== `${name}: ${text}`) cell.title = `${name}: ${text}`
  const touched = access !== undefined && access.word === n
  setText(tag, touched ? `${SIGNS[outcomeOf(access)]} ${access.thread}` : '')
  cell.className = cell.className.replace(/ (touched|read|won|lost|hue\d)\b/g, '') + (touched ? ` touched ${outcomeOf(access)} ${hueOf(access.thread)}` : '')
}

type Outcome = 'read' | 'won' | 'lost'
const SIGNS: Readonly<Record<Outcome, string>> = { read: '◦', won: '●', lost: '✕' }

/** What became of an access: a swap that changed nothing was lost. */
export const outcomeOf = ({ what, won }: Access): Outcome => won ? 'won' : what === 'swap' ? 'lost' : 'read'

/** Whose most words of a group are, where they say so, as in `Copy of table 2`: it is said once, in the group's title. */
function ownerOf(lines: readonly Line[], { words }: Moment): string {
  const counts = new Map<string, number>(), single = lines.filter(line => !isNumbered(line))
  for (const { word } of (single.length > 0 ? single : lines).flatMap(({ items }) => items)) {
    const [, owner] = / of (\w+ \d+)$/.exec(words[word]!.text) ?? []
    if (owner !== undefined) counts.set(owner, (counts.get(owner) ?? 0) + 1)
  }
  return [...counts].reduce((best, one) => one[1] > best[1] ? one : best, ['', 0] as const)[0]
}

function showTitle(box: HTMLElement, owner: string, root: boolean): void {
  const title = box.querySelector('h3')!
  setText(title.querySelector('.owner')!, owner)
  title.classList.toggle('at-root', root)
}

/** Whether it is the owner that the word `root` names. */
const isRoot = (owner: string, { words }: Moment, trace: Trace): boolean => owner !== '' && words[trace.words.findIndex(({ name }) => name === 'root')]?.text === owner

/** Scrolls a long grid, and nothing else, to its cell. */
function keepInView(cell: HTMLElement | undefined): void {
  const grid = cell?.closest<HTMLElement>('.grid')
  if (cell === undefined || grid === null || grid === undefined || grid.scrollHeight <= grid.clientHeight) return
  const own = cell.getBoundingClientRect(), all = grid.getBoundingClientRect()
  if (own.top < all.top + 30) grid.scrollTop -= all.top + 30 - own.top
  else if (own.bottom > all.bottom) grid.scrollTop += own.bottom - all.bottom + 6
}
