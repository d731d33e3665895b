import { HartaError } from '../src/index.js'
import { parseAmount } from './amount.js'
import { h } from './dom.js'
import { explain } from './failure.js'
import { preferences } from './preferences.js'
import type { Words } from './words.js'

export interface Field {
  readonly name: string
  readonly label: string
  readonly kind: 'text' | 'email' | 'password' | 'decimal' | 'date' | 'select'
  readonly value?: string
  readonly hint?: string
  readonly optional?: boolean
  readonly autocomplete?: string
  readonly options?: readonly string[]
  /** Takes the whole width. */
  readonly wide?: boolean
}

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
  const inputs = new Map(fields.map((field) => [field.name, input(field)]))
  const faults = new Map(
    fields.map(({ name }) => [name, h('small', { class: 'fault', id: `${name}-fault` })]),
  )
  const general = h('p', { class: 'fault general', role: 'alert' })
  const button = h('button', { class: 'primary', type: 'submit' }, action)

  const complain = (name: string, text: string): void => {
    const fault = faults.get(name)
    if (fault) fault.textContent = text
    inputs.get(name)?.setAttribute('aria-invalid', 'true')
  }
  const clear = (): void => {
    general.textContent = ''
    for (const fault of faults.values()) fault.textContent = ''
    for (const one of inputs.values()) one.removeAttribute('aria-invalid')
  }
  const send = async (event: Event): Promise<void> => {
    event.preventDefault()
    clear()
    const { values, wrong } = read(fields, inputs, words)
    for (const [name, text] of wrong) complain(name, text)
    if (wrong.length > 0) {
      inputs.get(wrong[0]?.[0] ?? '')?.focus()
      return
    }
    button.disabled = true
    try {
      await submit(values)
    } catch (error) {
      const known = error instanceof HartaError ? error.errors : []
      const placed = known.filter(({ pointer }) => inputs.has(pointer.slice(1)))
      for (const { pointer, detail } of placed) complain(pointer.slice(1), detail)
      general.textContent = placed.length > 0 ? '' : explain(error, words)
    } finally {
      button.disabled = false
    }
  }
  return h(
    'form',
    { class: 'form', novalidate: true, submit: send },
    h(
      'div',
      { class: 'fields' },
      ...fields.map((field) =>
        h(
          'label',
          { class: field.wide ? 'field wide' : 'field' },
          h('span', {}, field.label),
          inputs.get(field.name),
          field.hint !== undefined && h('small', {}, field.hint),
          faults.get(field.name),
        ),
      ),
    ),
    general,
    button,
  )
}

function input(field: Field): HTMLInputElement | HTMLSelectElement {
  const common = { name: field.name, required: !field.optional, 'aria-describedby': `${field.name}-fault` }
  if (field.kind === 'select') {
    const options = (field.options ?? []).map((value) =>
      h('option', { value, selected: value === field.value }, value),
    )
    return h('select', common, ...options)
  }
  const decimal = field.kind === 'decimal'
  return h('input', {
    ...common,
    type: decimal ? 'text' : field.kind,
    inputmode: decimal ? 'decimal' : undefined,
    autocomplete: field.autocomplete ?? 'off',
    value: field.value,
    maxlength: decimal ? 40 : 200,
  })
}

function read(
  fields: readonly Field[],
  inputs: ReadonlyMap<string, HTMLInputElement | HTMLSelectElement>,
  words: Words,
): { values: Values; wrong: [string, string][] } {
  const values: Record<string, string> = {}
  const wrong: [string, string][] = []
  for (const { name, kind, optional } of fields) {
    const raw = inputs.get(name)?.value ?? ''
    const typed = kind === 'password' ? raw : raw.trim()
    const value = kind === 'decimal' && typed !== '' ? parseAmount(typed, preferences.language) : typed
    if (value === null) wrong.push([name, words.notANumber])
    else if (value !== '') values[name] = value
    else if (!optional) wrong.push([name, words.required])
  }
  return { values, wrong }
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

export const CURRENCIES = [
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
