// What a map looks like to a program that prints, clones or compares it.

import { walkEntries } from './walk'
import { shown } from './naming'
import { DETACHED, type Reach } from './reach'

/** The method that Node, Bun and Deno ask for a text when they print an object. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never

/** What of the options of `util.inspect` matters here; all of them are handed on. */
export interface InspectOptions {
  readonly depth?: number | null
  readonly maxArrayLength?: number | null
  readonly iterableLimit?: number
  readonly stylize?: (text: string, style: string) => string
}
export type Inspect = (value: unknown, options: object) => string
export type Depth = number | null | undefined

/** As many entries as are shown of a Map; Deno has a name of its own for that. */
function mostOf({ maxArrayLength, iterableLimit = 100 }: InspectOptions = {}): number {
  return maxArrayLength === undefined ? iterableLimit : maxArrayLength ?? Infinity
}

/** The first entries; why there are not more, if it was an error. */
interface Head { readonly entries: Map<unknown, unknown>, readonly error: string | undefined }

/**
 * `SharedMap(3) [wasm, 16 slots] { 'a' => 1, 'b' => [ 1, 2 ], ... 1 more item }`. Never throws, and writes nothing but what
 * a walk writes. `depth` is how deep to go from here: below 0, not even into the map.
 */
export function inspectMap(reach: Reach, depth: Depth, options: InspectOptions | undefined, inspect: Inspect | undefined): string {
  const stylize = options?.stylize ?? ((text: string) => text)
  if (reach.kernel === DETACHED) return `SharedMap ${stylize('[detached]', 'special')}`
  if (typeof depth === 'number' && depth < 0) return stylize('[SharedMap]', 'special')
  try {
    const { kernel, at, attachment: { backend } } = reach, size = Math.max(0, kernel.size(at))
    const title = `SharedMap(${size}) ${stylize(`[${backend}, ${kernel.capacityNow(at)} slots]`, 'special')}`
    if (typeof inspect !== 'function') return title
    const { entries, error } = headOf(reach, mostOf(options))
    const more = error !== undefined ? `... ${stylize(`[${error}]`, 'special')}` : moreOf(size - entries.size)
    return `${title} ${ended(bodyOf(entries, depth, options, inspect), more)}`
  } catch (error) {
    return `SharedMap ${stylize(`[${told(error)}]`, 'special')}`
  }
}

function headOf(reach: Reach, most: number): Head {
  const entries = new Map<unknown, unknown>()
  try {
    if (most > 0) {
      for (const [key, value] of walkEntries(reach)) {
        entries.set(key, value)
        if (entries.size >= most) break
      }
    }
    return { entries, error: undefined }
  } catch (error) {
    return { entries, error: told(error) }
  }
}

/** What is printed of a Map, without its name. */
function bodyOf(entries: Map<unknown, unknown>, depth: Depth, options: InspectOptions | undefined, inspect: Inspect): string {
  const text = inspect(entries, { ...options, ...(depth === undefined ? {} : { depth }), maxArrayLength: null, iterableLimit: Infinity })
  return text.slice(text.indexOf('{'))
}

const moreOf = (count: number): string => count > 0 ? `... ${count} more item${count > 1 ? 's' : ''}` : ''

/** A body with one thing more before its last brace. */
function ended(body: string, more: string): string {
  if (more === '') return body
  const inside = body.slice(0, body.lastIndexOf('}')).trimEnd()
  return inside === '{' ? `{ ${more} }` : body.includes('\n') ? `${inside.replace(/,$/, '')},\n  ${more}\n}` : `${inside}, ${more} }`
}

/** An error in one line, whatever was thrown. */
function told(error: unknown): string {
  try {
    const { name, message } = Object(error) as { name?: unknown, message?: unknown }
    return typeof message === 'string' ? `${String(name)}: ${message}` : `${shown(error)} was thrown`
  } catch {
    return 'an error that cannot be read'
  }
}

const marks = new WeakMap<object, Record<string, symbol>>()

/**
 * An own property of each map, named `unclonable`: it holds a symbol, of which there is one for each map. Structured clone
 * refuses symbols and says their text, where without it a map would arrive as `{}`; and what compares objects by their
 * properties finds different maps different, and two attachments to one map equal.
 */
export function markUnclonable(map: object, { buffer }: { readonly buffer: object }, identity: string): void {
  const of = marks.get(buffer) ?? {}
  marks.set(buffer, of)
  of[identity] ??= Symbol(`SharedMap ${identity}: cannot be cloned or sent; send map.handle, and call SharedMap.attach with it there`)
  Object.defineProperty(map, 'unclonable', { value: of[identity], enumerable: true })
}
