// One access to shared memory, as the instrumented code announces it before the scheduler lets it happen.

import type { Interner } from './words'

/** What an access does. */
export enum AccessKind { Load, Store, CompareExchange, Exchange, Add, Sub, And, Or, Xor }

/** The methods of `Atomics` that can be scheduled, by name. */
export const ACCESS_OF: Readonly<Record<string, AccessKind>> = {
  load: AccessKind.Load, store: AccessKind.Store, compareExchange: AccessKind.CompareExchange, exchange: AccessKind.Exchange,
  add: AccessKind.Add, sub: AccessKind.Sub, and: AccessKind.And, or: AccessKind.Or, xor: AccessKind.Xor,
}

/** Whether an access that finds this word changes nothing. */
export const isRead = ({ kind, a }: { readonly kind: AccessKind, readonly a: number }, found: number): boolean =>
  kind === AccessKind.Load || kind === AccessKind.CompareExchange && found !== a

/** The word that an access leaves where it found `found`; all of them are numbers of interned words. */
export function wordAfter(words: Interner, kind: AccessKind, found: number, a: number, b: number): number {
  switch (kind) {
    case AccessKind.Load: return found
    case AccessKind.Store: case AccessKind.Exchange: return a
    case AccessKind.CompareExchange: return found === a ? b : found
    default: return words.id(calculated(words, kind, found, a))
  }
}

function calculated(words: Interner, kind: AccessKind, found: number, a: number): number | bigint {
  if (words.wide) return BigInt.asIntN(64, calculate(kind, words.word(found) as bigint, words.word(a) as bigint))
  return calculate(kind, words.word(found) as number, words.word(a) as number) | 0
}

function calculate<T extends number | bigint>(kind: AccessKind, x: T, y: T): T {
  const [a, b] = [x as number, y as number]
  switch (kind) {
    case AccessKind.Add: return a + b as T
    case AccessKind.Sub: return a - b as T
    case AccessKind.And: return (a & b) as T
    case AccessKind.Or: return (a | b) as T
    default: return (a ^ b) as T
  }
}
