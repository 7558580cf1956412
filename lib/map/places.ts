// Who has the places of a map, and how those are taken back whose threads have ended.

import type { Kernel } from '../backend/kernel'
import { CorruptedError } from '../errors'
import { AREA_CELLS, Area, At } from '../kernel/layout'
import { MeBits, Participant } from '../kernel/words/participant'
import { hasEnded, thisThread } from './thread'

/** A map, as one who has no place in it may use it, or who had one (`me`) and may have given it back. */
export interface Bare { readonly kernel: Kernel, readonly at: number, readonly me?: number }

/** How many places a map has. */
export const placesOf = ({ kernel, at }: Bare): number => kernel.lowAt(at + At.Shape)

/** The number that the owner of an area has in one generation of its owner word. */
export const numberOf = (area: number, generation: number): number => area << MeBits.AreaShift | generation & MeBits.Ticket

/** The number of an area's owner as `reap` takes it, also of one that was reaped; 0 if the place is vacant. */
export function participantAt({ kernel, at }: Bare, area: number): number {
  const state = kernel.ownerState(at, area), reaped = state === Participant.Reaped ? 1 : 0
  return state === Participant.Vacant ? 0 : numberOf(area, kernel.highAt(at + area * AREA_CELLS + Area.Owner) - reaped)
}

/** The numbers of all areas that ever had an owner. */
export const areasOf = ({ kernel, at }: Bare): number[] => Array.from({ length: kernel.placesTaken(at) }, (_, n) => n + 1)

/**
 * Takes back what a participant left behind: whether there was such a one. Then a clear that somebody has decided is carried out, so
 * that nothing that a reaped worker began takes effect any more once this returns.
 */
export function takeBack(map: Bare, participant: number, ended: boolean): boolean {
  // A WebAssembly function answers with a number.
  const reaped = Boolean(map.kernel.reap(map.at, participant, ended))
  if (map.kernel.clearIsDecided(map.at)) settleClear(map)
  return reaped
}

/**
 * Carries a decided clear out, in this worker's place; where it has none any more, in one that it takes for the time being: the
 * place of the reaped, if no other. Only where its worker may still live and all others are taken, the clear is left to the next write.
 */
function settleClear({ kernel, at, me = 0 }: Bare): void {
  const own = me !== 0 && Boolean(kernel.owns(at, me)), place = own ? me : kernel.join(at, thisThread().number)
  if (place === 0) return
  try {
    if (kernel.settleClear(at, place)) return
    throw new CorruptedError('A clear could not be carried out: the words of the map contradict each other. Create a new map.')
  } finally {
    if (!own) kernel.leave(at, place)
  }
}

/** Takes back all that a thread left behind, which is known to have ended. */
export function takeBackThread(map: Bare, thread: number): void {
  for (const area of areasOf(map)) {
    if (map.kernel.ownerThread(map.at, area) !== thread + 1) continue
    const participant = participantAt(map, area)
    if (participant !== 0) takeBack(map, participant, true)
  }
}

/** Whether a thread has a place. */
export function hasThread(map: Bare, thread: number): boolean {
  return areasOf(map).some(area => map.kernel.ownerThread(map.at, area) === thread + 1)
}

// --- the ended, where the platform can tell

interface Owner { readonly participant: number, readonly high: number, readonly low: number }

/**
 * The owner of an area whose thread holds a lock while it lives. The number comes first: a name that is read later can only be
 * a later owner's, and then the number is stale.
 */
function ownerAt({ kernel, at }: Bare, area: number): Owner | undefined {
  const participant = kernel.guardedOwner(at, area), life = at + area * AREA_CELLS + Area.Life
  return participant === 0 ? undefined : { participant, high: kernel.highAt(life), low: kernel.lowAt(life) }
}

/** Takes back the places of those of some areas' owners whose threads have surely ended: how many. */
export async function takeBackEnded(map: Bare, areas: readonly number[] = areasOf(map)): Promise<number> {
  const owners = areas.map(area => ownerAt(map, area)).filter(owner => owner !== undefined)
  const ended = await Promise.all(owners.map(({ high, low }) => hasEnded(high, low)))
  return owners.filter(({ participant }, n) => ended[n] === true && takeBack(map, participant, true)).length
}

/** Milliseconds after which one who was told to end is asked after. */
const LATER = [10, 100, 1000, 10_000]

/** Takes the place of a participant back once its thread has ended, which it was told to do, where the platform can tell. */
export async function takeBackSoon(map: Bare, participant: number): Promise<void> {
  const owner = ownerAt(map, participant >>> MeBits.AreaShift)
  if (owner?.participant !== participant) return
  for (const wait of LATER) {
    await new Promise(resolve => setTimeout(resolve, wait))
    if (!await hasEnded(owner.high, owner.low)) continue
    takeBack(map, participant, true)
    return
  }
}

/** How many owners are asked after at once, where nobody waits for the answer. */
const ASKED = 64
const asking = new Set<string>()

/** Whether more than half of the places are in use. */
function isCrowded(map: Bare): boolean {
  const places = placesOf(map), areas = areasOf(map)
  return areas.length * 2 > places && areas.filter(area => map.kernel.ownerState(map.at, area) !== Participant.Vacant).length * 2 > places
}

/** Some areas, from a random one on. */
function someOf(areas: readonly number[]): number[] {
  const from = Math.floor(Math.random() * areas.length)
  return [...areas.slice(from), ...areas.slice(0, from)].slice(0, ASKED)
}

/**
 * When few places are left, looks in the background for some whose threads have ended, so that those who come next find
 * them vacant. `all` looks at every place, after one was missing.
 */
export function lookForEnded(map: Bare, identity: string, all = false): void {
  if (asking.has(identity) || !all && !isCrowded(map)) return
  asking.add(identity)
  const areas = areasOf(map)
  // Nobody waits for it, and it throws nothing but what a corrupted buffer makes the kernel throw: whoever uses the map next gets that.
  takeBackEnded(map, all ? areas : someOf(areas)).catch(() => {}).finally(() => asking.delete(identity))
}
