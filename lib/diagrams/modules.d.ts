declare module '#diagrams/player' {
  /** The player's page, with `{{title}}` and `{{traces}}` to be filled in. */
  const text: string
  export default text
}
