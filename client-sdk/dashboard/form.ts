import { HartaError } from '../src/index.js'
import { parseAmount } from './amount.js'
import { h } from './dom.js'
import { explain, explainField } from './failure.js'
import { type Field, type FieldElement, fieldElement } from './field.js'
import { preferences } from './preferences.js'
import type { Words } from './words.js'

export type Values = Readonly<Record<string, string>>

/** Optional fields left empty are absent. */
export type Submit = (values: Values) => Promise<void>

/** A form whose faults stand at the fields they belong to, the server's faults included. */
export function form(
  words: Words,
  fields: readonly Field[],
  action: string,
  submit: Submit,
): HTMLFormElement {
  const all = fields.map(fieldElement)
  const byName = new Map(all.map((one) => [one.field.name, one]))
  const general = h('p', { class: 'fault general', role: 'alert' })
  const button = h('button', { class: 'primary', type: 'submit' }, action)

  const isAsked = ({ field: { when } }: FieldElement): boolean =>
    [when ?? []].flat().every(({ field, is }) => is.includes(byName.get(field)?.read() ?? ''))
  const placeOf = (pointer: string): FieldElement | undefined =>
    all.filter((one) => isAsked(one) && isOf(pointer, one.field)).at(-1)
  const fold =
    all.some(({ field }) => field.folded === true) &&
    h(
      'details',
      { class: 'fold' },
      h('summary', {}, words.moreOptions),
      h(
        'div',
        { class: 'fields' },
        ...all.flatMap((one) => (one.field.folded === true ? [one.element] : [])),
      ),
    )
  const arrange = (): void => {
    for (const one of all) one.element.hidden = !isAsked(one)
  }
  const unfold = (one: FieldElement | undefined): void => {
    if (fold && one?.field.folded === true) fold.open = true
  }
  const send = async (event: Event): Promise<void> => {
    event.preventDefault()
    general.textContent = ''
    for (const one of all) one.complain('')
    const { values, wrong } = read(all.filter(isAsked), words)
    for (const [one, text] of wrong) one.complain(text)
    if (wrong.length > 0) {
      unfold(wrong[0]?.[0])
      wrong[0]?.[0].focus()
      return
    }
    button.disabled = true
    try {
      await submit(values)
    } catch (error) {
      const known = error instanceof HartaError ? error.errors : []
      const placed = known.flatMap(({ pointer, detail }) => {
        const place = placeOf(pointer)
        place?.complain(explainField(detail))
        unfold(place)
        return place ?? []
      })
      const rest = known.filter(({ pointer }) => placeOf(pointer) === undefined)
      general.textContent =
        placed.length > 0 && rest.length === 0 ? '' : withDetails(explain(error, words), rest)
      button.disabled = false
      // What is disabled lets go of the focus.
      ;(placed[0] ?? button).focus()
    } finally {
      button.disabled = false
    }
  }
  arrange()
  return h(
    'form',
    { class: 'form', novalidate: true, submit: send, change: arrange },
    h('div', { class: 'fields' }, ...all.flatMap((one) => (one.field.folded === true ? [] : [one.element]))),
    fold,
    general,
    button,
  )
}

/** Of what a field asks for, or of a part of that. */
function isOf(pointer: string, { name, pointer: told = name }: Field): boolean {
  return pointer.split('/')[1] === told
}

function withDetails(text: string, errors: HartaError['errors']): string {
  if (errors.length === 0) return text
  return `${text} (${errors.map(({ detail }) => explainField(detail)).join('; ')})`
}

function read(
  fields: readonly FieldElement[],
  words: Words,
): { values: Values; wrong: (readonly [FieldElement, string])[] } {
  const values: Record<string, string> = {}
  const wrong: (readonly [FieldElement, string])[] = []
  for (const one of fields) {
    const { name, kind, optional } = one.field
    const typed = kind === 'password' ? one.read() : one.read().trim()
    const value = kind === 'decimal' && typed !== '' ? amountOf(typed, one.field) : typed
    if (value === null) wrong.push([one, words.notANumber])
    else if (value !== '') values[name] = value
    else if (!optional && kind !== 'check') wrong.push([one, words.required])
  }
  return { values, wrong }
}

function amountOf(typed: string, { signed = false }: Field): string | null {
  const [, minus = '', digits = ''] = /^([-\u2212]?)(.*)$/.exec(typed) ?? []
  if (minus !== '' && !signed) return null
  const amount = parseAmount(digits, preferences.language)
  return amount === null || minus === '' ? amount : `-${amount}`
}

/** Today in the user's own time zone, `YYYY-MM-DD`. */
export function today(timeZone: string | undefined): string {
  const options = { year: 'numeric', month: '2-digit', day: '2-digit' } as const
  try {
    return new Intl.DateTimeFormat('en-CA', { ...options, ...(timeZone ? { timeZone } : {}) }).format()
  } catch {
    return new Intl.DateTimeFormat('en-CA', options).format()
  }
}

const CURRENCIES = [
  'IDR',
  'USD',
  'EUR',
  'SGD',
  'MYR',
  'JPY',
  'GBP',
  'AUD',
  'CHF',
  'CNY',
  'HKD',
  'INR',
  'KRW',
  'THB',
  'PHP',
  'VND',
  'CAD',
]

/** Those to choose from, these ones first. */
export function currencies(...first: readonly string[]): readonly string[] {
  return [...new Set([...first, ...CURRENCIES])]
}
