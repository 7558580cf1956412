// npm run explore: the deep profile. Every scenario and every mutant, on all cores; a table, or with --json one object.

import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const built = file => new URL(`../../build/${file}`, import.meta.url)
const { DEEP, Profile } = await import(built('harness/profile.js').href)
const profile = () => new Profile({ code: built('release/kernel.js'), driver: built('harness/map-driver.js') }, DEEP)

const USAGE = `npm run explore [-- OPTIONS]: every scenario and every mutant, 18 minutes on two cores
  --only TEXT  those whose name contains the text
  --every N    every N-th scenario
  --scenarios  no mutants
  --mutants    no scenarios
  --json       one object`

if (isMainThread) await main()
else work()

function work() {
  const mine = profile()
  parentPort.on('message', job => {
    parentPort.postMessage(job === null ? { taken: Object.values(mine.monitors).flatMap(({ taken }) => [...taken].map(([step, count]) => [`${step.word}: ${step.name}`, count])) } : { row: mine.run(job) })
  })
}

async function main() {
  const { json, only, every, help, ...kinds } = readOptions()
  if (help) return console.log(USAGE)
  const all = profile(), wants = kind => kinds[kind] || !kinds.scenarios && !kinds.mutants
  const jobs = [...wants('scenarios') ? all.scenarioJobs(every) : [], ...wants('mutants') ? all.mutantJobs() : []].filter(job => all.nameOf(job).includes(only))
  if (jobs.length === 0) refuse(`No scenario or mutant has '${only}' in its name.`)
  const started = performance.now(), report = { scenarios: [], mutants: [], failures: [], taken: new Map() }
  await Promise.all(Array.from({ length: availableParallelism() }, () => share(jobs, report, json)))
  const result = summarize(report)
  if (json) console.log(JSON.stringify(result))
  else printSummary(report, result, (performance.now() - started) / 1000)
  process.exitCode = result.violations + result.illegalTransitions + result.mutantsAlive.length > 0 ? 1 : 0
}

/** What is not understood is said, with what would be, before anything is explored. */
function refuse(why) {
  console.error(`${why}\n\n${USAGE}`)
  process.exit(2)
}

function readOptions() {
  const flag = { type: 'boolean', default: false }
  try {
    const { values } = parseArgs({ options: { json: flag, scenarios: flag, mutants: flag, help: flag, only: { type: 'string', default: '' }, every: { type: 'string', default: '1' } } })
    const every = Number(values.every)
    return Number.isInteger(every) && every > 0 ? { ...values, every } : refuse(`--every takes a whole number from 1 on, not '${values.every}'.`)
  } catch (error) {
    return refuse(error.message)
  }
}

/** One worker takes jobs until there are none left. */
function share(jobs, report, json) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData, resourceLimits: { maxOldGenerationSizeMb: 8192 } })
    const next = () => worker.postMessage(jobs.shift() ?? null)
    worker.on('error', reject)
    worker.on('message', ({ row, taken }) => {
      if (taken !== undefined) {
        for (const [step, count] of taken) report.taken.set(step, (report.taken.get(step) ?? 0) + count)
        worker.terminate().then(resolve)
        return
      }
      note(row, report)
      if (!json) print(row)
      next()
    })
    next()
  })
}

function note({ scenario, mutant }, report) {
  if (mutant !== undefined) { report.mutants.push(mutant); return }
  report.scenarios.push(scenario)
  if (scenario.verdict === 'failed') report.failures.push(scenario)
}

function summarize({ scenarios, mutants, failures, taken }) {
  return {
    scenarios: scenarios.map(({ name, verdict, interleavings, states, kills, longestSolo, ms }) => ({ name, verdict, interleavings, states, kills, longestSolo, ms: Math.round(ms) })),
    violations: failures.filter(({ check }) => check !== 'transition').length,
    illegalTransitions: failures.filter(({ check }) => check === 'transition').length,
    transitionsNotCovered: scenarios.length === 0 ? [] : [...taken].filter(([, count]) => count === 0).map(([step]) => step).sort(),
    mutants: mutants.map(({ name, killedBy, seenBy }) => ({ name, killedBy: killedBy ?? null, seenBy })),
    mutantsAlive: mutants.filter(({ killedBy }) => killedBy === undefined).map(({ name }) => name),
  }
}

function often(n) { return n < 1e6 ? String(n) : n.toExponential(1) }

function print({ scenario, mutant }) {
  if (mutant !== undefined) {
    console.log(`${(mutant.killedBy ?? 'ALIVE').padEnd(16)} ${mutant.name}${mutant.program === undefined ? '' : `  [${mutant.program}; seen by ${mutant.seenBy.join(', ')}]`}`)
    return
  }
  const { name, verdict, bound, interleavings, states, kills, longestSolo, ms, failure } = scenario
  const how = bound === undefined ? verdict : `${verdict} ${bound}`
  console.log(`${how.padEnd(12)} ${often(interleavings).padStart(9)} ${String(states).padStart(8)} ${String(kills).padStart(8)} ${String(longestSolo).padStart(5)} ${ms.toFixed(0).padStart(7)} ms  ${name}`)
  if (failure !== undefined) console.log(failure)
}

function printSummary({ scenarios, mutants, failures }, result, seconds) {
  const count = verdict => scenarios.filter(each => each.verdict === verdict).length, sum = what => scenarios.reduce((all, each) => all + each[what], 0)
  const visited = sum('visited'), millions = n => (n / 1e6).toFixed(1)
  console.log(`\n${scenarios.length} scenarios: ${count('exhaustive')} exhaustive, ${count('bounded')} bounded, ${count('sampled')} sampled, ${failures.length} failed`)
  for (const resize of [false, true]) {
    const longest = op => Math.max(0, ...scenarios.filter(each => each.resize === resize).map(each => each.solo[op] ?? 0))
    console.log(`longest solo run ${resize ? 'with' : 'without'} a resize: get ${longest('get')}, put ${longest('put')}, delete ${longest('delete')} accesses`)
  }
  console.log(`${mutants.length} mutants, alive: ${result.mutantsAlive.join(', ') || 'none'}`)
  console.log(`steps never taken: ${result.transitionsNotCovered.join(', ') || 'none'}`)
  // A search that is cut at its budget begins again within a bound: only its last walk counts.
  console.log(`last walks: ${millions(sum('states'))} million states, ${millions(sum('kills'))} million kills`)
  console.log(`${millions(visited)} million states in ${seconds.toFixed(0)} s on ${availableParallelism()} cores: ${(visited / seconds / 1e6).toFixed(2)} million a second`)
}
