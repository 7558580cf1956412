import { describe, expect, it } from 'vitest'
import { DIGITS, bytesOf } from '../../lib/backend/carried'

const ones = DIGITS.length - 2
const textOf = (byte: number): string => byte < ones ? DIGITS[byte]! : DIGITS[ones - 1 + Math.floor(byte / ones)]! + DIGITS[byte % ones]!
const ALL = Array.from({ length: 256 }, (_, byte) => byte)

describe('bytes as text', () => {
  it('come back, every byte beside every other', () => {
    const bytes = ALL.flatMap(a => ALL.flatMap(b => [a, b]))
    expect(Buffer.compare(bytesOf(bytes.map(textOf).join('')), Uint8Array.from(bytes))).toBe(0)
    expect([...bytesOf('')]).toEqual([])
  })

  it('have a text of their own each, of characters that no string has to escape', () => {
    expect(new Set(ALL.map(textOf)).size).toBe(256)
    expect([...DIGITS].every(digit => digit >= ' ' && digit <= '~' && !'\'"`\\$'.includes(digit))).toBe(true)
    expect(new Set(DIGITS).size).toBe(DIGITS.length)
  })
})
