// Once a killed thread is reaped, what it had begun is over: on a register that others write to on behalf of whoever
// announced it.

import { describe, expect, it } from 'vitest'
import { CheckError, explore } from '../../lib/harness/explore'
import { PENDING, type Model } from '../../lib/harness/linearizability'
import { type Stressed, stress } from '../../lib/harness/stress'
import { type Call, type Program, type System, type SystemOptions, op, system } from '../../lib/harness/system'

/** What `reap` does with an announcement: nothing, or completes it. */
const REAPS = {
  idle: 'Atomics.load(cells, 0); return true',
  completes: 'help(cells); return true',
  /** Others may announce after it has looked: only a thread that was killed before it began cannot. */
  looks: 'help(cells); Atomics.load(cells, 0); Atomics.load(cells, 0); return true',
  refuses: 'Atomics.load(cells, 0); return false',
}

/** One word holds the value, and above it the one that is announced. */
const REGISTER: Model<number, Call, unknown> = {
  start: 0,
  step: (found, [name, value], answer) => {
    if (name === 'get') return answer === PENDING || answer === found ? found : undefined
    return name === 'write' ? value as number : found
  },
}

const ENDS: NonNullable<SystemOptions['ends']> = { reap: ([, thread], answer) => answer === true ? thread as number : undefined }

function registerOf(reap: keyof typeof REAPS, ends: NonNullable<SystemOptions['ends']> = ENDS, busy = 0, model = REGISTER): System {
  const source = `
    export function help(cells) {
      for (;;) {
        const seen = Atomics.load(cells, 0)
        if (seen >> 8 === 0 || Atomics.compareExchange(cells, 0, seen, seen >> 8) === seen) return
      }
    }
    export function write(cells, value) {
      Atomics.or(cells, 0, value << 8)
      for (let n = 0; n < ${busy}; n++) Atomics.load(cells, 0)
      help(cells)
    }
    export function get(cells) { return Atomics.load(cells, 0) & 255 }
    export function reap(cells) { ${REAPS[reap]} }`
  const ops = Object.fromEntries(['help', 'write', 'get', 'reap'].map(name => [name, op()]))
  return system({ name: `a register whose reap ${reap}`, code: { source }, memory: 4, ops, model, final: () => [['get']], ends })
}

const LATER: Program = { threads: [[['reap', 1], ['get'], ['help'], ['get']], [['write', 5]]] }

function faultOf(checked: System, program: Program, kills = 1): string | undefined {
  try {
    explore(checked, program, { kills, confirm: false })
    return undefined
  } catch (error) {
    if (error instanceof CheckError) return `${error.failure.check}: ${error.failure.message}`
    throw error
  }
}

describe('what a killed thread had begun', () => {
  it('may take effect at any later time where nothing ends it', () => {
    for (const reap of ['idle', 'completes', 'refuses'] as const) {
      expect(explore(registerOf(reap, {}), LATER, { kills: 1 }).verdict).toBe('exhaustive')
    }
  })

  it('takes no effect any more once the thread is reaped: a helper that completes it late is caught', () => {
    expect(faultOf(registerOf('idle'), LATER)).toMatch(/^linearizability: not linearizable: .*write\(5\) pending \[0\.\.over by \d+\]/)
  })

  it('is settled by a reap that completes it', () => {
    expect(explore(registerOf('completes'), LATER, { kills: 1 }).verdict).toBe('exhaustive')
  })

  it('is not ended by a reap that says it has not ended it', () => {
    expect(explore(registerOf('refuses'), LATER, { kills: 1 }).verdict).toBe('exhaustive')
  })

  it('is not ended by a reap of another thread', () => {
    const program: Program = { threads: [[['reap', 2], ['get'], ['help'], ['get']], [['write', 5]]] }
    expect(explore(registerOf('idle'), program, { kills: 1 }).verdict).toBe('exhaustive')
  })

  it('is not ended by a reap that began before the kill, and looked before the announcement', () => {
    expect(explore(registerOf('looks'), LATER, { kills: 1 }).verdict).toBe('exhaustive')
  })

  it('is over as well if the reap and the late effect are two different threads\'', () => {
    expect(faultOf(registerOf('idle'), { threads: [[['reap', 2], ['get']], [['help']], [['write', 5]]] })).toMatch(/^linearizability/)
  })

  it('is over before the reads at the end, where a reap is one of them', () => {
    const reads = (): Call[] => [['reap', 0], ['get'], ['help'], ['get']]
    const last = (reap: keyof typeof REAPS): System => system({ ...registerOf(reap), final: reads })
    expect(faultOf(last('idle'), { threads: [[['write', 5]]] })).toMatch(/^linearizability/)
    expect(faultOf(last('completes'), { threads: [[['write', 5]]] })).toBe(undefined)
  })

  it('is missed neither by a search of few preemptions nor by random runs', () => {
    for (const options of [{ preemptions: 0 }, { maxStates: 5, samples: 10_000 }] as const) {
      expect(() => explore(registerOf('idle'), LATER, { kills: 1, confirm: false, ...options })).toThrow(/not linearizable/)
    }
  })

  it('is judged part by part too', () => {
    const model = { ...REGISTER, partition: () => 'the register' }
    expect(faultOf(registerOf('idle', ENDS, 0, model), LATER)).toMatch(/^linearizability/)
    expect(faultOf(registerOf('completes', ENDS, 0, model), LATER)).toBe(undefined)
  })
})

describe('real workers', () => {
  const BUSY = 3e9
  /** Thread 0 is terminated while it waits between its announcement and its end; whoever looks at the end completes what it finds. */
  const run = (checked: System): Promise<Stressed> => stress(system({ ...checked, final: () => [['help'], ['get']] }), {
    calls: (random, thread) => thread === 0 ? ['write', 5] : random.below(2) === 0 ? ['get'] : ['reap', 0],
    workers: 2, kills: 1, ms: 1200, maxOperations: 2000, seed: 6,
  })

  it('are held to it: a write whose thread was terminated and reaped is seen later', async () => {
    await expect(run(registerOf('idle', ENDS, BUSY))).rejects.toThrow(/not linearizable/)
  }, 30_000)

  it('pass where nothing ends what was begun, or the reap settles it', async () => {
    expect(await run(registerOf('idle', {}, BUSY))).toMatchObject({ killed: 1, pending: 1 })
    expect(await run(registerOf('completes', ENDS, BUSY))).toMatchObject({ killed: 1, pending: 1 })
  }, 30_000)
})
