// The library's own source with edits: a rule of it switched off, to see whether a spec notices.

import * as esbuild from 'esbuild'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Edit, edited } from '../../lib/harness/mutants'

/** An edit of one file, named from lib/. */
export interface SourceEdit extends Edit { readonly file: string }
/** A rule that is switched off by edits. */
export interface SourceMutant { readonly name: string, readonly edits: readonly SourceEdit[] }

const root = fileURLToPath(new URL('../../', import.meta.url))

const editing = ({ name, edits }: SourceMutant): esbuild.Plugin => ({
  name: 'edited',
  setup(build) {
    const left = new Set(edits)
    build.onLoad({ filter: /[\\/]lib[\\/].*\.ts$/ }, ({ path }) => {
      const own = edits.filter(({ file }) => path.replaceAll('\\', '/').endsWith(`/lib/${file}`))
      own.forEach(edit => left.delete(edit))
      const contents = own.reduce((text, edit) => edited(text, { name, ...edit }), readFileSync(path, 'utf8'))
      return { contents, loader: 'ts' }
    })
    build.onEnd(() => {
      if (left.size > 0) throw new Error(`mutant '${name}' edits files that are not used: ${[...left].map(({ file }) => file).join()}`)
    })
  },
})

async function bundled(entry: string, mutant: SourceMutant, options: esbuild.BuildOptions): Promise<string> {
  const { outputFiles } = await esbuild.build({
    entryPoints: [`${root}lib/${entry}`], bundle: true, write: false, target: 'es2022', logLevel: 'silent', define: { CHECKED: 'false' },
    alias: Object.fromEntries([
      ['#kernel/javascript', 'build/release/kernel.js'], ['#kernel/wasm', 'build/release/wasm.js'],
      ['#harness/worker', 'build/harness/worker.js'],
    ].map(([name, file]) => [name, `${root}${file}`])),
    plugins: [editing(mutant)], ...options,
  })
  return outputFiles![0]!.text
}

/** A module of the library with edits, evaluated: its exports. */
export async function importEdited<T>(entry: string, mutant: SourceMutant): Promise<T> {
  const text = await bundled(entry, mutant, { format: 'esm', platform: 'node' })
  return await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(text)}`) as T
}

/** The JavaScript kernel with edits, as text whose last expression is an object of its functions over `cells`. */
export function kernelText(mutant: SourceMutant): Promise<string> {
  return bundled('kernel/index.ts', mutant, { format: 'iife', globalName: 'kernel' })
}
