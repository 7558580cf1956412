// benny, made to measure several bodies in turns.
//
// What benny does otherwise is in the README: it would call set-ups several times and all of them first, has no teardown,
// and stops for ever at an error in an asynchronous case. So a body here is a plain synchronous function without a set-up,
// made before, which never throws: it counts what went wrong instead.

import benny from 'benny'
import { median } from './numbers.mjs'

/** Operations that a body does in one call. */
export const OPERATIONS = 4096

/**
 * Measures bodies in rounds; within a round one after the other, the first one last in the next round.
 *
 * @returns for each body the nanoseconds an operation takes, one figure a round (the median of benny's samples)
 */
export async function inTurns(name, bodies, { rounds, samples, seconds }) {
  const names = Object.keys(bodies), times = Object.fromEntries(names.map(body => [body, []]))
  const options = { minSamples: samples, maxTime: seconds, minTime: seconds / samples / 2 }
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? names : [...names].reverse()
    const { results } = await benny.suite(name, ...order.map(body => benny.add(body, bodies[body], options)))
    for (const { name: body, details } of results) times[body].push(details.median * 1e9 / OPERATIONS)
  }
  return times
}

/** Measures work that cannot be done twice: each body is called once a round and returns the milliseconds it took. */
export async function onceEach(bodies, rounds) {
  const names = Object.keys(bodies), times = Object.fromEntries(names.map(body => [body, []]))
  for (let round = 0; round < rounds; round++) {
    for (const body of round % 2 === 0 ? names : [...names].reverse()) times[body].push(await bodies[body]())
  }
  return times
}

/** The medians of what was measured. */
export const medians = times => Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]))
