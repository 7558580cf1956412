// What a map holds after it held something else: the rows of `memory/refill`, and of the specs, which run them in small.
//
// Each row is a function of a `Lab`, which makes maps of some library and knows what a fresh one holds. Keys are integers. Every
// value can be told from every other, and whatever a map holds is read again and compared before its figures count.

import { randomSource } from './keys.mjs'

/** The seed of all that is random, unless SEED= says otherwise. */
export const SEED = Number(process.env.SEED ?? 12) | 0
export const MIB = 1 << 20
/** What an entry counts for its slot, beside the bytes of its value. */
export const SLOT = 16

/** A map has answered wrongly: its figures say nothing. */
export class WrongAnswer extends Error {
  constructor(what) { super(what); this.name = 'WrongAnswer' }
}

const wrongUnless = (right, what) => { if (!right) throw new WrongAnswer(typeof what === 'string' ? what : what()) }

const LONGEST = 8 * MIB, STARTS = 1 << 16, STEP = 40_503
/** Bytes that are letters, for values to be cut from: it is not by chance that two pieces are equal. */
const bytes = new Uint8Array(LONGEST + STARTS)
const letters = randomSource(1)
for (let n = 0; n < bytes.length; n++) bytes[n] = n < 2 * STARTS ? 97 + Math.floor(letters() * 26) : bytes[n - 2 * STARTS] ^ (n >> 17) & 7
const LETTERS = Buffer.from(bytes.buffer, 0, 2 * STARTS).toString('latin1')

/** A piece of so many bytes; it is not a copy. */
export const bytesAt = (start, length) => bytes.subarray(start & STARTS - 1, (start & STARTS - 1) + length)
/** A text of so many letters, up to 65,536. */
export const lettersAt = (start, length) => LETTERS.substr(start & STARTS - 1, length)
export const sameBytes = (a, b) => a instanceof Uint8Array && b instanceof Uint8Array && a.length === b.length && Buffer.compare(a, b) === 0

const textOf = length => (n, salt) => {
  const name = `${salt}${n}.`
  return name + lettersAt(n * STEP + salt, length - name.length)
}
const bytesOf = length => (n, salt) => bytesAt(n * STEP + salt * 7919, length)
const same = (a, b) => a === b

/** What maps are filled with: how many bytes a value has beside its slot, how it is made of a number and a salt, and how it is compared. */
export const KINDS = {
  'integers': { bytes: 0, make: (n, salt) => n ^ salt << 24, same },
  '16 B': { bytes: 16, make: textOf(16), same },
  '100 B': { bytes: 100, make: textOf(100), same },
  '1 kB': { bytes: 1000, make: textOf(1000), same },
  '10 kB': { bytes: 10_000, make: textOf(10_000), same },
  '100 kB': { bytes: 100_000, make: bytesOf(100_000), same: sameBytes },
  '1 MB': { bytes: 1_000_000, make: bytesOf(1_000_000), same: sameBytes },
}
/** Beside them, for the specs: records for keys too, which are longer than any window. */
const LONG_KEYS = { 'keys of 3 kB': { bytes: 3100, key: n => `${n} ${lettersAt(n, 3000 - String(n).length - 1)}`, make: textOf(100), same } }
const kindOf = name => KINDS[name] ?? LONG_KEYS[name]
const keysOf = name => kindOf(name).key ?? (n => n)
const SALT = { first: 1, second: 2, third: 3 }

/** The numbers 0, 1, ... in random order. */
function shuffled(count, random) {
  const order = Int32Array.from({ length: count }, (_, n) => n)
  for (let n = count - 1; n > 0; n--) {
    const other = Math.floor(random() * (n + 1)), key = order[n]
    order[n] = order[other]
    order[other] = key
  }
  return order
}

function deleteAll(map, keys) { for (const key of keys) wrongUnless(map.delete(key), () => `delete has not found ${key}`) }
function* each(numbers, keyOf) { for (const n of numbers) yield keyOf(n) }

/** The ways to delete all of so many entries. */
export const WAYS = {
  'in order of writing': (map, count, keyOf) => deleteAll(map, each(upTo(count), keyOf)),
  'in random order': (map, count, keyOf, random) => deleteAll(map, each(shuffled(count, random), keyOf)),
  'while walking': map => deleteAll(map, map.keys()),
  'by clear': map => map.clear(),
}

/** Makes maps of a library (`SharedMap` and `OutOfMemoryError`), fills them and looks at what they hold. */
export class Lab {
  constructor({ SharedMap, OutOfMemoryError }, { backend, seed = SEED, collect = () => {} } = {}) {
    Object.assign(this, { SharedMap, OutOfMemoryError, backend, seed, collect })
    this.freshCounts = new Map()
  }

  /** Numbers of a row: the same whatever ran before it. */
  random() { return randomSource(this.seed) }

