// What the workers of `kills.mjs` write, and what is known of it in shared memory. A value is told by one word: where its bytes are
// cut from, and how many there are. 0 is no value.

import { WrongAnswer, bytesAt, lettersAt, sameBytes } from './refill.mjs'

/** The words that all share; each has a cache line of its own. */
export const Word = { Tickets: 0, Gate: 16, Failures: 32 }
export const WORDS = 48
/** Most keys of a lane. */
export const KEYS = 1 << 13
/** Keys that all lanes write. */
export const SHARED = 24

const SIZE_BITS = 15
export const codeOf = (start, size) => (start & 0xffff) << SIZE_BITS | size + 1
const startOf = code => code >>> SIZE_BITS
const sizeOf = code => (code & (1 << SIZE_BITS) - 1) - 1

/** Keys of every kind: integers, short strings, and strings longer than any window. */
const LONG = 'k'.repeat(300)
export const keyOf = (id, n) => n % 4 === 0 ? id << 20 | n : n % 16 === 1 ? `${LONG} ${id}:${n}` : `lane ${id}:${n}`
const sharedKey = n => n % 2 === 0 ? -1 - n : `shared ${n}`

/** Half of the keys have strings, half bytes. */
const valueOf = (n, code) => n % 2 === 0 ? lettersAt(startOf(code), sizeOf(code)) : bytesAt(startOf(code), sizeOf(code))
const isValue = (n, code, found) => code === 0 ? found === undefined : n % 2 === 0 ? found === valueOf(n, code) : sameBytes(found, valueOf(n, code))

/** The keys of one lane: what each holds, and what it is about to hold. */
export class Ledger {
  constructor(map, words, id, keys, most) {
    Object.assign(this, { map, words, id, keys, most })
    this.at = WORDS + id * KEYS * 2
  }

  holds(n) { return Atomics.load(this.words, this.at + n * 2) }
  #plans(n) { return Atomics.load(this.words, this.at + n * 2 + 1) }
  #note(n, code) { Atomics.store(this.words, this.at + n * 2, code) }
  #plan(n, code) { Atomics.store(this.words, this.at + n * 2 + 1, code) }

  /** What a terminated worker was about to do has been done or not: from now on it is known which. */
  settle() {
    for (let n = 0; n < this.keys; n++) {
      const before = this.holds(n), planned = this.#plans(n)
      if (before === planned) continue
      const found = this.map.get(keyOf(this.id, n))
      if (isValue(n, planned, found)) this.#note(n, planned)
      else if (isValue(n, before, found)) this.#plan(n, before)
      else throw new WrongAnswer(`key ${n} of lane ${this.id} holds neither what it held nor what was being written when its worker was terminated`)
    }
  }

  /** Writes a value, or deletes where the code is 0. @throws what `set` throws, with nothing changed */
  write(n, code) {
    const key = keyOf(this.id, n), before = this.holds(n)
    this.#plan(n, code)
    try {
      if (code !== 0) this.map.set(key, valueOf(n, code))
      else if (this.map.delete(key) !== (before !== 0)) throw new WrongAnswer(`delete was wrong about key ${n} of lane ${this.id}`)
      this.#note(n, code)
    } finally {
      this.#plan(n, this.holds(n))
    }
  }

  /** The bytes of a value, which is compared; -1 where there is none. */
  check(n) {
    const code = this.holds(n), found = this.map.get(keyOf(this.id, n))
    if (!isValue(n, code, found)) throw new WrongAnswer(`key ${n} of lane ${this.id}: ${told(found)} in place of ${sizeOf(code)} bytes`)
    return sizeOf(code)
  }

  /** A key of all lanes: its value says itself what it must be. */
  writeShared(n, code) {
    const value = new Uint8Array(4 + sizeOf(code))
    new DataView(value.buffer).setInt32(0, code)
    value.set(bytesAt(startOf(code), sizeOf(code)), 4)
    this.map.set(sharedKey(n), value)
  }

  deleteShared(n) { this.map.delete(sharedKey(n)) }

  checkShared(n) {
    const found = this.map.get(sharedKey(n))
    if (found === undefined) return -1
    const code = new DataView(found.buffer, found.byteOffset).getInt32(0)
    if (!sameBytes(found.subarray(4), bytesAt(startOf(code), sizeOf(code)))) throw new WrongAnswer(`shared key ${n} holds ${told(found)} that nobody wrote`)
    return found.length
  }
}

const told = found => found === undefined ? 'nothing' : `${typeof found} of length ${found.length}`
