// What one map takes, in a process of its own.

import { SharedMap } from '../../dist/index.js'
import { LockedMap, createLocked } from '../rivals/locked-map.mjs'
import { keyMaker } from '../lib/keys.mjs'

const { kind, entries, keys = 'integer', presized = false, phase = 'filled' } = JSON.parse(process.argv[2])
const keyOf = keyMaker(keys), valueOf = keys === 'integer' ? index => index : index => `value-${1_000_000_000 + index}`

const MAKE = {
  Map: () => new Map(),
  SharedMap: () => SharedMap.create(presized ? { capacity: entries } : {}),
  locked: () => new LockedMap(createLocked()),
}

/** Resident bytes, once what can be collected is gone. */
function resident() {
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage.rss()
}

const before = resident(), map = MAKE[kind]()
for (let index = 0; index < entries; index++) map.set(keyOf(index), valueOf(index))
if (phase === 'deleted') for (let index = 0; index < entries; index++) if (index % 10 !== 0) map.delete(keyOf(index))
let first = 0
if (phase === 'churned') {
  for (; first < 10 * entries; first++) {
    map.delete(keyOf(first))
    map.set(keyOf(first + entries), valueOf(first + entries))
  }
}
const after = resident(), left = phase === 'deleted' ? Math.ceil(entries / 10) : entries
if (map.size !== left) throw new Error(`${map.size} entries are left, not ${left}`)
for (let index = first; index < first + entries; index += phase === 'deleted' ? 10 : 7) if (map.get(keyOf(index)) !== valueOf(index)) throw new Error(`wrong value of ${index}`)
process.send({ entries, left, resident: after - before, used: kind === 'SharedMap' ? map.stats().memory.used : kind === 'locked' ? map.touched : 0 })
