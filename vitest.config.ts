import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** The files that take longest, in that order. Vitest goes by their sizes where it has not run them before: one would come last, alone. */
const LONG = ['diagrams/browser', 'harness/map/mutants', 'harness/map/others', 'diagrams/cli', 'harness/workers', 'workers/kills', 'diagrams/live-browser', 'harness/traced',
  'tidy', 'harness/crash', 'harness/map/pairs', 'harness/contract', 'readme', 'map/hostile', 'map/shrinking', 'workers/workers', 'harness/linearizability', 'package',
  'harness/map/programs', 'kernel/pauses']
const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = LONG.findIndex(name => moduleId.endsWith(`spec/${name}.spec.ts`))
  return place < 0 ? LONG.length : place
}

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b))
  }
}

// The specs run the library's sources over the *checked* kernels, which hold each swap against TRANSITIONS. Workers, and
// the specs of the package, load what `build.mjs` wrote.
export default defineConfig({
  resolve: {
    alias: {
      '#diagrams/live': path('build/diagrams/live.js'),
      '#diagrams/look': path('build/diagrams/look.js'),
      '#diagrams/player': path('build/diagrams/player.js'),
      '#harness/worker': path('build/harness/worker.js'),
      '#kernel/javascript': path('build/checked/kernel.js'),
      '#kernel/wasm': path('build/checked/wasm.js'),
    },
  },
  define: { CHECKED: 'true' },
  test: {
    include: ['spec/**/*.spec.ts'],
    globalSetup: ['spec/support/build.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What is waited for may come late on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // CI_REPORT names a file that gets the results as JSON, beside what is printed.
    reporters: process.env.CI_REPORT === undefined ? ['default'] : ['default', ['json', { outputFile: process.env.CI_REPORT }]],
  },
})
