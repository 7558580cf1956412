// Random programs, compared with Map call by call.

import { ABSENT, ANY, type Expected, PRESENT } from '../../map/shared-map'
import { holdsIntegers, integersOf } from './basics'
import { OPERATIONS, perform, termsOf } from './operations'
import type { Model, Shared, Term, Trial } from './trial'

/** How many keys a program uses, its calls, and how often it clears or walks the map. */
interface Shape { readonly keys: number, readonly calls: number, readonly rarely: number }

/** Few keys meet often; many make the map grow and shrink. */
const FEW: Shape = { keys: 8, calls: 2000, rarely: 40 }
const MANY: Shape = { keys: 500, calls: 4000, rarely: 800 }

export const PROGRAM_TERMS: readonly Term[] = [
  { name: 'random programs on few keys agree with Map', run: trial => runProgram(trial, [trial.create()], FEW) },
  { name: 'random programs on many keys agree with Map', run: trial => runProgram(trial, [trial.create()], MANY) },
]

/** Values of a program: enough that most are different, few enough that they meet. */
const VALUES = 24

/** Makes random calls, each on one of the attachments of one map. */
export function runProgram(trial: Trial, maps: readonly Shared[], shape: Shape): void {
  const model: Model = new Map(), { random } = trial, numbers = holdsIntegers(trial.setup) ? integersOf(trial.setup) : []
  let deleting = false
  for (let call = 0; call < shape.calls; call++) {
    const map = random.pick(maps), n = random.below(shape.keys)
    // Turns of deletions, so that the map shrinks.
    if (call % (shape.keys * 2) === 0) deleting = !deleting
    if (random.below(shape.rarely) === 0) doRarely(trial, map, model)
    else if (numbers.length > 0 && random.below(12) === 0) add(trial, map, model, n, random.pick(numbers))
    else if (deleting && random.below(2) === 0) trial.is(`delete(key ${n})`, map.delete(trial.key(n)), model.delete(n))
    else write(trial, map, model, n)
    trial.agreesOn(random.pick(maps), model, random.below(2) === 0 ? n : random.below(shape.keys))
    trial.is('size', map.size, model.size)
  }
  for (const map of maps) trial.agrees(map, model)
  trial.is('repair', maps[0]!.repair(), { entries: model.size, sizeError: 0, reclaimed: 0 })
  for (const map of maps) trial.agrees(map, model)
}

function doRarely(trial: Trial, map: Shared, model: Model): void {
  if (trial.random.below(4) > 0) return trial.agrees(map, model)
  map.clear()
  model.clear()
}

function write(trial: Trial, map: Shared, model: Model, n: number): void {
  const { random } = trial, operation = random.pick(OPERATIONS)
  // Half of the values that are expected are there.
  const anything: Expected<any> = random.pick([ANY, PRESENT, ABSENT, trial.value(random.below(VALUES))])
  const expected = random.below(2) === 0 && model.has(n) ? model.get(n) : anything
  const next = operation.deletes === 'if told' && random.below(3) === 0 ? ABSENT : trial.value(random.below(VALUES))
  perform(trial, map, model, n, operation, termsOf(operation, expected, next))
}

/** Adds what makes one of the integers that the map can hold. */
function add(trial: Trial, map: Shared, model: Model, n: number, sum: number): void {
  const before = model.has(n) ? model.get(n) : 0
  if (typeof before !== 'number') return trial.throws(`add(key ${n}, 1) to ${typeof before}`, TypeError, () => map.add(trial.key(n), 1))
  // Fractions and infinities do not come to it.
  if (!Number.isSafeInteger(before)) return
  trial.is(`add(key ${n}, ${sum - before}) to ${before}`, map.add(trial.key(n), sum - before), before + (sum - before))
  model.set(n, before + (sum - before))
}
