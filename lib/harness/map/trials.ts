// The programs on which the mutants are tried: small ones first, and those that take long ways last.

import type { ExploreOptions } from '../explore'
import type { Trial } from '../mutants'
import type { Call, System } from '../system'
import type { Held } from './driver'
import { collidingKeys, isHot, likeKey } from './scenarios'

const R: Call = ['resize']
const S: Call = ['reseed']
const C: Call = ['clear']
const G = (key: number): Call => ['get', key]
const P = (key: number, value = 1): Call => ['put', key, value]
const D = (key: number): Call => ['delete', key]

type Row = [name: string, prefix: readonly Call[], threads: (readonly Call[])[], kills?: number, preemptions?: number]

/** Keys that collide, and how maps may begin. */
interface Parts {
  readonly a: number, readonly b: number, readonly c: number, readonly d: number, readonly e: number, readonly f: number
  /** As `a` to every search, but for its bytes. */
  readonly like: number
  readonly one: Call[], readonly two: Call[], readonly three: Call[], readonly half: Call[], readonly tomb: Call[], readonly late: Call[], readonly full: Call[]
}

function partsOf(system: System): Parts {
  const [a, b, c, d, e, f] = collidingKeys(system, 6) as [number, number, number, number, number, number], one = [P(a)], two = [P(a), P(b)]
  return {
    a, b, c, d, e, f, like: likeKey(system, a), one, two,
    three: [P(a), P(b), P(d)], half: [...two, ['install', 1], ['copyChunks', 0, 2]], tomb: [P(a), P(b), D(a)],
    late: [...one, ['install', 1], ['copyChunks', 0, 4], ['promote']],
    // No larger table fits, so this one is filled to the last slot.
    full: [['occupy'], ...one, P(b), P(d), P(e), D(b)],
  }
}

/** No resize begins, or one is half done. */
function quietly({ a, b, c, one, half }: Parts): Row[] {
  return [
    ['put | get', one, [[P(a, 5)], [G(a)]]],
    ['put | put', one, [[P(a, 5)], [P(a, 6)]]],
    ['delete | put', one, [[D(a)], [P(a, 6)]]],
    ['replace, none', one, [[['replace', c, 5]], [G(c)]]],
    ['compareAndSet | put', one, [[['compareAndSet', a, 1, 5]], [P(a, 6)]]],
    ['put new | put new', one, [[P(c, 5)], [P(c, 6)]]],
    ['set new | put new', one, [[['set', c, 5]], [P(b, 6)]]],
    ['get | get, half copied', half, [[G(a), G(b)], [G(c)]]],
    ['put | get, half copied', half, [[P(a, 5)], [G(a)]]],
    ['put new | get, half copied', half, [[P(c, 5)], [G(c)]]],
    ['put new | readMany, half copied', half, [[P(c, 5)], [['readMany', a, c]]]],
    ['setMany | put new', one, [[['setMany', [c, 5]]], [P(b, 6)]]],
  ]
}

/** A resize or a clear begins meanwhile. */
function resizing({ a, c, e, one, two, three, tomb, late }: Parts): Row[] {
  return [
    ['put | resize', one, [[P(a, 5)], [R]], 1],
    ['get | resize', one, [[G(a)], [R]]],
    ['put new | resize', two, [[P(c, 5)], [R]], 1],
    ['delete | resize', two, [[D(a)], [R]]],
    ['resize | resize', one, [[R], [R]], 1],
    ['put new | put new, growing', three, [[P(c, 5)], [P(e, 6)]]],
    ['add | resize', one, [[['add', a, 2]], [R]]],
    ['set | resize', one, [[['set', a, 2]], [R]]],
    ['read | resize, put', one, [[['read', a]], [R, P(a, 5)]]],
    ['put, clear', two, [[P(a, 5)], [C]], 1],
    ['put new | clear', one, [[P(c, 5)], [C]]],
    ['add | clear', three, [[['add', a, 2]], [C]]],
    ['clear | clear', one, [[C], [C]]],
    ['clear | resize', one, [[C], [R]]],
    ['put | sweep', late, [[P(a, 5)], [['helpSweep', 9]]]],
    ['resize, put new, resize', [...tomb, R], [[P(a, 5)], [R, P(c, 5), R]]],
    ['get | reseed, keyed', [...two, S], [[G(a), G(c)], [S]], 1],
    ['put | reseed, keyed', [...two, S], [[P(a, 5)], [S]], 1],
    ['deleteInPieces | put', two, [[['deleteInPieces', a]], [P(a, 5)]]],
    ['getInPieces | reseed, keyed', [...two, S], [[['getInPieces', a]], [S]]],
  ]
}

