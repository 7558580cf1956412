// The script of the harness's workers. It loads the shipped file, untouched, and either runs operations under a schedule,
// access by access, or as many as it can, and writes down what happened.

import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { callAlone, callerOf } from '../alone'
import { type Call, type Caller, type Code, type Driven, type Operation, type Own, type System, type View, bind } from '../system'
import { Gate, guard } from './baton'
import { Baton, Of, type Reply, type Setup, type Task, type Trouble, wordOf } from './protocol'
import { stream } from './stream'

// The originals: replays put a gate before those that the code calls.
const { add, load, notify, wait } = Atomics

/** What a worker works with. */
interface Loaded { readonly system: System, readonly code: Code, readonly memory: View }

const messageOf = (error: unknown): string => error instanceof Error ? error.message : String(error)

async function loadAll({ code, driver, name, ops, buffer, wide }: Setup): Promise<Loaded> {
  const memory = wide ? new BigInt64Array(buffer) : new Int32Array(buffer), exports = await import(code) as Code
  const driven = driver === undefined ? undefined : await loadDriver(driver)
  const operations = Object.entries(ops).map(([op, isWritten]): [string, Operation] => {
    const run = isWritten ? driven?.ops[op] : undefined
    if (isWritten && run === undefined) throw new TypeError(`the driver has no operation ${op}`)
    return [op, { args: [], run, isRead: false }]
  })
  return { system: { name, ops: Object.fromEntries(operations) } as unknown as System, code: bind(exports, memory), memory }
}

async function loadDriver({ module, name, options }: NonNullable<Setup['driver']>): Promise<Driven> {
  const exports = await import(module) as Code, make = exports[name]
  if (typeof make !== 'function') throw new TypeError(`the driver's module exports no function ${name}`)
  return make(options) as Driven
}

// --- replay

/** Makes the thread's own memory as it is when an operation begins. */
function forget(memory: View, own: Own): void {
  const ints = new Int32Array(memory.buffer), places = own.lasting ?? [], lasting = places.map(place => ints[place]!)
  for (const [from, to] of own.cells) memory.fill((memory instanceof BigInt64Array ? 0n : 0) as never, from, to)
  places.forEach((place, n) => { ints[place] = lasting[n]! })
}

/** Runs tasks for ever. */
function replay(loaded: Loaded, { thread, control: buffer, port, replay: options }: Setup): never {
  const control = new Int32Array(buffer), gate = new Gate(control, thread), own = options!.own, go = wordOf(thread, Of.Go)
  guard(gate, loaded.memory, own)
  for (let done = 0; ; done++) {
    finish(control)
    while (load(control, go) === done) wait(control, go, done)
    const task = receiveMessageOnPort(port)!.message as Task
    send(port, runTask(loaded, gate, own, thread, task))
  }
}

function runTask(loaded: Loaded, gate: Gate, own: Own | undefined, thread: number, { calls, schedule, threads, context }: Task): Reply {
  const { system, code, memory } = loaded, caller: Caller = callerOf(code, memory, thread, context), answers: unknown[] = []
  let error: string | undefined
  gate.begin(schedule, threads)
  try {
    for (const call of calls) {
      if (own !== undefined) forget(memory, own)
      const answer = callAlone(system, caller, call)
      // Code that catches everything has caught its own end.
      if (gate.stopped) break
      answers.push(answer)
    }
  } catch (thrown) {
    if (!gate.stopped) error = messageOf(thrown)
  }
  gate.end()
  return { answers, error }
}

/** Answers first, so that they lie there when whoever waits is told. */
function send(port: MessagePort, reply: Reply): void {
  try {
    port.postMessage(reply)
  } catch (error) {
    port.postMessage({ answers: [], error: `its answers cannot be sent: ${messageOf(error)}` } satisfies Reply)
  }
}

function finish(control: Int32Array): void {
  add(control, Baton.Finished, 1)
  notify(control, Baton.Finished)
}

// --- stress

function stress({ system, code, memory }: Loaded, { thread, control, port, stress: options }: Setup): void {
  const caller = callerOf(code, memory, thread, options!.context)
  port.postMessage('ready')
  stream(new Int32Array(control), options!, thread, (call: Call) => callAlone(system, caller, call))
  port.postMessage('done')
}

async function main(setup: Setup): Promise<void> {
  // The worker stays until it is terminated: so nothing that it says comes after its end.
  setup.port.ref()
  try {
    const loaded = await loadAll(setup)
    if (setup.job === 'replay') replay(loaded, setup)
    stress(loaded, setup)
  } catch (error) {
    setup.port.postMessage({ error: messageOf(error) } satisfies Trouble)
    if (setup.job === 'replay') finish(new Int32Array(setup.control))
  }
}

void main(workerData as Setup)
