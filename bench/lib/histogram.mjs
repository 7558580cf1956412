// A histogram of durations as in HdrHistogram: the width of a bucket is a 64th of its value or less, from 1 ns to 2 s.

const BITS = 6, WITHIN = 1 << BITS, BUCKETS = (32 - BITS) * WITHIN

/** The bucket of a whole number of nanoseconds. */
export function bucketOf(ns) {
  if (ns < WITHIN) return ns < 0 ? 0 : ns | 0
  const shift = 31 - Math.clz32(ns) - BITS
  return shift * WITHIN + (ns >>> shift)
}

/** The largest number of a bucket. */
export function topOf(bucket) {
  if (bucket < 2 * WITHIN) return bucket
  const shift = (bucket >>> BITS) - 1
  return (bucket - shift * WITHIN + 1) * 2 ** shift - 1
}

/** Counts of durations. `record` allocates nothing. */
export class Histogram {
  constructor(counts = new Uint32Array(BUCKETS), max = 0) {
    this.counts = counts
    this.max = max
  }

  /** Counts one duration in milliseconds, as two readings of `performance.now()` differ. */
  record(milliseconds) {
    const ns = Math.min(2147483647, milliseconds * 1e6) | 0
    this.counts[bucketOf(ns)]++
    if (ns > this.max) this.max = ns
  }

  /** How many durations were counted. */
  get count() { return this.counts.reduce((sum, count) => sum + count, 0) }

  /** The duration in nanoseconds that so many of a hundred do not exceed: at most a 64th too large. */
  percentile(percent) {
    const wanted = Math.max(1, Math.ceil(this.count * percent / 100))
    let seen = 0
    for (let bucket = 0; bucket < this.counts.length; bucket++) {
      seen += this.counts[bucket]
      if (seen >= wanted) return Math.min(topOf(bucket), this.max)
    }
    return this.max
  }

  /** Adds another's counts to these. */
  merge(other) {
    for (let bucket = 0; bucket < this.counts.length; bucket++) this.counts[bucket] += other.counts[bucket]
    this.max = Math.max(this.max, other.max)
    return this
  }

  /** What can be sent to another thread; `Histogram.from` takes it. */
  get plain() { return { counts: this.counts, max: this.max } }
  static from({ counts, max }) { return new Histogram(counts, max) }
}

/** The points of a tail. */
export const TAIL = [50, 99, 99.9]
export const tailOf = histogram => ({ p50: histogram.percentile(50), p99: histogram.percentile(99), p999: histogram.percentile(99.9), max: histogram.max })
