import type { Price } from '../../../src/protocol/resources.js'
import type { HartaClient } from '../client.js'
import { make, setFigure, setText } from './dom.js'
import { everySecond, HartaElement } from './element.js'
import { formatAge, formatPrice } from './format.js'

const style = `
:host { display: inline-block }
.body { display: inline-flex; gap: .5em; align-items: baseline; flex-wrap: wrap }
.symbol { color: var(--muted); font-size: .875em }
.amount { font-weight: 600 }
.age { color: var(--muted); font-size: .75em }
`

/** `<harta-price symbol="BTC-USD">`: one price, its state and its age. */
export class HartaPrice extends HartaElement {
  static readonly observedAttributes = ['symbol']
  protected readonly ownStyle = style

  get symbol(): string {
    return this.getAttribute('symbol') ?? ''
  }
  set symbol(symbol: string) {
    this.setAttribute('symbol', symbol)
  }

  attributeChangedCallback(): void {
    this.restart()
  }

  protected follow(client: HartaClient, body: HTMLElement): () => void {
    const { symbol, words, locale } = this
    const amount = make('span', 'amount figure', '–')
    const state = make('span', 'badge')
    const age = make('span', 'age')
    state.hidden = true
    body.append(make('span', 'symbol', symbol), amount, state, age)
    if (symbol === '') return () => {}
    let latest: Price | undefined
    const tick = (): void => setText(age, latest ? formatAge(latest.at, Date.now(), locale) : '')
    const stops = [
      client.prices.watch([symbol], ([price]) => {
        if (!price) return
        latest = price
        setFigure(amount, formatPrice(price.amount, price.currency, locale), price.amount)
        state.hidden = false
        state.dataset.state = price.state
        state.title = price.source
        setText(state, words.states[price.state])
        tick()
      }),
      everySecond(tick),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }
}
