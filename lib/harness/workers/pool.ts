// Real workers, started once, that run schedule after schedule. The main thread waits for them without its event loop:
// whoever checks a counterexample wants the answer now.

import { MessageChannel, type MessagePort, Worker, receiveMessageOnPort } from 'node:worker_threads'
import script from '#harness/worker'
import { callAlone, callerOf } from '../alone'
import { type Answer, type Code, type Program, type System, type View, freshMemory, isUrl, shipped } from '../system'
import { BATON_BYTES, Baton, MOST_THREADS, Of, type Reply, type Setup, type Task, type Trouble, wordOf } from './protocol'

/** Milliseconds that workers may take to start, or to run one schedule, until they are given up. */
const PATIENCE = 10_000

/** What a run left. */
export interface Outcome {
  /** By thread: the answers of the operations that ended. */
  readonly answers: readonly (readonly Answer[])[]
  /** By thread: what the code threw, or undefined. */
  readonly errors: readonly (string | undefined)[]
  /** The memory as it is after the run, until the next one. */
  readonly memory: View
}

/** What all workers of a system are started with. Throws TypeError for a system that cannot be sent. */
export function setupOf(of: System): Pick<Setup, 'name' | 'code' | 'driver' | 'ops' | 'wide'> {
  const { code, driver, name, wide } = of, ops = Object.fromEntries(Object.entries(of.ops).map(([op, { run }]) => [op, run !== undefined]))
  if (driver === undefined && Object.values(ops).includes(true)) throw new TypeError('the system names no driver, so its operations cannot be sent to workers')
  return {
    name, wide, ops, code: isUrl(code) ? code.href : `data:text/javascript,${encodeURIComponent(code.source)}`,
    driver: driver === undefined ? undefined : { module: driver.module.href, name: driver.name, options: driver.options },
  }
}

/** Starts a worker, and gives the port to talk to it. */
export function startWorker(setup: Omit<Setup, 'port'>): { worker: Worker, port: MessagePort } {
  const { port1, port2 } = new MessageChannel()
  // Options of this process, such as a test runner's loaders, are none of the worker's.
  const worker = new Worker(script, { eval: true, workerData: { ...setup, port: port2 } satisfies Setup, transferList: [port2], execArgv: [] })
  return { worker, port: port1 }
}

/**
 * Real workers on the shipped file, for many runs: one for each thread of a program. Blocks the calling thread until the
 * workers have started, and during each run.
 *
 * @throws TypeError for a system whose operations cannot be sent to workers; Error for code that does not load
 */
export class Workers {
  private readonly control = new Int32Array(new SharedArrayBuffer(BATON_BYTES))
  private readonly started: readonly { readonly worker: Worker, readonly port: MessagePort }[]
  private readonly memory: View
  private readonly code: Code
  /** The program that was run last, what its runs begin with, and what `init` gave. */
  private prepared: { readonly program: Program, readonly image: Uint8Array, readonly context: unknown } | undefined

  constructor(private readonly system: System, readonly threads: number, private readonly patience = PATIENCE) {
    if (!(threads >= 1 && threads <= MOST_THREADS)) throw new TypeError(`threads is ${threads}: it must be 1 to ${MOST_THREADS}`)
    this.memory = freshMemory(system)
    this.code = shipped(system, this.memory)
    const setup = { ...setupOf(system), job: 'replay', buffer: this.memory.buffer as SharedArrayBuffer, control: this.control.buffer } as const
    this.started = Array.from({ length: threads }, (_, thread) => startWorker({ ...setup, thread, replay: { own: system.own?.(thread) } }))
    for (const { worker } of this.started) worker.unref()
    this.awaitAll(threads)
    for (const { port } of this.started) this.throwIfTroubled(receiveMessageOnPort(port)?.message as Trouble | undefined)
  }

  /**
   * Prepares the memory (init, then the prefix by the first thread) and runs a schedule on it. Choices of threads that are
   * over are passed by; operations that the schedule leaves unfinished stay so.
   *
   * @returns the outcome; what the code throws is part of it
   * @throws Error if the workers do not come back in time, or the program cannot be sent to them; they are closed then
   * @remarks About as many futex calls as the schedule has switches.
   */
  run(program: Program, schedule: readonly number[]): Outcome {
    const { threads } = program, { started, control, memory } = this
    if (threads.length > started.length) throw new TypeError(`the program has ${threads.length} threads: these are ${started.length} workers`)
    const context = this.prepare(program)
    // The counts of tasks go on; all else begins anew.
    control.fill(0, 0, wordOf(0, Of.Go))
    threads.forEach((_, thread) => control.fill(0, wordOf(thread, Of.Turn), wordOf(thread, Of.Over) + 1))
    this.send(program, Uint8Array.from(schedule), context)
    this.awaitAll(threads.length)
    const replies = threads.map((_, thread) => receiveMessageOnPort(started[thread]!.port)!.message as Reply)
    return { answers: replies.map(({ answers }) => answers), errors: replies.map(({ error }) => error), memory }
  }

  /** Ends the workers. They may take a moment; nobody need wait for it. */
  close(): void {
    for (const { worker, port } of this.started) {
      port.close()
      void worker.terminate()
    }
  }

  /** Brings the memory to where every run of the program begins; what `init` gave. */
  private prepare(program: Program): unknown {
    const { system, code, memory, prepared } = this, bytes = new Uint8Array(memory.buffer)
    if (prepared?.program === program) { bytes.set(prepared.image); return prepared.context }
    bytes.fill(0)
    const context = system.init?.(code, memory, program.threads.length), alone = callerOf(code, memory, 0, context)
    for (const call of program.prefix ?? []) callAlone(system, alone, call)
    this.prepared = { program, image: bytes.slice(), context }
    return context
  }

  private send({ threads }: Program, schedule: Uint8Array, context: unknown): void {
    const { started, control } = this
    try {
      threads.forEach((calls, thread) => started[thread]!.port.postMessage({ calls, schedule, threads: threads.length, context } satisfies Task))
    } catch (error) {
      this.close()
      throw new Error(`what init gives, or an argument, cannot be sent to workers: ${(error as Error).message}`)
    }
    threads.forEach((_, thread) => {
      Atomics.add(control, wordOf(thread, Of.Go), 1)
      Atomics.notify(control, wordOf(thread, Of.Go))
    })
  }

  private awaitAll(threads: number): void {
    const { control, patience } = this, deadline = performance.now() + patience
    for (let seen = Atomics.load(control, Baton.Finished); seen < threads; seen = Atomics.load(control, Baton.Finished)) {
      const left = deadline - performance.now()
      if (left > 0) { Atomics.wait(control, Baton.Finished, seen, left); continue }
      this.close()
      throw new Error(`workers did not answer in ${patience} ms`)
    }
  }

  private throwIfTroubled(trouble: Trouble | undefined): void {
    if (trouble === undefined) return
    this.close()
    throw new Error(`the code does not load: ${trouble.error}`)
  }
}
