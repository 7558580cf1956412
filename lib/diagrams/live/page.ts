// The live view's page: one map, workers on it, and a picture of its words that is drawn anew as often as there is time.

import { instantiate } from '#diagrams/look'
import { type SharedMap, createShaped } from '../../map/shared-map'
import { setUpControls, readControls } from './controls'
import { type Crew, MOST_MEMBERS, alive, dismiss, hire, instruct, measure, totals, untilIdle } from './crew'
import { element, part, say } from './dom'
import { type Kept, keepOn, rewrite } from './kept'
import { type Panel, draw, panelIn, readOn, show } from './panel'
import type { Settings } from './protocol'
import { drawSpark, makeLegend, note, showCounts, showResizes, showRoom, showWorkers } from './side'
import type { Survey, TableLook } from './states'
import { type Strip, drawStrip, readPagesOn, showPages, stripIn } from './strip'
import { bytes, perSecond, sentence, whole } from './telling'

/** Tables that begin small and are copied in small pieces, so that there is something to see. */
const GEOMETRY = { places: 64, fewestSlots: 8, chunkShift: 2 }
const MEMORY = 64 * 1024 * 1024
const WORKERS = 3
/** Milliseconds between two looks at the figures, and points of the line: a minute, at two a second. */
const FIGURES = 250
const POINTS = 120
/** Figures between two turns of the tide: four seconds. */
const TIDE = 16
/** Milliseconds of each frame for reading slots; where motion is to be reduced, of every half second. */
const READING = 7
const CALM_READING = 40
/** Slots of a table that can be followed slot by slot. */
const FOLLOWED = 512

/** One map, from its start to its end. */
interface Run {
  readonly map: SharedMap<number, number | string>
  readonly crew: Crew
  readonly look: ReturnType<typeof instantiate>
  readonly at: number
  readonly kept: Kept
  survey: Survey
  rates: number[]
  /** Slots that can be read in a millisecond, as measured. */
  speed: number
}

const calm = matchMedia('(prefers-reduced-motion: reduce)')
let run: Run, panels: readonly [Panel, Panel], strip: Strip, lastSpoken = 0, isRepairing = false, isRising = true, ticks = 0, nextTurn = Infinity, shown = ''

function begin(settings: Settings): Run {
  const map = createShaped<number, number | string>({ maxByteLength: MEMORY }, GEOMETRY), { buffer, at } = map.handle
  const look = instantiate(new BigInt64Array(buffer)), crew: Crew = { map, members: [], settings, orders: 0, over: false, tell: happened }
  for (let n = 0; n < WORKERS; n++) hire(crew)
  return { map, crew, look, at, kept: { count: 0, writes: 0, lost: 0 }, survey: look.survey(at), rates: [], speed: 2000 }
}

/** Something that whoever watches should know. */
function happened(text: string): void {
  note(text)
  announce(text)
}

function announce(text: string): void {
  lastSpoken = performance.now()
  say(part('announcement'), text)
}

// --- the picture

function readAndDraw(budget: number): void {
  const { look, at } = run, start = performance.now()
  run.survey = look.survey(at)
  const share = Math.max(1024, Math.floor(run.speed * budget / 2))
  const slots = panels.reduce((sum, panel, half) => sum + readOn(panel, look, at, run.survey.tables[half]!, share), 0)
  const took = performance.now() - start, seen = run.survey.tables.map(momentOf).join()
  // The speed is measured where there was enough to measure.
  if (slots > 4096 && took > 0.5) run.speed += (slots / took - run.speed) / 8
  readPagesOn(strip, look, at, share)
  for (const panel of panels) draw(panel)
  drawStrip(strip)
  if (seen !== shown) showTables(run.survey)
  shown = seen
}

/** What must not lag behind the picture: a table's state, and of a small one, that can be followed slot by slot, every chunk. */
function momentOf({ generation, state, capacity, chunksDone, chunksSwept }: TableLook): string {
  return `${generation} ${state}${capacity <= FOLLOWED ? ` ${chunksDone} ${chunksSwept}` : ''}`
}

function frame(): void {
  if (!calm.matches) readAndDraw(READING)
  requestAnimationFrame(frame)
}

// --- the figures

function tick(): void {
  const now = performance.now(), often = !calm.matches || ticks % 2 === 0
  ticks++
  measure(run.crew, now)
  keepOn(run.map, run.kept, run.crew.settings)
  if (ticks === nextTurn) turnTide()
  if (!often) return
  if (calm.matches) readAndDraw(CALM_READING)
  showFigures(now)
  if (ticks % 4 === 1) sayAll(now)
}

/** Puts and deletes change places, and will again. */
function turnTide(): void {
  isRising = !isRising
  nextTurn = part<HTMLInputElement>('tide').checked ? ticks + TIDE : Infinity
  instruct(run.crew, settingsNow())
}

