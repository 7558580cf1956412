// The workers, the last resizes and what happened, as lists; the legend; and the line of the last minute.

import { areaIn } from '../../kernel/words/participant'
import type { Stats } from '../../map/stats'
import { lookOf } from '../palette'
import { type Crew, type Member, alive, isAlive, kill } from './crew'
import { element, list, part, say } from './dom'
import { MEANINGS, SLOTS } from './states'
import { perSecond, resizeText, whole } from './telling'

/** Milliseconds for which a killed worker stays in the list. */
const SHOWN = 8000

export function showWorkers(crew: Crew, stats: Stats, now: number): void {
  const shown = crew.members.filter(member => isAlive(member) || now - member.killed < SHOWN), hidden = crew.members.length - shown.length
  const rows = shown.map(member => rowOf(crew, member))
  // A row stays its worker's own, so that nobody kills one while aiming at another.
  for (const row of [...part('workers').children]) if (!rows.includes(row as HTMLElement)) row.remove()
  for (const row of rows) if (row.parentNode === null) part('workers').append(row)
  shown.forEach((member, n) => showWorker(rows[n]!, crew, member, stats))
  part('gone').hidden = hidden === 0
  say(part('gone'), `${hidden === 1 ? 'One worker' : `${hidden} workers`} before ${hidden === 1 ? 'is' : 'are'} gone.`)
}

const rowsOf = new WeakMap<Member, HTMLElement>()

function rowOf(crew: Crew, member: Member): HTMLElement {
  const known = rowsOf.get(member)
  if (known !== undefined) return known
  const button = element('button', 'kill', 'Kill'), row = element('li', '', element('span', 'name'), element('span', 'speed'), button, element('span', 'what'))
  button.type = 'button'
  button.onclick = () => kill(crew, member)
  button.setAttribute('aria-label', `Kill worker ${member.number}`)
  rowsOf.set(member, row)
  return row
}

function showWorker(row: HTMLElement, crew: Crew, member: Member, stats: Stats): void {
  const [name, speed, button, what] = row.children as unknown as [HTMLElement, HTMLElement, HTMLButtonElement, HTMLElement]
  const { number, state, report } = member, place = stats.participants.find(({ participant }) => participant === member.participant)
  row.classList.toggle('over', !isAlive(member))
  row.classList.toggle('failed', state === 'failed')
  row.dataset.state = state
  say(name, `Worker ${number}`)
  say(speed, state === 'running' ? `${perSecond(member.rate)}/s` : state)
  button.hidden = !isAlive(member)
  say(what, isAlive(member) ? doing(member, crew.settings.pace, place) : `${whole(report.operations)} operations; its place ${member.vacated ? 'is free again' : 'was reaped'}`)
}

/** At a pace that one can follow, the last operation; otherwise how much it has helped. */
function doing({ report }: Member, pace: number, place: Stats['participants'][number] | undefined): string {
  if (pace !== 0 && pace <= 20 && report.last !== '') return report.last
  return place === undefined ? '' : `copied ${whole(place.copied)}, swept ${whole(place.swept)} slots`
}

export function showResizes({ resizes: { count, last } }: Stats, crew: Crew): void {
  say(part('resizeCount'), count === 1 ? 'one so far' : `${whole(count)} so far`)
  list(part('resizes'), last.slice(-5).reverse(), makeResize, (row, resize) => {
    const [name, what, took, helped] = row.children as unknown as HTMLElement[], text = resizeText(resize)
    say(name!, `Table ${resize.generation}`)
    say(what!, text.what)
    say(took!, text.took)
    say(helped!, helpText(resize.helped, crew))
  })
}

const makeResize = (): HTMLElement => element('li', '', element('span', ''), element('span', ''), element('span', 'took'), element('span', 'helped'))

/** Who copied how many slots. */
function helpText(helped: ReadonlyMap<number, number>, crew: Crew): string {
  const shares = [...helped].filter(([, slots]) => slots > 0).sort((a, b) => b[1] - a[1])
  return shares.map(([participant, slots]) => `${nameOf(participant, crew)}: ${whole(slots)}`.replaceAll(' ', '\u00a0')).join(' · ')
}

/** Whose place it is, or was: the last one's that had this area, for its ticket ends with it. */
function nameOf(participant: number, crew: Crew): string {
  if (participant === crew.map.participant) return 'this page'
  const area = areaIn(participant), { members } = crew
  const member = members.find(one => one.participant === participant) ?? members.findLast(one => areaIn(one.participant) === area)
  return member === undefined ? 'one that is gone' : `worker ${member.number}`
}

/** Adds to what happened; the last six are kept. */
export function note(text: string): void {
  const now = new Date(), time = element('time', '', now.toLocaleTimeString('en-GB')), events = part('events')
  events.prepend(element('li', '', time, text))
  while (events.children.length > 6) events.lastElementChild!.remove()
}

/** As the documents spell it: 'Dead-moved'. */
const nameOfState = (state: string): string => state.replace(/^Dead(.)/, (_, next: string) => `Dead-${next.toLowerCase()}`)

export function makeLegend(): void {
  list(part('legend'), SLOTS, () => element('tr', ''), (row, state) => {
    const { fill, mark } = lookOf(state), swatch = element('span', 'swatch', mark), name = element('th', '', swatch, nameOfState(state))
    swatch.style.background = fill
    swatch.setAttribute('aria-hidden', 'true')
    name.scope = 'row'
    row.replaceChildren(name, element('td', 'meaning', MEANINGS[state]), element('td', 'number'), element('td', 'number'))
  })
}

/** How many slots of each half have each state; undefined where there is no table. */
export function showCounts(counts: readonly (Uint32Array | undefined)[]): void {
  for (const [n, row] of [...part('legend').children].entries()) {
    counts.forEach((count, half) => say(row.children[half + 2]!, count === undefined ? '' : whole(count[n]!)))
    row.classList.toggle('none', counts.every(count => count === undefined || count[n] === 0))
  }
}

/** The rates of the last minute as a line, which fills its place from `least` points on. */
export function drawSpark(rates: readonly number[], least: number): void {
  const top = Math.max(1, ...rates), x = (n: number): number => n * 120 / (Math.max(least, rates.length) - 1), y = (rate: number): number => 39 - rate / top * 37
  const line = rates.map((rate, n) => `${n === 0 ? 'M' : 'L'}${x(n).toFixed(2)} ${y(rate).toFixed(2)}`).join('')
  const [area, stroke] = part<SVGSVGElement>('spark').children
  stroke!.setAttribute('d', line)
  area!.setAttribute('d', rates.length < 2 ? '' : `${line}L${x(rates.length - 1).toFixed(2)} 40L0 40Z`)
}

/** Marks how many more workers may be added. */
export function showRoom(crew: Crew, most: number): void {
  part<HTMLButtonElement>('add').disabled = alive(crew).length >= most
}
