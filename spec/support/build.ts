import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Builds before the specs run, unless NO_BUILD says that it was done just now. */
export default function setup(): void {
  if (process.env.NO_BUILD !== undefined) return
  execFileSync(process.execPath, [fileURLToPath(new URL('../../build.mjs', import.meta.url))], { stdio: 'inherit' })
}
