import { describe, expect, it } from 'vitest'
import { Footprint, Footprints } from '../../lib/harness/footprints'
import type { Place } from '../../lib/harness/tree'

const placeOn = (cell: number): Place => ({ cell, footprint: new Footprint() }) as unknown as Place

describe('footprints', () => {
  const chain = (): { footprints: Footprints, first: Place, middle: Place, last: Place } => {
    const footprints = new Footprints(), [first, middle, last] = [placeOn(1), placeOn(2), placeOn(3)] as [Place, Place, Place]
    footprints.link(first, middle)
    footprints.link(middle, last)
    return { footprints, first, middle, last }
  }

  it('hold what the place and all that follow it access, whatever comes to be known first', () => {
    const { footprints, first, middle, last } = chain()
    footprints.note(last, true)
    footprints.note(first, false)
    const before = placeOn(4)
    footprints.link(before, first)
    const commute = (reads: boolean, place: Place): boolean[] => [1, 2, 3].map(cell => footprints.commutes(cell, reads, place))
    expect([before, first, middle, last].map(place => commute(true, place))).toEqual([[true, true, false], [true, true, false], [true, true, false], [true, true, false]])
    expect([before, first, middle, last].map(place => commute(false, place))).toEqual([[false, true, false], [false, true, false], [true, true, false], [true, true, false]])
  })

  it('know places that lead back to themselves', () => {
    const { footprints, first, last } = chain()
    footprints.link(last, first)
    footprints.note(first, true)
    expect(footprints.commutes(1, true, last)).toBe(false)
  })

  it.each([
    ['a write, where a read was to commute', true, true, true], ['a read, where a read was to commute', true, false, false],
    ['a write, where a write was to commute', false, true, true], ['a read, where a write was to commute', false, false, true],
  ])('tell the search of %s', (_, reads, writes, mistaken) => {
    const { footprints, first, last } = chain()
    footprints.rely(3, reads, first)
    footprints.note(last, writes)
    expect(footprints.mistaken).toBe(mistaken)
  })

  it('tell it of nothing that lies behind, nor of what was known before', () => {
    const { footprints, first, middle, last } = chain()
    footprints.note(middle, true)
    footprints.rely(1, true, middle)
    footprints.note(first, true)
    footprints.note(middle, true)
    expect([footprints.mistaken, footprints.commutes(1, true, last)]).toEqual([false, true])
  })

  it('say more than is true, and never less, of more cells than there are bits', () => {
    const footprints = new Footprints(), places = Array.from({ length: 2000 }, (_, cell) => placeOn(cell)), root = placeOn(0)
    for (const place of places) footprints.link(root, place)
    places.forEach((place, cell) => { if (cell % 7 === 0) footprints.note(place, true) })
    expect(places.filter((_, cell) => cell % 7 === 0 && footprints.commutes(cell, true, root))).toEqual([])
  })
})
