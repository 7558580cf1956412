// The whole contract of a map as clauses: for anyone with codecs or options of their own, in any test runner or none.

import type { Handle } from '../map/handle'
import { SharedMap } from '../map/shared-map'
import { ATTACHMENT_TERMS } from './contract/attachments'
import { BASIC_TERMS, MORE_BASIC_TERMS } from './contract/basics'
import { defaultKey, defaultValue } from './contract/defaults'
import { ENCODING_TERMS } from './contract/encoding'
import { MANY_TERMS } from './contract/many'
import { OPERATION_TERMS } from './contract/operations'
import { PROGRAM_TERMS } from './contract/programs'
import { SIZE_TERMS } from './contract/sizes'
import { textOf } from './contract/structure'
import { Broken, type Setup, type Shared, type Term, Trial } from './contract/trial'
import { WALK_TERMS } from './contract/walks'

/** One promise of a map, and the code that checks it. */
export interface Clause {
  /** What is promised. No two clauses have the same name. */
  readonly name: string
  /**
   * Checks the promise on fresh maps, and detaches them. Needs no `this`, and may be called again.
   *
   * @throws {@link ContractError} if the promise is broken
   */
  check(): void | Promise<void>
}

/** What a contract may be told of the map under test. All of it is optional for maps with the built-in encoding. */
export interface ContractOptions<K, V> {
  /**
   * The nth key, the same whenever it is asked for: needed where a codec takes only some. Keys of different numbers must be
   * different and differ in structure, and be what the codec gives back for them: that is how the keys of a walk are
   * recognized. Default: keys of all kinds; the clauses about the kinds are part of the contract with the default alone.
   */
  readonly key?: (n: number) => K
  /**
   * The nth value, the same whenever it is asked for: needed where a codec takes only some. The first two must differ; the
   * more of the others do, the more is checked. If the first is an integer, the sums of `add` are checked, and they come to
   * no other values than these. Default: values of all kinds; the clauses about the kinds are part of the contract with the
   * default alone, for nobody knows what a codec refuses.
   */
  readonly value?: (n: number) => V
  /**
   * Whether two values are equal. Default: by structure. Primitives as by `Object.is`, bytes and what can be iterated by
   * content, other objects by class and properties; a property that is undefined counts for nothing.
   */
  readonly same?: (a: V, b: V) => boolean
  /** Attaches to the map that a handle names: needed where the map has codecs. Default: `SharedMap.attach(handle)`. */
  readonly attach?: (handle: Handle) => SharedMap<K, V>
  /**
   * Makes a fresh map with little memory (some hundred KiB), to be filled to the brim. Default: none, and the clause about
   * memory that is used up is not part of the contract.
   */
  readonly small?: () => SharedMap<K, V>
  /** Seed of the random programs, told with every failure. Default: the environment variable SEED, or else a fixed one. */
  readonly seed?: number
  /** Entries that the map must be able to grow to. Default: 3000. */
  readonly entries?: number
}

/** All clauses that hold for a map with the given options. */
export interface Contract extends Iterable<Clause> {
  readonly name: string
  readonly clauses: readonly Clause[]
  /**
   * Checks the clauses in turn.
   *
   * @throws {@link ContractError} for the first that is broken: the returned promise is rejected with it
   */
  verify(): Promise<void>
}

/** A map has broken a clause. The message names the contract, the clause, the step, the seed, what was expected and what was found. */
export class ContractError extends Error {
  // A string: a minifier renames the class.
  override readonly name = 'ContractError'
  /** The name of the clause. */
  readonly clause: string
  constructor(clause: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.clause = clause
  }
}

/** From what every other clause rests on to what may take a second. */
const TERMS: readonly Term[] = [
  ...BASIC_TERMS, ...OPERATION_TERMS, ...MORE_BASIC_TERMS, ...MANY_TERMS, ...ENCODING_TERMS, ...WALK_TERMS, ...SIZE_TERMS, ...PROGRAM_TERMS, ...ATTACHMENT_TERMS,
]
const SEED = 20_240_229
const ENTRIES = 3000

