// How throughput grows with workers, as two numbers.
//
// Gunther's universal scalability law: N workers do N / (1 + s (N - 1) + k N (N - 1)) times the work of one. The serial
// fraction `s` is the share of the work that only one can do at a time (Amdahl's law is k = 0); `k` is what keeping the
// workers' caches in agreement costs. Two points give `s` alone; more give both, by least squares.

/** Fits points `[workers, speedup]`; the point of one worker says nothing and may be there. Values below 0 are noise, and kept for `s`. */
export function fitScaling(points) {
  const rows = points.filter(([workers]) => workers > 1).map(([n, speedup]) => [n - 1, n * (n - 1), n / speedup - 1])
  if (rows.length === 0) return { serial: NaN, coherence: 0 }
  const both = rows.length > 1 ? solveBoth(rows) : undefined
  return both !== undefined && both.coherence >= 0 ? both : { serial: solveOne(rows), coherence: 0 }
}

function solveOne(rows) {
  const sum = of => rows.reduce((total, row) => total + of(row), 0)
  return sum(([x, , y]) => x * y) / sum(([x]) => x * x)
}

function solveBoth(rows) {
  const sum = of => rows.reduce((total, row) => total + of(row), 0)
  const xx = sum(([x]) => x * x), xz = sum(([x, z]) => x * z), zz = sum(([, z]) => z * z)
  const xy = sum(([x, , y]) => x * y), zy = sum(([, z, y]) => z * y), determinant = xx * zz - xz * xz
  if (Math.abs(determinant) < 1e-12) return undefined
  return { serial: (xy * zz - zy * xz) / determinant, coherence: (xx * zy - xz * xy) / determinant }
}

/** What the law says for so many workers. */
export const speedupOf = ({ serial, coherence }, workers) => workers / (1 + serial * (workers - 1) + coherence * workers * (workers - 1))
