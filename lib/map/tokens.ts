// What a conditional write may expect besides a value, and what may come next besides one.

import { Expect } from '../kernel/write'

/** Expect anything: a present or an absent key. */
export const ANY: unique symbol = Symbol('nonblocking-map: any')
/** Expect the key to be there, whatever its value. */
export const PRESENT: unique symbol = Symbol('nonblocking-map: present')
/** Expect the key not to be there. As what comes next: delete. */
export const ABSENT: unique symbol = Symbol('nonblocking-map: absent')

/** What `putIfMatch` may expect: a token, or a value that must be equal (by its bytes). */
export type Expected<V> = V | typeof ANY | typeof PRESENT | typeof ABSENT

/** @internal What the kernel is told to expect. */
export function expectationOf(expected: unknown): Expect {
  switch (expected) {
    case ANY: return Expect.Any
    case PRESENT: return Expect.Present
    case ABSENT: return Expect.Absent
    default: return Expect.Equal
  }
}
