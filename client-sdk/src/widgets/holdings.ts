import type { Holding, Valuation } from '../../../src/protocol/resources.js'
import type { HartaClient } from '../client.js'
import { make } from './dom.js'
import { everySecond, HartaElement } from './element.js'
import { compareDecimals, signOf, sumDecimals } from './format.js'
import { HoldingRow } from './holding-row.js'

const style = `
:host { container-type: inline-size }
.table {
  display: grid; grid-template-columns: minmax(9rem, 2fr) repeat(6, minmax(max-content, 1fr)); column-gap: 1.4rem;
}
.row {
  display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; align-items: center;
  padding: .7rem var(--harta-row-inset, 0px); border-top: 1px solid var(--line); font-size: .9375rem;
}
.head { border-top: 0; padding-block: 0 .5rem; color: var(--muted); font-size: .75rem }
.cell { text-align: right; min-width: 0; white-space: nowrap }
.cell.asset { display: flex; gap: .8rem; align-items: center; text-align: left }
.head .asset { text-align: left }
.stack { display: flex; flex-direction: column; min-width: 0 }
.name {
  all: unset; font-weight: 550; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
}
.below {
  display: block; margin-top: .1rem; color: var(--muted); font-size: .75rem; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap;
}
.asset .below, .age { color: var(--muted) }
.today .up.below { color: var(--up) }
.today .down.below { color: var(--down) }
.row:not(.head) > .value { font-weight: 600 }
.below:empty { display: none }
.mark {
  flex: none; display: grid; place-items: center; width: 2.25rem; height: 2.25rem; border-radius: .7rem;
  font-size: .6875rem; font-weight: 650; letter-spacing: -.02em; text-transform: uppercase;
  --hue: light-dark(#3f6b8a, #8fc1e3);
  color: var(--hue); background: color-mix(in srgb, var(--hue) 14%, transparent);
}
.mark[data-type='CRYPTO'] { --hue: light-dark(#9a5b12, #eeb068) }
.mark[data-type='STOCK'] { --hue: light-dark(#3b5bb5, #9db4ff) }
.mark[data-type='CASH'] { --hue: light-dark(#1b7a55, #6dd3a5) }
.mark[data-type='REAL'] { --hue: light-dark(#7d4a97, #d3a6ea) }
.mark[data-type='LIABILITY'] { --hue: light-dark(#a63d35, #f59b8f) }
.bell {
  all: unset; flex: none; display: grid; place-items: center; width: 2rem; height: 2rem; margin-left: auto;
  border-radius: .6rem; color: var(--muted); cursor: pointer; opacity: .75;
}
.bell:hover { color: var(--ink); background: var(--tint); opacity: 1 }
.bell:focus-visible { outline: 2px solid var(--up) }
.bell svg {
  width: 1.125rem; height: 1.125rem; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round;
  stroke-linejoin: round;
}
.row[data-lit] { animation: lit 2s ease-in-out 3 }
@keyframes lit { 30% { background: color-mix(in srgb, var(--warn) 22%, transparent) } }
@media (prefers-reduced-motion: reduce) { .row[data-lit] { animation: none; box-shadow: inset 3px 0 var(--warn) } }
.bar { display: block; height: 3px; margin-top: .3rem; border-radius: 2px; background: var(--tint); overflow: hidden }
.bar[hidden] { display: none }
.bar::before {
  content: ''; display: block; height: 100%; width: var(--share); border-radius: 2px;
  background: var(--muted); opacity: .6; margin-left: auto;
}
.chosen { cursor: pointer }
.chosen:hover { background: var(--tint) }
.chosen:has(:focus-visible) { outline: 2px solid var(--up); outline-offset: -2px; border-radius: .5rem }
@container (max-width: 62rem) {
  .table { grid-template-columns: minmax(9rem, 2fr) repeat(4, minmax(max-content, 1fr)) }
  .quantity, .share { display: none }
}
@container (max-width: 46rem) {
  .table { grid-template-columns: minmax(7rem, 2fr) repeat(3, minmax(max-content, 1fr)) }
  .gain { display: none }
}
@container (max-width: 36rem) {
  .table { display: block }
  .head { display: none }
  .row { grid-template: 'asset value' auto 'price today' auto / minmax(0, 1fr) auto; gap: .3rem 1rem; padding-block: .9rem }
  .row:nth-child(2) { border-top: 0 }
  .cell.asset { gap: .6rem }
  .bell { width: 1.75rem; margin-right: -.6rem }
  .asset { grid-area: asset } .value { grid-area: value } .price { grid-area: price; text-align: left }
  .today { grid-area: today }
  .price { display: flex; align-items: baseline; gap: .5rem; padding-left: 3.05rem; color: var(--muted); font-size: .8125rem }
  .price .below { margin: 0; overflow: visible }
  .price .figure { flex: none }
  .today { display: flex; gap: .4rem; align-items: baseline; justify-content: flex-end; font-size: .8125rem }
  .today .below { font-size: inherit; margin: 0 }
  .today:has(.below:not(:empty)) .amount { display: none }
  .badge:is([data-state='live'], [data-state='simulated']) ~ .age { display: none }
}
`

