// The monitor of checked builds: each swap is held against TRANSITIONS before it is tried.

import { illegality } from '../kernel/transitions'
import type { Checks } from './kernel'

const LAWS: Readonly<Record<number, string>> = { 1: 'a retired table is wholly dead before it is swept' }

/** How often each step was made by this thread, by the step's number. */
export const walked = new Map<number, number>()

/** Throws at an illegal step, counts the legal ones. */
export const strictChecks: Checks = {
  propose(step, seen, next) {
    const why = illegality(step, seen, next)
    if (why !== '') throw new Error(why)
  },
  took(step) { walked.set(step, (walked.get(step) ?? 0) + 1) },
  fail(law) { throw new Error(`broken law: ${LAWS[law] ?? law}`) },
}
