import { h, type View } from './dom.js'
import { explain } from './failure.js'
import { ledgerWords } from './ledger-words.js'
import { preferences } from './preferences.js'
import type { Words } from './words.js'

/** Told on the document once something was written, so that what is shown of it is asked for again. */
const RECORDED = 'harta-recorded'

export function recorded(): void {
  document.dispatchEvent(new Event(RECORDED))
}

/** Calls back after each write in this page; answers how to stop. */
function onRecorded(callback: () => void): () => void {
  document.addEventListener(RECORDED, callback)
  return () => document.removeEventListener(RECORDED, callback)
}

export interface Asked extends View {
  /** Asks once more; what stands there stays until the answer comes. */
  again(): Promise<void>
}

/**
 * A part of a page that the server is asked for: it says that it waits, shows what came, or says why nothing came
 * and offers to try again. An answer that is overtaken by a later question is passed over; an answer that stands
 * stays when the next question fails. Asked again by itself after each write, and when the page is looked at again.
 */
export function asked<T>(options: {
  readonly words: Words
  readonly ask: () => Promise<T>
  readonly show: (answer: T) => readonly (Node | string | null | false)[]
  /** Not asked again by itself: what came is a form that somebody fills in. */
  readonly once?: boolean
}): Asked {
  const say = ledgerWords[preferences.language]
  const place = h('div', { class: 'asked', 'aria-busy': 'true' }, waiting(say.loading))
  const fault = h('div', { class: 'asked-fault', role: 'alert' })
  const element = h('div', { class: 'asked-part' }, fault, place)
  let turn = 0
  let hasAnswer = false
  let isStopped = false

  async function again(): Promise<void> {
    turn += 1
    const mine = turn
    place.setAttribute('aria-busy', 'true')
    try {
      const answer = await options.ask()
      if (mine !== turn || isStopped) return
      hasAnswer = true
      fault.replaceChildren()
      const parts = options.show(answer).filter((part) => part !== null && part !== false)
      keepFocus(place, () => place.replaceChildren(...parts))
    } catch (error) {
      if (mine !== turn || isStopped) return
      const retry = h('button', { type: 'button', class: 'ghost', click: () => void again() }, say.again)
      fault.replaceChildren(
        h('p', { class: 'fault' }, `${say.failed} ${explain(error, options.words)}`),
        retry,
      )
      if (!hasAnswer) place.replaceChildren()
    }
    place.removeAttribute('aria-busy')
  }

  const seen = (): void => {
    if (!document.hidden && !options.once) void again()
  }
  const stopRecorded = onRecorded(() => (options.once ? undefined : void again()))
  document.addEventListener('visibilitychange', seen)
  void again()
  return {
    element,
    again,
    stop: () => {
      isStopped = true
      stopRecorded()
      document.removeEventListener('visibilitychange', seen)
    },
  }
}

/**
 * What is drawn anew takes the focus along, to what has the same `data-focus`; where that is gone, to the first
 * that has one.
 */
function keepFocus(place: HTMLElement, draw: () => void): void {
  const { activeElement } = document
  const held = activeElement instanceof HTMLElement && place.contains(activeElement)
  const name = held ? activeElement.dataset.focus : undefined
  draw()
  if (!held) return
  const found = [...place.querySelectorAll<HTMLElement>('[data-focus]')]
  const same = found.find(({ dataset }) => name !== undefined && dataset.focus === name)
  ;(same ?? found[0])?.focus({ preventScroll: true })
}

function waiting(text: string): HTMLElement {
  return h('p', { class: 'waiting', role: 'status' }, text, ' …')
}

/** Says that there is nothing yet, and what to do about it. */
export function nothing(text: string, action?: HTMLElement): HTMLElement {
  return h('div', { class: 'nothing-yet' }, h('p', {}, text), action)
}
