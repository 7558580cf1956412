// The laws of a map at rest, walked: every page has one use, every block is free, named by one slot, or lost; what is counted is
// what is there, and repair finds whatever a kill has cost.

import { AREA_CELLS, Area, At, Field, Table, slotsFrom, tableAt } from '../../kernel/layout'
import { high, low } from '../../kernel/memory'
import { claimsCount } from '../../kernel/words/claims'
import { PAGE_CELLS } from '../../kernel/sizes'
import { KEY, Tag, keyTag } from '../../kernel/words/key'
import { VALUE } from '../../kernel/words/value'
import { Page, isDirty, isEmptied, pageState, pagesIn, versionIn } from '../../kernel/words/page'
import { areaIn } from '../../kernel/words/participant'
import type { Kernel } from '../../backend/kernel'
import type { Attachment } from '../../map/attachment'
import { repair } from '../../map/repair'
import { callAlone, callerOf, textOf } from '../alone'
import type { Call, Program, Rest, System } from '../system'
import type { Members } from './driver'

/** Most units of 16 bytes that one kill may cost: four records of the harness's length. */
const LOST_MOST = 8
/** And the block of `claim`, and the run of `claimEdge`. */
const SPAN_BLOCK = 14
const RUN = 192

/** What is wrong with a map at rest, or ''. Ends with the map repaired. */
export function auditMap(system: () => System, rest: Rest): string {
  const { code, memory, context, kills } = rest, me = (context as Members).members.at(-1)!, kernel = code as unknown as Kernel
  if (!kernel.quiesce(0, me)) return 'the map does not come to rest'
  const entries = entriesOf(kernel, me), size = kernel.size(0)
  if (Math.abs(size - entries) > kills) return `size is ${size}, entries are ${entries}`
  const cells = memory as BigInt64Array
  const claims = claimsCount(cells[tableOf(kernel) + Table.Claims]!)
  const taken = keysIn(kernel, cells)
  if (taken > claims) return `${taken} keys are taken, but only ${claims} were claimed`
  const blocks = new Blocks(kernel, cells, me), wrong = blocks.walk()
  if (wrong !== '') return wrong
  const most = kills * mostLost(rest.program) + heldAtEdge(rest.program)
  if (blocks.lost > most) return `${blocks.lost} units of memory are lost, at most ${most} may be`
  return repaired(system(), rest, entries, size, blocks.lost)
}

/** What `goToEdge` and `holdEdge` hold for good. */
function heldAtEdge({ prefix = [], threads }: Program): number {
  const times = (what: string): number => [...prefix, ...threads.flat()].filter(([name]) => name === what).length
  return 2 * times('goToEdge') + RUN * times('holdEdge')
}

/** Who claims memory for itself has that in hand too. */
function mostLost({ threads }: Program): number {
  const has = (name: string): boolean => threads.flat().some(call => call[0] === name)
  return has('claimEdge') ? RUN : has('claim') ? SPAN_BLOCK : LOST_MOST
}

/** The root's table. */
const tableOf = (kernel: Kernel): number => tableAt(0, kernel.rootGeneration(0))

/** How many entries the root's table holds. */
function entriesOf(kernel: Kernel, me: number): number {
  let entries = 0
  for (let index = 0; index < kernel.capacityNow(0); index++) if (kernel.traceSlot(0, me, index)) entries++
  return entries
}

/** The first slot of a table. */
function slotsAt(map: number, generation: number, capacity: number, memory: BigInt64Array): number {
  return map + slotsFrom(low(memory[tableAt(map, generation) + Table.Place]!), generation, capacity)
}

/** How many keys of the root's table are taken, with a value or without. */
function keysIn(kernel: Kernel, memory: BigInt64Array): number {
  const capacity = kernel.capacityNow(0), place = slotsAt(0, kernel.rootGeneration(0), capacity, memory)
  let keys = 0
  for (let index = 0; index < capacity; index++) if (keyTag(memory[place + index * 2]!) !== Tag.None) keys++
  return keys
}