  create(maxByteLength, options) { return this.SharedMap.create({ maxByteLength, backend: this.backend, seed: this.seed, ...options }) }

  /** Something done with a map of its own, which is gone afterwards. */
  with(maxByteLength, work) {
    const map = this.create(maxByteLength)
    try {
      return work(map)
    } finally {
      map.detach()
      this.collect()
    }
  }

  /** Whether a write took place; it throws what is no want of memory. */
  sets(map, key, value) {
    try {
      map.set(key, value)
      return true
    } catch (error) {
      if (error instanceof this.OutOfMemoryError) return false
      throw error
    }
  }

  /** Writes entries from key `from` on until one finds no memory; how many there are. */
  fill(map, kind, salt, from = 0) {
    const { make } = kindOf(kind), keyOf = keysOf(kind), before = map.size
    let n = from
    while (this.sets(map, keyOf(n), make(n, salt))) n++
    wrongUnless(map.get(keyOf(n)) === undefined, () => `a write of ${kind} that failed has left a value at ${n}`)
    wrongUnless(map.size === before + n - from, () => `${map.size} entries in place of ${before + n - from}`)
    return n - from
  }

  /** Reads the values of entries by their numbers and compares each. */
  check(map, kind, salt, numbers) {
    const { make, same } = kindOf(kind), keyOf = keysOf(kind)
    for (const n of numbers) wrongUnless(same(map.get(keyOf(n)), make(n, salt)), () => `wrong value of ${kind} at ${n}`)
  }

  /** How many entries a fresh map holds. */
  fresh(maxByteLength, kind) {
    const name = `${maxByteLength} ${kind}`
    if (!this.freshCounts.has(name)) {
      this.freshCounts.set(name, this.with(maxByteLength, map => {
        const count = this.fill(map, kind, SALT.first)
        this.check(map, kind, SALT.first, upTo(count))
        return count
      }))
    }
    return this.freshCounts.get(name)
  }
}

export function* upTo(to, from = 0) { for (let n = from; n < to; n++) yield n }

/** Why a pair of kinds says nothing about maps of this size, or undefined. */
export function leftOut(lab, maxByteLength, a, b, fewest = 1) {
  for (const kind of [a, b]) if (lab.fresh(maxByteLength, kind) === 0) return `a fresh map holds no value of ${kind}`
  if (lab.fresh(maxByteLength, a) < fewest) return `a fresh map holds fewer than ${fewest} of ${a}`
  return undefined
}

/**
 * Fills with `a`, deletes all in a way, fills with `b`.
 *
 * @returns how many of `b` there are, how many a fresh map holds, and the share
 */
export function refillEmptied(lab, maxByteLength, a, b, way) {
  const wanted = lab.fresh(maxByteLength, b)
  return lab.with(maxByteLength, map => {
    const count = lab.fill(map, a, SALT.first)
    lab.check(map, a, SALT.first, upTo(count))
    WAYS[way](map, count, keysOf(a), lab.random())
    wrongUnless(map.size === 0, () => `${map.size} entries are left of none`)
    const held = lab.fill(map, b, SALT.second)
    lab.check(map, b, SALT.second, upTo(held))
    return { held, wanted, share: held / wanted }
  })
}

/**
 * The same with a share of the entries of `a`, chosen at random, left alive. A fresh map would hold as many of `b` as fit into what
 * these do not take, whole ones: an entry takes its part of what a fresh map holds of its kind.
 */
export function refillThinned(lab, maxByteLength, a, b, left = 0.1) {
  const free = lab.fresh(maxByteLength, b), full = lab.fresh(maxByteLength, a)
  return lab.with(maxByteLength, map => {
    const count = lab.fill(map, a, SALT.first), order = shuffled(count, lab.random()), staying = order.subarray(0, Math.ceil(count * left))
    deleteAll(map, each(order.subarray(staying.length), keysOf(a)))
    const held = lab.fill(map, b, SALT.second, count), wanted = Math.floor(free * Math.max(0, 1 - staying.length / full))
    lab.check(map, a, SALT.first, staying)
    lab.check(map, b, SALT.second, upTo(count + held, count))
    return { held, wanted, share: wanted === 0 ? NaN : held / wanted, staying: staying.length }
  })
}

/** One value that grows by so many bytes at each write: the size it reaches. */
export function growOne(lab, maxByteLength, step = 64) {
  return lab.with(maxByteLength, map => {
    let size = 0
    const right = () => size === 0 || sameBytes(map.get('growing'), bytesAt(size, size))
    while (lab.sets(map, 'growing', bytesAt(size + step, size + step))) {
      size += step
      if (size / step % 64 === 0) wrongUnless(right(), () => `wrong value of ${size} bytes`)
    }
    wrongUnless(right(), () => `wrong value of ${size} bytes`)
    return size
  })
}

