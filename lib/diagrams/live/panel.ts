// One half of the map on the page: the table that lies in it, and its slots.

import type { instantiate } from '#diagrams/look'
import { element, say } from './dom'
import { type Grid, type Painter, countStates, paint, painterOn, slotsAt } from './grid'
import { SLOTS, type TableLook, UNREAD } from './states'
import { STATES, whole } from './telling'

type Look = ReturnType<typeof instantiate>

/** One half. */
export interface Panel {
  readonly root: HTMLElement
  readonly painter: Painter
  readonly name: HTMLElement
  readonly chip: HTMLElement
  readonly slots: HTMLElement
  readonly claims: HTMLElement
  readonly copied: Bar
  readonly swept: Bar
  readonly nothing: HTMLElement
  /** The generation that `states` is of, and the slot that is read next. */
  generation: number
  states: Uint8Array
  next: number
  grid: Grid | undefined
}

interface Bar { readonly row: HTMLElement, readonly bar: HTMLProgressElement, readonly text: HTMLElement }

export function panelIn(root: HTMLElement): Panel {
  const canvas = element('canvas', ''), name = element('h2', ''), chip = element('span', 'chip'), slots = element('span', ''), claims = element('span', '')
  const copied = barOf('copied'), swept = barOf('swept'), nothing = element('p', '', 'No table in this half.')
  canvas.setAttribute('role', 'img')
  root.replaceChildren(element('div', 'title', name, chip), element('div', 'facts', slots, claims), copied.row, swept.row, element('div', 'well', canvas, nothing))
  const words = { name, chip, slots, claims, copied, swept, nothing }
  const panel: Panel = { root, painter: painterOn(canvas), ...words, generation: 0, states: new Uint8Array(0), next: 0, grid: undefined }
  canvas.onpointermove = event => { canvas.title = under(panel, event.offsetX, event.offsetY) }
  return panel
}

/** What the square under the pointer stands for. */
function under({ grid, states }: Panel, x: number, y: number): string {
  const slots = grid === undefined ? undefined : slotsAt(grid, states.length, x, y, window.devicePixelRatio)
  if (slots === undefined) return ''
  const [from, to] = slots, counts = countStates(states.subarray(from, to))
  if (to === from + 1) return `slot ${whole(from)}: ${states[from] === UNREAD ? 'not read yet' : SLOTS[states[from]!]!}`
  return `slots ${whole(from)} to ${whole(to - 1)}: ${inWords(counts)}`
}

const inWords = (counts: Uint32Array): string => SLOTS.flatMap((name, n) => counts[n]! > 0 ? [`${whole(counts[n]!)} ${name}`] : []).join(', ')

function barOf(name: string): Bar {
  const bar = element('progress', ''), text = element('span', '')
  bar.setAttribute('aria-label', `Chunks ${name}`)
  return { row: element('div', 'progress', element('span', '', name), bar, text), bar, text }
}

/** Reads at most `most` slots on from where the last call stopped, round and round. Returns how many. */
export function readOn(panel: Panel, look: Look, at: number, table: TableLook, most: number): number {
  const capacity = table.state === 'free' ? 0 : table.capacity
  if (panel.generation !== table.generation || panel.states.length !== capacity) {
    panel.generation = table.generation
    panel.states = new Uint8Array(capacity).fill(UNREAD)
    panel.next = 0
  }
  const from = panel.next, to = Math.min(capacity, from + most)
  look.readSlots(at, table.generation, from, to, panel.states)
  panel.next = to === capacity ? 0 : to
  return to - from
}

export function draw(panel: Panel): void {
  const scale = window.devicePixelRatio, background = getComputedStyle(panel.root).getPropertyValue('--well')
  panel.grid = paint(panel.painter, panel.states, background, scale)
}

/** Shows what the table's header says. Returns the counts of its slots. */
export function show(panel: Panel, table: TableLook): Uint32Array {
  const { state, capacity, claims, closed, chunks } = table, isFree = state === 'free', counts = countStates(panel.states)
  panel.root.classList.toggle('root', table.isRoot)
  panel.root.classList.toggle('free', isFree)
  say(panel.name, isFree ? 'No table' : table.name)
  say(panel.chip, STATES[state])
  say(panel.slots, isFree ? capacity === 0 ? 'never used' : `${whole(capacity)} slots at its last use` : `${whole(capacity)} slots`)
  say(panel.claims, isFree ? '' : `${whole(claims)} keys claimed, ${Math.round(claims * 100 / Math.max(1, capacity))} %${closed ? ', closed' : ''}`)
  advance(panel.copied, table.chunksDone, chunks, state === 'copying' || state === 'clearing' || state === 'sweeping')
  advance(panel.swept, table.chunksSwept, chunks, state === 'sweeping')
  panel.nothing.hidden = panel.states.length > 0
  say(panel.nothing, capacity === 0 ? 'This half waits for the first resize.' : 'Swept and free: this half waits for the next resize.')
  panel.painter.canvas.setAttribute('aria-label', isFree ? 'No slots' : `The slots of ${table.name.toLowerCase()}: ${inWords(counts)}`)
  return counts
}

function advance({ row, bar, text }: Bar, done: number, all: number, isGoingOn: boolean): void {
  row.classList.toggle('idle', !isGoingOn)
  bar.max = Math.max(1, all)
  bar.value = isGoingOn ? done : 0
  say(text, isGoingOn ? `${whole(done)} of ${whole(all)} chunks` : '–')
}
