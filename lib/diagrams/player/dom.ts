// Elements, built by calls.

type Child = Node | string | undefined
type Attributes = Readonly<Record<string, string | number | undefined>>

function fill<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, `${value}`)
  element.append(...children.filter(child => child !== undefined))
  return element
}

export const el = <K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] =>
  fill(document.createElement(tag), attributes, children)

export const svg = <K extends keyof SVGElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): SVGElementTagNameMap[K] =>
  fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children)

/** The element of the page with that id. */
export const byId = <E extends HTMLElement = HTMLElement>(id: string): E => document.getElementById(id) as E

/** Writes only what has changed, so that a reader of the page is told only that. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** A box in which texts take turns; the longest of them, unseen, keeps its size, so that nothing moves while a run plays. */
export function steady(tag: 'p' | 'code' | 'span', name: string, texts: readonly string[]): { box: HTMLElement, set(text: string): void } {
  const longest = texts.reduce((long, text) => text.length > long.length ? text : long, '')
  const shown = el(tag), box = el('div', { class: `steady ${name}` }, el(tag, { 'aria-hidden': 'true', class: 'keeper' }, longest || ' '), shown)
  return { box, set: text => setText(shown, text) }
}

/** Whether the reader asked for less motion. */
export const isStill = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches

/** The class of a worker's colour. */
export const hueOf = (thread: number): string => `hue${thread % 8}`
