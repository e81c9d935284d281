// The few things the page does to the document: find, make, and set text where it has changed. Text only ever goes in as
// text, never as markup.

/** The element with this id; index.html has it, or the page is broken. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`index.html has no #${id}`)
  return found as E
}

/** A new element with a class and children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  if (className !== '') element.className = className
  element.append(...children)
  return element
}

export function button(text: string, className: string, onClick: () => unknown): HTMLButtonElement {
  const element = make('button', className, text)
  element.type = 'button'
  element.addEventListener('click', () => void onClick())
  return element
}

/** Sets the text unless it is there already, so that a selection in it survives a refresh. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

export function setClass(element: Element, className: string): void {
  if (element.className !== className) element.className = className
}

/**
 * Makes `parent` show one child per item, in order. A child is made once per key and updated afterwards, so that nothing
 * flickers and focus stays where it is.
 */
export function keyed<T, E extends HTMLElement>(
  parent: HTMLElement,
  items: readonly T[],
  keyOf: (item: T) => string,
  create: (item: T) => E,
  update: (element: E, item: T) => void,
): void {
  const known = new Map<string, E>()
  for (const child of parent.children) {
    const element = child as E
    known.set(element.dataset['key'] ?? '', element)
  }
  items.forEach((item, i) => {
    const key = keyOf(item)
    let element = known.get(key)
    known.delete(key)
    if (element === undefined) {
      element = create(item)
      element.dataset['key'] = key
    }
    update(element, item)
    if (parent.children[i] !== element) parent.insertBefore(element, parent.children[i] ?? null)
  })
  for (const element of known.values()) element.remove()
}
