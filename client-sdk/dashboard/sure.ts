import { h } from './dom.js'

/** A button that must be pressed twice. */
export function sureButton(text: string, sure: string, act: () => void): HTMLElement {
  let isAsked = false
  const button = h('button', { type: 'button', class: 'ghost warn' }, text)
  button.addEventListener('click', () => {
    if (isAsked) act()
    isAsked = true
    button.textContent = sure
    button.classList.add('sure')
  })
  button.addEventListener('blur', () => {
    isAsked = false
    button.textContent = text
    button.classList.remove('sure')
  })
  return button
}
