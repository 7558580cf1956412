// Raw kernels for the kernel's specs: small maps on either backend, every swap held against TRANSITIONS.

import { readFileSync } from 'node:fs'
import { instantiate } from '#kernel/javascript'
import { strictChecks as checks, walked } from '../../lib/backend/checks'
import type { Kernel } from '../../lib/backend/kernel'
import { Area, Field } from '../../lib/kernel/layout'
import { Expect } from '../../lib/kernel/write'
import { Sentinel, Status } from '../../lib/kernel/read'
import { Tag } from '../../lib/kernel/words/key'
import { areaIn } from '../../lib/kernel/words/participant'
import { Random as Numbers } from '../../lib/harness/random'

export type Backend = 'wasm' | 'javascript'
export const BACKENDS: readonly Backend[] = ['wasm', 'javascript']

const module = new WebAssembly.Module(readFileSync(new URL('../../build/checked/kernel.wasm', import.meta.url)))

export { checks, walked }

export interface Shape {
  bytes?: number, length?: number, places?: number, shift?: number, capacity?: number, at?: number
  secret?: readonly [number, number], identity?: readonly [number, number]
}

/** A map on the raw kernel, with one participant joined. Tables of 4 slots and chunks of one slot unless asked otherwise. */
export class RawMap {
  readonly memory: WebAssembly.Memory
  readonly cells: BigInt64Array
  readonly ints: Int32Array
  readonly bytes: Uint8Array
  readonly kernel: Kernel
  readonly map: number
  me: number

  constructor(readonly backend: Backend, shape: Shape = {}, share?: RawMap) {
    const { bytes = 1 << 18, length = bytes, places = 4, shift = 0, capacity = 4, at = 0, secret = [123, 456], identity = [7, 8] } = shape
    this.memory = share?.memory ?? new WebAssembly.Memory({ initial: bytes >> 16, maximum: bytes >> 16, shared: true })
    this.cells = new BigInt64Array(this.memory.buffer)
    this.ints = new Int32Array(this.memory.buffer)
    this.bytes = new Uint8Array(this.memory.buffer)
    this.map = share?.map ?? at
    this.kernel = rawKernel(backend, this.memory)
    if (share === undefined && !this.kernel.create(this.map, (length >> 3) - this.map, places, shift, capacity, ...secret, ...identity)) throw new Error('the map does not fit')
    this.me = this.kernel.join(this.map, 0)
  }

  private get fields(): number { return (this.map + areaIn(this.me) * 1024 + Area.Fields) * 2 }
  /** The byte where one of the area's windows begins. */
  window(area: number): number { return (this.map + areaIn(this.me) * 1024 + area) * 8 }
  field(n: number): number { return this.ints[this.fields + n]! }
  poke(n: number, value: number): void { this.ints[this.fields + n] = value }

  /** Sets the sought key: an integer, or a string as a record of its Latin-1 bytes (type 3). */
  seek(key: number | string): void {
    if (typeof key === 'number') this.kernel.seekPayload(this.map, this.me, Field.Sought, Tag.Integer, key)
    else this.kernel.seekBytes(this.map, this.me, Field.Sought, this.window(Area.Key) / 8, this.write(Area.Key, key), 3)
  }

  /** putIfMatch; `next` undefined deletes, `expected` is a value or one of Expect. */
  put(key: number | string, next: number | string | undefined, expect: Expect = Expect.Any, expected?: number | string): Status {
    this.seek(key)
    this.poke(Field.Expect, expect)
    this.poke(Field.WantsPrevious, 1)
    this.poke(Field.ExpectTag, typeof expected === 'string' ? Tag.Record : Tag.Integer)
    if (typeof expected === 'number') this.poke(Field.ExpectPayload, expected)
    if (typeof expected === 'string') {
      this.poke(Field.ExpectPlace, this.window(Area.Expected) / 8)
      this.poke(Field.ExpectLength, this.write(Area.Expected, expected))
      this.poke(Field.ExpectType, 3)
    }
    this.poke(Field.NextTag, next === undefined ? Tag.None : typeof next === 'number' ? Tag.Integer : Tag.Record)
    this.poke(Field.NextRecord, 0)
    if (typeof next === 'number') this.poke(Field.NextPayload, next)
    if (typeof next === 'string') { this.poke(Field.NextLength, this.write(Area.Next, next)); this.poke(Field.NextType, 3) }
    return this.kernel.putIfMatch(this.map, this.me)
  }

  get(key: number | string): number | string | undefined {
    if (typeof key === 'number') {
      const quick = this.kernel.getInteger(this.map, key)
      if (quick === Sentinel.Absent) return undefined
      if (quick !== Sentinel.Other) return quick
    }
    this.seek(key)
    const status = this.kernel.get(this.map, this.me)
    if (status === Status.Absent) return undefined
    if (status !== Status.Found) throw new Error(`get answered ${Status[status]}`)
    return this.found()
  }

  /** The value that the fields describe. */
  found(): number | string | undefined {
    const tag = this.field(Field.Tag)
    if (tag === Tag.None) return undefined
    if (tag !== Tag.Record) return this.field(Field.FoundPayload)
    return this.read(Area.Out, this.field(Field.FoundLength))
  }

  read(area: number, length: number): string {
    return String.fromCharCode(...this.bytes.slice(this.window(area), this.window(area) + length))
  }

  write(area: number, text: string): number {
    const start = this.window(area), last = start + Math.max(0, (text.length + 7 >> 3) - 1) * 8
    this.bytes.fill(0, last, last + 8)
    for (let i = 0; i < text.length; i++) this.bytes[start + i] = text.charCodeAt(i)
    return text.length
  }

  /** All entries, by scanning; windows of `slots` slots. */
  entries(slots = 16): [number | string, number | string][] {
    const all: [number | string, number | string][] = []
    for (let from = 0, more = true; more;) {
      if (this.kernel.scanBegin(this.map, this.me, from, slots) !== Status.Found) continue
      const to = this.field(Field.ScanTo), batch = new Map<number | string, number | string>()
      for (;;) {
        const status = this.kernel.scanNext(this.map, this.me)
        if (status === Status.Absent) { all.push(...batch); more = to !== 0; from = to; break }
        if (status === Status.Retry) break
        if (status !== Status.Found) throw new Error(`scan answered ${Status[status]}`)
        const key = this.field(Field.Form) === Tag.Record ? this.read(Area.Key, this.field(Field.Length)) : this.field(Field.Payload)
        batch.set(key, this.found()!)
      }
    }
    return all
  }

  clear(): Status { return this.kernel.clear(this.map, this.me) }
  get size(): number { return this.kernel.size(this.map) }
  get capacity(): number { return this.kernel.capacityNow(this.map) }
  get generation(): number { return this.kernel.rootGeneration(this.map) }
}

/** The kernel of a backend over some memory, checked. */
export function rawKernel(backend: Backend, memory: WebAssembly.Memory): Kernel {
  if (backend === 'javascript') return instantiate(new BigInt64Array(memory.buffer), checks)
  return new WebAssembly.Instance(module, { env: { memory }, checks: { ...checks } }).exports as unknown as Kernel
}

/** A reproducible generator; SEED= replays a failing run. */
export class Random extends Numbers {
  constructor(readonly seed = Number(process.env.SEED ?? Date.now() % 1_000_000) | 0) { super(seed) }
  pick<T>(from: readonly T[]): T { return from[this.below(from.length)]! }
}
