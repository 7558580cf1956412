// The states of a slot and of a table, as the live view shows them.

/** A slot's state: its key word's while there is no value word to speak of, its value word's from then on. */
export enum Slot { Empty, Key, Sealed, Value, Tombstone, Prime, DeadEmpty, DeadDeleted, DeadMoved }

/** In the place of a state: this slot was not read yet. */
export const UNREAD = 255

/** The states of slots in the order of a life. */
export const SLOTS = ['Empty', 'Key', 'Sealed', 'Value', 'Tombstone', 'Prime', 'DeadEmpty', 'DeadDeleted', 'DeadMoved'] as const

/** What each state means, in few words. */
export const MEANINGS: Readonly<Record<typeof SLOTS[number], string>> = {
  Empty: 'nothing yet',
  Key: 'a key is there, its value is on its way',
  Sealed: 'closed to new keys by the copy',
  Value: 'a live entry',
  Tombstone: 'deleted, the key keeps its slot',
  Prime: 'being carried to the next table',
  DeadEmpty: 'copied: there was nothing',
  DeadDeleted: 'copied or cleared: deleted',
  DeadMoved: 'copied: lives on in the next table',
}

/** What a page of the memory is. A page that is not the first of its span or run is what the first one is. */
export enum PageKind { Free, Slots, Run, Quarter, Half, Most, Full }

/** The same in words. */
export const PAGES = ['free', 'slots', 'large record', 'blocks, up to a quarter', 'up to half', 'up to three quarters', 'up to full'] as const
export const PAGE_MEANINGS: Readonly<Record<typeof PAGES[number], string>> = {
  free: 'nobody\'s: whoever needs it may claim it',
  slots: 'kept for tables',
  'large record': 'one of several pages that a record has for itself, or is being claimed',
  'blocks, up to a quarter': 'blocks of one size, at most a quarter of them in use',
  'up to half': 'blocks of one size, at most half of them in use',
  'up to three quarters': 'blocks of one size, at most three quarters of them in use',
  'up to full': 'blocks of one size, more than three quarters of them in use',
}

/**
 * A table's state. The root is `sole`, or `copying` once its successor is installed; the successor is `building`, then
 * `filling`. The table before the root is `clearing` where a clear left entries to kill, then `sweeping`, then `free`.
 */
export type TableState = 'sole' | 'copying' | 'building' | 'filling' | 'clearing' | 'sweeping' | 'free'

/** What a table's header says. */
export interface TableLook {
  /** 'Table' and its generation. */
  readonly name: string
  readonly generation: number
  readonly isRoot: boolean
  readonly state: TableState
  /** Slots; of a free one those of its last use, 0 where it never had one. */
  readonly capacity: number
  /** Keys that are taken or reserved, and whether new ones must go to the next table. */
  readonly claims: number
  readonly closed: boolean
  /** Chunks in all; those whose slots are dead, swept ones included; those swept. */
  readonly chunks: number
  readonly chunksDone: number
  readonly chunksSwept: number
}

/** Both halves of the map, half 0 first. */
export interface Survey {
  readonly generation: number
  readonly tables: readonly [TableLook, TableLook]
}

/** A survey with the states of the slots, as numbers of {@link Slot}. Those of a free table are left out. */
export interface Looked {
  readonly generation: number
  readonly tables: readonly (TableLook & { readonly slots: Uint8Array })[]
}
