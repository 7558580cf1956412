// This thread, as its maps see it: its number, its places, the lock that tells others that it lives, and what happens when
// it ends.
//
// A thread has one record, whichever copy of this library asks for it (CommonJS and ES modules, realms of `vm`): it takes
// part in a map once, listens to its own end once, and holds one lock.

import type { Kernel } from '../backend/kernel'
import { MAGIC_LOW } from '../kernel/layout'

/** A place among the participants of one map, shared by all attachments of this thread to it. */
export interface Place {
  readonly kernel: Kernel
  readonly at: number
  readonly me: number
  /** Names the map, wherever its memory is seen from. */
  readonly identity: string
  /** How many attachments have it. */
  users: number
}

/** The part of a lock manager that is used here; TypeScript's needs the types of a page. */
export interface Locks {
  request(name: string, callback: () => Promise<never>): Promise<unknown>
  request<T>(name: string, options: { ifAvailable: true }, callback: (lock: object | null) => T): Promise<T>
}

/** Two random 32-bit numbers name the lock that a thread holds as long as it lives. */
export interface Life { readonly high: number, readonly low: number, held: boolean }

interface Thread {
  /** One more than the thread's id; 0 where the runtime does not tell it. */
  readonly number: number
  /** By the map's identity: those that another thread could join. Held weakly, so that nothing here keeps a map's memory. */
  readonly places: Map<string, WeakRef<Place>>
  life: Life | undefined
  leavesAtExit: boolean
}

interface Runtime {
  readonly versions?: Readonly<Record<string, string | undefined>>
  readonly report?: { getReport?(): { header?: { threadId?: number } } }
  getBuiltinModule?(name: string): { readonly threadId?: number, readonly locks?: Locks } | undefined
  on?(event: string, listener: (...args: unknown[]) => void): unknown
  off?(event: string, listener: (...args: unknown[]) => void): unknown
  listeners?(event: string): unknown[]
}

const runtime = (globalThis as { process?: Runtime }).process
const KEY = Symbol.for(`nonblocking-map.thread.${MAGIC_LOW}`)

/** This thread's record. In Node, Bun and Deno it lies in `process`, which all realms of a thread share. */
export function thisThread(): Thread {
  const holder = (runtime !== undefined && Object.isExtensible(runtime) ? runtime : globalThis) as { [KEY]?: Thread }
  const known = holder[KEY]
  if (known !== undefined) return known
  const value: Thread = { number: threadNumber(), places: new Map(), life: undefined, leavesAtExit: false }
  Object.defineProperty(holder, KEY, { value })
  return value
}

function threadNumber(): number {
  const id = runtime?.getBuiltinModule?.('node:worker_threads')?.threadId ?? reportedThread()
  return id === undefined ? 0 : id + 1
}

/** Node before 20.16 has no `getBuiltinModule`. A diagnostic report takes some milliseconds, once a thread. */
function reportedThread(): number | undefined {
  if (runtime?.versions?.node === undefined || runtime.getBuiltinModule !== undefined) return undefined
  return runtime.report?.getReport?.().header?.threadId
}

export function randomWords(): Int32Array {
  const words = new Int32Array(4)
  const source = (globalThis as { crypto?: Crypto }).crypto
  if (source !== undefined) return source.getRandomValues(words)
  for (let i = 0; i < 4; i++) words[i] = Math.random() * 2 ** 32
  return words
}

// --- places

/** This thread's place in a map that another thread may know. */
export function knownPlace(identity: string): Place | undefined { return thisThread().places.get(identity)?.deref() }

/** From now on another thread may join: the place is given back when this thread ends, and others may ask whether it lives. */
export function sharePlace(place: Place): void {
  const thread = thisThread()
  if (thread.places.get(place.identity)?.deref() === place) return
  thread.places.set(place.identity, new WeakRef(place))
  leaveAtExit(thread)
  guardPlace(thread, place)
}

/** The last attachment of this thread gives the place back. */
export function leavePlace(place: Place): void {
  if (--place.users > 0) return
  const { places } = thisThread()
  if (places.get(place.identity)?.deref() === place) places.delete(place.identity)
  place.kernel.leave(place.at, place.me)
}

