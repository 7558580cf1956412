// Objects and arrays as JSON text, refused where JSON would lose something without a word.
//
// A value is walked once, and each of its properties is read once, into a copy; the text is that of the copy. So the text
// says what the walk has seen, whatever getters, proxies and methods named toJSON would say to somebody who asked again.

import { isArrayPrototype, isPlainPrototype } from '../backend/realms'
import { EncodingError, isOutOfStack } from '../errors'

const HINT = 'Store plain objects and arrays of strings, finite numbers, booleans and null, or bring a codec of your own (see Codec).'

/** From this depth on a value is looked for among those that hold it: nobody nests so deep but in circles, or on purpose. */
const DEEP = 32

/** The objects that hold the one that is being copied, and the key that each was found under. One list for all walks: a getter may begin another. */
const holders: object[] = []
const keys: (string | number)[] = []

/** The JSON text of an object or array. Throws `EncodingError`, naming the place, for what would come back different. */
export function toJson(value: object): string {
  const first = holders.length
  try {
    keys.push('')
    const copy = copyOf(value, first)
    keys.pop()
    return textOf(copy)
  } catch (error) {
    holders.length = keys.length = first
    throw explained(error)
  }
}

/** The last error of our own, told from those that getters throw. */
let refused: EncodingError | undefined

function explained(error: unknown): unknown {
  const isOurs = refused === error
  refused = undefined
  if (isOurs) return error
  const why = isOutOfStack(error) ? 'it is nested too deeply' : messageOf(error)
  return new EncodingError(`The value cannot be written as JSON (${why})`, HINT, { cause: error })
}

function copyOf(value: object, first: number): object {
  if (holders.length - first >= DEEP && holders.indexOf(value, first) >= 0) refuseCircle(value, first)
  holders.push(value)
  const copy = Array.isArray(value) ? copyOfArray(value, first) : copyOfObject(value, first)
  holders.pop()
  return copy
}

/** Of an array: nothing but its items. By index, for a hole must be seen. */
function copyOfArray(value: readonly unknown[], first: number): unknown[] {
  if (!isArrayPrototype(Object.getPrototypeOf(value) as object | null)) refuse(value, first)
  const { length } = value, copy: unknown[] = []
  for (let i = 0; i < length; i++) {
    const item = value[i]
    copy.push(isHeld(item) ? item : copyOfItem(item, i, first))
  }
  if (Reflect.ownKeys(value).length !== length + 1) refuseHidden(value, first, key => key === 'length' || isIndex(key, length))
  return copy
}

const isIndex = (key: PropertyKey, length: number): boolean => typeof key === 'string' && String(Number(key) >>> 0) === key && Number(key) < length

/** Of an object: its own enumerable properties. One that is undefined JSON leaves out, and it reads back as undefined all the same. */
function copyOfObject(value: object, first: number): object {
  if (!isPlainPrototype(Object.getPrototypeOf(value) as object | null)) refuse(value, first)
  const copy = { ...value } as Record<string, unknown>, names = Object.keys(copy)
  // Two calls: together they cost a third of what `Reflect.ownKeys` does.
  if (Object.getOwnPropertyNames(value).length !== names.length || Object.getOwnPropertySymbols(value).length !== 0) {
    refuseHidden(value, first, key => typeof key === 'string' && Object.hasOwn(copy, key))
  }
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!, item = copy[name]
    if (!isHeld(item) && item !== undefined) put(copy, name, copyOfItem(item, name, first))
  }
  return copy
}

/** Sets a property that is there already. */
function put(copy: Record<string, unknown>, name: string, item: unknown): void {
  if (name === '__proto__') Object.defineProperty(copy, name, { value: item })
  else copy[name] = item
}

/** Whether JSON holds it as it is. */
function isHeld(item: unknown): boolean {
  if (typeof item === 'number') return item - item === 0 && (item !== 0 || 1 / item > 0)
  return typeof item === 'string' || typeof item === 'boolean' || item === null
}

function copyOfItem(item: unknown, key: string | number, first: number): object {
  keys.push(key)
  if (typeof item !== 'object') refuse(item, first)
  const copy = copyOf(item!, first)
  keys.pop()
  return copy
}

// --- the text

/** A page may have put a toJSON where our copies would inherit it. */
const isInherited = (): boolean => 'toJSON' in Object.prototype || 'toJSON' in Array.prototype

const textOf = (copy: unknown): string => (Array.isArray(copy) ? textOfNumbers(copy) : undefined) ?? (isInherited() ? spell(copy) : JSON.stringify(copy))

/** Below this length a loop is faster than the call. */
const FEW = 8

/** The text of a few numbers, such as coordinates; undefined for other arrays. */
function textOfNumbers(copy: readonly unknown[]): string | undefined {
  if (copy.length === 0 || copy.length > FEW) return undefined
  let text = ''
  for (let i = 0; i < copy.length; i++) {
    const item = copy[i]
    if (typeof item !== 'number') return undefined
    text += i === 0 ? `[${item}` : `,${item}`
  }
  return `${text}]`
}

/** What JSON.stringify gives, without it. */
function spell(copy: unknown): string {
  if (typeof copy !== 'object' || copy === null) return JSON.stringify(copy)
  if (Array.isArray(copy)) return `[${copy.map(spell).join()}]`
  const entries = Object.entries(copy).filter(([, item]) => item !== undefined)
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${spell(item)}`).join()}}`
}

// --- refusals

function say(what: string): never {
  refused = new EncodingError(what, HINT)
  throw refused
}

function refuse(value: unknown, first: number): never { return say(`${pathTo(first)} is ${describe(value)}, which JSON cannot hold`) }

function refuseHidden(value: object, first: number, isKept: (key: PropertyKey) => boolean): never {
  const lost = Reflect.ownKeys(value).find(key => !isKept(key))
  const what = lost === undefined ? 'an array with holes' : `an ${Array.isArray(value) ? 'array' : 'object'} with the property ${String(lost)}`
  return say(`${pathTo(first)} is ${what}, which JSON would lose`)
}

function refuseCircle(value: object, first: number): never {
  // It has turned several times by now: the shortest way to a value that was met before.
  const chain = [...holders.slice(first), value], again = chain.findIndex((one, n) => chain.indexOf(one) < n)
  return say(`${pathTo(first, again)} is a circle: it leads back to ${pathTo(first, chain.indexOf(chain[again]!))}`)
}

/** As a program would write it: `value.list[1]`. */
function pathTo(first: number, depth = keys.length - first - 1): string {
  const path = keys.slice(first + 1, first + 1 + depth).map(stepTo)
  return `value${path.length > 100 ? [...path.slice(0, 100), '...'].join('') : path.join('')}`
}

const stepTo = (key: string | number): string => typeof key === 'number' ? `[${key}]` : /^[\w$]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`

const messageOf = (error: unknown): string => {
  const message = (error as { message?: unknown } | null | undefined)?.message
  return typeof message === 'string' ? message : describe(error)
}

/** A short name of a value for an error message. Runs no code of the program's that could throw. */
export function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null) return `an object of class ${classOf(value)}`
  if (typeof value === 'function') return 'a function'
  return typeof value === 'symbol' ? 'a symbol' : Object.is(value, -0) ? '-0' : String(value)
}

function classOf(value: object): string {
  try {
    const name = (value.constructor as { name?: unknown } | undefined)?.name
    return typeof name === 'string' && name !== '' ? name : 'unknown'
  } catch {
    return 'unknown'
  }
}
