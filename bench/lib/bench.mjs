// What a scenario is given to run with: settings, a place for its figures, and helpers that most need.

import { availableParallelism } from 'node:os'
import { collect } from './collect.mjs'
import { Crew, WrongAnswers } from './driver.mjs'
import { inThread } from './single.mjs'
import { medians } from './measure.mjs'
import { duration, median, ratioOfRounds, rate, three } from './numbers.mjs'

/**
 * @typedef {object} Figure
 * @property {string} id - names it for ever: goals and comparisons of runs refer to it
 * @property {string} what - for people
 * @property {number} value
 * @property {'x' | 'ns' | 'bytes' | 'kB' | ''} unit - 'x' for a ratio in which more than 1 is in favour of SharedMap
 * @property {string} note - what it was made of
 */

/** One run of the benchmark. */
export class Bench {
  constructor({ quick = false, rivals = [], missing = [], say = () => {} } = {}) {
    this.quick = quick
    this.rivals = rivals
    this.missing = missing
    this.say = say
    this.cores = availableParallelism()
    /** @type {Figure[]} */
    this.figures = []
    this.crews = []
    /** What this run has shown about rivals: `[name, what]`. */
    this.remarks = []
  }

  /** How many rounds: few when quick. */
  rounds(full) { return this.quick ? Math.min(3, full) : full }
  /** So many, or fewer when quick. */
  scaled(full, quick) { return this.quick ? quick : full }
  /** How much benny does for each figure. */
  get effort() { return { rounds: this.rounds(5), samples: this.scaled(10, 5), seconds: this.scaled(0.3, 0.12) } }
  /** Workers of the crews that are compared with one. */
  get pair() { return Math.min(2, Math.max(1, this.cores)) }

  figure(id, what, value, unit, note = '', more = {}) {
    const figure = { id, what, value, unit, note, ...more }
    this.figures.push(figure)
    return figure
  }

  /** SharedMap against Map on one thread; the figure is Map's time by SharedMap's. */
  async single(id, what, spec) {
    const [ours, theirs] = spec.subjects ?? ['SharedMap', 'Map']
    const { times } = await inThread('single', { subjects: [ours, theirs], style: 'inlined', writes: 0, ...spec, ...this.effort })
    const middle = medians(times)
    this.figure(id, what, ratioOfRounds(times[theirs], times[ours]), 'x', `${duration(middle[ours])}; ${theirs} ${duration(middle[theirs])}`,
      { ours: middle[ours], theirs: middle[theirs], rounds: times })
  }

  /** Workers for a case; `closeCrews` ends them all, whatever has happened. */
  async crewOf(file, count, options) {
    const crew = await Crew.start(file, count, options)
    this.crews.push(crew)
    return crew
  }

  async closeCrews() {
    await Promise.all(this.crews.splice(0).map(crew => crew.close()))
    collect()
  }

  /** A crew whose map holds so many entries. */
  async filledCrew(file, count, { entries, options, ...parameters }) {
    const crew = await this.crewOf(file, count, options)
    await crew.create({ entries, keys: parameters.keys })
    await crew.run([{ job: 'insert', parameters: { ...parameters, to: entries } }])
    return crew
  }

  /** Runs a part of an adapter's; if a package of others breaks, that is noted and `undefined` returned. */
  async attempt(adapter, part) {
    try {
      return await part()
    } catch (error) {
      if (adapter.package === undefined) throw error
      this.remarks.push([adapter.name, `broke: ${error.message.split('\n')[0]}`])
      return undefined
    }
  }

  /**
   * Throughputs in turns: for each name a crew, its job and how many of its workers take part. Operations a second, by rounds.
   *
   * @param judge - looks at the answers; without it wrong ones end the run
   */
  async throughputs(sides, rounds, judge = (name, crew, all) => crew.check(all)) {
    const rates = Object.fromEntries(Object.keys(sides).map(name => [name, []]))
    for (let round = 0; round < rounds; round++) {
      const names = Object.keys(rates)
      for (const name of round % 2 === 0 ? names : names.reverse()) {
        const { crew, job, parameters, count } = sides[name]
        await this.attempt(crew.adapter, async () => {
          const { perSecond, all } = await crew.rate(job, parameters, count)
          judge(name, crew, all)
          rates[name].push(perSecond)
        })
      }
      // A rival that has broken takes no further part.
      for (const name of names) if (rates[name].length <= round) delete rates[name]
    }
    return rates
  }

  /** Sides of a comparison of workers: a loop that shares nothing, whose scaling is the machine's own at that time. */
  machineSides(crew, counts) {
    const parameters = { operations: this.scaled(60_000_000, 20_000_000) }
    return Object.fromEntries(counts.map(count => [`machine ${count}`, { crew, job: 'spin', parameters, count }]))
  }

  /** How well the machine itself scaled in these rounds. */
  machineNote(rates, count) { return `a loop that shares nothing: ${three(ratioOfRounds(rates[`machine ${count}`], rates['machine 1']))} x` }

  /** The error that ends the run, for what a scenario has found itself. */
  wrong(text) { return new WrongAnswers(text, { misses: 0, wrong: 1 }) }

  /** A figure of two throughputs. */
  compare(id, what, rates, above, below, note = '') {
    this.figure(id, what, ratioOfRounds(rates[above], rates[below]), 'x', `${rate(median(rates[above]))}; ${below} ${rate(median(rates[below]))}${note && `; ${note}`}`,
      { ours: median(rates[above]), theirs: median(rates[below]), rounds: rates })
  }
}