function showFigures(now: number): void {
  const { map, crew, survey } = run, stats = map.stats(), { rate, operations, checked, wrong } = totals(crew), { count, lost } = run.kept
  if (ticks % 2 === 1) run.rates = [...run.rates, rate].slice(-POINTS)
  say(part('rate'), perSecond(rate))
  say(part('operations'), `${whole(operations)} in all`)
  say(part('entries'), whole(stats.entries))
  say(part('load'), `${Math.round(stats.load * 100)} % of ${whole(stats.capacity)} slots`)
  say(part('wrong'), whole(wrong))
  say(part('checked'), `of ${whole(checked)} read`)
  say(part('kept'), whole(count))
  say(part('keptNote'), lost === 0 ? 'keys, none ever lost' : `keys, ${whole(lost)} times not as written`)
  say(part('memory'), bytes(stats.memory.used))
  say(part('memoryNote'), `tables ${bytes(stats.memory.tables)}, blocks ${bytes(stats.memory.blocks)}`)
  part('wrong').parentElement!.classList.toggle('bad', wrong > 0)
  part('kept').parentElement!.classList.toggle('bad', lost > 0)
  drawSpark(run.rates, POINTS / 4)
  showWorkers(crew, stats, now)
  showResizes(stats, crew)
  showRoom(crew, MOST_MEMBERS)
  showTables(survey)
  showPages(strip)
}

function showTables({ tables }: Survey): void {
  showCounts(panels.map((panel, half) => {
    const counts = show(panel, tables[half]!), isFree = tables[half]!.state === 'free'
    say(part(`count${half}`), isFree ? 'No table' : tables[half]!.name)
    return isFree ? undefined : counts
  }))
  const slots = Math.max(...panels.map(({ grid }) => grid?.slots ?? 1))
  say(part('scale'), slots === 1 ? 'One square is one slot.'
    : `Where there are more slots than room, one square stands for up to ${whole(slots)} slots, and shows the state of most of them.`)
}

/** The sentence, once a second; to those who only hear it, every ten seconds, unless there was something else to say. */
function sayAll(now: number): void {
  const { crew, survey } = run, text = sentence(survey, totals(crew).rate, alive(crew).length, crew.settings.paused)
  say(part('sentence'), text)
  if (now - lastSpoken > 10_000) announce(text)
}

// --- the buttons

function setUpButtons(): void {
  part('add').onclick = () => { hire(run.crew); happened(`Worker ${run.crew.members.length} was added.`) }
  part('pause').onclick = () => pause(part('pause').getAttribute('aria-pressed') !== 'true')
  part('clear').onclick = clear
  part('repair').onclick = () => void repair()
  part('again').onclick = again
  // The ebb first: then there is something to see at once.
  part('tide').onchange = () => { isRising = true; turnTide() }
}

function pause(paused: boolean): void {
  part('pause').setAttribute('aria-pressed', String(paused))
  say(part('pause'), paused ? 'Go on' : 'Pause')
  instruct(run.crew, settingsNow())
  announce(paused ? 'Paused.' : 'The workers go on.')
}

/** What the workers are to do now: nothing at all while the map is repaired, whatever is moved meanwhile. */
function settingsNow(): Settings {
  const settings = readControls(isRising)
  return isRepairing ? { ...settings, paused: true } : settings
}

function clear(): void {
  const before = run.map.size
  run.map.clear()
  rewrite(run.map, run.kept)
  happened(`clear() deleted some ${whole(before)} entries at one moment.`)
}

/** The workers must be idle meanwhile. */
async function repair(): Promise<void> {
  const { crew, map } = run, buttons = ['repair', 'again', 'pause', 'add'].map(id => part<HTMLButtonElement>(id))
  for (const button of buttons) button.disabled = true
  say(part('result'), 'The workers are told to pause.')
  try {
    isRepairing = true
    instruct(crew, settingsNow())
    await untilIdle(crew)
    const start = performance.now(), { entries, sizeError, reclaimed } = map.repair(), took = performance.now() - start
    const result = `repair() counted ${whole(entries)} entries, corrected size by ${whole(sizeError)}, and took back ${whole(reclaimed)} bytes, in ${took.toFixed(1)} ms.`
    say(part('result'), result)
    happened(result)
  } catch (error) {
    say(part('result'), (error as Error).message)
  } finally {
    isRepairing = false
    instruct(crew, settingsNow())
    for (const button of buttons) button.disabled = false
  }
}

function again(): void {
  dismiss(run.crew)
  run = begin(settingsNow())
  happened('A new map was made, with a table of eight slots.')
}

// --- the start

function start(): void {
  panels = [panelIn(part('half0')), panelIn(part('half1'))]
  strip = stripIn(part<HTMLCanvasElement>('pages'))
  makeLegend()
  setUpControls(() => instruct(run.crew, settingsNow()))
  run = begin(settingsNow())
  setUpButtons()
  note(`A map was made in ${bytes(MEMORY)} of shared memory, with a table of eight slots.`)
  setInterval(tick, FIGURES)
  requestAnimationFrame(frame)
}

/** Says why nothing can be shown, and what to do. */
function explain(...texts: (Node | string)[]): void {
  part('trouble').replaceChildren(...texts.map(text => typeof text === 'string' ? element('p', '', text) : text))
  part('trouble').hidden = false
  say(part('sentence'), 'Nothing can be shown.')
  document.querySelector('main')!.hidden = true
}

if (crossOriginIsolated) start()
else {
  explain('This page is not cross-origin isolated, so the browser gives it no shared memory.',
    'Open it from the server that nonblocking-map-visualize --live starts, at http://127.0.0.1 or http://localhost and not by another name. '
    + 'A server of your own must send these headers with every file, and must be reached by HTTPS or on this machine:',
    element('pre', '', 'Cross-Origin-Opener-Policy: same-origin\nCross-Origin-Embedder-Policy: require-corp'))
}
