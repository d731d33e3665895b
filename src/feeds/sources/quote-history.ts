import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import { type Interval, LENGTH_MS, type PastCandle } from '../../prices/candle.js'
import type { Coordination } from '../../prices/coordination.js'
import type { PastAnswer, PastAsk } from '../../prices/past.js'
import type { Ask } from '../ask.js'
import type { QuoteSource, SourceRefusal } from './source.js'
import { SourceDoor } from './source-door.js'

export interface HistorySource {
  readonly source: QuoteSource
  readonly base: string
  readonly key: string | null
}

/** Longer than this the past does not wait for a source's bucket; whoever asked comes again. */
const LONGEST_WAIT_MS = 60_000

/**
 * The past of what is asked for instead of listened to: shares, and coins that no venue lists. An instrument's
 * past comes from the first source, in the given order, that names it and keeps candles of that length; a range
 * that is longer than one answer is asked for in parts, through the same buckets as the newest prices.
 */
export class QuoteHistory {
  readonly #lanes: readonly { readonly entry: HistorySource; readonly door: SourceDoor }[]
  readonly #clock: Clock
  readonly #waits = new Set<() => void>()
  #stopped = false

  constructor(options: {
    sources: readonly HistorySource[]
    ask: Ask
    coordination: Coordination
    clock: Clock
    random: () => number
    log: Log
  }) {
    this.#clock = options.clock
    this.#lanes = options.sources
      .filter(({ source }) => source.history !== undefined)
      .map((entry) => ({
        entry,
        door: new SourceDoor({ ...options, source: entry.source, isForPast: true }),
      }))
  }

  /** Who would be asked for this instrument's past; null when nobody keeps it. */
  sourceOf(symbol: string): string | null {
    return this.#lanes.find(({ entry }) => entry.source.name(symbol) !== null)?.entry.source.id ?? null
  }

  /** Never rejects. */
  async past(ask: PastAsk): Promise<PastAnswer> {
    const lane = this.#lanes.find(({ entry: { source } }) => keeps(source, ask))
    const history = lane?.entry.source.history
    if (!lane || !history) return { kind: 'none' }
    const { source, base, key } = lane.entry
    const name = source.name(ask.symbol) ?? ''
    const candles: PastCandle[] = []
    for (const part of partsOf(ask, history, this.#clock.now())) {
      const question = history.question(base, { name, ...part }, key)
      const told = await this.#ask(lane.door, question, (body) => history.read(body, ask.interval))
      if (told.kind !== 'candles') return told
      candles.push(...told.candles)
    }
    return { kind: 'past', source: source.id, candles }
  }

  /** What waits for its turn fails. */
  stop(): void {
    this.#stopped = true
    for (const end of this.#waits) end()
  }

  async #ask(
    door: SourceDoor,
    question: Parameters<SourceDoor['ask']>[0],
    read: (body: Buffer) => readonly PastCandle[] | SourceRefusal,
  ): Promise<Candles | { readonly kind: 'failed'; readonly retryAfterMs?: number }> {
    for (;;) {
      if (this.#stopped) return { kind: 'failed' }
      const told = await door.ask<Candles>(question, (body) => {
        const answer = read(body)
        return 'kind' in answer ? answer : { kind: 'candles', candles: answer }
      })
      if (told.kind === 'candles') return told
      if (told.kind === 'refused') return { kind: 'failed' }
      if (told.waitMs > LONGEST_WAIT_MS) return { kind: 'failed', retryAfterMs: told.waitMs }
      await this.#wait(told.waitMs)
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ms, () => end())
      const end = (): void => {
        cancel()
        this.#waits.delete(end)
        resolve()
      }
      this.#waits.add(end)
    })
  }
}

interface Candles {
  readonly kind: 'candles'
  readonly candles: readonly PastCandle[]
}

function keeps(source: QuoteSource, { symbol, interval }: PastAsk): boolean {
  return source.history?.intervals.includes(interval) === true && source.name(symbol) !== null
}

/** The range in parts that one answer can hold, oldest first, as far back as the source reaches. */
function partsOf(
  { interval, from, to }: PastAsk,
  history: NonNullable<QuoteSource['history']>,
  now: number,
): readonly { readonly interval: Interval; readonly from: number; readonly to: number }[] {
  const length = LENGTH_MS[interval]
  const reach = history.reach?.[interval]
  const first = reach === undefined ? from : Math.max(from, now - reach * length)
  const parts: { interval: Interval; from: number; to: number }[] = []
  for (let begin = first; begin < to; begin += history.most * length) {
    parts.push({ interval, from: begin, to: Math.min(to, begin + history.most * length) })
  }
  return parts
}
