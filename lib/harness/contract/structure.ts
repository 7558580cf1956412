// Structure as text: two keys, or two values, are taken for equal if they have the same text. And small changes in place,
// by which copies are told from the originals.

import { isBytes } from '../../backend/realms'

/**
 * A text that tells everything structural about a value: its kind, primitives as `Object.is` tells them apart, bytes and
 * whatever else can be iterated by content, other objects by class and by properties. A property that is undefined is left
 * out, as JSON leaves it out.
 *
 * @remarks O(parts of the value). What an object hides (private fields, say) has no part in it.
 */
export function textOf(value: unknown, above: readonly unknown[] = []): string {
  switch (typeof value) {
    case 'string': return JSON.stringify(value)
    case 'bigint': return `${value}n`
    case 'number': return Object.is(value, -0) ? '-0' : String(value)
    case 'object':
      if (value === null) return 'null'
      return above.includes(value) ? '(cycle)' : textOfObject(value, [...above, value])
    default: return String(value)
  }
}

function textOfObject(value: object, above: readonly unknown[]): string {
  if (isBytes(value)) return `bytes[${value.join()}]`
  if (isDate(value)) return `Date(${value.getTime()})`
  const name = classOf(value)
  if (Symbol.iterator in value) return `${name === 'Array' ? '' : name}[${[...value as Iterable<unknown>].map(item => textOf(item, above)).join(', ')}]`
  const properties = Object.entries(value).filter(([, item]) => item !== undefined).sort(([a], [b]) => a < b ? -1 : 1)
  return `${name === 'Object' ? '' : name}{${properties.map(([key, item]) => `${JSON.stringify(key)}: ${textOf(item, above)}`).join(', ')}}`
}

/** A `Date` of any realm: only these have a time. */
function isDate(value: object): value is Date {
  try {
    Date.prototype.getTime.call(value)
    return true
  } catch {
    return false
  }
}

function classOf(value: object): string {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null
  return prototype === null ? 'Object' : prototype.constructor?.name ?? 'unknown'
}

const LONGEST = 100

/** A value for a message. */
export function brief(value: unknown): string {
  const text = textOf(value)
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}... (${text.length} characters)`
}

/**
 * Changes an object in place so that its text is another.
 *
 * @returns what takes the change back; undefined if nothing could be changed
 */
export function change(value: unknown): (() => void) | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const before = textOf(value)
  try {
    const undo = changeObject(value)
    return textOf(value) === before ? undefined : undo
  } catch {
    // Frozen, or of a class that allows no changes.
    return undefined
  }
}

function changeObject(value: object): () => void {
  if (isBytes(value)) return changeProperty(value, 0, (value[0] ?? 0) ^ 1)
  if (Array.isArray(value)) return changeProperty(value, value.length, 'changed', () => { value.length-- })
  if (isDate(value)) {
    const time = value.getTime()
    value.setTime(Number.isNaN(time) ? 0 : time + 1)
    return () => { value.setTime(time) }
  }
  return changeProperty(value, 'changed in place', true, () => { Reflect.deleteProperty(value, 'changed in place') })
}

function changeProperty(value: object, property: string | number, to: unknown, undo?: () => void): () => void {
  const properties = value as Record<string | number, unknown>, before = properties[property]
  properties[property] = to
  return undo ?? (() => { properties[property] = before })
}