/**
 * The contract of a map: everything that is promised of it to one thread. What is promised to threads that work at the same
 * time, and of killed ones, is not part of it.
 *
 * @param name - names the configuration in messages
 * @param factory - makes a fresh, empty map each time it is called; each is detached when its clause ends
 * @typeParam K - keys of the map
 * @typeParam V - its values
 * @remarks Nothing is checked, and no map is made, before a clause is; `key` and `value` are called to learn what kinds they
 * give. All clauses together make some 100,000 calls on maps of some thousand entries: about a second. In a test runner, write
 * `for (const { name, check } of contract) test(name, check)`.
 * @example
 * ```js
 * import { SharedMap } from 'nonblocking-map'
 * import { mapContract } from 'nonblocking-map/harness'
 *
 * const dates = {
 *   encode: date => new Uint8Array(Float64Array.of(date.getTime()).buffer),
 *   decode: bytes => new Date(new Float64Array(bytes.buffer)[0]),
 * }
 * const contract = mapContract('dates', () => SharedMap.create({ values: dates }), {
 *   value: n => new Date(n),
 *   attach: handle => SharedMap.attach(handle, { values: dates }),
 * })
 * await contract.verify() // => undefined
 * contract.clauses[1].name // => 'a fresh map is empty'
 * ```
 */
export function mapContract<K = unknown, V = unknown>(name: string, factory: () => SharedMap<K, V>, options: ContractOptions<K, V> = {}): Contract {
  const setup = setupOf(factory, options)
  const clauses = TERMS.filter(term => term.applies?.(setup) ?? true).map(term => clauseOf(name, term, setup))
  return {
    name, clauses,
    [Symbol.iterator]: () => clauses[Symbol.iterator](),
    async verify() { for (const { check } of clauses) await check() },
  }
}

/** From here on keys and values are unknown: only the options know more. */
function setupOf<K, V>(factory: () => SharedMap<K, V>, options: ContractOptions<K, V>): Setup {
  const { key, value, same, attach, small, seed = seedOfEnvironment(), entries = ENTRIES } = options
  return {
    factory: factory as () => Shared,
    attach: (attach ?? (handle => SharedMap.attach(handle))) as (handle: Handle) => Shared,
    small: small as (() => Shared) | undefined,
    key: key ?? defaultKey,
    value: value ?? defaultValue,
    same: (same ?? sameStructure) as (a: unknown, b: unknown) => boolean,
    seed, entries,
    anyKey: key === undefined,
    anyValue: value === undefined,
  }
}

const sameStructure = (a: unknown, b: unknown): boolean => textOf(a) === textOf(b)

function seedOfEnvironment(): number {
  const { process } = globalThis as { process?: { env?: { SEED?: string } } }
  return Number(process?.env?.SEED ?? SEED)
}

function clauseOf(contract: string, term: Term, setup: Setup): Clause {
  return { name: term.name, check: () => check(contract, term, setup) }
}

/** Runs a clause, and detaches its maps whether it holds or not. */
function check(contract: string, term: Term, setup: Setup): void {
  const trial = new Trial(setup)
  let failure: { readonly error: unknown } | undefined
  for (const run of [() => term.run(trial), () => trial.end()]) {
    try {
      run()
    } catch (error) {
      failure ??= { error }
    }
  }
  if (failure !== undefined) throw broken(contract, term, trial, failure.error)
}

function broken(contract: string, { name }: Term, { step, setup: { seed } }: Trial, error: unknown): ContractError {
  const what = error instanceof Broken ? error.message : `unexpectedly, ${String(error)} was thrown`
  const cause = error instanceof Broken ? error.cause : error
  return new ContractError(name, `${contract} breaks '${name}' at step ${step}, seed ${seed}: ${what}`, { cause })
}
