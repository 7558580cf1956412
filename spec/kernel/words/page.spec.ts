import { describe, expect, it } from 'vitest'
import { low, pack } from '../../../lib/kernel/memory'
import { CLASSES, allBlocks, spanOf } from '../../../lib/kernel/sizes'
import { illegality } from '../../../lib/kernel/transitions'
import {
  PAGE, Page, PageStep, bitsWord, claimedWord, classIn, freeWord, holdsClass, isDirty, isEmptied, isLater, isReservedFor, laterThan, pageState, pagesIn,
  runWord, stockedWord, tablePageWord, tailWord, versionIn,
} from '../../../lib/kernel/words/page'
import { expectBackward } from '../../support/words'

const LAST = 0x7fffff
const CLASS = 3

/** A word of the state, in this version; a span has these blocks free. */
function word(state: string, version: number, bits = 1): bigint {
  if (state === 'Claimed') return claimedWord(version, 2)
  if (state === 'Run') return runWord(version, 2)
  if (state === 'Tail') return tailWord(version, 1)
  if (state === 'Blocks') return bitsWord(stockedWord(version, CLASS), bits)
  if (state === 'Emptied') return bitsWord(stockedWord(version, CLASS), allBlocks(CLASS))
  if (state === 'Table') return tablePageWord(runWord(version, 2), 7, 0)
  return state === 'Free' ? freeWord(runWord(version, 2)) : pack(version << 9, 0)
}

/** What is nobody's, or may be: these words alone are claimed. */
const CLAIMABLE = ['Fresh', 'Free', 'Tail', 'Emptied', 'Table']
/** Which states each step leads from and to. */
const LEGAL: Readonly<Record<PageStep, readonly [from: readonly string[], to: readonly string[]]>> = {
  [PageStep.Stock]: [CLAIMABLE, ['Blocks']],
  [PageStep.Claim]: [CLAIMABLE, ['Claimed']],
  [PageStep.ClaimTail]: [CLAIMABLE, ['Tail']],
  [PageStep.Publish]: [['Claimed'], ['Blocks']],
  [PageStep.PublishRun]: [['Claimed'], ['Run']],
  [PageStep.Abandon]: [['Claimed'], ['Free']],
  [PageStep.Take]: [['Blocks'], ['Blocks']],
  [PageStep.Give]: [['Blocks'], ['Blocks', 'Emptied']],
  [PageStep.Drop]: [['Run'], ['Free']],
  [PageStep.Reserve]: [CLAIMABLE, ['Table']],
  [PageStep.Clean]: [['Table'], ['Table']],
}
const CLAIMS = [PageStep.Stock, PageStep.Claim, PageStep.ClaimTail]

/** Two words as the step would have them, where it leads from the one state to the other. */
function pair(step: PageStep, from: string, to: string): [bigint, bigint] {
  const [seen, next] = step === PageStep.Take ? [6, 2] : [2, 6]
  return [word(from, 5, seen), word(to, CLAIMS.includes(step) ? 6 : 5, next)]
}

