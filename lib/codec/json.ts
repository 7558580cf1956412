// Objects and arrays as JSON text, refused where JSON would lose something without a word.

import { EncodingError } from '../errors'

const HINT = 'Store plain objects and arrays of strings, finite numbers, booleans and null, or bring a codec of your own (see Codec).'

/** The JSON text of an object or array. Throws `EncodingError`, naming the place, for what would come back different. */
export function toJson(value: object): string {
  try {
    const text = JSON.stringify(value)
    check(value, 'value')
    return text
  } catch (error) {
    if (error instanceof EncodingError) throw error
    throw new EncodingError(`The value cannot be written as JSON (${(error as Error).message})`, HINT, { cause: error })
  }
}

/** A property that is undefined is left out by JSON, and reads back as undefined all the same: it is let through. */
function check(value: unknown, path: string): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number') return refuseIf(!Number.isFinite(value) || Object.is(value, -0), value, path)
  if (Array.isArray(value)) {
    // By index: forEach passes the holes by.
    for (let i = 0; i < value.length; i++) check(value[i], `${path}[${i}]`)
    return
  }
  refuseIf(typeof value !== 'object' || !isPlain(value as object), value, path)
  for (const [key, item] of Object.entries(value as object)) if (item !== undefined) check(item, `${path}.${key}`)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === null || prototype === Object.prototype) && typeof (value as { toJSON?: unknown }).toJSON !== 'function'
}

function refuseIf(refused: boolean, value: unknown, path: string): void {
  if (refused) throw new EncodingError(`${path} is ${describe(value)}, which JSON cannot hold`, HINT)
}

/** A short name of a value for an error message. */
export function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null) return `an object of class ${(value.constructor as { name?: string } | undefined)?.name ?? 'unknown'}`
  if (typeof value === 'function') return 'a function'
  return typeof value === 'symbol' ? 'a symbol' : Object.is(value, -0) ? '-0' : String(value)
}
