// The programs on which the map is checked: every pair of operations, on one key and on keys that collide, from every
// stage of a resize; three threads across one; those who come, go and are reaped; stalls over several tables; and the hot
// paths and many keys in one call.

import { beginningOf, callAlone } from '../alone'
import { Successor } from '../../kernel/words/successor'
import type { Call, Program, System } from '../system'

/** A program to explore, and how. */
export interface Scenario {
  readonly name: string
  readonly program: Program
  readonly kills: number
  /** Whether a resize is going on, or may begin: for the figures of progress. */
  readonly resize: boolean
  /** Most states, where a search that is cut is not worth more. */
  readonly maxStates?: number
}

/** Numbers from 1 whose hash is as it should be, the first `count` of them. */
function keysWhere(system: System, count: number, isRight: (hash: number) => boolean): number[] {
  const { alone } = beginningOf(system, 1), keys: number[] = []
  for (let key = 1; keys.length < count; key++) if (isRight(callAlone(system, alone, ['hashOf', key]) as number)) keys.push(key)
  return keys
}

/** Of sixteen slots; of four it is the second, so that a copy that has come half way has been there. */
const HOME = 7

/** Numbers whose keys all have the same home, in tables of up to 16 slots. */
export function collidingKeys(system: System, count: number): number[] { return keysWhere(system, count, hash => hash >>> 28 === HOME) }

/** A number whose key has the same home as another's, and the same pieces of its hash in the key word. */
export function likeKey(system: System, key: number): number {
  const hash = callAlone(system, beginningOf(system, 1).alone, ['hashOf', key]) as number
  return keysWhere(system, 2, other => other >>> 28 === hash >>> 28 && (other & 255) === (hash & 255)).find(other => other !== key)!
}

/** Whether a call takes a way that only integers can. */
export const isHot = ([name]: Call): boolean => ['set', 'read', 'remove', 'setMany', 'readMany'].includes(name)

const SLOTS = 4

/** The stages at which a program begins; `present` are the keys that are there, `gone` is one that was. */
function stages(present: readonly Call[], more: readonly Call[], gone: Call): Readonly<Record<string, readonly Call[]>> {
  const install: Call = ['install', Successor.Copy], copy = (to: number): Call => ['copyChunks', 0, to]
  return {
    'no resize': present,
    'about to grow': [...present, ...more],
    'a deleted key': [...present, gone, ['delete', gone[1]]],
    'successor installed': [...present, install],
    'half copied': [...present, install, copy(SLOTS / 2)],
    'all dead, not promoted': [...present, install, copy(SLOTS)],
    'promoted, not swept': [...present, install, copy(SLOTS), ['promote']],
    'half swept': [...present, install, copy(SLOTS), ['promote'], ['helpSweep', SLOTS / 2]],
    'region being reused': [...present, ['resize'], ['quiesce'], install],
  }
}

/** The operations of the matrix on a key that is there with the value 1 and one that is not. */
function operations(key: number, absent: number): Readonly<Record<string, Call>> {
  return {
    get: ['get', key], 'put new': ['put', absent, 6], 'put existing': ['put', key, 5], delete: ['delete', key], putIfAbsent: ['putIfAbsent', key, 7],
    compareAndSet: ['compareAndSet', key, 1, 9], add: ['add', key, 2], clear: ['clear'],
  }
}

/** Every pair of the eight operations, from each stage, on one key or on two that collide; any one thread may be killed. */
export function pairs(system: System): Scenario[] {
  const [a, b, c, d, e] = collidingKeys(system, 5) as [number, number, number, number, number], all: Scenario[] = []
  const layouts = {
    'one key': [[['put', a, 1]], operations(a, c), operations(a, c)],
    'two colliding keys': [[['put', a, 1], ['put', b, 1]], operations(a, c), operations(b, c)],
  } as const
  for (const [layout, [present, first, second]] of Object.entries(layouts)) {
    const more: Call[] = [['put', d, 1], ['put', e, 1]].slice(present.length - 1) as unknown as Call[]
    for (const [stage, prefix] of Object.entries(stages(present as unknown as Call[], more, ['put', e, 1]))) {
      const names = Object.keys(first)
      for (const [n, x] of names.entries()) {
        for (const y of layout === 'one key' ? names.slice(n) : names) {
          const name = `${x} | ${y}, ${layout}, ${stage}`
          all.push({ name, program: { name, prefix, threads: [[first[x]!], [second[y]!]] }, kills: 1, resize: stage !== 'no resize' })
        }
      }
    }
  }
  return all
}

