import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type SharedMap, reapOnExit } from '../../lib/index'
import { BACKENDS, Random } from '../support/kernels'
import { tinyMap } from '../support/maps'
import { type Job, type Running, start } from '../support/workers'

/** What a killed victim left: every acknowledged key is there with its value, unless the victim itself has deleted it. */
function checkVictim(map: SharedMap<any, any>, id: number, acknowledged: number, where: string): void {
  const value = (i: number): string => `value ${i} ${'q'.repeat(i % 90)}`
  for (let i = Math.max(0, acknowledged - 150); i < acknowledged; i++) expect(map.get(`victim ${id}:${i}`), `${where}: victim ${id}:${i} of ${acknowledged}`).toBe(value(i))
  // The one in progress took effect once or never.
  expect([undefined, value(acknowledged)], where).toContain(map.get(`victim ${id}:${acknowledged}`))
  expect(map.has(`victim ${id}:${acknowledged + 1}`), where).toBe(false)
}

function forgetVictim(map: SharedMap<any, any>, id: number, acknowledged: number): void {
  for (let i = 0; i <= acknowledged; i++) map.delete(`victim ${id}:${i}`)
}

/** As in `worker.mjs`: 1 lets the survivors rest until the next victim has loaded its code and is about to attach. */
const PAUSE = 9

describe.each(BACKENDS)('workers terminated at random moments, %s', backend => {
  const kills = backend === 'wasm' ? 200 : 40

  it('leave the map whole: the others go on, and nothing that was acknowledged is lost', async () => {
    const map = tinyMap<any, any>({ maxByteLength: 64 << 20, backend }), random = new Random(), words = new Int32Array(new SharedArrayBuffer(4 * 1024))
    const survivors = [1, 2].map(id => start(map, { job: 'survivor', id, backend, words }))
    await Promise.all(survivors.map(({ ready }) => ready))
    for (let n = 0; n < kills; n += 2) {
      Atomics.store(words, PAUSE, 1)
      await Promise.all([n, n + 1].map(kill => killOne(map, { job: 'victim', id: 10 + kill, backend, words }, random, `seed ${random.seed}, kill ${kill}`)))
      const before = survivors.map((_, i) => Atomics.load(words, 1 + i))
      await Promise.race([goOn(survivors, words, before, `seed ${random.seed}, kill ${n}`), ...survivors.map(({ result }) => result)])
    }
    Atomics.store(words, 0, 1)
    for (const { result } of survivors) expect(await result).toBeGreaterThan(kills)
    await finish(map, survivors)
  })
})

/** Starts a victim, terminates it some milliseconds into its work, and looks at what it left. */
async function killOne(map: SharedMap<any, any>, job: Job & { words: Int32Array }, random: Random, where: string): Promise<void> {
  const victim = start(map, job)
  reapOnExit(map, victim.worker)
  await victim.ready
  // A victim that fails by itself says why.
  while (Atomics.load(job.words, job.id) === 0) await Promise.race([sleep(1), victim.result])
  await sleep(random.below(12))
  await victim.worker.terminate()
  await expect(victim.result).rejects.toThrow(/ended/)
  const acknowledged = Atomics.load(job.words, job.id)
  checkVictim(map, job.id, acknowledged, where)
  forgetVictim(map, job.id, acknowledged)
}

/** Each survivor must have done further turns: nobody waits for the dead. */
async function goOn(survivors: readonly Running[], words: Int32Array, before: readonly number[], where: string): Promise<void> {
  const deadline = Date.now() + 30_000
  for (let i = 0; i < survivors.length; i++) {
    while (Atomics.load(words, 1 + i) === before[i]) {
      expect(Date.now(), `${where}: survivor ${i + 1} stands still`).toBeLessThan(deadline)
      await sleep(1)
    }
  }
}

/** At rest: repair finds what was lost, size is exact, every place but ours is free again. */
async function finish(map: SharedMap<any, any>, survivors: readonly Running[]): Promise<void> {
  await Promise.all(survivors.map(({ worker }) => worker.terminate()))
  const entries = new Map(map)
  const repaired = map.repair()
  expect(repaired.entries).toBe(entries.size)
  expect(map.size).toBe(entries.size)
  expect(map.repair()).toEqual({ entries: entries.size, sizeError: 0, reclaimed: 0 })
  expect(new Map(map)).toEqual(entries)
  expect(map.stats().participants.map(({ participant }) => participant)).toEqual([map.participant])
}

describe('reaping', () => {
  it('gives back the place of a worker that ended in whatever way, by thread', async () => {
    const map = tinyMap<any, any>(), mine = map.participant
    const ends: ((running: Running) => Promise<unknown>)[] = [({ worker }) => worker.terminate(), ({ worker, result }) => { worker.postMessage(0); return result.catch(() => {}) }]
    for (const [n, end] of ends.entries()) {
      const running = start(map, { job: n === 0 ? 'victim' : 'no such job', id: n + 1 })
      reapOnExit(map, running.worker)
      const exited = new Promise(resolve => running.worker.once('exit', resolve))
      await running.ready
      await end(running)
      await exited
      expect(map.stats().participants.map(({ participant }) => participant)).toEqual([mine])
    }
  })

  it('by an invitation, where nobody tells threads', async () => {
    const map = tinyMap<any, any>(), invitation = map.invite()
    expect(map.stats().participants.map(({ state }) => state).sort()).toEqual(['invited', 'owned'])
    const running = start(map, { job: 'victim', id: 1 }, invitation)
    await running.ready
    expect(map.stats().participants.map(({ state }) => state)).toEqual(['owned', 'owned'])
    await running.worker.terminate()
    await running.result.catch(() => {})
    expect(map.reap(invitation.participant)).toBe(true)
    expect(map.stats().participants.find(({ participant }) => participant === invitation.participant)?.state).toBe('reaped')
    expect(map.reap(invitation.participant, { ended: true })).toBe(true)
    expect(map.stats().participants).toHaveLength(1)
    expect(map.reap(invitation.participant)).toBe(false)
  })

  it('of a live worker by mistake costs it nothing but its caches', async () => {
    const map = tinyMap<any, any>({ maxByteLength: 8 << 20 }), words = new Int32Array(new SharedArrayBuffer(64))
    const running = start(map, { job: 'survivor', id: 1, words })
    await running.ready
    for (let n = 0; n < 20; n++) {
      for (const { participant } of map.stats().participants) if (participant !== map.participant) map.reap(participant)
      for (let i = 0; i < 300; i++) map.set(`other ${i}`, 'o'.repeat(i))
      await sleep(5)
    }
    for (let i = 0; i < 300; i++) expect(map.get(`other ${i}`)).toBe('o'.repeat(i))
    Atomics.store(words, 0, 1)
    expect(await running.result).toBeGreaterThan(0)
    await running.worker.terminate()
    expect(map.repair().sizeError).toBe(0)
  })
})
