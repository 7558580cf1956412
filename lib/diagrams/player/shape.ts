// How the words of a run are laid out: grids of those named like `A[3].key`, and beside each the other words of the same
// prefix; rows of those that are numbered, like `A.chunk 0`.

import type { Trace, Word } from '../record'

/** A grid: its rows by their numbers, each with a word (a number in `words`, or -1) for each part. */
export interface Grid { readonly parts: readonly string[], readonly rows: readonly { readonly index: number, readonly words: readonly number[] }[] }

/** Words in a line under one label. */
export interface Line { readonly label: string, readonly items: readonly { readonly label: string, readonly word: number }[] }

/** The words of one prefix. */
export interface Group { readonly prefix: string, readonly grid: Grid | undefined, readonly lines: readonly Line[] }

const IN_GRID = /^(.+?)\[(-?\d+)\](?:\.(.+))?$/
const NUMBERED = /^(.*\D) (\d+)$/

/** The groups of a run's words; the one without a prefix comes first. */
export function groupsOf({ words }: Trace): Group[] {
  const prefixes = new Map<string, number[]>()
  words.forEach((word, n) => {
    const prefix = prefixOf(word)
    if (prefixes.has(prefix)) prefixes.get(prefix)!.push(n)
    else prefixes.set(prefix, [n])
  })
  return [...prefixes].sort(([a], [b]) => Number(b === '') - Number(a === '')).map(([prefix, members]) => ({
    prefix, grid: gridOf(words, members), lines: linesOf(words, members.filter(n => !IN_GRID.test(words[n]!.name)), prefix),
  }))
}

const prefixOf = ({ name }: Word): string => IN_GRID.exec(name)?.[1] ?? (/^[^.[]+(?=\.)/.exec(name)?.[0] ?? '')

function gridOf(words: readonly Word[], members: readonly number[]): Grid | undefined {
  const found = members.flatMap(word => {
    const [, , row, part = ''] = IN_GRID.exec(words[word]!.name) ?? []
    return row === undefined ? [] : [{ word, index: Number(row), part }]
  })
  if (found.length === 0) return undefined
  const parts = [...new Set(found.map(({ part }) => part))], indices = [...new Set(found.map(({ index }) => index))].sort((a, b) => a - b)
  const at = (index: number, part: string): number => found.find(cell => cell.index === index && cell.part === part)?.word ?? -1
  return { parts, rows: indices.map(index => ({ index, words: parts.map(part => at(index, part)) })) }
}

/** Numbered words stand in one line, any other has one of its own; the lines of the numbered come last. */
function linesOf(words: readonly Word[], members: readonly number[], prefix: string): Line[] {
  const lines = new Map<string, { label: string, word: number }[]>()
  for (const word of members) {
    const name = words[word]!.name.slice(prefix === '' ? 0 : prefix.length + 1), [, stem = name, number = ''] = NUMBERED.exec(name) ?? []
    lines.set(stem, [...lines.get(stem) ?? [], { label: number, word }])
  }
  return [...lines].map(([label, items]) => ({ label, items })).sort((a, b) => Number(isNumbered(a)) - Number(isNumbered(b)))
}

export const isNumbered = ({ items }: Line): boolean => items[0]?.label !== ''
