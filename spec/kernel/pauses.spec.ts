// Rules that no program of the explorer shows, since it takes long records, whole walks, or a worker that comes and goes:
// a worker is stopped before each access, another does the worst, and it goes on. Each rule is also switched off, and missed.

import { describe, expect, it } from 'vitest'
import type { Kernel } from '../../lib/backend/kernel'
import { Area, Field } from '../../lib/kernel/layout'
import { Status } from '../../lib/kernel/read'
import { Tag } from '../../lib/kernel/words/key'
import { Participant, areaIn } from '../../lib/kernel/words/participant'
import { Successor } from '../../lib/kernel/words/successor'
import { Expect } from '../../lib/kernel/write'
import { Reach } from '../../lib/map/reach'
import { walkEntries } from '../../lib/map/walk'
import { type SourceEdit, type SourceMutant, importEdited } from '../support/edited'
import { BACKENDS, type Backend, RawMap, type Shape } from '../support/kernels'
import { type MakeKernel, Paused, type Scene, faultsOf, kernelMaker } from '../support/pauses'
import { longText, putLong, readLong, seekLong } from '../support/records'
import { chunkStates, exhaust, fill, pageOfBlock, quiesce, regionOf, startCopy, usedBlocks } from '../support/tables'

type Walk = typeof walkEntries
/** A worker that is stopped, and one that is not, on one map. */
interface Pair { readonly paused: Paused, readonly map: RawMap, readonly other: RawMap }

function pairOf(backend: Backend, make: MakeKernel, shape: Shape = {}): Pair {
  const map = new RawMap(backend, shape), paused = new Paused(map, make)
  return { paused, map, other: new Paused(new RawMap(backend, {}, map), make).map }
}
const oneOf = (what: unknown, ...right: unknown[]): string => right.includes(what) ? '' : `${String(what)} was found`

// --- records that are used again under a reader

/** A value is replaced, and its block holds something else, while it is read. */
function replacedValue(backend: Backend, make: MakeKernel): Scene {
  const { paused, map, other } = pairOf(backend, make)
  let found: unknown
  fill(other, ['key'], () => 'old value!')
  return {
    paused, act: () => { found = map.get('key') },
    meanwhile: () => { fill(other, ['key'], () => 'new value!'); fill(other, ['zzz'], () => 'never that') },
    fault: () => oneOf(found, 'old value!', 'new value!'),
  }
}

/** A value of two windows is replaced, and its block holds something else, while its second window is read. */
function replacedLongValue(backend: Backend, make: MakeKernel): Scene {
  const { paused, map, other } = pairOf(backend, make), [old, next, never] = ['a', 'b', 'c'].map(letter => letter.repeat(2100))
  let found: string
  writeLong(other, 'key', old!)
  const read = (): string => {
    map.seek('key')
    if (map.kernel.get(map.map, map.me) !== Status.Found) return 'nothing'
    try { return readLong(map) } catch { return 'replaced' }
  }
  return {
    paused, act: () => { found = read() },
    // One of them lies where the old value was.
    meanwhile: () => { for (const key of ['key', 'one', 'two', 'three', 'four']) writeLong(other, key, key === 'key' ? next! : never!) },
    fault: () => oneOf(found, old, next, 'replaced'),
  }
}

/** A key is deleted and swept, and its block holds a value, while a scan describes it. */
function sweptKey(backend: Backend, make: MakeKernel): Scene {
  const { paused, map, other } = pairOf(backend, make)
  let found: string[]
  // The first block of a span is used again last, the others at once.
  other.kernel.allocate(other.map, other.me, 1, 0, 0)
  fill(other, ['key', 'stay'], key => key === 'key' ? 5 : 'stays here')
  const scan = (): string[] => {
    const keys: string[] = []
    if (map.kernel.scanBegin(map.map, map.me, 0, 1000) !== Status.Found) return keys
    while (map.kernel.scanNext(map.map, map.me) === Status.Found) keys.push(map.read(Area.Key, map.field(Field.Length)))
    return keys
  }
  return {
    paused, act: () => { found = scan() },
    meanwhile: () => { other.put('key', undefined); startCopy(other); quiesce(other); fill(other, ['stay'], () => 'no key') },
    fault: () => found.map(key => oneOf(key, 'key', 'stay')).join(''),
  }
}

// --- memory

