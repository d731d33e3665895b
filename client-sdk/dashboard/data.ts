import type { CsvDateFormat, HartaClient, ImportFormat, NewImport } from '../src/index.js'
import { asked, nothing } from './asked.js'
import { type DataWords, dataWords } from './data-words.js'
import { h, type View } from './dom.js'
import { explain } from './failure.js'
import { fieldElement } from './field.js'
import { loadChoices } from './flow-form.js'
import { today } from './form.js'
import { badgeTone, type ImportCard, importCard } from './import-card.js'
import { choices } from './modal.js'
import { locale, preferences } from './preferences.js'
import { type Frame, page } from './top.js'

const DATE_FORMATS: readonly CsvDateFormat[] = ['YYYY-MM-DD', 'DD/MM/YYYY', 'MM/DD/YYYY', 'DD.MM.YYYY']
/** Earlier files that are listed. */
const SHOWN = 10

/** Takes files over, in two steps, and gives out all that is kept. */
export function dataView(frame: Frame): View {
  const say = dataWords[preferences.language]
  const current = h('div', { class: 'current-import' })
  let card: ImportCard | null = null
  const past = asked({
    words: frame.words,
    ask: async () => (await frame.harta.imports.list({ pageSize: SHOWN }).page()).data,
    show: (imports) => {
      const others = imports.filter(({ id }) => id !== card?.id)
      if (others.length === 0) return [nothing(say.noPast)]
      const rows = others.map(({ id, fileName, format, state, createdAt, done }) =>
        h(
          'li',
          {},
          h(
            'button',
            { type: 'button', class: 'entry', click: () => show(id) },
            h('span', { class: 'what' }, fileName ?? say.formats[format]),
            h('small', {}, `${new Date(createdAt).toLocaleString(locale())} · ${done} ${say.rows}`),
            h('span', { class: 'badge', 'data-tone': badgeTone(state) }, say.states[state]),
          ),
        ),
      )
      return [h('ul', { class: 'plain' }, ...rows)]
    },
  })
  const show = (id: string): void => {
    card?.stop()
    card = importCard(frame, id, () => void past.again())
    current.replaceChildren(card.element)
    card.element.scrollIntoView({ block: 'nearest' })
  }
  const hide = (): void => {
    card?.stop()
    card = null
    current.replaceChildren()
  }
  return page(
    frame,
    'data',
    [
      h('h1', {}, say.title),
      h(
        'section',
        { class: 'card pad' },
        h('h2', {}, say.import),
        h('p', { class: 'note' }, say.importNote),
        uploadForm(frame, say, hide, show),
      ),
      current,
      h('section', { class: 'card pad' }, h('h2', {}, say.past), past.element),
      h(
        'section',
        { class: 'card pad' },
        h('h2', {}, say.export),
        h('p', { class: 'note' }, say.exportNote),
        downloadButton(frame, say),
      ),
    ],
    {
      stop: () => {
        past.stop()
        card?.stop()
      },
    },
  )
}

function uploadForm(
  { harta, words }: Frame,
  say: DataWords,
  begin: () => void,
  show: (id: string) => void,
): HTMLElement {
  let format: ImportFormat = 'csv'
  const about = h('p', { class: 'note' }, say.about[format])
  const file = h('input', { type: 'file', accept: '.csv,.json,text/csv,application/json', name: 'file' })
  const fault = h('p', { class: 'fault', role: 'alert' })
  const button = h('button', { type: 'submit', class: 'primary' }, say.read)
  const csv = csvHints(harta, say)
  file.addEventListener('change', () => {
    fault.textContent = ''
  })
  const send = async (event: Event): Promise<void> => {
    event.preventDefault()
    fault.textContent = ''
    const chosen = file.files?.[0]
    if (!chosen) {
      fault.textContent = say.noFile
      file.focus()
      return
    }
    button.disabled = true
    begin()
    try {
      const hints = format === 'csv' ? csv.read() : {}
      const content = await chosen.text()
      show((await harta.imports.create({ format, content, fileName: chosen.name, ...hints })).id)
    } catch (error) {
      fault.textContent = explain(error, words)
    } finally {
      button.disabled = false
    }
  }
  const formats = Object.entries(say.formats) as [ImportFormat, string][]
  const choose = (value: ImportFormat): void => {
    format = value
    about.textContent = say.about[value]
    csv.element.hidden = value !== 'csv'
  }
  return h(
    'form',
    { class: 'upload', novalidate: true, submit: send },
    choices(say.format, formats, choose),
    about,
    h('label', { class: 'field' }, h('span', {}, say.file), file),
    csv.element,
    fault,
    button,
  )
}

/** What a table cannot say by itself: how its dates are meant, and which account it is of. */
function csvHints(harta: HartaClient, say: DataWords): { element: HTMLElement; read(): Partial<NewImport> } {
  const dates = fieldElement({
    name: 'dateFormat',
    label: say.dates,
    kind: 'select',
    optional: true,
    options: [['', say.guess], ...DATE_FORMATS],
  })
  const account = h('select', { name: 'assetId' }, h('option', { value: '' }, say.noAccount))
  loadChoices(harta).then(
    ({ accounts }) => account.append(...accounts.map(({ id, name }) => h('option', { value: id }, name))),
    // Without the list there is none to choose; the file can be read all the same.
    () => undefined,
  )
  return {
    element: h(
      'div',
      { class: 'fields' },
      dates.element,
      h('label', { class: 'field' }, h('span', {}, say.account), account),
    ),
    read() {
      const dateFormat = DATE_FORMATS.find((known) => known === dates.read())
      return {
        ...(dateFormat ? { options: { dateFormat } } : {}),
        ...(account.value ? { assetId: account.value } : {}),
      }
    },
  }
}

function downloadButton({ harta, words }: Frame, say: DataWords): HTMLElement {
  const fault = h('p', { class: 'fault', role: 'alert' })
  const button = h('button', { type: 'button', class: 'primary' }, say.download)
  button.addEventListener('click', async () => {
    fault.textContent = ''
    button.disabled = true
    try {
      const text = JSON.stringify(await harta.me.export(), null, 2)
      const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
      h('a', { href: url, download: `harta-${today(harta.auth.user?.timeZone)}.json` }).click()
      setTimeout(() => URL.revokeObjectURL(url), 60_000)
    } catch (error) {
      fault.textContent = explain(error, words)
    } finally {
      button.disabled = false
    }
  })
  return h('div', {}, button, fault)
}
