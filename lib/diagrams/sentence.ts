// A step of a recorded run in a sentence or two: who does what to which word, what became of it, and whether an operation
// begins, takes effect or answers with it.

import type { Access, Operation, Trace } from './record'

/**
 * Step `n` of a run, in words. Step 0 is the beginning, before anything is done; step `n` is the `n`-th access, or kill.
 * Linear in the accesses before it.
 *
 * @throws RangeError for a step that the run does not have
 */
export function sentence(trace: Trace, n: number): string {
  if (!Number.isInteger(n) || n < 0 || n > trace.accesses.length) throw new RangeError(`there is no step ${n}: the run has ${trace.accesses.length}`)
  const said = n === 0 ? beginning(trace) : trace.accesses[n - 1]!.what === 'kill' ? kill(trace, n - 1) : access(trace, n - 1)
  return n === trace.accesses.length && trace.error !== undefined ? `${said} Then the code throws; ${trace.error}.` : said
}

function beginning({ prefix, threads }: Trace): string {
  const before = prefix.length > 0 ? `${list(prefix)} ${prefix.length > 1 ? 'are' : 'is'} done before. ` : ''
  const tasks = threads.map((calls, t) => `${t === 0 ? 'Worker' : 'worker'} ${t} ${t === 0 ? 'is to do' : 'to do'} ${calls.length === 0 ? 'nothing' : list(calls)}`)
  return `The beginning. ${before}${tasks.join(', ')}.`
}

const list = (items: readonly string[]): string => items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)!}`

// --- kills

function kill({ operations, accesses, threads }: Trace, n: number): string {
  const { thread } = accesses[n]!, own = operations.filter(operation => operation.thread === thread && operation.from < n)
  const last = own.at(-1), next = threads[thread]?.[own.length]
  if (last?.killed === true) return `Worker ${thread} is killed in the middle of ${last.call}. It takes no further step, and nobody tells the others.`
  return `Worker ${thread} is killed ${next === undefined ? 'when all is done' : `before it begins ${next}`}.`
}

// --- accesses

function access(trace: Trace, n: number): string {
  const { thread, stack, line, operation: number } = trace.accesses[n]!, operation = trace.operations[number]
  const who = operation === undefined ? `Worker ${thread}` : operation.from === n ? `Worker ${thread} begins ${operation.call}. It` : `Worker ${thread}, in ${operation.call},`
  const where = [stack.at(-1), line > 0 ? `line ${line}` : undefined].filter(part => part !== undefined).join(', ')
  const parts = [`${who} ${deed(trace, n)}${where === '' ? '' : ` (${where})`}.`, ...effects(trace, n)]
  if (isIllegal(trace, trace.accesses[n]!)) parts.splice(1, 0, 'That is no legal step.')
  if (operation?.to === n && operation.answer !== undefined) parts.push(answerOf(operation))
  return parts.join(' ')
}

function deed(trace: Trace, n: number): string {
  const { what, word, seen, next, wanted, won, step } = trace.accesses[n]!, name = trace.words[word]!.name
  const change = step === undefined ? '' : `: ${step.name}`
  if (what === 'load') return `reads ${name}, which is ${seen}`
  if (what === 'swap') return won ? `swaps ${name} from ${seen} to ${next}${change}` : lostSwap(trace, n)
  if (what === 'add') return won ? `adds to ${name}: ${seen} becomes ${next}` : `adds nothing to ${name}, which stays ${next}`
  const verb = what === 'store' ? `writes ${wanted ?? next} into ${name}` : `exchanges what is in ${name} for ${wanted ?? next}`
  return won ? `${verb}, which was ${seen}${change}` : `${verb}, which was that already`
}

/** What a lost swap was to change: the word as its thread saw it last, if it did so in the same operation. */
function lostSwap({ accesses, words }: Trace, n: number): string {
  const { word, thread, operation, seen, wanted } = accesses[n]!, name = words[word]!.name
  const expected = accesses.slice(0, n).findLast(other => other.word === word && other.thread === thread && other.operation === operation)?.next
  const found = expected !== seen ? `it is ${seen} already` : `it has changed since, though it is ${seen} again`
  return `tries to swap ${name}${expected === undefined ? '' : ` from ${expected}`} to ${wanted ?? 'another word'} and loses: ${found}`
}

/** What takes effect with an access. Another worker can make it, where workers help each other. */
function effects({ accesses, operations }: Trace, n: number): string[] {
  const { thread, step, won } = accesses[n]!
  return operations.filter(({ point }) => point === n).map(operation => {
    const whose = operation.thread === thread ? operation.call : `worker ${operation.thread}'s ${operation.call}`
    if (!won) return `This settles what ${whose} answers.`
    return `Here ${whose} takes effect${step?.effect ? ` (${step.effect})` : ''}.`
  })
}

const answerOf = ({ call, answer }: Operation): string => answer === 'undefined' ? `${call} is done.` : `${call} answers ${answer!}.`

/** Whether a change is none of the legal steps that the system names for such words. */
export function isIllegal({ machines, words }: Trace, { won, step, word }: Access): boolean {
  return won && step === undefined && machines.some(machine => machine.word === words[word]?.kind)
}
