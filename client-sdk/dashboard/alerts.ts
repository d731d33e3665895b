import type { Alert, Price, Valuation } from '../src/index.js'
import { budgetNames, openNewAlert } from './alert-forms.js'
import { type AlertRow, alertRow } from './alert-row.js'
import { alertWords } from './alert-words.js'
import { asked, nothing } from './asked.js'
import { h, type View } from './dom.js'
import { all } from './flow-form.js'
import { ledgerWords } from './ledger-words.js'
import { preferences } from './preferences.js'
import { type Frame, page } from './top.js'

interface Loaded {
  readonly alerts: readonly Alert[]
  readonly names: ReadonlyMap<string, string>
}

/** What one asked to be told, and how far it is from that. */
export function alertsView(frame: Frame): View {
  const { harta, words } = frame
  const say = alertWords[preferences.language]
  const { pages } = ledgerWords[preferences.language]
  const prices = new Map<string, Price>()
  let rows: readonly AlertRow[] = []
  let unwatch: () => void = () => {}

  const follow = (valuation: Valuation | null): void => {
    for (const row of rows) row.follow(prices, valuation)
  }
  const watch = (alerts: readonly Alert[]): void => {
    const symbols = alerts.flatMap((alert) =>
      alert.kind === 'PRICE' ? [alert.symbol, ...(alert.per === null ? [] : [alert.per])] : [],
    )
    const before = unwatch
    unwatch =
      symbols.length === 0
        ? () => {}
        : harta.prices.watch(symbols, (moved) => {
            for (const price of moved) prices.set(price.symbol, price)
            follow(harta.portfolio.store.getSnapshot())
          })
    before()
  }
  const add = (): HTMLElement =>
    h(
      'button',
      { type: 'button', class: 'primary', 'aria-haspopup': 'dialog', click: () => openNewAlert(frame) },
      say.add,
    )
  const part = asked<Loaded>({
    words,
    ask: () => load(frame),
    show: ({ alerts, names }) => {
      rows = alerts.map((alert) =>
        alertRow(frame, alert, (key) => names.get(key) ?? prices.get(key)?.currency),
      )
      watch(alerts)
      follow(harta.portfolio.store.getSnapshot())
      if (rows.length === 0)
        return [
          h(
            'div',
            { class: 'card pad' },
            nothing(say.nothing, add()),
            h('p', { class: 'note centred' }, say.nothingHint),
          ),
        ]
      return [h('ul', { class: 'card alert-rows' }, ...rows.map(({ element }) => element))]
    },
  })
  const stop = harta.portfolio.watch(follow)
  return page(
    frame,
    'alerts',
    [
      h(
        'header',
        { class: 'page-head' },
        h('div', {}, h('h1', {}, pages.alerts), h('p', { class: 'note' }, say.about)),
        h('div', { class: 'deeds' }, h('a', { class: 'ghost', href: '#settings' }, pages.settings), add()),
      ),
      part.element,
    ],
    {
      stop: () => {
        part.stop()
        unwatch()
        stop()
      },
    },
  )
}

/** The names of what they are about are asked for only where there are such alerts. */
async function load({ harta }: Frame): Promise<Loaded> {
  const alerts = await all(harta.alerts.list({ pageSize: 100 }))
  const names = new Map<string, string>()
  const has = (kind: Alert['kind']): boolean => alerts.some((alert) => alert.kind === kind)
  const [goals, budgets] = await Promise.all([
    has('GOAL') ? all(harta.goals.list({ pageSize: 100 })) : [],
    has('BUDGET') ? budgetNames(harta) : new Map<string, string>(),
  ])
  for (const { id, name } of goals) names.set(id, name)
  for (const [id, name] of budgets) names.set(id, name)
  if (alerts.some((alert) => alert.kind === 'PORTFOLIO' && alert.assetId !== null)) {
    for await (const { id, name } of harta.assets.list({ pageSize: 100 })) names.set(id, name)
  }
  return { alerts, names }
}
