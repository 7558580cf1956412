// A stress run: workers that start together, some that are terminated at any instruction and replaced, and the records
// of them all.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { callText } from '../alone'
import type { Event } from '../linearizability'
import { Random } from '../random'
import { type Answer, type Call, type Code, type Program, type System, type View, freshMemory, shipped } from '../system'
import { setupOf, startWorker } from './pool'
import { Entry, PACE_BYTES, Pace, RECORD_WORDS, type Setup, type StressSetup, type Trouble } from './protocol'
import { Records } from './stream'

/** What a run does: `program.threads` are the calls that each thread picks from, those of later replacements included. */
export interface RunOptions {
  readonly workers: number
  readonly ms: number
  readonly kills: number
  readonly seed: number
  readonly maxOperations: number
  /** Milliseconds that an operation may take when all have been told to stop. */
  readonly patience: number
  readonly program: Program
}

/** Ticks of the clock from one kill to the next, at least: two an operation. */
const LEAST = 128

/** A worker at its stream of operations. */
class Hand {
  isReady = false
  isDone = false
  readonly ready: Promise<void>
  readonly done: Promise<void>
  private readonly worker: Worker

  constructor(readonly thread: number, setup: Omit<Setup, 'port'>) {
    const { worker, port } = startWorker(setup), ended = (): Error => new Error(`thread ${thread} has ended by itself`)
    const when = (word: string): Promise<void> => new Promise((resolve, reject) => {
      worker.on('error', reject).on('exit', () => reject(ended()))
      port.on('message', (said: string | Trouble) => {
        if (typeof said === 'object') reject(new Error(said.error))
        else if (said === word) resolve()
      })
    })
    this.worker = worker
    this.ready = when('ready').then(() => { this.isReady = true })
    this.done = when('done').then(() => { this.isDone = true })
    // Whoever waits for a worker hears of it; nobody waits for one that was killed.
    for (const promise of [this.ready, this.done]) promise.catch(() => undefined)
    worker.once('exit', () => port.close())
  }

  async terminate(): Promise<void> { await this.worker.terminate() }
}

export class Run {
  readonly memory: View
  readonly code: Code
  readonly context: unknown
  killed = 0
  /** When each thread that was killed was surely dead, by the clock of the records. */
  readonly deaths = new Map<number, number>()
  /** Milliseconds of work. */
  time = 0
  private readonly control = new Int32Array(new SharedArrayBuffer(PACE_BYTES))
  private readonly buffers: Pick<StressSetup, 'records' | 'texts'>
  private readonly random: Random
  private hands: Hand[] = []
  private hired = 0
  /** Ticks of the clock by the last kill. */
  private worked = 0
  private started = 0

  constructor(private readonly system: System, private readonly options: RunOptions) {
    const { maxOperations, program: { threads }, seed } = options
    this.memory = freshMemory(system)
    this.code = shipped(system, this.memory)
    this.context = system.init?.(this.code, this.memory, threads.length)
    this.buffers = { records: new SharedArrayBuffer(maxOperations * RECORD_WORDS * 4), texts: new SharedArrayBuffer((1 << 20) + maxOperations * 32) }
    this.random = new Random(seed)
  }

  /** Starts the workers, kills some, and stops them. Throws what one of them throws. */
  async go(): Promise<void> {
    const { workers, ms, kills, maxOperations } = this.options
    for (let n = 0; n < workers; n++) this.hire()
    await Promise.all(this.hands.map(({ ready }) => ready))
    this.tell(Pace.Released, kills > 0 ? 0 : maxOperations)
    this.tell(Pace.Go, 1)
    this.started = performance.now()
    const releasing = kills > 0 ? setInterval(() => this.release(), 1) : undefined
    try {
      for (const moment of this.moments()) {
        await this.until(moment)
        if (!await this.haveWorked()) break
        await this.kill()
      }
      if (kills === 0 || await this.haveWorked()) await this.until(ms)
    } finally {
      clearInterval(releasing)
      this.stop()
    }
    await this.allReturn()
  }

  /** Ends all workers. */
  async end(): Promise<void> { await Promise.all(this.hands.map(hand => hand.terminate())) }

