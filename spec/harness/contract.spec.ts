import { afterEach, describe, expect, it } from 'vitest'
import { type Clause, type Contract, ContractError, type ContractOptions, mapContract } from '../../lib/harness/contract'
import { change, textOf } from '../../lib/harness/contract/structure'
import { ABSENT, type Codec, SharedMap } from '../../lib/index'
import { BACKENDS } from '../support/kernels'
import { tinyMap } from '../support/maps'

/** Entries to grow to, where the default takes too long. */
const FEWER = 500
const FEW = 200

const dates: Codec<Date> = {
  name: 'dates',
  encode: date => new Uint8Array(Float64Array.of(date.getTime()).buffer),
  decode: bytes => new Date(new Float64Array(bytes.buffer)[0]!),
}

interface Point { x: number, y: number }
const points: Codec<Point> = {
  name: 'points',
  encode: ({ x, y }) => new Uint8Array(Int32Array.of(x, y).buffer),
  decode: bytes => { const [x, y] = new Int32Array(bytes.buffer); return { x: x!, y: y! } },
}

/** What only `same` can compare. */
class Secret {
  readonly #text: string
  constructor(text: string) { this.#text = text }
  static readonly codec: Codec<Secret> = {
    encode: secret => new TextEncoder().encode(secret.#text),
    decode: bytes => new Secret(new TextDecoder().decode(bytes)),
  }
  static same(a: Secret, b: Secret): boolean { return a.#text === b.#text }
}

/** One spec for each clause, as any test runner would have it. */
function itHolds(contract: Contract): void {
  describe(contract.name, () => { for (const { name, check } of contract) it(name, check) })
}

describe.each(BACKENDS)('the contract holds on %s', backend => {
  itHolds(mapContract('by default', () => SharedMap.create({ backend }), { entries: backend === 'wasm' ? undefined : FEW }))
  itHolds(mapContract('tiny', () => tinyMap({ backend }), { entries: FEWER, small: () => tinyMap({ backend, maxByteLength: 256 << 10 }) }))
})

describe('the contract holds with other options', () => {
  itHolds(mapContract('dates as values', () => tinyMap<unknown, Date>({ backend: 'javascript', values: dates }), {
    entries: FEW, value: n => new Date(n * 1000), attach: handle => SharedMap.attach<any, Date>(handle, { values: dates }),
  }))
  itHolds(mapContract('points as keys', () => SharedMap.create<Point, any>({ keys: points }), {
    entries: FEW, key: n => ({ x: n, y: 1 - n }), attach: handle => SharedMap.attach<Point, any>(handle, { backend: 'javascript', keys: points }),
  }))
  itHolds(mapContract('both codecs, values that only same compares', () => tinyMap<Point, Secret>({ keys: points, values: Secret.codec }), {
    entries: FEW, key: n => ({ x: n, y: 0 }), value: n => new Secret(`value ${n}`), same: Secret.same,
    attach: handle => SharedMap.attach<Point, Secret>(handle, { keys: points, values: Secret.codec }),
  }))
  itHolds(mapContract('integers only', () => tinyMap<number, number>(), {
    entries: FEW, key: n => n, value: n => n % 100, small: () => tinyMap({ maxByteLength: 128 << 10 }),
  }))
  itHolds(mapContract('two values only', () => tinyMap<string, boolean>(), { entries: FEW, key: n => `key ${n}`, value: n => n % 2 === 0 }))
  itHolds(mapContract('ready for many', () => SharedMap.create({ capacity: 2000, maxByteLength: 4 << 20 }), { entries: FEW }))
})

// --- faults

type Any = SharedMap<any, any>
/** What stands in the place of the map's own methods, and breaks a promise. */
type Methods = { [Name in keyof Any]?: Any[Name] extends (...rest: never[]) => unknown ? (...rest: any[]) => unknown : unknown }
type Fault = (map: Any) => Methods

/** A map with a fault. What it gives besides is the map's own; where that would give the map, it gives itself. */
function faulty(map: Any, fault: Fault): Any {
  const methods = fault(map), own: Methods = {
    entries: () => map.entries(),
    [Symbol.iterator]: () => self.entries(),
    forEach: (call: (...rest: unknown[]) => void, it: unknown) => { for (const [key, value] of self.entries()) call.call(it, value, key, self) },
  }
  const self: Any = new Proxy(map, {
    get(_, name) {
      const holder = [methods, own].find(some => name in some) ?? map, value: unknown = Reflect.get(holder, name, holder)
      if (typeof value !== 'function') return value
      return (...rest: unknown[]) => {
        const answer: unknown = value.apply(holder, rest)
        return answer === map ? self : answer
      }
    },
  })
  return self
}

const same = (a: unknown, b: unknown): boolean => textOf(a) === textOf(b)

function* without<T>(items: Iterable<T>, left: number): Iterable<T> {
  let n = 0
  for (const item of items) if (n++ !== left) yield item
}

function dropOne(map: Any): void {
  for (const key of map.keys()) return void map.delete(key)
}

const small = (fault: Fault) => (): Any => faulty(tinyMap({ maxByteLength: 128 << 10 }), fault)
const attach = (fault: Fault): ContractOptions<any, any> => ({ attach: handle => faulty(SharedMap.attach(handle), fault) })

/** For each clause, faults that break it: methods that do, or other options. */
const FAULTS: Readonly<Record<string, Readonly<Record<string, Fault | ContractOptions<any, any>>>>> = {
  'the contract\'s first two values are told apart': {
    'all values are the same': { value: () => 1 },
    'no value is the same': { same: () => false },
  },
  'a fresh map is empty': {
    'size is one too many': map => ({ get size() { return map.size + 1 } }),
    'delete says yes always': map => ({ delete: key => map.delete(key) || true }),
    'take gives null for nothing': map => ({ take: key => map.take(key) ?? null }),
    'an entry of another time lives on': map => { map.set('key 17', 1); return {} },
  },
  'set, get and has agree': {
    'an update is lost': map => ({ set: (key, value) => map.has(key) ? map : map.set(key, value) }),
    'undefined comes back as null': map => ({ get: key => map.get(key) === undefined && map.has(key) ? null : map.get(key) }),
    'has knows no undefined': map => ({ has: key => map.get(key) !== undefined }),
  },
  'equal keys give one entry, other keys others': {
    'the same value once more deletes': map => ({
      set: (key, value) => map.has(key) && same(map.get(key), value) ? map.delete(key) && map : map.set(key, value),
    }),
    'delete takes a neighbour along': map => ({ delete: key => { if (key === 1.5) map.delete(''); return map.delete(key) } }),
  },
  'size is exact at rest': {
    'take does not count': map => {
      let taken = 0
      return { get size() { return map.size + taken }, take: key => { taken += map.has(key) ? 1 : 0; return map.take(key) } }
    },
    'take leaves the entry': map => ({ take: key => map.get(key) }),
  },
  'set writes, and gives the map': {
    'set after delete is lost': map => {
      const gone = new Set<unknown>()
      return { set: (key, value) => gone.delete(key) ? map : map.set(key, value), delete: key => map.delete(key) && Boolean(gone.add(key)) }
    },
  },
  'delete deletes, and tells whether the key was there': {
    'delete of undefined says no': map => ({ delete: key => { const value = map.get(key); return map.delete(key) && value !== undefined } }),
  },
  'getOrInsert keeps the first value, and gives the one that is there': {
    'getOrInsert overwrites': map => ({ getOrInsert: (key, value) => { map.set(key, value); return value } }),
    'getOrInsert gives what it was given': map => ({ getOrInsert: (key, value) => { map.getOrInsert(key, value); return value } }),
  },
  'swap writes, and gives the value before': {
    'swap gives the new value': map => ({ swap: (key, value) => { map.set(key, value); return value } }),
    'swap writes nothing': map => ({ swap: key => map.get(key) }),
  },
  'take deletes, and gives the value before': {
    'take gives another value': map => ({ take: key => map.delete(key) ? 'taken' : undefined }),
  },
  'replace writes only where the key is there': {
    'replace inserts': map => ({ replace: (key, value) => { const there = map.has(key); map.set(key, value); return there } }),
  },
  'compareAndSet writes only where it finds what it expects': {
    'compareAndSet ignores what is expected': map => ({ compareAndSet: (key, _, next) => Boolean(map.set(key, next)) }),
    'compareAndSet says yes and writes nothing': map => ({ compareAndSet: (key, expected) => map.compareAndSet(key, expected, map.get(key)) }),
  },
  'compareAndDelete deletes only where it finds what it expects': {
    'compareAndDelete ignores what is expected': map => ({ compareAndDelete: key => map.delete(key) }),
  },
  'putIfMatch writes only where it finds what it expects, and tells all': {
    'putIfMatch forgets what it found': map => ({ putIfMatch: (key, expected, next) => ({ ...map.putIfMatch(key, expected, next), previous: undefined }) }),
    'putIfMatch always finds': map => ({ putIfMatch: (key, expected, next) => ({ ...map.putIfMatch(key, expected, next), found: true }) }),
    'putIfMatch does not delete': map => ({
      putIfMatch: (key, expected, next) => map.putIfMatch(key, expected, next === ABSENT && map.has(key) ? map.get(key) : next),
    }),
  },
  'keys and values are copies': {
    'get gives one object again and again': map => {
      const given = new Map<string, unknown>()
      const first = (value: unknown, text: string): unknown => given.has(text) ? given.get(text) : given.set(text, value) && value
      return { get: key => first(map.get(key), textOf(map.get(key))) }
    },
    'what was put in is kept': map => {
      let kept: { key: unknown, value: unknown, text: string } | undefined
      return {
        set: (key, value) => { kept = { key, value, text: textOf(value) }; return map.set(key, value) },
        get: key => same(kept?.key, key) && kept?.text === textOf(map.get(key)) ? structuredClone(kept.value) : map.get(key),
      }
    },
  },
  'clear empties the map, which is as good as new': {
    'clear leaves one': map => ({ clear: () => { const [first] = map; map.clear(); if (first) map.set(...first) } }),
    'clear forgets the size': map => { let size = 0; return { get size() { return map.size + size }, clear: () => { size = map.size; map.clear() } } },
  },
  'add adds to numbers, an absent key counts as 0': {
    'add sets': map => ({ add: (key, delta) => map.set(key, delta) && delta }),
    'add gives the value before': map => ({ add: (key, delta) => map.add(key, delta) - delta }),
  },
  'add refuses what is not a number, and changes nothing': {
    'add converts': map => ({ add: (key, delta) => map.add(key, Number(delta)) }),
    'add overwrites what is not a number': map => ({
      add: (key, delta) => { if (typeof map.get(key) !== 'number') map.delete(key); return map.add(key, delta) },
    }),
  },
  'a map says what it is': {
    'the backend has another name': () => ({ backend: 'native' }),
  },
  'getMany gives what get gives, in the order of the keys': {
    'answers come in another order': map => ({ getMany: keys => map.getMany([...keys].reverse()) }),
    'a key that comes twice is answered once': map => ({ getMany: keys => map.getMany(new Set(keys)) }),
    'long lists are cut': map => ({ getMany: keys => map.getMany([...keys].slice(0, 60)) }),
  },
  'setMany writes what set writes, the last of equal keys': {
    'setMany gives nothing': map => ({ setMany: entries => void map.setMany(entries) }),
    'the first of equal keys stays': map => ({ setMany: entries => map.setMany([...entries].reverse()) }),
    'setMany only inserts': map => ({ setMany: entries => { for (const [key, value] of entries) map.getOrInsert(key, value); return map } }),
  },
  'setMany grows the map': {
    'setMany takes a thousand': map => ({ setMany: entries => map.setMany([...entries].slice(0, 1000)) }),
  },
  'many keys may come from any iterable, also one that uses the map': {
    'setMany takes arrays only': map => ({ setMany: entries => Array.isArray(entries) ? map.setMany(entries) : map }),
    'getMany takes arrays only': map => ({ getMany: keys => Array.isArray(keys) ? map.getMany(keys) : [] }),
  },
  'setMany has written what its iterator gave before it threw': {
    'setMany takes all first': map => ({ setMany: entries => map.setMany([...entries]) }),
    'setMany passes by what is no entry': map => ({ setMany: entries => { for (const entry of entries) if (entry !== undefined) map.set(entry[0], entry[1]); return map } }),
  },
  'keys are the same as in Map, and bytes by content': {
    '-0 is a key of its own': map => ({ get: key => Object.is(key, -0) ? undefined : map.get(key) }),
    'long keys are cut': map => ({ set: (key, value) => map.set(typeof key === 'string' ? key.slice(0, 2048) : key, value) }),
  },
  'values of every kind come back as they were': {
    'long strings are cut': map => ({ set: (key, value) => map.set(key, typeof value === 'string' ? value.slice(0, 15_000) : value) }),
  },
  'what is expected is compared by its bytes': {
    'the order of properties does not count': map => ({
      compareAndSet: (key, expected, next) => map.compareAndSet(key, same(map.get(key), expected) ? map.get(key) : expected, next),
    }),
  },
  'add takes fractions, and sums beyond 32 bits': {
    'sums wrap': map => ({ add: (key, delta) => map.add(key, delta) % 2 ** 32 }),
  },
  'a key that cannot be encoded is refused, and changes nothing': {
    'a date is taken for its number': map => ({ has: key => map.has(key instanceof Date ? Number(key) : key) }),
    'a key that is refused leaves an entry': map => ({ take: key => { if (typeof key === 'function') map.set('x', 1); return map.take(key) } }),
  },
  'a value that cannot be encoded is refused, and changes nothing': {
    'a symbol is passed by': map => ({ set: (key, value) => typeof value === 'symbol' ? map : map.set(key, value) }),
    'a value that is refused deletes': map => ({ swap: (key, value) => { if (typeof value === 'function') map.delete(key); return map.swap(key, value) } }),
  },
  'all walks give each entry once': {
    'a walk gives a key twice': map => ({ *entries() { yield* map; yield* [...map].slice(0, 1) } }),
    'a walk passes a key by': map => ({ entries: () => without(map, 50) }),
    'a walk gives a key that nobody wrote': map => ({ *entries() { yield* map; yield ['stranger', 1] } }),
    'a walk gives another value': map => ({ *entries() { for (const [key] of map) yield [key, 'other'] } }),
    'values() passes one by': map => ({ values: () => without(map.values(), 50) }),
    'keys() passes one by': map => ({ keys: () => without(map.keys(), 50) }),
    'forEach passes one by': map => ({ forEach: call => { for (const [key, value] of without(map, 50)) call(value, key) } }),
  },
  'forEach passes value, key and map, and its own this': {
    'forEach has no this': map => ({ forEach: call => { for (const [key, value] of map) call(value, key, map) } }),
  },
  'a walk that is left early changes nothing': {
    'forEach hides errors': map => ({ forEach: call => { try { map.forEach((value, key) => call(value, key)) } catch { /* hidden */ } } }),
    'a walk that is left deletes': map => ({ *keys() { try { yield* map.keys() } finally { dropOne(map) } } }),
  },
  'a walk gives nothing that was deleted before': {
    'a walk is a snapshot': map => ({ *entries() { yield* [...map] } }),
  },
  'a walk during insertions ends, and gives each lasting key once': {
    'a walk does not end': map => ({ *entries() { for (;;) yield* map } }),
    'a walk starts anew when the map has grown': map => ({
      *entries() { for (let size = map.size, n = 0; n < 2; n++) for (const entry of map) { yield entry; if (n === 0 && map.size > size * 2) break } },
    }),
  },
  'a walk gives values that were there during it': {
    'a walk gives what never was': map => ({
      *entries() { const before = new Map(map); for (const [key, value] of map) yield [key, same(before.get(key), value) ? value : 'stale'] },
    }),
  },
  'the map grows, and keeps every entry': {
    'a large map takes no more': map => ({ set: (key, value) => map.size < 150 ? map.set(key, value) : map }),
    'a large map loses an entry': map => ({ set: (key, value) => { if (map.size === 150) dropOne(map); return map.set(key, value) } }),
  },
  'the map shrinks after many deletes': {
    'the map never shrinks': map => {
      let most = 0
      return { stats: () => ({ ...map.stats(), capacity: most = Math.max(most, map.stats().capacity) }) }
    },
  },
  'many keys in turn, few at a time, take no more room': {
    'memory is used once': map => {
      let used = 0
      return { set: (key, value) => { used += 1000; return map.set(key, value) }, stats: () => ({ ...map.stats(), memory: { used } }) }
    },
    'deleted keys keep their slots': map => {
      let slots = 0
      return { set: (key, value) => { slots++; return map.set(key, value) }, stats: () => ({ ...map.stats(), capacity: slots }) }
    },
  },
  'repair finds no loss where there is none': {
    'repair finds something always': map => ({ repair: () => ({ ...map.repair(), reclaimed: 16 }) }),
    'repair loses an entry': map => ({ repair: () => { const found = map.repair(); dropOne(map); return found } }),
  },
  'stats agree with the map and with themselves': {
    'the load is wrong': map => ({ stats: () => ({ ...map.stats(), load: 2 }) }),
    'more memory is used than there is': map => ({ stats: () => ({ ...map.stats(), memory: { ...map.stats().memory, limit: 1000 } }) }),
    'this participant is missing': map => ({ stats: () => ({ ...map.stats(), participants: [] }) }),
  },
  'without memory a write throws, and changes nothing': {
    'a write without memory loses an entry': {
      small: small(map => ({ set: (key, value) => { try { return map.set(key, value) } catch (error) { dropOne(map); throw error } } })),
    },
    'a write without memory throws another error': {
      small: small(map => ({ set: (key, value) => { try { return map.set(key, value) } catch { throw new Error('full') } } })),
    },
    'a write without memory is passed by': {
      small: small(map => { let many = 0; return { set: (key, value) => many++ < 100 ? map.set(key, value) : map } }),
    },
  },
  'random programs on few keys agree with Map': {
    'take after replace finds nothing': map => {
      let last: unknown = {}
      return {
        replace: (key, value) => { last = key; return map.replace(key, value) },
        take: key => { const value = map.take(key); return last === key ? undefined : value },
      }
    },
  },
  'random programs on many keys agree with Map': {
    'getOrInsert overwrites in large maps': map => ({
      getOrInsert: (key, value) => map.size > 100 ? map.set(key, value) && value : map.getOrInsert(key, value),
    }),
  },
  'attachments are one map': {
    'attachments do not share': { attach: () => tinyMap() },
    'attaching fails': { attach: handle => SharedMap.attach(handle, { keys: points as Codec<any> }) },
    'attachments count for themselves': attach(map => {
      let size = 0
      return { get size() { return size }, set: (key, value) => { size++; return map.set(key, value) } }
    }),
    'attachments see no deletes': attach(map => {
      const seen = new Set<unknown>()
      return { has: key => seen.has(key) || map.has(key) && Boolean(seen.add(key)) }
    }),
  },
  'random programs through attachments agree with Map': {
    'attachments do not replace': attach(map => ({ replace: key => map.has(key) })),
  },
  'a map can be attached any number of times': {
    'there is an end to attachments': { attach: handle => { if (++attached > 100) throw new Error('No more'); return SharedMap.attach(handle) } },
  },
  'detach leaves the entries to the others': {
    'the end of a using block clears': attach(map => ({ [Symbol.dispose]: () => { map.clear(); map.detach() } })),
  },
  'a detached map throws DetachedError': {
    'a detached map has nothing': attach(map => ({ has: key => { try { return map.has(key) } catch { return false } } })),
    'a detached map throws another error': attach(map => ({ take: key => { try { return map.take(key) } catch { throw new Error('detached') } } })),
  },
  'reap takes back a place that invite kept': {
    'reap says yes always': map => ({ reap: (participant, options) => map.reap(participant, options) || true }),
    'reap does nothing': () => ({ reap: participant => participant !== 0 }),
  },
}
let attached = 0
const CASES = Object.entries(FAULTS).flatMap(([clause, faults]) => Object.entries(faults).map(([fault, how]) => ({ clause, fault, how })))

function contractOf(name: string, how: Fault | ContractOptions<any, any>): Contract {
  const [fault, options] = typeof how === 'function' ? [how, {}] : [noFault, how]
  return mapContract(name, () => faulty(tinyMap({ backend: 'wasm' }), fault), { entries: FEW, ...options })
}

const noFault: Fault = () => ({})

/** The error of the first broken clause. */
async function failureOf(contract: Iterable<Clause>): Promise<ContractError> {
  for (const { check } of contract) {
    try { await check() } catch (error) {
      expect(error).toBeInstanceOf(ContractError)
      return error as ContractError
    }
  }
  throw new Error('Nothing is broken')
}

/** Clauses that take some milliseconds only. */
const EARLY = 20

describe('a fault', () => {
  it.each(CASES)('such as "$fault" breaks "$clause"', async ({ fault, clause, how }) => {
    attached = 0
    const { clauses } = contractOf(fault, how), index = clauses.findIndex(({ name }) => name === clause)
    // What breaks an early clause breaks none before it.
    const error = await failureOf(index < EARLY ? clauses : [clauses[index]!])
    expect(error.clause, error.message).toBe(clause)
    expect(error.message.startsWith(`${fault} breaks '${clause}' at step `), error.message).toBe(true)
    expect(error.message).toMatch(/ at step \d+, seed \d+: .* (gave .*, expected|was thrown)/s)
  })

  it('is known for every clause', () => {
    expect(Object.keys(FAULTS)).toEqual(expect.arrayContaining(namesOf(mapContract('all', () => tinyMap(), { small: () => tinyMap() }))))
    expect(CASES.length).toBeGreaterThan(70)
  })

  it('is none where the wrapper changes nothing', async () => {
    await contractOf('none', noFault).verify()
  })
})

const namesOf = (contract: Contract): string[] => contract.clauses.map(({ name }) => name)

// --- the contract itself

/** A map that notes whether it was detached. */
function watched(open: Set<Any>, fault: Fault = noFault): Any {
  const map = tinyMap<any, any>()
  open.add(map)
  return faulty(map, () => ({ ...fault(map), detach: () => { open.delete(map); map.detach() } }))
}

describe('a contract', () => {
  const lies: Fault = () => ({ has: () => true })

  it('has a name, and clauses of different names, which it also iterates', () => {
    const contract = mapContract('my map', () => tinyMap())
    expect(contract.name).toBe('my map')
    expect([...contract]).toEqual(contract.clauses)
    expect(contract.clauses.length).toBeGreaterThan(40)
    expect(new Set(namesOf(contract)).size).toBe(contract.clauses.length)
  })

  it('is verified without any test runner, and tells the first clause that is broken', async () => {
    await mapContract('sound', () => tinyMap<number, number>(), { entries: 50, key: n => n, value: n => n }).verify()
    const error: unknown = await mapContract('lying', () => faulty(tinyMap(), lies), { seed: 7 }).verify().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ContractError)
    expect(error).toMatchObject({ name: 'ContractError', clause: 'a fresh map is empty' })
    expect((error as Error).message).toBe('lying breaks \'a fresh map is empty\' at step 3, seed 7: has(key 0) gave true, expected false')
  })

  it('can be handed to a runner of the kind of node:test', async () => {
    const tests: [string, () => unknown][] = [], test = (name: string, run: () => unknown): void => { tests.push([name, run]) }
    for (const { name, check } of mapContract('my config', () => faulty(tinyMap(), lies), { entries: 50 })) test(name, check)
    expect(tests.map(([, run]) => run.length).filter(length => length > 0)).toEqual([])
    expect(() => tests[1]![1]()).toThrow(ContractError)
    expect(() => tests[0]![1]()).not.toThrow()
  })

  it('makes no map before a clause is checked, and detaches all of them, of broken clauses too', () => {
    const open = new Set<Any>()
    let made = 0
    for (const fault of [noFault, lies]) {
      const contract = mapContract('watched', () => { made++; return watched(open, fault) }, { entries: 50 })
      expect(made).toBe(0)
      for (const { check } of contract.clauses.slice(0, 12)) {
        try { check() } catch (error) { expect(error).toBeInstanceOf(ContractError) }
        expect(open.size).toBe(0)
      }
      expect(made).toBeGreaterThan(5)
      made = 0
    }
  })

  it('tells when a map cannot be detached', async () => {
    const error = await failureOf(mapContract('stuck', () => faulty(tinyMap(), () => ({ detach: () => { throw new RangeError('stuck') } }))).clauses.slice(1))
    expect(error.message).toMatch(/'a fresh map is empty'.*unexpectedly, RangeError: stuck was thrown/)
    expect(error.cause).toBeInstanceOf(RangeError)
  })

  it('passes on what a map throws, as the cause', async () => {
    const error = await failureOf(mapContract('dates', () => tinyMap<unknown, unknown>({ values: dates as Codec<any> })))
    expect(error.clause).toBe('set, get and has agree')
    expect(error.message).toMatch(/unexpectedly, TypeError: .*getTime/)
    expect(error.cause).toBeInstanceOf(TypeError)
  })

  it('refuses keys that cannot be told apart', async () => {
    const error = await failureOf(mapContract('alike', () => tinyMap<string, unknown>(), { key: n => `key ${n % 10}` }))
    expect(error.message).toMatch(/key\(0\) and key\(10\) are both "key 0"/)
  })

  it('can be checked again, each time from the start', () => {
    const sizes: number[] = [], contract = mapContract('again', () => faulty(tinyMap(), map => ({ get size() { sizes.push(map.size); return map.size } })))
    const check = (): string => { sizes.length = 0; contract.clauses[4]!.check(); return sizes.join() }
    expect(check()).toBe(check())
  })
})

describe('the parts of a contract', () => {
  const ADD = 'add adds to numbers, an absent key counts as 0', COPIES = 'keys and values are copies'
  const REFUSED = 'a value that cannot be encoded is refused, and changes nothing', NO_KEY = 'a key that cannot be encoded is refused, and changes nothing'
  const names = (options?: ContractOptions<any, any>): string[] => namesOf(mapContract('parts', () => tinyMap(), options))

  it('are all that hold for the built-in encoding, unless options say otherwise', () => {
    expect(names()).toEqual(expect.arrayContaining([ADD, COPIES, REFUSED, NO_KEY]))
    expect(names()).not.toContain('without memory a write throws, and changes nothing')
  })

  it('are sums only where the first value is an integer', () => {
    expect(names({ value: n => n })).toContain(ADD)
    expect(names({ value: n => n - 10 })).toContain(ADD)
    for (const value of [(n: number) => n + 0.5, (n: number) => `${n}`, () => -0, (n: number) => new Date(n)]) expect(names({ value })).not.toContain(ADD)
  })

  it('are copies only where something can be changed', () => {
    const frozen = (n: number): object => Object.freeze({ n })
    expect(names({ key: n => n, value: n => `${n}` })).not.toContain(COPIES)
    expect(names({ key: n => n, value: frozen })).not.toContain(COPIES)
    expect(names({ key: n => n, value: n => [n] })).toContain(COPIES)
    expect(names({ key: n => new Uint8Array([n]), value: n => n })).toContain(COPIES)
  })

  it('are what is refused only where the contract may choose', () => {
    expect(names({ key: n => n })).toContain(REFUSED)
    expect(names({ key: n => n })).not.toContain(NO_KEY)
    expect(names({ value: n => n })).toContain(NO_KEY)
    expect(names({ value: n => n })).not.toContain(REFUSED)
  })

  it('leave the given keys and values as they were', () => {
    const keys = Array.from({ length: 100 }, (_, n) => new Uint8Array([n])), values = Array.from({ length: 100 }, (_, n) => ({ n, list: [n] }))
    const contract = mapContract('shared', () => tinyMap<Uint8Array, object>(), { key: n => keys[n]!, value: n => values[n]! })
    contract.clauses.find(({ name }) => name === COPIES)!.check()
    expect(keys).toEqual(Array.from({ length: 100 }, (_, n) => new Uint8Array([n])))
    expect(values).toEqual(Array.from({ length: 100 }, (_, n) => ({ n, list: [n] })))
  })
})

describe('the seed', () => {
  const before = process.env.SEED
  afterEach(() => {
    if (before === undefined) delete process.env.SEED
    else process.env.SEED = before
  })

  const forgetful: Fault = map => ({ swap: (key: unknown, value: unknown) => map.size > 5 ? (map.set(key, value), undefined) : map.swap(key, value) })
  const messageOf = async (options?: ContractOptions<any, any>): Promise<string> => {
    const contract = mapContract('forgetful', () => faulty(tinyMap(), forgetful), options)
    return (await failureOf(contract.clauses.filter(({ name }) => name === 'random programs on few keys agree with Map'))).message
  }

  it('decides the random programs, and is told', async () => {
    expect(await messageOf({ seed: 5 })).toMatch(/at step \d+, seed 5:/)
    expect(await messageOf({ seed: 5 })).toBe(await messageOf({ seed: 5 }))
    expect(await messageOf({ seed: 5 })).not.toBe((await messageOf({ seed: 6 })).replace('seed 6', 'seed 5'))
  })

  it('comes from the environment, unless it is given', async () => {
    process.env.SEED = '77'
    expect(await messageOf()).toMatch(/seed 77:/)
    expect(await messageOf({ seed: 5 })).toMatch(/seed 5:/)
    delete process.env.SEED
    expect(await messageOf()).toMatch(/seed 20240229:/)
  })
})

describe('structure as text', () => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle

  class A { x = 1 }
  class B { x = 1 }

  it.each([
    [0, -0], [1, '1'], [1, 1n], [null, undefined], [null, 'null'], [true, 'true'], [[], {}], [[1], ['1']], [[1, 2], [2, 1]], [[undefined], []],
    [{ a: 1 }, { a: 2 }], [{ a: 1 }, { b: 1 }], [new A(), new B()], [new A(), { x: 1 }], [cycle, { self: {} }], [new Date(1), new Date(2)], [new Date(1), 1],
    [new Uint8Array([1]), [1]], [new Uint8Array([1]), new Uint8Array([2])], [new Uint16Array([1]), new Uint8Array([1])],
    [new Set([1]), [1]], [new Set([1]), new Set([2])], [new Map([[1, 2]]), new Map([[1, 3]])],
  ])('tells %o from %o', (a, b) => { expect(textOf(a)).not.toBe(textOf(b)) })

  it.each([
    [NaN, NaN], [{ a: 1, b: 2 }, { b: 2, a: 1 }], [{ a: undefined }, {}], [[1, [2, { c: 'd' }]], [1, [2, { c: 'd' }]]],
    [new Uint8Array([1, 2]), Buffer.from([1, 2])], [new Date(5), new Date(5)], [new Map([[1, { a: 2 }]]), new Map([[1, { a: 2 }]])],
    [Object.create(null), {}], [Symbol.iterator, Symbol.iterator], [new A(), new A()],
  ])('takes %o and %o for the same', (a, b) => { expect(textOf(a)).toBe(textOf(b)) })

  it.each([[[1]], [[]], [{ a: 1 }], [new Uint8Array([1])], [new Date(5)], [new Date(NaN)], [new A()]])('of %o can be changed, and back', value => {
    const before = textOf(value), undo = change(value)!
    expect(textOf(value)).not.toBe(before)
    undo()
    expect(textOf(value)).toBe(before)
  })

  const steady = [1, 'a', null, undefined, new Uint8Array(0), Object.freeze({ a: 1 }), Object.freeze([1]), new Map([[1, 2]])]
  it.each(steady.map(value => [value]))('of %o cannot be changed', value => {
    const before = textOf(value)
    expect(change(value)).toBeUndefined()
    expect(textOf(value)).toBe(before)
  })
})
