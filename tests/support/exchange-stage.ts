import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { Connection } from '../../src/feeds/connection.js'
import type { ExchangeSide } from '../../src/feeds/exchange-side/protocol.js'
import type { VenueTick } from '../../src/feeds/venue.js'
import { plainDecimal } from '../../src/lib/decimal.js'
import { createLog } from '../../src/lib/log.js'
import { Admission } from '../../src/prices/admission.js'
import { PriceBoard } from '../../src/prices/board.js'
import { FakeClock } from './exchange-clock.js'
import { RudeExchange } from './exchange-server.js'

const STEP_MS = 250
const TICK_MS = 1_000
/** By the clock of the stage; the longest patience of a venue is far below. */
const LONGEST_MS = 15 * 60_000
const QUOTES = ['USDT', 'USD', 'IDR']
const TELLS_NO_TIME = new Set(['bitfinex'])

/** What a connection gets: everything, everything but prices, or nothing at all. */
type Service = 'full' | 'priceless' | 'none'

/** A moment: the clock, and what was told until then. */
export interface Moment {
  readonly at: number
  readonly order: number
}

/**
 * One venue's exchange, a connection to it, and a board behind it, on a clock of their own. The exchange answers as
 * the venue's side does and tells a price of each held symbol every second, until a test lets it misbehave. It
 * remembers each price that it told, and the stage each that was handed on without having been told.
 */
export class Stage {
  readonly clock = new FakeClock()
  readonly side: ExchangeSide
  readonly exchange: RudeExchange
  readonly connection: Connection
  readonly board = new PriceBoard({ now: () => this.clock.now() })
  readonly symbols: readonly [string, string]
  /** Not traded here. */
  readonly unknown: string
  readonly counts = new Map<string, number>()
  readonly refused: string[] = []
  /** Handed on, and never told of that symbol. */
  readonly wrong: string[] = []
  /** Whether the venue tells when a price was made. */
  readonly isTimed: boolean
  /** Added to the time of each price that is told. */
  skewMs = 0
  service: (index: number) => Service = () => 'full'
  readonly #admission = new Admission({ board: this.board, now: () => this.clock.now() })
  readonly #held = new Map<WebSocket, Set<string>>()
  /** Each told price of a symbol and its place among all; null when it was told with a wrong time. */
  readonly #told = new Map<string, Map<string, number | null>>()
  #order = 0

  private constructor(side: ExchangeSide, exchange: RudeExchange) {
    this.side = side
    this.exchange = exchange
    this.isTimed = !TELLS_NO_TIME.has(side.venue.id)
    this.symbols = [this.#name('BTC'), this.#name('ETH')]
    this.unknown = this.#name('NOPE')
    exchange.onConnection = (socket, index) => this.#greet(socket, index)
    exchange.onMessage = (socket, message, index) => this.#answer(socket, message, index)
    this.connection = new Connection({
      venue: side.venue,
      url: side.venue.url(exchange.url),
      clock: this.clock,
      random: () => 0.5,
      log: createLog('silent'),
      onTick: (tick: VenueTick) => this.#take(tick),
      onRefused: (symbol) => this.refused.push(symbol),
      count: (reason) => this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1),
    })
  }

  static async open(side: ExchangeSide): Promise<Stage> {
    return new Stage(side, await RudeExchange.open())
  }

  async close(): Promise<void> {
    await this.connection.stop()
    await this.exchange.close()
  }

  connect(symbols: readonly string[] = this.symbols): void {
    this.connection.setSymbols(symbols)
    this.connection.start()
  }

  /** The newest connection, subscribed to both symbols. */
  async live(): Promise<WebSocket> {
    this.connect()
    await this.recovery()
    return this.exchange.last
  }

