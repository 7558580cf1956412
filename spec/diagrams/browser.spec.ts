// The player in a browser: it shows what the trace says, at each step, whatever leads there.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { lookOf } from '../../lib/diagrams/palette'
import { toPlayer } from '../../lib/diagrams/player'
import type { Operation, Trace } from '../../lib/diagrams/record'
import { sentence } from '../../lib/diagrams/sentence'
import { launch, unreadable } from '../support/browser'
import { brokenRun, counterRun, lightsRun, longRun, shippedRuns } from '../support/runs'

const folder = mkdtempSync(join(tmpdir(), 'player-')), file = (name: string): string => join(folder, name)
let browser: Browser, runs: Record<string, Trace>, page: Page, troubles: string[] = []
/** One for each kind of reader: to begin with a new one each time takes longer than what is looked at. */
const pages = new Map<string, Page>()

beforeAll(async () => {
  runs = { ...shippedRuns(), counter: counterRun(), lights: lightsRun(), broken: brokenRun(), long: longRun() }
  const { counter, lights, broken, long, ...shipped } = runs
  writeFileSync(file('player.html'), toPlayer(shipped, { title: 'The races' }))
  writeFileSync(file('others.html'), toPlayer({ counter: counter!, lights: lights!, broken: broken!, long: long! }))
  writeFileSync(file('one.html'), toPlayer(counter!))
  browser = await launch()
})
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})
afterEach(() => {
  const seen = troubles
  troubles = []
  expect(seen).toEqual([])
})

/** A page that shows nothing yet; whatever it prints, throws or asks for elsewhere is trouble. */
async function pageFor(options: BrowserContextOptions): Promise<Page> {
  const made = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', ...options })).newPage()
  made.on('console', message => troubles.push(`${message.type()}: ${message.text()}`))
  made.on('pageerror', error => troubles.push(`error: ${error.message}`))
  made.on('request', request => { if (!/^(file|blob):|^data:,$|^about:blank$/.test(request.url())) troubles.push(`request: ${request.url()}`) })
  return made
}

/** Opens the player at a link, from its beginning. */
async function open(link = '', name = 'player.html', options: BrowserContextOptions = {}): Promise<void> {
  const kind = JSON.stringify(options)
  page = pages.get(kind) ?? await pageFor(options)
  pages.set(kind, page)
  await page.mouse.move(0, 0)
  await page.goto('about:blank')
  await page.goto(`${pathToFileURL(file(name)).href}${link}`)
  await page.waitForSelector('body.ready')
}

const pageOf = (name: string): string => ['counter', 'lights', 'broken', 'long'].includes(name) ? 'others.html' : 'player.html'
const press = (keys: string): Promise<void> => page.keyboard.press(keys)
/** The same key several times, without waiting for the page in between. */
const pressAll = async (keys: string, times: number): Promise<void> => { await Promise.all(Array.from({ length: times }, () => press(keys))) }
const stepNow = async (): Promise<number> => Number(await page.locator('#step-now').textContent())
const setTo = async (step: number): Promise<void> => { await page.locator('#slider').fill(`${step}`) }

/** What a reader sees. */
const read = () => page.evaluate(() => {
  const text = (root: Element, selector: string): string => root.querySelector(selector)?.textContent ?? ''
  return {
    step: Number(document.querySelector('#step-now')!.textContent), sentence: document.querySelector('#say p:not(.keeper)')!.textContent,
    words: [...document.querySelectorAll<HTMLElement>('#memory .word')].map(word => ({
      number: Number(word.dataset.word), title: word.title, text: text(word, '.text'), mark: text(word, '.mark'), tag: text(word, '.tag'),
      owner: word.closest('.in-line, .lines') === null ? '' : text(word.closest('.group')!, '.owner'),
      touched: word.classList.contains('touched'), kind: ['read', 'won', 'lost'].filter(name => word.classList.contains(name)).join(),
    })),
    lanes: [...document.querySelectorAll<HTMLElement>('.lane')].map(lane => ({
      status: lane.dataset.status!, active: lane.classList.contains('active'),
      calls: [...lane.querySelectorAll('.program li')].map(item => ({ phase: item.className, call: text(item, '.call'), answer: text(item, '.answer') })),
      stack: text(lane, '.stack > :not(.keeper)'), code: text(lane, '.code > :not(.keeper)'), next: text(lane, '.next > :not(.keeper)'),
    })),
    machine: {
      shown: [...document.querySelectorAll('.tabs [aria-pressed=true]')].map(tab => tab.textContent).join(),
      counts: Object.fromEntries([...document.querySelectorAll<HTMLElement>('.stage .node')].map(node => [node.dataset.state!, Number(text(node, '.count text'))])),
      taken: [...document.querySelectorAll('.arc.taken title')].map(title => title.textContent), token: document.querySelector('.stage .token')?.getAttribute('class') ?? 'none',
    },
  }
})
type Seen = Awaited<ReturnType<typeof read>>

