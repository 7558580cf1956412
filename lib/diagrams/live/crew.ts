// The workers of the page: hired, told, killed, and what they leave behind taken back.

import { reapOnExit } from '../../adapters/reap-on-exit'
import type { SharedMap } from '../../map/shared-map'
import type { Order, Report, Settings } from './protocol'

/** One worker. */
export interface Member {
  readonly number: number
  readonly worker: Worker
  /** Its place in the map. */
  readonly participant: number
  state: 'starting' | 'running' | 'paused' | 'killed' | 'failed'
  report: Report
  /** Operations a second, of late. */
  rate: number
  /** What it had done at some moments of the last two seconds. */
  readonly samples: { readonly at: number, readonly operations: number }[]
  /** When it was killed, and whether its place was given back since. */
  killed: number
  vacated: boolean
}

/** All workers of one map, the killed ones too. */
export interface Crew {
  readonly map: SharedMap<number, number | string>
  readonly members: Member[]
  settings: Settings
  /** How many orders were given: a worker is at rest only once it follows the last one. */
  orders: number
  /** The map was given up. */
  over: boolean
  /** Called when a worker is killed or fails, or its place was given back. */
  readonly tell: (text: string) => void
}

/** Most workers at a time. */
export const MOST_MEMBERS = 8
/** Milliseconds after which a terminated worker has surely stopped: nothing tells when it has. */
const SURELY = 1500
const NOTHING: Report = { operations: 0, checked: 0, wrong: 0, last: '', order: 0, paused: false, failure: undefined }

export const isAlive = ({ state }: Member): boolean => state !== 'killed' && state !== 'failed'
export const alive = (crew: Crew): Member[] => crew.members.filter(isAlive)

/** Starts one more worker, with a place of its own. */
export function hire(crew: Crew): void {
  const invitation = crew.map.invite(), worker = new Worker('/worker.js', { type: 'module' }), number = crew.members.length + 1
  reapOnExit(crew.map, worker, invitation.participant)
  const member: Member = { number, worker, participant: invitation.participant, state: 'starting', report: NOTHING, rate: 0, samples: [], killed: 0, vacated: false }
  crew.members.push(member)
  worker.onmessage = ({ data }: MessageEvent<Report>) => hear(crew, member, data)
  worker.onerror = event => { event.preventDefault(); end(crew, member, 'failed', `Worker ${number} failed: ${event.message || 'its script did not load'}.`) }
  const order: Order = { kind: 'start', handle: invitation, seed: Math.floor(Math.random() * 2 ** 32), settings: crew.settings }
  worker.postMessage(order)
  // So that its reports tell of the last order too.
  instruct(crew, crew.settings)
}

function hear(crew: Crew, member: Member, report: Report): void {
  if (!isAlive(member)) return
  member.report = report
  if (report.failure !== undefined) return end(crew, member, 'failed', `Worker ${member.number} stopped. ${report.failure}`)
  member.state = report.paused ? 'paused' : 'running'
}

/** Ends a worker wherever it is, as a kill does. Its place is reaped at once, and given back later. */
function end(crew: Crew, member: Member, state: 'killed' | 'failed', text: string): void {
  if (!isAlive(member)) return
  member.worker.terminate()
  member.state = state
  member.rate = 0
  member.killed = performance.now()
  crew.tell(text)
  setTimeout(() => {
    if (crew.over) return
    if (member.participant !== 0) crew.map.reap(member.participant, { ended: true })
    member.vacated = true
    crew.tell(`The place of worker ${member.number} can be taken again.`)
  }, SURELY)
}

export function kill(crew: Crew, member: Member): void {
  const others = alive(crew).length - 1
  end(crew, member, 'killed', `Worker ${member.number} was killed after ${member.report.operations.toLocaleString('en')} operations. `
    + 'If it was just writing a record, that memory is lost until repair(). '
    + (others === 1 ? 'The other one goes on.' : others === 0 ? 'Nobody is left.' : `The other ${others} go on.`))
}

/** Tells all workers what to do from now on. */
export function instruct(crew: Crew, settings: Settings): void {
  crew.settings = settings
  const order: Order = { kind: 'settings', number: ++crew.orders, settings }
  for (const { worker } of alive(crew)) worker.postMessage(order)
}

/** Ends them all without a word, and gives up the map. */
export function dismiss(crew: Crew): void {
  crew.over = true
  for (const member of alive(crew)) {
    member.worker.terminate()
    member.state = 'killed'
  }
  crew.map.detach()
}

/** Resolves when no worker writes: all are paused, and those that were killed have surely stopped. Rejects after five seconds. */
export async function untilIdle(crew: Crew): Promise<void> {
  for (const start = performance.now(); !isIdle(crew); await new Promise(resolve => setTimeout(resolve, 20))) {
    if (performance.now() - start < 5000) continue
    const busy = alive(crew).filter(member => !rests(crew, member)).map(({ number }) => number)
    throw new Error(`Worker ${busy.join(' and ')} did not pause within five seconds. Kill it, then try again.`)
  }
}

/** Whether a worker rests, by its answer to the last order: an older answer says nothing of what it does now. */
const rests = ({ orders }: Crew, { report: { paused, order } }: Member): boolean => paused && order === orders
const isIdle = (crew: Crew): boolean => crew.members.every(member => isAlive(member) ? rests(crew, member) : member.vacated)

/** Measures every worker's rate, over the last second and a half. */
export function measure(crew: Crew, now: number): void {
  for (const member of alive(crew)) {
    const { samples, report: { operations } } = member
    samples.push({ at: now, operations })
    while (samples.length > 2 && now - samples[1]!.at >= 1500) samples.shift()
    const first = samples[0]!
    member.rate = now > first.at ? (operations - first.operations) * 1000 / (now - first.at) : 0
  }
}

/** The workers' counts, those of the killed ones included. */
export function totals({ members }: Crew): { rate: number, operations: number, checked: number, wrong: number } {
  const sum = (of: (member: Member) => number): number => members.reduce((all, member) => all + of(member), 0)
  return { rate: sum(m => m.rate), operations: sum(m => m.report.operations), checked: sum(m => m.report.checked), wrong: sum(m => m.report.wrong) }
}
