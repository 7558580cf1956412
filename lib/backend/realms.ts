// What a value is, asked of the value itself. A program may have several realms (frames, `vm` contexts, the files of jest),
// each with its own `Uint8Array` and `Object.prototype`: `instanceof` and `===` say no to what comes from another one.

const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype) as object

/** A getter of the language, which looks at what a value is made of and not at the properties it has been given. */
function getter(prototype: object, name: PropertyKey): (this: unknown) => unknown {
  return Object.getOwnPropertyDescriptor(prototype, name)!.get!
}

const tagOf = getter(TYPED_ARRAY, Symbol.toStringTag), lengthGetter = getter(TYPED_ARRAY, 'length'), bufferOf = getter(TYPED_ARRAY, 'buffer')

/** Whether a value is a `Uint8Array` of any realm; a `Buffer` is one too. */
export const isBytes = (value: unknown): value is Uint8Array => tagOf.call(value) === 'Uint8Array'

/** Whether a value is an `Int32Array` of any realm. */
export const isInt32Array = (value: unknown): value is Int32Array => tagOf.call(value) === 'Int32Array'

/** How many bytes there are, whatever a property `length` of the program's says. */
export const lengthOf = (bytes: Uint8Array): number => lengthGetter.call(bytes) as number

/** Whether the memory of these bytes may grow while they are looked at: another worker may do it. */
export const mayGrow = (bytes: Uint8Array): boolean => (bufferOf.call(bytes) as { growable?: boolean }).growable === true

const sharedLength = typeof SharedArrayBuffer === 'undefined' ? undefined : getter(SharedArrayBuffer.prototype, 'byteLength')

/** Whether a value is a `SharedArrayBuffer` of any realm. */
export function isSharedBuffer(value: unknown): value is SharedArrayBuffer {
  try {
    sharedLength?.call(value)
    return sharedLength !== undefined
  } catch {
    return false
  }
}

const ownPrototype: object = Object.prototype, ownArrayPrototype: object = Array.prototype
/** What other realms' `Object.prototype`s turned out to be. */
const foreign = new WeakMap<object, boolean>()

/** Whether a prototype is that of plain objects: none, or any realm's `Object.prototype`. */
export function isPlainPrototype(prototype: object | null): boolean {
  if (prototype === ownPrototype || prototype === null) return true
  let known = foreign.get(prototype)
  if (known === undefined) foreign.set(prototype, known = looksLikeObjectPrototype(prototype))
  return known
}

/** It ends its chain, and is the prototype of a function named Object that the program did not write. */
function looksLikeObjectPrototype(prototype: object): boolean {
  if (Object.getPrototypeOf(prototype) !== null) return false
  const owner = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown
  if (typeof owner !== 'function' || owner.prototype !== prototype) return false
  return /^function Object\(\)\s*\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(owner))
}

/** Whether a prototype is any realm's `Array.prototype`: an array itself, which the prototype of a subclass is not. */
export function isArrayPrototype(prototype: object | null): boolean {
  if (prototype === ownArrayPrototype) return true
  return prototype !== null && Array.isArray(prototype) && isPlainPrototype(Object.getPrototypeOf(prototype) as object | null)
}