// --- what the trace says, told by replaying its accesses

function expectMemory(seen: Seen, trace: Trace, step: number): void {
  const texts = new Map(trace.words.map(({ name, text }) => [name, text])), states = new Map(trace.words.map(({ name, state }) => [name, state]))
  for (const { word, next, to } of trace.accesses.slice(0, step).filter(({ what }) => what !== 'kill')) {
    texts.set(trace.words[word]!.name, next)
    states.set(trace.words[word]!.name, to)
  }
  expect(seen.words.map(({ number }) => number).sort((a, b) => a - b)).toEqual(trace.words.map((_, n) => n))
  // In two comparisons: there are many words, and many steps.
  const wanted = seen.words.map(({ number }) => {
    const { name, kind } = trace.words[number]!, state = states.get(name), machine = trace.machines.find(({ word }) => word === kind)
    return { number, title: `${name}: ${texts.get(name)}`, mark: state === undefined ? '' : lookOf(state, machine?.states.indexOf(state)).mark }
  })
  expect(seen.words.map(({ number, title, mark }) => ({ number, title, mark })), `step ${step}`).toEqual(wanted)
  expect(seen.words.filter(({ number, text, owner }) => ![text, `${text} of ${owner}`].includes(texts.get(trace.words[number]!.name)!)), `step ${step}`).toEqual([])
  const access = trace.accesses[step - 1], touched = seen.words.filter(word => word.touched)
  if (access === undefined || access.what === 'kill') { expect(touched).toEqual([]); return }
  const kind = access.won ? 'won' : access.what === 'swap' ? 'lost' : 'read'
  expect(touched.map(word => [word.number, word.kind, word.tag])).toEqual([[access.word, kind, `${{ won: '●', lost: '✕', read: '◦' }[kind]} ${access.thread}`]])
}

function expectLanes(seen: Seen, trace: Trace, step: number): void {
  seen.lanes.forEach((lane, thread) => {
    const own = trace.operations.filter(operation => operation.thread === thread), past = trace.accesses.slice(0, step)
    const dead = past.some(({ what, thread: whose }) => what === 'kill' && whose === thread)
    const phase = (operation: Operation | undefined): string => operation === undefined || operation.from >= step ? 'later'
      : operation.answer !== undefined && operation.to < step ? 'done' : operation.killed && dead ? 'killed' : 'now'
    expect(lane.calls.map(call => [call.call, call.phase]), `step ${step}`).toEqual(trace.threads[thread]!.map((call, n) => [call, phase(own[n])]))
    lane.calls.forEach(({ answer, phase: now }, n) => {
      expect(answer).toBe(now === 'killed' ? '†' : now !== 'done' ? '' : own[n]!.answer === 'undefined' ? '✓' : `= ${own[n]!.answer}`)
    })
    expect(lane.status === 'killed').toBe(dead)
    expect(lane.active).toBe(trace.accesses[step - 1]?.thread === thread)
    const last = past.findLast(access => access.thread === thread && access.what !== 'kill')
    const next = trace.accesses.slice(step).find(access => access.thread === thread && access.what !== 'kill')
    expect(lane.stack).toBe(last === undefined ? 'has made no access yet' : last.stack.join(' › '))
    expect(lane.code.split('  ')[0]).toBe(last === undefined || trace.lines[last.line] === undefined ? '' : `${last.line}`)
    if (next !== undefined) expect(lane.next).toContain(`${trace.words[next.word]!.name}, in ${next.stack.at(-1)}, line ${next.line}`)
  })
}

