import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** The files that take longest, in about that order; those that mostly wait come apart. Vitest goes by their sizes where it has not run them before: one would come last, alone. */
const LONG = ['diagrams/browser', 'harness/map/mutants', 'harness/map/others', 'diagrams/cli', 'workers/kills', 'harness/traced', 'diagrams/live-browser', 'harness/workers',
  'kernel/pauses', 'harness/map/pairs', 'tidy', 'harness/contract', 'readme', 'workers/workers', 'package', 'map/memory', 'harness/linearizability', 'harness/map/programs',
  'workers/memory', 'map/shrinking', 'map/hostile', 'map/memory-in-use', 'backend/addresses', 'kernel/pages', 'map/huge', 'workers/replacements', 'harness/map/regressions',
  'harness/crash', 'harness/instrument', 'runners']
/** Those that share a process come last, in a row: between others it would end. */
const placeOf = ({ moduleId, project }: TestSpecification): number => {
  if (project.name === 'together') return LONG.length + 1
  const place = LONG.findIndex(name => moduleId.endsWith(`spec/${name}.spec.ts`))
  return place < 0 ? LONG.length : place
}

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b))
  }
}

/**
 * Specs whose files share a process and its modules: most take less time than a process takes to start and to load the library.
 * The others have each a process of its own, since they are long, or change what others see (globals, modules, flags, the files
 * of the build), or measure what their process does.
 */
const TOGETHER = [
  'codec/!(text)', 'kernel/**/!(copy|pages|pauses)', 'map/!(allocation|ended|hostile|huge|inspect|memory|memory-in-use|places|shrinking)',
  'diagrams/{extract,live,machine,player,sentence,timeline}', 'diagrams/player/*', 'harness/{ends,finals,footprints,scope,self,systems}',
].map(name => `spec/${name}.spec.ts`)

// The specs run the library's sources over the *checked* kernels, which hold each swap against TRANSITIONS. Workers, and
// the specs of the package, load what `build.mjs` wrote.
/** Anew for each project: vitest takes out of it what it has seen to. */
const sources = () => ({
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
})
const limits = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // What is waited for may come late on a busy machine.
  expect: { poll: { timeout: 20_000 } },
}

export default defineConfig({
  test: {
    projects: [
      { ...sources(), test: { ...limits, name: 'alone', include: ['spec/**/*.spec.ts'], exclude: TOGETHER } },
      { ...sources(), test: { ...limits, name: 'together', include: TOGETHER, isolate: false } },
    ],
    globalSetup: ['spec/support/build.ts'],
    // One more than the two processors that are needed: many specs wait, for workers, for processes, or for a browser.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // CI_REPORT names a file that gets the results as JSON, beside what is printed.
    reporters: process.env.CI_REPORT === undefined ? ['default'] : ['default', ['json', { outputFile: process.env.CI_REPORT }]],
  },
})
