import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { WORDS } from '../lib/kernel/transitions'
import type { WordKind } from '../lib/kernel/step'

/** A word's states and steps as a Mermaid state diagram; each edge says which function makes it and what takes effect. */
function toMermaid({ name, steps }: WordKind): string {
  const edges = steps.map(({ from, to, name: step, by, effect }) => `  ${from} --> ${to}: ${step} (${by})${effect === '' ? '' : `, LP ${effect}`}`)
  return `---\ntitle: the ${name} word\n---\nstateDiagram-v2\n  direction LR\n  [*] --> Empty\n${edges.join('\n')}\n`
}

it.each(['key', 'value'])('diagrams/%s-word.mmd is what TRANSITIONS says (UPDATE=1 writes it)', name => {
  const file = new URL(`../diagrams/${name}-word.mmd`, import.meta.url), drawn = toMermaid(WORDS.find(word => word.name === name)!)
  if (process.env.UPDATE !== undefined) writeFileSync(file, drawn)
  expect(readFileSync(file, 'utf8')).toBe(drawn)
})
