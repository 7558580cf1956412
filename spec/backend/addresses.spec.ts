// Where addresses are few: a WebAssembly memory sets some 10 GiB of them aside, whatever its size, and a plain buffer does not.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type * as library from '../../lib/index'
import { launch } from '../support/browser'

const dist = new URL('../../dist/index.js', import.meta.url)

describe('under ulimit -v', () => {
  const LIMIT = 8_000_000
  const PROGRAM = `
    import { once } from 'node:events'
    import { Worker } from 'node:worker_threads'
    import { SharedMap } from '${dist.href}'

    const map = SharedMap.create({ maxByteLength: 1 << 20 }), said = [map.backend, map.stats().memory.kind]
    const code = \`
      import { workerData } from 'node:worker_threads'
      import { SharedMap } from '${dist.href}'
      const map = SharedMap.attach(workerData)
      for (let i = 0; i < 1000; i++) map.set(i, 'text').add('n', 1)\`
    const script = new URL('data:text/javascript,' + encodeURIComponent(code)), start = () => new Worker(script, { workerData: map.handle })
    await Promise.all([1, 2].map(() => once(start(), 'exit')))
    said.push(map.get('n'), map.size)
    try {
      said.push(SharedMap.create({ maxByteLength: 1 << 20, backend: 'wasm' }).backend)
    } catch (error) { said.push(error.name, error.message) }
    console.log(JSON.stringify(said))`

  const run = (...flags: string[]): unknown[] => {
    const node = [process.execPath, ...flags, '--input-type=module', '-e', PROGRAM]
    const { stdout, stderr } = spawnSync('bash', ['-c', `ulimit -v ${LIMIT}; exec "$@"`, 'bash', ...node], { encoding: 'utf8' })
    return stdout === '' ? [stderr] : JSON.parse(stdout) as unknown[]
  }

  it('a map is made all the same, in a plain buffer, and workers share it', () => {
    const [backend, kind, sum, size, error, message] = run()
    expect([backend, kind, sum, size, error]).toEqual(['javascript', 'plain', 2000, 1001, 'OptionsError'])
    expect(message).toMatch(/10 GiB of addresses.*--disable-wasm-trap-handler/)
  })

  it('the flag that the error names helps', () => {
    expect(run('--disable-wasm-trap-handler')).toEqual(['wasm', 'wasm', 2000, 1001, 'wasm'])
  })
})

describe('in Chromium', () => {
  const HEADERS = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
  const FILES: Record<string, [string, string]> = {
    '/': ['text/html', '<!doctype html><title>maps</title><script type="module" src="/page.js"></script>'],
    '/page.js': ['text/javascript', 'import * as library from "/index.js"; globalThis.library = library'],
    '/index.js': ['text/javascript', readFileSync(dist, 'utf8')],
    '/shared.js': ['text/javascript', `onconnect = ({ ports: [port] }) => {
      port.onmessage = ({ data }) => port.postMessage(data === null ? 'nothing' : 'a handle')
      port.onmessageerror = () => port.postMessage('an error')
    }`],
  }

  /** Runs a function in an isolated page. */
  async function inPage<T>(what: (...given: never[]) => Promise<T>): Promise<T> {
    const server = createServer(({ url }, response) => {
      const [type, text] = FILES[url!] ?? ['text/plain', '']
      response.writeHead(200, { ...HEADERS, 'content-type': type }).end(text)
    })
    await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
    const browser = await launch()
    try {
      const page: Page = await browser.newPage()
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      return await page.evaluate(what as () => Promise<T>)
    } finally {
      await browser.close()
      server.close()
    }
  }

  it('a page has 200 maps, the later ones in plain buffers; neither a BroadcastChannel nor a SharedWorker gets a handle', async () => {
    const seen = await inPage(async () => {
      const { SharedMap } = (globalThis as unknown as { library: typeof library }).library
      const maps = Array.from({ length: 200 }, (_, n) => SharedMap.create<string, number>({ maxByteLength: 1 << 18 }).set('n', n))
      const next = (from: BroadcastChannel | MessagePort): Promise<unknown> => new Promise(resolve => {
        from.onmessage = ({ data }) => resolve(data)
        from.onmessageerror = () => resolve('an error')
      })
      const sender = new BroadcastChannel('maps'), heard = next(new BroadcastChannel('maps'))
      const { port } = new SharedWorker('/shared.js'), answer = next(port)
      sender.postMessage(maps[0]!.handle)
      port.postMessage(maps[0]!.handle)
      return {
        kinds: maps.map(({ backend }) => backend).filter((backend, n, all) => backend !== all[n - 1]),
        right: maps.every((map, n) => map.get('n') === n),
        heard: await heard, answer: await answer,
      }
    })
    expect(seen).toEqual({ kinds: ['wasm', 'javascript'], right: true, heard: null, answer: 'an error' })
  })
})
