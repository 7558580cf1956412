// What a write costs that finds no memory, once all was tried: only what came back since is looked for.

import { describe, expect, it } from 'vitest'
import { Status } from '../../lib/kernel/read'
import { RawMap } from '../support/kernels'
import { counted } from '../support/counted'

const FAILURES = 20

const keyOf = (length: number) => (n: number): number | string => length === 0 ? n : `${n}`.padEnd(length)
const LONG = 'v'.repeat(1500)

/** A map so full that nothing more fits, of keys whose length is given, and how many there are. */
function full(bytes: number, length: number): [RawMap, number] {
  const map = new RawMap('javascript', { bytes, capacity: 64, shift: 4 }), key = keyOf(length)
  let count = 0
  while (map.put(key(count), count) === Status.Written) count++
  return [map, count]
}

/** How many words a write reads that fails, after others did. Its key is there: a search of a table without an Empty key is another cost. */
function readsOf(bytes: number, length: number): { slots: number, reads: number } {
  const [map, count] = full(bytes, length), key = keyOf(length)
  const fail = (): void => { for (let n = 0; n < FAILURES; n++) expect(map.put(key(n * 7 % count), LONG)).toBe(Status.NoMemory) }
  fail()
  return { slots: map.capacity, reads: counted(fail) / FAILURES }
}

describe('writes that find no memory', () => {
  it.each([0, 100, 1500])('read no more words of a large map than of a small one, after all was tried once (keys of %i bytes)', length => {
    const small = readsOf(1 << 17, length), large = readsOf(1 << 21, length)
    expect(large.slots).toBeGreaterThan(8 * small.slots)
    expect(large.reads, `${small.reads} words in the small one`).toBeLessThan(700)
  })

  it('of two sizes in turn remember both', () => {
    const [map] = full(1 << 20, 100), both = (): void => {
      for (const length of [300, 1500, 2000]) expect(map.put(keyOf(100)(7), 'v'.repeat(length))).toBe(Status.NoMemory)
    }
    both()
    expect(counted(both)).toBeLessThan(3000)
  })

  it('look anew once something was deleted, by whomever', () => {
    const [map, count] = full(1 << 18, 0), other = new RawMap('javascript', {}, map)
    expect([map.put(1_000_000, 1), map.put(1_000_000, 1)]).toEqual([Status.NoMemory, Status.NoMemory])
    // A table in which less than a sixteenth of the keys are deleted is not cleaned out.
    for (let n = 0; n < count >> 3; n++) expect(other.put(n * 8, undefined)).toBe(Status.Written)
    expect(map.put(1_000_000, 1)).toBe(Status.Written)
  })
})
