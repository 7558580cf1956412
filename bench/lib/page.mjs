// The page of a run: charts and tables in one file that needs nothing else, in light and dark.

import { escape, ratioChart, scalingChart, tailChart } from './chart.mjs'
import { valueText } from './numbers.mjs'
import { REACHED, figureRows, goalRows, machineText, rivalRows } from './report.mjs'

const STYLE = `
:root {
  color-scheme: light dark; --back: #fff; --text: #1c2330; --quiet: #5c6675; --grid: #e3e7ec; --for: #2b7a4b; --against: #b4532a;
  --a: #2b7a4b; --b: #3565b5; --c: #8a6d1c; --d: #7d4ba0; --e: #a33a5a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14181f; --text: #e4e8ee; --quiet: #98a3b3; --grid: #2b323d; --for: #57b37c; --against: #e08a5c;
    --a: #57b37c; --b: #7ba6ee; --c: #d3b45a; --d: #bd92de; --e: #e58aa6;
  }
}
body { margin: 0 auto; max-width: 1120px; padding: 24px 16px 64px; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; }
h2 { margin-top: 40px; font-size: 19px; }
p { color: var(--quiet); }
svg { width: 100%; height: auto; }
svg text { fill: var(--text); font: 12.5px system-ui, sans-serif; }
svg .tick { fill: var(--quiet); font-size: 11.5px; }
svg .value { font-variant-numeric: tabular-nums; }
.grid { stroke: var(--grid); }
.one { stroke: var(--quiet); stroke-width: 1.5; }
.for { fill: var(--for); }
.against { fill: var(--against); }
.series { fill: none; stroke-width: 2; }
.s0 { stroke: var(--a); } .s1 { stroke: var(--b); } .s2 { stroke: var(--c); } .s3 { stroke: var(--d); } .s4 { stroke: var(--e); } .s5 { stroke: var(--quiet); }
.dot { fill: var(--back); stroke-width: 2; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
td, th { text-align: left; vertical-align: top; padding: 4px 10px 4px 0; border-bottom: 1px solid var(--grid); overflow-wrap: anywhere; }
th { white-space: nowrap; }
td.number { white-space: nowrap; font-variant-numeric: tabular-nums; }
.yes { color: var(--for); }
.no { color: var(--against); font-weight: 600; }`

const cell = (text, name) => `<td${name === undefined ? '' : ` class="${name}"`}>${escape(text)}</td>`
const table = (headings, rows) => `<div class="scroll"><table><thead><tr>${headings.map(heading => `<th>${escape(heading)}</th>`).join('')}</tr></thead>
<tbody>${rows.map(row => `<tr>${row.join('')}</tr>`).join('\n')}</tbody></table></div>`

const verdictClass = met => met.startsWith('yes') ? 'yes' : met === 'NO' ? 'no' : undefined
const goalTable = goals => table(REACHED,
  goalRows(goals).map(([what, measured, goal, met, note]) => [cell(what), cell(measured, 'number'), cell(goal, 'number'), cell(met, verdictClass(met)), cell(note)]))

const figureTable = figures => table(['what', 'figure', 'made of'], figureRows(figures).map(([what, value, note]) => [cell(what), cell(value, 'number'), cell(note)]))
const plainTable = (headings, rows) => table(headings, rows.map(row => row.map(text => cell(text))))

function scenarioPart({ name, title, about }, results) {
  const figures = results.figures.filter(({ id }) => id.startsWith(`${name}.`)), ratios = figures.filter(({ unit }) => unit === 'x')
  if (figures.length === 0) return ''
  const parts = [`<h2>${escape(title)}</h2>`, `<p>${escape(about)}</p>`]
  if (ratios.length > 0) parts.push(ratioChart(title, ratios.map(figure => ({ label: figure.what, value: figure.value, text: valueText(figure) }))))
  if (name === 'latency' && results.curves !== undefined) parts.push(tailChart('Inserts during growth', results.curves))
  if (name === 'scaling' && results.scaling !== undefined && results.cores > 1) parts.push(scalingChart('Throughput by workers', results.scaling))
  parts.push(`<details${ratios.length > 0 ? '' : ' open'}><summary>The figures</summary>${figureTable(figures)}</details>`)
  return parts.join('\n')
}

/** The whole page. */
export function pageOf(results, scenarios) {
  const part = (title, body) => `<h2>${escape(title)}</h2>${body}`, head = `<meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>`
  const failures = results.failures.length === 0 ? '' : part('What failed', plainTable(['case', 'why'], results.failures.map(({ name, why }) => [name, why])))
  const compared = results.figures.some(({ id }) => id.startsWith('rivals.'))
  const rivals = compared ? part('Who took part, and what is known about them', plainTable(['rival', 'version', 'known'], rivalRows(results))) : ''
  return `<!doctype html>
<html lang="en"><head>${head}<title>nonblocking-map: benchmark</title><style>${STYLE}</style></head>
<body><h1>nonblocking-map: benchmark</h1><p>${escape(machineText(results))}</p>${failures}
${part('Goals', goalTable(results.goals))}
${scenarios.map(scenario => scenarioPart(scenario, results)).join('\n')}
${rivals}</body></html>
`
}
