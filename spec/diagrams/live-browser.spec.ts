// The live page in headless Chromium: real web workers on one map, one of them killed in the middle of its work.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import files from '#diagrams/live'
import { type LiveServer, serveLive } from '../../lib/diagrams/live'
import { launch } from '../support/browser'

let browser: Browser, live: LiveServer, pages: Page[] = [], troubles: string[] = []

beforeAll(async () => {
  live = await serveLive()
  browser = await launch()
})
afterAll(async () => {
  await browser.close()
  await live.close()
})
afterEach(async () => {
  for (const page of pages) await page.context().close()
  const seen = troubles
  pages = []
  troubles = []
  expect(seen).toEqual([])
})

/** Opens the page; whatever it prints, fails at, or asks another server for, is trouble. */
async function open(options: BrowserContextOptions = {}, url = live.url): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })).newPage()
  pages.push(page)
  page.on('console', message => troubles.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', error => troubles.push(`error: ${error.message}`))
  page.on('request', request => { if (!request.url().startsWith(url)) troubles.push(`request: ${request.url()}`) })
  page.on('response', response => { if (!response.ok()) troubles.push(`answer: ${response.status()} ${response.url()}`) })
  await page.goto(url)
  return page
}

const text = async (page: Page, id: string): Promise<string> => await page.locator(`#${id}`).textContent() ?? ''
const number = async (page: Page, id: string): Promise<number> => Number((await text(page, id)).replaceAll(',', '').match(/\d+(\.\d+)?/)?.[0] ?? NaN)
const move = (page: Page, id: string, value: number): Promise<void> => page.locator(`#${id}`).fill(String(value))
const workers = (page: Page, state: string): Promise<number> => page.locator(`#workers li[data-state=${state}]`).count()
/** Waits until it holds. */
const until = (what: () => Promise<boolean>): Promise<void> => expect.poll(what).toBe(true)

/** Slots of the running table. */
async function capacity(page: Page): Promise<number> {
  return Number((await text(page, 'load')).match(/of ([\d,]+) slots/)?.[1]!.replaceAll(',', '') ?? 0)
}

