// Counts the shared cache lines that each operation writes. The library runs over the traced WebAssembly kernel, whose shared
// accesses are calls of the host. So this thread gives that kernel to whoever compiles one, before the library is loaded.

import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { TEXTS, spread } from '../lib/keys.mjs'

const LINE_CELLS = 8
const traced = new WebAssembly.Module(readFileSync(new URL('../../build/traced/kernel.wasm', import.meta.url)))
const OriginalInstance = WebAssembly.Instance
let written = new Set(), accesses = 0

/** The accesses of the traced kernel to one memory; a swap takes its line also where it fails. */
function accessTo(memory) {
  const cells = new BigInt64Array(memory.buffer), write = cell => { accesses++; written.add(Math.floor(cell / LINE_CELLS)) }
  return {
    load: cell => { accesses++; return Atomics.load(cells, cell) },
    store: (cell, next) => { write(cell); Atomics.store(cells, cell, next) },
    cas: (cell, seen, next) => { write(cell); return Atomics.compareExchange(cells, cell, seen, next) },
    add: (cell, delta) => { write(cell); Atomics.add(cells, cell, BigInt(delta)) },
  }
}

WebAssembly.Module = function TracedModule() { return traced }
WebAssembly.Instance = function TracedInstance(module, imports) { return new OriginalInstance(traced, { ...imports, access: accessTo(imports.env.memory) }) }
const { SharedMap } = await import('../../dist/index.js')

/** Cells of a participant's area, AREA_CELLS of lib/kernel/layout.ts. `participant` has the area's number above 19 bits. */
const AREA_CELLS = 1024
const isOwn = (map, line) => Math.floor(line * LINE_CELLS / AREA_CELLS) === map.participant >>> 19

/** Lines written by one operation, on average over all entries. */
function countLines(map, entries, operate) {
  let lines = 0, own = 0, made = 0
  for (let index = 0; index < entries; index++) {
    written = new Set()
    accesses = 0
    operate(index)
    lines += written.size
    made += accesses
    for (const line of written) if (isOwn(map, line)) own++
  }
  return { lines: lines / entries, own: own / entries, accesses: made / entries }
}

let wrong = 0

/** Each operation on a map that has room: what growth adds is in the figures of growth. */
function linesOf(keyOf, entries) {
  const map = SharedMap.create({ capacity: entries * 4 }), expect = (found, wanted) => { if (found !== wanted) wrong++ }, all = {}
  all.insert = countLines(map, entries, index => map.set(keyOf(index), index))
  all.get = countLines(map, entries, index => expect(map.get(keyOf(index)), index))
  all['get of an absent key'] = countLines(map, entries, index => expect(map.get(keyOf(index + entries)), undefined))
  all.has = countLines(map, entries, index => expect(map.has(keyOf(index)), true))
  all['set of an existing key'] = countLines(map, entries, index => map.set(keyOf(index), index + 1))
  all.add = countLines(map, entries, index => expect(map.add(keyOf(index), 1), index + 2))
  all.delete = countLines(map, entries, index => expect(map.delete(keyOf(index)), true))
  expect(map.size, 0)
  return all
}

const { entries } = workerData
parentPort.postMessage({ lines: { integer: linesOf(spread, entries), string: linesOf(TEXTS[19], entries) }, wrong })
