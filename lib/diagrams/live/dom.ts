// The page's elements.

/** The element with that id. */
export function part<T extends Element = HTMLElement>(id: string): T {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`The page has no #${id}.`)
  return found as unknown as T
}

/** A new element with a class and children. */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  if (className !== '') made.className = className
  made.append(...children)
  return made
}

/** Sets a text where it has changed: what stays is not drawn again, and not read out again. */
export function say(where: Element, text: string): void {
  if (where.textContent !== text) where.textContent = text
}

/** Keeps as many children as there are items: new ones are made, the others shown anew. */
export function list<T>(parent: Element, items: readonly T[], make: () => HTMLElement, show: (child: HTMLElement, item: T) => void): void {
  while (parent.children.length > items.length) parent.lastElementChild!.remove()
  while (parent.children.length < items.length) parent.append(make())
  items.forEach((item, n) => show(parent.children[n] as HTMLElement, item))
}