// --- the end of a thread

/**
 * Gives all places back when a worker ends in an orderly way: by return, error or `process.exit`. One listener, whatever
 * the number of maps. The main thread takes the memory with it.
 */
function leaveAtExit(thread: Thread): void {
  if (thread.leavesAtExit || thread.number <= 1 || runtime?.on === undefined) return
  thread.leavesAtExit = true
  const leave = (): void => {
    // A listener that comes after this one may still use a map: then the places stay, as if the worker had been terminated.
    if (runtime.listeners?.('exit').at(-1) !== leave) return
    for (const place of thread.places.values()) leaveForGood(place.deref())
    thread.places.clear()
  }
  runtime.on('exit', leave)
  keepLast(leave)
}

/** Leaves where nobody is there to take an error: it throws nothing but what a corrupted buffer makes the kernel throw. */
function leaveForGood(place: Place | undefined): void {
  try {
    place?.kernel.leave(place.at, place.me)
  } catch { /* Whoever uses the map next is told. */ }
}

/** Moves an exit listener behind those that the program adds later, so that these can still use their maps. */
function keepLast(listener: () => void): void {
  let asked = false
  const move = (): void => {
    asked = false
    runtime?.off?.('exit', listener)
    runtime?.on?.('exit', listener)
  }
  runtime?.on?.('newListener', (event, added) => {
    if (event !== 'exit' || added === listener || asked) return
    asked = true
    queueMicrotask(move)
  })
}

// --- the life of a thread, for others to see

const lockName = (high: number, low: number): string => `nonblocking-map:${high}:${low}`
const NATIVE = /\{\s*\[native code\]\s*\}\s*$/
const isNative = (of: unknown): boolean => typeof of === 'function' && NATIVE.test(Function.prototype.toString.call(of))

/**
 * Locks that every thread of the program sees and that end with their thread: those of Node's `worker_threads`, and a
 * browser's own. Not Deno's, where a lock that is held keeps its worker from ending; and nothing that somebody has put into
 * `navigator`, since that would know its own thread only, and call all others dead.
 */
function threadLocks(): Locks | undefined {
  if (runtime?.versions?.node !== undefined) {
    const { bun, deno } = runtime.versions
    return bun === undefined && deno === undefined ? runtime.getBuiltinModule?.('node:worker_threads')?.locks : undefined
  }
  const locks = (globalThis as { navigator?: { locks?: Locks } }).navigator?.locks
  return isNative(locks?.request) ? locks : undefined
}

/** Marks a place as one whose owner's end can be seen: at once if this thread's lock is held, or as soon as it is. */
function guardPlace(thread: Thread, place: Place): void {
  const life = thread.life ??= beginLife(thread)
  if (life?.held === true) markPlace(life, place)
}

function beginLife(thread: Thread): Life | undefined {
  const locks = threadLocks()
  if (locks === undefined) return undefined
  const [high, low] = randomWords() as unknown as [number, number], life: Life = { high, low, held: false }
  // Only what is held is marked: a place whose lock is still to come would look like that of a thread that has ended.
  const hold = (): Promise<never> => {
    life.held = true
    for (const place of thread.places.values()) markPlace(life, place.deref())
    return new Promise(() => {})
  }
  // A page that is being closed may be refused: its places are then reaped by other means.
  locks.request(lockName(high, low), hold).catch(() => {})
  return life
}

function markPlace(life: Life, place: Place | undefined): void { place?.kernel.guard(place.at, place.me, life.high, life.low) }

/**
 * Whether a thread has surely ended, by the name of its lock. False where that cannot be told. It only asks: one who waited for
 * the lock would stand before all who ask, and Node wakes nobody who waits for the lock of a thread that was terminated.
 */
export async function hasEnded(high: number, low: number): Promise<boolean> {
  const locks = threadLocks(), own = thisThread().life
  if (locks === undefined || own?.high === high && own.low === low) return false
  return locks.request(lockName(high, low), { ifAvailable: true }, lock => lock !== null).catch(() => false)
}
