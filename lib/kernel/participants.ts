// Who takes part. A participant may be reaped while it lives, and loses nothing but its place.

import { Word, load, pack, poke, store } from './memory'
import { swap } from './step'
import { Area, Field, Hint, areaAt, fieldsOf, hintsOf, participants } from './layout'
import { noteFreed } from './blocks'
import {
  MeBits, Participant, ParticipantStep, areaIn, guardedWord, isGuarded, meOf, participantState, participantWord, reapedWord, threadOf, ticketIn,
  ticketOf,
} from './words/participant'
import { raisePlaces } from './words/places'
import { generationOf } from './words/root'

/** Fields that outlive an operation: a new owner starts without the old one's. */
function forgetFields(map: i32, me: i32): void {
  const fields = fieldsOf(map, me)
  poke(fields, Field.Room, 0)
  poke(fields, Field.Deletes, 0)
  poke(fields, Field.Helps, 0)
  poke(fields, Field.Started, 0)
  poke(fields, Field.Promoted, 0)
  poke(fields, Field.HeldRecord, 0)
  poke(fields, Field.KeyRecord, 0)
  poke(fields, Field.NextRecord, 0)
  // Group 1 begins beside group 0, its page words perhaps in one line with theirs: nobody begins there.
  poke(hintsOf(map, me), Hint.Group, areaIn(me) === 1 ? 0 : areaIn(me))
  for (let hint = Hint.Group + 1; hint <= Hint.LargestDeletes; hint++) poke(hintsOf(map, me), hint, 0)
  poke(hintsOf(map, me), Hint.AsideAt, -1)
}

/** Whether the caller is the owner of its place: false once it has left or was reaped. */
export function owns(map: i32, me: i32): boolean { return isPlace(map, me) && isOwned(load(areaAt(map, areaIn(me)) + Area.Owner), me) }

function isOwned(word: Word, me: i32): boolean { return isIn(word, me, Participant.Owned) }
function isInvited(word: Word, me: i32): boolean { return isIn(word, me, Participant.Invited) }
function isIn(word: Word, me: i32, state: Participant): boolean { return ticketOf(word) === ticketIn(me) && participantState(word) === state }
function isPlace(map: i32, me: i32): boolean { return areaIn(me) >= 1 && areaIn(me) <= participants(map) }

/** Takes a vacant place in the given state: `me`, or 0 when there is none. */
function enter(map: i32, thread: i32, state: Participant, step: ParticipantStep): i32 {
  for (let area = 1; area <= participants(map); area++) {
    const at = areaAt(map, area) + Area.Owner, seen = load(at)
    if (participantState(seen) !== Participant.Vacant) continue
    // Before the place is taken [C]: else a kill in between would hide its owner from all who look for the ended.
    raisePlaces(map, area)
    const next = participantWord(generationOf(seen) + 1 | 0, thread, state)
    if (!swap(at, seen, next, step)) continue
    const me = meOf(area, next)
    if (state === Participant.Owned) forgetFields(map, me)
    return me
  }
  return 0
}

/** Joins as a participant: `me`, or 0 when every place is taken. */
export function join(map: i32, thread: i32): i32 { return enter(map, thread, Participant.Owned, ParticipantStep.Join) }

/** Keeps a place for a worker that is still to come: `me` of that worker, or 0 when every place is taken. */
export function invite(map: i32): i32 { return enter(map, 0, Participant.Invited, ParticipantStep.Invite) }

/** Takes the place that `invite` kept. False if it was reaped or taken meanwhile. */
export function accept(map: i32, me: i32, thread: i32): boolean {
  const at = areaAt(map, areaIn(me)) + Area.Owner, seen = load(at)
  if (!isInvited(seen, me)) return false
  if (!swap(at, seen, participantWord(generationOf(seen), thread, Participant.Owned), ParticipantStep.Accept)) return false
  forgetFields(map, me)
  return true
}

