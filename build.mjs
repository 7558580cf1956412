// Builds everything: the kernel five times (WebAssembly and JavaScript, release and checked; WebAssembly once more with
// its shared accesses as imports), then the library and the harness.
//
//   node build.mjs            dist/ (what is published) and build/ (what the specs use)
//   node build.mjs kernel     the kernels alone

import * as esbuild from 'esbuild'
import asc from 'assemblyscript/asc'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = dirname(fileURLToPath(import.meta.url))
const path = (...parts) => join(root, ...parts)

/**
 * What asc reads: the wanted flavour of the memory module; the words' files without their tables of steps; and a line
 * `// inline` before a function as asc's decorator, which TypeScript does not have for functions.
 */
const readForAsc = flavour => (name, base) => {
  const file = name.endsWith('kernel/memory.ts') ? `lib/kernel/memory.${flavour}.ts` : name
  try {
    return readFileSync(join(base, file), 'utf8').split('\n// steps\n')[0].replace(/^\/\/ inline\n/gm, '@inline\n')
  } catch {
    return null
  }
}

async function buildWasm(out, checked, flavour = 'wasm') {
  mkdirSync(dirname(out), { recursive: true })
  const { error, stderr } = await asc.main([
    'lib/kernel/index.ts', '-o', out, '-Ospeed', '--converge', '--runtime', 'stub', '--importMemory', '--noExportMemory', '--sharedMemory',
    '--initialMemory', '1', '--maximumMemory', '65536', '--enable', 'threads', '--use', `CHECKED=${checked ? 1 : 0}`, '--use', 'abort=',
  ], { readFile: readForAsc(flavour) })
  if (error) throw new Error(`asc: ${stderr}`)
  // As a module, so that any bundler, and a page without a server for it, can carry the kernel along.
  writeFileSync(join(dirname(out), 'wasm.js'), `export default '${textOf(readFileSync(out))}'\n`)
}

/** A file of the library, for this script to use. */
async function load(file) {
  const { outputFiles: [{ text }] } = await esbuild.build({ entryPoints: [path('lib', file)], format: 'esm', write: false })
  return import(`data:text/javascript,${encodeURIComponent(text)}`)
}
const { textOf } = await load('backend/carried.ts')

async function buildJavaScript(out, checked) {
  const result = await esbuild.build({
    entryPoints: [path('lib/kernel/index.ts')], bundle: true, write: false, format: 'iife', globalName: 'kernel', target: 'es2022',
    minifySyntax: true, treeShaking: true, define: { CHECKED: String(checked) },
  })
  const text = result.outputFiles[0].text.replace('"use strict";\n', '')
  mkdirSync(dirname(out), { recursive: true })
  writeFileSync(out, `// The kernel over the cells of one buffer. \`checks\` is called in checked builds only.
export function instantiate(cells, checks) {
const ints = new Int32Array(cells.buffer, cells.byteOffset, cells.length * 2);
${text}return kernel;
}
`)
}

/** Node prints the whole line of an uncaught error. esbuild breaks strings too, and exceeds its limit by some characters, never to 200. */
const LINE_LIMIT = 160

/**
 * Bundles an entry over the release or the checked kernels. Readable: who minifies a program minifies the library with it, and
 * all others see names and short lines when an error comes up.
 */
function bundle(entries, outdir, kernels, options = {}) {
  return esbuild.build({
    entryPoints: entries, outdir, bundle: true, splitting: true, format: 'esm', target: 'es2022', sourcemap: true, lineLimit: LINE_LIMIT,
    alias: { '#diagrams/live': path('build/diagrams/live.js'), '#diagrams/player': path('build/diagrams/player.js'), '#harness/worker': path('build/harness/worker.js'),
      '#kernel/javascript': path(kernels, 'kernel.js'), '#kernel/wasm': path(kernels, 'wasm.js') },
    logLevel: 'warning', define: { CHECKED: 'false' }, ...options,
  })
}

/** The harness uses the map of the package, not a copy of its own: tokens and errors must be the same. */
const ofThePackage = {
  name: 'of the package',
  setup(build) { build.onResolve({ filter: /(^|\/)(map\/shared-map|errors)$/ }, () => ({ path: '../index.js', external: true })) },
}