function expectMachine(seen: Seen, trace: Trace, step: number): void {
  const access = trace.accesses[step - 1], kind = seen.machine.shown, machine = trace.machines.find(({ word }) => word === kind)
  if (machine === undefined) { expect(trace.machines).toEqual([]); return }
  const counts = Object.fromEntries(machine.states.map(state => [state, seen.words.filter(({ number, title }) => {
    const { name, kind: own } = trace.words[number]!, left = trace.accesses.slice(0, step).findLast(({ word }) => word === number)
    return own === kind && title.startsWith(`${name}: `) && (left?.to ?? trace.words[number]!.state) === state
  }).length]))
  expect(seen.machine.counts).toEqual(counts)
  const here = access !== undefined && access.what !== 'kill' && trace.words[access.word]!.kind === kind
  expect(seen.machine.token.includes('none')).toBe(!here)
  expect(seen.machine.taken.map(title => title.split(': ')[1])).toEqual(here && access.step !== undefined ? [`${access.step.from} → ${access.step.to}`] : [])
  if (here && access.won && access.step !== undefined) expect(seen.machine.taken[0]).toContain(access.step.name)
}

async function expectStep(trace: Trace, step: number): Promise<void> {
  const seen = await read()
  expect(seen.step).toBe(step)
  expect(seen.sentence).toBe(sentence(trace, step))
  expectMemory(seen, trace, step)
  expectLanes(seen, trace, step)
  expectMachine(seen, trace, step)
}

describe('the page shows what the trace says', () => {
  it.each(['empty-slot', 'reader-meets-prime', 'stalled-copier', 'killed-in-mid-copy', 'counter', 'lights', 'broken'])('at the steps of %s, forth and back', async name => {
    // Every step of one race, and of the small systems; every third of the others, though each is gone through.
    const trace = runs[name]!, all = trace.accesses.length, stride = ['empty-slot', 'reader-meets-prime', 'stalled-copier'].includes(name) ? 3 : 1
    await open(`#trace=${name}`, pageOf(name))
    expect(await page.locator('#step-all').textContent()).toBe(`${all}`)
    for (let step = 0; step <= all; step += stride) {
      await expectStep(trace, step)
      await pressAll('ArrowRight', stride)
    }
    for (let step = all; step >= 0; step -= 19) {
      await expectStep(trace, step)
      await pressAll('ArrowLeft', 19)
    }
    await expectStep(trace, 0)
  })

  it('at steps of a long run, in which memory is used again', async () => {
    const trace = runs.long!
    expect(trace.accesses.length).toBeGreaterThan(400)
    expect(trace.accesses.filter(({ step }) => step?.name === 'promote').length).toBeGreaterThan(1)
    await open('#trace=long', 'others.html')
    for (let step = 0; step <= trace.accesses.length; step += 47) {
      await setTo(step)
      await expectStep(trace, step)
    }
  })

  it('and has a mark for each access, a bar for each operation, a diamond for each effect', async () => {
    for (const [name, trace] of Object.entries(runs)) {
      await open(`#trace=${name}`, pageOf(name))
      const count = (selector: string): Promise<number> => page.locator(`.strip ${selector}`).count()
      const of = (wanted: (access: Trace['accesses'][number]) => boolean): number => trace.accesses.filter(wanted).length
      const illegal = name === 'lights' ? 1 : 0
      expect(await Promise.all(['.mark', '.mark.kill', '.mark.lost', '.mark.won', '.mark.illegal', '.bar', '.bar.open', '.diamond'].map(count)), name).toEqual([
        trace.accesses.length, of(({ what }) => what === 'kill'), of(({ what, won }) => what === 'swap' && !won), of(({ won }) => won) - illegal, illegal,
        trace.operations.length, trace.operations.filter(({ answer }) => answer === undefined).length, trace.operations.filter(({ point }) => point >= 0).length])
      const titles = await page.locator('.strip .bar title').allTextContents()
      trace.operations.forEach(({ call, answer }, n) => {
        expect(titles[n]).toContain(`${call} ${answer === undefined ? '' : answer === 'undefined' ? 'is done' : `answers ${answer}`}`)
      })
    }
  })

  it('and all steps as text, each a way there', async () => {
    const trace = runs['empty-slot']!
    await open('#trace=empty-slot')
    await page.locator('#all-steps summary').click()
    // The page hears of it in a task of its own.
    // One a step, and one for the beginning.
    const steps = trace.accesses.length + 1
    await expect.poll(() => page.locator('#all-steps li').count()).toBe(steps)
    expect(await page.locator('#all-steps li span').allTextContents()).toEqual(Array.from({ length: steps }, (_, n) => sentence(trace, n)))
    await page.locator('#all-steps a').nth(33).click()
    await expectStep(trace, 33)
  })
})