/** Three threads across a resize: the core cases. */
export function triples(system: System): Scenario[] {
  const [a, b, c] = collidingKeys(system, 3) as [number, number, number]
  const ops: Readonly<Record<string, Call>> = { get: ['get', a], put: ['put', a, 5], new: ['put', c, 6], delete: ['delete', a], absent: ['putIfAbsent', a, 7],
    getNew: ['get', c], absentNew: ['putIfAbsent', c, 8], add: ['add', a, 2], clear: ['clear'], resize: ['resize'], install: ['install', Successor.Copy], sweep: ['helpSweep', 2] }
  const core = ['put resize get', 'put delete resize', 'delete absent resize', 'new get resize', 'new absentNew resize', 'add add resize',
    'put put get', 'new new getNew', 'put get delete',
    'clear put get', 'clear clear put', 'new delete get', 'put sweep get']
  return core.flatMap(text => [0, 1].map(kills => {
    const prefix: Call[] = [['put', a, 1], ['put', b, 1]], half: Call[] = [...prefix, ['install', Successor.Copy], ['copyChunks', 0, 2]]
    const names = text.split(' '), name = `${names.join(' | ')}, three threads${kills > 0 ? ', one killed' : ''}`
    return { name, kills, resize: true, program: { name, prefix: names.includes('resize') ? prefix : half, threads: names.map(op => [ops[op]!]) } }
  }))
}

/** One thread stands still while another goes through several tables, clears, and uses regions and blocks again. */
export function stalls(system: System): Scenario[] {
  const [a, b, c] = collidingKeys(system, 3) as [number, number, number], R: Call = ['resize'], C: Call = ['clear'], del: Call = ['delete', a]
  const long: Readonly<Record<string, readonly Call[]>> = {
    'resize, delete, resize, resize': [R, del, R, R], 'resize, put, resize, delete, resize': [R, ['put', a, 5], R, del, R],
    'delete, put new, put, resize': [del, ['put', c, 3], ['put', a, 6], R], 'clear, put new, clear, put, clear': [C, ['put', c, 3], C, ['put', a, 7], C],
    'put, put, put': [['put', a, 5], ['put', a, 6], ['put', a, 1]], 'delete, put, delete': [del, ['put', a, 1], del],
  }
  const short: Readonly<Record<string, Call>> = { get: ['get', a], 'put existing': ['put', a, 4], delete: del, putIfAbsent: ['putIfAbsent', a, 4],
    compareAndSet: ['compareAndSet', a, 1, 4],
    'put new': ['put', c, 4], add: ['add', a, 2], set: ['set', a, 4], 'set new': ['set', c, 4], read: ['read', a], remove: ['remove', a], clear: C, resize: R }
  return Object.entries(long).flatMap(([what, calls]) => Object.entries(short).map(([name, call]) => {
    const text = `${name} | ${what}`
    return { name: text, kills: 0, resize: true, program: { name: text, prefix: [['put', a, 1], ['put', b, 1]] as Call[], threads: [[call], calls] } }
  }))
}

/** The hot paths, and many keys in one call, some there and some not, beside every other operation and each other, from each stage; any one thread may be killed. */
export function bulk(system: System): Scenario[] {
  const [a, b, c, d, e] = collidingKeys(system, 5) as [number, number, number, number, number], present: Call[] = [['put', a, 1], ['put', b, 1]]
  const many: Readonly<Record<string, Call>> = {
    readMany: ['readMany', b, c, a], setMany: ['setMany', [b, 8], [c, 9]], read: ['read', b], set: ['set', b, 8], 'set new': ['set', c, 9], remove: ['remove', b],
  }
  const others: Readonly<Record<string, Call>> = { ...many, ...operations(b, c), 'put another': ['put', d, 3], 'resize': ['resize'] }
  return Object.entries(stages(present, [['put', e, 1]], ['put', e, 1])).flatMap(([stage, prefix]) => Object.entries(many).flatMap(([x, first]) =>
    Object.entries(others).map(([y, second]) => {
      const name = `${x} | ${y}, ${stage}`
      return { name, program: { name, prefix, threads: [[first], [second]] }, kills: 1, resize: stage !== 'no resize' }
    })))
}

/** A keyed table is keyed anew beside other operations; and keys in pieces beside both kinds of resize. Any one thread may be killed. */
export function reseeds(system: System): Scenario[] {
  const [a, b, c] = collidingKeys(system, 3) as [number, number, number]
  const S: Call = ['reseed'], present: Call[] = [['put', a, 1], ['put', b, 1]]
  const pieces: Readonly<Record<string, Call>> = {
    getInPieces: ['getInPieces', a], deleteInPieces: ['deleteInPieces', a], 'get none in pieces': ['getInPieces', c],
  }
  const beside: Readonly<Record<string, Call>> = { resize: ['resize'], delete: ['delete', a], 'put new': ['put', c, 6], clear: ['clear'] }
  const ops: Readonly<Record<string, Call>> = {
    ...operations(a, c), set: ['set', a, 4], read: ['read', a], remove: ['remove', a], readMany: ['readMany', a, c], ...pieces,
  }
  const row = (name: string, threads: readonly (readonly Call[])[], prefix: readonly Call[]): Scenario =>
    ({ name, kills: 1, resize: true, program: { name, prefix, threads } })
  return [
    ...Object.entries(ops).map(([name, call]) => row(`${name} | reseed, keyed`, [[call], [S]], [...present, S])),
    ...Object.entries(pieces).flatMap(([name, call]) => Object.entries(beside).map(([other, second]) => row(`${name} | ${other}`, [[call], [second]], present))),
  ]
}

