import { type ExchangeServer, openExchangeServer, SIDES } from '../../src/feeds/exchange-side/server.js'
import { systemClock } from '../../src/lib/clock.js'
import { textOf } from './expected-firings.js'

const { coinbase } = SIDES
const FIRST = 1_000_000
/** Between two of the levels that a price which stands anew comes past. */
const STEP = 2_500
const REMEMBERED = 40

interface Frame {
  readonly symbol: string
  readonly price: number
  readonly order: number
  readonly text: string
}

/**
 * A real exchange on loopback whose prices go to and fro. It tells the price of each instrument again four times a
 * second, as exchanges of busy markets do, and to whoever subscribes; so a price that stands is heard in the end by
 * whoever is alive. `told` is called for each frame that is newer than all before it, once, in the order in which
 * they go out: what is told again and what comes too late are no prices.
 */
export class ToldMarket {
  told: (symbol: string, price: number) => void = () => {}
  readonly #prices: Map<string, number>
  readonly #random: () => number
  readonly #past = new Map<string, Frame[]>()
  readonly #cancel: () => void
  #server: ExchangeServer | null = null
  #newest = new Map<string, number>()
  #order = 0

  private constructor(symbols: readonly string[], random: () => number) {
    this.#prices = new Map(symbols.map((symbol) => [symbol, FIRST]))
    this.#random = random
    this.#cancel = systemClock.every(250, () => this.tellAgain())
  }

  static async open(symbols: readonly string[], random: () => number): Promise<ToldMarket> {
    const market = new ToldMarket(symbols, random)
    market.#server = await openExchangeServer({
      side: coinbase,
      clock: systemClock,
      knows: (symbol) => market.#prices.has(symbol),
      subscribed: (_, asked) => market.tellAgain(asked),
    })
    return market
  }

  get url(): string {
    return this.#server?.url ?? ''
  }

  get symbols(): readonly string[] {
    return [...this.#prices.keys()]
  }

  priceOf(symbol: string): number {
    return this.#prices.get(symbol) ?? FIRST
  }

  tellAgain(symbols: Iterable<string> = this.#prices.keys()): void {
    for (const symbol of symbols) this.#send(this.#frame(symbol, this.priceOf(symbol)))
  }

  /** From below the lowest price to above the highest, none of which is one of them. */
  static levels(): readonly number[] {
    return Array.from({ length: 81 }, (_, place) => FIRST + (place - 40) * STEP + 0.5)
  }

  /** Goes past a level, within so many per cent of where it began, and stays; those that are alive hear it twice. */
  stand(symbol: string, reach: number): void {
    const before = this.priceOf(symbol)
    let price = before
    while (Math.floor((price - 0.5) / STEP) === Math.floor((before - 0.5) / STEP)) price = this.#next(reach)
    this.#prices.set(symbol, price)
    this.told(symbol, price)
    this.#send(this.#frame(symbol, price))
  }

  /**
   * Goes through so many prices at once; some come twice, some after a later one, and some of what was told long
   * ago comes again. For an instrument that somebody hears all the while.
   */
  rush(symbol: string, steps: number, reach: number): void {
    const frames = Array.from({ length: steps }, () => this.#frame(symbol, this.#next(reach)))
    for (const place of frames.keys()) {
      const other = this.#random() < 0.15 ? place + 1 : place
      const [one, two] = [frames[place], frames[other]]
      if (one && two) [frames[place], frames[other]] = [two, one]
    }
    for (const frame of frames) {
      if (frame.order > (this.#newest.get(symbol) ?? 0)) this.#prices.set(symbol, frame.price)
      this.#send(frame)
      if (this.#random() < 0.2) this.#send(frame)
      if (this.#random() < 0.2) this.#send(this.#old(symbol) ?? frame)
    }
  }

  async close(): Promise<void> {
    this.#cancel()
    await this.#server?.close()
  }

  #next(reach: number): number {
    return FIRST + Math.round((this.#random() * 2 - 1) * (FIRST / 100) * reach)
  }

  #frame(symbol: string, price: number): Frame {
    this.#order += 1
    const order = this.#order
    const text = coinbase.ticker({ symbol, price: textOf(price), at: Date.now(), order })
    return { symbol, price, order, text }
  }

  #old(symbol: string): Frame | undefined {
    const past = this.#past.get(symbol) ?? []
    return past[Math.floor(this.#random() * past.length)]
  }

  #send(frame: Frame): void {
    const { symbol, price, order } = frame
    const past = this.#past.get(symbol) ?? []
    this.#past.set(symbol, [...past, frame].slice(-REMEMBERED))
    if (order > (this.#newest.get(symbol) ?? 0)) {
      this.#newest.set(symbol, order)
      this.told(symbol, price)
    }
    for (const client of this.#server?.clients() ?? [])
      if (client.symbols.has(symbol)) client.send(frame.text)
  }
}

/** The same numbers in each run with the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
