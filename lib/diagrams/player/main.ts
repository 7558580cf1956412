// The player's page: unpacks the runs that it carries, or takes one from a file, and wires the controls.

import { SPEEDS, USUAL } from './clock'
import { byId, el, setText } from './dom'
import { JUMPS } from './jumps'
import { listenToKeys } from './keys'
import { readLink } from './link'
import { type Page, listSteps, pageOf } from './page'
import { type Run, readRuns } from './runs'

async function unpack(text: string): Promise<Run[]> {
  const bytes = Uint8Array.from(atob(text), character => character.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  return JSON.parse(await new Response(stream).text()) as Run[]
}

/** The runs of the page, and which one it shows. */
class Shelf {
  shown = 0
  constructor(private readonly page: Page, public runs: Run[]) {}

  show(n: number, step = 0): void {
    const { name, trace } = this.runs[n]!
    this.shown = n
    const choice = byId<HTMLSelectElement>('trace')
    choice.replaceChildren(...this.runs.map((run, place) => el('option', { value: place }, run.trace.title)))
    choice.value = `${n}`
    this.page.open(trace, this.runs.length > 1 ? name : undefined, step)
  }

  /** Goes where a link leads. */
  follow(hash: string): void {
    const { trace, step = 0 } = readLink(hash), found = this.runs.findIndex(({ name }) => name === trace), wanted = found >= 0 ? found : trace === undefined ? this.shown : 0
    if (trace !== undefined && found < 0) notify(`This page holds no run named ${trace}.`)
    if (byId('trace').childElementCount > 0 && wanted === this.shown) this.page.go(step)
    else this.show(wanted, step)
  }

  async take(file: File): Promise<void> {
    const { runs: before, shown } = this
    try {
      const runs = readRuns(await file.text())
      this.runs = [...runs, ...before.filter(({ name }) => !runs.some(run => run.name === name))]
      this.show(0)
      notify(`Opened ${file.name}.`)
    } catch (error) {
      this.runs = before
      this.show(shown)
      notify(`${file.name} cannot be shown: ${(error as Error).message}.`)
    }
  }
}

let quiet: ReturnType<typeof setTimeout> | undefined
function notify(text: string): void {
  setText(byId('notice'), text)
  byId('notice').hidden = false
  clearTimeout(quiet)
  quiet = setTimeout(() => { byId('notice').hidden = true }, 6000)
}

// --- the controls

function wire(page: Page, shelf: Shelf): void {
  const on = (id: string, event: string, action: (element: HTMLElement) => void): void => { byId(id).addEventListener(event, () => { action(byId(id)) }) }
  on('play', 'click', () => { page.toggle() })
  on('home', 'click', () => { page.end(false) })
  on('end', 'click', () => { page.end(true) })
  on('back', 'click', () => { page.move(-1) })
  on('forward', 'click', () => { page.move(1) })
  on('over-back', 'click', () => { page.over(false) })
  on('over', 'click', () => { page.over(true) })
  on('slider', 'input', slider => { page.go(Number((slider as HTMLInputElement).value)) })
  on('speed', 'change', choice => { page.clock.setSpeed(Number((choice as HTMLSelectElement).value)) })
  on('trace', 'change', choice => { shelf.show(Number((choice as HTMLSelectElement).value)) })
  on('ask', 'click', () => { byId<HTMLDialogElement>('help').showModal() })
  on('copy', 'click', () => { void copyToken() })
  on('open', 'click', () => { byId('file').click() })
  on('file', 'change', input => {
    const file = (input as HTMLInputElement).files?.[0]
    if (file !== undefined) void shelf.take(file)
    ;(input as HTMLInputElement).value = ''
  })
  on('all-steps', 'toggle', details => { if ((details as HTMLDetailsElement).open) listSteps(shelf.runs[shelf.shown]!.trace, step => { page.go(step) }) })
  addEventListener('hashchange', () => { shelf.follow(location.hash) })
  acceptDrops(shelf)
}

function fillControls(page: Page): void {
  byId('speed').append(...SPEEDS.map(([name], n) => el('option', { value: n }, name)))
  byId<HTMLSelectElement>('speed').value = `${USUAL}`
  byId('jumps').append(...JUMPS.map(jump => {
    const button = el('button', { type: 'button', id: `jump-${jump.key}`, title: `To the next ${jump.name} (${jump.key}; back with Shift)` }, jump.name)
    button.addEventListener('click', event => { page.jump(jump, !event.shiftKey) })
    return button
  }))
}

async function copyToken(): Promise<void> {
  const text = byId('token').textContent
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    // A page that was opened from a file may not be let; then the old way does.
    const field = el('textarea', { 'aria-hidden': 'true' }, text)
    byId('copy').after(field)
    field.select()
    document.execCommand('copy')
    field.remove()
  }
  notify('The token is copied. The harness replays it.')
}

function acceptDrops(shelf: Shelf): void {
  const hover = (over: boolean) => (event: DragEvent): void => {
    event.preventDefault()
    document.body.classList.toggle('drop', over)
  }
  document.addEventListener('dragover', hover(true))
  document.addEventListener('dragleave', hover(false))
  document.addEventListener('drop', event => {
    hover(false)(event)
    const file = event.dataTransfer?.files[0]
    if (file !== undefined) void shelf.take(file)
  })
}

async function start(): Promise<void> {
  const page = pageOf(), shelf = new Shelf(page, await unpack(byId('traces').textContent))
  fillControls(page)
  wire(page, shelf)
  listenToKeys(page)
  shelf.follow(location.hash)
  document.body.classList.add('ready')
}

void start()