/**
 * `<harta-holdings>`: what is held, one row each. With the attribute `selectable` a chosen row sends the event
 * `harta-select`, its `detail` the Holding; with `bells` those with a market price have a bell that sends
 * `harta-alert` in the same way. Rows keep their places while their figures move.
 */
export class HartaHoldings extends HartaElement {
  static readonly observedAttributes = ['selectable', 'bells']
  protected readonly ownStyle = style

  #rows: ReadonlyMap<string, HoldingRow> = new Map()

  /** Lets the rows of a symbol stand out for a moment. */
  light(symbol: string): void {
    for (const row of this.#rows.values()) row.light(symbol)
  }

  attributeChangedCallback(): void {
    this.restart()
  }

  protected follow(client: HartaClient, body: HTMLElement): () => void {
    const { words, locale } = this
    const rows = new Map<string, HoldingRow>()
    this.#rows = rows
    const table = make('div', 'table', this.#head())
    table.role = 'table'
    table.ariaLabel = words.asset
    const note = make('p', 'note')
    body.append(table, note)
    const sender = (attribute: string, name: string) =>
      this.hasAttribute(attribute)
        ? (holding: Holding) => void this.dispatchEvent(new CustomEvent(name, { detail: holding }))
        : null
    const choose = sender('selectable', 'harta-select')
    const alert = sender('bells', 'harta-alert')

    const arrange = (holdings: readonly Holding[]): void => {
      const same = holdings.length === rows.size && holdings.every(({ assetId }) => rows.has(assetId))
      if (same) return
      const kept = new Map(rows)
      rows.clear()
      for (const { assetId } of [...holdings].sort(byValue)) {
        rows.set(assetId, kept.get(assetId) ?? new HoldingRow({ words, locale, choose, alert }))
      }
      table.replaceChildren(this.#head(), ...[...rows.values()].map((row) => row.element))
    }
    const render = (valuation: Valuation | null): void => {
      const holdings = valuation?.holdings ?? []
      arrange(holdings)
      table.hidden = holdings.length === 0
      note.hidden = holdings.length > 0
      const waiting = client.auth.user === null ? words.signedOut : words.waiting
      note.textContent = valuation === null ? waiting : words.nothingHeld
      if (valuation === null) return
      const values = holdings.flatMap(({ value }) => (value !== null && signOf(value) > 0 ? [value] : []))
      const assets = sumDecimals(values)
      for (const holding of holdings) rows.get(holding.assetId)?.render(holding, valuation, assets)
    }
    render(client.portfolio.store.getSnapshot())
    const stops = [
      client.portfolio.store.subscribe(() => render(client.portfolio.store.getSnapshot())),
      everySecond(() => {
        for (const row of rows.values()) row.tick()
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }

  #head(): HTMLElement {
    const { words } = this
    const head = make('div', 'row head')
    head.role = 'row'
    for (const name of ['asset', 'quantity', 'price', 'value', 'today', 'gain', 'share'] as const) {
      const cell = make('div', `cell ${name}`, words[name])
      cell.role = 'columnheader'
      head.append(cell)
    }
    return head
  }
}

/** Worth most first; debts after that, and what has no value last. */
function byValue(a: Holding, b: Holding): number {
  if (a.value === null || b.value === null) return (a.value === null ? 1 : 0) - (b.value === null ? 1 : 0)
  return compareDecimals(b.value, a.value)
}
