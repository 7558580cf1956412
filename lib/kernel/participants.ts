// Who takes part. A participant is needed for speed and housekeeping only: it may be reaped while it lives and loses
// no more than its caches, and a worker that finds none free is a guest with an area of its own in a block.

import { Word, cas, load, low, pack, poke, store } from './memory'
import { swap } from './step'
import { AREA_CELLS, Area, At, Field, GUESTS, PARTICIPANT_CLASSES, areaAt, fieldsOf, participants } from './layout'
import { MeBits, Participant, ParticipantStep, areaIn, meOf, participantState, participantWord, threadOf, ticketIn, ticketOf } from './words/participant'
import { generationOf } from './words/root'
import { adoptCaches, allocate, freeBlock, popCache, pushShared, sealBlock } from './blocks'

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
}

/** Whether the caller is still the owner of its place: false once it was reaped. */
export function owns(map: i32, me: i32): boolean {
  return ticketOf(load(areaAt(map, areaIn(me)) + Area.Owner)) === ticketIn(me)
}

/** Takes a vacant place in the given state: `me`, or 0 when there is none. */
function enter(map: i32, thread: i32, state: Participant, step: ParticipantStep): i32 {
  for (let area = 1; area <= participants(map); area++) {
    const at = areaAt(map, area) + Area.Owner, seen = load(at)
    if (participantState(seen) !== Participant.Vacant) continue
    const next = participantWord(generationOf(seen) + 1 | 0, thread, state)
    if (!swap(at, seen, next, step)) continue
    // A kill here leaves some caches with the old ticket: whoever reaps this place adopts those too.
    adoptCaches(map, area, ticketOf(next))
    const me = meOf(area, next)
    if (state === Participant.Owned) forgetFields(map, me)
    return me
  }
  return 0
}

/** Joins as a participant, or as a guest when every place is taken: `me`, or 0 when there is no memory for a guest. */
export function join(map: i32, thread: i32): i32 {
  const me = enter(map, thread, Participant.Owned, ParticipantStep.Join)
  return me !== 0 ? me : joinAsGuest(map)
}

/** Keeps a place for a worker that is still to come: `me` of that worker, or 0 when every place is taken. */
export function invite(map: i32): i32 { return enter(map, 0, Participant.Invited, ParticipantStep.Invite) }

/** Takes the place that `invite` kept. False if it was reaped or taken meanwhile. */
export function accept(map: i32, me: i32, thread: i32): boolean {
  const at = areaAt(map, areaIn(me)) + Area.Owner, seen = load(at)
  if (ticketOf(seen) !== ticketIn(me) || participantState(seen) !== Participant.Invited) return false
  if (!swap(at, seen, participantWord(generationOf(seen), thread, Participant.Owned), ParticipantStep.Accept)) return false
  forgetFields(map, me)
  return true
}

/** The area that lies wholly in a guest's block. */
function guestArea(block: i32): i32 { return (block << 1) + 1 + AREA_CELLS >>> 10 }

/** An area in a block of two areas' size, because areas are aligned and blocks are not. */
function joinAsGuest(map: i32): i32 {
  const block = allocate(map, 0, AREA_CELLS * 16 - 16, 0)
  if (block === 0) return 0
  sealBlock(map, block)
  const area = guestArea(block)
  for (let n = 0; n < AREA_CELLS; n++) store(areaAt(map, area) + n, pack(0, 0))
  store(areaAt(map, area) + Area.Owner, participantWord(1, 0, Participant.Owned))
  store(areaAt(map, area) + Area.GuestBlock, pack(0, block))
  if (noteGuest(map, 0, block)) return area << MeBits.AreaShift | 1
  freeBlock(map, 0, block)
  return 0
}

/** The guests' blocks are listed, so that `repair` does not take them for lost ones. False when the list is full. */
function noteGuest(map: i32, from: i32, to: i32): boolean {
  for (let n = 0; n < GUESTS; n++) {
    if (low(load(map + At.Guests + n)) !== from) continue
    if (cas(map + At.Guests + n, pack(0, from), pack(0, to)) === pack(0, from)) return true
  }
  return false
}

/** Leaves for good: what the caches hold goes back to everybody. */
export function leave(map: i32, me: i32): void {
  if (areaIn(me) > participants(map)) return leaveAsGuest(map, me)
  if (!owns(map, me)) return
  giveBack(map, areaIn(me), ticketIn(me))
  const at = areaAt(map, areaIn(me)) + Area.Owner, seen = load(at)
  if (ticketOf(seen) === ticketIn(me)) swap(at, seen, participantWord(generationOf(seen), 0, Participant.Vacant), ParticipantStep.Leave)
}

function leaveAsGuest(map: i32, me: i32): void {
  const block = low(load(areaAt(map, areaIn(me)) + Area.GuestBlock))
  // A guest that has left before finds somebody else's bytes there, or its block in the list no more.
  if (guestArea(block) === areaIn(me) && noteGuest(map, block, 0)) freeBlock(map, 0, block)
}

/** Moves each cached block to the shared lists, one at a time: a kill in between loses the one in hand. */
function giveBack(map: i32, area: i32, ticket: i32): void {
  for (let c = 0; c < PARTICIPANT_CLASSES; c++) {
    while (true) {
      const block = popCache(map, area, ticket, c)
      if (block <= 0) break
      pushShared(map, c, block)
    }
  }
}

/**
 * Takes back what a participant left behind. Anyone may call it, any number of times; a stale `me` does nothing.
 * `ended` says that its worker is known to have ended, so that its place and area may be given to another.
 * True if `me` was there to be reaped, or is reaped already.
 */
export function reap(map: i32, me: i32, ended: boolean): boolean {
  if (areaIn(me) < 1 || areaIn(me) > participants(map)) return false
  const at = areaAt(map, areaIn(me)) + Area.Owner, seen = load(at), state = participantState(seen)
  if (state === Participant.Vacant) return false
  // Reaped before: by its old ticket it can be reaped on, after a kill in mid-reap, or vacated now that it has ended.
  if (state === Participant.Reaped) return ticketIn(me) === (ticketOf(seen) - 1 & MeBits.Ticket) && drain(map, areaIn(me), seen, ended)
  if (ticketOf(seen) !== ticketIn(me)) return false
  const next = participantWord(generationOf(seen) + 1 | 0, threadOf(seen), Participant.Reaped)
  if (!swap(at, seen, next, state === Participant.Owned ? ParticipantStep.Reap : ParticipantStep.ReapInvited)) return reap(map, me, ended)
  // An invitation that was never taken up has no owner who could still be alive.
  return drain(map, areaIn(me), next, ended || state === Participant.Invited)
}

function drain(map: i32, area: i32, reaped: Word, ended: boolean): boolean {
  adoptCaches(map, area, ticketOf(reaped))
  giveBack(map, area, ticketOf(reaped))
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