/** repair finds just what was lost, changes nothing else, and has nothing left to find. */
function repaired(system: System, { code, memory, context, finals, program }: Rest, entries: number, size: number, lost: number): string {
  const ints = new Int32Array(memory.buffer), me = (context as Members).members.at(-1)!
  const attachment = { kernel: code as unknown as Kernel, at: 0, me, ints } as Attachment
  const first = textOf(repair(attachment)), expected = textOf({ entries, sizeError: size - entries, reclaimed: lost * 16 })
  if (first !== expected) return `repair reports ${first}, expected ${expected}`
  const second = textOf(repair(attachment)), nothing = textOf({ entries, sizeError: 0, reclaimed: 0 })
  if (second !== nothing) return `a second repair reports ${second}, expected ${nothing}`
  const caller = callerOf(code, memory, program.threads.length, context), calls = system.final!(program)
  const reads = calls.map((call: Call) => textOf(callAlone(system, caller, call))), rested = finals.slice(-readsIn(calls)).map(textOf)
  return reads.slice(-rested.length).join() === rested.join() ? '' : `after repair the entries are ${reads.join()}, before they were ${rested.join()}`
}

/** The reads at the end of a program's final calls. */
const readsIn = (calls: readonly Call[]): number => calls.length - 1 - calls.findLastIndex(([name]) => name !== 'get')

/** Where every page and every block that is in use belongs. */
class Blocks {
  lost = 0
  private readonly named = new Map<number, string>()

  constructor(private readonly kernel: Kernel, private readonly memory: BigInt64Array, private readonly me: number) {}

  walk(): string { return this.walkPages() || this.walkZone() || this.walkSlots() || this.count() }

  /** Each page of a span or run that is in use is its first page or one of its tails; the zone has nothing but slots. */
  private walkPages(): string {
    const pages = this.kernel.pagesInAll(0), words = high(this.memory[At.Store]!), zone = this.kernel.zoneSize(0)
    for (let page = 0; page < pages; page++) {
      const word = this.memory[words + page]!, state = pageState(word), inZone = page < zone || page >= pages - zone
      if (inZone && (state !== Page.Table || isDirty(word))) return `page ${page} of the zone is ${Page[state]}`
      if (state !== Page.Blocks && state !== Page.Run || isEmptied(word)) continue
      for (let n = 1; n < pagesIn(word); n++) {
        const tail = this.memory[words + page + n]!
        if (pageState(tail) !== Page.Tail || low(tail) !== n || versionIn(tail) !== versionIn(word)) return `page ${page + n} is no tail of ${page}`
      }
    }
    return ''
  }

  /** Pages of the zone hold nothing but Empty slots, apart from the root's table. */
  private walkZone(): string {
    const generation = this.kernel.rootGeneration(0), capacity = this.kernel.capacityNow(0), ground = low(this.memory[At.Ground]!) * 2
    const zone = this.kernel.zoneSize(0) * PAGE_CELLS, end = low(this.memory[tableAt(0, 1) + Table.Place]!)
    const root = slotsAt(0, generation, capacity, this.memory)
    for (const [from, to] of [[ground, ground + zone], [end - zone, end]] as const) {
      for (let cell = from; cell < to; cell += 2) {
        if (cell >= root && cell < root + capacity * 2) continue
        if (KEY.stateOf(this.memory[cell]!) !== 'Empty' || VALUE.stateOf(this.memory[cell + 1]!) !== 'Empty') return `the cell ${cell} of the zone is no Empty slot`
      }
    }
    return ''
  }

  private walkSlots(): string {
    const fields = (areaIn(this.me) * AREA_CELLS + Area.Fields) * 2, ints = new Int32Array(this.memory.buffer)
    for (let index = 0; index < this.kernel.capacityNow(0); index++) {
      this.kernel.traceSlot(0, this.me, index)
      const wrong = [Field.Payload, Field.FoundPayload].map(field => this.putUsed(ints[fields + field]!, `slot ${index}`)).find(text => text !== '')
      if (wrong !== undefined) return wrong
    }
    return ''
  }

  private putUsed(block: number, what: string): string {
    if (block === 0) return ''
    const before = this.named.get(block)
    if (before !== undefined) return `block ${block} is in ${before} and in ${what}`
    this.named.set(block, what)
    if (this.kernel.unitsOfBlock(0, block) === 0) return `no block begins at ${block}, which ${what} names`
    return this.kernel.isFreeBlock(0, block) ? `block ${block} is free and in ${what}` : ''
  }

  private count(): string {
    for (let block = this.kernel.nextUsed(0, 0); block !== 0; block = this.kernel.nextUsed(0, block + 1)) {
      if (!this.named.has(block)) this.lost += this.kernel.unitsOfBlock(0, block)
    }
    return ''
  }
}