/** Keys whose values grow in turn, each time by 1 to `most` bytes: live bytes when the first write fails, and writes until then. */
export function creepUp(lab, maxByteLength, { keys = 2000, most = 128 } = {}) {
  const random = lab.random(), sizes = new Int32Array(keys)
  return lab.with(maxByteLength, map => {
    let live = 0, writes = 0
    for (;; writes++) {
      const key = writes % keys, size = sizes[key] + 1 + Math.floor(random() * most)
      if (!lab.sets(map, `key ${key}`, bytesAt(key * STEP + size, size))) break
      live += size - sizes[key] + (sizes[key] === 0 ? SLOT : 0)
      sizes[key] = size
    }
    sizes.forEach((size, key) => {
      const found = map.get(`key ${key}`)
      wrongUnless(size === 0 ? found === undefined : sameBytes(found, bytesAt(key * STEP + size, size)), () => `wrong value of key ${key}`)
    })
    return { live, writes, share: live / maxByteLength }
  })
}

/** Sizes between two, each power of them as often. */
export const logUniform = (least, most, random) => Math.floor(least * Math.exp(random() * Math.log(most / least)))

/** Keys whose values change their size at each write, and what is written of them. */
class Mix {
  constructor(lab, map, budget, { least, most }) {
    Object.assign(this, { lab, map, budget, least, most })
    this.random = lab.random()
    this.keys = Math.ceil(budget / ((most - least) / Math.log(most / least) + SLOT) * 1.25)
    this.sizes = new Int32Array(this.keys)
    this.starts = new Int32Array(this.keys)
    this.live = 0
    this.failures = 0
  }

  any() { return Math.floor(this.random() * this.keys) }
  isRight(key) {
    const found = this.map.get(key)
    return this.sizes[key] === 0 ? found === undefined : sameBytes(found, bytesAt(this.starts[key], this.sizes[key]))
  }

  forget(key) {
    if (this.sizes[key] === 0) return
    wrongUnless(this.map.delete(key), () => `delete has not found ${key}`)
    this.live -= this.sizes[key] + SLOT
    this.sizes[key] = 0
  }

  /** One write; before it, entries are deleted until it stays within the budget. One write in sixteen reads what it replaces. */
  write(n) {
    const key = this.any(), size = logUniform(this.least, this.most, this.random)
    if (n % 16 === 0) wrongUnless(this.isRight(key), () => `wrong value of key ${key}`)
    while (this.live + size + SLOT > this.budget) this.forget(this.any())
    const start = n * STEP & STARTS - 1
    if (!this.lab.sets(this.map, key, bytesAt(start, size))) { this.failures++; return }
    this.live += size - this.sizes[key] + (this.sizes[key] === 0 ? SLOT : 0)
    this.sizes[key] = size
    this.starts[key] = start
  }

  checkAll() { for (let key = 0; key < this.keys; key++) wrongUnless(this.isRight(key), () => `wrong value of key ${key}`) }
}

/**
 * Writes of log-uniform sizes with a share of the map live.
 *
 * @returns failures, and the used memory of the last window against the second one's: means of a hundred looks each
 */
export function churn(lab, maxByteLength, { writes, window, live = 0.6, least = 16, most = 20_000 }) {
  return lab.with(maxByteLength, map => {
    const mix = new Mix(lab, map, maxByteLength * live, { least, most }), looks = window / 100, used = [0, 0]
    for (let n = 0; n < writes; n++) {
      mix.write(n)
      if (n % looks !== 0) continue
      if (n >= window && n < 2 * window) used[0] += map.stats().memory.used / 100
      if (n >= writes - window) used[1] += map.stats().memory.used / 100
    }
    mix.checkAll()
    return { failures: mix.failures, writes, second: used[0], last: used[1], growth: used[1] / used[0], live: mix.live / maxByteLength }
  })
}

/** Share of `maxByteLength` that a fresh map of some kind uses: an entry counts its slot and its bytes. */
export function usableShare(lab, maxByteLength, kind) {
  const held = lab.fresh(maxByteLength, kind)
  return { held, share: held * (SLOT + kindOf(kind).bytes) / maxByteLength }
}

/**
 * Empties a map and fills it with one kind after the other: of what a fresh map holds of each, how much this one does. It is empty afterwards.
 *
 * @param maxByteLength - that the map was made with
 */
export function holdsAgain(lab, map, maxByteLength, kinds = ['16 B', '1 kB', '100 kB']) {
  const shares = kinds.map(kind => {
    map.clear()
    const held = lab.fill(map, kind, SALT.third)
    lab.check(map, kind, SALT.third, upTo(held))
    return { kind, share: held / lab.fresh(maxByteLength, kind) }
  })
  map.clear()
  return { shares, least: Math.min(...shares.map(({ share }) => share)) }
}
