// One word that replays a run: the system's name, the program and the schedule, packed.

import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Program } from './system'
import { type Choice, isKill, killOf, stepOf, threadOf } from './world'

/** What a token holds. */
export interface Recorded { readonly system: string, readonly program: Program, readonly schedule: readonly Choice[] }

const VERSION = 'nm1.'

/** A schedule as text: `0x12 1x3 k0` is twelve accesses of thread 0, three of thread 1, and the end of thread 0. */
export function scheduleText(schedule: readonly Choice[]): string {
  const parts: string[] = []
  for (let n = 0; n < schedule.length;) {
    const choice = schedule[n]!
    let to = n + 1
    while (!isKill(choice) && schedule[to] === choice) to++
    parts.push(isKill(choice) ? `k${threadOf(choice)}` : `${threadOf(choice)}x${to - n}`)
    n = to
  }
  return parts.join(' ')
}

/** @throws TypeError for what is no schedule */
export function parseSchedule(text: string): Choice[] {
  return text.split(' ').filter(part => part !== '').flatMap(part => {
    const match = /^(?:k(\d+)|(\d+)x(\d+))$/.exec(part)
    if (match === null) throw new TypeError(`'${part}' is no part of a schedule: it must look like 0x12 or k1`)
    return match[1] !== undefined ? [killOf(Number(match[1]))] : new Array<Choice>(Number(match[3])).fill(stepOf(Number(match[2])))
  })
}

/** Packs a run into one word. */
export function toToken({ system, program, schedule }: Recorded): string {
  const text = JSON.stringify([system, program.prefix ?? [], program.threads, scheduleText(schedule), program.name ?? null])
  return VERSION + deflateRawSync(text, { level: 9 }).toString('base64url')
}

/** @throws TypeError for what is no token, or one of another version */
export function fromToken(token: string): Recorded {
  if (!token.startsWith(VERSION)) throw new TypeError(`this is no token of this version: it must begin with ${VERSION}`)
  try {
    const text = inflateRawSync(Buffer.from(token.slice(VERSION.length), 'base64url')).toString()
    const [system, prefix, threads, schedule, name] = JSON.parse(text) as [string, Program['prefix'], Program['threads'], string, string | null]
    return { system, program: { ...name === null ? {} : { name }, prefix: prefix!, threads }, schedule: parseSchedule(schedule) }
  } catch (error) {
    throw new TypeError(`the token is damaged (${(error as Error).message}): copy all of it`)
  }
}
