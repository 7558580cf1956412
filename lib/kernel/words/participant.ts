// The owner word of a participant: one worker's place in the map, with its stripe and its area.
//
//    63                              32 31                     3    2    1     0
//   +----------------------------------+------------------------+------+-------+
//   | generation (32)                  | thread (29), 0 unknown | Guard| state |
//   +----------------------------------+------------------------+------+-------+
//
// The low 19 bits of the generation are the owner's ticket. A worker passes `me` to every call: the number of its area
// above its ticket. Law: the generation grows at every change of owner; nothing of the map's content depends on it.
// Reaped: its owner may write no more, but the area is nobody else's until it is known to have ended.
// Guarded: the owner's thread holds the lock that its area names (`Area.Life`), and will until it ends. Set only once it
// holds it, so that a lock which is free says that the thread has ended.

import { Word, high, low, pack } from '../memory'

export const enum MeBits { Ticket = 0x7ffff, AreaShift = 19 }
/** Most places that `me` can number and stay a positive 32-bit integer. */
export const MOST_PLACES: i32 = 4095
export const enum OwnerBits { State = 3, Guarded = 4, ThreadShift = 3 }
export enum Participant { Vacant, Invited, Owned, Reaped }
export enum ParticipantStep { Join = 70, Invite = 71, Accept = 72, Leave = 73, Reap = 74, ReapInvited = 75, Vacate = 76, Guard = 77 }

export function participantState(word: Word): Participant { return (low(word) & OwnerBits.State) as Participant }
export function threadOf(word: Word): i32 { return low(word) >>> OwnerBits.ThreadShift }
export function isGuarded(word: Word): boolean { return (low(word) & OwnerBits.Guarded) !== 0 }
export function participantWord(generation: i32, thread: i32, state: Participant): Word {
  return pack(generation, thread << OwnerBits.ThreadShift | state)
}
export function guardedWord(seen: Word): Word { return pack(high(seen), low(seen) | OwnerBits.Guarded) }
/** The next generation: its thread and its guard are remembered. */
export function reapedWord(seen: Word): Word { return pack(high(seen) + 1 | 0, low(seen) & ~OwnerBits.State | Participant.Reaped) }
export function ticketOf(word: Word): i32 { return high(word) & MeBits.Ticket }
export function ticketIn(me: i32): i32 { return me & MeBits.Ticket }
export function areaIn(me: i32): i32 { return me >>> MeBits.AreaShift }
export function meOf(area: i32, owner: Word): i32 { return area << MeBits.AreaShift | high(owner) & MeBits.Ticket }

// steps

import { wordKind } from '../step'

export const PARTICIPANT = /* @__PURE__ */ wordKind('participant', ['Vacant', 'Invited', 'Owned', 'Reaped'], word => Participant[participantState(word)]!,
  (seen, next) => high(next) === high(seen) || high(next) === (high(seen) + 1 | 0), [
    [ParticipantStep.Join,        'join',         'Vacant',  'Owned',   'enter',  ''],
    [ParticipantStep.Invite,      'invite',       'Vacant',  'Invited', 'enter',  ''],
    [ParticipantStep.Accept,      'accept',       'Invited', 'Owned',   'accept', ''],
    [ParticipantStep.Guard,       'guard',        'Owned',   'Owned',   'guard',  ''],
    [ParticipantStep.Leave,       'leave',        'Owned',   'Vacant',  'leave',  ''],
    [ParticipantStep.Reap,        'reap',         'Owned',   'Reaped',  'reap',   ''],
    [ParticipantStep.ReapInvited, 'reap invited', 'Invited', 'Reaped',  'reap, decline', ''],
    [ParticipantStep.Vacate,      'vacate',       'Reaped',  'Vacant',  'vacate', ''],
  ])