describe('the word of a page', () => {
  it('reads back what it was made of, up to the largest', () => {
    for (const version of [0, 1, LAST]) {
      for (const sizeClass of [0, 1, CLASSES - 1]) {
        const made = stockedWord(version, sizeClass)
        expect([versionIn(made), classIn(made), pageState(made), low(made), pagesIn(made)])
          .toEqual([version, sizeClass, Page.Blocks, allBlocks(sizeClass) & ~1, spanOf(sizeClass)])
      }
      for (const pages of [1, 2, 0x3fffff]) {
        const run = runWord(version, pages)
        expect([versionIn(run), pageState(run), pagesIn(run)]).toEqual([version, Page.Run, pages])
        const claimed = claimedWord(version, pages), tail = tailWord(version, pages)
        expect([versionIn(claimed), pageState(claimed), pagesIn(claimed)]).toEqual([version, Page.Claimed, pages])
        expect([versionIn(tail), pageState(tail), low(tail), pagesIn(tail)]).toEqual([version, Page.Tail, pages, 0])
      }
    }
  })
  it('keeps its version where the page comes free, or goes to a table', () => {
    for (const state of PAGE.states) expect([freeWord(word(state, LAST)), tablePageWord(word(state, LAST), 9, 1)].map(versionIn), state).toEqual([LAST, LAST])
    expect(pageState(freeWord(word('Run', 3)))).toBe(Page.Free)
  })
  it('of a table says for which generation it was reserved, and whether it must be cleaned', () => {
    for (const generation of [2, 3, 0x7fffffff, -1, -0x80000000]) for (const dirty of [0, 1]) {
      const made = tablePageWord(word('Free', 5), generation, dirty)
      expect([isReservedFor(made, generation), isReservedFor(made, generation + 1 | 0), isDirty(made)]).toEqual([true, false, dirty === 1])
    }
    expect(isReservedFor(word('Free', 0), 0)).toBe(false)
  })
  it('says whether a span is of a class, and whether all of its blocks are free', () => {
    for (let sizeClass = 1; sizeClass < CLASSES; sizeClass++) {
      const made = stockedWord(5, sizeClass), emptied = bitsWord(made, low(made) | 1)
      expect([isEmptied(made), isEmptied(emptied)], `class ${sizeClass}`).toEqual([false, true])
      expect([holdsClass(made, sizeClass), holdsClass(emptied, sizeClass), holdsClass(made, sizeClass - 1)], `class ${sizeClass}`).toEqual([true, true, false])
    }
    for (const state of ['Fresh', 'Free', 'Claimed', 'Tail', 'Run', 'Table']) {
      expect([isEmptied(word(state, 5)), holdsClass(word(state, 5), 0)], state).toEqual([false, false])
    }
  })
  it('has versions that wrap', () => {
    expect([laterThan(LAST), isLater(0, LAST), isLater(LAST, 0), isLater(5, 5), isLater(6, 5), isLater(5, 6)]).toEqual([0, true, false, false, true, false])
  })
  it('is Fresh when all zero', () => { expect(PAGE.stateOf(0n)).toBe('Fresh') })

  it('takes the steps that are legal, and no other', () => {
    for (const { id, name } of PAGE.steps) for (const from of PAGE.states) for (const to of PAGE.states) {
      const [seen, next] = pair(id, from, to), [froms, tos] = LEGAL[id as PageStep]
      expect([PAGE.stateOf(seen), PAGE.stateOf(next)]).toEqual([from, to])
      expect(illegality(id, seen, next) === '', `'${name}' from ${from} to ${to}`).toBe(froms.includes(from) && tos.includes(to))
    }
  })
  it('reaches every state from Fresh', () => {
    const reached = new Set(['Fresh'])
    for (const _ of PAGE.states) for (const [from, to] of Object.values(LEGAL)) {
      if (from.some(state => reached.has(state))) for (const state of to) reached.add(state)
    }
    expect([...reached].sort()).toEqual([...PAGE.states].sort())
  })
  it('has a later version after each claim, and the same one after any other step', () => {
    for (const step of CLAIMS) for (const version of [5, 4]) expectBackward(step, word('Free', 5), word(LEGAL[step][1][0]!, version))
    for (const { id } of PAGE.steps) if (!CLAIMS.includes(id)) {
      const [[from], [to]] = LEGAL[id as PageStep]
      expectBackward(id, pair(id, from!, to!)[0], word(to!, 6, id === PageStep.Take ? 2 : 6))
    }
  })
  it('loses free blocks when they are taken, gets some when they are given, and both at once never', () => {
    const of = (bits: number): bigint => word('Blocks', 5, bits)
    for (const bits of [6, 7, 12]) expectBackward(PageStep.Take, of(6), of(bits))
    for (const bits of [6, 2, 12]) expectBackward(PageStep.Give, of(6), of(bits))
    expect([illegality(PageStep.Take, of(6), of(2)), illegality(PageStep.Give, of(6), of(14))]).toEqual(['', ''])
  })
})
