// ARCHITECTURE.md shows what the code says: the table of transitions, and the drawing of each word. UPDATE=1 rewrites both.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { TRANSITIONS } from '../lib/kernel/transitions'

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const PAGE = path('../ARCHITECTURE.md')
const WORDS = readdirSync(path('../lib/kernel/words')).map(file => file.replace('.ts', '')).sort()

/** The indented lines of a word's header comment, moved to the left. */
function drawingIn(word: string): string {
  const lines = readFileSync(path(`../lib/kernel/words/${word}.ts`), 'utf8').split('\n')
  const end = lines.findIndex(line => !line.startsWith('//'))
  const drawn = lines.slice(0, end).filter(line => line.startsWith('//   ')).map(line => line.slice(2))
  const margin = Math.min(...drawn.map(line => line.search(/\S/)))
  return drawn.map(line => line.slice(margin).trimEnd()).join('\n')
}

function renderTransitions(): string {
  const rows = TRANSITIONS.map(step => `| ${step.word} | ${step.name} | ${step.from} | ${step.to} | \`${step.by}\` | ${step.effect} |`)
  return ['| word | step | from | to | made by | takes effect |', '| --- | --- | --- | --- | --- | --- |', ...rows].join('\n')
}

/** What must stand between two marks of the page. */
interface Part { name: string, begin: string, end: string, text: () => string }

const PARTS: Part[] = [
  { name: 'the table of transitions', begin: '<!-- transitions:begin -->\n', end: '\n<!-- transitions:end -->', text: renderTransitions },
  ...WORDS.map(word => ({
    name: `the drawing of ${word}`, begin: `<!-- drawing:${word} -->\n\`\`\`text\n`, end: '\n```', text: () => drawingIn(word),
  })),
]

/** Where a part's text begins and ends in the page. */
function boundsOf(page: string, { name, begin, end }: Part): [number, number] {
  const from = page.indexOf(begin) + begin.length
  if (from < begin.length) throw new Error(`ARCHITECTURE.md has no mark for ${name}`)
  return [from, page.indexOf(end, from)]
}

if (process.env.UPDATE === '1') {
  let page = readFileSync(PAGE, 'utf8')
  for (const part of PARTS) {
    const [from, to] = boundsOf(page, part)
    page = page.slice(0, from) + part.text() + page.slice(to)
  }
  writeFileSync(PAGE, page)
}

describe('ARCHITECTURE.md', () => {
  const page = readFileSync(PAGE, 'utf8')

  it.each(PARTS)('shows $name as it is in the code', part => {
    expect(page.slice(...boundsOf(page, part))).toBe(part.text())
  })

  it('draws no word twice, and none that is gone', () => {
    const drawn = [...page.matchAll(/^<!-- drawing:(.*) -->$/gm)].map(match => match[1]).sort()
    expect(drawn).toEqual(WORDS)
  })
})
