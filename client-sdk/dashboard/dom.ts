/**
 * Elements from data. Text goes in as text and attributes as attributes; inline styles and handlers written as
 * attributes are not possible here, as they are not under the page's policy.
 */
type Child = Node | string | null | undefined | false
interface Attributes {
  readonly [name: string]: string | number | boolean | ((event: never) => unknown) | undefined
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value as EventListener)
    else if (value === true) element.setAttribute(name, '')
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value))
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false))
  return element
}

/** A part of the page that lives until `stop`. */
export interface View {
  readonly element: HTMLElement
  stop(): void
}
