import { describe, expect, it } from 'vitest'
import { BACKENDS, RawMap, Random } from '../support/kernels'
import { SECRET, SEED, keyWithHash, multicollisions, unmix } from '../support/hashes'

const [wasm, javascript] = [new RawMap('wasm'), new RawMap('javascript')]
/** A stretch of cells that no table uses while the map is small. */
const PLACE = 20_000

const rotate = (x: number, by: number): number => x << by | x >>> 32 - by

/** HalfSipHash-c-d as its paper has it, over whole words: the last one holds the length. */
function halfSipHash(words: readonly number[], k0: number, k1: number, c = 1, d = 3): number {
  let v0 = k0, v1 = k1, v2 = 0x6c796765 ^ k0, v3 = 0x74656462 ^ k1
  const round = (): void => {
    v0 = v0 + v1 | 0; v1 = rotate(v1, 5); v1 ^= v0; v0 = rotate(v0, 16)
    v2 = v2 + v3 | 0; v3 = rotate(v3, 8); v3 ^= v2
    v0 = v0 + v3 | 0; v3 = rotate(v3, 7); v3 ^= v0
    v2 = v2 + v1 | 0; v1 = rotate(v1, 13); v1 ^= v2; v2 = rotate(v2, 16)
  }
  for (const word of words) {
    v3 ^= word
    for (let n = 0; n < c; n++) round()
    v0 ^= word
  }
  v2 ^= 0xff
  for (let n = 0; n < d; n++) round()
  return v1 ^ v3
}

/** The words of the bytes 0, 1, 2, ... and of their number, as the reference implementation reads them. */
function wordsOf(length: number): number[] {
  const bytes = Array.from({ length: (length >> 2) * 4 + 4 }, (_, n) => n < length ? n : 0)
  bytes[bytes.length - 1] = length
  return Array.from({ length: bytes.length / 4 }, (_, n) => bytes[n * 4]! | bytes[n * 4 + 1]! << 8 | bytes[n * 4 + 2]! << 16 | bytes[n * 4 + 3]! << 24)
}

/** Published results of HalfSipHash-2-4 with 32 bits, for the key 00 01 .. 07 and so many bytes 00 01 02 .. */
const PUBLISHED = new Map([[0, 0x5b9f35a9], [1, 0xb85a4727], [3, 0x04e7fe8a], [4, 0x89466e2a], [5, 0x69b6fac5], [7, 0xc563cf8b], [12, 0x2f87f057], [15, 0x972bfe74]])
/** The same of HalfSipHash-1-3, from the tests of Linux (lib/siphash_kunit.c, `test_vectors_hsiphash` of 32 bits). */
const OF_LINUX = [0x5814c896, 0xe7e864ca, 0xbc4b0e30, 0x01539939, 0x7e059ea6, 0x88e3d89b, 0xa0080b65, 0x9d38d9d6]
const [K0, K1] = [0x03020100, 0x07060504]

describe('the reference of this spec', () => {
  it('gives what is published', () => {
    for (const [length, hash] of PUBLISHED) expect(halfSipHash(wordsOf(length), K0, K1, 2, 4) >>> 0, `${length} bytes`).toBe(hash)
    for (const [length, hash] of OF_LINUX.entries()) expect(halfSipHash(wordsOf(length), K0, K1) >>> 0, `${length} bytes`).toBe(hash)
  })
})

/** Fills the stretch with bytes, zeros behind them. */
function write(map: RawMap, bytes: Uint8Array): void { map.bytes.fill(0, PLACE * 8, PLACE * 8 + 8000); map.bytes.set(bytes, PLACE * 8) }