/** Gives back the place that `invite` kept and that nobody has accepted. False if somebody did, or it was reaped. */
export function decline(map: i32, me: i32): boolean {
  if (!isPlace(map, me)) return false
  const at = areaAt(map, areaIn(me)) + Area.Owner, seen = load(at)
  if (!isInvited(seen, me)) return false
  const next = reapedWord(seen)
  // If an `accept` comes first, ours fails, and the place is its owner's; if ours does, the `accept` fails and joins elsewhere.
  return swap(at, seen, next, ParticipantStep.ReapInvited) && settleOwner(map, areaIn(me), next, true)
}

/**
 * Notes that the caller's thread holds the lock of that name, and will until it ends. False if the place is not the
 * caller's any more: a mark there would speak for somebody else.
 */
export function guard(map: i32, me: i32, lifeHigh: i32, lifeLow: i32): boolean {
  const area = areaAt(map, areaIn(me)), seen = load(area + Area.Owner)
  if (!isOwned(seen, me)) return false
  // The name before the mark [C]: whoever sees the mark reads this owner's name.
  store(area + Area.Life, pack(lifeHigh, lifeLow))
  return isGuarded(seen) || swap(area + Area.Owner, seen, guardedWord(seen), ParticipantStep.Guard)
}

/** The `me` of an area's owner, also of one that was reaped, if its thread holds a lock while it lives; else 0. */
export function guardedOwner(map: i32, area: i32): i32 {
  const seen = load(areaAt(map, area) + Area.Owner), state = participantState(seen)
  if (!isGuarded(seen) || state !== Participant.Owned && state !== Participant.Reaped) return 0
  return state === Participant.Owned ? meOf(area, seen) : area << MeBits.AreaShift | formerTicket(seen)
}

/** The ticket of the owner that was reaped. */
function formerTicket(reaped: Word): i32 { return ticketOf(reaped) - 1 & MeBits.Ticket }

/** Leaves for good. */
export function leave(map: i32, me: i32): void {
  if (!owns(map, me)) return
  const at = areaAt(map, areaIn(me)) + Area.Owner, seen = load(at)
  if (isOwned(seen, me)) swap(at, seen, participantWord(generationOf(seen), 0, Participant.Vacant), ParticipantStep.Leave)
}

/**
 * Takes back the place of a participant. Anyone may call it, any number of times; a stale `me` does nothing.
 * `ended` says that its worker is known to have ended, so that its place may be given to another.
 * True if `me` was there to be reaped, or is reaped already.
 */
export function reap(map: i32, me: i32, ended: boolean): boolean {
  if (!isPlace(map, me)) return false
  const at = areaAt(map, areaIn(me)) + Area.Owner, seen = load(at), state = participantState(seen)
  if (state === Participant.Vacant) return false
  // Reaped before: by its old ticket it can be reaped on, after a kill in mid-reap, or vacated now that it has ended.
  if (state === Participant.Reaped) return ticketIn(me) === formerTicket(seen) && settleOwner(map, areaIn(me), seen, ended)
  if (ticketOf(seen) !== ticketIn(me)) return false
  const next = reapedWord(seen)
  if (!swap(at, seen, next, state === Participant.Owned ? ParticipantStep.Reap : ParticipantStep.ReapInvited)) return reap(map, me, ended)
  // What its claims kept from others can be had now: whoever looked in vain looks again.
  noteFreed(map, me, 1)
  // An invitation that was never taken up has no owner who could still be alive.
  return settleOwner(map, areaIn(me), next, ended || state === Participant.Invited)
}

function settleOwner(map: i32, area: i32, reaped: Word, ended: boolean): boolean {
  if (ended) vacate(map, area, reaped)
  return true
}

function vacate(map: i32, area: i32, reaped: Word): void {
  swap(areaAt(map, area) + Area.Owner, reaped, participantWord(generationOf(reaped), 0, Participant.Vacant), ParticipantStep.Vacate)
}

/** The `me` of the area's present owner, or 0 if it has none. */
export function ownerOf(map: i32, area: i32): i32 {
  const seen = load(areaAt(map, area) + Area.Owner), state = participantState(seen)
  return state === Participant.Owned || state === Participant.Invited ? meOf(area, seen) : 0
}
export function ownerThread(map: i32, area: i32): i32 { return threadOf(load(areaAt(map, area) + Area.Owner)) }
export function ownerState(map: i32, area: i32): i32 { return participantState(load(areaAt(map, area) + Area.Owner)) }
