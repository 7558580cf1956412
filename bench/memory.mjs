// What a million integer pairs take: by the map's own account, and as resident memory of the process.

import { parentPort, workerData } from 'node:worker_threads'
import { SharedMap } from '../dist/index.js'

const { kind, count } = workerData
const resident = () => { globalThis.gc?.(); return process.memoryUsage.rss() }
const before = resident()
const map = kind === 'Map' ? new Map() : SharedMap.create(kind === 'presized' ? { capacity: count } : {})
for (let i = 0; i < count; i++) map.set(Math.imul(i, 0x9e3779b1), i)
const after = resident()
if (map.size !== count) throw new Error('entries were lost')
parentPort.postMessage({ resident: after - before, stats: kind === 'Map' ? 0 : map.stats().memory.used })
