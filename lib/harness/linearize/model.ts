// What is judged: operations as they were recorded, and the sequential object that must explain them.

/** Stands for the unknown answer of an operation that never returned. */
export const PENDING: unique symbol = Symbol('pending')

/** One operation of a history: what was asked, what was answered, and when. */
export interface Event<Op = unknown, Answer = unknown> {
  readonly op: Op
  /** Ignored when the operation never returned. */
  readonly answer: Answer
  /** Time of the call, in any unit, by one clock for all threads. */
  readonly call: number
  /**
   * Time of the return. An operation that returns at the very time at which another is called overlaps it. Infinity: it
   * never returned (its worker was killed); it may have taken effect, once, at any time after its call, or never.
   */
  readonly back: number
  /**
   * Only of an operation that never returned: the last time at which it may have taken effect. It comes before every
   * operation that is called later, if it took effect at all. Default: Infinity.
   */
  readonly until?: number
  /** Who did it; for the reader of a failure. */
  readonly thread?: number
}

/**
 * What the object does when operations come one at a time. With `partition`, `start` and `step` describe one part (for a
 * map: the register of one key), and every part starts from `start`; without, they describe the whole object.
 */
export interface Model<State, Op, Answer> {
  /** Where the object, or each part of it, starts. Anything but undefined. */
  readonly start: State
  /**
   * The state after `op`, if in `state` it may answer so; undefined if it may not. `answer` is PENDING for an operation
   * that never returned: then any answer will do (the step must still say the next state). Must not change `state`, and
   * may be asked about any operation in any state that was met.
   */
  step(state: State, op: Op, answer: Answer | typeof PENDING): State | undefined
  /** What tells states apart; may be left out for primitive states. Equal keys must mean equal states. */
  key?(state: State): string | number
  /**
   * The part of the state that the operation touches, for models that fall apart into independent parts (a map: its key).
   * An operation that touches all has none: `judge` refuses undefined, since `step` then knows one part only. Such
   * histories need a model of the whole state, which leaves this out.
   */
  partition?(op: Op): string | number | undefined
}
