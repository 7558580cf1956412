// What kills cost a map, in a process of its own.

import * as library from '../../dist/index.js'
import { runKills } from '../lib/kills.mjs'
import { Lab, MIB, holdsAgain } from '../lib/refill.mjs'

const { kills } = JSON.parse(process.argv[2]), BYTES = 16 * MIB
const lab = new Lab(library), url = new URL('../../dist/index.js', import.meta.url).href

/** Two workers, one of them killed at a time; what is missing afterwards, and after repair. */
async function together() {
  const map = lab.create(BYTES), { failures, operations } = await runKills(library, { url, map, workers: 2, operations: kills * 20_000, kills })
  const before = holdsAgain(lab, map, BYTES), { reclaimed } = map.repair(), after = holdsAgain(lab, map, BYTES), again = map.repair().reclaimed
  map.detach()
  return { failures, operations, before, reclaimed, after, again }
}

/** Kills one after the other: what each one lost, looked at before the next. */
async function alone() {
  const map = lab.create(BYTES), lost = []
  await runKills(library, { url, map, workers: 1, operations: kills * 10_000, kills, afterKill: () => lost.push(map.repair().reclaimed) })
  map.detach()
  return lost
}

try {
  process.send({ ...await together(), lost: await alone() })
} catch (error) {
  // A worker's error has its name still, and not its class.
  if (error.name !== 'WrongAnswer') throw error
  process.send({ wrong: error.message })
}
