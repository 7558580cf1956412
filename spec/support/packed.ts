// The package as npm would publish it, packed from what was built and unpacked again.

import { execFileSync } from 'node:child_process'
import { symlinkSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Runs npm here, without the scripts that would build anew below the other specs' feet. */
const npm = (...args: string[]): string => execFileSync('npm', [...args, '--ignore-scripts', '--json'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

let paths: string[] | undefined

/** The paths of the files that npm would publish; asked for once. */
export function publishedFiles(): string[] {
  return paths ??= (JSON.parse(npm('pack', '--dry-run')) as [{ files: { path: string }[] }])[0].files.map(({ path }) => path).sort()
}

/** A temporary folder in which the package is installed. */
export function folderWithPackage(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'nonblocking-map-'))), target = join(folder, 'node_modules/nonblocking-map')
  mkdirSync(target, { recursive: true })
  const [{ filename }] = JSON.parse(npm('pack', '--pack-destination', folder)) as [{ filename: string }]
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', target, '--strip-components=1'])
  // What some examples use beside it: an optional peer, and a pool.
  for (const name of ['fast-check', 'piscina']) symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
  return folder
}

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true })
