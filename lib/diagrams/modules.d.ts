declare module '#diagrams/live' {
  /** The files of the live view, by their paths. */
  const files: Readonly<Record<string, string>>
  export default files
}
declare module '#diagrams/look' {
  export function instantiate(cells: BigInt64Array): typeof import('./live/look')
}
declare module '#diagrams/player' {
  /** The player's page, with `{{title}}` and `{{traces}}` to be filled in. */
  const text: string
  export default text
}
