// `memory/refill`: what a map holds after it held something else, and what kills take from it. No figure here is a time.

import { ABIDING } from '../lib/kills.mjs'
import { grouped, median, three } from '../lib/numbers.mjs'
import { MIB, SEED, WAYS } from '../lib/refill.mjs'
import { inProcess, inThread } from '../lib/single.mjs'

const percent = share => `${three(share * 100)} %`
const row = (name, parameters) => inThread('refill', { row: name, ...parameters })
const sharesText = ({ shares }) => shares.map(({ kind, share }) => `${kind} ${percent(share)}`).join(', ')
const seedText = `seed ${SEED}`

/** The worst of some results, what it was, and what the middle one is. */
function worstOf(found) {
  const { share, held, wanted, a, b, way, mib } = found.reduce((worst, other) => other.share < worst.share ? other : worst)
  const where = `${a}, then ${b}${way === undefined ? '' : `, ${way}`}${mib === undefined ? '' : `, ${mib} MiB`}`
  return { share, note: `${grouped(held)} of ${grouped(wanted)} (${where}); median of ${found.length}: ${percent(median(found.map(result => result.share)))}` }
}

/** What was left out, by its reason. */
function leftText(left) {
  const reasons = [...new Set(left.map(({ why }) => why))]
  return reasons.length === 0 ? '' : `; left out: ${reasons.map(why => `${left.filter(pair => pair.why === why).length} pairs (${why})`).join(', ')}`
}

/** One figure for each part of what was found, and one for all. */
function shareFigures(bench, id, what, parts, all) {
  for (const [name, { found, left }] of Object.entries(parts)) {
    if (found.length === 0) continue
    const { share, note } = worstOf(found)
    bench.figure(`memory.refill/${id}/${name}`, `${what}, ${name}: worst of all pairs`, share * 100, '%', note + leftText(left), { pairs: found, left })
  }
  const { share, note } = worstOf(all)
  bench.figure(`memory.refill/${id}/worst`, `${what}: worst of all`, share * 100, '%', `${note}; ${seedText}`)
}

/** A map of 64 MiB takes minutes in all ways: there, and of 8 MiB in a quick run, the pairs take the ways in turn, unless ALL_WAYS=1. */
const emptiedSizes = bench => bench.quick ? [[1, true], [8, false]] : [[1, true], [8, true], [64, process.env.ALL_WAYS === '1']]

const emptied = {
  name: 'refill/all deleted', quick: true,
  async run(bench) {
    const parts = {}, all = []
    for (const [mib, everyWay] of emptiedSizes(bench)) {
      const { found, left } = await row('emptied', { mib, all: everyWay })
      for (const way of Object.keys(WAYS)) parts[`${mib} MiB, ${way}`] = { found: found.filter(result => result.way === way), left }
      all.push(...found.map(result => ({ ...result, mib })))
    }
    shareFigures(bench, 'all deleted', 'filled, all deleted, filled with another kind, of what a fresh map holds', parts, all)
  },
}

const thinned = {
  name: 'refill/a tenth left', quick: true,
  async run(bench) {
    const parts = {}, all = []
    for (const mib of bench.scaled([1, 8, 64], [1])) {
      const { found, left } = await row('thinned', { mib }), some = found.filter(({ wanted }) => wanted > 0)
      const none = found.filter(({ wanted }) => wanted === 0).map(pair => ({ ...pair, why: `what is free holds no value of ${pair.b}` }))
      parts[`${mib} MiB`] = { found: some, left: [...left, ...none] }
      all.push(...some.map(result => ({ ...result, mib })))
    }
    shareFigures(bench, 'a tenth left', 'filled, all but a random tenth deleted, filled with another kind, of what is free', parts, all)
  },
}

const growing = {
  name: 'refill/one growing value', quick: true,
  async run(bench) {
    const step = bench.scaled(64, 512), { size } = await row('grown', { mib: 4, step })
    bench.figure('memory.refill/one growing value', `size that one value of a map of 4 MiB reaches, ${step} bytes more at each write`, size / 1024, 'KiB',
      `${percent(size / (4 * MIB))} of the map`)
  },
}

const creeping = {
  name: 'refill/creeping sizes', quick: true,
  async run(bench) {
    const most = bench.scaled(128, 1024), { live, writes, share } = await row('creeping', { mib: 64, most })
    const what = `live bytes of a map of 64 MiB when the first write fails, 2,000 values that grow by up to ${most} bytes`
    bench.figure('memory.refill/creeping sizes', what, share * 100, '%',
      `${three(live / MIB)} MiB after ${grouped(writes)} writes; ${seedText}`)
  },
}

const churned = {
  name: 'refill/churn', quick: true,
  async run(bench) {
    const parameters = { mib: 64, writes: bench.scaled(20_000_000, 1_000_000), window: bench.scaled(1_000_000, 50_000) }
    const { failures, second, last, growth, live, writes } = await row('churned', parameters)
    const what = `${grouped(writes)} writes of 16 to 20,000 bytes, 60 % of 64 MiB live`
    bench.figure('memory.refill/churn/written', `${what}: writes that found memory`, (1 - failures / writes) * 100, '%',
      `${grouped(failures)} failures; live in the end ${percent(live)}; ${seedText}`)
    bench.figure('memory.refill/churn/creep', `${what}: used memory of the last ${grouped(parameters.window)}, by that of the second`, growth * 100, '%',
      `${three(last / MIB)} MiB; second ${three(second / MIB)} MiB`)
  },
}

const usable = {
  name: 'refill/usable share', quick: true,
  async run(bench) {
    const { shares } = await row('usable', { mib: 8, of: ['integers', '100 B', '1 kB', '100 kB', '1 MB'] })
    for (const { kind, held, share } of shares) {
      bench.figure(`memory.refill/usable share/${kind}`, `usable share of a fresh map of 8 MiB: ${kind}`, share * 100, '%', `${grouped(held)} entries`)
    }
    const small = (await row('usable', { mib: 1 / 8, of: ['integers', '100 B', '1 kB', '10 kB'] })).shares
    const least = Math.min(...small.map(({ share }) => share))
    bench.figure('memory.refill/usable share/128 KiB', 'usable share of a fresh map of 128 KiB: worst kind', least * 100, '%',
      sharesText({ shares: small }))
  },
}

const killed = {
  name: 'refill/kills', quick: true,
  async run(bench) {
    const kills = bench.scaled(100, 10), what = `${kills} workers terminated while they write 0 to 20,000 bytes, and reaped`
    const { wrong, failures, operations, before, reclaimed, after, again, lost } = await inProcess('kill-rounds', { kills }, ABIDING)
    if (wrong !== undefined) throw bench.wrong(wrong)
    bench.figure('memory.refill/kills/lost', `${what}: memory lost per kill`, reclaimed / kills, 'bytes',
      `${grouped(operations)} operations, ${failures} found no memory; ${seedText}`)
    bench.figure('memory.refill/kills/most', 'the most that one kill lost, each looked at by itself', Math.max(...lost), 'bytes',
      `in the middle ${grouped(median(lost))}, ${lost.filter(bytes => bytes === 0).length} of ${kills} lost nothing`)
    bench.figure('memory.refill/kills/before repair', `${what}, all deleted: of what a fresh map holds, before repair`, before.least * 100, '%',
      sharesText(before))
    bench.figure('memory.refill/kills/after repair', 'the same after repair', after.least * 100, '%',
      `${sharesText(after)}; a second repair finds ${again} bytes`)
  },
}

export const REFILL = [emptied, thinned, growing, creeping, churned, usable, killed]
