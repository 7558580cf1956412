// What the page and its workers say to each other, and what they write into the map.

import type { Handle } from '../../map/handle'

/** What the workers write: integers live in the slot itself, texts in blocks of their own. */
export type Values = 'integers' | 'texts' | 'both'

/** What every worker does. */
export interface Settings {
  /** Shares of the operations; only their ratio counts. */
  readonly put: number
  readonly get: number
  readonly delete: number
  /** Keys are the integers from 0 up to this. */
  readonly keys: number
  /** Operations a second of each worker; 0 is as fast as it can. */
  readonly pace: number
  readonly values: Values
  readonly paused: boolean
}

/** From the page to a worker. */
export type Order =
  | { readonly kind: 'start', readonly handle: Handle, readonly seed: number, readonly settings: Settings }
  | { readonly kind: 'settings', readonly number: number, readonly settings: Settings }

/** From a worker to the page, all counts since its start. */
export interface Report {
  readonly operations: number
  /** Values that were read and checked, and those that nobody had written for their key. */
  readonly checked: number
  readonly wrong: number
  /** The last operation, as text. */
  readonly last: string
  /** The number of the last order that it follows, 0 at first; and whether it is at rest. */
  readonly order: number
  readonly paused: boolean
  /** Why it has stopped, if it has. */
  readonly failure: string | undefined
}

/** Most keys: a key and a running number make an integer value. */
export const MOST_KEYS = 2 ** 18
const NUMBERS = 2 ** 12

/** A value for a key, such that whoever reads it can tell whose it is. */
export function valueFor(key: number, number: number, values: Values): number | string {
  const text = values === 'texts' || values === 'both' && (key & 3) === 0
  return text ? `${key}:${'·'.repeat(number % 40)}${number}` : key * NUMBERS + number % NUMBERS
}

/** Whether a value is one that was written for the key. */
export function isFor(key: number, value: unknown): boolean {
  if (typeof value === 'number') return Math.floor(value / NUMBERS) === key
  return typeof value === 'string' && value.startsWith(`${key}:`)
}
