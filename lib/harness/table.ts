// The states that a search has seen: an open-addressing table of two 32-bit lanes, with what is known of each state.
// 64 bits a state: among 5 million states two have equal bits with a probability of one in a million.

/** States by their hash, each with a count of interleavings, a mark, and two numbers for each thread. */
export class StateTable {
  /** States stored. */
  size = 0
  /** Interleavings from the state to the ends. */
  counts!: Float64Array
  /** For each thread: accesses that its operation needs alone from here; and at most, after whatever the others do before. */
  alone!: Uint16Array
  latest!: Uint16Array
  /** 0 free, 1 on the path that is being explored, 2 done. */
  marks!: Uint8Array
  private a!: Int32Array
  private b!: Int32Array
  private mask!: number
  /** Where states have moved since they were found: bumped when the table grows. */
  epoch = 0

  /** @param columns - threads */
  constructor(readonly columns: number, capacity = 1 << 12) { this.allocate(capacity) }

  private allocate(capacity: number): void {
    this.mask = capacity - 1
    this.a = new Int32Array(capacity)
    this.b = new Int32Array(capacity)
    this.marks = new Uint8Array(capacity)
    this.counts = new Float64Array(capacity)
    this.alone = new Uint16Array(capacity * this.columns)
    this.latest = new Uint16Array(capacity * this.columns)
  }

  /** The place of a state; its mark is 0 if it was not there, and the caller marks it. */
  find(a: number, b: number): number {
    if (this.size * 4 > this.mask * 3) this.grow()
    let at = (a ^ b << 7) & this.mask
    while (this.marks[at] !== 0 && (this.a[at] !== a || this.b[at] !== b)) at = at + 1 & this.mask
    if (this.marks[at] === 0) { this.a[at] = a; this.b[at] = b }
    return at
  }

  /** Marks a state that `find` did not know. */
  add(at: number): void {
    this.marks[at] = 1
    this.size++
  }

  private grow(): void {
    const { a, b, marks, counts, alone, latest, columns } = this, old = this.mask + 1
    this.allocate(old * 2)
    this.epoch++
    for (let from = 0; from < old; from++) {
      if (marks[from] === 0) continue
      let at = (a[from]! ^ b[from]! << 7) & this.mask
      while (this.marks[at] !== 0) at = at + 1 & this.mask
      this.a[at] = a[from]!
      this.b[at] = b[from]!
      this.marks[at] = marks[from]!
      this.counts[at] = counts[from]!
      for (let n = 0; n < columns; n++) {
        this.alone[at * columns + n] = alone[from * columns + n]!
        this.latest[at * columns + n] = latest[from * columns + n]!
      }
    }
  }
}