  /** What was called, and what was acknowledged. */
  events(): Event<Call, Answer>[] {
    const records = new Records(this.control, this.buffers), events: Event<Call, Answer>[] = []
    for (let n = 0; n < records.length; n++) {
      const call = records.at(n, Entry.Call), back = records.at(n, Entry.Back), thread = records.at(n, Entry.Thread)
      if (call === 0) continue
      const op = this.options.program.threads[thread]![records.at(n, Entry.Which)]!
      events.push(back === 0 ? { op, answer: undefined, call, back: Infinity, thread } : { op, answer: records.answer(n), call, back, thread })
    }
    return events
  }

  // --- workers

  private hire(): void {
    const { system, options: { program, seed }, memory, control, context, buffers } = this, thread = this.hired++
    const stress = { ...buffers, calls: program.threads[thread]!, seed: seed ^ Math.imul(thread, 0x85ebca6b), context }
    const shared = { buffer: memory.buffer as SharedArrayBuffer, control: control.buffer }
    this.hands.push(new Hand(thread, { ...setupOf(system), ...shared, job: 'stress', thread, stress }))
  }

  private moments(): number[] {
    const { kills, ms } = this.options
    return Array.from({ length: kills }, () => this.random.below(ms)).sort((a, b) => a - b)
  }

  private working(): Hand[] { return this.hands.filter(({ isReady, isDone }) => isReady && !isDone) }

  /** Ends one that is at work, at whatever instruction it is, and lets the next one begin. */
  private async kill(): Promise<void> {
    const working = this.working(), victim = working[this.random.below(working.length)]
    if (victim === undefined) return
    this.worked = this.ticks()
    this.hands = this.hands.filter(hand => hand !== victim)
    await victim.terminate()
    this.deaths.set(victim.thread, Atomics.add(this.control, Pace.Clock, 1) + 1)
    this.killed++
    this.hire()
  }

  // --- time

  private ticks(): number { return Atomics.load(this.control, Pace.Clock) }

  /**
   * Waits until the workers have done something since the last kill: what a run is worth must not hang on how busy the machine is. False
   * where they do not go on, or have nothing left to do: what stands still is for `allReturn` to say.
   */
  private async haveWorked(): Promise<boolean> {
    const { kills, maxOperations, patience } = this.options, enough = Math.min(LEAST, maxOperations / (kills + 1)), late = performance.now() + patience
    while (this.ticks() - this.worked < enough || this.working().length === 0) {
      if (this.hands.every(({ isDone }) => isDone) || performance.now() > late) return false
      await this.until(this.elapsed() + 1)
    }
    return true
  }

  private elapsed(): number { return performance.now() - this.started }

  /** Waits for a moment of the run, or until all have nothing left to do. */
  private async until(moment: number): Promise<void> {
    const left = Math.max(0, moment - this.elapsed())
    await Promise.race([sleep(left, undefined, { ref: false }), Promise.all(this.hands.map(({ done }) => done))])
  }

  /** As many records as are due by now, and by the kills so far: so there is something to interrupt until the end. */
  private release(): void {
    const { maxOperations, ms, kills } = this.options
    this.tell(Pace.Released, Math.ceil(maxOperations * Math.min(1, this.elapsed() / ms, (this.killed + 1) / (kills + 1))))
  }

  private stop(): void {
    this.time = this.elapsed()
    this.tell(Pace.Stop, 1)
    Atomics.notify(this.control, Pace.Released)
  }

  private async allReturn(): Promise<void> {
    const { patience } = this.options, late = sleep(patience, 'late', { ref: false }), done = Promise.all(this.hands.map(hand => hand.done))
    if (await Promise.race([late, done]) !== 'late') return
    const { thread } = this.hands.find(({ isDone }) => !isDone)!, event = this.events().find(one => one.thread === thread && one.back === Infinity)
    throw new Error(`thread ${thread} did not return from ${event === undefined ? 'its start' : callText(event.op)} in ${patience} ms`)
  }

  private tell(word: Pace, value: number): void {
    Atomics.store(this.control, word, value)
    Atomics.notify(this.control, word)
  }
}
