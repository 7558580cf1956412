// The live view without a browser: what it reads of a map, what it says of it, and what its server serves.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import files from '#diagrams/live'
import { instantiate } from '#diagrams/look'
import { serveLive } from '../../lib/diagrams/live'
import { countStates, gridOf, mostOf, slotsAt } from '../../lib/diagrams/live/grid'
import { isFor, valueFor } from '../../lib/diagrams/live/protocol'
import { PageKind, SLOTS, Slot, UNREAD, type Looked } from '../../lib/diagrams/live/states'
import { mostInUse } from '../../lib/diagrams/live/strip'
import { sentence } from '../../lib/diagrams/live/telling'
import { Successor } from '../../lib/kernel/words/successor'
import { BACKENDS, RawMap } from '../support/kernels'
import { chunkStates, fill, quiesce, slotCell, slotStates, startCopy } from '../support/tables'

/** The state that the words' own kinds tell, by the rule: the key's until the value has one. */
const expected = (map: RawMap, generation: number): string[] => slotStates(map, generation).map(both => {
  const [key, value] = both.split(' ')
  return value === 'Empty' ? key! : value!
})

const names = (slots: Uint8Array): string[] => Array.from(slots, state => SLOTS[state]!)
const halves = ({ tables }: Looked): string[] => tables.map(({ generation, state }) => `${generation} ${state}`)

