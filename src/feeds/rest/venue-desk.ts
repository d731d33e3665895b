import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import { LENGTH_MS, type PastCandle } from '../../prices/candle.js'
import type { Coordination } from '../../prices/coordination.js'
import type { Ask, Question } from '../ask.js'
import { pauseAfter } from '../connects.js'
import type { VenueTick } from '../venue.js'
import type { CandleAsk, ListedPair, VenueRest } from './rest.js'
import { Turns } from './turns.js'

/** What is asked first where several questions wait, and how long each may wait for its turn. */
const TICKER = { rank: 0, patienceMs: 5_000 } as const
const CATALOGUE = { rank: 1, patienceMs: 60_000 } as const
const CANDLES = { rank: 2, patienceMs: 60_000 } as const

/** A venue needs a moment for the last trades of an interval, and our clock may be ahead of its own. */
const SETTLE_MS = 10_000
/** A week of minutes in pages of a hundred. */
const MOST_PAGES = 101

const THROTTLED_MS = 60_000
/** Failures in a row after which a venue is left alone, twice as long each time. */
const PATIENT_FAILURES = 3
const FIRST_REST_MS = 5_000
const LONGEST_REST_MS = 5 * 60_000
/** Answers that say nothing of the question: the venue is down, or something stands in front of it. */
const DOWN = new Set(['empty', 'not-json', 'unavailable'])

/**
 * Asks one venue over HTTP. One question at a time, the newest price before history, at a pace that all workers
 * share; a venue that says it is asked too fast, or fails again and again, is left alone by all of them. Whatever
 * goes wrong is null and counted by its word. Who asks what is being asked already gets the same answer.
 */
export class VenueDesk {
  readonly id: string
  readonly #rest: VenueRest
  readonly #base: string
  readonly #ask: Ask
  readonly #hold: (forMs: number) => Promise<void>
  readonly #clock: Clock
  readonly #log: Log
  readonly #count: (word: string) => void
  readonly #turns: Turns
  readonly #lists = new Flights<readonly ListedPair[]>()
  readonly #tickers = new Flights<VenueTick>()
  readonly #candles = new Flights<readonly PastCandle[]>()
  #failures = 0

  constructor(options: {
    rest: VenueRest
    /** An address in place of the venue's own. */
    base?: string
    ask: Ask
    coordination: Pick<Coordination, 'take' | 'hold'>
    clock: Clock
    log: Log
    /** Hears a word of a fixed set that begins with `rest-` for every question that gave nothing. */
    count: (word: string) => void
  }) {
    const { rest, coordination, clock } = options
    const name = `rest-${rest.id}`
    this.id = rest.id
    this.#rest = rest
    this.#base = (options.base ?? rest.base).replace(/\/+$/, '')
    this.#ask = options.ask
    this.#hold = (forMs) => coordination.hold(name, forMs)
    this.#clock = clock
    this.#log = options.log
    this.#count = (word) => options.count(`rest-${word}`)
    this.#turns = new Turns({ name, limit: rest.limit, coordination, clock, count: this.#count })
  }

  /** Waiting questions come to nothing; one that is under way ends by itself. */
  stop(): void {
    this.#turns.stop()
  }

