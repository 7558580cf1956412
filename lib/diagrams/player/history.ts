// The whole run at a glance: an axis of all accesses, a row for each worker, a bar for each operation, a mark for each
// access. A click, or a drag, leads there.

import type { Access, Operation, Trace } from '../record'
import { isIllegal, sentence } from '../sentence'
import { el, hueOf, svg } from './dom'
import { outcomeOf } from './memory'
import { type Moment, clampStep, stepsOf } from './state'

const TOP = 2, AXIS = 24, SIDE = 14, BAR = 17, LETTER = 7.2
/** The least room for an access, in pixels: a long run scrolls. */
const LEAST = 6.5

export interface History {
  show(now: Moment): void
  /** Lets only the accesses to a word stand out; -1 for all again. */
  point(word: number): void
}

/** Builds the history of a run. */
export function historyView(root: HTMLElement, trace: Trace, go: (step: number) => void): History {
  const names = el('div', { class: 'names' }, ...trace.threads.map((_, thread) => el('span', { class: hueOf(thread) }, el('i', { class: 'swatch' }), `Worker ${thread}`)))
  const strip = el('div', { class: 'strip', tabindex: -1 })
  let moment: Moment | undefined, width = 0
  const render = (): void => {
    const wanted = Math.max(strip.clientWidth, 2 * SIDE + LEAST * stepsOf(trace))
    if (wanted !== width) { width = wanted; strip.replaceChildren(picture(trace, width)) }
    if (moment !== undefined) show(strip, trace, moment, width)
  }
  names.style.setProperty('--row', `${rowOf(trace)}px`)
  root.replaceChildren(names, strip)
  listen(strip, trace, go)
  const observer = new ResizeObserver(() => {
    if (!strip.isConnected) observer.disconnect()
    else render()
  })
  observer.observe(strip)
  return {
    show(now) { moment = now; render() },
    point(word) {
      strip.classList.toggle('pointing', word >= 0)
      for (const one of strip.querySelectorAll<SVGElement>('.mark')) one.classList.toggle('pointed', one.dataset.word === `${word}`)
    },
  }
}

/** The height of a worker's row: many workers stand closer. */
const rowOf = ({ threads }: Trace): number => threads.length > 3 ? 35 : 42
const gapOf = (trace: Trace, width: number): number => (width - 2 * SIDE) / Math.max(1, stepsOf(trace))
/** Where step `n` is; step 0 is the edge before the first. */
const xOf = (trace: Trace, width: number, step: number): number => SIDE + (step - 0.5) * gapOf(trace, width)
const barY = (trace: Trace, thread: number): number => TOP + thread * rowOf(trace) + 17

function picture(trace: Trace, width: number): SVGSVGElement {
  const height = TOP + rowOf(trace) * trace.threads.length + AXIS
  return svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `History of ${stepsOf(trace)} steps` },
    svg('rect', { class: 'now', y: 0, height: height - AXIS, rx: 3 }),
    ...trace.operations.map(operation => bar(trace, width, operation)),
    ...trace.operations.filter(({ point }) => point >= 0).map(operation => pointMark(trace, width, operation)),
    ...trace.accesses.map((access, n) => mark(trace, access, xOf(trace, width, n + 1), barY(trace, access.thread) + BAR / 2)),
    svg('rect', { class: 'later', y: 0, height: height - AXIS }),
    ...axis(trace, width, height - AXIS), svg('path', { class: 'hand' }))
}

export function operationText({ thread, call, answer, from, to, point, killed }: Operation): string {
  const end = answer !== undefined ? answer === 'undefined' ? 'is done' : `answers ${answer}` : killed ? 'is killed' : 'is pending'
  return `Worker ${thread}: ${call} ${end}; steps ${from + 1} to ${to + 1}${point >= 0 ? `, takes effect at step ${point + 1}` : ''}`
}

