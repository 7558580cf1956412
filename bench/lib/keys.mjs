// Keys, values and the order in which keys are asked for: the same for every map, and made from a seed.
//
// An entry is an index. Its integer key is spread over all 32 bits; its string key has a fixed length. Its value carries
// the index in the low 24 bits and a version above them, so that every answer can be checked whoever wrote it last.

/** How many keys of a run are prepared; they are asked for round and round. */
export const RING = 1 << 20
/** What the low bits of a value can carry. */
export const MOST_ENTRIES = 1 << 24

/** The integer key of an entry: different for different indices, since the factor is odd. */
export const spread = index => Math.imul(index, 0x9e3779b1)

/** String keys of 8, 19 and 40 characters, for up to 9 million entries. */
export const TEXTS = {
  8: index => `k${1_000_000 + index}`,
  19: index => `user:session${1_000_000 + index}`,
  40: index => `tenant-00042/user/session/by-number/${1_000_000 + index}`.slice(-40),
}

/** The function that makes the keys of a kind: `'integer'`, or `'string'` with a length. */
export const keyMaker = (kind, length = 19) => kind === 'integer' ? spread : TEXTS[length]

export const valueAt = (index, version) => index | (version & 127) << 24
/** Whether a value is one of those that the entry has had. */
export const isRight = (index, value) => value !== undefined && (value & MOST_ENTRIES - 1) === index

/** Numbers from 0 up to 1, from a seed (mulberry32). */
export function randomSource(seed) {
  let state = seed | 0
  return () => {
    state = state + 0x6d2b79f5 | 0
    let mixed = Math.imul(state ^ state >>> 15, 1 | state)
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed
    return ((mixed ^ mixed >>> 14) >>> 0) / 4294967296
  }
}

/** Which entries are asked for: `'uniform'`, or `'zipf'` (exponent 0.99, as in YCSB: a few entries are asked for most of the time). */
export function indices(distribution, count, seed, length = RING) {
  const random = randomSource(seed)
  if (distribution !== 'zipf') return Int32Array.from({ length }, () => Math.floor(random() * count))
  const rank = zipf(count, random)
  return Int32Array.from({ length }, () => entryOfRank(rank(), count))
}

/** The entries that are asked for most are not those that were inserted first: a table may treat these better, or worse. */
export const entryOfRank = (rank, count) => rank * SCATTER % count
/** A prime: with a `count` that it does not divide, each rank has an entry of its own. */
const SCATTER = 611_953
const EXPONENT = 0.99

/** Ranks from 0, by the inversion of Gray et al. (SIGMOD 1994). */
function zipf(count, random) {
  const sum = harmonic(count), alpha = 1 / (1 - EXPONENT)
  const eta = (1 - Math.pow(2 / count, 1 - EXPONENT)) / (1 - harmonic(2) / sum)
  return () => {
    const drawn = random(), scaled = drawn * sum
    if (scaled < 1) return 0
    if (scaled < 1 + Math.pow(0.5, EXPONENT)) return 1
    return Math.min(count - 1, Math.floor(count * Math.pow(eta * drawn - eta + 1, alpha)))
  }
}

function harmonic(count) {
  let sum = 0
  for (let rank = 1; rank <= count; rank++) sum += Math.pow(rank, -EXPONENT)
  return sum
}

/** 1 where the operation writes: so many of a hundred, at random places. */
export function writeFlags(percent, seed, length = RING) {
  const random = randomSource(seed ^ 0x5bd1e995)
  return Uint8Array.from({ length }, () => random() * 100 < percent ? 1 : 0)
}
