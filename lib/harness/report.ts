// What a failure shows: the program, the run in columns, one a thread, in the words of the algorithm, a token that replays
// it, and a regression test ready to paste.

import { callText } from './alone'
import type { Call, Program, System } from './system'
import { scheduleText } from './token'
import { type Step, trace } from './trace'
import type { Choice } from './world'

/** The program, a line for what came before and one for each thread. */
export function programText({ prefix = [], threads }: Program): string {
  const line = (calls: readonly Call[]): string => calls.map(callText).join('; ') || '(nothing)'
  return [...prefix.length > 0 ? [`  before    ${line(prefix)}`] : [], ...threads.map((calls, t) => `  thread ${t}  ${line(calls)}`)].join('\n')
}

/** A run as a table: each change of a word, each swap that was lost, and the first access after each switch. */
export function traceText(system: System, program: Program, schedule: readonly Choice[]): string {
  const { steps, error } = trace(system, program, schedule), lines: string[] = [], width = columnWidth(steps)
  let last = -1
  for (const step of steps) {
    const { thread } = step, switched = thread !== last
    if (step.call !== undefined) lines.push(inColumn(thread, width, step.call))
    if (step.what === 'kill') lines.push(inColumn(thread, width, '† killed'))
    else if (step.what !== 'none' && (step.won || step.what !== 'load' || switched)) lines.push(inColumn(thread, width, `  ${stepText(step)}`))
    if (step.answer !== undefined) lines.push(inColumn(thread, width, `  = ${step.answer}`))
    last = thread
  }
  if (error !== undefined) lines.push(error)
  return lines.join('\n')
}

function columnWidth(steps: readonly Step[]): number {
  return Math.min(76, Math.max(24, ...steps.map(step => stepText(step).length + 4)))
}

const inColumn = (thread: number, width: number, text: string): string => `|${' '.repeat(width * thread)} ${text}`

/** One access: the word, what became of it, where. */
export function stepText({ what, word, seen, next, won, stack, line }: Step): string {
  const where = `${stack.at(-1) ?? ''}:${line}`
  if (what === 'load') return `${word} is ${seen}  ${where}`
  if (!won) return what === 'swap' ? `${word} LOST, is ${seen}  ${where}` : `${word} stays ${seen}  ${where}`
  return `${word} ${seen} => ${next}  ${where}`
}

/** The failure as a test, to be kept. */
export function regressionText(program: Program, token: string, kills: number): string {
  const text = (value: unknown): string => JSON.stringify(value, (_, inner: unknown) => typeof inner === 'bigint' ? `${inner}n` : inner)
  const budget = kills > 0 ? `, { kills: ${kills} }` : ''
  return [
    `const program = { prefix: ${text(program.prefix ?? [])}, threads: ${text(program.threads)} }`,
    `it('is right in every interleaving', () => { explore(checked, program${budget}) })`,
    `it('is right in the run that once failed', () => { replay(checked, '${token}') })`,
  ].join('\n')
}

/** How often a schedule switches from a thread that could have gone on. */
export function switchesIn(schedule: readonly Choice[]): string {
  const parts = scheduleText(schedule).split(' ').filter(part => !part.startsWith('k'))
  return `${Math.max(0, parts.length - 1)} switch${parts.length === 2 ? '' : 'es'}`
}
