import type { CsvReading, Import } from '../src/index.js'
import { asked, recorded } from './asked.js'
import { type DataWords, dataWords } from './data-words.js'
import { h, type View } from './dom.js'
import { explain, explainField } from './failure.js'
import { preferences } from './preferences.js'
import type { Frame } from './top.js'

/** How often the server is asked how far it is. */
const POLL_MS = 1_000
/** Problems and duplicates that are named. */
const NAMED = 50

export interface ImportCard extends View {
  readonly id: string
}

/** One file: what is in it and what is wrong with it; once confirmed, how far it is. */
export function importCard(frame: Frame, id: string, changed: () => void): ImportCard {
  const { harta, words } = frame
  const say = dataWords[preferences.language]
  const trouble = h('p', { class: 'fault', role: 'alert' })
  let timer = 0
  let state: Import['state'] | null = null

  const act = (deed: () => Promise<unknown>) => async (event: Event) => {
    const button = event.currentTarget as HTMLButtonElement
    button.disabled = true
    trouble.textContent = ''
    try {
      await deed()
    } catch (error) {
      trouble.textContent = explain(error, words)
      button.disabled = false
    }
  }
  const confirm = act(async () => {
    await harta.imports.confirm(id)
    await part.again()
  })
  const discard = act(async () => {
    await harta.imports.remove(id)
    card.remove()
    changed()
  })
  const part = asked({
    words,
    once: true,
    ask: () => harta.imports.get(id),
    show: (one) => {
      clearTimeout(timer)
      if (one.state === 'running') timer = window.setTimeout(() => void part.again(), POLL_MS)
      if (state === 'running' && one.state !== 'running') {
        recorded()
        changed()
      }
      state = one.state
      return contentOf(one, say, confirm, discard)
    },
  })
  const card = h('section', { class: 'card pad import', 'data-import': id }, part.element, trouble)
  return {
    id,
    element: card,
    stop: () => {
      clearTimeout(timer)
      part.stop()
    },
  }
}

type Press = (event: Event) => Promise<void>

function contentOf(one: Import, say: DataWords, confirm: Press, discard: Press): (HTMLElement | false)[] {
  const { state, total, done, counts, problems, duplicates, error } = one
  const kinds = Object.entries(counts).filter(([, count]) => count > 0)
  return [
    h(
      'header',
      { class: 'part-head' },
      h('h2', {}, one.fileName ?? say.formats[one.format]),
      h('span', { class: 'badge', 'data-tone': badgeTone(state) }, say.states[state]),
    ),
    kinds.length > 0 &&
      h(
        'dl',
        { class: 'facts' },
        ...kinds.map(([kind, count]) =>
          h('div', {}, h('dt', {}, say.kinds[kind] ?? kind), h('dd', {}, String(count))),
        ),
      ),
    one.csv !== null && reading(one.csv, say),
    (state === 'running' || state === 'done') && progress(done, total, say),
    error !== null && h('p', { class: 'fault', role: 'alert' }, error),
    problems.length > 0 && problemList(problems, say),
    duplicates.length > 0 && h('p', { class: 'note' }, `${say.duplicates}: ${numbers(duplicates)}`),
    state === 'previewed' && total === 0 && h('p', { class: 'nothing-yet' }, say.nothingToDo),
    state === 'previewed' &&
      h(
        'p',
        { class: 'deeds' },
        total > 0 &&
          h(
            'button',
            { type: 'button', class: 'primary', click: confirm },
            `${say.confirm} (${total} ${say.rows})`,
          ),
        h('button', { type: 'button', class: 'ghost', click: discard }, say.discard),
      ),
  ]
}

export function badgeTone(state: Import['state']): string {
  return { previewed: 'idle', running: 'warn', done: 'good', failed: 'bad' }[state]
}

/** What was made of a table, so that one sees a wrong guess before it is written. */
function reading({ mapping, dateFormat, decimal }: CsvReading, say: DataWords): HTMLElement {
  const pairs = Object.entries(mapping).map(([field, column]) => `${column} → ${field}`)
  return h(
    'details',
    { class: 'reading-note' },
    h('summary', { class: 'note' }, say.reading),
    h('p', { class: 'note' }, `${say.dates} ${dateFormat} · 1${decimal}5`),
    h('p', { class: 'note' }, `${say.columns}: ${pairs.join(', ')}`),
  )
}

function progress(done: number, total: number, say: DataWords): HTMLElement {
  const text = `${done} / ${total} ${say.progress}`
  return h(
    'div',
    { class: 'progress' },
    h('progress', { max: Math.max(1, total), value: done, 'aria-label': text }),
    h('small', {}, text),
  )
}

function problemList(problems: Import['problems'], say: DataWords): HTMLElement {
  const rest = problems.length - NAMED
  return h(
    'details',
    { class: 'problems', open: true },
    h('summary', { class: 'warning' }, `${say.problems}: ${problems.length}`),
    h(
      'ul',
      {},
      ...problems
        .slice(0, NAMED)
        .map(({ row, field, detail }) =>
          h(
            'li',
            {},
            h('b', {}, `${say.row} ${row}`),
            ` ${field === null ? '' : `${field}: `}${explainField(detail)}`,
          ),
        ),
      rest > 0 && h('li', {}, `+ ${rest}`),
    ),
  )
}

function numbers(rows: readonly number[]): string {
  const rest = rows.length - NAMED
  return `${rows.slice(0, NAMED).join(', ')}${rest > 0 ? ` + ${rest}` : ''}`
}
