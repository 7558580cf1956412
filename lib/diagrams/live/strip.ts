// The map's memory on the page: its pages as small squares, from the first to the last, row by row; and their legend.

import type { instantiate } from '#diagrams/look'
import { PAGE_FILLS } from '../palette'
import { element, list, part, say } from './dom'
import { type Grid, type Painter, type Paints, countStates, paint, painterOn, slotsAt } from './grid'
import { PAGES, PAGE_MEANINGS, UNREAD } from './states'
import { whole } from './telling'

export interface Strip {
  readonly painter: Painter
  states: Uint8Array
  /** The page that is read next. */
  next: number
  grid: Grid | undefined
}

/** Of several pages in one square, what most of those in use are: one that is in use must not vanish among free ones. */
export function mostInUse(states: Uint8Array, from: number, to: number, counts: Uint32Array = new Uint32Array(256)): number {
  counts.fill(0, 0, PAGES.length)
  for (let page = from; page < to; page++) counts[states[page]!]!++
  let most = 0
  for (let state = 1; state < PAGES.length; state++) if (counts[state]! > 0 && (most === 0 || counts[state]! >= counts[most]!)) most = state
  return most
}

/** Free pages are not painted: the ground shows through. */
const PAINTS: Paints = { colours: PAGE_FILLS.map(fill => fill === undefined ? undefined : Number.parseInt(fill.slice(1), 16)), marks: [], stateOf: mostInUse }

export function stripIn(canvas: HTMLCanvasElement): Strip {
  const strip: Strip = { painter: painterOn(canvas), states: new Uint8Array(0), next: 0, grid: undefined }
  canvas.onpointermove = event => { canvas.title = under(strip, event.offsetX, event.offsetY) }
  list(part('pageLegend'), PAGES, () => element('li', ''), (item, name) => {
    const swatch = element('span', 'swatch'), fill = PAGE_FILLS[PAGES.indexOf(name)]
    if (fill !== undefined) swatch.style.background = fill
    swatch.setAttribute('aria-hidden', 'true')
    item.replaceChildren(swatch, element('span', '', name), element('span', 'quiet'))
    item.title = PAGE_MEANINGS[name]
  })
  return strip
}

/** What the square under the pointer stands for. */
function under({ grid, states }: Strip, x: number, y: number): string {
  const pages = grid === undefined ? undefined : slotsAt(grid, states.length, x, y, window.devicePixelRatio)
  if (pages === undefined) return ''
  const [from, to] = pages
  return `${to === from + 1 ? `page ${whole(from)}` : `pages ${whole(from)} to ${whole(to - 1)}`}: ${inWords(countStates(states.subarray(from, to)))}`
}

const inWords = (counts: Uint32Array): string => PAGES.flatMap((name, n) => counts[n]! > 0 ? [`${whole(counts[n]!)} ${name}`] : []).join(', ')

/** Reads at most `most` pages on from where the last call stopped, round and round. */
export function readPagesOn(strip: Strip, look: ReturnType<typeof instantiate>, at: number, most: number): void {
  const all = look.pageCount(at)
  if (strip.states.length !== all) Object.assign(strip, { states: new Uint8Array(all).fill(UNREAD), next: 0 })
  const to = Math.min(all, strip.next + most)
  look.readPages(at, strip.next, to, strip.states)
  strip.next = to === all ? 0 : to
}

export function drawStrip(strip: Strip): void {
  strip.grid = paint(strip.painter, strip.states, getComputedStyle(strip.painter.canvas.parentElement!).getPropertyValue('--well'), window.devicePixelRatio, PAINTS)
}

/** How many pages are what, in the legend and for those who do not see the picture. */
export function showPages({ painter, states, grid }: Strip): void {
  const counts = countStates(states), each = grid?.slots ?? 1
  for (const [n, item] of [...part('pageLegend').children].entries()) say(item.lastElementChild!, whole(counts[n]!))
  say(part('pagesNote'), `${whole(states.length)} pages of 1 KiB${each === 1 ? '' : `, ${whole(each)} in a square`}; tables grow from both ends, blocks from the middle`)
  painter.canvas.setAttribute('aria-label', `The pages of the memory: ${inWords(counts)}`)
}