describe('what moves it', () => {
  it('are links, also those that change while it is open; and the address says where it is', async () => {
    await open('#trace=stalled-copier&step=57')
    await expectStep(runs['stalled-copier']!, 57)
    await page.evaluate(() => { location.hash = '#trace=empty-slot&step=33' })
    await expect.poll(stepNow).toBe(33)
    await expectStep(runs['empty-slot']!, 33)
    await press('ArrowRight')
    await expect.poll(() => page.evaluate(() => location.hash)).toBe('#trace=empty-slot&step=34')
    await page.evaluate(() => { location.hash = '#step=7' })
    await expect.poll(stepNow).toBe(7)
    await expectStep(runs['empty-slot']!, 7)
  })

  it('are links without a name, where there is one run; and a step too far is the last', async () => {
    await open('#step=3', 'one.html')
    await expectStep(runs.counter!, 3)
    await press('End')
    await expect.poll(() => page.evaluate(() => location.hash)).toBe(`#step=${runs.counter!.accesses.length}`)
    await open('#step=9999', 'one.html')
    await expectStep(runs.counter!, runs.counter!.accesses.length)
  })

  it('is told of a run that the page does not hold', async () => {
    await open('#trace=nothing&step=2')
    await expectStep(runs['empty-slot']!, 2)
    expect(await page.locator('#notice').textContent()).toBe('This page holds no run named nothing.')
  })

  it('is the keyboard', async () => {
    const trace = runs['killed-in-mid-copy']!, at: number[] = []
    await open('#trace=killed-in-mid-copy')
    for (const key of ['k', 's', 'Shift+ArrowRight', 'p', 'e', 'Shift+S', 'Shift+ArrowLeft', 'End', 'Shift+ArrowLeft', 'Shift+E', 'ArrowLeft', 'Home', 'l', 'i']) {
      await press(key)
      at.push(await stepNow())
    }
    const point = (n: number): number => trace.operations[n]!.point + 1
    const promotion = trace.accesses.findIndex(({ step }) => step?.name === 'promote') + 1
    const kill = trace.accesses.findIndex(({ what }) => what === 'kill') + 1, last = trace.accesses.length
    expect(at).toEqual([kill, kill + 1, 70, promotion, point(2), kill + 1, kill, last, 132, point(2), point(2) - 1, 0, 0, 0])
    await press('?')
    expect(await page.locator('#help').isVisible()).toBe(true)
    await press('ArrowRight')
    expect(await stepNow()).toBe(0)
    await press('Escape')
    expect(await page.locator('#help').isVisible()).toBe(false)
  })

  it('are the buttons, the slider, and the history', async () => {
    const trace = runs['stalled-copier']!, at: number[] = []
    await open('#trace=stalled-copier')
    for (const id of ['forward', 'over', 'over-back', 'jump-l', 'jump-l', 'back', 'end', 'home', 'jump-p', 'jump-s']) {
      await page.locator(`#${id}`).click()
      at.push(await stepNow())
    }
    const last = trace.accesses.length
    expect(at).toEqual([1, last, 0, 95, 100, 99, last, 0, 91, 95])
    expect(await Promise.all(['jump-p', 'jump-s', 'jump-l', 'end'].map(id => page.locator(`#${id}`).isDisabled()))).toEqual([true, true, false, false])
    expect(await Promise.all(['jump-k', 'jump-i'].map(id => page.locator(`#${id}`).isHidden()))).toEqual([true, true])
    await setTo(42)
    await expectStep(trace, 42)
    const marks = page.locator('.strip .mark'), strip = (await page.locator('.strip').boundingBox())!
    for (const n of [0, 57, last - 1]) {
      const { x, width } = (await marks.nth(n).boundingBox())!
      await page.mouse.click(x + width / 2, strip.y + strip.height / 2)
      await expectStep(trace, n + 1)
    }
    expect(await page.locator('.strip').getAttribute('title')).toBe(`Step ${last}: ${sentence(trace, last)}`)
  })

  it('is time: it plays, faster or slower, says so, and stops at the end', async () => {
    const last = runs['killed-in-mid-copy']!.accesses.length
    await open('#trace=killed-in-mid-copy')
    expect(await page.locator('#say').getAttribute('aria-live')).toBe('polite')
    await page.locator('#speed').selectOption({ label: '8×' })
    await page.locator('h1').click()
    await press(' ')
    expect([await page.locator('#play').getAttribute('aria-label'), await page.locator('#say').getAttribute('aria-live')]).toEqual(['Pause', 'off'])
    await press(' ')
    const stopped = await stepNow()
    expect([stopped > 0 && stopped < last, await page.locator('#play').getAttribute('aria-label')]).toEqual([true, 'Play'])
    await page.waitForTimeout(300)
    expect(await stepNow()).toBe(stopped)
    await setTo(last - 5)
    await page.locator('#play').click()
    await expect.poll(stepNow).toBe(last)
    await expect.poll(() => page.locator('#play').getAttribute('aria-label')).toBe('Play')
    await expectStep(runs['killed-in-mid-copy']!, last)
    await page.locator('#play').click()
    expect(await stepNow()).toBeLessThan(100)
  })

  it('is another run, chosen from the list', async () => {
    await open()
    const names = ['empty-slot', 'reader-meets-prime', 'stalled-copier', 'killed-in-mid-copy']
    expect(await page.locator('#trace option').allTextContents()).toEqual(names.map(name => runs[name]!.title))
    await page.locator('#trace').selectOption({ label: runs['reader-meets-prime']!.title })
    await expectStep(runs['reader-meets-prime']!, 0)
    const { about, token } = runs['reader-meets-prime']!
    expect([await page.locator('#about').textContent(), await page.locator('#token').textContent()]).toEqual([about, token])
  })
})

