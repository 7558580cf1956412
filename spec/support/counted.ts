// How many words of shared memory a call reads on the JavaScript backend.

/** Words that the kernel reads while `call` runs. */
export function counted(call: () => void): number {
  const { load } = Atomics
  let reads = 0
  Atomics.load = ((...args: Parameters<typeof load>) => { reads++; return load(...args) }) as typeof load
  try { call() } finally { Atomics.load = load }
  return reads
}
