import type { Category, Flow, FlowKind, HartaClient } from '../src/index.js'
import { type Asked, asked, nothing } from './asked.js'
import { h } from './dom.js'
import type { Figures } from './figures.js'
import { openFlow } from './flow-form.js'
import { type LedgerWords, ledgerWords } from './ledger-words.js'
import { preferences } from './preferences.js'
import type { Frame } from './top.js'

/** Entries of both kinds that are shown before one asks for more. */
const SHOWN = 50

interface Entry {
  readonly kind: FlowKind
  readonly flow: Flow
}

/** What was earned and spent on the days of a month, the newest first; each opens to be changed or deleted. */
export function entryList(
  frame: Frame,
  write: Figures,
  range: () => { readonly from: string; readonly to: string },
): Asked {
  const say = ledgerWords[preferences.language]
  let shown = SHOWN
  const part = asked({
    words: frame.words,
    ask: () => load(frame.harta, range(), shown),
    show: ({ entries, categories, more }) => {
      if (entries.length === 0) return [nothing(say.cashflow.noEntries)]
      const names = new Map(categories.map(({ id, name }) => [id, name]))
      const days = new Map<string, Entry[]>()
      for (const entry of entries) days.set(entry.flow.date, [...(days.get(entry.flow.date) ?? []), entry])
      const next = (): void => {
        shown += SHOWN
        void part.again()
      }
      return [
        ...[...days].map(([date, ofDay]) =>
          h(
            'section',
            { class: 'day' },
            h('h3', {}, write.date(date, 'long')),
            h('ul', {}, ...ofDay.map((entry) => row(frame, entry, names, say, write))),
          ),
        ),
        more && h('button', { type: 'button', class: 'link', click: next }, say.cashflow.showMore),
      ]
    },
  })
  return part
}

function row(
  frame: Frame,
  { kind, flow }: Entry,
  names: ReadonlyMap<string, string>,
  say: LedgerWords,
  write: Figures,
): HTMLElement {
  const category = flow.categoryId === null ? undefined : names.get(flow.categoryId)
  const isIncoming = (kind === 'INCOME') !== flow.amount.startsWith('-')
  const amount = write.money(flow.amount.replace('-', ''), flow.currency)
  const notes = [category === undefined ? null : flow.note, ...flow.tags.map((tag) => `#${tag}`)]
  if (flow.ruleId !== null) notes.push(say.cashflow.recurring)
  return h(
    'li',
    {},
    h(
      'button',
      {
        type: 'button',
        class: 'entry',
        'aria-haspopup': 'dialog',
        'data-entry': flow.id,
        click: () => void openFlow(frame, kind, flow),
      },
      h('span', { class: 'what' }, category ?? flow.note ?? (kind === 'INCOME' ? say.income : say.expense)),
      h('small', {}, notes.filter((note) => note !== null && note !== '').join(' · ')),
      h('b', { class: isIncoming ? 'up' : undefined }, `${isIncoming ? '+' : '−'}${amount}`),
    ),
  )
}

async function load(
  harta: HartaClient,
  range: { readonly from: string; readonly to: string },
  most: number,
): Promise<{ entries: readonly Entry[]; categories: readonly Category[]; more: boolean }> {
  const query = { ...range, pageSize: Math.min(100, most + 1) }
  const some = async (kind: FlowKind): Promise<Entry[]> => {
    const found: Entry[] = []
    for await (const flow of (kind === 'INCOME' ? harta.incomes : harta.expenses).list(query)) {
      found.push({ kind, flow })
      if (found.length > most) break
    }
    return found
  }
  const categories: Category[] = []
  const [incomes, expenses] = await Promise.all([
    some('INCOME'),
    some('EXPENSE'),
    (async () => {
      for await (const category of harta.categories.list({ pageSize: 100 })) categories.push(category)
    })(),
  ])
  const all = [...incomes, ...expenses].sort((a, b) => newestFirst(a.flow, b.flow))
  return { entries: all.slice(0, most), categories, more: all.length > most }
}

function newestFirst(a: Flow, b: Flow): number {
  if (a.date !== b.date) return a.date < b.date ? 1 : -1
  return a.createdAt < b.createdAt ? 1 : -1
}