/** The player's page as text, with its script and its style in it, and their hashes in its policy: the browser runs and loads nothing else. */
async function buildPlayer() {
  const options = { bundle: true, minify: true, target: 'es2022', write: false, logLevel: 'warning' }
  const build = async (file, more) => (await esbuild.build({ ...options, ...more, entryPoints: [path('lib/diagrams/player', file)] })).outputFiles[0].text.trim()
  const script = await build('main.ts', { format: 'iife' }), style = await build('page.css', {})
  const hash = text => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  const parts = { script, style, 'script-hash': hash(script), 'style-hash': hash(style) }
  const page = readFileSync(path('lib/diagrams/player/page.html'), 'utf8').replace(/\{\{(script|style|script-hash|style-hash)\}\}/g, (_, name) => parts[name])
  mkdirSync(path('build/diagrams'), { recursive: true })
  writeFileSync(path('build/diagrams/player.js'), `export default ${JSON.stringify(page)}\n`)
}

/** The harness and the diagrams of its runs: entries over shared chunks; the kernel and the operations that it checks; and the script of its workers as text. */
async function buildHarness() {
  const options = { bundle: true, platform: 'node', format: 'esm', target: 'es2022', logLevel: 'warning', define: { CHECKED: 'false' } }
  const worker = await esbuild.build({ ...options, format: 'cjs', entryPoints: [path('lib/harness/workers/worker.ts')], write: false })
  mkdirSync(path('build/harness'), { recursive: true })
  writeFileSync(path('build/harness/worker.js'), `export default ${JSON.stringify(worker.outputFiles[0].text)}\n`)
  await esbuild.build({ ...options, entryPoints: [path('lib/harness/map/driver.ts')], outfile: path('build/harness/map-driver.js') })
  await esbuild.build({ ...options, entryPoints: [path('lib/harness/map/profile.ts')], outfile: path('build/harness/profile.js'), alias: { '#harness/worker': path('build/harness/worker.js') } })
  await buildPlayer()
  await buildLive()
  await bundle(['harness/index.ts', 'harness/vitest.ts', 'diagrams/index.ts', 'diagrams/bin.ts'].map(file => path('lib', file)), path('dist'), 'build/release',
    { outbase: path('lib'), chunkNames: 'harness/chunk-[hash]', charset: 'utf8', platform: 'node',
      external: ['vitest', 'fast-check', '@viz-js/viz'], plugins: [ofThePackage] })
  copyFileSync(path('build/release/kernel.js'), path('dist/harness/kernel.js'))
  copyFileSync(path('build/harness/map-driver.js'), path('dist/harness/map-driver.js'))
}

/** The live view: what reads a map's words, over the cells of one buffer as the kernel is; and the files of its page, as text. */
async function buildLive() {
  const options = { bundle: true, write: false, target: 'es2022', logLevel: 'warning', define: { CHECKED: 'false' } }
  const look = await esbuild.build({ ...options, entryPoints: [path('lib/diagrams/live/look.ts')], format: 'iife', globalName: 'look' })
  mkdirSync(path('build/diagrams'), { recursive: true })
  writeFileSync(path('build/diagrams/look.js'), `export function instantiate(cells) {\n${look.outputFiles[0].text.replace('"use strict";\n', '')}return look;\n}\n`)
  const page = await esbuild.build({
    ...options, entryPoints: ['page.ts', 'worker.ts', 'page.css'].map(name => path('lib/diagrams/live', name)), outdir: path('live'), splitting: true, format: 'esm', minify: true,
    alias: { '#diagrams/look': path('build/diagrams/look.js'), '#kernel/javascript': path('build/release/kernel.js'), '#kernel/wasm': path('build/release/wasm.js') },
  })
  const files = page.outputFiles.map(file => [file.path.slice(path('live').length), file.text])
  for (const name of ['page.html', 'icon.svg']) files.push([`/${name}`, readFileSync(path('lib/diagrams/live', name), 'utf8')])
  writeFileSync(path('build/diagrams/live.js'), `export default ${JSON.stringify(Object.fromEntries(files))}\n`)
}

