// Charts as SVG, drawn here: no library, no network. Colours are classes, so that the page decides between light and dark.

export const escape = text => String(text).replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)

const WIDTH = 1100, LABELS = 560, VALUES = 90, ROW = 22, LINE = 14, CHARACTERS = 84
const round = number => Math.round(number * 10) / 10

/** Breaks a label into lines that fit. */
export function wrap(text, most = CHARACTERS) {
  const lines = ['']
  for (const word of text.split(' ')) {
    if (lines.at(-1) !== '' && lines.at(-1).length + 1 + word.length > most) lines.push(word)
    else lines[lines.length - 1] = lines.at(-1) === '' ? word : `${lines.at(-1)} ${word}`
  }
  return lines
}

const textAt = (x, y, text, anchor = 'start', name = 'label') => `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" class="${name}">${escape(text)}</text>`
const rule = (x1, y1, x2, y2, name) => `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${name}"/>`
const svg = (width, height, title, parts) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${round(height)}" role="img"><title>${escape(title)}</title>\n${parts.join('\n')}\n</svg>`

/** Powers that suit a logarithmic axis, about eight of them at most. */
function ticksOf(least, most) {
  const base = most / least > 1000 ? 10 : 2, ticks = []
  for (let tick = base ** Math.floor(Math.log(least) / Math.log(base)); tick <= most * 1.0001; tick *= base) if (tick >= least * 0.9999) ticks.push(tick)
  return ticks
}

const tickText = tick => tick >= 1 ? `${Math.round(tick).toLocaleString('en-GB')}` : tick >= 0.01 ? `${Math.round(tick * 1000) / 1000}` : tick.toExponential(0)

/** A bar from the line at 1 to a value. */
function bar(one, end, middle) {
  const width = round(Math.max(1, Math.abs(end - one))), name = end >= one ? 'for' : 'against'
  return `<rect x="${round(Math.min(one, end))}" y="${round(middle - 7)}" width="${width}" height="14" rx="2" class="${name}"/>`
}

/**
 * Ratios as bars on a logarithmic scale, from the line at 1: to the right in favour of SharedMap, to the left against it.
 *
 * @param rows - `{ label, value, text }`; the label has a column of its own, and so has the text
 */
export function ratioChart(title, rows) {
  const values = rows.map(({ value }) => Math.max(1e-4, value)), least = Math.min(0.5, ...values) / 1.15, most = Math.max(2, ...values) * 1.15
  const left = LABELS + 16, right = WIDTH - VALUES, x = value => left + (right - left) * Math.log(value / least) / Math.log(most / least), parts = []
  const lines = rows.map(({ label }) => wrap(label)), heights = lines.map(list => ROW + (list.length - 1) * LINE)
  const bottom = 34 + heights.reduce((sum, height) => sum + height, 0)
  for (const tick of ticksOf(least, most)) {
    parts.push(rule(x(tick), 28, x(tick), bottom, tick === 1 ? 'one' : 'grid'), textAt(x(tick), 20, `${tickText(tick)} x`, 'middle', 'tick'))
  }
  let y = 32
  rows.forEach(({ text }, n) => {
    const middle = y + heights[n] / 2
    lines[n].forEach((line, i) => parts.push(textAt(LABELS, middle + 4 + (i - (lines[n].length - 1) / 2) * LINE, line, 'end')))
    parts.push(bar(x(1), x(values[n]), middle), textAt(WIDTH - 4, middle + 4, text, 'end', 'value'))
    y += heights[n]
  })
  return svg(WIDTH, bottom + 6, title, parts)
}

/**
 * Lines over a common axis, both scales given by functions; the legend stands in a column of its own.
 *
 * @param axes - `{ x: { place, ticks: [[value, text]] }, y: the same }`, where `place` maps a value to 0 .. 1
 */
export function lineChart(title, series, { x, y, across, up }) {
  const height = 380, left = 90, right = WIDTH - 230, top = 40, bottom = height - 50, parts = []
  const px = value => left + (right - left) * x.place(value), py = value => bottom - (bottom - top) * y.place(value)
  for (const [value, text] of x.ticks) parts.push(rule(px(value), top, px(value), bottom, 'grid'), textAt(px(value), bottom + 18, text, 'middle', 'tick'))
  for (const [value, text] of y.ticks) parts.push(rule(left, py(value), right, py(value), 'grid'), textAt(left - 8, py(value) + 4, text, 'end', 'tick'))
  parts.push(textAt((left + right) / 2, height - 10, across, 'middle', 'tick'), textAt(left - 60, 20, up, 'start', 'tick'))
  Object.entries(series).forEach(([name, points], n) => {
    parts.push(`<polyline points="${points.map(([a, b]) => `${round(px(a))},${round(py(b))}`).join(' ')}" class="series s${n}"/>`)
    for (const [a, b] of points) parts.push(`<circle cx="${round(px(a))}" cy="${round(py(b))}" r="3" class="dot s${n}"/>`)
    parts.push(rule(right + 24, top + 14 + n * 24, right + 54, top + 14 + n * 24, `series s${n}`), textAt(right + 62, top + 18 + n * 24, name))
  })
  return svg(WIDTH, height, title, parts)
}

const NANOSECONDS = [[10, '10 ns'], [100, '100 ns'], [1e3, '1 us'], [1e4, '10 us'], [1e5, '100 us'], [1e6, '1 ms'], [1e7, '10 ms'], [1e8, '100 ms'], [1e9, '1 s']]
const PERCENTILES = [[50, '50 %'], [90, '90 %'], [99, '99 %'], [99.9, '99.9 %'], [99.99, '99.99 %'], [99.999, '99.999 %'], [100, 'longest']]

/** The tail of a latency: the rarer, the further to the right. */
export function tailChart(title, curves) {
  const values = Object.values(curves).flat().map(([, ns]) => Math.max(10, ns)), most = Math.max(1e4, ...values) * 1.2
  const rarity = percent => percent === 100 ? 6 : -Math.log10(1 - percent / 100), least = rarity(50)
  const x = { place: percent => (rarity(percent) - least) / (6 - least), ticks: PERCENTILES }
  const y = { place: ns => Math.log(Math.max(10, ns) / 10) / Math.log(most / 10), ticks: NANOSECONDS.filter(([ns]) => ns <= most) }
  return lineChart(title, curves, { x, y, across: 'operations that took no longer', up: 'time' })
}

/** Speed-up over workers, with the line that would be perfect. */
export function scalingChart(title, series) {
  const points = Object.values(series).flat(), most = Math.max(2, ...points.map(([count]) => count)), highest = Math.max(most, ...points.map(([, speedup]) => speedup)) * 1.05
  const counts = [...new Set([1, ...points.map(([count]) => count)])].sort((a, b) => a - b)
  const x = { place: count => most === 1 ? 0 : (count - 1) / (most - 1), ticks: counts.map(count => [count, String(count)]) }
  const y = { place: speedup => speedup / highest, ticks: Array.from({ length: most + 1 }, (_, n) => [n, `${n} x`]).filter(([n]) => n % Math.ceil(most / 8) === 0) }
  return lineChart(title, { ...series, perfect: counts.map(count => [count, count]) }, { x, y, across: 'workers', up: 'throughput of one worker' })
}
