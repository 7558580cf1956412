// How messages name what was given, and what may have been meant.

import { describe } from '../codec/json'

/** A short text for a value of any kind; never throws. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value)
  if (typeof value === 'bigint') return `the bigint ${value}n`
  return describe(value)
}

/** Of the names, the one that is most like what was written; undefined where none is like it. */
export function nearest(written: string, names: readonly string[]): string | undefined {
  const distances = names.map(name => distance(written.toLowerCase(), name.toLowerCase())), least = Math.min(...distances)
  const name = names[distances.indexOf(least)]
  return name !== undefined && least <= Math.max(2, name.length / 3) ? name : undefined
}

/** Letters to insert, remove or change to make one text of the other (Levenshtein). O(product of the lengths). */
function distance(from: string, to: string): number {
  if (from.length > 64) return Infinity
  let above = Array.from({ length: to.length + 1 }, (_, n) => n)
  for (let i = 0; i < from.length; i++) {
    const row = [i + 1]
    for (let j = 0; j < to.length; j++) row.push(Math.min(row[j]! + 1, above[j + 1]! + 1, above[j]! + (from[i] === to[j] ? 0 : 1)))
    above = row
  }
  return above[to.length]!
}
