// All rivals, by the name of their file. A rival that does not load on this machine is left out, with the reason.

import { readFileSync } from 'node:fs'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
export const FILES = ['plain', 'port', 'blocking-port', 'sharedmap', 'ems', 'lmdb', 'shareable-map', 'locked']

/** The adapter in a file of this folder. */
export const loadAdapter = async file => (await import(/* @vite-ignore */ new URL(`${file}.mjs`, import.meta.url).href)).default

/** Installs what the manifest names, if it is not there yet; '' or why it could not be done. */
export function installRivals() {
  return new Promise(resolve => {
    execFile('npm', ['ci', '--prefix', FOLDER, '--no-audit', '--no-fund'], { timeout: 300_000 }, (error, _, errors) => {
      resolve(error === null ? '' : errors.split('\n').find(line => /^npm (error|ERR!) (?!code )\S/.test(line)) ?? error.message.split('\n')[0])
    })
  })
}

/** The version that is installed; undefined if none is. */
export function installedVersion(name) {
  try {
    return JSON.parse(readFileSync(`${FOLDER}node_modules/${name}/package.json`, 'utf8')).version
  } catch {
    return undefined
  }
}

/** Whether all that the manifest names is there. To be asked before the first import: a module that was not found once stays so. */
export function areInstalled() {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(`${FOLDER}package.json`, 'utf8'))
  return Object.keys({ ...dependencies, ...optionalDependencies }).every(name => installedVersion(name) !== undefined)
}

/** Those that load, and those that do not with the reason. */
export async function loadRivals() {
  const there = [], missing = []
  for (const file of FILES) {
    try {
      const adapter = await loadAdapter(file)
      there.push({ ...adapter, file, version: adapter.package && installedVersion(adapter.package) })
    } catch (error) {
      missing.push({ file, reason: String(error.message).split(/\n| imported from /)[0] })
    }
  }
  return { there, missing }
}
