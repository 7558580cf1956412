// Bytes an entry, by the map's own account and as resident memory of a process that does nothing else.

import { grouped, three } from '../lib/numbers.mjs'
import { inProcess } from '../lib/single.mjs'
import { REFILL } from './refill.mjs'

const GROWN = [700_000, 1_000_000, 1_400_000]
const measure = what => inProcess('memory', what)
const perEntry = ({ resident, entries }) => three(resident / entries)

async function figureOf(bench, id, what, spec) {
  const ours = await measure({ kind: 'SharedMap', ...spec }), plain = await measure({ kind: 'Map', ...spec })
  bench.figure(`memory.${id}`, `bytes an entry touched: ${what}, ${grouped(ours.entries)} entries`, ours.used / ours.entries, 'bytes',
    `resident ${perEntry(ours)}; Map resident ${perEntry(plain)}`, { ours, plain })
  return ours.used / ours.entries
}

const presized = {
  name: 'presized', quick: true,
  run: bench => figureOf(bench, 'presized', 'integers, presized', { presized: true, entries: 1_000_000 }),
}

const grown = {
  name: 'grown', quick: true,
  async run(bench) {
    const each = []
    for (const entries of GROWN) each.push(await figureOf(bench, `grown/${entries}`, 'integers, grown from the smallest size', { entries }))
    bench.figure('memory.grown/worst', 'bytes an entry touched: integers, grown, worst of 0.7, 1 and 1.4 million', Math.max(...each), 'bytes', each.map(three).join(', '))
  },
}

const after = (name, what, phase) => ({
  name, quick: false,
  async run(bench) {
    const ours = await measure({ kind: 'SharedMap', phase, entries: 1_000_000 }), plain = await measure({ kind: 'Map', phase, entries: 1_000_000 })
    bench.figure(`memory.${phase}`, `bytes touched ${what}, by the million entries of before`, ours.used / ours.entries, 'bytes',
      `${grouped(ours.left)} entries left; resident ${perEntry(ours)}; Map resident ${perEntry(plain)}`, { ours, plain })
  },
})

const strings = {
  name: 'strings', quick: false,
  run: bench => figureOf(bench, 'strings', 'string keys of 19 characters, string values of 16, grown', { entries: 500_000, keys: 'string' }),
}

const rivals = {
  name: 'lock-based map', quick: false,
  async run(bench) {
    const locked = await measure({ kind: 'locked', entries: 1_000_000 })
    bench.figure('memory.locked', 'bytes an entry touched: the lock-based map, integers, grown', locked.used / locked.entries, 'bytes', `resident ${perEntry(locked)}`)
  },
}

export default {
  name: 'memory',
  title: 'Memory',
  about: 'Touched bytes are what the map has given out, retired regions included; resident is what the process grew by. Shares of maps that are filled, emptied and filled again count 16 bytes for a slot, and a value\'s bytes.',
  cases: [presized, grown, after('after deleting 90 %', 'after 90 % of a million integers were deleted', 'deleted'),
    after('after churn', 'after a million integers were replaced, key by key, ten times over', 'churned'), strings, rivals, ...REFILL],
}