/** One goes through several tables while the other stands still. */
function longer({ a, b, c, d, e, f, like, one, two, tomb, full }: Parts): Row[] {
  return [
    ['put | resize, delete, resize', one, [[P(a, 5)], [R, D(a), R]]],
    ['resize | resize, delete, resize', one, [[R], [R, D(a), R]]],
    ['get | resize, delete, resize', one, [[G(a)], [R, D(a), R]]],
    ['put new | resize, put new', two, [[P(c, 5)], [R, P(c, 6)]]],
    ['putIfAbsent | delete, resize', two, [[['putIfAbsent', a, 5]], [D(a), R]]],
    ['put | put, put', one, [[P(a, 5)], [P(a, 6), P(a, 1)]]],
    ['compareAndSet | put, put', one, [[['compareAndSet', a, 1, 5]], [P(a, 6), P(a, 1)]]],
    ['get | put, put', one, [[G(a)], [P(a, 6), P(a, 7)]]],
    ['get | put, put, put', one, [[G(a)], [P(a, 6), P(a, 7), P(a, 8)]]],
    ['put new | delete, put new, put, resize', two, [[P(c, 4)], [D(a), P(c, 3), P(a, 6), R]], 0, 3],
    ['resize | delete, put new, resize', two, [[R], [D(a), P(c, 3), R]]],
    ['clear | put new, clear', one, [[C], [P(c, 3), C]]],
    ['put | clear, put new, clear, put', one, [[P(a, 5)], [C, P(c, 3), C, P(a, 7)]]],
    ['sweep | sweep, cleared', [...two, ['install', 2], P(d)], [[['helpSweep', 1]], [['helpSweep', 6]]]],
    ['put | reap', one, [[P(a, 5)], [['reap', 0, false]]], 1],
    ['put, put | reap', one, [[P(a, 5), P(a, 6)], [['reap', 0, false]]]],
    ['attach | resize, resize', one, [[['attach']], [R, R]]],
    ['clear | reap, put, put new, growing', two, [[C], [['reap', 0, false], P(a, 5), P(c, 6), P(d, 7), P(e, 8)]], 1],
    ['reap | reap', one, [[['reap', 2, false]], [['reap', 2, false]]]],
    ['accept | decline', [...one, ['offer']], [[['accept']], [['decline']]]],
    ['guard | ask', one, [[['guard']], [['ask', 0]]]],
    ['guard too late', one, [[['guardLate']]]],
    ['replace, deleted', tomb, [[['replace', a, 5]], [G(a)]]],
    ['put new, get | resize, full table', [...full, ['install', 1]], [[P(c, 5), G(c)], [R]]],
    ...stalled([['get', a], ['read', a], ['readMany', a], ['set', a, 4], ['setMany', [a, 4]], ['remove', a], ['add', a, 2], P(a, 4), R], [D(a), R, R, P(c, 6)], one),
    ...stalled([['get', c], ['delete', c], ['read', c], ['putIfAbsent', f, 4], R], [D(a), R, R], [P(a), P(c)]),
    ...stalled([['putIfAbsent', c, 4]], [D(a), D(b), R, R], two), ...stalled([['set', c, 4]], [R, R], one), ...stalled([['remove', a]], [R, R], two),
    ['getInPieces | put, delete, resize, resize, put a like key', one, [[['getInPieces', a]], [P(c, 6), D(a), R, R, P(like, 6)]], 0, 2],
    ['deleteInPieces | put, delete, resize, resize, put a like key', one,
      [[['deleteInPieces', a]], [P(c, 6), D(a), R, R, P(like, 6)]], 0, 2],
    ...stalled([R], [R, D(a), R, R, P(c, 6)], one), ...stalled([R], [R, R, R, R, ['quiesce']], one),
  ]
}

/** Memory changes hands. */
function changingHands({ a, one }: Parts): Row[] {
  const E: Call = ['claimEdge'], X: Call = ['extend'], H: Call = ['shrink'], used = [...one, E], large = [...used, X, R, ['quiesce'] as Call]
  return [
    ['claimEdge | claimEdge', used, [[E], [E]], 1],
    ['holdEdge | claimEdge, one page on', used, [[['holdEdge']], [['claimEdge', 1]]]],
    ['claimEdge | extend', used, [[E], [X]]],
    ['shrink, claimEdge | extend', large, [[H, E], [X]]],
    ['extend | extend, resize, quiesce, shrink, claimEdge', used, [[X], [X, R, ['quiesce'], H, E]], 0, 2],
    ['evacuate | put', [['goToEdge'], ...one], [[['evacuate']], [P(a, 5)]]],
    ['evacuate | get', [['goToEdge'], ...one], [[['evacuate']], [G(a)]]],
    ['evacuate | resize', [['goToEdge'], ...one], [[['evacuate']], [R]]],
  ]
}

/** The programs on which the mutants are tried, those that are soonest through first. The hot paths know integers only. */
export function trials(system: System, held: Held): Trial[] {
  const parts = partsOf(system), rows = [...quietly(parts), ...resizing(parts), ...longer(parts), ...held === 'records' ? changingHands(parts) : []]
  return rows.filter(([, , threads]) => held === 'integers' || !threads.flat().some(isHot))
    .map(([name, prefix, threads, kills = 0, preemptions]) => ({ program: { name, prefix, threads }, options: optionsOf(kills, preemptions) }))
}

/** Most trials need few states; the long ones many, of those schedules that have only so many preemptions. */
function optionsOf(kills: number, preemptions: number | undefined): ExploreOptions {
  return preemptions === undefined ? { kills } : { kills, preemptions, maxStates: STALLED_STATES }
}

/** States that a search of a long stall may visit: more than others, for its ways are long. */
const STALLED_STATES = 2_000_000

/** One operation stands still while others go through several tables: few switches, but long ways. */
function stalled(short: readonly Call[], long: readonly Call[], prefix: readonly Call[]): Row[] {
  const names = long.map(([name]) => name).join(', ')
  return short.map(call => [`${call[0]} | ${names}`, prefix, [[call], long], 0, 2])
}