/** Blocks of a map that lie in pages which are kept for tables. */
function inZone(map: RawMap): string {
  const zone = map.kernel.zoneSize(map.map), pages = map.kernel.pagesInAll(map.map)
  const wrong = usedBlocks(map).map(block => pageOfBlock(map, block)).filter(page => page < zone || page >= pages - zone)
  return wrong.length === 0 ? '' : `blocks lie in the pages ${wrong.join()} of tables`
}

/** All memory goes to blocks: what the tables have stays theirs. */
function roomLeft(backend: Backend, make: MakeKernel): Scene {
  const { paused, map } = pairOf(backend, make, { bytes: 1 << 16, places: 1 })
  return { paused, act: () => { exhaust(map) }, meanwhile: () => {}, fault: () => inZone(map) }
}

/** Two take blocks at once, where each needs a new page: nobody gets another's. */
const contested = (bytes: number) => (backend: Backend, make: MakeKernel): Scene => {
  const { paused, map, other } = pairOf(backend, make, { bytes: 1 << 16, places: 2 })
  let mine = 0, theirs: number[] = []
  return {
    paused, act: () => { theirs = []; mine = map.kernel.allocate(map.map, map.me, bytes, 0, 0) },
    meanwhile: () => { theirs = exhaust(other, bytes) },
    fault: () => theirs.includes(mine) ? `block ${mine} was given to both` : '',
  }
}

/** A table of 64 slots in a memory whose pages have all had blocks; 40 keys, so that the next table has 128 slots. */
function beforeGrowth(backend: Backend, make: MakeKernel): Pair {
  const pair = pairOf(backend, make, { bytes: 1 << 16, places: 2, capacity: 64, shift: 4 }), { other } = pair
  for (const block of exhaust(other)) other.kernel.freeBlock(other.map, other.me, block)
  fill(other, Array(40).keys())
  return pair
}

/** A worker makes pages ready for a larger table; meanwhile another does too, and has keys in them. */
function cleanedTwice(backend: Backend, make: MakeKernel): Scene {
  const { paused, map, other } = beforeGrowth(backend, make), { generation } = map
  return {
    paused, act: () => { map.kernel.startResize(map.map, map.me, generation, Successor.Copy, false) },
    meanwhile: () => { fill(other, Array.from({ length: 40 }, (_, n) => 40 + n)); quiesce(other) },
    fault: () => {
      const missing = Array.from({ length: map.size }, (_, key) => key).filter(key => map.get(key) !== key)
      return missing.length === 0 ? '' : `the keys ${missing.join()} are gone`
    },
  }
}

/** A worker makes pages ready for a larger table; meanwhile another takes all memory for blocks. */
function takenMeanwhile(backend: Backend, make: MakeKernel): Scene {
  const { paused, map, other } = beforeGrowth(backend, make), { generation } = map
  return {
    paused, act: () => { map.kernel.startResize(map.map, map.me, generation, Successor.Copy, false) },
    meanwhile: () => { exhaust(other) }, fault: () => inZone(map),
  }
}

/** A worker takes a page for blocks; meanwhile another has made it a table's. */
function grownMeanwhile(backend: Backend, make: MakeKernel): Scene {
  const { paused, map, other } = beforeGrowth(backend, make)
  return {
    paused, act: () => { exhaust(map) },
    // As long as there is room for a larger table.
    meanwhile: () => { for (let n = 40; n < 80; n++) other.put(n, n) }, fault: () => inZone(map),
  }
}

/** A place is reaped by two; one of them stands still while the other is done and a newcomer has taken it. */
function reapedTwice(backend: Backend, make: MakeKernel): Scene {
  const { paused, map, other } = pairOf(backend, make), victim = map.kernel.join(map.map, 0), area = areaIn(victim)
  let newcomer = 0
  return {
    paused, act: () => { newcomer = 0; map.kernel.reap(map.map, victim, true) },
    meanwhile: () => {
      other.kernel.reap(other.map, victim, true)
      newcomer = other.kernel.join(other.map, 0)
    },
    fault: () => newcomer === 0 || map.kernel.ownerOf(map.map, area) === newcomer ? '' : 'the newcomer has lost its place',
  }
}

