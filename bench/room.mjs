// node bench/room.mjs [MiB]: how many entries of each kind fit into a map, and what share of `maxByteLength` they use.
//
// A map is filled until a write throws OutOfMemoryError. An entry counts 16 bytes for its slot, and the bytes of its key and
// its value where these are not held in the slot. What the figures leave out is room for the table that the next resize would
// build, slots that are kept free, and what rounding to the sizes of blocks takes.

import { OutOfMemoryError, SharedMap } from '../dist/index.js'

const MIB = Number(process.argv[2] ?? 64), LIMIT = MIB << 20
const text = (length, n) => String(n).padEnd(length, 'x')

/** What is held: how a key and a value are made, and how many bytes they are beside their slot. */
const KINDS = [
  ['integers for integers', n => n, n => n, 0],
  ['integers for strings of 16', n => text(16, n), n => n, 16],
  ['strings of 16 for strings of 16', n => text(16, n), n => text(16, n), 32],
  ['strings of 100 for integers', n => n, n => text(100, n), 100],
  ['strings of 1,000 for integers', n => n, n => text(1000, n), 1000],
  ['bytes, 64 KiB, for integers', n => n, n => new Uint8Array(65536).fill(n), 65536],
]

/** Entries until the map is full. */
function fill(map, keyOf, valueOf) {
  for (let n = 0; ; n++) {
    try {
      map.set(keyOf(n), valueOf(n))
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error
      return n
    }
  }
}

console.log(`A map of ${MIB} MiB that grows from the smallest size\n`)
console.log('| values for keys | entries | share of maxByteLength |\n| --- | --- | --- |')
for (const [what, keyOf, valueOf, bytes] of KINDS) {
  const map = SharedMap.create({ maxByteLength: LIMIT }), entries = fill(map, keyOf, valueOf)
  if (map.size !== entries || map.get(keyOf(entries - 1)) === undefined) throw new Error('an entry is missing')
  console.log(`| ${what} | ${entries.toLocaleString('en')} | ${Math.round((16 + bytes) * entries / LIMIT * 100)} % |`)
  map.detach()
}
