// getMany or setMany against single calls, on one thread.

import { parentPort, workerData } from 'node:worker_threads'
import { SharedMap } from '../../dist/index.js'
import { indices, isRight, keyMaker, valueAt } from '../lib/keys.mjs'
import { OPERATIONS, inTurns } from '../lib/measure.mjs'

const { method, keys, entries, size } = workerData
const map = SharedMap.create({ capacity: entries }), keyOf = keyMaker(keys)
for (let index = 0; index < entries; index++) map.set(keyOf(index), valueAt(index, 0))

// Lists of keys are made before: what is measured is the calls.
const asked = indices('uniform', entries, 1), lists = []
for (let at = 0; at + size <= asked.length && lists.length < 512; at += size) lists.push(asked.subarray(at, at + size))
const keyLists = lists.map(list => Array.from(list, keyOf)), entryLists = lists.map(list => Array.from(list, index => [keyOf(index), valueAt(index, 1)]))
let wrong = 0, next = 0

const compare = (list, values) => { for (let n = 0; n < size; n++) if (!isRight(list[n], values[n])) wrong++ }
const WORK = {
  getMany: {
    single: at => { const list = keyLists[at], values = new Array(size); for (let n = 0; n < size; n++) values[n] = map.get(list[n]); compare(lists[at], values) },
    bulk: at => { compare(lists[at], map.getMany(keyLists[at])) },
  },
  setMany: {
    single: at => { for (const [key, value] of entryLists[at]) map.set(key, value) },
    bulk: at => { map.setMany(entryLists[at]) },
  },
}

/** About as many operations as inTurns counts, in whole lists. */
const listsPerCall = Math.max(1, Math.round(OPERATIONS / size))
const body = work => () => { for (let n = 0; n < listsPerCall; n++) work(next++ % lists.length) }
const times = await inTurns(method, { bulk: body(WORK[method].bulk), single: body(WORK[method].single) }, workerData)
const perKey = OPERATIONS / (listsPerCall * size)
for (const list of Object.values(times)) list.forEach((ns, n) => { list[n] = ns * perKey })

for (let index = 0; index < entries; index++) if (!isRight(index, map.get(keyOf(index)))) wrong++
parentPort.postMessage({ times, wrong: wrong + (map.size === entries ? 0 : 1) })