  now(): Moment {
    return { at: this.clock.now(), order: this.#order }
  }

  /** How long it takes until both symbols stand on the board at a price that was told after that moment, in ms. */
  async recovery(since = this.now()): Promise<number> {
    await this.until(() => this.symbols.every((symbol) => this.#standsSince(symbol, since.order)))
    return this.clock.now() - since.at
  }

  async until(condition: () => boolean): Promise<void> {
    const limit = this.clock.now() + LONGEST_MS
    while (!condition()) {
      if (this.wrong.length > 0) throw new Error(`never told: ${this.wrong.join(', ')}`)
      if (this.clock.now() > limit) throw new Error(`never came true: ${condition}`)
      await this.step()
    }
  }

  async step(): Promise<void> {
    this.clock.advance(STEP_MS)
    if (this.clock.now() % TICK_MS === 0) this.#tick()
    if (this.clock.now() % this.side.heartbeatMs < STEP_MS) this.#beat()
    await this.settle()
  }

  /** Lets what is under way between the two ends arrive. */
  async settle(): Promise<void> {
    for (let round = 0; round < 8; round += 1) await turn()
    for (let ms = 0; ms < 500 && this.connection.state === 'connecting'; ms += 1) await wait(1)
  }

  /** A frame with a new price, which from now on counts as told. */
  frame(symbol: string, at = this.clock.now() + this.skewMs): { frame: string; price: string } {
    const { frame, price } = this.falseFrame(symbol, at)
    const told = this.#told.get(symbol) ?? new Map<string, number | null>()
    this.#told.set(symbol, told)
    told.set(price, this.skewMs === 0 ? this.#order : null)
    return { frame, price }
  }

  /** A frame with a new price that does not count as told: whatever becomes of it, this price must not come out. */
  falseFrame(symbol: string, at = this.clock.now()): { frame: string; price: string } {
    this.#order += 1
    const price = (1_000 + this.#order / 10).toFixed(2)
    const frame = this.side.ticker({ symbol, price, at, order: this.#order })
    return { frame, price: plainDecimal(price) ?? '' }
  }

  #name(base: string): string {
    for (const quote of QUOTES) {
      const symbol = this.side.venue.symbol({ base, quote })
      if (symbol !== null) return symbol
    }
    throw new Error(`${this.side.venue.id} quotes no ${base}`)
  }

  #standsSince(symbol: string, order: number): boolean {
    const price = this.board.get(symbol)?.quote.price ?? ''
    return (this.#told.get(symbol)?.get(price) ?? 0) > order
  }

  #greet(socket: WebSocket, index: number): void {
    this.#held.set(socket, new Set())
    if (this.service(index) !== 'none') for (const frame of this.side.greeting) socket.send(frame)
  }

  #answer(socket: WebSocket, message: string, index: number): void {
    const held = this.#held.get(socket)
    if (!held || this.service(index) === 'none') return
    const { replies, added, dropped } = this.side.answer(message, (symbol) => symbol !== this.unknown, held)
    for (const symbol of added) held.add(symbol)
    for (const symbol of dropped) held.delete(symbol)
    for (const reply of replies) socket.send(reply)
    if (!this.side.startsWithPrice || this.service(index) !== 'full') return
    for (const symbol of added) socket.send(this.frame(symbol).frame)
  }

  #tick(): void {
    this.#everyOpen((socket, held, index) => {
      if (this.service(index) !== 'full') return
      for (const symbol of held) socket.send(this.frame(symbol).frame)
    })
  }

  #beat(): void {
    this.#everyOpen((socket, held, index) => {
      if (this.service(index) === 'none') return
      for (const frame of this.side.heartbeats(held, this.clock.now())) socket.send(frame)
      socket.ping()
    })
  }

  #everyOpen(work: (socket: WebSocket, held: ReadonlySet<string>, index: number) => void): void {
    for (const [index, socket] of this.exchange.connections.entries()) {
      const held = this.#held.get(socket)
      if (held && socket.readyState === WebSocket.OPEN) work(socket, held, index)
    }
  }

  #take(tick: VenueTick): void {
    const { symbol, price, order } = tick
    if (!this.#told.get(symbol)?.has(price)) this.wrong.push(`${symbol} ${price}`)
    const at = tick.at ?? this.clock.now()
    const source = this.side.venue.id
    this.#admission.decide({ symbol, source, price, at, order, currency: 'USD', state: 'live' })
  }
}
