// What is checked where all threads have ended or were killed: the answers have an explanation, what the memory holds
// agrees with it, and the memory is in order.

import { callAlone, callText, callerOf } from './alone'
import { finalsOf } from './finals'
import { answerText, historyOf, modelFor } from './history'
import { judge, type Event, type Model } from './linearizability'
import { type Answer, type Call, type Code, type View, freshMemory, shipped } from './system'
import type { World } from './world'

/** What can find a fault. */
export const CHECKS = ['linearizability', 'transition', 'progress', 'audit', 'crash'] as const
export type Check = typeof CHECKS[number]

/** What is wrong, and which check found it. */
export interface Fault { readonly check: Check, readonly message: string }

/** What a memory turns out to hold. */
interface AtRest { readonly finals: readonly Answer[], readonly wrong: string }

export class Ends {
  /** Different histories that were judged. */
  readonly histories = new Set<string>()
  private readonly rests = new Map<string, AtRest>()
  private readonly memory: View
  private readonly code: Code
  private readonly calls: readonly Call[]
  private readonly model: Model<any, Call, Answer>

  constructor(private readonly world: World, private readonly checks: readonly Check[] = CHECKS) {
    this.memory = freshMemory(world.system)
    this.code = shipped(world.system, this.memory)
    this.calls = finalsOf(world.system, world.program, this.code)
    this.model = modelFor(world)
  }

  /** Looks at the present state, an end. */
  check(kills: number): Fault | undefined {
    const { world } = this, key = `${world.memoryA},${world.memoryB},${kills}`
    let rest = this.rests.get(key)
    if (rest === undefined) this.rests.set(key, rest = this.look(kills))
    if (rest.wrong !== '' && this.checks.includes('audit')) return { check: 'audit', message: rest.wrong }
    if (rest.finals.length < this.calls.length || !this.checks.includes('linearizability')) return undefined
    const history = historyOf(world, this.calls, rest.finals), text = history.map(eventText).join('; ')
    if (this.histories.has(text)) return undefined
    this.histories.add(text)
    const { ok } = judge(history, this.model)
    return ok === true ? undefined : { check: 'linearizability', message: `${ok === false ? 'not linearizable' : 'linearizability could not be decided'}: ${text}` }
  }

  /** Asks the shipped code, on a copy, as one more thread. */
  private look(kills: number): AtRest {
    const { world, memory, code } = this, { system, program, context } = world
    world.copyTo(memory)
    const caller = callerOf(code, memory, program.threads.length, context)
    try {
      const finals = this.calls.map(call => callAlone(system, caller, call))
      return { finals, wrong: system.audit?.({ code, memory, context, kills, finals, program }) ?? '' }
    } catch (error) {
      return { finals: [], wrong: `at rest: ${(error as Error).message}` }
    }
  }
}

const eventText = (event: Event<Call, Answer>): string => `${callText(event.op)} ${answerText(event)}`
