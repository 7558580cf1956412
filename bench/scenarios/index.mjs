// All scenarios, in the order in which they run and are reported.

import backends from './backends.mjs'
import bulk from './bulk.mjs'
import chosen from './chosen.mjs'
import contention from './contention.mjs'
import latency from './latency.mjs'
import memory from './memory.mjs'
import mix from './mix.mjs'
import reclamation from './reclamation.mjs'
import resize from './resize.mjs'
import rivals from './rivals.mjs'
import scaling from './scaling.mjs'
import startup from './startup.mjs'

/** Each has a name, a title, a sentence on what it tells, and cases; a case has a name, and runs with a `Bench`. */
export const SCENARIOS = [mix, resize, latency, contention, bulk, chosen, memory, startup, rivals, backends, reclamation, scaling]

/** The cases of a run, as `[scenario, case]`: those whose `scenario/case` contains the text; of a quick run, those marked so. */
export function casesFor({ quick = false, only = '' } = {}) {
  return SCENARIOS.flatMap(scenario => scenario.cases
    .filter(entry => (!quick || entry.quick === true || only !== '') && `${scenario.name}/${entry.name}`.includes(only))
    .map(entry => [scenario, entry]))
}
