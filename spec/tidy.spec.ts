import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { bytesOf } from '../lib/backend/carried'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** A file imports only from its own layer or from those before it. */
const LAYERS = ['kernel', 'backend', 'codec', 'map', 'memtable', 'stats', 'adapters', 'harness', 'diagrams']
const ANYTHING = ['index.ts']
const FOR_ALL_BUT_KERNEL = 'errors.ts'

const files = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts')).sort()
const text = (file: string): string => readFileSync(join(ROOT, 'lib', file), 'utf8')
const parse = (file: string): ts.SourceFile => ts.createSourceFile(file, text(file), ts.ScriptTarget.ES2022, true)
const layerOf = (file: string): string => file.split('/')[0]!

/** The files of lib that a file imports, and '#kernel/...' as 'kernel/...'. */
function importsOf(file: string): string[] {
  return ts.preProcessFile(text(file), true, true).importedFiles.flatMap(({ fileName }) => {
    if (/^#(kernel|harness)\//.test(fileName)) return [fileName.slice(1)]
    if (!fileName.startsWith('.')) return []
    return [relative(join(ROOT, 'lib'), join(ROOT, 'lib', dirname(file), fileName)).replace(/(\.ts)?$/, '.ts')]
  })
}

function mayImport(file: string, other: string): boolean {
  if (ANYTHING.includes(file)) return true
  if (other === FOR_ALL_BUT_KERNEL) return layerOf(file) !== 'kernel'
  const own = LAYERS.indexOf(layerOf(file)), its = LAYERS.indexOf(layerOf(other))
  return its >= 0 && own >= its
}

/** Every function of a file, with the lines it takes. */
function functionsOf(file: string): [name: string, lines: number][] {
  const source = parse(file), found: [string, number][] = []
  const line = (at: number): number => source.getLineAndCharacterOfPosition(at).line
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      found.push([`${file}: ${node.name?.getText() ?? 'a closure'}`, line(node.end) - line(node.getStart()) + 1])
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** The sections of a WebAssembly file: id and contents. */
function sectionsOf(wasm: Uint8Array): [id: number, bytes: Uint8Array][] {
  const sections: [number, Uint8Array][] = []
  for (let at = 8; at < wasm.length;) {
    const id = wasm[at++]!
    let size = 0
    for (let shift = 0, byte = 0x80; byte & 0x80; shift += 7) { byte = wasm[at++]!; size |= (byte & 0x7f) << shift }
    sections.push([id, wasm.subarray(at, at + size)])
    at += size
  }
  return sections
}

describe('the sources', () => {
  it('are in a known layer', () => {
    expect(files.length).toBeGreaterThan(30)
    expect(files.filter(file => !LAYERS.includes(layerOf(file)) && !['index.ts', FOR_ALL_BUT_KERNEL].includes(file))).toEqual([])
  })

  it('import only from their own layer or those before it', () => {
    const edges = files.flatMap(file => importsOf(file).map(other => [file, other] as const))
    expect(edges.length).toBeGreaterThan(100)
    expect(edges.filter(([file, other]) => !mayImport(file, other))).toEqual([])
  })

  it('import only files that are there', () => {
    const others = [...new Set(files.flatMap(importsOf))].filter(other => !/^(kernel\/(javascript|wasm)|harness\/worker)$/.test(other))
    expect(others.filter(other => !files.includes(other) && !files.includes(other.replace(/\.ts$/, '/index.ts')) && !files.includes(other.replace(/\.ts$/, '.d.ts')))).toEqual([])
  })

  it('touch shared memory in the memory module alone; and in the harness, where its real workers pass the baton', () => {
    // Comments may speak of it, and so may the texts of errors and examples.
    const code = (file: string): string => text(file).replace(/\/\/.*|\/\*[^]*?\*\//g, '').replace(/`[^`]*`|'[^'\n]*'/g, "''")
    const touching = files.filter(file => /\bAtomics\s*\./.test(code(file)))
    expect(touching.filter(file => !/^harness\/(workers\/|confirm|stress)/.test(file))).toEqual(['kernel/memory.ts'])
  })

  it('tell what a value is without instanceof, which is wrong about other realms; our own classes see to it themselves', () => {
    const code = (file: string): string => text(file).replace(/\/\/.*|\/\*[^]*?\*\//g, '').replace(/`[^`]*`|'[^'\n]*'/g, "''")
    const mine = files.filter(file => !/^(harness|diagrams)\//.test(file))
    expect(mine.length).toBeGreaterThan(50)
    expect(mine.filter(file => /\binstanceof\b|[!=]== (Object|Array)\.prototype\b/.test(code(file)))).toEqual([])
  })

  it('have no function longer than fifty lines', () => {
    const functions = files.flatMap(functionsOf)
    expect(functions.length).toBeGreaterThan(200)
    expect(functions.filter(([, lines]) => lines > 50)).toEqual([])
  })

  it('have no line longer than 180 characters, and nothing left to do', () => {
    const lines = files.flatMap(file => text(file).split('\n').map((line, n) => [`${file}:${n + 1}`, line] as const))
    expect(lines.filter(([, line]) => line.length > 180).map(([where]) => where)).toEqual([])
    expect(lines.filter(([, line]) => /\b(TODO|FIXME)\b/.test(line)).map(([where]) => where)).toEqual([])
  })

  it('and the specs have the types that they say', { timeout: 120_000 }, () => {
    const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', join(ROOT, 'spec')], { encoding: 'utf8' })
    expect([status, stdout]).toEqual([0, ''])
  })

  it('of the kernel each have a spec', () => {
    const kernel = files.filter(file => layerOf(file) === 'kernel' && !/(index|ambient\.d|memory|memory\.wasm|memory\.trace)\.ts$/.test(file))
    expect(kernel.length).toBeGreaterThan(30)
    expect(kernel.filter(file => !existsSync(join(ROOT, 'spec', file.replace(/\.ts$/, '.spec.ts'))))).toEqual([])
  })
})

describe('the released kernel', () => {
  const wasm = readFileSync(join(ROOT, 'build/release/kernel.wasm')), checked = readFileSync(join(ROOT, 'build/checked/kernel.wasm'))

  it('has no data section, which would overwrite live memory at every attach', () => {
    const ids = sectionsOf(wasm).map(([id]) => id)
    expect([ids.includes(1), ids.includes(10), ids.includes(11), ids.includes(8)]).toEqual([true, true, false, false])
  })

  it('imports its memory and nothing else', () => {
    expect(WebAssembly.Module.imports(new WebAssembly.Module(wasm))).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }])
  })

  it('keeps nothing of the checks', () => {
    for (const name of ['propose', 'took', 'illegality', 'wordKind']) {
      expect(wasm.includes(name), name).toBe(false)
      expect(readFileSync(join(ROOT, 'build/release/kernel.js'), 'utf8').includes(name), name).toBe(false)
    }
    expect([checked.includes('propose'), readFileSync(join(ROOT, 'build/checked/kernel.js'), 'utf8').includes('propose')]).toEqual([true, true])
  })

  it('is the same file as the module that carries it', () => {
    const carried = readFileSync(join(ROOT, 'build/release/wasm.js'), 'utf8').match(/'(.*)'/)![1]!
    expect(Buffer.compare(bytesOf(carried), wasm)).toBe(0)
  })
})