/** Who is reaped has hundreds of caches to be taken over, and each of their words is another place to stand at: such states are dear. */
const COMINGS = 400_000

/** Those who join, leave and are reaped, one of them killed at any access, beside writers, resizes and clears. */
export function comings(system: System): Scenario[] {
  const [a, , c] = collidingKeys(system, 3) as [number, number, number]
  // The second thread is number 1; by its own hand, or by the first's while it lives.
  const ops: Readonly<Record<string, Call>> = { attach: ['attach'], 'reap the other': ['reap', 1, false], 'put existing': ['put', a, 5], 'put new': ['put', c, 6],
    delete: ['delete', a],
    guard: ['guard'], 'ask after the first': ['ask', 0], 'guard too late': ['guardLate'], accept: ['accept'], decline: ['decline'],
    'invite one who comes': ['invite', true], 'invite in vain': ['invite', false], claim: ['claim'],
    resize: ['resize'], clear: ['clear'], 'reap the first': ['reap', 0, false] }
  const core = ['attach | attach', 'attach | put new', 'reap the other | put existing', 'reap the other | put new', 'reap the other | delete',
    'reap the other | attach', 'reap the other | reap the other',
    'guard | ask after the first', 'guard | put new', 'reap the other | guard', 'guard too late | attach',
    'accept | decline', 'accept | accept', 'decline | decline', 'decline | attach',
    'invite one who comes | attach', 'invite in vain | attach', 'invite one who comes | invite in vain', 'claim | put new', 'claim | claim',
    // Nobody takes for a contradiction what has only moved on: a table's words are those of another by the second resize.
    ...['attach', 'invite one who comes', 'invite in vain', 'reap the other', 'accept', 'decline']
      .flatMap(who => ['resize, resize', 'clear, resize', 'resize, clear'].map(what => `${who} | ${what}`)),
    // Nor does a clear of one who was reaped take effect later.
    'clear | reap the first, put existing', 'clear | reap the first, put new']
  const put: Call = ['put', a, 1]
  return core.map(text => {
    const threads = text.split(' | ').map(names => names.split(', ').map(name => ops[name]!))
    const prefix: Call[] = /accept|decline/.test(text) ? [put, ['offer']] : [put]
    return { name: text, kills: 1, resize: false, maxStates: COMINGS, program: { name: text, prefix, threads } }
  })
}

/** Memory that changes hands: between blocks, runs and tables, one worker killed at any access, beside those who write records. */
export function memory(system: System): Scenario[] {
  const [a, , c] = collidingKeys(system, 3) as [number, number, number]
  const ops: Readonly<Record<string, Call>> = { claim: ['claim'], 'claim edge': ['claimEdge'], 'claim further': ['claimEdge', 1],
    extend: ['extend'], shrink: ['shrink'], evacuate: ['evacuate'],
    'put existing': ['put', a, 5], 'put new': ['put', c, 6], get: ['get', a], delete: ['delete', a], compareAndSet: ['compareAndSet', a, 1, 5],
    resize: ['resize'], clear: ['clear'] }
  const put: Call = ['put', a, 1], used: Call[] = [put, ['claimEdge']], large: Call[] = [...used, ['extend'], ['resize'], ['quiesce']]
  const lists: Readonly<Record<string, readonly [prefix: readonly Call[], ...programs: string[]]>> = {
    'pages that were used': [used, 'claim edge | claim edge', 'claim edge | claim further', 'claim edge | extend',
      'extend | extend', 'extend | put new', 'extend, resize | claim edge',
      'extend | resize', 'claim edge | resize', 'claim, claim | put new', 'claim | claim edge'],
    'a zone that is too large': [large, 'shrink | claim edge', 'shrink | shrink', 'shrink | extend', 'shrink | resize', 'shrink, claim edge | resize',
      'shrink, claim edge | extend, resize', 'shrink | clear', 'resize, shrink, claim edge | put existing', 'resize, resize, shrink, claim edge | delete'],
    'a record at the edge': [[['goToEdge'], put], 'evacuate | get', 'evacuate | put existing', 'evacuate | delete', 'evacuate | compareAndSet',
      'evacuate | put new', 'evacuate | resize', 'evacuate | clear', 'evacuate | evacuate', 'evacuate, extend | put existing', 'evacuate | extend',
      'evacuate | delete, claim edge'],
  }
  return Object.entries(lists).flatMap(([stage, [prefix, ...programs]]) => programs.map(text => {
    const threads = text.split(' | ').map(names => names.split(', ').map(name => ops[name]!)), name = `${text}, ${stage}`
    return { name, kills: 1, resize: false, maxStates: COMINGS, program: { name, prefix: [...prefix], threads } }
  }))
}

/** All scenarios, by the part of the matrix that they belong to. */
export function scenarios(system: System): Readonly<Record<string, readonly Scenario[]>> {
  return {
    pairs: pairs(system), triples: triples(system), stalls: stalls(system), comings: comings(system), bulk: bulk(system), reseeds: reseeds(system),
    memory: system.name.includes('records') ? memory(system) : [],
  }
}
