import { describe, expect, it } from 'vitest'
import { CHUNK, CURSOR, Chunk, ChunkStep, CursorStep, chunkState, chunkWord, movedIn } from '../../../lib/kernel/words/chunk'
import { pack } from '../../../lib/kernel/memory'
import { generationOf } from '../../../lib/kernel/words/root'
import { expectBackward, expectOnlyListedSteps, expectReachable } from '../../support/words'

const word = (state: string, generation: number): bigint => chunkWord(generation, Chunk[state as keyof typeof Chunk], 9)

describe('a done-word', () => {
  it('reads back what it was made of, up to the largest', () => {
    for (const generation of [0, 7, 0x7fffffff, -1]) for (const moved of [0, 1, 0x3fffffff]) for (const state of [Chunk.Open, Chunk.Done, Chunk.Swept]) {
      const made = chunkWord(generation, state, moved)
      expect([generationOf(made), chunkState(made), movedIn(made)]).toEqual([generation, state, moved])
    }
  })
  it('is Open when all zero', () => { expect(CHUNK.stateOf(0n)).toBe('Open') })
  it('reaches every state', () => { expectReachable(CHUNK, 'Open') })
  it('takes no step that is not listed', () => {
    expectOnlyListedSteps(CHUNK, (from, to, step) => [word(from, 5), word(to, step.from === 'Older' ? 6 : 5)])
  })
  it('is renewed for a later generation only, and otherwise keeps its own', () => {
    expectBackward(ChunkStep.Renew, word('Swept', 5), word('Open', 5))
    expectBackward(ChunkStep.Renew, word('Swept', 5), word('Open', 4))
    expectBackward(ChunkStep.Done, word('Open', 5), word('Done', 6))
    expectBackward(ChunkStep.Sweep, word('Done', 5), word('Swept', 4))
  })
})

describe('a cursor', () => {
  it('takes no step that is not listed', () => {
    expectOnlyListedSteps(CURSOR, (_from, _to, step) => [pack(5, 3), pack(step.from === 'Older' ? 6 : 5, 4)])
  })
  it('advances within its generation, and is renewed for a later one', () => {
    expectBackward(CursorStep.Advance, pack(5, 1), pack(6, 2))
    expectBackward(CursorStep.Renew, pack(5, 1), pack(5, 0))
  })
})
