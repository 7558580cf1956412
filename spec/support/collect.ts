// The garbage collector at hand, for specs of what is forgotten.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')

/** Collects all garbage; what was reached in this turn of the event loop is still kept. */
export const collect = runInNewContext('gc') as () => void