/** Leaves of tsc's declarations those that the public names reach, with the extensions that Node's way to resolve asks for. */
function keepPublicDeclarations(outdir, entries) {
  const kept = new Set()
  const visit = file => {
    if (kept.has(file)) return
    kept.add(file)
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace(RELATIVE, "$1'$2.js'"))
    for (const [, , name] of text.matchAll(RELATIVE)) visit(join(dirname(file), `${name}.d.ts`))
  }
  for (const entry of entries) visit(join(outdir, entry))
  for (const file of readdirSync(outdir, { recursive: true }).map(name => join(outdir, name))) {
    if (/\.d\.ts(\.map)?$/.test(file) && !kept.has(file.replace(/\.map$/, ''))) rmSync(file)
  }
  for (const { name } of readdirSync(outdir, { withFileTypes: true }).filter(entry => entry.isDirectory())) {
    if (!readdirSync(join(outdir, name), { recursive: true }).some(file => file.endsWith('.ts'))) rmSync(join(outdir, name), { recursive: true })
  }
}
/** The declarations of an entry once more, for those who `require` it: under names that say so, since TypeScript goes by them. */
function copyDeclarationsForRequire(from, to, entry) {
  const copied = new Set()
  const visit = name => {
    if (copied.has(name)) return
    copied.add(name)
    const text = readFileSync(join(from, `${name}.d.ts`), 'utf8'), target = join(to, `${name}.d.cts`)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text.replace(RELATIVE, (_, before, other) => `${before}'${other.replace(/\.js$/, '.cjs')}'`).replace(/^\/\/# sourceMappingURL.*\n?/m, ''))
    for (const [, , other] of text.matchAll(RELATIVE)) visit(join(dirname(name), other.replace(/\.js$/, '')))
  }
  visit(entry)
}
const RELATIVE = /(\bfrom |\bimport\()'(\.[^']*)'/g

/** Another process beside this one; says what it said, if it fails. */
async function beside(...args) {
  try {
    await promisify(execFile)(process.execPath, args)
  } catch ({ stdout, stderr }) {
    throw new Error(`${stdout}${stderr}`)
  }
}

/** Both kinds of kernels; the checked ones with the one whose accesses are imports, in a process of their own. */
async function buildKernels() {
  await Promise.all([beside(path('build.mjs'), CHECKED_KERNELS), buildWasm(path('build/release/kernel.wasm'), false), buildJavaScript(path('build/release/kernel.js'), false)])
}
async function buildCheckedKernels() {
  await Promise.all([buildWasm(path('build/checked/kernel.wasm'), true), buildJavaScript(path('build/checked/kernel.js'), true)])
  await buildWasm(path('build/traced/kernel.wasm'), false, 'trace')
}

async function buildLibrary() {
  await bundle([path('lib/index.ts')], path('dist'), 'build/release')
  await buildHarness()
  // For `require`: old projects, and jest unless it was told otherwise.
  await bundle([path('lib/index.ts')], path('dist/cjs'), 'build/release', { format: 'cjs', splitting: false, outExtension: { '.js': '.cjs' } })
  await bundle([path('lib/index.ts')], path('build/checked'), 'build/checked', { sourcemap: false, define: { CHECKED: 'true' } })
}

/** Everything else, over the kernels; tsc has time while these are built. */
async function buildAll() {
  await Promise.all([buildKernels(), beside(path('node_modules/typescript/bin/tsc'), '-p', path('tsconfig.json'))])
  keepPublicDeclarations(path('dist'), ['index.d.ts', 'diagrams/index.d.ts', 'harness/index.d.ts', 'harness/vitest.d.ts'])
  await buildLibrary()
  copyDeclarationsForRequire(path('dist'), path('dist/cjs'), 'index')
}

const CHECKED_KERNELS = 'checked-kernels', what = process.argv[2]
if (what === CHECKED_KERNELS) await buildCheckedKernels()
else {
  rmSync(path('dist'), { recursive: true, force: true })
  rmSync(path('build'), { recursive: true, force: true })
  await (what === 'kernel' ? buildKernels() : buildAll())
}
