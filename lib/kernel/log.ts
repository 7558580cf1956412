// The log of the last resizes, for `stats`. The kernel has no clock: the caller notes the times, in microseconds as two
// halves, when its operation says that it began or ended a resize. Nothing is ever decided by it.

import { high, load, low, pack, store } from './memory'
import { At, RESIZE_RING, Table, tableAt } from './layout'

/** One entry, in cells: whose resize, from and to how many slots, when it began, when it ended. */
export const enum Log { Head = 0, Slots = 1, Start = 2, End = 3 }

export function logAt(map: i32, generation: i32): i32 {
  return map + At.ResizeLog + (generation & RESIZE_RING - 1) * At.ResizeLogStride
}

/** Notes that the table of `generation` was installed as a successor. */
export function logStart(map: i32, generation: i32, timeHigh: i32, timeLow: i32): void {
  const at = logAt(map, generation), before = tableAt(map, generation - 1)
  store(at + Log.Head, pack(generation, low(load(before + Table.Successor))))
  store(at + Log.Slots, pack(low(load(before + Table.Capacity)), low(load(tableAt(map, generation) + Table.Capacity))))
  store(at + Log.Start, pack(timeHigh, timeLow))
  store(at + Log.End, pack(0, 0))
}

/** Notes that the table of `generation` became the root. */
export function logEnd(map: i32, generation: i32, timeHigh: i32, timeLow: i32): void {
  const at = logAt(map, generation)
  if (high(load(at + Log.Head)) === generation) store(at + Log.End, pack(timeHigh, timeLow))
}
