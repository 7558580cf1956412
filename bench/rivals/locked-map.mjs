// The traditional counterpart: one mutex around an open-addressing table in a SharedArrayBuffer. It grows, all threads
// follow, strings and 32-bit integers are keys, integers are values. A thread that dies while it holds the mutex stops all.
//
// The mutex is the usual one of three states (Drepper, "Futexes are tricky"): free, held, held with sleepers.

const Head = { Lock: 0, Table: 16, Mask: 17, Count: 18, Top: 19, Free: 32, End: 96 }
const Tag = { Empty: 0, Integer: 1, Text: 2 }
const SLOT = 4, SMALLEST = 16, SPINS = 64

/** Reserves the memory of a map; pages that are not touched cost nothing. */
export function createLocked({ byteLength = 1 << 30, capacity = 0 } = {}) {
  const words = new Int32Array(new SharedArrayBuffer(byteLength))
  let slots = SMALLEST
  while (slots * 3 < capacity * 4) slots *= 2
  words[Head.Top] = Head.End + slots * SLOT
  words[Head.Table] = Head.End
  words[Head.Mask] = slots - 1
  return words.buffer
}

/** One thread's access to a map. All methods wait for the mutex. */
export class LockedMap {
  constructor(buffer) {
    this.words = new Int32Array(buffer)
    this.hash = 0
  }

  get(key) {
    this.lock()
    const slot = this.find(key), value = this.words[slot] === Tag.Empty ? undefined : this.words[slot + 2]
    this.unlock()
    return value
  }

  set(key, value) {
    this.lock()
    try {
      this.words[this.slotOf(key) + 2] = value
    } finally {
      this.unlock()
    }
    return this
  }

  /** Adds to a value, 0 if there is none; the sum. */
  add(key, delta) {
    this.lock()
    try {
      const slot = this.slotOf(key)
      return this.words[slot + 2] = this.words[slot + 2] + delta | 0
    } finally {
      this.unlock()
    }
  }

  delete(key) {
    this.lock()
    const slot = this.find(key), found = this.words[slot] !== Tag.Empty
    if (found) this.remove(slot)
    this.unlock()
    return found
  }

  get size() {
    this.lock()
    const count = this.words[Head.Count]
    this.unlock()
    return count
  }

  // --- the mutex

  lock() {
    const { words } = this
    if (Atomics.compareExchange(words, Head.Lock, 0, 1) === 0) return
    for (let spin = 0; spin < SPINS; spin++) {
      if (Atomics.load(words, Head.Lock) === 0 && Atomics.compareExchange(words, Head.Lock, 0, 1) === 0) return
    }
    while (Atomics.exchange(words, Head.Lock, 2) !== 0) Atomics.wait(words, Head.Lock, 2)
  }

  unlock() {
    if (Atomics.exchange(this.words, Head.Lock, 0) === 2) Atomics.notify(this.words, Head.Lock, 1)
  }

  // --- the table: all below needs the mutex

  /** The slot of a key, or the empty one where it belongs; leaves the key's hash in `hash`. */
  find(key) {
    const { words } = this, table = words[Head.Table], mask = words[Head.Mask], text = typeof key === 'string'
    const hash = this.hash = text ? hashOfText(key) : mix(key)
    for (let place = hash & mask; ; place = place + 1 & mask) {
      const slot = table + place * SLOT, tag = words[slot]
      if (tag === Tag.Empty) return slot
      if (words[slot + 3] !== hash) continue
      if (text ? tag === Tag.Text && this.isText(words[slot + 1], key) : tag === Tag.Integer && words[slot + 1] === key) return slot
    }
  }

  /** The slot of a key, which is inserted with the value 0 if it is not there. */
  slotOf(key) {
    const { words } = this, slot = this.find(key)
    if (words[slot] !== Tag.Empty) return slot
    if ((words[Head.Count] + 1) * 4 > (words[Head.Mask] + 1) * 3) {
      this.grow()
      return this.slotOf(key)
    }
    const text = typeof key === 'string'
    words[slot + 1] = text ? this.record(key) : key
    words[slot] = text ? Tag.Text : Tag.Integer
    words[slot + 2] = 0
    words[slot + 3] = this.hash
    words[Head.Count]++
    return slot
  }

  /** Takes an entry out and moves those behind it nearer to their homes: no tombstones. */
  remove(slot) {
    const { words } = this, table = words[Head.Table], mask = words[Head.Mask]
    if (words[slot] === Tag.Text) this.free(words[slot + 1])
    let hole = (slot - table) / SLOT
    for (let place = hole + 1 & mask; words[table + place * SLOT] !== Tag.Empty; place = place + 1 & mask) {
      const home = words[table + place * SLOT + 3] & mask
      if ((place - home & mask) < (place - hole & mask)) continue
      words.copyWithin(table + hole * SLOT, table + place * SLOT, table + place * SLOT + SLOT)
      hole = place
    }
    words[table + hole * SLOT] = Tag.Empty
    words[Head.Count]--
  }

  grow() {
    const { words } = this, table = words[Head.Table], slots = words[Head.Mask] + 1, mask = slots * 2 - 1, next = this.allot(slots * 2 * SLOT)
    for (let slot = table; slot < table + slots * SLOT; slot += SLOT) {
      if (words[slot] === Tag.Empty) continue
      let place = words[slot + 3] & mask
      while (words[next + place * SLOT] !== Tag.Empty) place = place + 1 & mask
      for (let i = 0; i < SLOT; i++) words[next + place * SLOT + i] = words[slot + i]
    }
    words[Head.Table] = next
    words[Head.Mask] = mask
  }

  // --- records of strings: a length, then two characters a word

  record(text) {
    const { words } = this, size = sizeOf(text.length), list = Head.Free + Math.min(63, size >> 2)
    let at = words[list]
    if (at !== 0 && size >> 2 < 63) words[list] = words[at]
    else at = this.allot(size)
    words[at] = text.length
    for (let i = 0; i < text.length; i += 2) words[at + 1 + (i >> 1)] = text.charCodeAt(i) | (i + 1 < text.length ? text.charCodeAt(i + 1) << 16 : 0)
    return at
  }

  free(at) {
    const { words } = this, list = Head.Free + Math.min(63, sizeOf(words[at]) >> 2)
    words[at] = words[list]
    words[list] = at
  }

  isText(at, text) {
    const { words } = this, length = text.length
    if (words[at] !== length) return false
    for (let i = 0; i < length; i++) if ((words[at + 1 + (i >> 1)] >>> (i & 1) * 16 & 0xffff) !== text.charCodeAt(i)) return false
    return true
  }

  /** Fresh, zeroed words. */
  allot(size) {
    const { words } = this, at = words[Head.Top]
    if (at + size > words.length) throw new RangeError('the memory of the lock-based map is used up')
    words[Head.Top] = at + size
    return at
  }

  /** Bytes that were ever given out. */
  get touched() { return this.words[Head.Top] * 4 }
}

/** Words of a record, a multiple of four. */
const sizeOf = length => 1 + (length + 1 >> 1) + 3 & ~3

function mix(key) {
  const mixed = Math.imul(key ^ key >>> 16, 0x85ebca6b)
  return Math.imul(mixed ^ mixed >>> 13, 0xc2b2ae35) ^ mixed >>> 16
}

function hashOfText(text) {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mix(hash)
}
