// ems 1.6.1, a native addon: an array of tagged elements with a map of keys, in a file that is mapped into memory.

import { createRequire } from 'node:module'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ems = createRequire(import.meta.url)('ems')

function open(token, useExisting) {
  return ems(1, false, 'user', token.domain).new({ dimensions: [token.slots], heapSize: token.heap, useMap: true, useExisting, filename: token.file })
}

let maps = 0

export default {
  name: 'ems', keys: ['integer', 'string'], shares: true, grows: false, package: 'ems',
  note: 'native, not on Windows or in browsers; fixed size, and a write that finds no place is lost with a line on stderr; a deleted key is never freed',
  create({ entries = 1000 } = {}) {
    const name = `bench-ems-${process.pid}-${maps++}`, token = { file: join(tmpdir(), name), domain: `${name}-domain`, slots: entries * 4, heap: entries * 64 + (1 << 20) }
    open(token, false)
    return { invite: () => ({ token }), close: () => rmSync(token.file, { force: true }) }
  },
  attach(token) {
    const array = open(token, true)
    return { get: key => array.read(key), set: (key, value) => array.write(key, value), add: (key, delta) => array.faa(key, delta) + delta }
  },
  close() {},
}
