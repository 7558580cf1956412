// The laws of a map at rest, walked: every unit of carved memory is in exactly one place, what is counted is what is
// there, and repair finds whatever a kill has cost.

import { AREA_CELLS, Area, At, Field, LIST_CLASSES, PARTICIPANT_CLASSES, Table, tableAt } from '../../kernel/layout'
import { low } from '../../kernel/memory'
import { claimsCount } from '../../kernel/words/claims'
import { Tag, keyTag } from '../../kernel/words/key'
import { areaIn } from '../../kernel/words/participant'
import type { Kernel } from '../../backend/kernel'
import type { Attachment } from '../../map/attachment'
import { repair } from '../../map/repair'
import { callAlone, callerOf, textOf } from '../alone'
import type { Call, Rest, System } from '../system'
import type { Members } from './driver'

/** Most units of 16 bytes that one kill may cost: four records of the harness's length; and while carving, a run of 4 KiB. */
const LOST_MOST = 8
const RUN = 256

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
  const most = kills * (LOST_MOST + RUN)
  if (blocks.lost > most) return `${blocks.lost} units of memory are lost, at most ${most} may be`
  return repaired(system(), rest, entries, size, blocks.lost)
}

/** The root's table. */
const tableOf = (kernel: Kernel): number => tableAt(0, kernel.rootGeneration(0))
const placesOf = (memory: BigInt64Array): number => low(memory[At.Shape]!)

/** How many entries the root's table holds. */
function entriesOf(kernel: Kernel, me: number): number {
  let entries = 0
  for (let index = 0; index < kernel.capacityNow(0); index++) if (kernel.traceSlot(0, me, index)) entries++
  return entries
}

/** How many keys of the root's table are taken, with a value or without. */
function keysIn(kernel: Kernel, memory: BigInt64Array): number {
  const place = low(memory[tableOf(kernel) + Table.Place]!)
  let keys = 0
  for (let index = 0; index < kernel.capacityNow(0); index++) if (keyTag(memory[place + index * 2]!) !== Tag.None) keys++
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

/** Where every carved unit is: in a list or cache, named by a slot, or lost. */
class Blocks {
  lost = 0
  private carved = 0
  private placed = 0
  /** For each unit the number of the place where it is, from 1 on. */
  private readonly where: Uint16Array
  private readonly places: string[] = ['']

  constructor(private readonly kernel: Kernel, private readonly memory: BigInt64Array, private readonly me: number) {
    this.where = new Uint16Array(memory.length >> 1)
  }

  walk(): string {
    return this.walkLists() || this.walkSlots() || this.count()
  }

  private put(block: number, units: number, what: string): string {
    const { where, places } = this, place = places.push(what) - 1
    this.placed += units
    for (let unit = block; unit < block + units; unit++) {
      if ((where[unit] ?? 0) !== 0) return `unit ${unit} is in ${places[where[unit]!]!} and in ${what}`
      where[unit] = place
    }
    return ''
  }

  private walkLists(): string {
    for (let c = 0; c < LIST_CLASSES; c++) {
      const wrong = this.walkChain(At.Lists + c, c, `list ${c}`)
      if (wrong !== '') return wrong
    }
    for (let area = 1; area <= placesOf(this.memory); area++) {
      for (let c = 0; c < PARTICIPANT_CLASSES; c++) {
        const wrong = this.walkChain(area * AREA_CELLS + Area.Caches + c, c, `cache ${area}.${c}`)
        if (wrong !== '') return wrong
      }
    }
    return ''
  }

  private walkChain(head: number, sizeClass: number, name: string): string {
    const link = (cell: number): number => Number(this.memory[cell]! & 0x0fffffffn), units = this.kernel.unitsOf(sizeClass)
    for (let block = link(head); block !== 0; block = link(block * 2 + 1)) {
      const wrong = this.put(block, units, name)
      if (wrong !== '') return wrong
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

  private putUsed(block: number, what: string): string { return block === 0 ? '' : this.put(block, this.kernel.unitsOfBlock(0, block), what) }

  private count(): string {
    for (let half = 0; half < 2; half++) {
      for (let unit = this.kernel.carvedFrom(0, half); unit < this.kernel.halfEndUnits(0, half); unit++) {
        this.carved++
        if (this.where[unit] === 0) this.lost++
      }
    }
    return this.placed + this.lost === this.carved ? '' : 'a block lies outside of what was carved'
  }
}
