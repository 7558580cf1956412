// npm run demo: counts the words of real text with as many workers as there are cores, all adding into one SharedMap, and with one
// thread in a plain Map, and compares the two entry by entry. Workers are killed all the while, and no word is lost or counted twice:
// words-worker.mjs says why.
//
//   node bench/demo/words.mjs [folder]        its README, Markdown and declaration files; node_modules unless said

import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { SharedMap, reapOnExit } from '../../dist/index.js'
import { count } from './words-worker.mjs'

const CORES = Math.max(2, availableParallelism())
const KILLS = 3 // in a run: one for each third of the text
const LIMIT = 60e6 // bytes to count at most
const PASSES = 5 // a shorter text is counted so many times at most
const TICK = 10 // milliseconds between two looks at the files

const say = line => console.log(line)
const number = value => Math.round(value).toLocaleString('en')
const megabytes = bytes => `${(bytes / 1e6).toFixed(1)} MB`

const { files, sizes, total } = text(process.argv[2] ?? fileURLToPath(new URL('../../node_modules', import.meta.url)))
const map = SharedMap.create() // at its smallest
const before = map.stats().capacity
const { time: shared, killed, wasted } = await countTogether()
const { counts, time: alone } = countAlone()
report()

/** The files to count, largest first, so that the workers end together; each is read once here, so that neither run pays for the disk. */
function text(folder) {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /^readme|\.(md|markdown|d\.[cm]?ts)$/i.test(entry.name))
    .map(entry => join(entry.parentPath ?? entry.path, entry.name)).sort()
  let all = 0
  const kept = found.map(file => ({ file, size: readFileSync(file).length })).filter(({ size }) => (all += size) <= LIMIT)
  const once = kept.reduce((sum, { size }) => sum + size, 0)
  if (once === 0) fail(`no text under ${folder}`)
  const passes = Math.max(1, Math.min(PASSES, Math.floor(LIMIT / once)))
  say(`Text: ${number(kept.length)} README, Markdown and declaration files of ${relative('', folder) || folder}, ${megabytes(once)}` +
    (kept.length < found.length ? ` (the first ${megabytes(LIMIT)} of ${megabytes(all)})` : '') + (passes > 1 ? `, ${passes} times over.` : '.'))
  const list = Array(passes).fill(kept).flat().sort((a, b) => b.size - a.size)
  return { files: list.map(({ file }) => file), sizes: list.map(({ size }) => size), total: once * passes }
}

/** All workers into one SharedMap; from time to time a worker that is at work loses its file, is killed, and another is hired. */
async function countTogether() {
  const start = performance.now()
  const workers = new Map()
  let names = 0, killed = 0, wasted = 0, done = 0, failure
  let open = files.map((_, index) => index)
  for (const index of open) map.set(`file ${index}`, 'free')

  function hire() {
    const name = ++names
    const worker = new Worker(new URL('words-worker.mjs', import.meta.url), { workerData: { handle: map.handle, files, name } })
    reapOnExit(map, worker)
    worker.on('error', error => failure ??= error)
    worker.on('exit', () => workers.delete(name))
    workers.set(name, worker)
  }

  /** Wins a claimed file back, and names the worker that held it. That worker can publish nothing from here on. */
  function takeAway(index, state) {
    if (!state.startsWith('claimed by ') || !map.compareAndSet(`file ${index}`, state, 'free')) return 0
    wasted += sizes[index]
    return Number(state.slice(11))
  }

  while (workers.size < CORES) hire()
  const show = progress()
  while (open.length > 0) {
    await setTimeout(TICK)
    if (failure) fail(`a worker failed: ${failure?.stack ?? failure}`)
    const deserted = workers.size === 0 // asked before the look at the files: the last worker ends after its last file
    let victim = 0
    open = open.filter(index => {
      const state = map.get(`file ${index}`)
      if (state === 'done') done += sizes[index]
      else if (!victim && killed < KILLS && done >= total * killed / KILLS) victim = takeAway(index, state)
      return state !== 'done'
    })
    if (victim) {
      await workers.get(victim)?.terminate()
      killed++
      hire() // after the file is free again: whoever else has passed it by, the new one will not
    } else if (deserted && open.length > 0) fail(`no worker is left, and ${open.length} files are not done`)
    show(open.length === 0, () => `${number(files.length - open.length)} of ${number(files.length)} files, ` +
      `${number(map.size - files.length)} words, a table of ${number(map.stats().capacity)}, ${killed} workers killed`)
  }
  return { time: performance.now() - start, killed, wasted }
}

function countAlone() {
  const start = performance.now()
  const counts = new Map()
  for (const file of files) count(file, counts)
  return { counts, time: performance.now() - start }
}

/** Shows a line in its place on a terminal, else a new one every second. */
function progress() {
  const { isTTY } = process.stdout
  let next = performance.now() + (isTTY ? 0 : 1000)
  return (last, line) => {
    if (!last && performance.now() < next) return
    next = performance.now() + (isTTY ? 100 : 1000)
    process.stdout.write(isTTY ? `\r${line()}\x1b[K${last ? '\n' : ''}` : `${line()}\n`)
  }
}

function report() {
  const words = new Map()
  for (const [key, value] of map) if (key.startsWith('word ')) words.set(key.slice(5), value)
  const table = rows => rows.forEach(([left, right, note = '']) => say(`  ${left.padEnd(28)}${right.padStart(10)}  ${note}`.trimEnd()))
  say('\nThe ten commonest words')
  table([...words].sort((a, b) => b[1] - a[1]).slice(0, 10).map(([word, times]) => [word, number(times)]))
  say('\nThe two runs')
  table([
    [`${CORES} workers, one SharedMap`, `${number(shared)} ms`, `${(alone / shared).toFixed(2)} times as fast, the start of the workers included`],
    ['one thread, a plain Map', `${number(alone)} ms`],
    ['text counted', megabytes(total)],
    ['distinct words', number(words.size)],
    ['the table grew', `${number(map.stats().resizes.count)} times`, `from ${number(before)} slots to ${number(map.stats().capacity)}`],
    ['workers killed at work', number(killed), killed > 0 ? `their files, ${megabytes(wasted)}, were counted again by others` : ''],
  ])
  const differ = [...new Set([...words.keys(), ...counts.keys()])].filter(word => words.get(word) !== counts.get(word))
  if (differ.length === 0) return say(`\nThe two results agree entry by entry: ${number(words.size)} words.`)
  say(`\nThe two results DIFFER in ${number(differ.length)} words:`)
  table(differ.slice(0, 10).map(word => [word, String(words.get(word)), `in the SharedMap, ${counts.get(word)} in the Map`]))
  process.exitCode = 1
}

function fail(message) {
  console.error(`\nThe demo failed: ${message}`)
  process.exit(1)
}
