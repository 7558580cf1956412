import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Instantiate, type Op, type Program, explore } from '../../lib/harness/explorer'
import { instrument } from '../../lib/harness/instrument'

let instantiate: Instantiate
beforeAll(async () => { instantiate = await load(readFileSync(new URL('../../build/checked/kernel.js', import.meta.url), 'utf8'), 'kernel') })

async function load(source: string, name: string): Promise<Instantiate> {
  const file = join(tmpdir(), `stepped-${name}-${process.pid}.mjs`)
  writeFileSync(file, instrument(source))
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)).instantiate as Instantiate
}

describe('try', () => {
  it('put put', () => {
    for (const kills of [0, 1]) for (const [name, prefix, threads] of [['put|put', [['put', 1, 1]], [[['put', 1, 2]], [['put', 1, 3]]]], ['get|put', [], [[['get', 1]], [['put', 1, 3]]]], ['put|resize', [['put', 1, 1]], [[['put', 1, 5]], [['resize']]]], ['del|resize', [['put', 1, 1], ['put', 2, 2]], [[['delete', 1]], [['resize']]]]] as const) {
      const t = performance.now(), r = explore(instantiate, { name, prefix, threads } as unknown as Program, { kills, maxStates: 300_000 })
      console.log(name, kills, JSON.stringify(r), (r.states / (performance.now() - t)).toFixed(0) + ' k states/s')
      expect(r.failure).toBeUndefined()
    }
  })
})
export type { Op }
