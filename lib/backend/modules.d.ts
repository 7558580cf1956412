declare module '#kernel/javascript' {
  export function instantiate(cells: BigInt64Array, checks: import('./kernel').Checks): import('./kernel').Kernel
}
declare module '#kernel/wasm' {
  /** The WebAssembly kernel, as the text that `carried.ts` reads. */
  const text: string
  export default text
}
