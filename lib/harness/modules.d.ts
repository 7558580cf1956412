declare module '#harness/worker' {
  /** The script of the harness's workers. */
  const text: string
  export default text
}
