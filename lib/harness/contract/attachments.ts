// Several attachments to one map in one thread, detaching, and places that are kept for others.

import { DetachedError } from '../../errors'
import { runProgram } from './programs'
import type { Shared, Term, Trial } from './trial'

export const ATTACHMENT_TERMS: readonly Term[] = [
  { name: 'attachments are one map', run: share },
  { name: 'random programs through attachments agree with Map', run: shareAtRandom },
  { name: 'a map can be attached any number of times', run: attachOften },
  { name: 'detach leaves the entries to the others', run: leaveEntries },
  { name: 'a detached map throws DetachedError', run: refuseAfterDetach },
  { name: 'reap takes back a place that invite kept', run: inviteAndReap },
]

function share(trial: Trial): void {
  const map = trial.create(), other = trial.attach(map.handle), model = trial.model(200)
  for (const [n, value] of model) {
    const [writer, reader] = n % 2 === 0 ? [map, other] : [other, map]
    writer.set(trial.key(n), value)
    trial.isValue(`get(key ${n}) by another attachment`, reader.get(trial.key(n)), value)
    trial.is('size by another attachment', reader.size, writer.size)
  }
  for (const each of [map, other]) trial.agrees(each, model)
  for (let n = 0; n < 200; n += 3) {
    trial.is(`delete(key ${n})`, (n % 2 === 0 ? other : map).delete(trial.key(n)), model.delete(n))
    for (const each of [map, other]) trial.agreesOn(each, model, n)
  }
  for (const each of [map, other]) trial.agrees(each, model)
  other.clear()
  for (const each of [map, other]) trial.agrees(each, new Map())
}

function shareAtRandom(trial: Trial): void {
  const map = trial.create()
  runProgram(trial, [map, trial.attach(map.handle), trial.attach(map.handle)], { keys: 60, calls: 2000, rarely: 150 })
}

/** More than a small map has places. */
const OFTEN = 200

function attachOften(trial: Trial): void {
  const map = trial.create(), model = trial.model(20), { handle } = map
  trial.fill(map, model)
  for (let turn = 0; turn < OFTEN; turn++) {
    // The last turns join a map that nobody is attached to.
    if (turn === OFTEN / 2) map.detach()
    const other = trial.attach(handle), n = turn % 20, value = trial.value(trial.random.below(20))
    other.set(trial.key(n), value)
    trial.agreesOn(other, model.set(n, value), n)
    other.detach()
  }
  trial.agrees(trial.attach(handle), model)
}

function leaveEntries(trial: Trial): void {
  const map = trial.create(), { handle } = map, model = trial.model(100)
  const second = trial.attach(handle), third = trial.attach(handle)
  trial.fill(map, model)
  map.detach()
  for (const each of [second, third]) trial.agrees(each, model)
  second.set(trial.key(100), trial.value(100))
  model.set(100, trial.value(100))
  second[Symbol.dispose]()
  trial.agrees(third, model)
  trial.is('delete after others have detached', third.delete(trial.key(0)), model.delete(0))
  third.detach()
  trial.agrees(trial.attach(handle), model)
}

/** Every use of a map that touches its memory. */
function usesOf(trial: Trial, map: Shared): [name: string, call: () => unknown][] {
  const key = trial.key(0), value = trial.value(0), other = trial.value(1)
  return [
    ['get', () => map.get(key)], ['has', () => map.has(key)], ['size', () => map.size],
    ['set', () => map.set(key, value)], ['delete', () => map.delete(key)], ['clear', () => map.clear()],
    ['getOrInsert', () => map.getOrInsert(key, value)], ['swap', () => map.swap(key, value)], ['take', () => map.take(key)],
    ['replace', () => map.replace(key, value)], ['add', () => map.add(key, 1)],
    ['compareAndSet', () => map.compareAndSet(key, value, other)], ['compareAndDelete', () => map.compareAndDelete(key, value)],
    ['putIfMatch', () => map.putIfMatch(key, value, other)], ['getMany', () => map.getMany([key])], ['setMany', () => map.setMany([[key, value]])],
    ['entries', () => [...map.entries()]], ['keys', () => [...map.keys()]], ['values', () => [...map.values()]], ['for of', () => [...map]],
    ['forEach', () => map.forEach(() => {})], ['invite', () => map.invite()],
    ['reap', () => map.reap(map.participant)], ['stats', () => map.stats()], ['repair', () => map.repair()],
  ]
}

function refuseAfterDetach(trial: Trial): void {
  const map = trial.create(), other = trial.attach(map.handle), model = trial.model(50)
  trial.fill(map, model)
  for (const end of [(each: Shared) => each.detach(), (each: Shared) => each[Symbol.dispose]()]) {
    const each = trial.attach(other.handle), walk = each.entries()
    walk.next()
    end(each)
    for (const [name, call] of usesOf(trial, each)) trial.throws(`${name} after detach`, DetachedError, call)
    trial.throws('the next of a walk after detach', DetachedError, () => walk.next())
    // Once more does no harm, above all to the others of this thread.
    end(each)
    trial.agrees(other, model)
  }
}

function inviteAndReap(trial: Trial): void {
  const map = trial.create(), model = trial.model(20), { participant, buffer } = map.invite()
  const invited = (): boolean => map.stats().participants.some(place => place.participant === participant && place.state === 'invited')
  trial.fill(map, model)
  trial.is('the buffer of an invitation', buffer === map.handle.buffer, true)
  trial.is('participants with the one invited', invited(), participant !== 0)
  trial.is('reap of an invited place', map.reap(participant, { ended: true }), participant !== 0)
  trial.is('participants with one that was reaped', invited(), false)
  trial.is('reap, once more', map.reap(participant, { ended: true }), false)
  trial.is('reap of nobody', map.reap(0), false)
  trial.agrees(map, model)
  trial.agrees(trial.attach(map.invite()), model)
}
