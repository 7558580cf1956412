// The package as it is published, under the test runners that its users have: each of them runs tests in a realm of its own.

import { execFile } from 'node:child_process'
import { copyFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { folderWithPackage, removeFolder } from './support/packed'

const ROOT = fileURLToPath(new URL('..', import.meta.url)), run = promisify(execFile)
const packageFolder = (name: string): string => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))

const REALM = '{ Error, Int32Array, Uint8Array }'
const NODE = `({ ...require('node:v8'), ...require('node:worker_threads'), ...require('node:vm') })`
const IMPORTS = `import * as v8 from 'node:v8'\nimport * as threads from 'node:worker_threads'\nimport * as vm from 'node:vm'\nimport * as map from 'nonblocking-map'\nimport { useSharedMap } from './realm.mjs'\n`
const ESM = `${IMPORTS}test('a shared map', () => useSharedMap(map, { ...v8, ...threads, ...vm }, ${REALM}))\n`
const CJS = `const { useSharedMap } = require('./realm.cjs')\ntest('a shared map', () => useSharedMap(require('nonblocking-map'), ${NODE}, ${REALM}))\n`
// In two pieces: vitest would take it for an order to itself.
const inJsdom = (test: string): string => `/** @jest-${'environment jsdom'} */\n${test}`

let folder = ''
beforeAll(() => {
  folder = folderWithPackage()
  for (const name of ['jest-environment-jsdom', 'vitest']) symlinkSync(packageFolder(name), join(folder, 'node_modules', name))
  copyFileSync(join(ROOT, 'spec/runners/realm.mjs'), join(folder, 'realm.mjs'))
})
afterAll(() => removeFolder(folder))

const write = (files: Record<string, string>): void => Object.entries(files).forEach(([name, text]) => writeFileSync(join(folder, name), text))

/** Runs a script of Node's in the folder; what it printed. */
async function node(...args: string[]): Promise<string> {
  const { NODE_OPTIONS: _, VITEST: __, ...env } = process.env
  const { stdout, stderr } = await run(process.execPath, args, { cwd: folder, env, timeout: 100_000 }).catch((error: { stdout: string, stderr: string, message: string }) => error)
  return stdout + stderr
}

describe('a shared map works in tests', () => {
  it('of jest: CommonJS and ESM, in the environments node and jsdom', async () => {
    const { build } = await import('esbuild')
    const { outputFiles: [realm] } = await build({ entryPoints: [join(folder, 'realm.mjs')], format: 'cjs', platform: 'node', write: false })
    write({
      'realm.cjs': realm!.text, 'esm-node.test.mjs': ESM, 'esm-jsdom.test.mjs': inJsdom(ESM), 'cjs-node.test.cjs': CJS, 'cjs-jsdom.test.cjs': inJsdom(CJS),
      'jest.config.json': JSON.stringify({ testMatch: ['<rootDir>/*.test.?js'], transform: {}, watchman: false, moduleFileExtensions: ['js', 'mjs', 'cjs', 'json', 'node'] }),
    })
    const jest = join(packageFolder('jest'), 'bin/jest.js')
    await node('--experimental-vm-modules', '--no-warnings', jest, '--config', 'jest.config.json', '--runInBand', '--json', '--outputFile', 'results.json')
    const { numPassedTests, testResults } = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as { numPassedTests: number, testResults: { message: string }[] }
    expect(testResults.map(({ message }) => message)).toEqual(['', '', '', ''])
    expect(numPassedTests).toBe(4)
  })

  it('of vitest, in the pool vmThreads', async () => {
    write({ 'vm.check.mjs': `import { test } from 'vitest'\n${ESM}`, 'vitest.config.mjs': `export default { test: { include: ['*.check.mjs'], pool: 'vmThreads' } }\n` })
    expect(await node(join(packageFolder('vitest'), 'vitest.mjs'), 'run', '--root', folder)).toMatch(/Tests .*1 passed/)
  })
})

describe('a program that has loaded the package twice, by import and by require', () => {
  it('has one set of tokens, one place in a map, and errors that are of both', async () => {
    write({ 'twice.mjs': `
      import { createRequire } from 'node:module'
      import * as ours from 'nonblocking-map'
      const theirs = createRequire(import.meta.url)('nonblocking-map')
      const names = Object.keys(ours), map = ours.SharedMap.create({ maxByteLength: 1 << 20 }), other = theirs.SharedMap.attach(map.handle)
      const errorOf = call => { try { call() } catch (error) { return error } }
      const error = errorOf(() => other.set('a', new Date()))
      class Own extends ours.EncodingError {}
      console.log(JSON.stringify([
        ours.SharedMap === theirs.SharedMap, names.join() === Object.keys(theirs).join(), names.filter(name => typeof ours[name] === 'symbol' && ours[name] === theirs[name]).length,
        map.participant === other.participant, map.stats().participants.length, other.compareAndSet('a', ours.ABSENT, 1), errorOf(() => other.set('a', ours.ANY)).code,
        error instanceof ours.EncodingError, error instanceof ours.SharedMapError, error instanceof ours.CorruptedError, error instanceof Own, new Own('a', 'b') instanceof theirs.EncodingError,
        map instanceof theirs.SharedMap, error instanceof theirs.SharedMap,
      ]))
      map.detach()
      console.log(other.get('a'))
    ` })
    const [line, after] = (await node('twice.mjs')).split('\n')
    expect(JSON.parse(line!)).toEqual([false, true, 3, true, 1, true, 'CANNOT_ENCODE', true, true, false, false, true, true, false])
    expect(after).toBe('1')
  })
})
