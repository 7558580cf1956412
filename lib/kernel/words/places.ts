// How many places were ever taken: areas 1 to this number have had an owner, those beyond were never touched.
//
//    63                              32 31                                0
//   +----------------------------------+----------------------------------+
//   | 0                                | places ever taken (32)           |
//   +----------------------------------+----------------------------------+
//
// Laws: it only grows, to the number of places at most; and it is raised before a place is taken for the first time. So
// whoever looks at the places up to it has looked at all that have a stripe, a hint or an owner, and a map of a thousand
// places costs no more than those that are used.

import { Word, load, low, pack } from '../memory'
import { swap } from '../step'
import { At, participants } from '../layout'

export enum PlacesStep { Raise = 80 }

/** The number of places that were ever taken. A corrupted word does not lead beyond the areas. */
export function placesTaken(map: i32): i32 {
  const taken = low(load(map + At.Places)), most = participants(map)
  return taken < 0 || taken > most ? most : taken
}

/** Sees to it that the places up to `area` count as taken. */
export function raisePlaces(map: i32, area: i32): void {
  while (true) {
    const seen: Word = load(map + At.Places)
    if (low(seen) >= area || swap(map + At.Places, seen, pack(0, area), PlacesStep.Raise)) return
  }
}

// steps

import { wordKind } from '../step'

export const PLACES = /* @__PURE__ */ wordKind('places', ['Set'], () => 'Set', (seen, next) => low(next) > low(seen), [
  [PlacesStep.Raise, 'raise', 'Set', 'Set', 'raisePlaces', ''],
])