/** One place, twice joined and left: whoever knows the first owner has no say over the second. */
function reapedByAStranger(backend: Backend, make: MakeKernel): Scene {
  const { paused, map } = pairOf(backend, make), first = map.kernel.join(map.map, 0), area = areaIn(first)
  let isTaken = false
  map.kernel.leave(map.map, first)
  map.kernel.reap(map.map, map.kernel.join(map.map, 0), false)
  return {
    paused, act: () => { isTaken = Boolean(map.kernel.reap(map.map, first, true)) }, meanwhile: () => {},
    fault: () => !isTaken && map.kernel.ownerState(map.map, area) === Participant.Reaped ? '' : 'a worker that may be alive has lost its place',
  }
}

// --- tables

/** One worker stands still in the first chunk of a sweep; another sweeps all others. */
function halfSwept(backend: Backend, make: MakeKernel): Scene {
  const { paused, map, other } = pairOf(backend, make)
  let wrong = ''
  fill(other, ['a', 'b'])
  const generation = startCopy(other)
  other.kernel.finishCopy(other.map, other.me, generation)
  other.kernel.helpSweep(other.map, other.me, generation)
  return {
    paused, act: () => { wrong = ''; map.kernel.helpSweep(map.map, map.me, generation) },
    meanwhile: () => {
      for (let n = 0; n < 3; n++) other.kernel.helpSweep(other.map, other.me, generation)
      const states = chunkStates(other, generation)
      const isFree = regionOf(other, generation) === 'Free', isSwept = states.every(state => state === 'Swept')
      if (isFree && !isSwept) wrong = `a table is free for use with chunks ${states.join()}`
    },
    fault: () => wrong,
  }
}

/** A value is expected of another type, but of the same bytes. */
function otherType(backend: Backend, make: MakeKernel): Scene {
  const { paused, map, other } = pairOf(backend, make)
  let status: Status
  fill(other, ['key'], () => 'AB')
  return {
    paused, act: () => {
      map.write(Area.Expected, 'AB')
      map.seek('key')
      for (const [field, value] of [
        [Field.Expect, Expect.Equal], [Field.ExpectTag, Tag.Record], [Field.ExpectPlace, map.window(Area.Expected) / 8],
        [Field.ExpectLength, 2], [Field.ExpectType, 4], [Field.NextTag, Tag.Integer], [Field.NextPayload, 7],
      ] as const) map.poke(field, value)
      status = map.kernel.putIfMatch(map.map, map.me)
    },
    meanwhile: () => {},
    fault: () => status === Status.Refused && map.get('key') === 'AB' ? '' : `'AB' was taken for the bytes 65, 66: ${Status[status]}`,
  }
}

// --- walks

function reachOf(map: RawMap): Reach {
  const { kernel, me, ints, bytes, map: at, memory, backend } = map
  return new Reach({ kernel: kernel as Kernel, me, ints, bytes, at, memory: memory as never, backend, place: { kernel: kernel as Kernel, at, me, identity: 'raw', users: 1 } }, undefined, undefined)
}

const MANY = Array.from({ length: 300 }, (_, n) => n)
/** What is wrong with the keys that a walk gave: what stays is given once. */
function walkFault(keys: readonly unknown[]): string {
  const missing = MANY.filter(key => !keys.includes(key))
  const more = keys.filter((key, n) => keys.indexOf(key) !== n || !MANY.includes(key as number))
  return missing.length + more.length === 0 ? '' : `missing ${missing.length}, twice or never there ${more.length}`
}

/** A map of several windows, walked; meanwhile it gets another order, wholly or in part. */
const walked = (reorder: (other: RawMap) => void) => (backend: Backend, make: MakeKernel, walk: Walk): Scene => {
  const { paused, map, other } = pairOf(backend, make, { shift: 4, bytes: 1 << 20 })
  let keys: unknown[] = []
  fill(other, MANY)
  quiesce(other)
  return {
    paused, act: () => { keys = []; for (const [key] of walk(reachOf(map))) keys.push(key) },
    meanwhile: () => reorder(other), fault: () => walkFault(keys),
  }
}

const reseeded = walked(other => { startCopy(other, Successor.Copy, true); quiesce(other) })
const resized = walked(other => { startCopy(other); quiesce(other) })
const halfCopied = walked(other => {
  const generation = startCopy(other)
  for (let chunk = 0; chunk < 20; chunk++) other.kernel.copyChunk(other.map, other.me, generation, chunk)
})
const halfReseeded = walked(other => {
  const generation = startCopy(other, Successor.Copy, true)
  for (let chunk = 0; chunk < 20; chunk++) other.kernel.copyChunk(other.map, other.me, generation, chunk)
})

