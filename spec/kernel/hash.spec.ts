import { describe, expect, it } from 'vitest'
import { BACKENDS, RawMap, Random } from '../support/kernels'
import { keyWithHash, unmix } from '../support/hashes'

const [wasm, javascript] = [new RawMap('wasm'), new RawMap('javascript')]
/** A stretch of cells that no table uses while the map is small. */
const PLACE = 20_000

const rotate = (x: number, by: number): number => x << by | x >>> 32 - by

/** HalfSipHash-2-4 as its paper has it, over whole words: the last one holds the length. */
function halfSipHash(words: number[], k0: number, k1: number): number {
  let v0 = k0, v1 = k1, v2 = 0x6c796765 ^ k0, v3 = 0x74656462 ^ k1
  const round = (): void => {
    v0 = v0 + v1 | 0; v1 = rotate(v1, 5); v1 ^= v0; v0 = rotate(v0, 16)
    v2 = v2 + v3 | 0; v3 = rotate(v3, 8); v3 ^= v2
    v0 = v0 + v3 | 0; v3 = rotate(v3, 7); v3 ^= v0
    v2 = v2 + v1 | 0; v1 = rotate(v1, 13); v1 ^= v2; v2 = rotate(v2, 16)
  }
  for (const word of words) { v3 ^= word; round(); round(); v0 ^= word }
  v2 ^= 0xff
  for (let n = 0; n < 4; n++) round()
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
const [K0, K1] = [0x03020100, 0x07060504]

describe('the reference of this spec', () => {
  it('gives what is published', () => {
    for (const [length, hash] of PUBLISHED) expect(halfSipHash(wordsOf(length), K0, K1) >>> 0, `${length} bytes`).toBe(hash)
  })
})

/** Fills the stretch with bytes, zeros behind them. */
function write(map: RawMap, bytes: Uint8Array): void { map.bytes.fill(0, PLACE * 8, PLACE * 8 + 400); map.bytes.set(bytes, PLACE * 8) }

describe.each(BACKENDS)('the keyed hash, %s', backend => {
  const map = backend === 'wasm' ? wasm : javascript, keyed = map.kernel.keyedHash

  it('gives what is published', () => {
    for (const length of [4, 5, 7]) expect(keyed(0, 0, wordsOf(length)[0]!, wordsOf(length)[1]!, K0, K1) >>> 0).toBe(PUBLISHED.get(length))
    write(map, new Uint8Array(8).map((_, n) => n))
    for (const length of [12, 15]) expect(keyed(PLACE, 1, wordsOf(length)[2]!, wordsOf(length)[3]!, K0, K1) >>> 0).toBe(PUBLISHED.get(length))
  })

  it('agrees with the reference for any words and keys', () => {
    const random = new Random(), word = (): number => random.below(2 ** 32) | 0
    for (let n = 0; n < 500; n++) {
      const cells = random.below(10), words = Array.from({ length: cells * 2 + 2 }, word), [k0, k1] = [word(), word()]
      write(map, new Uint8Array(Int32Array.from(words.slice(0, cells * 2)).buffer))
      expect(keyed(PLACE, cells, words.at(-2)!, words.at(-1)!, k0, k1), `seed ${random.seed}, ${n}`).toBe(halfSipHash(words, k0, k1))
    }
  })
})

describe.each(BACKENDS)('the base hash, %s', backend => {
  const map = backend === 'wasm' ? wasm : javascript, { mix, hashBytes } = map.kernel

  it('mixes as MurmurHash3 does', () => {
    expect([0, 1, 2, -1].map(x => mix(x) >>> 0)).toEqual([0, 0x514e28b7, 0x30f4c306, 0x81f16f39])
  })

  it('can be taken back, so no two integers have the same', () => {
    const random = new Random()
    for (let n = 0; n < 2000; n++) { const x = random.below(2 ** 32) | 0; expect(unmix(mix(x)), `seed ${random.seed}`).toBe(x) }
    expect(mix(keyWithHash(0x12345678) ^ 123)).toBe(0x12345678)
  })

  it('spreads integers in a row, and strings in a row, over all slots', () => {
    const slots = 64, counts = [new Array<number>(slots).fill(0), new Array<number>(slots).fill(0)] as const
    for (let n = 0; n < 6400; n++) {
      write(map, Buffer.from(`key ${n}`))
      counts[0][mix(n ^ 123) >>> 26]!++
      counts[1][hashBytes(PLACE, `key ${n}`.length, 3, 123) >>> 26]!++
    }
    // 100 are expected in each; five deviations away is beyond chance.
    for (const count of counts) for (const each of count) expect(Math.abs(each - 100)).toBeLessThan(50)
  })

  it('depends on every byte, the length, the type and the seed', () => {
    const bytes = new Uint8Array(20).fill(7), hashes = new Set<number>()
    const hash = (length = 20, type = 1, seed = 5): void => { hashes.add(hashBytes(PLACE, length, type, seed)) }
    for (let n = 0; n < 20; n++) { write(map, bytes.with(n, 8)); hash() }
    write(map, bytes)
    hash()
    hash(19)
    hash(20, 2)
    hash(20, 1, 6)
    expect(hashes.size).toBe(24)
  })

  it('does not read past the last byte\'s cell', () => {
    write(map, new Uint8Array(8).fill(1))
    const before = hashBytes(PLACE, 8, 1, 1)
    map.bytes.fill(9, PLACE * 8 + 8, PLACE * 8 + 16)
    expect(hashBytes(PLACE, 8, 1, 1)).toBe(before)
  })
})

describe('the two backends', () => {
  it('give the same hashes for the same bytes', () => {
    const random = new Random()
    for (let n = 0; n < 500; n++) {
      const bytes = new Uint8Array(random.below(300)).map(() => random.below(256)), [type, seed] = [random.below(8), random.below(2 ** 32) | 0]
      for (const map of [wasm, javascript]) write(map, bytes)
      const hashes = [wasm, javascript].map(({ kernel }) =>
        [kernel.hashBytes(PLACE, bytes.length, type, seed), kernel.keyedHash(PLACE, bytes.length + 7 >> 3, type, seed, seed, type), kernel.mix(seed)])
      expect(hashes[0], `seed ${random.seed}, ${n}`).toEqual(hashes[1])
    }
  })
})
