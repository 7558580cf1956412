import { describe, expect, it } from 'vitest'
import { RESIZE_RING } from '../../lib/kernel/layout'
import { Log, logAt } from '../../lib/kernel/log'
import { pack } from '../../lib/kernel/memory'
import { Successor } from '../../lib/kernel/words/successor'
import { BACKENDS, RawMap } from '../support/kernels'
import { fill, quiesce, startCopy } from '../support/tables'

const entry = (map: RawMap, generation: number): bigint[] =>
  [Log.Head, Log.Slots, Log.Start, Log.End].map(cell => map.cells[logAt(map.map, generation) + cell]!)

describe.each(BACKENDS)('the log of resizes, %s', backend => {
  it('notes whose resize it was, its slots, and when it began and ended', () => {
    const map = new RawMap(backend)
    fill(map, [1, 2, 3])
    const next = startCopy(map) + 1
    map.kernel.logStart(map.map, next, 1, -2)
    expect(entry(map, next)).toEqual([pack(next, Successor.Copy), pack(4, 8), pack(1, -2), 0n])
    quiesce(map)
    map.kernel.logEnd(map.map, next, 3, 4)
    expect(entry(map, next)).toEqual([pack(next, Successor.Copy), pack(4, 8), pack(1, -2), pack(3, 4)])
  })

  it('keeps the last ones, and takes no end for another\'s', () => {
    const map = new RawMap(backend), first = startCopy(map) + 1
    map.kernel.logStart(map.map, first, 0, 1)
    map.kernel.logEnd(map.map, first + RESIZE_RING, 0, 9)
    expect(entry(map, first)[3]).toBe(0n)
    map.kernel.logStart(map.map, first + RESIZE_RING, 0, 2)
    expect(entry(map, first)[2]).toBe(pack(0, 2))
    map.kernel.logEnd(map.map, first, 0, 9)
    expect(entry(map, first)[3]).toBe(0n)
    expect(logAt(map.map, first + 1) - logAt(map.map, first)).toBe(8)
  })
})
