// Several workers at work at one moment. benny measures one thread; this measures a crew.
//
// The workers get ready one by one, then spin on one shared word until it says go: they start within a microsecond or so.
// Each does the same number of operations, and the time is from the first start to the last end.

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { collect } from './collect.mjs'
import { loadAdapter } from '../rivals/index.mjs'
import { WORDS, Word } from './words.mjs'

/** Thrown when a map has answered wrongly: the run has failed, whatever its figures say. */
export class WrongAnswers extends Error {
  constructor(who, { misses, wrong }) {
    super(`${who}: ${misses} entries were not found and ${wrong} had wrong values`)
    this.name = 'WrongAnswers'
  }
}

/** Workers that share one map of a kind. */
export class Crew {
  /** Starts the workers; they have no map yet. */
  static async start(file, count, options = {}) {
    const adapter = await loadAdapter(file)
    const workers = Array.from({ length: count }, (_, id) => new Worker(new URL('../workers/crew.mjs', import.meta.url), { workerData: { file, id, options } }))
    await Promise.all(workers.map(worker => once(worker, 'message')))
    return new Crew(adapter, workers, options)
  }

  constructor(adapter, workers, options) {
    this.adapter = adapter
    this.workers = workers
    this.options = options
    this.words = new Int32Array(new SharedArrayBuffer(WORDS * 4))
    this.map = undefined
  }

  get name() { return this.adapter.name }

  /** Makes a new map, in place of the one that was there, and lets all workers attach to it. */
  async create(options) {
    const old = this.map
    this.map = await this.adapter.create({ ...this.options, ...options })
    await Promise.all(this.workers.map(worker => {
      const { token, transfer = [] } = this.map.invite()
      return ask(worker, { kind: 'attach', token, keys: options.keys }, transfer)
    }))
    await old?.close()
    if (old !== undefined) collect()
  }

  /**
   * Lets each worker do one job, all at the same time; a worker without a job rests. Jobs that run until they are stopped
   * are stopped as soon as the others have ended.
   *
   * @returns what the jobs returned, with `start`, `end` and `ns`; and `seconds` from the first start to the last end
   */
  async run(jobs) {
    const { words } = this, busy = jobs.map((job, id) => ({ ...job, worker: this.workers[id] })).filter(({ job }) => job !== undefined)
    words.fill(0)
    const answers = busy.map(({ worker, job, parameters }) => ask(worker, { kind: 'run', job, parameters, words }))
    // Who fails before the start is not waited for.
    const failed = Promise.race(answers.map(answer => answer.then(() => undefined)))
    failed.catch(() => Atomics.store(words, Word.Go, 1))
    while (Atomics.load(words, Word.Arrived) < busy.length && Atomics.load(words, Word.Go) === 0) await new Promise(resolve => setTimeout(resolve, 1))
    Atomics.store(words, Word.Go, 1)
    const finite = answers.filter((_, n) => !busy[n].parameters?.untilStopped)
    if (finite.length > 0) await Promise.allSettled(finite).finally(() => this.stop())
    const all = await Promise.all(answers), done = all.filter((_, n) => finite.length === 0 || finite.includes(answers[n]))
    return { all, seconds: (Math.max(...done.map(({ end }) => end)) - Math.min(...done.map(({ start }) => start))) / 1e9 }
  }

  /** Stops the jobs that run until they are stopped, from outside. */
  stop() { Atomics.store(this.words, Word.Stop, 1) }

  /** The same job for the first so many workers, each with its number; operations a second of all together. */
  async rate(job, parameters, count = this.workers.length) {
    const { all, seconds } = await this.run(Array.from({ length: count }, (_, id) => ({ job, parameters: { ...parameters, id, count } })))
    return { perSecond: all.reduce((sum, { operations }) => sum + operations, 0) / seconds, seconds, all }
  }

  /** Throws `WrongAnswers` if any were counted. */
  check(all) {
    const misses = all.reduce((sum, answer) => sum + (answer.misses ?? 0), 0), wrong = all.reduce((sum, answer) => sum + (answer.wrong ?? 0), 0)
    if (misses + wrong > 0) throw new WrongAnswers(this.name, { misses, wrong })
  }

  async close() {
    await Promise.all(this.workers.map(worker => worker.terminate()))
    await this.map?.close()
  }
}

/** No job takes that long: who does is stuck. */
const PATIENCE = 240_000

/** One request to a worker, and its answer. */
function ask(worker, request, transfer = []) {
  return new Promise((resolve, reject) => {
    const stuck = setTimeout(() => fail(new Error(`a worker has not answered for ${PATIENCE / 1000} s`)), PATIENCE)
    const end = () => { clearTimeout(stuck); worker.off('message', answer); worker.off('error', fail); worker.off('exit', died) }
    const answer = message => { end(); if (message.error === undefined) resolve(message); else reject(new Error(message.error)) }
    const fail = error => { end(); reject(error) }
    const died = code => { end(); reject(new Error(`a worker ended with ${code}`)) }
    worker.on('message', answer)
    worker.on('error', fail)
    worker.on('exit', died)
    worker.postMessage(request, transfer)
  })
}
