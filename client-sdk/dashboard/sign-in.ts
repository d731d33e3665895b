import { type HartaClient, HartaError } from '../src/index.js'
import { h, type View } from './dom.js'
import type { Field } from './field.js'
import { currencies, form } from './form.js'
import { preferences } from './preferences.js'
import { toolbar } from './toolbar.js'
import type { Words } from './words.js'

/** The page before somebody is signed in: sign in, or create an account. */
export function signInView(harta: HartaClient, words: Words, redraw: () => void): View {
  const card = h('section', { class: 'card sign-in' })
  const demo = h('p', { class: 'demo', role: 'note', hidden: true })

  const showSignIn = (known?: { email: string; password: string }): void => {
    const fields: Field[] = [
      { ...email(words), ...(known ? { value: known.email } : {}) },
      {
        name: 'password',
        label: words.password,
        kind: 'password',
        autocomplete: 'current-password',
        wide: true,
        ...(known ? { value: known.password } : {}),
      },
    ]
    demo.hidden = known === undefined
    demo.textContent = known === undefined ? '' : words.demo
    const signIn = form(words, fields, words.signIn, async (values) => {
      try {
        await harta.auth.login({ email: values.email ?? '', password: values.password ?? '' })
      } catch (error) {
        if (!(error instanceof HartaError) || error.status !== 401) throw error
        throw new HartaError(error.code, words.wrongCredentials, { status: 401 })
      }
    })
    card.replaceChildren(h('h2', {}, words.signIn), demo, signIn, link(words.toRegister, showRegister))
  }
  const showRegister = (): void => {
    const fields: Field[] = [
      { name: 'name', label: words.yourName, kind: 'text', optional: true, autocomplete: 'name', wide: true },
      email(words),
      {
        name: 'password',
        label: words.password,
        kind: 'password',
        hint: words.passwordHint,
        autocomplete: 'new-password',
        wide: true,
      },
      {
        name: 'baseCurrency',
        label: words.baseCurrency,
        kind: 'select',
        options: currencies(),
        value: preferences.language === 'id' ? 'IDR' : 'USD',
        wide: true,
      },
    ]
    const register = form(words, fields, words.register, async (values) => {
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
      const { email = '', password = '', ...rest } = values
      await harta.auth.register({ email, password, ...rest, timeZone, locale: preferences.language })
    })
    card.replaceChildren(
      h('h2', {}, words.register),
      register,
      link(words.toSignIn, () => showSignIn()),
    )
  }

  showSignIn()
  let gone = false
  void demoAccount().then((known) => {
    if (known && !gone && !card.contains(document.activeElement)) showSignIn(known)
  })
  const brand = h(
    'div',
    { class: 'welcome' },
    h('img', { src: 'icon.svg', alt: '', width: 56, height: 56 }),
    h('h1', {}, 'Harta'),
    h('p', {}, words.tagline),
  )
  return {
    element: h('div', { class: 'gate' }, toolbar(words, redraw), h('main', {}, brand, card)),
    stop: () => {
      gone = true
    },
  }
}

function email(words: Words): Field {
  return { name: 'email', label: words.email, kind: 'email', autocomplete: 'username', wide: true }
}

function link(text: string, click: () => void): HTMLElement {
  return h('button', { type: 'button', class: 'link', click }, text)
}

/** A demo server tells its account; every other server does not know the address. */
async function demoAccount(): Promise<{ email: string; password: string } | null> {
  try {
    const answer = await fetch('demo.json')
    if (!answer.ok || answer.status === 204) return null
    const { email, password } = (await answer.json()) as Record<string, unknown>
    return typeof email === 'string' && typeof password === 'string' ? { email, password } : null
  } catch {
    return null
  }
}
