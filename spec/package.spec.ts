// What is published: which files, that they need nothing, and that their types resolve for those who use them.

import { spawnSync } from 'node:child_process'
import { inspect } from 'node:util'
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { transformSync } from 'esbuild'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as everything from '../lib/index'
import { folderWithPackage, publishedFiles, removeFolder } from './support/packed'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const ALONE = ['ARCHITECTURE.md', 'CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']
const MOST_GZIPPED = 60_000

let folder = ''
beforeAll(() => { folder = folderWithPackage() })
afterAll(() => removeFolder(folder))
const published = (file: string): string => readFileSync(join(folder, 'node_modules/nonblocking-map', file), 'utf8')

/** What `exports` says: a file, or files by condition. */
type Target = string | { readonly [name: string]: Target }
const namedBy = (target: Target): string[] => typeof target === 'string' ? [target] : Object.values(target).flatMap(namedBy)

describe('the package', () => {
  it('has the built files, their sources and five pages, and nothing else', () => {
    const files = publishedFiles()
    expect(files.filter(file => !/^(dist|lib)\//.test(file))).toEqual(ALONE)
    expect(files.filter(file => file.startsWith('dist/') && !/\.(c?js|d\.c?ts)(\.map)?$/.test(file))).toEqual([])
    expect(files).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.ts', 'lib/index.ts']))
  })

  it('names files that are there', () => {
    const { types, exports } = JSON.parse(published('package.json')) as { types: string, exports: Target }
    const named = [types, ...namedBy(exports)]
    expect(named.length).toBeGreaterThan(3)
    for (const file of named) expect(published(file).length).toBeGreaterThan(0)
  })

  it('depends on nothing', () => {
    const manifest = JSON.parse(published('package.json')) as Record<string, unknown>
    expect(Object.keys(manifest).filter(name => /dependencies$/i.test(name))).toEqual(['devDependencies', 'peerDependencies'])
    // What the harness can use, and the map never needs.
    expect(manifest.peerDependenciesMeta).toEqual({ 'fast-check': { optional: true }, vitest: { optional: true } })
    const { importedFiles } = ts.preProcessFile(published('dist/index.js'), true, true)
    expect(importedFiles.map(({ fileName }) => fileName)).toEqual([])
  })

  it('has nothing of the checks in it', () => {
    const code = published('dist/index.js'), checked = readFileSync(join(ROOT, 'build/checked/index.js'), 'utf8')
    for (const mark of ['illegal step', '.propose(', '.took(']) {
      expect(checked, mark).toContain(mark)
      expect(code, mark).not.toContain(mark)
    }
  })

  it(`is no larger than ${MOST_GZIPPED} bytes when a bundler has minified it and a server compressed it`, () => {
    const code = published('dist/index.js'), { code: minified } = transformSync(code, { minify: true, format: 'esm' }),
      size = gzipSync(minified, { level: 9 }).length
    console.log(`dist/index.js: ${code.length} bytes, ${minified.length} minified, ${size} gzipped`)
    expect(size).toBeGreaterThan(1000)
    expect(size).toBeLessThanOrEqual(MOST_GZIPPED)
  })

  it('runs as it was installed', async () => {
    const { SharedMap, ...others } = await import(/* @vite-ignore */ join(folder, 'node_modules/nonblocking-map/dist/index.js')) as typeof everything
    expect(Object.keys({ SharedMap, ...others }).sort()).toEqual(Object.keys(everything).sort())
    const map = SharedMap.create<string, number>({ maxByteLength: 1 << 20 })
    expect(map.backend).toBe('wasm')
    expect(map.add('n', 3)).toBe(3)
    map.detach()
    expect(() => map.get('n')).toThrow(expect.objectContaining({ name: 'DetachedError', code: 'DETACHED' }))
    // A program's minifier renames classes, errors must keep their names.
    const errors = Object.entries(others as Record<string, unknown>).filter(([name]) => name.endsWith('Error')) as [string, new (...texts: string[]) => Error][]
    expect(errors.map(([, Class]) => new Class('a', 'b').name)).toEqual(errors.map(([name]) => name))
    expect(errors).toHaveLength(10)
  })
})

describe('an uncaught error', () => {
  /** What a program prints that ends with an uncaught error of the installed package. */
  const stderrOf = (code: string, ...flags: string[]): string => {
    const before = "import { SharedMap } from 'nonblocking-map'\nconst map = SharedMap.create({ maxByteLength: 1 << 18 })"
    writeFileSync(join(folder, 'fails.mjs'), `${before}\n${code}\n`)
    const { status, stderr } = spawnSync(process.execPath, [...flags, 'fails.mjs'], { cwd: folder, encoding: 'utf8' })
    expect(status).toBe(1)
    return stderr
  }

  it.each([
    ['map.set("when", new Date())', 'EncodingError'], ['map.set(1, "x".repeat(1 << 20))', 'OutOfMemoryError'],
      ['SharedMap.attach({})', 'HandleError'],
    ['map.detach(); map.get(1)', 'DetachedError'], ['SharedMap.create({ size: 1 })', 'OptionsError'],
      ['map.getMany(5)', 'TypeError: getMany takes keys'],
    ['new SharedMap()', 'OptionsError'], ['structuredClone({ map })', 'send map.handle'],
  ])('of %s prints a few lines, and says what it is', (code, said) => {
    const stderr = stderrOf(code)
    expect(stderr).toContain(said)
    expect(stderr.length).toBeLessThan(2000)
  })

  it('has the names of the sources in its stack, and their places with the source map', () => {
    expect(stderrOf('map.set("when", new Date())')).toMatch(/at SharedMap\.set[^]*dist\/index\.js:\d+:\d+/)
    const mapped = stderrOf('map.set("when", new Date())', '--enable-source-maps')
    expect(mapped).toMatch(/at SharedMap\.set[^]*lib\/map\/shared-map\.ts:\d+:\d+/)
    expect(mapped.length).toBeLessThan(2000)
  })

  it('finds no line of code in the package that is longer than 200 characters', () => {
    const files = publishedFiles().filter(file => /^dist.*\.[cm]?js$|^lib.*\.ts$/.test(file))
    const lines = files.flatMap(file => published(file).split('\n').map((line, n) => ({ where: `${file}:${n + 1}`, length: line.length })))
    expect(lines.length).toBeGreaterThan(10_000)
    // The kernel that the explorer runs stays as it was built: rules are switched off in it by its text, and pictures name its lines.
    const most = (where: string): number => where.startsWith('dist/harness/kernel.js') ? 600 : 200
    expect(lines.filter(({ where, length }) => length > most(where))).toEqual([])
  })
})

const CONSUMER = `
import { ABSENT, OutOfMemoryError, SharedMap, reapOnExit, type Codec, type Handle, type PutResult, type Stats } from 'nonblocking-map'

const dates: Codec<Date> = { encode: date => new Uint8Array(date.getTime()), decode: bytes => new Date(bytes.length) }
const map = SharedMap.create<string, Date>({ values: dates, capacity: 100 })
const date: Date | undefined = map.set('a', new Date()).get('a')
const result: PutResult<Date> = map.putIfMatch('a', ABSENT, new Date())
const stats: Stats = map.stats()
const handle: Handle = map.invite()
for (const [key, value] of map) key.toUpperCase() + value.getTime()
{
  using other = SharedMap.attach<string, Date>(handle, { values: dates })
  other.clear()
}
reapOnExit(map, { threadId: 1, once: () => 0 })
export const code: string = new OutOfMemoryError('x').code
export { date, result, stats }

// @ts-expect-error: the value is no date
map.set('a', 1)
// @ts-expect-error: for specs only
SharedMap.createShaped({}, {})
`

/** Files that stay as they are, parsed once for all programs: most of a program's time goes to the types of the DOM. */
const parsed = new Map<string, ts.SourceFile | undefined>()

function hostFor(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options), parse = host.getSourceFile.bind(host)
  host.getSourceFile = (file, how, ...more) => {
    // How a file is read depends on the way modules are resolved.
    const key = `${file} ${typeof how === 'object' ? JSON.stringify([how.languageVersion, how.impliedNodeFormat]) : how}`
    if (!/node_modules\/(typescript\/lib|@types|undici-types)\//.test(file)) return parse(file, how, ...more)
    if (!parsed.has(key)) parsed.set(key, parse(file, how, ...more))
    return parsed.get(key)
  }
  return host
}

/** What tsc says about a file that uses the package. */
function complaints(options: ts.CompilerOptions, name = 'consumer.ts'): string[] {
  const file = join(folder, name), declarations = name.endsWith('.cts') ? 'dist/cjs/map/shared-map.d.cts' : 'dist/map/shared-map.d.ts'
  writeFileSync(file, CONSUMER)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  // TypeScript's own libraries are not what is checked here.
  const all = { strict: true, skipLibCheck: false, skipDefaultLibCheck: true, noEmit: true, target: ts.ScriptTarget.ES2022, types: [], ...options }
  const program = ts.createProgram([file], all, hostFor(all))
  expect(program.getSourceFiles().some(({ fileName }) => fileName.endsWith(declarations))).toBe(true)
  return ts.getPreEmitDiagnostics(program).map(({ messageText, file: where }) => `${where?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
}

describe('the declarations', () => {
  const NODENEXT: ts.CompilerOptions = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext }
  const BUNDLER: ts.CompilerOptions = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }
  const lib = (...names: string[]): string[] => names.map(name => `lib.${name}.d.ts`)

  it.each([['nodenext', NODENEXT], ['bundler', BUNDLER]])('resolve and are right under strict, skipLibCheck off, moduleResolution %s', (_, options) => {
    expect(complaints({ ...options, lib: lib('es2022', 'dom', 'esnext.disposable') })).toEqual([])
  })

  it('are those of CommonJS for a file that will require the package', () => {
    expect(complaints({ ...NODENEXT, lib: lib('es2022', 'dom', 'esnext.disposable') }, 'consumer.cts')).toEqual([])
  })

  it('need neither the types of the DOM nor those of Node, but go with either', () => {
    expect(complaints({ ...NODENEXT, lib: lib('es2022') })).toEqual([])
    expect(complaints({ ...NODENEXT, lib: lib('es2022', 'dom') })).toEqual([])
    mkdirSync(join(folder, 'node_modules/@types'))
    for (const name of ['@types/node', 'undici-types']) symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
    expect(complaints({ ...NODENEXT, lib: lib('es2022'), types: ['node'] })).toEqual([])
  })

  it('show nothing of the kernel, nor what is internal', () => {
    const all = readdirSync(join(folder, 'node_modules/nonblocking-map/dist'), { recursive: true, encoding: 'utf8' }).filter(file => /\.d\.c?ts$/.test(file))
    // The harness is about such things.
    const files = all.filter(file => !file.startsWith('harness'))
    expect(files).toContain('index.d.ts')
    const text = files.map(file => published(join('dist', file))).join('\n')
    expect(text).toContain('interface CreateOptions')
    expect(text).not.toMatch(/kernel\/|@internal|\bi32\b|\bi64\b|\benum\b/)
  })
})

it('prints the map under its own name', async () => {
  const { SharedMap } = await import(/* @vite-ignore */ new URL('../dist/index.js', import.meta.url).href) as typeof import('../lib/index')
  expect(SharedMap.name).toBe('SharedMap')
  expect(inspect(SharedMap.create({ maxByteLength: 1 << 18 }))).toMatch(/^SharedMap/)
})
