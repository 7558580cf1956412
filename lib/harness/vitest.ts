// nonblocking-map/harness/vitest: the same checks for vitest, with the trace attached to the test that fails.

import type { TestContext } from 'vitest'
import { CheckError, type ExploreOptions, type Explored, explore } from './explore'
import type { Program, System } from './system'

/**
 * `explore` inside a vitest test: what it saw is noted on the test, and a failure carries its trace, its token and a
 * regression test as attachments.
 *
 * @param context - what vitest hands to the test: `it('...', context => exploreIn(context, system, program))`
 * @throws as {@link explore}
 */
export async function exploreIn(context: Pick<TestContext, 'annotate'>, system: System, program: Program, options?: ExploreOptions): Promise<Explored> {
  try {
    const explored = explore(system, program, options)
    await context.annotate(explored.summary, 'explored')
    return explored
  } catch (error) {
    if (error instanceof CheckError) await attach(context, error)
    throw error
  }
}

async function attach({ annotate }: Pick<TestContext, 'annotate'>, { failure }: CheckError): Promise<void> {
  const text = (body: string): { body: string, contentType: string, bodyEncoding: 'utf-8' } => ({ body, contentType: 'text/plain', bodyEncoding: 'utf-8' })
  await annotate(`REPLAY=${failure.token}`, 'replay')
  await annotate('the run', 'trace', text(failure.trace))
  await annotate('a regression test', 'regression', text(failure.regression))
}
