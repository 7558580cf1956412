// The page of one run: its views, and the step that they show. All that moves it goes through `go`.

import type { Trace } from '../record'
import { isIllegal, sentence } from '../sentence'
import { type Clock, clockOf } from './clock'
import { byId, el, setText, steady } from './dom'
import { historyView } from './history'
import { JUMPS, type Jump, changeFrom, hasJump, jumpFrom, overOperation } from './jumps'
import { lanesView } from './lanes'
import { linkTo } from './link'
import { machineView } from './machine'
import { memoryView } from './memory'
import { clampStep, momentAt, stepsOf } from './state'

export interface Page {
  readonly clock: Clock
  /** Shows a run; `name` is undefined where it needs none in links. */
  open(trace: Trace, name: string | undefined, step: number): void
  go(step: number): void
  move(steps: number): void
  over(forward: boolean): void
  jump(jump: Jump, forward: boolean): void
  end(forward: boolean): void
  toggle(): void
}

type View = (now: ReturnType<typeof momentAt>, travel: number) => void

export function pageOf(): Page {
  let trace: Trace, name: string | undefined, step = 0, views: readonly View[] = []
  const links = linkWriter()
  const render = (): void => {
    const now = momentAt(trace, step), travel = clock.isPlaying() ? clock.pause() * 0.75 : 420
    for (const view of views) view(now, travel)
    showControls(trace, step)
    links.write(linkTo(name, step), clock.isPlaying())
  }
  const set = (wanted: number): void => { step = clampStep(trace, wanted); render() }
  const clock = clockOf(() => { set(step + 1); return step < stepsOf(trace) }, () => { showPlaying(clock.isPlaying()); render() })
  const go = (wanted: number): void => { clock.stop(); set(wanted) }
  const goIf = (wanted: number | undefined): void => { if (wanted !== undefined) go(wanted) }
  return {
    clock, go,
    open(next, nextName, at) {
      clock.stop()
      trace = next
      name = nextName
      showRun(trace)
      const past = historyView(byId('history'), trace, go)
      const memory = memoryView(byId('memory'), trace, { point: past.point, pick(word, forward) { goIf(changeFrom(trace, step, word, forward)) } })
      views = [sayView(trace), memory, machineView(byId('machine'), trace), lanesView(byId('lanes'), trace), past.show]
      set(at)
    },
    move(steps) { go(step + steps) },
    over(forward) { go(overOperation(trace, step, forward)) },
    jump(jump, forward) { goIf(jumpFrom(trace, step, jump, forward)) },
    end(forward) { go(forward ? stepsOf(trace) : 0) },
    toggle() {
      if (clock.isPlaying()) { clock.stop(); return }
      if (step === stepsOf(trace)) step = -1
      clock.play()
    },
  }
}

/** The address follows the step, a little later: browsers take only so many changes a second. */
function linkWriter(): { write(link: string, later: boolean): void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    write(link, later) {
      clearTimeout(timer)
      if (!later) timer = setTimeout(() => { history.replaceState(null, '', link) }, 60)
    },
  }
}

// --- what is said

function sayView(trace: Trace): View {
  const say = steady('p', 'say-text', Array.from({ length: stepsOf(trace) + 1 }, (_, n) => sentence(trace, n)))
  byId('say').replaceChildren(say.box)
  return ({ step, access }) => {
    say.set(sentence(trace, step))
    byId('say').className = access === undefined ? '' : `hue${access.thread % 8}`
    byId('say').toggleAttribute('data-alarm', access !== undefined && isIllegal(trace, access) || step === stepsOf(trace) && trace.error !== undefined)
    setText(byId('step-now'), `${step}`)
  }
}

function showRun(trace: Trace): void {
  setText(byId('about'), trace.about)
  setText(byId('step-all'), `${stepsOf(trace)}`)
  setText(byId('token'), trace.token)
  byId('token').title = trace.token
  byId<HTMLInputElement>('slider').max = `${stepsOf(trace)}`
  for (const jump of JUMPS) byId(`jump-${jump.key}`).hidden = !hasJump(trace, jump)
  const listed = byId<HTMLDetailsElement>('all-steps')
  listed.open = false
  byId('all-steps-body').replaceChildren()
}

/** The whole run as text; written when a reader opens it. */
export function listSteps(trace: Trace, go: (step: number) => void): void {
  byId('all-steps-body').replaceChildren(...Array.from({ length: stepsOf(trace) + 1 }, (_, step) => {
    const link = el('a', { href: `#step=${step}` }, `${step}`)
    link.addEventListener('click', event => { event.preventDefault(); go(step) })
    return el('li', {}, link, el('span', {}, sentence(trace, step)))
  }))
}

// --- the controls

function showControls(trace: Trace, step: number): void {
  const slider = byId<HTMLInputElement>('slider'), steps = stepsOf(trace)
  slider.value = `${step}`
  slider.setAttribute('aria-valuetext', `Step ${step} of ${steps}`)
  for (const id of ['home', 'over-back', 'back']) byId<HTMLButtonElement>(id).disabled = step === 0
  for (const id of ['end', 'over', 'forward']) byId<HTMLButtonElement>(id).disabled = step === steps
  for (const jump of JUMPS) byId<HTMLButtonElement>(`jump-${jump.key}`).disabled = jumpFrom(trace, step, jump, true) === undefined
}

function showPlaying(playing: boolean): void {
  document.body.classList.toggle('playing', playing)
  byId('play').setAttribute('aria-label', playing ? 'Pause' : 'Play')
  // A run that plays would talk without end.
  byId('say').setAttribute('aria-live', playing ? 'off' : 'polite')
}
