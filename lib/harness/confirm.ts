// A counterexample is believed when the untouched file shows it on real workers.

import { wordAfter } from './access'
import { callText, textOf } from './alone'
import { type Own, type Program, type Range, type System, freshMemory } from './system'
import { type Outcome, Workers } from './workers/pool'
import { type Choice, type Undo, World, isKill, noUndo, stepOf, threadOf } from './world'

export { type Outcome, Workers } from './workers/pool'

/** Whether real workers, running the shipped file under the same schedule, gave the same answers and memory. */
export interface Confirmation { readonly confirmed: boolean, readonly why: string }

/**
 * Runs a schedule on real workers, and compares all that can be seen of it: the answers, what the code throws, and the
 * memory afterwards, but for cells that are one thread's own or vacant. Blocks the calling thread until they have answered, some
 * seconds at most. Never throws: what went wrong is the reason why it is not confirmed.
 *
 * @example
 * ```js
 * import { confirm, op, system } from 'nonblocking-map/harness'
 *
 * const counter = system({ code: { source: 'export const add = cells => { return Atomics.add(cells, 0, 1) }' }, memory: 4, ops: { add: op() } })
 * // Choices: twice the number of the thread that makes its next access.
 * confirm(counter, { threads: [[['add']], [['add']]] }, [2, 0]) // => { confirmed: true, why: '' }
 * ```
 */
export function confirm(system: System, program: Program, schedule: readonly Choice[]): Confirmation {
  let workers: Workers | undefined
  try {
    const expected = simulate(new World(system, program), schedule), crashed = expected.errors.findIndex(error => error !== undefined)
    workers = new Workers(system, program.threads.length)
    // The explorer knows that an access will throw before it is scheduled; a worker when it makes it.
    const real = crashed < 0 ? expected.schedule : [...expected.schedule, stepOf(crashed)]
    const why = difference(system, program, expected, workers.run(program, real))
    return { confirmed: why === '', why }
  } catch (error) {
    return { confirmed: false, why: (error as Error).message }
  } finally {
    workers?.close()
  }
}

/** What a schedule should come to, and the choices that real workers are given: an operation without an access takes them none. */
export interface Simulated extends Outcome { readonly schedule: readonly Choice[] }

/** What the explorer says of a schedule, from where the world stands; it stands there again afterwards. */
export function simulate(world: World, schedule: readonly Choice[]): Simulated {
  const real: Choice[] = []
  const memory = freshMemory(world.system), errors: (string | undefined)[] = world.at.map(() => undefined), killed = [...world.killed], undos: Undo[] = []
  for (const choice of schedule) {
    const thread = threadOf(choice)
    if (isKill(choice) || !world.at[thread]!.isSilent) real.push(choice)
    if (errors[thread] !== undefined || world.isOver(thread)) continue
    if (isKill(choice)) world.killed[thread] = true
    else errors[thread] = step(world, thread, undos)
  }
  world.copyTo(memory)
  const answers = world.at.map(place => world.settled(place).answers)
  while (undos.length > 0) world.undo(undos.pop()!)
  killed.forEach((was, thread) => { world.killed[thread] = was })
  return { answers, errors, memory, schedule: real }
}

/** One step; what the code throws after it, or undefined. The access itself was made, whatever follows. */
function step(world: World, thread: number, undos: Undo[]): string | undefined {
  const place = world.at[thread]!, { cell, kind, a, b } = place, undo = noUndo()
  undos.push(undo)
  try {
    world.step(place, undo)
    return undefined
  } catch (error) {
    world.cells[cell] = wordAfter(world.words, kind, undo.word, a, b)
    world.touched.add(cell)
    return (error as Error).message
  }
}

/**
 * In what a run on real workers differs from what was expected; '' if in nothing.
 *
 * @remarks Compares the memory of both once: time grows with its size.
 */
export function difference(system: System, program: Program, expected: Outcome, real: Outcome): string {
  for (let thread = 0; thread < program.threads.length; thread++) {
    const why = threadDifference(program, thread, expected, real)
    if (why !== '') return why
  }
  const { length } = program.threads, owned = program.threads.flatMap((_, thread) => ownedBy(system.own?.(thread)))
  return memoryDifference(expected, real, [...owned, ...system.vacant?.(length) ?? []])
}

function threadDifference({ threads }: Program, thread: number, expected: Outcome, real: Outcome): string {
  const right = expected.answers[thread]!, answers = real.answers[thread]!, calls = threads[thread]!
  const throws = expected.errors[thread], threw = real.errors[thread]
  const nth = answers.findIndex((answer, n) => n < right.length && textOf(answer) !== textOf(right[n]))
  if (nth >= 0) return `thread ${thread} answered ${textOf(answers[nth])}, not ${textOf(right[nth])}, to ${callText(calls[nth]!)}`
  if (threw !== undefined && throws === undefined) return `thread ${thread} threw in ${callText(calls[answers.length] ?? ['its end'])}: ${threw}`
  if (throws !== undefined) return threw !== undefined ? '' : `thread ${thread} did not throw (${throws})`
  return answers.length === right.length ? '' : `thread ${thread} ended ${answers.length} operations, not ${right.length}`
}

const ownedBy = (own: Own | undefined): Range[] => [...own?.cells ?? [], ...own?.forgotten ?? []]

/** Compares the bytes between the ranges that are left out, and looks for the cell only where they differ. */
function memoryDifference({ memory }: Outcome, { memory: real }: Outcome, left: readonly Range[]): string {
  const ranges = [...left].sort(([a], [b]) => a - b), last: Range = [memory.length, memory.length]
  let from = 0
  for (const [start, end] of [...ranges, last]) {
    if (start > from && !sameBytes(memory, real, from, start)) {
      let cell = from
      while (memory[cell] === real[cell]) cell++
      return `cell ${cell} is ${textOf(real[cell])}, not ${textOf(memory[cell])}`
    }
    from = Math.max(from, end)
  }
  return ''
}

function sameBytes(a: Outcome['memory'], b: Outcome['memory'], from: number, to: number): boolean {
  const width = a.BYTES_PER_ELEMENT, bytesOf = ({ buffer }: typeof a): Buffer => Buffer.from(buffer, from * width, (to - from) * width)
  return bytesOf(a).equals(bytesOf(b))
}