describe('a word', () => {
  it('that is pointed at lets its accesses stand out; a click leads to its next change, with Shift to the last', async () => {
    const trace = runs['stalled-copier']!, word = trace.words.findIndex(({ name }) => name === 'A[1].value')
    const changes = trace.accesses.flatMap((access, n) => access.won && access.word === word ? [n + 1] : [])
    await open('#trace=stalled-copier')
    const cell = page.locator(`.word[data-word="${word}"]`)
    await cell.hover()
    expect(await page.locator('.strip.pointing .mark.pointed').count()).toBe(trace.accesses.filter(access => access.word === word).length)
    for (const [keys, step] of [[[], changes[0]!], [[], changes[1]!], [[], changes[1]!], [['Shift'], changes[0]!]] as const) {
      await cell.click({ modifiers: [...keys] })
      await expectStep(trace, step)
    }
    await page.locator('h1').hover()
    expect(await page.locator('.strip .mark.pointed, .strip.pointing').count()).toBe(0)
  })
})

describe('the page', () => {
  it('opens a trace file, and says what is wrong with one that is none', async () => {
    await open()
    writeFileSync(file('own.json'), JSON.stringify(runs.lights))
    writeFileSync(file('bad.json'), '{')
    writeFileSync(file('damaged.json'), JSON.stringify({ ...runs.lights, words: [] }))
    await page.locator('#file').setInputFiles(file('own.json'))
    await expect.poll(() => page.locator('#step-all').textContent()).toBe(`${runs.lights!.accesses.length}`)
    await expectStep(runs.lights!, 0)
    await press('i')
    await expectStep(runs.lights!, 8)
    for (const name of ['bad.json', 'damaged.json']) {
      await page.locator('#file').setInputFiles(file(name))
      await expect.poll(() => page.locator('#notice').textContent()).toMatch(new RegExp(`^${name} cannot be shown: `))
      await expectStep(runs.lights!, 0)
    }
    expect(await page.locator('#trace option').count()).toBe(5)
  })

  it('takes a trace that is dropped on it', async () => {
    await open()
    const transfer = await page.evaluateHandle(text => {
      const data = new DataTransfer()
      data.items.add(new File([text], 'dropped.json', { type: 'application/json' }))
      return data
    }, JSON.stringify(runs.counter))
    await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer })
    expect(await page.evaluate(() => document.body.classList.contains('drop'))).toBe(true)
    await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
    await expect.poll(() => page.locator('#notice').textContent()).toBe('Opened dropped.json.')
    await expectStep(runs.counter!, 0)
  })

  it('copies the token', async () => {
    await open('#trace=stalled-copier', 'player.html', { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.locator('#copy').click()
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(runs['stalled-copier']!.token)
  })

  it('shows another machine when asked to, and follows the run again', async () => {
    const trace = runs['stalled-copier']!, value = trace.accesses.findIndex(({ won, word }) => won && trace.words[word]?.kind === 'value') + 1
    await open(`#trace=stalled-copier&step=${value}`)
    expect((await read()).machine.shown).toBe('value')
    await page.locator('.tabs button', { hasText: 'successor' }).click()
    for (let n = 0; n < 5; n++) await press('ArrowRight')
    expect((await read()).machine).toMatchObject({ shown: 'successor', counts: { Older: 0, None: 0, Copy: 1, Clear: 0 } })
    await page.locator('.follow').click()
    await expectStep(trace, value + 5)
    expect((await read()).machine.shown).not.toBe('successor')
  })

  it('moves its token along the step that was taken; not where less motion is wanted', async () => {
    const step = runs['stalled-copier']!.accesses.findIndex(({ step: taken }) => taken?.name === 'move'), places: string[][] = []
    for (const reducedMotion of ['no-preference', 'reduce'] as const) {
      await open(`#trace=stalled-copier&step=${step}`, 'player.html', { reducedMotion })
      places.push(await page.evaluate(async () => {
        const seen = new Set<string>(), until = performance.now() + 700
        document.getElementById('forward')!.click()
        while (performance.now() < until) {
          seen.add(document.querySelector('.stage .token')!.getAttribute('transform')!)
          await new Promise(resolve => { requestAnimationFrame(resolve) })
        }
        return [...seen]
      }))
    }
    expect([places[0]!.length > 3, places[1]!.length]).toEqual([true, 1])
    expect(places[0]!.at(-1)).toBe(places[1]![0])
  })
})

