import { describe, expect, it } from 'vitest'
import { ABSENT, ANY, EncodingError, PRESENT } from '../../lib/index'
import type { Codec } from '../../lib/codec/codec'
import { BACKENDS } from '../support/kernels'
import { tinyMap } from '../support/maps'

/** A codec that would take anything, tokens too. */
const greedy: Codec<any> = { encode: value => Uint8Array.of(typeof value === 'symbol' ? 1 : 0), decode: () => 'decoded' }

describe.each(BACKENDS)('a token is no value, %s', backend => {
  const maps = { 'no codec': tinyMap<any, any>({ backend }), 'a codec that takes anything': tinyMap<any, any>({ backend, values: greedy }) }
  const tokens = { ABSENT, ANY, PRESENT }
  const cases = Object.entries(maps).flatMap(([name, map]) => Object.entries(tokens).map(([token, value]) => [token, name, map, value] as const))

  it.each(cases)('%s is refused wherever a value is needed, with %s, and nothing is deleted', (name, _, map, token) => {
    map.set('k', 1)
    const before = map.get('k')
    const calls = [
      () => map.set('k', token), () => map.swap('k', token), () => map.getOrInsert('k', token), () => map.getOrInsert('none', token),
      () => map.replace('k', token), () => map.setMany([['k', token]]), () => map.setMany([[1, 1], [2, token]]),
      ...token === ABSENT ? [] : [() => map.compareAndSet('k', before, token), () => map.putIfMatch('k', ANY, token)],
    ]
    for (const call of calls) {
      expect(call).toThrow(EncodingError)
      expect(call).toThrow(new RegExp(`${name} is a token and no value.*to delete, use delete`))
    }
    expect([map.get('k'), map.has('none')]).toEqual([before, false])
  })

  it('but ABSENT deletes as what comes next in a conditional write', () => {
    for (const map of Object.values(maps)) {
      map.set('k', 1)
      expect(map.compareAndSet('k', ABSENT, ABSENT)).toBe(false)
      expect(map.compareAndSet('k', PRESENT, ABSENT)).toBe(true)
      expect(map.set('k', 1).putIfMatch('k', ANY, ABSENT)).toMatchObject({ written: true, found: true })
      expect(map.has('k')).toBe(false)
    }
  })
})

describe('an absent key', () => {
  it('is ABSENT to a conditional write, and not undefined, which is a value', () => {
    const map = tinyMap<any, any>()
    expect([map.get('k'), map.compareAndSet('k', map.get('k'), 1)]).toEqual([undefined, false])
    expect(map.compareAndSet('k', ABSENT, undefined)).toBe(true)
    expect([map.has('k'), map.get('k'), map.compareAndSet('k', undefined, 2), map.get('k')]).toEqual([true, undefined, true, 2])
    expect(map.putIfMatch('other', undefined, 1)).toEqual({ written: false, found: false, previous: undefined })
  })
})
