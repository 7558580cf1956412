// Headless Chromium, for the specs of the pages.

import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

/** @throws Error where there is no Chromium: a page that nobody has looked at counts as broken */
export async function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
  if (!existsSync(executablePath)) throw new Error(`there is no Chromium at ${executablePath}: install Debian's package chromium, or name another in CHROMIUM`)
  return chromium.launch({ executablePath, args: ARGS })
}

/**
 * Pairs of texts that lie on each other, and texts that are cut off, in each of some parts of the page: what a reader could not read.
 * What scrolls into view, what keeps the size of a box, and the token, which is there to be copied, are left out. It runs
 * in the page, so it uses nothing from outside.
 */
export function unreadable(parts: readonly string[]): Record<string, string[]> {
  let found: string[] = [], texts: { text: string, boxes: DOMRect[] }[] = []
  const LEFT_OUT = '#token, .many .text, title, option, [hidden], .keeper, details:not([open]) > :not(summary)'
  const isShown = (element: Element): boolean =>
    element.closest(LEFT_OUT) === null && element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 0
  /** Whether an element clips what lies outside it and does not let it scroll into view. */
  const cuts = (element: Element, { left, right, top, bottom }: DOMRect): boolean => {
    const { overflowX, overflowY } = getComputedStyle(element), box = element.getBoundingClientRect(), clips = /hidden|clip/
    return clips.test(overflowX) && (left < box.left - 1 || right > box.right + 1) || clips.test(overflowY) && (top < box.top - 2 || bottom > box.bottom + 2)
  }
  /** Whether a box has not been scrolled out of sight. */
  const isInSight = (element: Element, box: DOMRect): boolean => {
    for (let outer: Element | null = element; outer !== null; outer = outer.parentElement) {
      const { left, right, top, bottom } = outer.getBoundingClientRect()
      if (getComputedStyle(outer).overflowY !== 'visible' && (box.right <= left || box.left >= right || box.bottom <= top + 6 || box.top >= bottom - 6)) return false
    }
    return box.width > 0 && box.height > 0
  }
  const look = (node: Node): void => {
    const parent = node.parentElement!, text = node.textContent!.trim(), range = document.createRange()
    if (text === '' || !isShown(parent)) return
    range.selectNodeContents(node)
    const all = range.getBoundingClientRect()
    texts.push({ text, boxes: [...range.getClientRects()].filter(box => isInSight(parent, box)) })
    for (let element: Element | null = parent; element !== null; element = element.parentElement) if (cuts(element, all)) found.push(`cut: ${text}`)
    if (parent.closest('.strip, .grid') === null && (all.left < -0.5 || all.right > innerWidth + 0.5)) found.push(`outside: ${text}`)
  }
  const lapped = (a: DOMRect, b: DOMRect): boolean =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4
  const lookAt = (part: string): string[] => {
    found = []
    texts = []
    for (const root of document.querySelectorAll(part)) {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) look(node)
    }
    texts.forEach((one, n) => texts.slice(n + 1).forEach(other => {
      if (one.boxes.some(a => other.boxes.some(b => lapped(a, b)))) found.push(`overlap: ${one.text} / ${other.text}`)
    }))
    return found
  }
  return Object.fromEntries(parts.map(part => [part, lookAt(part)]))
}
