import type { ImportFormat } from '../src/index.js'
import { asked, nothing } from './asked.js'
import { type DataWords, dataWords } from './data-words.js'
import { h, type View } from './dom.js'
import { explain } from './failure.js'
import { today } from './form.js'
import { badgeTone, type ImportCard, importCard } from './import-card.js'
import { choices } from './modal.js'
import { locale, preferences } from './preferences.js'
import { type Frame, page } from './top.js'

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
      const content = await chosen.text()
      show((await harta.imports.create({ format, content, fileName: chosen.name })).id)
    } catch (error) {
      fault.textContent = explain(error, words)
    } finally {
      button.disabled = false
    }
  }
  return h(
    'form',
    { class: 'upload', novalidate: true, submit: send },
    choices(say.format, Object.entries(say.formats) as [ImportFormat, string][], (value) => {
      format = value
      about.textContent = say.about[value]
    }),
    about,
    h('label', { class: 'field' }, h('span', {}, say.file), file),
    fault,
    button,
  )
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
