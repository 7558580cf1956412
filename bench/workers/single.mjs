// One case on one thread, in a thread of its own: nothing that another case has taught V8, or left in memory, is there.

import { parentPort, workerData as spec } from 'node:worker_threads'
import { SharedMap } from '../../dist/index.js'
import { inTurns } from '../lib/measure.mjs'
import { VALUES, loopOver, prepare } from './loops.mjs'

const { entries, values = 'integer', subjects, backend } = spec
const bytes = { integer: 60, text16: 130, text200: 500, object: 260 }[values] + (spec.keys === 'integer' ? 0 : 130)
const maxByteLength = Math.min(2 ** 32, Math.max(64 << 20, entries * bytes))

const MAKE = {
  Map: () => new Map(),
  SharedMap: () => SharedMap.create({ capacity: entries, maxByteLength, backend }),
  'SharedMap, JavaScript backend': () => SharedMap.create({ capacity: entries, maxByteLength, backend: 'javascript' }),
}

const prepared = prepare(spec), maps = Object.fromEntries(subjects.map(name => [name, MAKE[name]()]))
for (const map of Object.values(maps)) for (let index = 0; index < entries; index++) map.set(prepared.keyOf(index), VALUES[values].make(index, 0))
const times = await inTurns('single', Object.fromEntries(subjects.map(name => [name, loopOver(maps[name], spec, prepared)])), spec)

let wrong = prepared.tally.wrong
for (const map of Object.values(maps)) {
  for (let index = 0; index < entries; index++) if (!VALUES[values].isRight(index, map.get(prepared.keyOf(index)))) wrong++
  if (map.size !== entries) wrong++
}
parentPort.postMessage({ times, wrong })