describe.each(BACKENDS)('what is read of a map on %s', backend => {
  const open = (capacity = 8, shift = 0): { map: RawMap, see: () => Looked, words: () => bigint[] } => {
    const map = new RawMap(backend, { capacity, shift }), eyes = instantiate(map.cells)
    return { map, see: () => eyes.look(map.map), words: () => [...map.cells] }
  }

  it('is one table of empty slots at first', () => {
    const { see } = open(), seen = see()
    expect(seen.generation).toBe(2)
    expect(halves(seen)).toEqual(['2 sole', '0 free'])
    expect(seen.tables[0]).toMatchObject({ name: 'Table 2', isRoot: true, capacity: 8, claims: 0, closed: false, chunks: 8, chunksDone: 0, chunksSwept: 0 })
    expect(names(seen.tables[0]!.slots)).toEqual(Array(8).fill('Empty'))
    expect(seen.tables[1]).toMatchObject({ isRoot: false, capacity: 0, slots: new Uint8Array(0) })
  })

  it('is the slots as they are after puts and deletes, of integers and of records', () => {
    const { map, see } = open()
    fill(map, [1, 2, 'three', 4])
    map.put(2, undefined)
    const { slots, claims } = see().tables[0]!
    expect(names(slots)).toEqual(expected(map, 2))
    expect(names(slots).filter(state => state !== 'Empty').sort()).toEqual(['Tombstone', 'Value', 'Value', 'Value'])
    expect(claims).toBe(4)
  })

  it('is both tables in the middle of a copy', () => {
    const { map, see } = open()
    fill(map, [1, 2, 3, 4])
    map.put(4, undefined)
    startCopy(map)
    map.kernel.copySlot(map.map, map.me, 2, slotCell(map, 2, 7))
    map.put(9, 9)
    const seen = see(), [old, next] = seen.tables
    expect(halves(seen)).toEqual(['2 copying', '3 filling'])
    expect([old!.closed, next!.closed, old!.isRoot, next!.isRoot]).toEqual([true, false, true, false])
    expect(names(old!.slots)).toEqual(expected(map, 2))
    expect(names(next!.slots)).toEqual(expected(map, 3))
    const done = chunkStates(map, 2).filter(state => state === 'Done').length
    expect(done).toBeGreaterThan(0)
    expect([old!.chunksDone, old!.chunks]).toEqual([done, 8])
    expect(names(next!.slots)).toContain('Value')
  })

  it('is a swept table, then a free half', () => {
    const { map, see } = open()
    fill(map, [1, 2, 3, 4])
    startCopy(map)
    while (map.generation === 2) map.put(1, 1)
    const seen = see(), [old, next] = seen.tables
    expect(halves(seen)).toEqual(['2 sweeping', '3 sole'])
    expect(old).toMatchObject({ name: 'Table 2', isRoot: false, chunks: 8, chunksDone: 8 })
    expect(next!.isRoot).toBe(true)
    expect(names(old!.slots)).toEqual(expected(map, 2))
    expect(names(old!.slots).some(state => state.startsWith('Dead'))).toBe(true)
    quiesce(map)
    expect(halves(see())).toEqual(['2 free', '3 sole'])
    expect(see().tables[0]).toMatchObject({ capacity: 8, slots: new Uint8Array(0) })
  })

  it('is a cleared table while its slots are killed', () => {
    const { map, see } = open()
    fill(map, [1, 2, 3, 4])
    startCopy(map, Successor.Clear)
    expect(halves(see())).toEqual(['2 sole', '3 filling'])
    // The next writer finds the successor of a clear: it swings the root, and kills its share of what was left.
    map.put(5, 5)
    const [old] = see().tables
    expect(halves(see())).toEqual(['2 clearing', '3 sole'])
    expect(old!.chunksDone).toBe(chunkStates(map, 2).filter(state => state === 'Done').length)
    expect(old!.chunksDone).toBeLessThan(8)
    expect(names(old!.slots)).toEqual(expected(map, 2))
    quiesce(map)
    expect(halves(see())).toEqual(['2 free', '3 sole'])
  })

  it('changes no word', () => {
    const { map, see, words } = open()
    fill(map, [1, 2, 3, 4, 5])
    startCopy(map)
    const before = words()
    see()
    expect(words()).toEqual(before)
  })

  it('is what each page holds: slots at both ends, blocks by how full, large records; all else is free', () => {
    const { map, words } = open(), eyes = instantiate(map.cells)
    const seen = (): PageKind[] => { const pages = new Uint8Array(eyes.pageCount(map.map)); eyes.readPages(map.map, 0, pages.length, pages); return [...pages] }
    const all = map.kernel.pagesInAll(map.map), allocate = (bytes: number): number => map.kernel.allocate(map.map, map.me, bytes, 3, 0)
    const of = (kind: PageKind): number[] => seen().flatMap((is, page) => is === kind ? [page] : [])
    expect([seen().length, of(PageKind.Slots), of(PageKind.Free).length]).toEqual([all, [0, all - 1], all - 2])
    // A page has 32 blocks of 16 bytes and their header.
    const fullness = Array.from({ length: 32 }, () => { allocate(16); return seen().filter(is => is !== PageKind.Free && is !== PageKind.Slots) })
    const rising = [PageKind.Quarter, PageKind.Half, PageKind.Most, PageKind.Full]
    expect(fullness).toEqual(rising.flatMap(kind => Array(8).fill([kind])))
    // A span of two pages is one of them as the other is; a record of three has three.
    const span = allocate(200), record = allocate(2040)
    expect([of(PageKind.Quarter).length, of(PageKind.Run).length, seen().filter(is => is === PageKind.Free).length]).toEqual([2, 3, all - 8])
    map.kernel.freeBlock(map.map, map.me, span)
    map.kernel.freeBlock(map.map, map.me, record)
    expect([of(PageKind.Slots), of(PageKind.Full).length, of(PageKind.Free).length]).toEqual([[0, all - 1], 1, all - 3])
    expect(seen().filter(is => is === PageKind.Free).length).toBe(map.kernel.freePages(map.map))
    const before = words()
    seen()
    expect(words()).toEqual(before)
  })

  it('is right in each generation of a long run', () => {
    const { map, see } = open(4)
    for (let n = 0; n < 300; n++) {
      map.put(n % 90, n)
      if (n % 3 === 0) map.put((n * 7) % 90, undefined)
      const seen = see()
      expect(seen.generation).toBe(map.generation)
      expect(seen.tables.filter(({ isRoot }) => isRoot).map(({ generation }) => generation)).toEqual([map.generation])
      for (const { state, generation, slots } of seen.tables) if (state !== 'free' && state !== 'building') expect(names(slots)).toEqual(expected(map, generation))
    }
    expect(map.generation).toBeGreaterThan(6)
  })
})

