// What the main thread and the harness's workers have in common: the words by which they wait for one another, and what
// they send each other.

import type { MessagePort } from 'node:worker_threads'
import type { Answer, Call, Own } from '../system'

/** A driver as a worker finds it. */
export interface SentDriver { readonly module: string, readonly name: string, readonly options: unknown }

/** What every worker is started with. */
export interface Setup {
  readonly job: 'replay' | 'stress'
  readonly name: string
  /** The shipped file as an URL that can be imported. */
  readonly code: string
  readonly driver: SentDriver | undefined
  /** The names of the operations, and whether each is written out in the driver. */
  readonly ops: Readonly<Record<string, boolean>>
  /** The memory under test, and how its code sees it. */
  readonly buffer: SharedArrayBuffer
  readonly wide: boolean
  readonly thread: number
  /** The words that all wait by: {@link Baton} and {@link Of}, or {@link Pace}. */
  readonly control: SharedArrayBuffer
  readonly port: MessagePort
  readonly replay?: ReplaySetup
  readonly stress?: StressSetup
}

/** What a message says that a worker could not go on. */
export interface Trouble { readonly error: string }

// --- replay

export interface ReplaySetup { readonly own: Own | undefined }

/** One thread's part of a run. */
export interface Task {
  readonly calls: readonly Call[]
  readonly schedule: Uint8Array
  readonly threads: number
  readonly context: unknown
}

/** The answers of the operations that ended, and what the code threw in the next one. */
export interface Reply { readonly answers: readonly Answer[], readonly error: string | undefined }

/** Words that all threads of a replay share. */
export const enum Baton {
  /** Threads that have come to the end of what they were asked for. */
  Finished = 0,
  /** Threads that have come to their first access, or to their end. */
  Arrived = 1,
  /** The next choice of the schedule; whoever holds the baton writes it. */
  Position = 2,
}

/** Words of one thread; a cache line for each thread. */
export const enum Of {
  /** Counts the tasks that were sent. */
  Go = 0,
  Turn = 1,
  /** Whether all its operations have ended, or it was killed. */
  Over = 2,
}

/** What a thread's word tells it. */
export const enum Turn { Wait = 0, Mine = 1, Stop = 2 }

const LINE = 16
/** Threads of a program at most. */
export const MOST_THREADS = 8
export const BATON_BYTES = (MOST_THREADS + 1) * LINE * 4
export const wordOf = (thread: number, word: Of): number => (thread + 1) * LINE + word

// --- stress

export interface StressSetup {
  readonly calls: readonly Call[]
  readonly seed: number
  readonly context: unknown
  readonly records: SharedArrayBuffer
  /** Room for answers that are no numbers. */
  readonly texts: SharedArrayBuffer
}

/** Words that all workers of a stress run share. */
export const enum Pace { Go = 0, Stop = 16, Clock = 32, Next = 48, Released = 64, Texts = 80 }
export const PACE_BYTES = 96 * 4

/** How many records a worker takes at a time, so that taking them orders the workers little. */
export const TAKEN_AT_ONCE = 64

/** A record, in 32-bit words. `Call` and `Back` are times from 1 up: 0 says that it has not happened. */
export const enum Entry { Thread = 0, Which = 1, Call = 2, Back = 3, Kind = 4, Length = 5, Number = 6 }
export const RECORD_WORDS = 8

/** How an answer is written down. */
export const enum Kind { Undefined = 0, Number = 1, Other = 2 }
