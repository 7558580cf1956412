// What a conditional write may expect besides a value, and what may come next besides one.

import { EncodingError } from '../errors'
import { Expect } from '../kernel/write'
import type { Given } from './types'

// Registered symbols: all realms, and all copies of this library in a program, agree on them.

/** Expect anything: a present or an absent key. */
export const ANY: unique symbol = Symbol.for('nonblocking-map: ANY')
/** Expect the key to be there, whatever its value. */
export const PRESENT: unique symbol = Symbol.for('nonblocking-map: PRESENT')
/** Expect the key not to be there. As what comes next: delete. */
export const ABSENT: unique symbol = Symbol.for('nonblocking-map: ABSENT')

/** What `putIfMatch` may expect: a token, or a value that must be equal (by its bytes). */
export type Expected<V> = Given<V> | typeof ANY | typeof PRESENT | typeof ABSENT

/** @internal As what comes next: nothing. `ABSENT` is this only where the interface says that it deletes. */
export const NOTHING = Symbol('nothing')

/** @internal What comes next in a method that may delete. */
export const nextOf = (next: unknown): unknown => next === ABSENT ? NOTHING : next

/** @internal Throws for a token where a value is needed, before a codec could take it for one. */
export function refuseToken(value: unknown): void {
  if (value !== ABSENT && value !== ANY && value !== PRESENT) return
  throw new EncodingError(`${(value as symbol).description!.slice('nonblocking-map: '.length)} is a token and no value`,
    'It says what a conditional write expects; to delete, use delete, compareAndDelete, or ABSENT as the next of putIfMatch.')
}

/** @internal What the kernel is told to expect. */
export function expectationOf(expected: unknown): Expect {
  switch (expected) {
    case ANY: return Expect.Any
    case PRESENT: return Expect.Present
    case ABSENT: return Expect.Absent
    default: return Expect.Equal
  }
}