  catalogue(): Promise<readonly ListedPair[] | null> {
    const { catalogue } = this.#rest
    return this.#lists.share('', () =>
      this.#question(CATALOGUE, catalogue.question(this.#base), catalogue.read),
    )
  }

  ticker(symbol: string): Promise<VenueTick | null> {
    const { ticker } = this.#rest
    return this.#tickers.share(symbol, () =>
      this.#question(TICKER, ticker.question(this.#base, symbol), (body) => ticker.read(body, symbol)),
    )
  }

  /**
   * Candles that begin in [from, to) and are over, oldest first. Of more than a question can span many times
   * over, the newest; of what lies further back than the venue reaches, nothing.
   */
  candles(ask: CandleAsk): Promise<readonly PastCandle[] | null> {
    const key = `${ask.symbol} ${ask.interval} ${ask.from} ${ask.to}`
    return this.#candles.share(key, () => this.#pages(this.#within(ask)))
  }

  /** The part of a question that an answer can be had for, on the borders of intervals. */
  #within(ask: CandleAsk): CandleAsk {
    const { most, reach } = this.#rest.candles
    const lengthMs = LENGTH_MS[ask.interval]
    const newest = Math.floor((this.#clock.now() - SETTLE_MS) / lengthMs) * lengthMs
    const to = Math.min(Math.ceil(ask.to / lengthMs) * lengthMs, newest)
    const oldest = reach ? newest - reach[ask.interval] * lengthMs : 0
    const from = Math.max(
      Math.ceil(ask.from / lengthMs) * lengthMs,
      oldest,
      to - MOST_PAGES * most * lengthMs,
    )
    return { ...ask, from, to }
  }

  async #pages(ask: CandleAsk): Promise<readonly PastCandle[] | null> {
    const { candles } = this.#rest
    const spanMs = candles.most * LENGTH_MS[ask.interval]
    const pages: (readonly PastCandle[])[] = []
    for (let to = ask.to; to > ask.from; to -= spanMs) {
      const from = Math.max(ask.from, to - spanMs)
      const question = candles.question(this.#base, { ...ask, from, to })
      const page = await this.#question(CANDLES, question, (body) => candles.read(body, ask.interval))
      if (page === null) return null
      const asked = page.filter(({ at }) => at >= from && at < to)
      if (asked.length === 0 && page.length > 0) this.#count('beside-the-range')
      pages.push(asked)
    }
    return pages.reverse().flat()
  }

  #question<T extends object>(
    turn: { readonly rank: number; readonly patienceMs: number },
    question: Question,
    read: (body: Buffer) => T | string,
  ): Promise<T | null> {
    return this.#turns.run(turn.rank, turn.patienceMs, () => this.#answer(question, read))
  }

  async #answer<T extends object>(question: Question, read: (body: Buffer) => T | string): Promise<T | null> {
    const answer = await this.#ask(question)
    if (answer.kind === 'failed') return this.#failed(answer.reason, 0, true)
    if (answer.kind === 'refused') {
      const { status, retryAfterMs } = answer
      const pauseMs = pauseAfter({ reason: 'refused', status, retryAfterMs })
      return this.#failed(statusWord(status), pauseMs, status >= 500)
    }
    const result = read(answer.body)
    if (typeof result === 'string') {
      return this.#failed(result, result === 'throttled' ? THROTTLED_MS : 0, DOWN.has(result))
    }
    this.#failures = 0
    return result
  }

  async #failed(word: string, pauseMs: number, isDown: boolean): Promise<null> {
    this.#count(word)
    this.#failures = isDown ? this.#failures + 1 : 0
    const restMs = Math.max(pauseMs, restAfter(this.#failures))
    if (restMs > 0) {
      this.#log.warn({ venue: this.id, reason: word, forMs: restMs }, 'leaving a venue alone')
      await this.#hold(restMs).catch(() => this.#count('uncoordinated'))
    }
    return null
  }
}

function restAfter(failures: number): number {
  if (failures < PATIENT_FAILURES) return 0
  return Math.min(FIRST_REST_MS * 2 ** (failures - PATIENT_FAILURES), LONGEST_REST_MS)
}

const TOLD_STATUSES = new Set([400, 401, 403, 404, 418, 429, 451])

function statusWord(status: number): string {
  return TOLD_STATUSES.has(status) ? String(status) : `${Math.floor(status / 100)}xx`
}

/** Questions under way by what they ask; the same question is asked once. */
class Flights<T> {
  readonly #under = new Map<string, Promise<T | null>>()

  share(key: string, start: () => Promise<T | null>): Promise<T | null> {
    const known = this.#under.get(key)
    if (known) return known
    const flight = start().finally(() => this.#under.delete(key))
    this.#under.set(key, flight)
    return flight
  }
}
