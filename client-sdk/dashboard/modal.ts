import { h } from './dom.js'
import type { Words } from './words.js'

/** Where somebody begins who came to fill something in. */
const FIRST_FIELD = ':is(select, textarea, input:not([type=radio]), input:checked):not([hidden], [hidden] *)'

/** Shows content in a dialog over the page; answers how to close it. `closed` runs however it closes. */
export function openModal(
  words: Words,
  title: string,
  content: Node[],
  closed: () => void = () => {},
  className = 'modal',
): () => void {
  const heading = h('h2', { id: 'modal-title' }, title)
  const dialog = h('dialog', { class: className, 'aria-labelledby': 'modal-title' })
  const close = (): void => dialog.close()
  const cross = h(
    'button',
    { class: 'ghost icon', type: 'button', 'aria-label': words.close, click: close },
    '✕',
  )
  dialog.append(h('header', {}, heading, cross), ...content)
  dialog.addEventListener('close', () => {
    dialog.remove()
    closed()
  })
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) close()
  })
  document.body.append(dialog)
  dialog.showModal()
  dialog.querySelector<HTMLElement>(FIRST_FIELD)?.focus()
  return close
}

/** Groups of choices made so far: each has a name of its own. */
let made = 0

/** A row of choices of which one is taken, as radio buttons that look like tabs. */
export function choices<T extends string>(
  label: string,
  options: readonly (readonly [T, string])[],
  choose: (value: T) => void,
  taken: T | undefined = options[0]?.[0],
): HTMLElement {
  const group = h('fieldset', { class: 'choices' }, h('legend', { class: 'unseen' }, label))
  made += 1
  const name = `choice-${made}`
  options.forEach(([value, text]) => {
    const radio = h('input', {
      type: 'radio',
      name,
      value,
      checked: value === taken,
      change: () => choose(value),
    })
    group.append(h('label', {}, radio, h('span', {}, text)))
  })
  return group
}
