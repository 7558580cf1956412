// Workers that write records of 0 to 20,000 bytes into one map, some of them terminated and reaped: `npm run memory [-- OPERATIONS]`,
// 10,000,000 by default with two workers, and as many with four. Every live byte is compared in the end, the map is emptied, and
// what it holds then is compared with what a fresh one holds.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { threadId } from 'node:worker_threads'
import { ABIDING, runKills } from '../../bench/lib/kills.mjs'
import { Lab, MIB, SEED, holdsAgain } from '../../bench/lib/refill.mjs'

/**
 * Lets workers write, with kills, then looks at what is there and what still fits.
 *
 * @param library - the exports of the library
 * @returns what was done; `sizeError` and `lost`, which `repair` found; `again`, what it found a second time; and `shares` of a fresh map
 */
export async function stressMemory(library, { mib, backend, seed = SEED, ...parameters }) {
  const lab = new Lab(library, { backend, seed }), map = lab.create(mib * MIB)
  const done = await runKills(library, { ...parameters, map, seed }), size = map.size, { entries, sizeError, reclaimed: lost } = map.repair()
  if (entries !== done.entries || map.size !== entries || size - sizeError !== entries) {
    throw new Error(`size is ${size}, repair counts ${entries}, and ${done.entries} are alive`)
  }
  const { reclaimed: again } = map.repair(), left = map.stats().participants.length - 1, { shares, least } = holdsAgain(lab, map, mib * MIB)
  map.detach()
  return { ...done, sizeError, lost, again, left, shares, least }
}

/** The same in a process of its own, which a worker that is terminated at a bad moment for the platform cannot end for others. */
export async function stressApart(parameters) {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(parameters)], { execArgv: ABIDING, stdio: ['ignore', 'inherit', 'pipe', 'ipc'] })
  let said = ''
  child.stderr.on('data', text => { said += text })
  const failed = once(child, 'close').then(([code]) => { throw new Error(`the process ended with ${code}: ${said}`) })
  failed.catch(() => {})
  const done = await Promise.race([once(child, 'message').then(([answer]) => answer), failed])
  child.disconnect()
  return done
}

const isMain = threadId === 0 && process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href
if (isMain && process.send !== undefined) {
  const parameters = JSON.parse(process.argv[2])
  process.send(await stressMemory(await import(parameters.url), parameters))
} else if (isMain) {
  const operations = Number(process.argv[2] ?? 10_000_000), url = new URL('../../dist/index.js', import.meta.url).href, library = await import(url)
  for (const workers of [2, 4]) {
    const start = performance.now(), kills = Math.max(4, Math.ceil(operations / 25_000))
    const { failures, bytes, lost, again, left, sizeError, shares, least } = await stressMemory(library, { url, workers, operations, kills, mib: 64 })
    const seconds = ((performance.now() - start) / 1000).toFixed(0)
    console.log(`${process.version}, seed ${SEED}, ${workers} workers: ${operations} operations and ${kills} kills in ${seconds} s, every live byte right, `
      + `${(bytes / MIB).toFixed(1)} MiB of 64; ${failures} writes found no memory, ${left} places left behind, size wrong by ${sizeError}, `
      + `${(lost / kills).toFixed(0)} bytes lost per kill, ${again} after repair; emptied, it holds of what a fresh map does: `
      + shares.map(({ kind, share }) => `${kind} ${(share * 100).toFixed(1)} %`).join(', '))
    if (failures > 0 || left > 0 || again > 0 || least < 0.95) process.exitCode = 1
  }
}
