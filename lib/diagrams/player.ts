// The player: one HTML file that carries its runs with it and needs nothing else.

import { deflateRawSync } from 'node:zlib'
import template from '#diagrams/player'
import { type Traces, runsOf } from './player/runs'
import { escaped } from './svg'

/** What the page is called. */
export interface PlayerOptions {
  /** Default: the title of the run, or of the first one. */
  readonly title?: string
}

/**
 * A page that plays recorded runs: the memory, the state machines, the workers and the history, step by step. It is one
 * file, loads nothing, forbids itself the network, and opens further trace files that a reader gives it. Links lead to a
 * step: `#step=17`, or `#trace=name&step=17` where there are several runs.
 *
 * @param traces - one run, several, or several by the names that they have in links (as `recordRaces` gives them)
 * @returns the text of the HTML file; about 50 kB, and a few for each run
 * @throws TypeError if there is no run
 * @example
 * ```js
 * import { mapSystem } from 'nonblocking-map/harness'
 * import { recordRaces, toPlayer } from 'nonblocking-map/diagrams'
 *
 * toPlayer(recordRaces(mapSystem())).slice(0, 15) // => '<!doctype html>'
 * ```
 */
export function toPlayer(traces: Traces, { title }: PlayerOptions = {}): string {
  const runs = runsOf(traces)
  if (runs.length === 0) throw new TypeError('there is no run to play: give at least one trace')
  const packed = deflateRawSync(JSON.stringify(runs), { level: 9 }).toString('base64')
  const parts: Readonly<Record<string, string>> = { title: escaped(title ?? runs[0]!.trace.title), traces: packed }
  return template.replace(/\{\{(title|traces)\}\}/g, (_, name: string) => parts[name]!)
}
