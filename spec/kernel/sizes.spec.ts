import { describe, expect, it } from 'vitest'
import {
  CLASSES, LARGEST_UNITS, MAX_BYTES, PAGE_CELLS, PAGE_SHIFT, PAGE_SLOTS, PAGE_UNITS, RECORD_HEADER, RUN_CLASS, allBlocks, blocksOf, pagesFor, spanOf, unitsFor,
} from '../../lib/kernel/sizes'
import { BACKENDS, RawMap } from '../support/kernels'

const CLASSES_IN_USE = Array.from({ length: CLASSES - 1 }, (_, n) => n + 1)

describe.each(BACKENDS)('the classes of blocks, %s', backend => {
  const { kernel: { classOf, unitsOf } } = new RawMap(backend)

  it('are the smallest that hold what is asked for', () => {
    for (let units = 1; units <= LARGEST_UNITS; units++) {
      const sizeClass = classOf(units)
      expect(unitsOf(sizeClass), `${units} units`).toBeGreaterThanOrEqual(units)
      // A block has at least two units: the first has its two words, and no record is without bytes for long.
      if (sizeClass > 1) expect(unitsOf(sizeClass - 1), `${units} units`).toBeLessThan(units)
    }
  })

  it('waste at most an eighth of what is asked for, and from two to eight units nothing', () => {
    for (let units = 2; units <= LARGEST_UNITS; units++) {
      expect(unitsOf(classOf(units)) - units, `${units} units`).toBeLessThanOrEqual(units <= 8 ? 0 : units / 8)
    }
  })

  it('grow, and the last is the largest', () => {
    for (const sizeClass of CLASSES_IN_USE) expect(unitsOf(sizeClass), `class ${sizeClass}`).toBeGreaterThan(unitsOf(sizeClass - 1))
    expect([unitsOf(CLASSES - 1), classOf(LARGEST_UNITS), CLASSES <= RUN_CLASS]).toEqual([LARGEST_UNITS, CLASSES - 1, true])
  })

  it('have spans that hold from 8 to 32 blocks, as many as a division says, and lose less than a block at their end', () => {
    for (const sizeClass of CLASSES_IN_USE) {
      const span = spanOf(sizeClass) * PAGE_UNITS, blocks = Math.floor(span / unitsOf(sizeClass))
      expect(blocksOf(sizeClass), `class ${sizeClass}`).toBe(blocks)
      expect([blocks >= 8, blocks <= 32, span - blocks * unitsOf(sizeClass) < unitsOf(sizeClass)], `class ${sizeClass}`).toEqual([true, true, true])
      expect(allBlocks(sizeClass) >>> 0, `class ${sizeClass}`).toBe(2 ** blocks - 1)
    }
  })
})

describe('sizes', () => {
  it('count the header\'s unit, and every byte of a record', () => {
    expect([0, 1, 16, 17, 32, MAX_BYTES].map(unitsFor)).toEqual([1, 2, 2, 3, 3, 1 + MAX_BYTES / 16])
    expect([1, 63, 64, 65, 128, 129].map(pagesFor)).toEqual([1, 1, 1, 2, 2, 3])
  })
  it('agree with each other: cells, units and slots of a page', () => {
    expect([PAGE_CELLS, PAGE_SLOTS, 1 << PAGE_SHIFT]).toEqual([PAGE_UNITS * 2, PAGE_UNITS, PAGE_UNITS])
    expect(RECORD_HEADER).toBe(2)
  })
})
