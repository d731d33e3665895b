import { writeAmount } from './amount.js'
import { h } from './dom.js'
import { preferences } from './preferences.js'

/** While that field has one of these values. */
export interface When {
  readonly field: string
  readonly is: readonly string[]
}

export interface Field {
  readonly name: string
  /** What a mistake in it is told of by the server, where that is another word. */
  readonly pointer?: string
  readonly label: string
  /** A `check` is `yes` when it is ticked; of `checks` the value is what is ticked, with commas between. */
  readonly kind:
    | 'text'
    | 'email'
    | 'password'
    | 'decimal'
    | 'date'
    | 'time'
    | 'select'
    | 'choice'
    | 'check'
    | 'checks'
  /** What stands in it at first; of a `decimal` its decimal text. */
  readonly value?: string
  readonly hint?: string
  readonly optional?: boolean
  readonly autocomplete?: string
  readonly options?: readonly (string | readonly [value: string, text: string])[]
  /** Takes the whole width. */
  readonly wide?: boolean
  /** Only asked for while others, all of these, have one of such values. */
  readonly when?: When | readonly When[]
  /** Of a `decimal`: it may be less than nothing. */
  readonly signed?: boolean
  /** Stands below the others, behind a line that unfolds; of a `choice` its options from that place on. */
  readonly folded?: boolean | number
}

/** A field on the page: what stands in it, and what is wrong with it. */
export interface FieldElement {
  readonly field: Field
  readonly element: HTMLElement
  /** As it was typed. */
  read(): string
  complain(text: string): void
  focus(): void
}

export function fieldElement(field: Field): FieldElement {
  const { name, label, kind, hint } = field
  const fault = h('small', { class: 'fault', id: `${name}-fault` })
  made += 1
  const ids = { label: `${name}-label-${made}`, hint: `${name}-hint-${made}` }
  const told = { 'aria-describedby': `${ids.hint} ${name}-fault` }
  // Named by its label alone: what is written below it is read out after that.
  const control = controlOf(field, { 'aria-labelledby': ids.label, ...told })
  const text = h('span', { id: ids.label }, label)
  const note = hint !== undefined && h('small', { id: ids.hint }, hint)
  const boxes = (): HTMLInputElement[] => [...control.querySelectorAll('input')]
  const element =
    kind === 'checks' || kind === 'choice'
      ? h(
          'fieldset',
          { class: 'field wide boxes', 'data-field': name, ...told },
          h('legend', {}, label),
          control,
          note,
          fault,
        )
      : kind === 'check'
        ? h('label', { class: 'field wide check' }, control, text, note, fault)
        : h('label', { class: field.wide ? 'field wide' : 'field' }, text, control, note, fault)
  return {
    field,
    element,
    read() {
      if (kind === 'checks')
        return boxes()
          .flatMap(({ checked, value }) => (checked ? [value] : []))
          .join()
      if (kind === 'choice') return boxes().find(({ checked }) => checked)?.value ?? ''
      if (control instanceof HTMLInputElement && kind === 'check') return control.checked ? 'yes' : ''
      return 'value' in control ? String(control.value) : ''
    },
    complain(problem) {
      fault.textContent = problem
      if (problem === '') control.removeAttribute('aria-invalid')
      else control.setAttribute('aria-invalid', 'true')
    },
    focus: () => (boxes().find(({ checked }) => checked) ?? boxes()[0] ?? control).focus(),
  }
}

/** Radio buttons belong together by their name, a field has its label by its id, and two forms may ask for the same. */
let made = 0

function controlOf(field: Field, aria: Readonly<Record<string, string>>): HTMLElement {
  const { name, kind, value, options = [] } = field
  const common = { name, required: !field.optional, ...aria }
  const pairs = options.map((option) => (typeof option === 'string' ? ([option, option] as const) : option))
  if (kind === 'select') {
    return h(
      'select',
      common,
      ...pairs.map(([key, text]) => h('option', { value: key, selected: key === value }, text)),
    )
  }
  if (kind === 'checks') {
    const ticked = (value ?? '').split(',')
    return h(
      'div',
      { class: 'box-list' },
      ...pairs.map(([key, text]) =>
        h(
          'label',
          { class: 'check' },
          h('input', { type: 'checkbox', name, value: key, checked: ticked.includes(key) }),
          h('span', {}, text),
        ),
      ),
    )
  }
  if (kind === 'choice') {
    return h(
      'div',
      { class: 'choices' },
      ...pairs.map(([key, text], index) =>
        h(
          'label',
          typeof field.folded === 'number' && index >= field.folded ? { class: 'later' } : {},
          h('input', { type: 'radio', name: `${name}-${made}`, value: key, checked: key === value }),
          h('span', {}, text),
        ),
      ),
    )
  }
  if (kind === 'check') return h('input', { name, type: 'checkbox', checked: value === 'yes' })
  const decimal = kind === 'decimal'
  return h('input', {
    ...common,
    type: decimal ? 'text' : kind,
    inputmode: decimal ? 'decimal' : undefined,
    autocomplete: field.autocomplete ?? 'off',
    value: decimal && value !== undefined ? writeAmount(value, preferences.language) : value,
    maxlength: decimal ? 40 : 200,
  })
}
