import type { Clock } from '../lib/clock.js'
import { parseFixed } from '../lib/decimal.js'
import type { Log } from '../lib/log.js'
import type { Candle } from './store.js'
import type { Quote } from './tick.js'

const MINUTE_MS = 60_000

/**
 * Turns winning quotes into candles of a minute and hands them over in batches. What is under way is handed over
 * too, so that a process that dies loses a few seconds of a minute's range at most; the store widens a minute
 * that comes again. A batch that cannot be written is kept and tried again with the next one.
 */
export class CandleRecorder {
  readonly #save: (candles: readonly Candle[]) => Promise<void>
  readonly #log: Log
  readonly #unsaved = new Map<string, Candle>()
  readonly #cancel: () => void
  #saving: Promise<void> | null = null

  constructor(options: {
    save: (candles: readonly Candle[]) => Promise<void>
    clock: Clock
    log: Log
    everyMs?: number
  }) {
    this.#save = options.save
    this.#log = options.log
    this.#cancel = options.clock.every(options.everyMs ?? 5_000, () => void this.flush())
  }

  record(quote: Quote): void {
    const at = Math.floor(quote.at / MINUTE_MS) * MINUTE_MS
    const price = parseFixed(quote.price)
    const key = `${quote.symbol} ${at}`
    const known = this.#unsaved.get(key)
    this.#unsaved.set(key, {
      symbol: quote.symbol,
      at,
      open: known?.open ?? price,
      high: known && known.high > price ? known.high : price,
      low: known && known.low < price ? known.low : price,
      close: price,
      source: quote.source,
      state: quote.state,
    })
  }

  /** Writes what has been gathered; never rejects. */
  async flush(): Promise<void> {
    if (this.#saving) return this.#saving
    if (this.#unsaved.size === 0) return
    const batch = [...this.#unsaved]
    this.#unsaved.clear()
    this.#saving = this.#save(batch.map(([, candle]) => candle))
      .catch((error: unknown) => {
        this.#log.warn({ err: error, candles: batch.length }, 'candles could not be saved')
        this.#keep(batch)
      })
      .finally(() => {
        this.#saving = null
      })
    await this.#saving
  }

  async stop(): Promise<void> {
    this.#cancel()
    await this.flush()
    await this.flush()
  }

  /** Puts a batch back in front of what came since; the oldest go when there are more than it can hold. */
  #keep(batch: readonly (readonly [string, Candle])[]): void {
    const since = [...this.#unsaved]
    this.#unsaved.clear()
    for (const [key, candle] of [...batch, ...since]) {
      const known = this.#unsaved.get(key)
      this.#unsaved.set(key, known ? widened(known, candle) : candle)
    }
    for (const key of this.#unsaved.keys()) {
      if (this.#unsaved.size <= MOST_UNSAVED) break
      this.#unsaved.delete(key)
    }
  }
}

/** One minute of two parts of it. */
function widened(earlier: Candle, later: Candle): Candle {
  return {
    ...later,
    open: earlier.open,
    high: later.high > earlier.high ? later.high : earlier.high,
    low: later.low < earlier.low ? later.low : earlier.low,
  }
}

const MOST_UNSAVED = 100_000
