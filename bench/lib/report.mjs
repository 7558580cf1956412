// What a run has found, for a terminal and as Markdown.

import { valueText } from './numbers.mjs'

/** A table for a terminal: columns as wide as their widest cell, the last one as it comes. */
export function textTable(headings, rows) {
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map(row => row[column].length)))
  const line = row => row.map((cell, column) => column === row.length - 1 ? cell : cell.padEnd(widths[column])).join('  ').trimEnd()
  return [line(headings), line(widths.map((width, column) => '-'.repeat(column === widths.length - 1 ? headings[column].length : width))), ...rows.map(line)].join('\n')
}

/** The same as Markdown. */
export function markdownTable(headings, rows) {
  const line = row => `| ${row.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n')
}

export const REACHED = ['what', 'measured', 'goal', 'met', 'made of']
const MEASURED = ['what', 'figure', 'made of']

export const figureRows = figures => figures.map(figure => [figure.what, valueText(figure), figure.note])
export const goalRows = goals => goals.map(({ what, measured, goal, met, note }) => [what, measured, goal, met, note])

/** What is said about those that take part. */
export function rivalRows({ rivals, missing, remarks }) {
  const noted = remarks.map(([name, what]) => [name, 'in this run', what])
  return [...rivals.map(({ name, version, note }) => [name, version ?? '', note]), ...missing.map(({ file, reason }) => [file, 'left out', reason]), ...noted]
}

/** All of a run, scenario by scenario, then the rivals and the goals. */
export function reportText(results, scenarios, markdown = false) {
  const table = markdown ? markdownTable : textTable, heading = text => markdown ? `## ${text}\n` : `\n${text}\n${'='.repeat(text.length)}`
  const parts = [`${markdown ? '' : '\n'}${machineText(results)}`]
  for (const { name, title, about } of scenarios) {
    const figures = results.figures.filter(({ id }) => id.startsWith(`${name}.`))
    if (figures.length > 0) parts.push(heading(title), `${about}\n`, table(MEASURED, figureRows(figures)))
  }
  if (results.figures.some(({ id }) => id.startsWith('rivals.'))) {
    parts.push(heading('Who took part, and what is known about them'), table(['rival', 'version', 'known'], rivalRows(results)))
  }
  if (results.failures.length > 0) parts.push(heading('What failed'), table(['case', 'why'], results.failures.map(({ name, why }) => [name, why])))
  parts.push(heading('Goals'), table(REACHED, goalRows(results.goals)))
  return parts.join('\n')
}

export const machineText = ({ command, node, processor, cores, date, seconds }) =>
  `${command}, Node ${node}, ${cores} cores of ${processor}, ${date}, ${Math.round(seconds)} s. Ratios above 1 are in favour of SharedMap.`