/** The key, of those that begin alike, whose home is in that half of a table. */
function keyInHalf(map: RawMap, start: string, half: number): string {
  for (let n = 0; ; n++) {
    const key = start + String(n).padStart(60, '0')
    seekLong(map, key)
    if (map.field(Field.Sought + Field.Hash) >>> 31 === half) return key
  }
}

/** A key of two windows is deleted and swept while it is read; its block holds the end of another one, which a later window gives. */
function sweptLongKey(backend: Backend, make: MakeKernel, walk: Walk): Scene {
  const { paused, map, other } = pairOf(backend, make, { bytes: 1 << 20, shift: 4 }), start = longText(2048)
  fill(other, MANY)
  quiesce(other)
  const key = keyInHalf(other, start, 0), twin = keyInHalf(other, start, 1)
  let keys: unknown[] = []
  for (const each of [key, twin]) writeLong(other, each, 'value')
  return {
    paused, act: () => { keys = []; for (const [each] of walk(reachOf(map))) if (typeof each === 'string') keys.push(each) },
    meanwhile: () => {
      writeLong(other, key, undefined)
      startCopy(other)
      quiesce(other)
      // One of them lies where the key was.
      for (const name of ['one', 'two', 'three']) writeLong(other, name, 'x'.repeat(2048) + twin.slice(2048))
    },
    fault: () => keys.some((each, n) => keys.indexOf(each) !== n) ? 'a key was given twice' : '',
  }
}

/** Writes or deletes a key of any length, and does not ask for what was there: that would be kept for a while. */
function writeLong(map: RawMap, key: string, value: string | undefined): void { putLong(map, key, value, false) }

// --- the rules

type Stage = (backend: Backend, make: MakeKernel, walk: Walk) => Scene
interface Rule { readonly name: string, readonly stage: Stage, readonly without: readonly SourceEdit[], readonly every?: number }

const inKernel = (file: string, fn: string, from: string, to: string): SourceEdit => ({ file: `kernel/${file}.ts`, fn, from, to })
const inWalk = (from: string, to: string): SourceEdit => ({ file: 'map/walk.ts', from, to })

const RULES: readonly Rule[] = [
  { name: 'a value that was replaced while it was read is not believed, whatever its block holds by then', stage: replacedValue,
    without: [inKernel('read', 'describeValue', 'const same = load(slot + 1) === word', 'const same = true')] },
  { name: 'a long value that was replaced while its second window was read is not believed', stage: replacedLongValue,
    without: [inKernel('read', 'readMore', 'return load(peek(fields, Field.FoundSlot) + 1) === word && sameStamp(map, me)', 'return true')] },
  { name: 'a scan gives no key that was swept while it was read', stage: sweptKey,
    without: [inKernel('scan', 'visit', 'if (!rootIs(map, root)) return Look.Gone', '')] },
  { name: 'blocks leave the tables all of their slots', stage: roomLeft, every: Infinity,
    without: [inKernel('pages', 'isFree', 'if (state === Page.Table) return !isKept(map, page, word)', 'if (state === Page.Table) return true')] },
  { name: 'a page is claimed only while its word is the one that was found free', stage: contested(1),
    without: [inKernel('pages', 'stock', 'swap(pageAt(map, page), seen, stockedWord', 'swap(pageAt(map, page), load(pageAt(map, page)), stockedWord')] },
  { name: 'whoever cleans a page for a table late leaves the slots alone that others have filled', stage: cleanedTwice,
    without: [inKernel('zone', 'cleanCell', 'if (load(pageAt(map, page)) !== word) return false', '')] },
  { name: 'pages that are being made ready for a table are not given to blocks', stage: takenMeanwhile,
    without: [inKernel('zone', 'isKept', 'return isOpen(zone) && isReservedFor(word, zoneGeneration(zone))', 'return false')] },
  { name: 'a worker that reaps late does not take the place of the newcomer', stage: reapedTwice,
    without: [inKernel('participants', 'vacate', 'Area.Owner, reaped,', 'Area.Owner, load(areaAt(map, area) + Area.Owner),')] },
  { name: 'an old owner\'s name does not reap the one after it', stage: reapedByAStranger,
    without: [inKernel('participants', 'reap', 'ticketIn(me) === formerTicket(seen) && ', '')] },
  { name: 'a table is free for use only when all of its chunks are swept', stage: halfSwept,
    without: [inKernel('sweep', 'releaseRegion', 'if (!allSwept(map, generation, chunks)) return', '')] },
  { name: 'a string is not taken for the bytes that it is held as', stage: otherType,
    without: [inKernel('records', 'sameRecord', 'typeOfBlock(header) !== type || ', '')] },
  { name: 'a walk that is overtaken by a reseed gives no key twice', stage: reseeded, every: 41,
    without: [inWalk('passed.push(order)', '')] },
  { name: 'a window does not begin in a table whose keys move to one of another order', stage: halfReseeded, every: 41,
    without: [inKernel('scan', 'isSteady',
      'else if (isFresh(load(tableAt(map, generation + 1) + Table.Capacity))) finishCopy(map, me, generation)', '')] },
  { name: 'a window does not go on in a table of another order', stage: halfReseeded, every: 41,
    without: [inKernel('scan', 'endPhase', ' || isFresh(load(tableAt(map, root + 1) + Table.Capacity))', '')] },
  // Each of the three is enough.
  { name: 'a walk gives no long key that was swept while it was read', stage: sweptLongKey, every: 5, without: [
    inWalk('if (kernel.rootGeneration(at) !== ints[fields + Field.ScanGeneration]) return null', ''),
    inKernel('scan', 'endPhase', '!rootIs(map, root) || ', ''),
    inKernel('scan', 'visit', 'if (!rootIs(map, root)) return Look.Gone', '')] },
]