describe('the squares', () => {
  it.each([[8, 400, 250], [16, 400, 250], [1000, 400, 250], [4096, 390, 200], [65_536, 400, 250], [2 ** 20, 300, 200]])('hold %i slots in %i x %i pixels', (capacity, width, height) => {
    const { cell, columns, rows, slots } = gridOf(capacity, width, height)
    expect(columns * rows * slots).toBeGreaterThanOrEqual(capacity)
    expect([columns * cell <= width, rows * cell <= height, cell >= 2, columns % 8]).toEqual([true, true, true, 0])
    expect(slots === 1 || cell < 4).toBe(true)
  })

  it('are found under a point', () => {
    const grid = { cell: 10, columns: 8, rows: 3, slots: 2 }
    expect([slotsAt(grid, 40, 0, 0, 1), slotsAt(grid, 40, 79, 9, 1), slotsAt(grid, 40, 5, 5, 2), slotsAt(grid, 39, 35, 25, 1)]).toEqual([[0, 2], [14, 16], [18, 20], [38, 39]])
    expect([slotsAt(grid, 40, 80, 0, 1), slotsAt(grid, 40, 45, 25, 1), slotsAt(grid, 40, -1, 0, 1)]).toEqual([undefined, undefined, undefined])
  })

  it('show the state of most of their slots', () => {
    expect(mostOf(Uint8Array.of(Slot.Empty, Slot.Value, Slot.Value, Slot.DeadMoved), 0, 4)).toBe(Slot.Value)
    expect(mostOf(Uint8Array.of(Slot.Empty, Slot.Empty, Slot.Value, Slot.Empty), 0, 2)).toBe(Slot.Empty)
    expect(mostOf(Uint8Array.of(Slot.Value, Slot.Prime), 0, 2)).toBe(Slot.Prime)
    expect([mostOf(Uint8Array.of(UNREAD, UNREAD, Slot.Empty), 0, 3), mostOf(Uint8Array.of(UNREAD, UNREAD), 0, 2)]).toEqual([Slot.Empty, UNREAD])
    expect([...countStates(Uint8Array.of(UNREAD, Slot.Empty, Slot.Value, Slot.Value))]).toEqual([1, 0, 0, 2, 0, 0, 0, 0, 0])
  })
})

describe('the squares of pages', () => {
  it('show what most of the pages in use are, however many are free', () => {
    expect(mostInUse(Uint8Array.of(PageKind.Free, PageKind.Free, PageKind.Free, PageKind.Half), 0, 4)).toBe(PageKind.Half)
    expect(mostInUse(Uint8Array.of(PageKind.Slots, PageKind.Full, PageKind.Slots), 0, 3)).toBe(PageKind.Slots)
    expect([mostInUse(Uint8Array.of(PageKind.Free, UNREAD), 0, 2), mostInUse(Uint8Array.of(PageKind.Slots, PageKind.Full), 1, 2)]).toEqual([PageKind.Free, PageKind.Full])
  })
})

describe('the values', () => {
  it('tell whose they are', () => {
    for (const values of ['integers', 'texts', 'both'] as const) {
      for (const key of [0, 1, 7, 4096, 2 ** 18 - 1]) {
        for (const number of [0, 1, 4095, 4096, 123_456_789]) {
          const value = valueFor(key, number, values)
          expect([isFor(key, value), isFor(key + 1, value), isFor(key === 0 ? 5 : key - 1, value)]).toEqual([true, false, false])
          if (typeof value === 'number') expect(value | 0).toBe(value)
        }
      }
    }
    expect([isFor(1, undefined), isFor(1, '12:3'), isFor(1, null)]).toEqual([false, false, false])
  })
})

