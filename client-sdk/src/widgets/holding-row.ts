import type { Holding, Valuation } from '../../../src/protocol/resources.js'
import { make, setDirection, setFigure, setText } from './dom.js'
import {
  formatAge,
  formatMoney,
  formatPercent,
  formatPrice,
  formatQuantity,
  shareOf,
  signOf,
} from './format.js'
import type { WidgetWords } from './words.js'

/** What a row needs beside its holding. */
export interface RowContext {
  readonly words: WidgetWords
  readonly locale: string
  /** Called when the row is chosen; null shows rows that cannot be. */
  readonly choose: ((holding: Holding) => void) | null
  /** Called by the bell of a row that has a market price; null shows none. */
  readonly alert: ((holding: Holding) => void) | null
}

/** One holding as a row whose cells stay and whose figures move. */
export class HoldingRow {
  readonly element: HTMLElement
  readonly #context: RowContext
  readonly #mark = make('span', 'mark')
  readonly #name: HTMLElement
  readonly #below = make('span', 'below')
  readonly #quantity = make('span')
  readonly #price = make('span', 'figure')
  readonly #state = make('span', 'badge')
  readonly #age = make('span', 'age')
  readonly #value = make('span', 'figure')
  readonly #today = make('span', 'amount')
  readonly #todayRate = make('span', 'below')
  readonly #gain = make('span')
  readonly #share = make('span')
  readonly #bar = make('span', 'bar')
  readonly #bell: HTMLButtonElement | null
  #holding: Holding | null = null

