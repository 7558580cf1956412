// DOT to SVG. Graphviz itself is a package that only those who draw machines need, so it is loaded when it is asked for.

import { DRAWN } from './machine'
import { escaped, picture } from './svg'

/** A graph laid out by Graphviz: its inner SVG, and its size in pixels. */
export interface Drawing { readonly body: string, readonly width: number, readonly height: number }

const POINT = 4 / 3

/** @throws Error if Graphviz is not installed, saying how to install it */
export async function layOut(dot: string): Promise<Drawing> {
  const { instance } = await import('@viz-js/viz').catch(() => { throw new Error('drawing a state machine needs Graphviz: npm install --save-dev @viz-js/viz') })
  const svg = (await instance()).renderString(dot, { format: 'svg' })
  const [, width, height] = /viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"/.exec(svg)!
  const body = svg.slice(svg.indexOf('<g id="graph0"'), svg.lastIndexOf('</svg>')).replace(/<!--[^]*?-->\n?/g, '').replace(/<title>[^]*?<\/title>\n?/g, '')
    // Black is what Graphviz draws by itself; the style gives it the reader's colours.
    .replace(/ stroke="black"/g, '').replace(/ fill="black"/g, '').replace(/font-family="[^"]*" /g, '')
  return { body: `<g transform="scale(${POINT})">${body.trim()}</g>`, width: Number(width) * POINT, height: Number(height) * POINT }
}

/** Room for the heading. */
const HEAD = 54

/** Drawings one below the other, under a heading, with more below. */
export function sheet(title: string, about: string, drawings: readonly Drawing[], below: Drawing = { body: '', width: 0, height: 0 }): string {
  const parts = [...drawings, below], width = Math.max(...parts.map(part => part.width), 320)
  let y = HEAD
  const placed = parts.map(part => { const at = y; y += part.height; return `<g transform="translate(0,${at.toFixed(1)})">${part.body}</g>` })
  const heading = `<text x="16" y="26" font-size="18" font-weight="bold">${escaped(title)}</text>
<text x="16" y="45" font-size="12" style="fill:var(--faint)">${escaped(about)}</text>`
  return picture(width, y, title, about, DRAWN, [heading, ...placed].join('\n'))
}
