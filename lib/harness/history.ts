// From what a search knows of a run to a history that can be judged: who called what when, and what it answered.

import { callAlone, callText, callerOf, textOf } from './alone'
import { type Event, type Model, PENDING } from './linearizability'
import { type Answer, type Call, type Program, type System, type View, freshMemory, shipped } from './system'
import { PrefixError, type World } from './world'

/** Whether a thread had been killed when an operation was called. */
export type WasDead = (event: Event<Call, Answer>, thread: number) => boolean

/** The history of a run, with what was read at its end. */
export function historyOf(world: World, calls: readonly Call[], finals: readonly Answer[]): readonly Event<Call, Answer>[] {
  const [events, dead] = eventsOf(world), whole = [...events, ...readsAfter(events, calls, finals)]
  const wasDead: WasDead = (event, thread) => dead.has(event) ? (dead.get(event)! >> thread & 1) === 1 : world.killed[thread]!
  return inParts(world.system, withEnds(world.system, whole, wasDead))
}

/** The operations of a run as events, with times that say just which operation ended before which began; and who had been killed. */
function eventsOf(world: World): [events: Event<Call, Answer>[], dead: Map<Event<Call, Answer>, number>] {
  const { before, operations } = world
  const masks = [...new Set(before)].filter(mask => mask >= 0).sort((a, b) => bitsIn(a) - bitsIn(b)), last = masks.length * 2
  const events: Event<Call, Answer>[] = [], dead = new Map<Event<Call, Answer>, number>()
  for (let n = 0; n < operations.length; n++) {
    if (before[n]! < 0) continue
    const back = masks.findIndex(mask => (mask & 1 << n) !== 0), { thread, call } = operations[n]!
    events.push({ op: call, answer: world.answerOf(n), call: masks.indexOf(before[n]!) * 2, thread,
      back: !world.hasAnswered(n) ? Infinity : back < 0 ? last : back * 2 - 1 })
    dead.set(events.at(-1)!, world.deadBefore[n]!)
  }
  return [events, dead]
}

/** The events, with a time by which the unfinished operations of threads that were ended for good have taken effect, or never will. */
export function withEnds({ ends }: System, events: readonly Event<Call, Answer>[], wasDead: WasDead): readonly Event<Call, Answer>[] {
  if (ends === undefined) return events
  const untils = new Map<number, number>()
  for (const event of events) {
    const thread = event.back === Infinity ? undefined : ends[event.op[0]]?.(event.op, event.answer)
    if (thread !== undefined && wasDead(event, thread)) untils.set(thread, Math.min(event.back, untils.get(thread) ?? Infinity))
  }
  return events.map(event => {
    const until = event.back === Infinity && event.thread !== undefined ? untils.get(event.thread) : undefined
    return until === undefined ? event : { ...event, until }
  })
}

/** What an event answered, and when. */
export function answerText({ answer, call, back, until }: Event<Call, Answer>): string {
  if (back !== Infinity) return `-> ${textOf(answer)} [${call}..${back}]`
  return `pending [${call}..${until === undefined ? '' : `over by ${until}`}]`
}

/** Operations that are several at once, as the calls that they stand for. */
export function inParts({ parts }: System, events: readonly Event<Call, Answer>[]): readonly Event<Call, Answer>[] {
  return parts === undefined ? events : events.flatMap(event => parts(event.op, event.answer).map(([op, answer]) => ({ ...event, op, answer })))
}

/** Reads after everything else, one after the other. */
export function readsAfter(events: readonly Event<Call, Answer>[], calls: readonly Call[], answers: readonly Answer[]): Event<Call, Answer>[] {
  const from = 1 + events.reduce((latest, { call, back }) => Math.max(latest, call, back === Infinity ? 0 : back), 0)
  return calls.map((op, n) => ({ op, answer: answers[n], call: from + n * 2, back: from + n * 2 + 1 }))
}

function bitsIn(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}

/** The code's own behaviour as the specification: a state is what it has done so far, alone (the idea of Line-Up, 2010). */
export function sequentially(system: System, program: Program): Model<readonly Call[], Call, Answer> {
  const memory = freshMemory(system), code = shipped(system, memory), answers = new Map<string, Answer>()
  const ask = (calls: readonly Call[]): Answer => {
    const key = textOf(calls)
    if (!answers.has(key)) answers.set(key, runAll(system, program, memory, code, calls))
    return answers.get(key)
  }
  return {
    start: [],
    step: (state, op, answer) => answer === PENDING || textOf(ask([...state, op])) === textOf(answer) ? [...state, op] : undefined,
    key: state => textOf(state),
  }
}

/** What the last of the calls answers when all are made in turn, by the first thread, after the program's prefix. */
function runAll(system: System, program: Program, memory: View, code: ReturnType<typeof shipped>, calls: readonly Call[]): Answer {
  new Uint8Array(memory.buffer).fill(0)
  const caller = callerOf(code, memory, 0, system.init?.(code, memory, program.threads.length))
  for (const call of program.prefix ?? []) callAlone(system, caller, call)
  let answer: Answer
  for (const call of calls) answer = callAlone(system, caller, call)
  return answer
}

/** The model of a program: the system's, brought to where the prefix leaves it, or the code itself. */
export function modelFor(world: World): Model<any, Call, Answer> {
  const { system, program, prefixAnswers } = world, { model } = system
  if (model === undefined) return sequentially(system, program)
  let start: unknown = model.start
  for (const [n, call] of (program.prefix ?? []).entries()) {
    for (const [part, answer] of system.parts?.(call, prefixAnswers[n]) ?? [[call, prefixAnswers[n]]]) {
      const next: unknown = model.step(start, part, answer)
      if (next === undefined) throw new PrefixError(`the prefix alone goes wrong: ${callText(part)} answered ${textOf(answer)}`)
      start = next
    }
  }
  return { ...model, start }
}