  constructor(context: RowContext) {
    this.#context = context
    const { choose, alert } = context
    this.#name = make(choose ? 'button' : 'span', 'name')
    this.#mark.ariaHidden = 'true'
    this.#bell = alert ? bellButton(() => this.#holding && alert(this.#holding)) : null
    const priceLine = make('span', 'below', this.#state, ' ', this.#age)
    this.element = make(
      'div',
      'row',
      cell(
        'asset',
        this.#mark,
        make('span', 'stack', this.#name, this.#below),
        ...(this.#bell ? [this.#bell] : []),
      ),
      cell('quantity', this.#quantity),
      cell('price', this.#price, priceLine),
      cell('value', this.#value),
      cell('today', this.#today, this.#todayRate),
      cell('gain', this.#gain),
      cell('share', this.#share, this.#bar),
    )
    this.element.role = 'row'
    if (choose) {
      this.element.classList.add('chosen')
      this.element.addEventListener('click', () => this.#holding && choose(this.#holding))
    }
  }

  render(holding: Holding, valuation: Valuation, assets: string): void {
    this.#holding = holding
    const { words, locale } = this.#context
    const { currency } = valuation
    this.#mark.dataset.type = holding.type
    setText(this.#mark, initials(holding))
    setText(this.#name, holding.name)
    this.element.dataset.asset = holding.assetId
    if (this.#bell) {
      const label = `${words.alertMe} ${holding.name}`
      this.#bell.hidden = !isMarketPriced(holding)
      if (this.#bell.title !== label) this.#bell.title = this.#bell.ariaLabel = label
    }
    const quantity = formatQuantity(holding.quantity, locale)
    const plain = isMoney(holding)
    setText(this.#quantity, plain || isOneOfAKind(holding) ? '' : quantity)
    setText(this.#below, this.#describe(holding, quantity))
    this.#renderPrice(holding, valuation)
    setFigure(this.#value, formatMoney(holding.value, currency, locale), holding.value)
    const { dayChange } = holding
    setText(this.#today, dayChange ? formatMoney(dayChange.amount, currency, locale, { signed: true }) : '–')
    setDirection(this.#today, signOf(dayChange?.amount ?? null))
    const rate = dayChange?.percent
    setDirection(this.#todayRate, signOf(dayChange?.amount ?? null))
    setText(this.#todayRate, rate ? formatPercent(rate, locale, { signed: true }) : '')
    setText(this.#gain, plain ? '' : formatMoney(holding.gain, currency, locale, { signed: true }))
    setDirection(this.#gain, signOf(holding.gain))
    const share = holding.value === null ? null : shareOf(holding.value, assets)
    const debt = holding.type === 'LIABILITY' ? words.types.LIABILITY : ''
    setText(this.#share, share === null ? debt : formatPercent(share, locale, { digits: 1 }))
    this.#share.classList.toggle('muted', share === null)
    this.#bar.hidden = share === null
    this.#bar.style.setProperty('--share', `${share ?? 0}%`)
    this.tick()
  }

  /** Stands out for a moment when something was told of this symbol. */
  light(symbol: string): void {
    if (this.#holding?.symbol !== symbol) return
    delete this.element.dataset.lit
    // Read, so that the same animation begins anew.
    void this.element.offsetWidth
    this.element.dataset.lit = ''
  }

  /** Ages go on while nothing else moves. */
  tick(): void {
    const price = this.#holding?.price
    const timeless = !price || price.state === 'manual' || isMoney(this.#holding)
    setText(this.#age, timeless ? '' : formatAge(price.at, Date.now(), this.#context.locale))
  }

  #describe(holding: Holding, quantity: string): string {
    const { words } = this.#context
    if (isMoney(holding))
      return [words.types[holding.type], holding.price?.currency].filter(Boolean).join(' · ')
    const what = holding.symbol ?? words.types[holding.type]
    return isOneOfAKind(holding) ? what : `${what} · ${quantity}`
  }

  #renderPrice(holding: Holding, valuation: Valuation): void {
    const { words, locale } = this.#context
    const { price } = holding
    const unpriced = valuation.coverage.unpriced.find((one) => one.assetId === holding.assetId)
    const money = isMoney(holding)
    if (price && !money)
      setFigure(this.#price, formatPrice(price.amount, price.currency, locale), price.amount)
    else setFigure(this.#price, money ? '' : '–', null)
    this.#state.hidden = !unpriced && (money || !price)
    this.#state.dataset.state = unpriced ? 'unpriced' : (price?.state ?? '')
    this.#state.title = price?.source ?? ''
    setText(this.#state, unpriced ? words.reasons[unpriced.reason] : price ? words.states[price.state] : '')
  }
}

/** Whether a market tells its price. */
export function isMarketPriced({ symbol, price }: Holding): boolean {
  return symbol !== null && price?.state !== 'manual'
}

/** Money is worth itself: it has no price of interest. */
function isMoney(holding: Holding | null): boolean {
  return holding?.type === 'CASH' || holding?.type === 'LIABILITY'
}

/** A house is not counted. */
function isOneOfAKind({ type, quantity }: Holding): boolean {
  return type === 'REAL' && quantity === '1'
}

/** The symbol without its exchange or quote currency, or the first letters of the name's first and last word. */
function initials({ symbol, name }: Holding): string {
  const base = symbol?.split(/[-.=]/)[0]
  if (base) return base.slice(0, 4)
  const words = name.split(/\s+/).map((word) => Array.from(word.replace(/[^\p{L}\p{N}]/gu, ''))[0] ?? '')
  const letters = words.filter((letter) => letter !== '')
  return [letters[0] ?? '?', ...(letters.length > 1 ? letters.slice(-1) : [])].join('')
}

function bellButton(ring: () => void): HTMLButtonElement {
  const button = make('button', 'bell', bellDrawing())
  button.type = 'button'
  button.ariaHasPopup = 'dialog'
  button.addEventListener('click', (event) => {
    event.stopPropagation()
    ring()
  })
  return button
}

function bellDrawing(): SVGElement {
  const namespace = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(namespace, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(namespace, 'path')
  path.setAttribute('d', 'M6.5 16.5V11a5.5 5.5 0 0 1 11 0v5.5L19 18H5zM10 20.5a2.2 2.2 0 0 0 4 0')
  svg.append(path)
  return svg
}

function cell(name: string, ...children: Node[]): HTMLElement {
  const element = make('div', `cell ${name}`, ...children)
  element.role = name === 'asset' ? 'rowheader' : 'cell'
  return element
}
