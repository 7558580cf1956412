// What the live view says in words: for those who do not see the picture, and for those who do.

import type { ResizeStats } from '../../map/stats'
import type { Survey, TableLook, TableState } from './states'

export const whole = (n: number): string => Math.round(n).toLocaleString('en')

/** A rate: whole above ten, with one digit below. */
export const perSecond = (rate: number): string => rate >= 10 || rate === 0 ? whole(rate) : rate.toFixed(1)

/** Bytes in the unit that suits. */
export function bytes(n: number): string {
  const unit = n < 1024 * 1024 ? 'KiB' : 'MiB', size = n / (unit === 'KiB' ? 1024 : 1024 * 1024)
  return `${size < 10 ? size.toFixed(1) : whole(size)} ${unit}`
}

/** Milliseconds, to three digits. */
export const time = (ms: number): string => ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : whole(ms)} ms`

/** What a table is doing, as its heading says it. */
export const STATES: Readonly<Record<TableState, string>> = {
  sole: 'root', copying: 'root, being copied', building: 'being built', filling: 'being filled', clearing: 'being cleared', sweeping: 'being swept', free: 'free',
}

function aboutTable(table: TableLook): string {
  return `${table.name} (${whole(table.capacity)} slots)`
}

function aboutResize({ tables }: Survey): string {
  const root = tables.find(({ isRoot }) => isRoot), other = tables.find(({ isRoot }) => !isRoot)
  if (root === undefined) return 'A new table has just become the root'
  if (root.state === 'copying') return `${aboutTable(root)} is being copied to ${lower(other)}: ${whole(root.chunksDone)} of ${whole(root.chunks)} chunks done`
  if (other?.state === 'building') return `${aboutTable(root)} is the root; ${lower(other)} is being built`
  if (other?.state === 'clearing') return `${aboutTable(root)} is the root; ${lower(other)} is being cleared: ${whole(other.chunksDone)} of ${whole(other.chunks)} chunks done`
  if (other?.state === 'sweeping') return `${aboutTable(root)} is the root; ${lower(other)} is being swept: ${whole(other.chunksSwept)} of ${whole(other.chunks)} chunks done`
  return `${aboutTable(root)} is the root, and no resize is going on`
}

const lower = (table: TableLook | undefined): string => table === undefined || table.state === 'free' ? 'the next table' : table.name.toLowerCase()

/** The picture in a sentence. */
export function sentence(survey: Survey, rate: number, workers: number, paused: boolean): string {
  const who = workers === 0 ? 'nobody is at work' : `${perSecond(rate)} operations a second by ${workers} ${workers === 1 ? 'worker' : 'workers'}`
  return `${aboutResize(survey)}; ${paused && workers > 0 ? `${workers === 1 ? 'one worker is' : `${workers} workers are`} paused` : who}.`
}

/** One resize, as the list of the last ones has it. */
export function resizeText({ kind, from, to, duration }: ResizeStats): { what: string, took: string } {
  const what = from === to ? `${kind} ${whole(to)}` : `${kind} ${whole(from)} to ${whole(to)}`
  return { what, took: duration === undefined ? '' : time(duration) }
}
