/** The words that the workers of a crew share. Each has a cache line of its own. */
export const Word = { Arrived: 0, Go: 16, Stop: 32 }
export const WORDS = 48