describe('the sentence', () => {
  const table = (n: number, state: string, more = {}): object => ({
    name: `Table ${n}`, generation: n, isRoot: false, state, capacity: 4096, claims: 0, closed: false, chunks: 64, chunksDone: 0, chunksSwept: 0, ...more,
  })
  const said = (a: object, b: object, workers = 3, paused = false): string => sentence({ generation: 5, tables: [a, b] } as never, 1_412_000, workers, paused)

  it('tells what both tables are doing, and who works', () => {
    expect(said(table(6, 'filling'), table(5, 'copying', { isRoot: true, chunksDone: 37 })))
      .toBe('Table 5 (4,096 slots) is being copied to table 6: 37 of 64 chunks done; 1,412,000 operations a second by 3 workers.')
    expect(said(table(4, 'sweeping', { chunksSwept: 3 }), table(5, 'sole', { isRoot: true }), 1))
      .toBe('Table 5 (4,096 slots) is the root; table 4 is being swept: 3 of 64 chunks done; 1,412,000 operations a second by 1 worker.')
    expect(said(table(4, 'free'), table(5, 'sole', { isRoot: true }), 2, true)).toBe('Table 5 (4,096 slots) is the root, and no resize is going on; 2 workers are paused.')
    expect(said(table(4, 'free'), table(5, 'sole', { isRoot: true }), 0)).toBe('Table 5 (4,096 slots) is the root, and no resize is going on; nobody is at work.')
  })
})

describe('the server', () => {
  let live: Awaited<ReturnType<typeof serveLive>>
  beforeAll(async () => { live = await serveLive() })
  afterAll(() => live.close())

  it('serves the page with the headers of isolation, and a policy that allows nothing but itself', async () => {
    expect(live.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    const answer = await fetch(live.url)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(answer.headers.get('cross-origin-embedder-policy')).toBe('require-corp')
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; /)
    expect(answer.headers.get('content-security-policy')).not.toMatch(/https?:|\*|unsafe-inline|data:|blob:/)
    expect(await answer.text()).toBe(files['/page.html'])
  })

  it('serves every file under the same headers', async () => {
    expect(Object.keys(files)).toEqual(expect.arrayContaining(['/page.html', '/page.js', '/page.css', '/worker.js', '/icon.svg']))
    for (const name of Object.keys(files)) {
      const answer = await fetch(new URL(name, live.url))
      expect([answer.status, answer.headers.get('cross-origin-embedder-policy')]).toEqual([200, 'require-corp'])
      expect(answer.headers.get('content-type')).toMatch(/^(text\/(html|css|javascript); charset=utf-8|image\/svg\+xml)$/)
      expect(await answer.text()).toBe(files[name])
    }
  })

  it.each(['/package.json', '/../package.json', '/%2e%2e/package.json', '/etc/passwd', '/toString', '/__proto__', '//127.0.0.1/'])('does not serve %s', async path => {
    const { request } = await import('node:http')
    // fetch would put the path in order first.
    const status = await new Promise(resolve => request(live.url, { path }, answer => { answer.resume(); resolve(answer.statusCode) }).end())
    expect(status).toBe(404)
  })

  it('answers a question about a file, and nothing else', async () => {
    const head = await fetch(live.url, { method: 'HEAD' }), post = await fetch(live.url, { method: 'POST', body: 'x' })
    expect([head.status, await head.text(), post.status, post.headers.get('allow')]).toEqual([200, '', 405, 'GET, HEAD'])
    expect((await fetch(`${live.url}?x=1`)).status).toBe(200)
  })

  it('names no other place in what it serves', () => {
    for (const [name, text] of Object.entries(files)) expect([name, [...text.matchAll(/https?:\/\/[\w.:-]+/g)].map(([url]) => url).filter(url => !/w3\.org|127\.0\.0\.1|localhost/.test(url))]).toEqual([name, []])
  })

  it('says so when the port is taken, and gives its own back', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    await expect(serveLive({ port })).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken. Name another one, or none for any that is free.`)
    await new Promise(resolve => other.close(resolve))
    const again = await serveLive({ port })
    expect(again.url).toBe(`http://127.0.0.1:${port}/`)
    await again.close()
    await expect(fetch(again.url)).rejects.toThrow()
  })
})
