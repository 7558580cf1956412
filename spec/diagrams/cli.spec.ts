import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { toToken } from '../../lib/harness/token'

const ROOT = fileURLToPath(new URL('../..', import.meta.url)), BIN = join(ROOT, 'dist/diagrams/bin.js')
const folder = mkdtempSync(join(tmpdir(), 'diagrams-'))
afterAll(() => { rmSync(folder, { recursive: true }) })

interface Ended { readonly code: number, readonly out: string, readonly errors: string }
const visualize = (...args: string[]): Promise<Ended> => promisify(execFile)(process.execPath, [BIN, ...args], { cwd: folder, maxBuffer: 1 << 26 })
  .then(({ stdout, stderr }) => ({ code: 0, out: stdout, errors: stderr }), ({ code, stdout, stderr }) => ({ code: code as number, out: stdout as string, errors: stderr as string }))

const PROGRAM = { prefix: [['put', 1, 1]], threads: [[['add', 1, 2]], [['get', 1]]] } as const
const TOKEN = toToken({ system: 'map', program: PROGRAM, schedule: [0, 2, 0, 0, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0] })

describe('nonblocking-map-visualize', () => {
  it('finds that the pictures in this repository are up to date, but for two that this spec has changed', async () => {
    cpSync(join(ROOT, 'diagrams'), join(folder, 'stale'), { recursive: true })
    rmSync(join(folder, 'stale/coverage.svg'))
    writeFileSync(join(folder, 'stale/table-life.dot'), 'digraph {}')
    const { code, errors } = await visualize('--check', '--out', 'stale')
    expect([code, errors.split('\n').slice(0, -2)]).toEqual([1, ['stale/table-life.dot is not up to date', 'stale/coverage.svg is missing']])
    expect(errors).toMatch(/^2 of \d+ files: draw them again/m)
  })

  it('has written nothing else into the folder of pictures', () => {
    expect(readdirSync(join(ROOT, 'diagrams')).filter(name => !/^((slot-machine|table-life|block-life|page-life|joint-resize|coverage|interleaving-[a-z-]+)\.(svg|dot|mmd)|player\.html)$/.test(name))).toEqual([])
  })

  it('draws the run of a token, and the same from the trace file that it wrote', async () => {
    expect(await visualize('--replay', TOKEN, '--out', 'run')).toEqual({ code: 0, errors: '', out: 'wrote run/replay.svg\nwrote run/replay.html\nwrote run/replay.json\n' })
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
    expect(read('run/replay.svg')).toContain('Worker 0: add(1, 2)')
    await visualize('--trace', 'run/replay.json', '--out', 'again')
    expect([read('again/replay.svg'), read('again/replay.html')]).toEqual([read('run/replay.svg'), read('run/replay.html')])
  })

  it('draws runs of a system that somebody else wrote', async () => {
    writeFileSync(join(folder, 'own.mjs'), `import { op, system } from ${JSON.stringify(join(ROOT, 'dist/harness/index.js'))}
      export const counter = system({ name: 'counter', memory: 64, ops: { bump: op() }, code: { source: 'export function instantiate(cells) { function bump() { return Atomics.add(cells, 0, 1) } return { bump } }' } })`)
    const token = toToken({ system: 'counter', program: { threads: [[['bump']]] }, schedule: [0] })
    expect((await visualize('--replay', token)).errors).toBe("nonblocking-map-visualize: the token is of the system 'counter': name the module that exports it, --system FILE\n")
    expect(await visualize('--replay', token, '--system', 'own.mjs', '--out', 'own')).toMatchObject({ code: 0, errors: '' })
    expect((await visualize('--replay', TOKEN, '--system', 'own.mjs')).errors).toContain("own.mjs exports no system of the name 'map'")
  })

  it.each([
    [['--replay', 'nm1.!'], 'the token is damaged'], [['--replay', 'what'], 'this is no token'], [['--trace', 'nowhere.json'], 'nowhere.json'], [['--port', 'x', '--live'], '--port must be a number'],
    [['--draw'], "Unknown option '--draw'"], [['--system', 'x.mjs'], '--system only goes with --replay'],
  ])('says what is wrong with %j', async (args, message) => {
    const { code, errors } = await visualize(...args)
    expect([code, errors]).toEqual([1, expect.stringContaining(message)])
  })

  it('says how it is used', async () => {
    const { out } = await visualize('--help')
    for (const option of ['--out', '--check', '--replay', '--system', '--trace', '--live', '--port']) expect(out).toContain(option)
  })
})
