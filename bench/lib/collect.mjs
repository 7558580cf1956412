// Collects garbage on demand. A map of half a gigabyte is a small object to V8, which sees no reason to let go of it; and what one
// round has left is not to be collected in the time of the next.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')

/** Collects what this thread no longer needs. */
export const collect = runInNewContext('gc')
