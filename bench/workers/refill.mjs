// One row of `memory/refill`, in a thread of its own.

import { parentPort, workerData } from 'node:worker_threads'
import * as library from '../../dist/index.js'
import { collect } from '../lib/collect.mjs'
import { KINDS, Lab, MIB, WAYS, WrongAnswer, churn, creepUp, growOne, leftOut, refillEmptied, refillThinned, usableShare } from '../lib/refill.mjs'

const lab = new Lab(library, { collect }), kinds = Object.keys(KINDS), ways = Object.keys(WAYS)

/** Each pair of kinds that fits, with what `measure` finds; and the pairs that do not, with why. */
function pairs(mib, fewest, measure) {
  const found = [], left = []
  kinds.forEach((a, i) => kinds.forEach((b, j) => {
    const why = leftOut(lab, mib * MIB, a, b, fewest)
    if (why === undefined) found.push(...measure(a, b, i + j).map(result => ({ a, b, ...result })))
    else left.push({ a, b, why })
  }))
  return { found, left }
}

const rows = {
  /** All ways for each pair, or one in turn: so that each kind meets each way. */
  emptied: ({ mib, all }) => pairs(mib, 1, (a, b, n) => {
    const taken = all ? ways : [ways[(n + 3) % ways.length]]
    return taken.map(way => ({ way, ...refillEmptied(lab, mib * MIB, a, b, way) }))
  }),
  thinned: ({ mib }) => pairs(mib, 10, (a, b) => [refillThinned(lab, mib * MIB, a, b)]),
  grown: ({ mib, step }) => ({ size: growOne(lab, mib * MIB, step) }),
  creeping: ({ mib, most }) => creepUp(lab, mib * MIB, { most }),
  churned: ({ mib, ...parameters }) => churn(lab, mib * MIB, parameters),
  usable: ({ mib, of }) => ({ shares: of.map(kind => ({ kind, ...usableShare(lab, mib * MIB, kind) })) }),
}

const { row, ...parameters } = workerData
try {
  parentPort.postMessage({ ...rows[row](parameters), wrong: 0 })
} catch (error) {
  if (!(error instanceof WrongAnswer)) throw error
  console.error(`${row}: ${error.message}`)
  parentPort.postMessage({ wrong: 1 })
}
