// The command line of the visualizer: draws everything, checks that what was drawn is up to date, draws one run, or serves
// the live view.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { inflateRawSync } from 'node:zlib'
import { mapSystem } from '../harness/map/system'
import type { System } from '../harness/system'
import { fromToken } from '../harness/token'
import { pages } from './pages'
import { toPlayer } from './player'
import { type Trace, checkTrace, record } from './record'
import { serveLive } from './live'
import { toSvg } from './timeline'

const USAGE = `Usage: nonblocking-map-visualize [options]

Draws the map's state machines, their reachable combinations and some races, and a page that plays them step by step.

  --out DIR        where to write; default: diagrams
  --check          write nothing; fail if a file in DIR is missing or not up to date
  --replay TOKEN   draw the run of a replay token (nm1....): replay.svg, replay.html, replay.json
  --system FILE    with --replay: the module whose export is the system of the token (default: the map itself)
  --trace FILE     draw a recorded run (JSON, as \`record\` gives it): NAME.svg, NAME.html
  --live           serve a page on which workers use one map while you watch; --port N to choose the port
  --help           this text
`

/** What the command line says, or undefined where it only asks for help. */
interface Wanted {
  readonly out: string, readonly check: boolean, readonly live: boolean, readonly port: number
  readonly replay?: string, readonly system?: string, readonly trace?: string
}

function wanted(args: readonly string[]): Wanted | undefined {
  const text = { type: 'string' } as const, flag = { type: 'boolean', default: false } as const
  const options = { out: { ...text, default: 'diagrams' }, port: { ...text, default: '0' }, replay: text, system: text, trace: text, check: flag, live: flag, help: flag }
  const { values } = parseArgs({ args: [...args], strict: true, options })
  if (values.help) return undefined
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new TypeError(`--port must be a number from 0 to 65535, not '${values.port}'`)
  if (values.system !== undefined && values.replay === undefined) throw new TypeError('--system only goes with --replay')
  return { ...values, port } as Wanted
}

/** Does what the command line asks for; the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const asked = wanted(args)
    if (asked === undefined) { console.log(USAGE); return 0 }
    if (asked.live) { await live(asked.port); return 0 }
    if (asked.replay !== undefined) { write(asked.out, await replay(asked.replay, asked.system)); return 0 }
    if (asked.trace !== undefined) { write(asked.out, traceFile(asked.trace)); return 0 }
    return asked.check ? await check(asked.out) : await all(asked.out)
  } catch (error) {
    console.error(`nonblocking-map-visualize: ${(error as Error).message}`)
    return 1
  }
}

// --- one run

/** The pictures of one run, and the run itself. */
const runFiles = (name: string, trace: Trace): Record<string, string> =>
  ({ [`${name}.svg`]: toSvg(trace), [`${name}.html`]: toPlayer(trace), [`${name}.json`]: `${JSON.stringify(trace)}\n` })

async function replay(token: string, file: string | undefined): Promise<Record<string, string>> {
  const { system: name, program, schedule } = fromToken(token), system = file === undefined ? knownSystem(name) : await systemIn(file, name)
  return runFiles('replay', record(system, program, schedule, { about: `The run of a replay token, on the system '${name}'.` }))
}

function knownSystem(name: string): System {
  const systems = [mapSystem(), mapSystem({ held: 'records' })], found = systems.find(system => system.name === name)
  if (found === undefined) throw new TypeError(`the token is of the system '${name}': name the module that exports it, --system FILE`)
  return found
}

async function systemIn(file: string, name: string): Promise<System> {
  const exported = Object.values(await import(pathToFileURL(resolve(file)).href) as Record<string, unknown>)
  const found = exported.find(value => typeof value === 'object' && value !== null && 'instrumented' in value && (value as System).name === name)
  if (found === undefined) throw new TypeError(`${file} exports no system of the name '${name}'`)
  return found as System
}

function traceFile(file: string): Record<string, string> {
  const name = file.replace(/^.*[\\/]/, '').replace(/\.json$/, ''), { [`${name}.json`]: _, ...drawn } = runFiles(name, checkTrace(readFileSync(file, 'utf8')))
  return drawn
}

// --- everything

async function draw(note: (text: string) => void): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for (const [what, make] of Object.entries(pages({}))) {
    note(`drawing ${what}`)
    Object.assign(files, await make())
  }
  return files
}

async function all(out: string): Promise<number> {
  write(out, await draw(text => console.log(text)))
  return 0
}

function write(out: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(out, { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(out, name), text)
    console.log(`wrote ${relative('', join(out, name))}`)
  }
}

async function check(out: string): Promise<number> {
  const files = Object.entries(await draw(() => undefined))
  const stale = files.filter(([name, text]) => !isSame(join(out, name), text)).map(([name]) => name)
  for (const name of stale) console.error(`${relative('', join(out, name))} ${existsSync(join(out, name)) ? 'is not up to date' : 'is missing'}`)
  if (stale.length === 0) console.log(`${files.length} files in ${out} are up to date`)
  else console.error(`${stale.length} of ${files.length} files: draw them again (without --check), look at them, and commit them`)
  return stale.length === 0 ? 0 : 1
}

/** Whether a file holds this text. What is packed in it is compared unpacked: other versions of zlib pack otherwise. */
function isSame(file: string, text: string): boolean {
  const unpacked = (packed: string): string => packed.replace(/[A-Za-z0-9+/]{1000,}={0,2}/g, part => inflateRawSync(Buffer.from(part, 'base64')).toString())
  return existsSync(file) && unpacked(readFileSync(file, 'utf8')) === unpacked(text)
}

// --- live

async function live(port: number): Promise<void> {
  const { url } = await serveLive({ port })
  console.log(`The live view is at ${url}  (stop it with Ctrl+C)`)
}

/** The shell's own entry. */
export async function run(): Promise<void> { process.exitCode = await main(process.argv.slice(2)) }
