// The owner word of a participant: one worker's place in the map, with its caches, its stripe and its area.
//
//    63                              32 31                          2 1     0
//   +----------------------------------+-----------------------------+-------+
//   | generation (32)                  | thread (30), 0 unknown      | state |
//   +----------------------------------+-----------------------------+-------+
//
// The low 12 bits of the generation are the owner's ticket. A worker passes `me` to every call: the number of its area
// above its ticket. Law: the generation grows at every change of owner; nothing of the map's content depends on it.
// Reaped: the caches were taken back, but the area is nobody else's until its owner is known to have ended.

import { Word, high, low, pack } from '../memory'

export const enum MeBits { Ticket = 0xfff, AreaShift = 12 }
export enum Participant { Vacant, Invited, Owned, Reaped }
export enum ParticipantStep { Join = 70, Invite = 71, Accept = 72, Leave = 73, Reap = 74, ReapInvited = 75, Vacate = 76 }

export function participantState(word: Word): Participant { return (low(word) & 3) as Participant }
export function threadOf(word: Word): i32 { return low(word) >>> 2 }
export function participantWord(generation: i32, thread: i32, state: Participant): Word { return pack(generation, thread << 2 | state) }
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
    [ParticipantStep.Leave,       'leave',        'Owned',   'Vacant',  'leave',  ''],
    [ParticipantStep.Reap,        'reap',         'Owned',   'Reaped',  'reap',   ''],
    [ParticipantStep.ReapInvited, 'reap invited', 'Invited', 'Reaped',  'reap',   ''],
    [ParticipantStep.Vacate,      'vacate',       'Reaped',  'Vacant',  'vacate', ''],
  ])
