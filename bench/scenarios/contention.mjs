// All workers want the same few keys. Hardware bounds this: a cache line that two cores write in turns has to travel.

const KEYS = { keys: 'integer' }

/** Increments that must all be there in the end. */
const increments = (entries, quick = false) => ({
  name: `increments on ${entries} key${entries === 1 ? '' : 's'}`, quick,
  async run(bench) {
    const count = bench.pair, operations = bench.scaled(1_000_000, 200_000), parameters = { ...KEYS, entries, operations }, sides = {}
    for (const [name, file] of [['SharedMap', 'ours'], ['lock-based map', 'locked']]) {
      const crew = await bench.crewOf(file, count)
      await crew.create({ entries: 1000, ...KEYS })
      for (const workers of count > 1 ? [count, 1] : [1]) sides[`${name}, ${workers}`] = { crew, job: 'increment', parameters, count: workers }
    }
    const rounds = bench.rounds(7), rates = await bench.throughputs(sides, rounds), id = `contention.increments/${entries}`
    for (const crew of new Set(Object.values(sides).map(side => side.crew))) {
      const { all: [{ sum }] } = await crew.run([{ job: 'total', parameters: { ...KEYS, entries } }]), due = rounds * operations * (count > 1 ? count + 1 : 1)
      if (sum !== due) throw bench.wrong(`${crew.name}: the counts of ${entries} keys come to ${sum}, not ${due}`)
    }
    const keys = `increments on ${entries === 1 ? 'one key' : `${entries.toLocaleString('en-GB')} keys`}`
    bench.compare(`${id}/workers`, `${keys}, ${count} workers / one`, rates, `SharedMap, ${count}`, 'SharedMap, 1')
    bench.compare(`${id}/locked`, `${keys}, ${count} workers, against the lock-based map`, rates, `SharedMap, ${count}`, `lock-based map, ${count}`)
  },
})

/** Reads and writes of one key. */
const oneKey = {
  name: 'all workers on one key', quick: false,
  async run(bench) {
    const count = bench.pair, ours = await bench.filledCrew('ours', count, { ...KEYS, entries: 1 }), locked = await bench.filledCrew('locked', count, { ...KEYS, entries: 1 })
    for (const writes of [5, 50]) {
      const both = `${count} workers`, id = `contention.one key/${writes}% writes`, what = `one key, ${100 - writes}/${writes}, ${both}`
      const parameters = { ...KEYS, entries: 1, writes, operations: bench.scaled(1_000_000, 200_000) }
      const side = (crew, workers) => ({ crew, job: 'mix', parameters, count: workers })
      const rates = await bench.throughputs({ [both]: side(ours, count), 'one worker': side(ours, 1), 'lock-based map': side(locked, count) }, bench.rounds(7))
      bench.compare(`${id}/workers`, `${what} / one`, rates, both, 'one worker')
      bench.compare(`${id}/locked`, `${what}, against the lock-based map`, rates, both, 'lock-based map')
    }
  },
}

/** Inserts and deletes of the same keys by all; in the end `size` must be what is there. */
const churn = {
  name: 'insert and delete churn', quick: true,
  async run(bench) {
    const count = bench.pair, entries = 1000, parameters = { ...KEYS, entries, operations: bench.scaled(1_000_000, 200_000) }, sides = {}
    for (const [name, file] of [['SharedMap', 'ours'], ['lock-based map', 'locked']]) {
      const crew = await bench.crewOf(file, count)
      await crew.create({ entries, ...KEYS })
      for (const workers of count > 1 ? [count, 1] : [1]) sides[`${name}, ${workers}`] = { crew, job: 'churn', parameters, count: workers }
    }
    const rates = await bench.throughputs(sides, bench.rounds(7))
    for (const crew of new Set(Object.values(sides).map(side => side.crew))) {
      const { all: [{ present, size }] } = await crew.run([{ job: 'census', parameters: { ...KEYS, entries } }])
      if (present !== size) throw bench.wrong(`${crew.name}: ${present} keys are there after churn, but size is ${size}`)
    }
    const what = `inserts, deletes and reads of 1,000 common keys, ${count} workers`
    bench.compare('contention.churn/workers', `${what} / one`, rates, `SharedMap, ${count}`, 'SharedMap, 1')
    bench.compare('contention.churn/locked', `${what}, against the lock-based map`, rates, `SharedMap, ${count}`, `lock-based map, ${count}`)
  },
}

export default {
  name: 'contention',
  title: 'Everybody wants the same keys',
  about: 'One worker alone keeps the cache line; with more it travels at every write. The lock-based map pays the same for its mutex.',
  cases: [oneKey, increments(1, true), increments(16), increments(1000), churn],
}
