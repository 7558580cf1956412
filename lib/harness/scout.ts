// Random runs before the search, to learn what the threads may access from each place on. Only speed: what they miss, the
// search finds out itself.

import { Random } from './random'
import { type Undo, type World, noUndo } from './world'

const RUNS = 64
/** Most accesses of a run. */
const LONGEST = 3000

/** Runs the program at random, and leaves the world as it was. Once: a second search of the same world would learn nothing new. */
export function scout(world: World): void {
  if (world.isScouted) return
  world.isScouted = true
  const undos: Undo[] = [], random = new Random(1)
  for (let run = 0; run < RUNS; run++) {
    // From switches at every access to hardly any: a thread that stands still for long shows what the others do meanwhile.
    const patience = 1 << (run & 7)
    try {
      for (let t = 0; undos.length < LONGEST && t >= 0;) t = step(world, random.below(patience) === 0 ? -1 : t, random, undos)
    } catch { /* What throws here is found, and reported, by the search. */ }
    while (undos.length > 0) world.undo(undos.pop()!)
  }
}

/** A step of thread `t`, or of any thread if it has ended or is -1; which thread it was, or -1 if all have ended. */
function step(world: World, t: number, random: Random, undos: Undo[]): number {
  const ready = world.at.filter(({ done }) => !done)
  if (ready.length === 0) return -1
  const place = t >= 0 && !world.at[t]!.done ? world.at[t]! : ready[random.below(ready.length)]!, undo = noUndo(), reads = world.wouldRead(place)
  undos.push(undo)
  world.step(place, undo)
  world.threads.footprints.note(place, !reads)
  return place.thread
}
