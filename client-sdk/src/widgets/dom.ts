import { compareDecimals } from './format.js'

/** An element with a class and text; text is never read as HTML. */
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

const shown = new WeakMap<HTMLElement, string>()

/** Writes a figure and lights it up in the direction in which its exact value moved. */
export function setFigure(element: HTMLElement, text: string, exact: string | null): void {
  const before = shown.get(element)
  if (exact === null) shown.delete(element)
  else shown.set(element, exact)
  if (element.textContent === text) return
  element.textContent = text
  if (before === undefined || exact === null) {
    delete element.dataset.moved
    return
  }
  const turn = element.dataset.moved?.endsWith('0') ? 1 : 0
  element.dataset.moved = `${compareDecimals(exact, before) < 0 ? 'down' : 'up'}-${turn}`
}

/** Colours by sign, beside the sign itself, which is in the text. */
export function setDirection(element: HTMLElement, sign: number): void {
  element.classList.toggle('up', sign > 0)
  element.classList.toggle('down', sign < 0)
  element.classList.toggle('muted', sign === 0)
}

export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
