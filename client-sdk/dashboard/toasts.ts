import { h } from './dom.js'

export interface ToastText {
  readonly title: string
  readonly body: string
}

export interface ToastOptions {
  /** What the button that puts it away says. */
  readonly close: string
  /** Where it leads to when it is chosen. */
  readonly open?: () => void
  /** News are for what happened by itself, notes for what somebody just did. */
  readonly tone: 'news' | 'note'
}

const SHOWN_MS = 8_000
const MOST = 3

/**
 * Short words at the edge of the page, over everything: the newest three, each for eight seconds, longer while
 * somebody points at it or is in it. They are read out when the reader has a pause.
 */
export function toast({ title, body }: ToastText, { close, open, tone }: ToastOptions): void {
  const place = placeOf()
  let timer = 0
  const end = (): void => {
    clearTimeout(timer)
    element.remove()
    if (place.childElementCount === 0) place.hidePopover?.()
  }
  const begin = (): void => {
    clearTimeout(timer)
    timer = window.setTimeout(end, SHOWN_MS)
  }
  const chosen = (): void => {
    end()
    open?.()
  }
  const text = [h('b', {}, title), body !== '' && h('span', {}, body)] as const
  const element = h(
    'div',
    {
      class: 'toast',
      'data-tone': tone,
      pointerenter: () => clearTimeout(timer),
      pointerleave: begin,
      focusin: () => clearTimeout(timer),
      focusout: begin,
    },
    open
      ? h('button', { type: 'button', class: 'toast-text', click: chosen }, ...text)
      : h('div', { class: 'toast-text' }, ...text),
    h('button', { type: 'button', class: 'ghost icon', 'aria-label': close, click: end }, '✕'),
  )
  place.append(element)
  spoken().textContent = `${title}. ${body}`
  while (place.childElementCount > MOST) place.firstElementChild?.remove()
  // Shown anew it is above a dialog that was opened after it.
  place.hidePopover?.()
  place.showPopover?.()
  begin()
}

export function clearToasts(): void {
  placeOf().replaceChildren()
  spoken().replaceChildren()
}

function placeOf(): HTMLElement {
  const found = document.querySelector<HTMLElement>('.toasts')
  if (found) return found
  const made = h('div', { class: 'toasts', popover: 'manual' })
  document.body.append(made)
  return made
}

/** What is read out is there, and seen by nobody, before there is something to read: what just came is passed over. */
function spoken(): HTMLElement {
  const found = document.querySelector<HTMLElement>('.spoken')
  if (found) return found
  const made = h('p', { class: 'unseen spoken', role: 'status' })
  document.body.append(made)
  return made
}
