// The player as a file: what it carries, how large it is, and that it asks for nothing else.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { toPlayer } from '../../lib/diagrams/player'
import { linkTo, readLink } from '../../lib/diagrams/player/link'
import { readRuns, runsOf } from '../../lib/diagrams/player/runs'
import type { Trace } from '../../lib/diagrams/record'
import { counterRun, shippedRuns } from '../support/runs'

const MOST = 150_000

let runs: Record<string, Trace>, page = ''
beforeAll(() => {
  runs = shippedRuns()
  page = toPlayer(runs, { title: 'The races' })
})

const carried = (html: string): unknown => JSON.parse(inflateRawSync(Buffer.from(/<script type="text\/plain" id="traces">([^<]*)<\/script>/.exec(html)![1]!, 'base64')).toString())
const between = (html: string, before: string, after: string): string => html.slice(html.indexOf(before) + before.length, html.indexOf(after, html.indexOf(before)))
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('the page', () => {
  it(`is smaller than ${MOST} bytes with the four shipped runs`, () => {
    console.log(`player.html: ${Buffer.byteLength(page)} bytes; without a run ${Buffer.byteLength(page) - /id="traces">([^<]*)</.exec(page)![1]!.length}`)
    expect(Object.keys(runs)).toHaveLength(4)
    expect(Buffer.byteLength(page)).toBeGreaterThan(10_000)
    expect(Buffer.byteLength(page)).toBeLessThan(MOST)
  })

  it('carries the runs, by their names', () => {
    expect(carried(page)).toEqual(plain(Object.entries(runs).map(([name, trace]) => ({ name, trace }))))
    expect(carried(toPlayer(Object.values(runs)))).toEqual(plain(Object.values(runs).map(trace => ({ name: trace.title.toLowerCase().replace(/\W+/g, '-'), trace }))))
    expect(carried(toPlayer(counterRun()))).toEqual([{ name: 'two-b-counters-b-more', trace: plain(counterRun()) }])
  })

  it('refers to nothing outside, and forbids itself to', () => {
    expect(page.match(/https?:\/\/[^"'`\s)]*/g)?.filter(address => address !== 'http://www.w3.org/2000/svg') ?? []).toEqual([])
    expect(page).not.toMatch(/<(?:link(?! rel="icon" href="data:,")|img|iframe|object|embed|base)\b|<script[^>]*\bsrc/)
    expect(page).not.toMatch(/@import|url\(|\bimport\(|\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon/)
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'; img-src data:; base-uri 'none'; form-action 'none'$/)
    for (const text of [between(page, '<style>', '</style>'), between(page, '<script>', '</script>')]) {
      expect(text.length).toBeGreaterThan(1000)
      expect(policy).toContain(`'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    }
  })

  it('has its title where a title belongs, and nothing of it as markup', () => {
    expect([between(page, '<title>', '</title>'), between(page, '<h1>', '</h1>')]).toEqual(['The races', 'The races'])
    expect(between(toPlayer(counterRun()), '<title>', '</title>')).toBe('Two &lt;b&gt;counters&lt;/b&gt; &amp; &quot;more&quot;')
    expect(between(toPlayer(counterRun(), { title: '$& $1 {{traces}}' }), '<h1>', '</h1>')).toBe('$&amp; $1 {{traces}}')
    expect(toPlayer(runs)).not.toMatch(/\{\{/)
  })

  it('is not made of nothing', () => {
    expect(() => toPlayer([])).toThrow(new TypeError('there is no run to play: give at least one trace'))
    expect(() => toPlayer({})).toThrow(TypeError)
  })
})

it('is made by the built package as well, on the harness that it shares', async () => {
  const built = (file: string): Promise<unknown> => import(/* @vite-ignore */ new URL(`../../dist/${file}`, import.meta.url).href)
  const diagrams = await built('diagrams/index.js') as typeof import('../../lib/diagrams'), harness = await built('harness/index.js') as typeof import('../../lib/harness')
  const made = diagrams.toPlayer(diagrams.recordRaces(harness.mapSystem()), { title: 'The races' })
  // Not told in full: the page is long.
  expect(made === page).toBe(true)
  const text = readFileSync(new URL('../../dist/diagrams/index.js', import.meta.url), 'utf8')
  expect(text).toMatch(/from "\.\.\/harness\/chunk-\w+\.js"/)
  expect(text).not.toContain('class World')
})

describe('runs', () => {
  it('of the same title have names of their own', () => {
    const trace = counterRun()
    expect(runsOf([trace, { ...trace, title: 'Ünï' }, trace, { ...trace, title: '!' }]).map(({ name }) => name))
      .toEqual(['two-b-counters-b-more', 'ünï', 'two-b-counters-b-more-2', 'run'])
  })

  it('are read from a file that holds one, several, or several by name', () => {
    const one = counterRun(), read = (value: unknown): [string, unknown][] => readRuns(JSON.stringify(value)).map(({ name, trace }) => [name, trace])
    expect(read(one)).toEqual([['two-b-counters-b-more', plain(one)]])
    expect(read([one, one])).toEqual([['two-b-counters-b-more', plain(one)], ['two-b-counters-b-more-2', plain(one)]])
    expect(read(runs)).toEqual(plain(Object.entries(runs)))
  })

  it.each([
    ['{', /^it is no JSON: /], ['3', 'it holds no trace'], ['null', 'it holds no trace'], ['[]', 'it holds no trace'], ['{}', 'it holds no trace'],
    ['[null]', 'it is no trace of nonblocking-map: its format must say so'], ['{"a":1}', 'it is no trace of nonblocking-map: its format must say so'],
    ['{"format":"nonblocking-map trace","title":"","version":2}', 'it is a trace of version 2: this page reads version 1'],
    ['{"format":"nonblocking-map trace","title":"","version":1}', 'it is a damaged trace: a part of it is missing'],
  ])('are not read from %s', (text, message) => {
    expect(() => readRuns(text)).toThrow(expect.objectContaining({ name: 'TypeError', message: typeof message === 'string' ? message : expect.stringMatching(message) }))
  })
})

describe('a link', () => {
  it('names the step, and the run where there are several', () => {
    expect([linkTo(undefined, 17), linkTo('a b&c', 3)]).toEqual(['#step=17', '#trace=a%20b%26c&step=3'])
    for (const [name, step] of [[undefined, 17], ['a b&c', 0], ['ünï', 3]] as const) expect(readLink(linkTo(name, step))).toEqual({ trace: name, step })
    expect(['', '#', '#step=', '#step=-1', '#step=1e3', '#nothing'].map(readLink)).toEqual(new Array(6).fill({ trace: undefined, step: undefined }))
  })
})