describe.each(BACKENDS)('the keyed hash, %s', backend => {
  const map = backend === 'wasm' ? wasm : javascript, { keyedWords, keyedHash } = map.kernel

  it('gives what is published', () => {
    for (const length of [4, 5, 7]) expect(keyedWords(wordsOf(length)[0]!, wordsOf(length)[1]!, K0, K1) >>> 0).toBe(OF_LINUX[length])
  })

  it('agrees with the reference for any words and keys', () => {
    const random = new Random(), word = (): number => random.below(2 ** 32) | 0
    for (let n = 0; n < 500; n++) {
      const cells = random.below(10), words = Array.from({ length: cells * 2 + 2 }, word), [k0, k1] = [word(), word()]
      write(map, new Uint8Array(Int32Array.from(words.slice(0, cells * 2)).buffer))
      const found = keyedHash(map.map, map.me, PLACE, cells, 0n, words.at(-2)!, words.at(-1)!, k0, k1)
      expect(found, `seed ${random.seed}, ${n}`).toBe(halfSipHash(words, k0, k1))
      if (cells === 0) expect(keyedWords(words[0]!, words[1]!, k0, k1)).toBe(found)
    }
  })
})

// --- the base hash of bytes, as its sources have it, in whole numbers

const U32 = 2n ** 32n, U64 = 2n ** 64n
const BLOCK = 32

/** The keys that a RawMap draws from its secret. */
function keysOf(secretLow: number, secretHigh: number): bigint[] {
  const word = (n: number): bigint => BigInt(halfSipHash([n, 257], secretLow, secretHigh) >>> 0)
  return Array.from({ length: 37 }, (_, n) => word(2 * n + 1) << 32n | word(2 * n))
}

/** NH of UMAC over pairs of words. */
function nh(pairs: readonly (readonly [bigint, bigint])[], keys: readonly bigint[]): bigint {
  return pairs.reduce((sum, [a, b], n) => (sum + (a + keys[n]! & U32 - 1n) * (b + (keys[n]! >> 32n) & U32 - 1n)) % U64, 0n)
}

function pairsOf(bytes: Uint8Array): [bigint, bigint][] {
  const words = new DataView(new Uint8Array(bytes.length + 7 & ~7).buffer)
  new Uint8Array(words.buffer).set(bytes)
  return Array.from({ length: words.byteLength / 8 }, (_, n) => [BigInt(words.getUint32(n * 8, true)), BigInt(words.getUint32(n * 8 + 4, true))])
}

function baseHash(bytes: Uint8Array, type: number, keys: readonly bigint[], mix: (x: number) => number): number {
  const pairs = pairsOf(bytes), blocks: bigint[] = []
  for (let n = 0; n === 0 || n < pairs.length; n += BLOCK) {
    blocks.push(nh([n === 0 ? [BigInt(bytes.length), BigInt(type)] : [0n, 0n], ...pairs.slice(n, n + BLOCK)], keys))
  }
  const [sum] = blocks as [bigint]
  if (blocks.length === 1) return mix(Number(((sum % U32) * keys[33]! + (sum >> 32n) * keys[34]! + keys[35]!) % U64 >> 32n) | 0)
  const words = blocks.flatMap(block => [Number(block % U32) | 0, Number(block >> 32n) | 0])
  return halfSipHash([...words, bytes.length, type], Number(keys[36]! % U32) | 0, Number(keys[36]! >> 32n) | 0)
}

