// Playing: a step each so many milliseconds.

/** The speeds, and how long a step takes at each, in milliseconds. */
export const SPEEDS: readonly (readonly [name: string, pause: number])[] = [['¼×', 3200], ['½×', 1600], ['1×', 800], ['2×', 400], ['4×', 200], ['8×', 100]]
export const USUAL = 2

export interface Clock {
  readonly isPlaying: () => boolean
  /** Milliseconds that a step takes. */
  readonly pause: () => number
  play(): void
  stop(): void
  setSpeed(n: number): void
}

/** A clock that calls `tick` until it returns false; `changed` is told when it begins and stops. */
export function clockOf(tick: () => boolean, changed: () => void): Clock {
  let timer: ReturnType<typeof setTimeout> | undefined, pause = SPEEDS[USUAL]![1]
  const stop = (): void => {
    if (timer === undefined) return
    clearTimeout(timer)
    timer = undefined
    changed()
  }
  const wait = (): void => { timer = setTimeout(() => { if (tick()) wait(); else stop() }, pause) }
  return {
    stop, isPlaying: () => timer !== undefined, pause: () => pause,
    play() { if (timer !== undefined) return; if (tick()) wait(); changed() },
    setSpeed(n) {
      pause = SPEEDS[n]![1]
      if (timer !== undefined) { clearTimeout(timer); wait() }
    },
  }
}