/** Walks across resizes that go well without a rule of their own. */
const WALKS: readonly (readonly [string, Stage])[] = [
  ['a resize', resized], ['half a copy', halfCopied], ['half a copy of another order', halfReseeded],
]

/** Claims that go well by more than one rule: with any one of them off they still do. */
const CLAIMS: readonly (readonly [string, Stage])[] = [
  ['a page that another has made a table\'s meanwhile', grownMeanwhile], ['a span that another claims too', contested(200)],
  ['a span of many pages that another claims too', contested(2000)], ['a run that another claims too', contested(5000)],
]

describe.each(BACKENDS)('a worker that is stopped before any of its accesses, %s', backend => {
  it.each(RULES)('$name', async ({ stage, every }) => {
    expect(faultsOf(stage(backend, await kernelMaker(backend), walkEntries), every)).toEqual([])
  })

  it.each(WALKS)('walks on across %s, and gives all keys once', async (_, stage) => {
    expect(faultsOf(stage(backend, await kernelMaker(backend), walkEntries), 53)).toEqual([])
  })
})

describe.each(BACKENDS)('a worker that is stopped while it claims, %s', backend => {
  it.each(CLAIMS)('does not take %s', async (_, stage) => {
    expect(faultsOf(stage(backend, await kernelMaker(backend), walkEntries), stage === grownMeanwhile ? 7 : 1)).toEqual([])
  })
})

describe('a walk across a sweep', () => {
  const { stage, without } = RULES.at(-1)!
  it.each([0, 1, 2])('is right by any one of its three checks: all but number %i off', async kept => {
    const edits = without.filter((_, n) => n !== kept), of = (isKernel: boolean): SourceMutant =>
      ({ name: 'two of three', edits: edits.filter(({ file }) => file.startsWith('kernel/') === isKernel) })
    const { walkEntries: walk } = await importEdited<{ walkEntries: Walk }>('map/walk.ts', of(false))
    expect(faultsOf(stage('javascript', await kernelMaker('javascript', of(true)), walk), 29)).toEqual([])
  })
})

describe('switched off, it is missed', () => {
  it.each(RULES)('$name', async ({ name, stage, every, without }) => {
    const of = (isKernel: boolean): SourceMutant => ({ name, edits: without.filter(({ file }) => file.startsWith('kernel/') === isKernel) })
    const edits = of(false).edits.length
    const walk = edits === 0 ? walkEntries : (await importEdited<{ walkEntries: Walk }>('map/walk.ts', of(false))).walkEntries
    expect(faultsOf(stage('javascript', await kernelMaker('javascript', of(true)), walk), every, 1)).toHaveLength(1)
  })
})