function bar(trace: Trace, width: number, operation: Operation): SVGGElement {
  const { thread, call, answer, from, to, killed } = operation, gap = gapOf(trace, width), y = barY(trace, thread)
  const x = xOf(trace, width, from + 1) - gap / 2 + 0.5, long = (to - from + 1) * gap - 1
  const name = call.replace(/\(.*/s, ''), end = answer === undefined ? killed ? ' †' : ' …' : answer === 'undefined' ? '' : ` = ${answer}`
  const label = [`${call}${end}`, call, name].find(text => text.length * LETTER <= long)
  return svg('g', { class: `bar ${hueOf(thread)}${answer === undefined ? ' open' : ''}`, 'data-operation': trace.operations.indexOf(operation) },
    svg('title', {}, operationText(operation)), svg('rect', { x, y, width: long, height: BAR, rx: 4 }),
    label === undefined ? undefined : svg('text', { x: x + 2, y: y - 5, 'data-least': x + 2, 'data-most': x + long - label.length * LETTER }, label))
}

/** A dot for a load, a disc for a change, a cross for a lost swap, a dagger for a kill; an exclamation mark where no step is legal. */
function mark(trace: Trace, access: Access, x: number, y: number): SVGElement {
  const outcome = outcomeOf(access), hue = hueOf(access.thread), { word } = access
  if (access.what === 'kill') return svg('path', { class: `mark kill ${hue}`, d: `M${x},${y - 12}v24M${x - 5},${y - 5}h10` })
  if (isIllegal(trace, access)) {
    return svg('g', { class: 'mark illegal', 'data-word': word }, svg('circle', { cx: x, cy: y, r: 6.5 }), svg('path', { d: `M${x},${y - 4}v5m0,1.4v2` }))
  }
  if (outcome === 'lost') return svg('path', { class: `mark lost ${hue}`, 'data-word': word, d: `M${x - 3.6},${y - 3.6}l7.2,7.2m0,-7.2l-7.2,7.2` })
  return svg('circle', { class: `mark ${outcome} ${hue}`, 'data-word': word, cx: x, cy: y, r: outcome === 'won' ? 4 : 1.6 })
}

/** A diamond on the bar of the operation that takes effect; a line leads to the worker by whose access it does. */
function pointMark(trace: Trace, width: number, { thread, point }: Operation): SVGGElement {
  const x = xOf(trace, width, point + 1), y = barY(trace, thread), by = trace.accesses[point]!.thread
  const link = by === thread ? '' : `M${x},${y + BAR / 2}V${barY(trace, by) + BAR / 2}`
  return svg('g', { class: `point ${hueOf(thread)}` },
    svg('path', { class: 'link', d: `M${x},${y - 1}v${BAR + 2}${link}` }), svg('path', { class: 'diamond', d: `M${x},${y - 4.5}l4.5,4.5 -4.5,4.5 -4.5,-4.5Z` }))
}

function axis(trace: Trace, width: number, y: number): SVGElement[] {
  const steps = stepsOf(trace), every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find(gap => gap * gapOf(trace, width) >= 34) ?? 10_000
  const ticks = Array.from({ length: Math.floor(steps / every) }, (_, n) => (n + 1) * every)
  return [svg('path', { class: 'axis', d: `M${SIDE},${y + 0.5}H${width - SIDE}` }), ...ticks.map(step =>
    svg('text', { class: 'tick', x: xOf(trace, width, step), y: y + 18, 'text-anchor': 'middle' }, `${step}`))]
}

// --- a moment

function show(strip: HTMLElement, trace: Trace, { step }: Moment, width: number): void {
  const gap = gapOf(trace, width), x = step === 0 ? SIDE : xOf(trace, width, step), edge = SIDE + step * gap, y = TOP + rowOf(trace) * trace.threads.length
  const set = (name: string, attributes: Record<string, string | number>): void => {
    const element = strip.querySelector(`.${name}`)!
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, `${value}`)
  }
  set('now', { x: x - Math.max(gap, 7) / 2, width: step === 0 ? 0 : Math.max(gap, 7) })
  set('later', { x: edge, width: Math.max(0, width - edge) })
  set('hand', { d: `M${x},0V${y}M${x - 4.5},${y + 6}l4.5,-6 4.5,6Z` })
  if (x < strip.scrollLeft + 30 || x > strip.scrollLeft + strip.clientWidth - 30) strip.scrollLeft = x - strip.clientWidth / 2
}

/** A bar that begins out of sight keeps its name in sight. */
function showNames(strip: HTMLElement): void {
  for (const name of strip.querySelectorAll<SVGTextElement>('.bar text')) {
    const { least, most } = name.dataset
    name.setAttribute('x', `${Math.max(Number(least), Math.min(Number(most), strip.scrollLeft + 2))}`)
  }
}

function listen(strip: HTMLElement, trace: Trace, go: (step: number) => void): void {
  const stepAt = ({ clientX }: PointerEvent): number => {
    const { left, width } = strip.firstElementChild!.getBoundingClientRect()
    return clampStep(trace, Math.ceil((clientX - left - SIDE) / gapOf(trace, width)))
  }
  strip.addEventListener('scroll', () => { showNames(strip) })
  strip.addEventListener('pointerdown', event => { if (event.button === 0) go(stepAt(event)) })
  strip.addEventListener('pointermove', event => {
    const step = stepAt(event)
    strip.title = `Step ${step}: ${sentence(trace, step)}`
    if (event.buttons === 1 && event.pointerType === 'mouse') go(step)
  })
}
