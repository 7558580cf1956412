import { describe, expect, it } from 'vitest'
import { wordKind } from '../../lib/kernel/step'
import { ParticipantStep } from '../../lib/kernel/words/participant'
import { blocksOf } from '../../lib/kernel/sizes'
import { BACKENDS, RawMap, checks, walked } from '../support/kernels'
import { pageCellOf, pageOfBlock } from '../support/tables'

describe('a kind of word', () => {
  it('makes its steps from rows', () => {
    const kind = wordKind('door', ['Open', 'Shut'], word => word === 0n ? 'Open' : 'Shut', () => true, [[7, 'shut', 'Open', 'Shut', 'push', 'quiet']])
    expect(kind.steps).toEqual([{ id: 7, word: 'door', name: 'shut', from: 'Open', to: 'Shut', by: 'push', effect: 'quiet' }])
    expect([kind.name, kind.states, kind.stateOf(1n)]).toEqual(['door', ['Open', 'Shut'], 'Shut'])
  })
})

describe.each(BACKENDS)('a checked kernel, %s', backend => {
  it('counts the steps it made', () => {
    const map = new RawMap(backend), before = walked.get(ParticipantStep.Leave) ?? 0
    map.kernel.leave(map.map, map.me)
    expect(walked.get(ParticipantStep.Leave)).toBe(before + 1)
  })

  it('throws at an illegal step before it is made', () => {
    const map = new RawMap(backend), block = map.kernel.allocate(map.map, map.me, 200, 0, 0), cell = pageCellOf(map, pageOfBlock(map, block))
    map.kernel.freeBlock(map.map, map.me, block)
    // One block more than the span has, given to a span whose blocks are all free.
    const before = map.cells[cell]!, units = map.kernel.unitsOf(map.kernel.classOf(14))
    expect(() => map.kernel.freeBlock(map.map, map.me, block + units * blocksOf(map.kernel.classOf(14)))).toThrow('illegal step of a page word: \'give\'')
    expect(map.cells[cell]).toBe(before)
  })

  it('throws where a law is broken', () => { expect(() => checks.fail(1)).toThrow('broken law: a retired table is wholly dead') })
})
