import { describe, expect, it } from 'vitest'
import { DIGITS, bytesOf, textOf } from '../../lib/backend/carried'

const ALL = Array.from({ length: 256 }, (_, byte) => byte)

describe('bytes as text', () => {
  it('come back, every byte beside every other', () => {
    const bytes = Uint8Array.from(ALL.flatMap(a => ALL.flatMap(b => [a, b])))
    expect(Buffer.compare(bytesOf(textOf(bytes)), bytes)).toBe(0)
    expect([...bytesOf('')]).toEqual([])
  })

  it('have a text of their own each, of characters that no string has to escape', () => {
    expect(new Set(ALL.map(byte => textOf(Uint8Array.of(byte)))).size).toBe(256)
    expect([...DIGITS].every(digit => digit >= ' ' && digit <= '~' && !'\'"`\\$'.includes(digit))).toBe(true)
    expect(new Set(DIGITS).size).toBe(DIGITS.length)
  })
})
