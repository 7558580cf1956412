// Room: before a writer takes an Empty key it reserves it in the table's claims word, in small batches.

import { Word, load, peek, poke } from './memory'
import { swap } from './step'
import { Field, Table, fieldsOf, tableAt } from './layout'
import { ClaimsStep, claimsCount, closedWord, isClosed, isSettled, reservedWord, settledWord } from './words/claims'
import { generationOf } from './words/root'

export const enum Room { Reserved = 0, Stale = 1, Closed = 2, Full = 3 }

/** A batch spares the line; one in 1,024 slots, so that what stays unused is never much. */
function batchFor(capacity: i32): i32 {
  const batch = capacity >> 10
  return batch < 1 ? 1 : batch > 64 ? 64 : batch
}

/** Makes sure that the caller may take one key of the generation's table, of `limit` in all. */
export function reserve(map: i32, me: i32, generation: i32, limit: i32): Room {
  const fields = fieldsOf(map, me), at = tableAt(map, generation) + Table.Claims
  if (peek(fields, Field.Room) > 0 && peek(fields, Field.RoomGeneration) === generation) return Room.Reserved
  while (true) {
    const seen = load(at)
    if (generationOf(seen) !== generation) return Room.Stale
    if (isClosed(seen)) return Room.Closed
    const left = limit - claimsCount(seen), batch = batchFor(limit)
    if (left <= 0) return Room.Full
    const more = left < batch ? left : batch
    if (!swap(at, seen, reservedWord(seen, more), isSettled(seen) ? ClaimsStep.Reserve : ClaimsStep.ReserveUnsettled)) continue
    poke(fields, Field.RoomGeneration, generation)
    poke(fields, Field.Room, more)
    return Room.Reserved
  }
}

/** A reserved key was taken. */
export function useRoom(map: i32, me: i32): void {
  const fields = fieldsOf(map, me)
  poke(fields, Field.Room, peek(fields, Field.Room) - 1)
}

/** Closes the claims of the root's table: the closed word, whose count nothing raises any more; of another generation if the table is gone. */
export function closeClaims(map: i32, generation: i32, forClear: boolean): Word {
  const at = tableAt(map, generation) + Table.Claims
  while (true) {
    const seen = load(at)
    if (generationOf(seen) !== generation || isClosed(seen)) return seen
    const next = closedWord(seen, forClear)
    // If ours comes first, the resize is for what we want; if another's does, it is for what they want.
    if (swap(at, seen, next, forClear ? ClaimsStep.CloseForClear : ClaimsStep.Close)) return next
  }
}

/** The count that closing found, or -1 if the table is gone or its claims are open. */
export function closedCount(map: i32, generation: i32): i32 {
  const seen = load(tableAt(map, generation) + Table.Claims)
  return generationOf(seen) === generation && isClosed(seen) ? claimsCount(seen) : -1
}

/** Takes from the successor's claims what its predecessor had claimed and did not carry over. False if it is gone. */
export function settle(map: i32, generation: i32, dropped: i32): boolean {
  const at = tableAt(map, generation) + Table.Claims
  while (true) {
    const seen = load(at)
    if (generationOf(seen) !== generation) return false
    if (isSettled(seen)) return true
    if (swap(at, seen, settledWord(seen, dropped), ClaimsStep.Settle)) return true
  }
}
