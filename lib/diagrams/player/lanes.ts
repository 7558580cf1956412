// The workers: what each has done, is doing and will do, and where in the code it stands.

import type { Access, Trace } from '../record'
import { el, hueOf, setText, steady } from './dom'
import type { LaneNow, Moment } from './state'

interface Lane { readonly box: HTMLElement, show(now: LaneNow, moment: Moment): void }

/** Builds the lanes of a run; what it returns shows a moment. */
export function lanesView(root: HTMLElement, trace: Trace): (now: Moment) => void {
  const lanes = trace.threads.map((calls, thread) => laneOf(trace, thread, calls))
  root.replaceChildren(...lanes.map(({ box }) => box))
  return now => { lanes.forEach((lane, thread) => lane.show(now.lanes[thread]!, now)) }
}

function laneOf(trace: Trace, thread: number, calls: readonly string[]): Lane {
  const own = trace.accesses.filter(access => access.thread === thread)
  const status = el('span', { class: 'status' }), items = calls.map(call => el('li', {}, el('span', { class: 'call' }, call), el('span', { class: 'answer' })))
  const stack = steady('span', 'stack', own.map(stackText)), code = steady('code', 'code', own.map(access => codeText(trace, access)))
  const next = steady('span', 'next', own.map(access => nextText(trace, access)))
  const box = el('article', { class: `lane ${hueOf(thread)}`, 'data-thread': thread, 'aria-label': `Worker ${thread}` },
    el('header', {}, el('h3', {}, el('i', { class: 'swatch' }), `Worker ${thread}`), el('ol', { class: 'program' }, ...items), status), stack.box, code.box, next.box)
  return {
    box,
    show({ status: now, calls, last, next: following }, { access }) {
      setText(status, now === 'killed' ? '† killed' : now)
      box.dataset.status = now
      box.classList.toggle('active', access?.thread === thread)
      calls.forEach(({ phase, answer }, n) => {
        items[n]!.className = phase
        setText(items[n]!.lastElementChild!, answer !== undefined ? answer === 'undefined' ? '✓' : `= ${answer}` : phase === 'killed' ? '†' : '')
      })
      const at = trace.accesses[last], after = trace.accesses[following]
      stack.set(at === undefined ? 'has made no access yet' : stackText(at))
      code.set(at === undefined ? '' : codeText(trace, at))
      next.set(after === undefined ? now === 'killed' ? 'takes no further step' : 'has no further step' : nextText(trace, after))
    },
  }
}

const stackText = ({ stack }: Access): string => stack.join(' › ')

/** The line as it was written: compilers put numbers for names, and the names in comments beside them. */
function codeText({ lines }: Trace, { line }: Access): string {
  return lines[line] === undefined ? '' : `${line}  ${lines[line].replace(/(?<![\w.])-?\d+ \/\* (\w+) \*\//g, '$1')}`
}

const VERBS: Readonly<Record<Access['what'], string>> = { load: 'reads', store: 'writes', swap: 'swaps', exchange: 'exchanges', add: 'adds to', kill: 'is killed' }

function nextText({ words }: Trace, { what, word, stack, line }: Access): string {
  return what === 'kill' ? '' : `then ${VERBS[what]} ${words[word]!.name}${stack.length > 0 ? `, in ${stack.at(-1)!}` : ''}${line > 0 ? `, line ${line}` : ''}`
}
