// The examples of README.md and of the library's comments do what they say, over the package as it is published.
//
// A block that begins with `// name.mjs` is a file, run as it stands together with the files next to it. Any other block is run
// with the public names imported and a fresh `map` where it brings none. `// => x` stands behind what is printed, or behind an
// expression whose value reads `x`; `// => throws E` behind an expression that throws an E.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as everything from '../lib/index'
import { folderWithPackage, removeFolder } from './support/packed'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const EXPECTED = /^(?<code>.*\S) *\/\/ => (?<result>.*)$/

interface Example { readonly name: string, readonly files: Record<string, string>, readonly expected: string[] }

/** The js blocks of a text; neighbours that are files make one example. */
function examplesIn(text: string, source: string): Example[] {
  const examples: Example[] = []
  for (const match of text.matchAll(/^```js\n([^]*?)^```$/gm)) {
    const code = match[1]!, file = code.match(/^\/\/ (\w+\.mjs)\n/)?.[1], last = examples.at(-1)
    if (file !== undefined && last !== undefined && !('snippet.mjs' in last.files) && !(file in last.files)) {
      last.files[file] = code
      last.expected.push(...expectedOf(code))
    } else {
      const name = `${source}, line ${text.slice(0, match.index).split('\n').length}`
      examples.push({ name, files: { [file ?? 'snippet.mjs']: file === undefined ? complete(code) : code }, expected: expectedOf(code) })
    }
  }
  return examples
}

/** A snippet with what it needs around it, printing the values that it tells of. */
function complete(code: string): string {
  const imported = /^import .*'nonblocking-map'$/m.test(code) ? '' : `import { ${Object.keys(everything).join(', ')} } from 'nonblocking-map'\n`
  const map = /^const map = /m.test(code) ? '' : 'const map = SharedMap.create()\n'
  const lines = code.split('\n').map(line => {
    const { code: expression, result } = line.match(EXPECTED)?.groups ?? {}
    if (expression === undefined || expression.includes('console.log(')) return line
    return result!.startsWith('throws ') ? `try { ${expression}; console.log('nothing thrown') } catch (error) { console.log('throws ' + error.name) }`
      : `console.log(inspect(${expression}))`
  })
  return `import { inspect } from 'node:util'\n${imported}${map}${lines.join('\n')}`
}

const expectedOf = (text: string): string[] => text.split('\n').flatMap(line => line.match(EXPECTED)?.groups!.result ?? [])

/** The text of a source's doc comments, without their margins. */
const commentsOf = (source: string): string => [...source.matchAll(/^ *\/\*\*\n([^]*?)^ *\*\//gm)].map(([, text]) => text!.replace(/^ *\* ?/gm, '')).join('\n')

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const sources = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts') && !file.startsWith('kernel')).sort()
const inReadme = examplesIn(readme, 'README.md')
const inComments = sources.flatMap(file => {
  const text = commentsOf(readFileSync(join(ROOT, 'lib', file), 'utf8'))
  return text.split('@example').slice(1).flatMap((part, n) => examplesIn(part, `${file}, example ${n + 1}`))
})

let folder = ''
beforeAll(() => { folder = folderWithPackage() })
afterAll(() => removeFolder(folder))

/** Runs an example and gives the lines it printed. */
function run({ files }: Example): string[] {
  for (const [name, code] of Object.entries(files)) writeFileSync(join(folder, name), code)
  const output = execFileSync(process.execPath, ['main.mjs' in files ? 'main.mjs' : 'snippet.mjs'], { cwd: folder, encoding: 'utf8', timeout: 60_000 })
  return output.split('\n').slice(0, -1)
}

describe('README.md', () => {
  /** As GitHub names a heading. */
  const anchorsOf = (file: string): string[] => [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^#+ (.*)$/gm)]
    .map(([, heading]) => heading!.toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-'))

  it('links to files and headings that are there', () => {
    const links = [...readme.matchAll(/\]\(([^)]*)\)/g)].map(([, link]) => link!).filter(link => !/^https?:/.test(link))
    expect(links.length).toBeGreaterThan(5)
    const broken = links.filter(link => {
      const [file, anchor] = link.split('#') as [string, string | undefined]
      return !existsSync(join(ROOT, file)) || anchor !== undefined && !anchorsOf(file === '' ? 'README.md' : file).includes(anchor)
    })
    expect(broken).toEqual([])
  })
})

describe('the examples', () => {
  it('are found, the quick start as one of two files', () => {
    expect(inReadme.length).toBeGreaterThan(6)
    expect(Object.keys(inReadme[0]!.files)).toEqual(['main.mjs', 'worker.mjs'])
    expect(inComments.length).toBe(sources.map(file => readFileSync(join(ROOT, 'lib', file), 'utf8').split('@example').length - 1).reduce((a, b) => a + b))
    expect(inComments.length).toBeGreaterThan(4)
  })

  it.each([...inReadme, ...inComments])('of $name give what they say', example => {
    expect(example.expected.length).toBeGreaterThan(0)
    expect(run(example)).toEqual(example.expected)
  })
})
