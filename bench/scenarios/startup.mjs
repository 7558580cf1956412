// What it costs to begin: create, attach, a worker's first answer; and what the package weighs.

import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { transformSync } from 'esbuild'
import { SharedMap } from '../../dist/index.js'
import { duration, median, three } from '../lib/numbers.mjs'
import { inThread } from '../lib/single.mjs'

const size = {
  name: 'size', quick: true,
  run(bench) {
    // What a program's bundler makes of it: it is published in readable lines.
    const published = readFileSync(new URL('../../dist/index.js', import.meta.url), 'utf8')
    const { code: core } = transformSync(published, { minify: true, format: 'esm' })
    const wasm = readFileSync(new URL('../../build/release/kernel.wasm', import.meta.url))
    bench.figure('startup.size', 'the core entry, minified and compressed, both backends in it', gzipSync(core, { level: 9 }).length / 1000, 'kB',
      `${three(core.length / 1000)} kB before gzip; its WebAssembly alone ${three(wasm.length / 1000)} kB`)
  },
}

const begin = {
  name: 'create and attach', quick: true,
  async run(bench) {
    const rounds = Array.from({ length: bench.scaled(15, 5) }), firsts = []
    for (const _ of rounds) firsts.push(await inThread('startup', { warm: false }))
    const { creates, attaches } = await inThread('startup', { warm: true }), of = name => median(firsts.map(first => first[name]))
    bench.figure('startup.import', 'import of the library in a new worker', of('load'), 'ns', 'median of new workers')
    bench.figure('startup.first create', 'the first create in a new worker: compiles the kernel', of('first'), 'ns', `later ones ${duration(median(creates))}`)
    bench.figure('startup.attach', 'attach to a map that is there', median(attaches), 'ns', 'in a thread that has compiled the kernel')
  },
}

const handOver = {
  name: 'first answer of a worker', quick: false,
  async run(bench) {
    const map = SharedMap.create().set('here', 1), empty = [], first = []
    for (let round = 0; round < bench.rounds(9); round++) {
      empty.push((await inThread('first-answer', { start: now() })).ns)
      first.push((await inThread('first-answer', { start: now(), handle: map.handle })).ns)
    }
    map.detach()
    bench.figure('startup.first answer', 'from new Worker to its first get', median(first), 'ns', `a worker that only answers: ${duration(median(empty))}`)
  },
}

const now = () => Number(process.hrtime.bigint())

export default {
  name: 'startup',
  title: 'Beginning, and weight',
  about: 'Absolute times and sizes; a worker\'s own start is shown beside what the map adds.',
  cases: [size, begin, handOver],
}
