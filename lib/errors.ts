// What can go wrong, as types. Every message ends with what to do about it.

/** Marks our errors, in every realm and in every copy of this library. */
const MARK = Symbol.for('nonblocking-map: error')
const ordinaryHasInstance = Function.prototype[Symbol.hasInstance]

/** The base of all errors that this library throws on purpose. `code` never changes; messages may. */
export class SharedMapError extends Error {
  // A string in each class: a minifier renames the classes.
  override readonly name: string = 'SharedMapError'
  /** A stable name of the error, such as `'OUT_OF_MEMORY'`. */
  readonly code: string
  /** From `getMany` and `setMany`: the position of the key or the entry that failed. */
  declare index?: number
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  /**
   * `error instanceof OutOfMemoryError` is also true of the errors of another copy of this library in the program: one that came
   * by `require` beside one that was imported, or one of another realm.
   */
  static [Symbol.hasInstance](value: unknown): boolean {
    if (ordinaryHasInstance.call(this, value)) return true
    const { [MARK]: name, code } = (typeof value === 'object' && value !== null ? value : {}) as { [MARK]?: unknown, code?: unknown }
    return name === true && (this === SharedMapError || CODES.get(this) === code)
  }
}
Object.defineProperty(SharedMapError.prototype, MARK, { value: true })

/**
 * The map has no room for what was to be written, though all that can be had without the help of others was tried: unfinished resizes
 * were finished, records moved together, the table made as small as its keys allow. The write that failed changed nothing; reads,
 * deletes, and writes that need no new memory go on.
 */
export class OutOfMemoryError extends SharedMapError {
  override readonly name = 'OutOfMemoryError'
  constructor(what: string) {
    super('OUT_OF_MEMORY', `${what}: the map has no room for it, and nothing was changed. `
      + `Delete entries (of any size; stats().memory tells what is free), call repair() if workers were killed, or create the map with a larger `
      + `maxByteLength.`)
  }
}

/** All places of a map are taken: nobody else can attach until one is given back. */
export class PlacesError extends SharedMapError {
  override readonly name = 'PlacesError'
  constructor(places: number) {
    super('NO_PLACE', `All ${places} places of the map are taken. Detach where the map is no longer needed; where workers are terminated, call `
      + `reapOnExit(map, worker) for each of them or for their pool, or await map.reapEnded() and attach again; `
      + `or create the map with more places: SharedMap.create({ places }).`)
  }
}

/** A key or value that the map's codec cannot turn into bytes without losing something. */
export class EncodingError extends SharedMapError {
  override readonly name = 'EncodingError'
  constructor(what: string, hint: string, options?: ErrorOptions) { super('CANNOT_ENCODE', `${what}. ${hint}`, options) }
}

/** A codec's `decode` has thrown: the bytes are not what its `encode` makes, or it has a fault. `cause` is what it threw. */
export class DecodingError extends SharedMapError {
  override readonly name = 'DecodingError'
  constructor(codec: string, length: number, cause: unknown) {
    super('CANNOT_DECODE', `The decode of the codec '${codec}' threw for ${length} bytes (see the error's cause). `
      + 'Make it take all that its encode gives, and pass the same codecs in every worker.', { cause })
  }
}

/** What was given to `attach` is not a handle of this library, or one of a newer version. */
export class HandleError extends SharedMapError {
  override readonly name = 'HandleError'
  constructor(message: string) { super('WRONG_HANDLE', message) }
}

/** The buffer does not hold a map, or its words contradict each other. */
export class CorruptedError extends SharedMapError {
  override readonly name = 'CorruptedError'
  constructor(message: string, options?: ErrorOptions) { super('CORRUPTED', message, options) }
}

/** A browser that gives this page no shared memory, because the page is not cross-origin isolated. */
export class IsolationError extends SharedMapError {
  override readonly name = 'IsolationError'
  constructor() {
    super('NOT_ISOLATED', 'This page has no shared memory, because it is not cross-origin isolated. Serve it (and its workers) with the headers '
      + '"Cross-Origin-Opener-Policy: same-origin" and "Cross-Origin-Embedder-Policy: require-corp".')
  }
}

/** An option that cannot be met. */
export class OptionsError extends SharedMapError {
  override readonly name = 'OptionsError'
  constructor(message: string) { super('INVALID_OPTIONS', message) }
}

/** The map was used after `detach()`. */
export class DetachedError extends SharedMapError {
  override readonly name = 'DetachedError'
  constructor() { super('DETACHED', 'This map was detached from its memory. Attach again with SharedMap.attach(handle) to go on.') }
}

/** Which class an error of another copy would be of here. */
const CODES: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [OutOfMemoryError, 'OUT_OF_MEMORY'], [EncodingError, 'CANNOT_ENCODE'], [DecodingError, 'CANNOT_DECODE'], [HandleError, 'WRONG_HANDLE'],
  [CorruptedError, 'CORRUPTED'], [IsolationError, 'NOT_ISOLATED'], [OptionsError, 'INVALID_OPTIONS'], [DetachedError, 'DETACHED'],
  [PlacesError, 'NO_PLACE'],
])

/** @internal Whether an error is one of this library's. */
export const isOurs = (error: unknown): error is SharedMapError => SharedMapError[Symbol.hasInstance](error)

/** @internal Whether an error says that the stack is used up, which may happen anywhere and says nothing of the map. */
export function isOutOfStack(error: unknown): boolean {
  const { name, message } = (error ?? {}) as { name?: unknown, message?: unknown }
  return (name === 'RangeError' || name === 'InternalError') && /call stack|recursion/i.test(String(message))
}
