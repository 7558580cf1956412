// Medians of rounds, and numbers as a reader wants them.

/** The middle of a list, or the mean of the two in the middle; NaN of none. */
export function median(list) {
  const sorted = [...list].sort((a, b) => a - b), half = sorted.length >> 1
  if (sorted.length === 0) return NaN
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/** The median of the ratios of two lists, round by round: what slowed a whole round down cancels out. */
export const ratioOfRounds = (above, below) => median(above.map((value, round) => value / below[round]))

/** Three significant digits, without an exponent: 0.0123, 1.23, 12.3, 123, 1234. */
export function three(value) {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 || size === 0 ? 2 : Math.min(6, 1 - Math.floor(Math.log10(size)) + 1))
}

/** 1,234,567. */
export const grouped = value => Math.round(value).toLocaleString('en-GB')

/** Nanoseconds in the unit that suits them. */
export function duration(ns) {
  if (ns < 0) return `-${duration(-ns)}`
  if (ns < 1000) return `${three(ns)} ns`
  return ns < 1e6 ? `${three(ns / 1000)} us` : `${three(ns / 1e6)} ms`
}

/** Operations a second. */
export const rate = perSecond => perSecond >= 1e6 ? `${three(perSecond / 1e6)} M/s` : `${three(perSecond / 1000)} k/s`

/** What a figure says: its value with its unit. */
export function valueText({ value, unit }) {
  if (unit === 'x') return `${three(value)} x`
  if (unit === 'ns') return duration(value)
  return `${three(value)} ${unit}`
}
