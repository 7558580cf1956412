// npm run bench: all scenarios, one report. See README.md of this folder.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { QUICK_MARGIN, evaluate } from './goals.mjs'
import { Bench } from './lib/bench.mjs'
import { WrongAnswers } from './lib/driver.mjs'
import { pageOf } from './lib/page.mjs'
import { REACHED, goalRows, markdownTable, reportText } from './lib/report.mjs'
import { areInstalled, installRivals, loadRivals } from './rivals/index.mjs'
import { SCENARIOS, casesFor } from './scenarios/index.mjs'

const RESULTS = fileURLToPath(new URL('results/', import.meta.url))

const USAGE = `npm run bench [-- OPTIONS]
  --quick     what matters most, under two minutes
  --only TEXT the cases whose name contains the text
  --list      their names
  --json      the results as one object
  --markdown  the table of goals
  --from FILE report and page again from results that were kept`

/** What is not understood is said, with what would be, before anything is measured. */
function refuse(why) {
  console.error(`${why}\n\n${USAGE}`)
  process.exit(2)
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        quick: { type: 'boolean', default: false }, only: { type: 'string', default: '' }, list: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false }, markdown: { type: 'boolean', default: false }, from: { type: 'string' },
      },
    }).values
  } catch (error) {
    return refuse(error.message)
  }
}

function readResults(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    return refuse(`No results can be read from ${file}: ${error.message}`)
  }
}

const options = readOptions()

/** Progress goes to stderr, so that what is asked for is alone on stdout. */
const say = text => { process.stderr.write(`${text}\n`) }

/** Rivals that are not there are installed once, and not at all for a quick run. */
async function gatherRivals() {
  if (!options.quick && !areInstalled()) {
    say('installing the rivals (npm ci --prefix bench/rivals) ...')
    const trouble = await installRivals()
    if (trouble !== '') say(`  ${trouble}`)
  }
  const { there, missing } = await loadRivals()
  for (const { file, reason } of missing) say(`left out: ${file} (${reason})`)
  return { rivals: there, missing }
}

/** One case; what fails is noted, and the others go on. */
async function runCase(bench, scenario, entry, failures) {
  const name = `${scenario.name}/${entry.name}`, from = bench.figures.length, start = performance.now()
  try {
    await entry.run(bench)
  } catch (error) {
    failures.push({ name, why: error.message, wrong: error instanceof WrongAnswers })
    say(`  FAILED: ${error.stack}`)
  } finally {
    await bench.closeCrews()
  }
  const found = bench.figures.slice(from).map(({ value, unit }) => `${value.toPrecision(3)}${unit === 'x' ? ' x' : ` ${unit}`}`)
  say(`  ${((performance.now() - start) / 1000).toFixed(1)} s: ${found.slice(0, 6).join(', ')}${found.length > 6 ? ' ...' : ''}`)
}

async function measureAll() {
  const cases = casesFor(options), start = performance.now(), failures = []
  const gathered = cases.some(([scenario]) => scenario.name === 'rivals') ? await gatherRivals() : { rivals: [], missing: [] }
  const bench = new Bench({ quick: options.quick, ...gathered, say: text => say(`  ${text}`) })
  for (const [n, [scenario, entry]] of cases.entries()) {
    say(`[${n + 1}/${cases.length}, ${Math.round((performance.now() - start) / 1000)} s] ${scenario.name}/${entry.name}`)
    await runCase(bench, scenario, entry, failures)
  }
  return resultsOf(bench, failures, (performance.now() - start) / 1000, gathered)
}

function resultsOf(bench, failures, seconds, { rivals, missing }) {
  const command = ['npm run bench', ...process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : []].join(' ')
  return {
    command, date: new Date().toISOString(), node: process.version, processor: cpus()[0]?.model ?? 'an unknown processor', cores: bench.cores, quick: bench.quick, seconds,
    goals: evaluate(bench.figures, bench.quick ? QUICK_MARGIN : 0), figures: bench.figures, failures, curves: bench.curves, scaling: bench.scaling,
    rivals: rivals.map(({ name, version, note }) => ({ name, version, note })), missing, remarks: bench.remarks,
  }
}

/** The results of a run, and its page, under its date and as the latest. */
function keep(results) {
  mkdirSync(RESULTS, { recursive: true })
  const text = JSON.stringify(results, undefined, 1), page = pageOf(results, SCENARIOS), stamp = results.date.slice(0, 19).replaceAll(':', '-')
  for (const name of [stamp, 'latest']) writeFileSync(`${RESULTS}${name}.json`, text)
  writeFileSync(`${RESULTS}report.html`, page)
  say('\nwritten: bench/results/latest.json and bench/results/report.html')
}

function print(results) {
  if (options.json) console.log(JSON.stringify(results, undefined, 1))
  else if (options.markdown) console.log(markdownTable(REACHED, goalRows(results.goals)))
  else console.log(reportText(results, SCENARIOS))
}

if (options.help) console.log(USAGE)
else if (casesFor(options).length === 0) refuse(`No case has '${options.only}' in its name; --list shows them all.`)
else if (options.list) {
  for (const [scenario, entry] of casesFor(options)) console.log(`${scenario.name}/${entry.name}${entry.quick ? '  (quick)' : ''}`)
} else if (options.from !== undefined) {
  const results = readResults(options.from)
  mkdirSync(RESULTS, { recursive: true })
  writeFileSync(`${RESULTS}report.html`, pageOf(results, SCENARIOS))
  print(results)
} else {
  const results = await measureAll()
  keep(results)
  print(results)
  // Noise fails nothing; a wrong answer does, and so does a case that could not run, in a full run.
  process.exitCode = results.failures.some(({ wrong }) => wrong || !options.quick) ? 1 : 0
}
