// Random numbers that can be had again.

/** A reproducible generator of numbers (mulberry32). */
export class Random {
  constructor(private state: number) {}
  below(n: number): number {
    let x = this.state = this.state + 0x6d2b79f5 | 0
    x = Math.imul(x ^ x >>> 15, x | 1)
    x ^= x + Math.imul(x ^ x >>> 7, x | 61)
    return ((x ^ x >>> 14) >>> 0) % n
  }
}
