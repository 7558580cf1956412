// lmdb 3.5.6, native: a B+tree in a mapped file, for disk; here without waiting for the disk.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'

const optionsFor = ({ path, keys }) => ({ path, noSync: true, mapSize: 2 ** 32, ...keys === 'integer' ? { keyEncoding: 'uint32' } : {} })

export default {
  name: 'lmdb', keys: ['integer', 'string'], shares: true, grows: true, package: 'lmdb',
  note: 'native, made for disk; one writer at a time; a worker terminated inside a transaction leaves the others hanging; '
    + 'reads in one synchronous loop do not see other threads\' writes',
  create({ keys = 'integer' } = {}) {
    const path = mkdtempSync(join(tmpdir(), 'bench-lmdb-')), token = { path, keys }, owner = open(optionsFor(token))
    return { invite: () => ({ token }), async close() { await owner.close(); rmSync(path, { recursive: true, force: true }) } }
  },
  attach(token) {
    const db = open(optionsFor(token))
    if (token.keys !== 'integer') return { get: key => db.get(key), set: (key, value) => db.putSync(key, value), delete: key => db.removeSync(key), end: () => db.close() }
    return { get: key => db.get(key >>> 0), set: (key, value) => db.putSync(key >>> 0, value), delete: key => db.removeSync(key >>> 0), end: () => db.close() }
  },
  close: map => map.end(),
}