describe.each(BACKENDS)('the base hash, %s', backend => {
  const map = backend === 'wasm' ? wasm : javascript, { mix } = map.kernel
  const hashBytes = (length: number, type: number, of = map): number => of.kernel.hashBytes(of.map, of.me, PLACE, length, type)

  it('mixes as MurmurHash3 does', () => {
    expect([0, 1, 2, -1].map(x => mix(x) >>> 0)).toEqual([0, 0x514e28b7, 0x30f4c306, 0x81f16f39])
  })

  it('can be taken back, so no two integers have the same', () => {
    const random = new Random()
    for (let n = 0; n < 2000; n++) { const x = random.below(2 ** 32) | 0; expect(unmix(mix(x)), `seed ${random.seed}`).toBe(x) }
    expect(mix(keyWithHash(0x12345678) ^ SEED)).toBe(0x12345678)
  })

  it('spreads integers in a row, and strings in a row, over all slots', () => {
    const slots = 64, counts = [new Array<number>(slots).fill(0), new Array<number>(slots).fill(0)] as const
    for (let n = 0; n < 6400; n++) {
      write(map, Buffer.from(`key ${n}`))
      counts[0][mix(n ^ 123) >>> 26]!++
      counts[1][hashBytes(`key ${n}`.length, 3) >>> 26]!++
    }
    // 100 are expected in each; five deviations away is beyond chance.
    for (const count of counts) for (const each of count) expect(Math.abs(each - 100)).toBeLessThan(50)
  })

  it('is what its sources say, for any length', () => {
    const random = new Random(), keys = keysOf(...SECRET)
    for (const length of [0, 1, 7, 8, 19, 200, 255, 256, 257, 300, 2047, 2048, 2049, 5000]) {
      const bytes = new Uint8Array(length).map(() => random.below(256)), type = random.below(8)
      write(map, bytes)
      expect(hashBytes(length, type), `seed ${random.seed}, ${length} bytes`).toBe(baseHash(bytes, type, keys, mix))
    }
  })

  it('depends on every byte, the length, the type and the secret', () => {
    const bytes = new Uint8Array(20).fill(7), hashes = new Set<number>()
    for (let n = 0; n < 20; n++) { write(map, bytes.with(n, 8)); hashes.add(hashBytes(20, 1)) }
    write(map, bytes)
    for (const [length, type] of [[20, 1], [19, 1], [20, 2]] as const) hashes.add(hashBytes(length, type))
    const other = new RawMap(backend, { secret: [124, 456] })
    write(other, bytes)
    hashes.add(hashBytes(20, 1, other))
    expect(hashes.size).toBe(24)
  })

  it('does not read past the last byte\'s cell', () => {
    write(map, new Uint8Array(8).fill(1))
    const before = hashBytes(8, 1)
    map.bytes.fill(9, PLACE * 8 + 8, PLACE * 8 + 16)
    expect(hashBytes(8, 1)).toBe(before)
  })
})

/** MurmurHash3 as the map had it: whatever the seed, each of these pairs of cells is the same to it. */
function murmur(bytes: Uint8Array, seed: number): number {
  let h = seed ^ bytes.length
  for (const pair of pairsOf(bytes)) for (const word of pair) {
    h = Math.imul(rotate(h ^ Math.imul(rotate(Math.imul(Number(word) | 0, -862048943), 15), 461845907), 13), 5) - 430675100 | 0
  }
  return h
}

describe.each(BACKENDS)('keys that were the same to MurmurHash3 under every seed, %s', backend => {
  it('are different to a map', () => {
    const texts = multicollisions(12), map = new RawMap(backend), hashes = new Set<number>()
    for (const seed of [0, 123, -5]) expect(new Set(texts.map(text => murmur(Buffer.from(text, 'latin1'), seed))).size, `seed ${seed}`).toBe(1)
    for (const text of texts) {
      write(map, Buffer.from(text, 'latin1'))
      hashes.add(map.kernel.hashBytes(map.map, map.me, PLACE, text.length, 1))
    }
    // Of 4,096 keys, two have the same 32 bits in one case of 500.
    expect(hashes.size).toBeGreaterThanOrEqual(texts.length - 1)
  })
})

describe('the two backends', () => {
  it('give the same hashes for the same bytes', () => {
    const random = new Random()
    for (let n = 0; n < 500; n++) {
      const bytes = new Uint8Array(random.below(600)).map(() => random.below(256)), [type, seed] = [random.below(8), random.below(2 ** 32) | 0]
      for (const map of [wasm, javascript]) write(map, bytes)
      const hashes = [wasm, javascript].map(({ kernel, map, me }) =>
        [kernel.hashBytes(map, me, PLACE, bytes.length, type), kernel.keyedHash(map, me, PLACE, bytes.length + 7 >> 3, 0n, type, seed, seed, type), kernel.mix(seed)])
      expect(hashes[0], `seed ${random.seed}, ${n}`).toEqual(hashes[1])
    }
  })
})
