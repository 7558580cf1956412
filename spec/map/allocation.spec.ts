import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

/** Collections of garbage while `body` runs four million times, in a process of its own over the release build. */
function collections(body: string): number {
  const dist = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
  const script = `
    import { PerformanceObserver } from 'node:perf_hooks'
    import { SharedMap } from ${JSON.stringify(dist)}
    const map = SharedMap.create({ capacity: 1000 })
    for (let i = 0; i < 1000; i++) map.set(i, i)
    let sink = 0, collected = 0
    const work = n => { for (let i = 0; i < n; i++) { ${body} } }
    work(200000)
    new PerformanceObserver(list => { collected += list.getEntries().length }).observe({ entryTypes: ['gc'] })
    work(4000000)
    setTimeout(() => console.log(collected, sink === 0.5 ? '' : ''), 20)`
  return parseInt(execFileSync(process.execPath, ['--input-type=module', '--max-semi-space-size=1', '-e', script], { encoding: 'utf8' }), 10)
}

// One object of two words for each operation would cause sixty; one collection may be of what start-up left.
it('the integer paths allocate no objects: four million operations cause no collection of their own', () => {
  expect(collections('sink = sink + map.get(i % 1000) | 0')).toBeLessThanOrEqual(1)
  expect(collections('map.set(i % 1000, i)')).toBeLessThanOrEqual(1)
  expect(collections('sink = sink + map.add(i % 1000, 1) | 0')).toBeLessThanOrEqual(1)
  expect(collections('sink = sink + (map.has(i % 2000) ? 1 : 0)')).toBeLessThanOrEqual(1)
})

it('the measure sees one object an operation', () => {
  expect(collections('sink = [i, map]')).toBeGreaterThan(5)
})