/** The contrast of two colours, as WCAG counts it. */
function contrast(a: string, b: string): number {
  const linear = (part: number): number => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  const light = (text: string): number => {
    const [r, g, blue] = text.match(/[\d.]+/g)!.map(part => linear(Number(part) / 255)) as [number, number, number]
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue
  }
  const [low, high] = [light(a), light(b)].sort((x, y) => x - y) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

describe('it can be read', () => {
  const SIZES = {
    wide: { width: 1280, height: 800 }, large: { width: 1720, height: 1000 }, tablet: { width: 820, height: 1100 },
    phone: { width: 390, height: 844 }, small: { width: 340, height: 640 },
  }

  it.each(Object.entries(SIZES))('on a %s screen: nothing to scroll sideways, no text on another, none cut', async (name, viewport) => {
    const isCommon = ['wide', 'phone'].includes(name), parts = isCommon ? [0, 0.5, 1] : [0.7]
    for (const run of Object.keys(runs).filter((_, n) => isCommon || n % 2 === 0)) {
      await open(`#trace=${run}`, pageOf(run), { viewport })
      for (const step of parts.map(part => Math.round(part * runs[run]!.accesses.length))) {
        await setTo(step)
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), run).toBeLessThanOrEqual(0)
        const parts = ['header', '#caption', '#memory', '#machine', '#lanes', 'footer']
        expect(await page.evaluate(unreadable, parts), `${run} ${step}`).toEqual(Object.fromEntries(parts.map(part => [part, []])))
      }
    }
  })

  it('for each machine', async () => {
    for (const viewport of [SIZES.wide, SIZES.phone]) {
      await open('#trace=killed-in-mid-copy&step=60', 'player.html', { viewport })
      for (const tab of await page.locator('.tabs button').all()) {
        await tab.click()
        expect(await page.evaluate(unreadable, ['#machine']), await tab.textContent() ?? '').toEqual({ '#machine': [] })
      }
    }
  })

  it('also where the history scrolls: an operation that is under way has its name in sight', async () => {
    await open('#trace=stalled-copier&step=110', 'player.html', { viewport: SIZES.phone })
    const inSight = (): Promise<string[]> => page.evaluate(() => [...document.querySelectorAll('.strip .bar text')].filter(name => {
      const { left, right } = name.getBoundingClientRect(), strip = name.closest('.strip')!.getBoundingClientRect()
      return left >= strip.left && right <= strip.right
    }).map(name => name.textContent!))
    expect(await page.evaluate(() => document.querySelector('.strip')!.scrollLeft)).toBeGreaterThan(200)
    await expect.poll(inSight).toEqual(['finish()', 'finish()'])
    await press('Home')
    await expect.poll(inSight).toEqual(['finish()', 'finish()'])
  })

  it('without moving about: no step changes where the parts of the page are', async () => {
    await open('#trace=stalled-copier')
    const places = (): Promise<number[][]> => page.evaluate(() => ['#memory', '#machine', '#lanes', '.stage', 'footer'].map(part => {
      const { x, y, width, height } = document.querySelector(part)!.getBoundingClientRect()
      return [x, y, width, height].map(Math.round)
    }))
    const first = await places()
    for (let step = 0; step < 120; step += 3) {
      await setTo(step)
      expect(await places(), `step ${step}`).toEqual(first)
    }
  })

  it.each(['light', 'dark'] as const)('in %s mode, with enough contrast', async colorScheme => {
    await open('#trace=killed-in-mid-copy&step=72', 'player.html', { colorScheme })
    const pairs = await page.evaluate(() => [
      '#about', '#say p:not(.keeper)', '.stack span', '.code code', '.status', '.tick', '.legend li', '.word .text', '.lines dt', '.caption p',
      '.tabs button', '.root-tag', '.tabs [aria-pressed=true]', '.program .now',
    ].map(selector => {
      const element = document.querySelector(selector)!, style = getComputedStyle(element), ink = element instanceof SVGElement ? style.fill : style.color
      let under: Element | null = element
      while (under !== null && /rgba\(0, 0, 0, 0\)|transparent/.test(getComputedStyle(under).backgroundColor)) under = under.parentElement
      return [selector, ink, under === null ? getComputedStyle(document.documentElement).backgroundColor : getComputedStyle(under).backgroundColor] as const
    }))
    const numbers = (text: string): string => text.startsWith('color(srgb') ? text.match(/[\d.]+/g)!.slice(0, 3).map(part => Number(part) * 255).join() : text
    expect(pairs.filter(([, ink, ground]) => contrast(numbers(ink), numbers(ground)) < 4.5).map(([selector, ...colours]) => [selector, ...colours])).toEqual([])
    const ground = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    expect(contrast(ground, 'rgb(255, 255, 255)') < 1.5).toBe(colorScheme === 'light')
  })
})
