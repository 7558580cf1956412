// The keyboard.

import { byId } from './dom'
import { JUMPS } from './jumps'
import type { Page } from './page'

/** What a key does, if anything. */
function actionOf(page: Page, { key, shiftKey }: KeyboardEvent): (() => void) | undefined {
  const jump = JUMPS.find(one => one.key === key.toLowerCase())
  if (jump !== undefined) return () => { page.jump(jump, !shiftKey) }
  switch (key) {
    case ' ': return () => { page.toggle() }
    case 'ArrowRight': case 'ArrowLeft': {
      const forward = key === 'ArrowRight'
      return () => { if (shiftKey) page.over(forward); else page.move(forward ? 1 : -1) }
    }
    case 'Home': case 'End': return () => { page.end(key === 'End') }
    case '?': return () => { byId<HTMLDialogElement>('help').showModal() }
    default: return undefined
  }
}

/** Keys that a focused control needs for itself. */
function isTaken({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false
  return target.matches('select, input:not([type=range])') || key === ' ' && target.matches('button, summary, a')
}

export function listenToKeys(page: Page): void {
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event) || byId<HTMLDialogElement>('help').open) return
    const action = actionOf(page, event)
    if (action === undefined) return
    event.preventDefault()
    action()
  })
}