describe('the live page', () => {
  it('is isolated, and grows its map while three workers write', async () => {
    const page = await open()
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
    await until(async () => await workers(page, 'running') === 3)
    await until(async () => await number(page, 'resizeCount') >= 3)
    const before = await number(page, 'operations'), slots = await capacity(page)
    await until(async () => await number(page, 'operations') > before + 500 && await number(page, 'rate') > 100)
    expect(slots).toBeGreaterThanOrEqual(64)
    expect(await number(page, 'wrong')).toBe(0)
    expect(await text(page, 'keptNote')).toBe('keys, none ever lost')
    await until(async () => /^Table \d+ \([\d,]+ slots\) .*; [\d,]+ operations a second by 3 workers\.$/.test(await text(page, 'sentence')))
  })

  it('shows as many slots of each state as there are slots, and paints them in the palette\'s colours', async () => {
    const page = await open()
    await until(async () => await number(page, 'resizeCount') >= 4)
    await page.locator('#pause').click()
    await until(async () => await workers(page, 'paused') === 3)
    await page.waitForTimeout(600)
    const columns = await page.evaluate(() => [2, 3].map(n => [...document.querySelectorAll('#legend tr')].map(row => Number(row.children[n]!.textContent!.replaceAll(',', '')))))
    const sums = columns.map(counts => counts.reduce((sum, count) => sum + count, 0)), root = (await page.locator('.table.root').getAttribute('id'))!
    expect(sums[root === 'half0' ? 0 : 1]).toBe(await capacity(page))
    // Values are painted: there are as many pixels of their colour as squares of one colour would fill, at least.
    const green = await page.evaluate(id => {
      const canvas = document.querySelector<HTMLCanvasElement>(`#${id} canvas`)!, { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      let found = 0
      for (let i = 0; i < data.length; i += 4) if (data[i] === 0x7f && data[i + 1] === 0xd1 && data[i + 2] === 0xae) found++
      return found
    }, root)
    expect(green).toBeGreaterThan(columns[root === 'half0' ? 0 : 1]![3]!)
    await page.locator(`#${root} canvas`).hover({ position: { x: 5, y: 5 } })
    expect(await page.locator(`#${root} canvas`).getAttribute('title')).toMatch(/^slot 0: (Empty|Key|Value|Tombstone|Sealed|Prime|Dead\w+)$/)
    expect(await page.locator(`#${root} canvas`).getAttribute('aria-label')).toMatch(/^The slots of table \d+: .*\d+ Value/)
  })

  it('shows every page of the memory, and paints the slots at both ends and the blocks between', async () => {
    const page = await open()
    await until(async () => await number(page, 'resizeCount') >= 4)
    await page.locator('#pause').click()
    await until(async () => await workers(page, 'paused') === 3)
    await page.waitForTimeout(1500)
    const counts = await page.evaluate(() => [...document.querySelectorAll('#pageLegend li')].map(item => Number(item.lastElementChild!.textContent!.replaceAll(',', ''))))
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(await number(page, 'pagesNote'))
    const [free, slots, , ...blocks] = counts as [number, number, number, ...number[]]
    expect([free > 10_000, slots >= 2, slots % 2, blocks.some(count => count > 0)]).toEqual([true, true, 0, true])
    const ends = await page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('#pages')!, { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      const slots: number[] = [], blocks: number[] = []
      for (let i = 0; i < data.length; i += 4) {
        const colour = data[i]! << 16 | data[i + 1]! << 8 | data[i + 2]!
        if (colour === 0x7fa8e0) slots.push(i)
        if ([0xc8ecdb, 0x94d9bb, 0x58b98f, 0x2a8560].includes(colour)) blocks.push(i)
      }
      return [slots[0]!, blocks[0]!, blocks.at(-1)!, slots.at(-1)!]
    })
    expect(ends).toEqual([...ends].sort((a, b) => a - b))
    await page.locator('#pages').hover({ position: { x: 1, y: 1 } })
    expect(await page.locator('#pages').getAttribute('title')).toMatch(/^pages? 0.*: .*\d+ slots/)
    expect(await page.locator('#pages').getAttribute('aria-label')).toMatch(/^The pages of the memory: .*\d+ slots/)
  })

  it('goes on when a worker is killed at full speed: nothing is lost, the place is given back, and repair tells what it found', async () => {
    const page = await open()
    await move(page, 'pace', 17)
    await until(async () => await workers(page, 'running') === 3 && await number(page, 'rate') > 10_000)
    await page.locator('#workers li').nth(1).getByRole('button', { name: 'Kill worker 2' }).click()
    await until(async () => await workers(page, 'killed') === 1)
    expect(await text(page, 'announcement')).toMatch(/^Worker 2 was killed after [\d,]+ operations\. .* The other 2 go on\.$/)
    const before = await number(page, 'operations')
    await until(async () => await number(page, 'operations') > before + 10_000 && await number(page, 'rate') > 10_000)
    expect(await workers(page, 'running')).toBe(2)
    await until(async () => (await text(page, 'events')).includes('The place of worker 2 can be taken again.'))
    await page.locator('#add').click()
    await until(async () => await workers(page, 'running') === 3)
    await page.locator('#repair').click()
    await until(async () => /^repair\(\) counted [\d,]+ entries, corrected size by -?\d+, and took back [\d,]+ bytes, in [\d.]+ ms\.$/.test(await text(page, 'result')))
    await until(async () => await workers(page, 'running') === 3)
    expect(await number(page, 'wrong')).toBe(0)
    expect(await number(page, 'checked')).toBeGreaterThan(1000)
    expect(await text(page, 'keptNote')).toBe('keys, none ever lost')
  })

  it('does not repair before the workers rest, whatever is moved meanwhile', async () => {
    const page = await open()
    await move(page, 'pace', 17)
    await until(async () => await number(page, 'rate') > 10_000)
    await page.locator('#pause').click()
    await until(async () => await workers(page, 'paused') === 3)
    await page.evaluate(() => {
      const click = (id: string): void => document.getElementById(id)!.click()
      // Told to go on, and repaired, in one breath: that they are paused is an old answer then.
      click('pause')
      click('repair')
      const keys = document.getElementById('keys') as HTMLInputElement
      keys.value = '11'
      keys.dispatchEvent(new Event('input', { bubbles: true }))
    })
    await until(async () => (await text(page, 'result')).startsWith('repair() counted') && !await page.locator('#repair').isDisabled())
    // size is exact where nobody wrote meanwhile, and nobody was killed.
    expect(await text(page, 'result')).toMatch(/corrected size by 0, and took back 0 bytes/)
    expect(await number(page, 'wrong')).toBe(0)
  })

  it('lets the tide come and go', async () => {
    const page = await open()
    await move(page, 'pace', 17)
    await until(async () => await number(page, 'entries') > 10_000)
    await page.locator('#tide').check()
    await until(async () => await number(page, 'entries') < 2000 && await capacity(page) < 10_000)
    await until(async () => await number(page, 'entries') > 4000)
    expect(await number(page, 'wrong')).toBe(0)
  })

  it('clears, starts again, and follows the keyboard', async () => {
    const page = await open()
    await until(async () => await number(page, 'entries') > 200)
    await page.locator('#clear').focus()
    await page.keyboard.press('Enter')
    await until(async () => /clear\(\) deleted some \d+ entries/.test(await text(page, 'events')))
    await page.locator('#pace').focus()
    await page.keyboard.press('Home')
    expect(await text(page, 'paceText')).toBe('1 a second each')
    await page.locator('#again').click()
    await until(async () => await capacity(page) <= 32 && await workers(page, 'running') === 3)
    // At a pace that one can follow, each worker says what it does.
    await until(async () => /(put|get|delete) \d+/.test(await text(page, 'workers')))
    expect(await number(page, 'wrong')).toBe(0)
  })

  it.each([['on a phone', { width: 390, height: 844 }], ['on a small screen', { width: 1280, height: 800 }]])('has no text that is cut or runs over %s', async (_, viewport) => {
    const page = await open({ viewport, colorScheme: 'dark', reducedMotion: 'reduce' })
    await until(async () => await number(page, 'resizeCount') >= 3)
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    const cut = await page.evaluate(() => [...document.querySelectorAll('body *')].filter(node => node.clientWidth > 0 && getComputedStyle(node).display !== 'inline'
      && !node.classList.contains('unseen') && node.scrollWidth > node.clientWidth + 1).map(node => `${node.tagName} ${node.id || node.className} ${node.textContent}`))
    expect(cut).toEqual([])
  })

  it('says what to do where it is not isolated', async () => {
    const bare = createServer((request, response) => {
      const name = request.url === '/' ? '/page.html' : request.url!
      response.writeHead(200, { 'Content-Type': name.endsWith('html') ? 'text/html' : name.endsWith('css') ? 'text/css' : name.endsWith('svg') ? 'image/svg+xml' : 'text/javascript' })
      response.end(files[name])
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => bare.once('listening', resolve))
    const page = await open({}, `http://127.0.0.1:${(bare.address() as AddressInfo).port}/`)
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false)
    expect(await text(page, 'trouble')).toContain('Cross-Origin-Embedder-Policy: require-corp')
    expect(await page.locator('main').isVisible()).toBe(false)
    bare.closeAllConnections()
    bare.close()
  })
})
