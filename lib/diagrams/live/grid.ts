// The slots as squares: how large they can be, and how they are painted.

import { INK, lookOf } from '../palette'
import { SLOTS, UNREAD } from './states'

/** A table's squares, in pixels of the device. */
export interface Grid {
  /** Edge of a square, its gap included. */
  readonly cell: number
  readonly columns: number
  readonly rows: number
  /** Slots of one square: more than one where there are more slots than room. */
  readonly slots: number
}

/** Edges of squares, in pixels: the largest, and those from which on there is a gap between them, and a mark in them. */
const LARGEST = 40
const GAP = 4
const MARK = 13
const SMALLEST = 2

/** The largest squares with which `capacity` slots fit into the room. */
export function gridOf(capacity: number, width: number, height: number, scale = 1): Grid {
  let slots = 1
  for (;; slots *= 2) {
    const squares = Math.ceil(capacity / slots)
    for (let cell = Math.round(LARGEST * scale); cell >= SMALLEST; cell--) {
      // Rows of a multiple of eight: a chunk's slots stand together, and a table that has doubled is easily known again.
      const columns = Math.floor(width / cell / 8) * 8
      if (columns * Math.floor(height / cell) >= squares) return { cell, columns, rows: Math.ceil(squares / columns), slots }
    }
  }
}

/** How states are painted, by their numbers: one without a colour is not; and what a square of several shows. */
export interface Paints {
  readonly colours: readonly (number | undefined)[]
  readonly marks: readonly string[]
  readonly stateOf: (states: Uint8Array, from: number, to: number, counts: Uint32Array) => number
}

/** The state that most of the slots have that were read, from `from` up to `to`; of two, the later one of a life. */
export function mostOf(states: Uint8Array, from: number, to: number, counts: Uint32Array = new Uint32Array(256)): number {
  let most = UNREAD
  counts.fill(0, 0, SLOTS.length)
  for (let index = from; index < to; index++) counts[states[index]!]!++
  for (let state = 0; state < SLOTS.length; state++) if (counts[state]! > 0 && (most === UNREAD || counts[state]! >= counts[most]!)) most = state
  return most
}

/** How many of the slots that were read have each state. */
export function countStates(states: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256)
  for (let index = 0; index < states.length; index++) counts[states[index]!]!++
  return counts.subarray(0, SLOTS.length)
}

const SLOT_PAINTS: Paints = {
  colours: SLOTS.map(state => Number.parseInt(lookOf(state).fill.slice(1), 16)), marks: SLOTS.map(state => lookOf(state).mark), stateOf: mostOf,
}

/** A canvas that shows one table; `tile` holds one pixel a square. */
export interface Painter {
  readonly canvas: HTMLCanvasElement
  readonly tile: HTMLCanvasElement
}

export function painterOn(canvas: HTMLCanvasElement): Painter { return { canvas, tile: document.createElement('canvas') } }

/** Fits the canvas to its place on the page; the pixels of the device. */
export function fit({ canvas }: Painter, scale: number): { width: number, height: number } {
  const width = Math.round(canvas.clientWidth * scale), height = Math.round(canvas.clientHeight * scale)
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  return { width, height }
}

/** The slots of the square under a point of the canvas, in pixels of the page: from, and up to. Undefined where there is none. */
export function slotsAt({ cell, columns, slots }: Grid, capacity: number, x: number, y: number, scale: number): [from: number, to: number] | undefined {
  const column = Math.floor(x * scale / cell), from = (Math.floor(y * scale / cell) * columns + column) * slots
  return column < 0 || column >= columns || from < 0 || from >= capacity ? undefined : [from, Math.min(capacity, from + slots)]
}

/** Paints all slots. Returns the grid, for the caption. */
export function paint(painter: Painter, states: Uint8Array, background: string, scale: number, paints = SLOT_PAINTS): Grid | undefined {
  const { width, height } = fit(painter, scale), context = painter.canvas.getContext('2d')!
  context.clearRect(0, 0, width, height)
  if (states.length === 0 || Math.min(width, height) < 16) return undefined
  const grid = gridOf(states.length, width, height, scale), { cell, columns, rows } = grid
  drawTile(painter.tile, states, grid, paints)
  context.imageSmoothingEnabled = false
  context.drawImage(painter.tile, 0, 0, columns, rows, 0, 0, columns * cell, rows * cell)
  if (cell >= GAP) drawGaps(context, grid, background, scale)
  if (cell >= MARK * scale) drawMarks(context, states, grid, paints)
  return grid
}

function drawTile(tile: HTMLCanvasElement, states: Uint8Array, { columns, rows, slots }: Grid, { colours, stateOf }: Paints): void {
  tile.width = columns
  tile.height = rows
  const context = tile.getContext('2d')!, image = context.createImageData(columns, rows), pixels = new Uint32Array(image.data.buffer)
  const squares = Math.ceil(states.length / slots), counts = new Uint32Array(256)
  for (let square = 0; square < squares; square++) {
    const state = slots === 1 ? states[square]! : stateOf(states, square * slots, Math.min(states.length, (square + 1) * slots), counts)
    const colour = colours[state]
    if (colour === undefined) continue
    pixels[square] = 0xff000000 | (colour & 0xff) << 16 | colour & 0xff00 | colour >> 16
  }
  context.putImageData(image, 0, 0)
}

function drawGaps(context: CanvasRenderingContext2D, { cell, columns, rows }: Grid, background: string, scale: number): void {
  const gap = cell >= 8 * scale ? Math.max(1, Math.round(scale)) * 2 : 1
  context.fillStyle = background
  for (let column = 1; column <= columns; column++) context.fillRect(column * cell - gap, 0, gap, rows * cell)
  for (let row = 1; row <= rows; row++) context.fillRect(0, row * cell - gap, columns * cell, gap)
}

function drawMarks(context: CanvasRenderingContext2D, states: Uint8Array, { cell, columns }: Grid, { marks }: Paints): void {
  context.fillStyle = INK
  context.font = `600 ${Math.round(cell * 0.55)}px system-ui, sans-serif`
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  for (let index = 0; index < states.length; index++) {
    context.fillText(marks[states[index]!] ?? '', (index % columns + 0.5) * cell - 1, (Math.floor(index / columns) + 0.5) * cell)
  }
}
