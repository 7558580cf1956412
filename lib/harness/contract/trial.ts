// One run of one clause: the maps it opens, the keys and values it uses, and what it expects.

import type { Handle } from '../../map/handle'
import type { SharedMap } from '../../map/shared-map'
import { brief, textOf } from './structure'

/** The map under test; the clauses know nothing of its keys and values but what the options say. */
export type Shared = SharedMap<any, any>

/** Entries by the numbers of their keys: what the map must hold. */
export type Model = Map<number, unknown>

/** The options of a contract, completed. */
export interface Setup {
  readonly factory: () => Shared
  readonly attach: (handle: Handle) => Shared
  readonly small: (() => Shared) | undefined
  readonly key: (n: number) => unknown
  readonly value: (n: number) => unknown
  readonly same: (a: unknown, b: unknown) => boolean
  readonly seed: number
  readonly entries: number
  /** Whether keys, or values, are the contract's own, so that it may use any that the built-in encoding takes. */
  readonly anyKey: boolean
  readonly anyValue: boolean
}

/** A clause before it is told of a map. */
export interface Term {
  readonly name: string
  /** Whether it is part of a contract with these options. Default: always. */
  applies?(setup: Setup): boolean
  run(trial: Trial): void
}

/** An expectation was not met. The message says which call, what was expected and what was found. */
export class Broken extends Error {}

/** A reproducible generator of numbers. */
export class Random {
  #state: number
  constructor(seed: number) { this.#state = seed | 0 }

  below(n: number): number {
    let x = this.#state = this.#state + 0x6d2b79f5 | 0
    x = Math.imul(x ^ x >>> 15, x | 1)
    x ^= x + Math.imul(x ^ x >>> 7, x | 61)
    return ((x ^ x >>> 14) >>> 0) % n
  }

  pick<T>(from: readonly T[]): T { return from[this.below(from.length)]! }
}

/** What a clause works with. `step` counts its expectations: the number of the one that was not met finds it again. */
export class Trial {
  readonly random: Random
  step = 0
  readonly #open: Shared[] = []
  readonly #numbers = new Map<string, number>()

  constructor(readonly setup: Setup) { this.random = new Random(setup.seed) }

  // --- maps

  /** A fresh map, detached when the clause ends. */
  create(factory: () => Shared = this.setup.factory): Shared { return this.#keep(factory()) }
  /** One more attachment to a map, detached when the clause ends. */
  attach(handle: Handle): Shared { return this.#keep(this.setup.attach(handle)) }

  #keep(map: Shared): Shared {
    this.#open.push(map)
    return map
  }

  /** Detaches all maps, also when one of them fails to; throws the first failure. */
  end(): void {
    const failures: unknown[] = []
    for (const map of this.#open.splice(0)) {
      try {
        map.detach()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  // --- keys and values

  /** The nth key, made anew: equal keys need not be identical. */
  key(n: number): unknown {
    const key = this.setup.key(n), text = textOfKey(key), known = this.#numbers.get(text)
    if (known !== undefined && known !== n) throw new Broken(`key(${known}) and key(${n}) are both ${text}. Give the contract keys that can be told apart.`)
    this.#numbers.set(text, n)
    return key
  }

  value(n: number): unknown { return this.setup.value(n) }
  /** The first `count` values as a model of a map that holds them under the first keys. */
  model(count: number, from = 0): Model { return new Map(Array.from({ length: count }, (_, i) => [from + i, this.value(from + i)])) }

  /** Writes all entries of a model. */
  fill(map: Shared, model: Model): void { for (const [n, value] of model) map.set(this.key(n), value) }

  // --- expectations

  /** What a call gave must have the same structure as what is expected. */
  is(what: string, found: unknown, expected: unknown): void {
    this.step++
    if (!Object.is(found, expected) && textOf(found) !== textOf(expected)) this.fail(what, brief(found), brief(expected))
  }

  /** What a call gave must be the value that is expected, as the options compare values; undefined also says that there is none. */
  isValue(what: string, found: unknown, expected: unknown): void {
    this.step++
    if (!this.areSame(found, expected)) this.fail(what, brief(found), brief(expected))
  }

  /** A number must be at least `least` and at most `most`. */
  isWithin(what: string, found: number, least: number, most: number): void {
    this.step++
    // Written so that NaN fails.
    if (!(found >= least && found <= most)) this.fail(what, brief(found), `a number from ${least} to ${most}`)
  }

  /** A call must throw an error of a class. */
  throws(what: string, kind: abstract new (...rest: never[]) => Error, call: () => unknown): void {
    this.step++
    let found: unknown
    try {
      found = call()
    } catch (error) {
      return error instanceof kind ? undefined : this.fail(what, `the error ${String(error)}`, `a ${kind.name}`, error)
    }
    this.fail(what, brief(found), `a ${kind.name}`)
  }

  fail(what: string, found: string, expected: string, cause?: unknown): never { throw new Broken(`${what} gave ${found}, expected ${expected}`, { cause }) }

  areSame(a: unknown, b: unknown): boolean { return Object.is(a, b) || a !== undefined && b !== undefined && this.setup.same(a, b) }

  // --- expectations of a whole map

  /** One key must be as the model has it. */
  agreesOn(map: Shared, model: Model, n: number): void {
    this.is(`has(key ${n})`, map.has(this.key(n)), model.has(n))
    this.isValue(`get(key ${n})`, map.get(this.key(n)), model.get(n))
  }

  /** The map must hold what the model holds and nothing else, by `get`, by `size` and by a walk. */
  agrees(map: Shared, model: Model): void {
    for (const n of model.keys()) this.agreesOn(map, model, n)
    this.is('size', map.size, model.size)
    const given = this.collect(map)
    for (const [n, value] of given) this.isValue(`the value that a walk gave for key ${n}`, value, model.get(n))
    this.covers(given, model)
  }

  /** What a walk gave, by the numbers of the keys. Fails at once where it gives a key twice or one that nobody wrote: so it ends. */
  collect(entries: Iterable<[unknown, unknown]>): Model {
    const given: Model = new Map()
    for (const [key, value] of entries) {
      const n = this.numberOf(key)
      if (given.has(n)) this.fail('a walk', `key ${n} (${brief(key)}) twice`, 'each key once')
      given.set(n, value)
    }
    return given
  }

  /** A walk must have given all keys of the model and no others. */
  covers(given: ReadonlyMap<number, unknown>, model: ReadonlyMap<number, unknown>): void {
    this.step++
    for (const n of given.keys()) if (!model.has(n)) this.fail('a walk', `key ${n}`, 'only keys that are there')
    for (const n of model.keys()) if (!given.has(n)) this.fail('a walk', `${given.size} keys without key ${n}`, 'every key that is there')
  }

  /** The number of a key that a walk gave. */
  numberOf(key: unknown): number {
    return this.#numbers.get(textOfKey(key)) ?? this.fail('a walk', `the key ${brief(key)}`, 'only keys that were written, in the form that key(n) has')
  }
}

/** As in `Map`, 0 and -0 are one key. */
const textOfKey = (key: unknown): string => textOf(key === 0 ? 0 : key)
