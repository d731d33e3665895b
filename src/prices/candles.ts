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

  /** Puts a batch back, older ones first out when there are too many to hold. */
  #keep(batch: readonly (readonly [string, Candle])[]): void {
    for (const [key, candle] of batch) {
      const newer = this.#unsaved.get(key)
      this.#unsaved.set(
        key,
        newer
          ? {
              ...newer,
              open: candle.open,
              high: newer.high > candle.high ? newer.high : candle.high,
              low: newer.low < candle.low ? newer.low : candle.low,
            }
          : candle,
      )
    }
    for (const key of this.#unsaved.keys()) {
      if (this.#unsaved.size <= MOST_UNSAVED) break
      this.#unsaved.delete(key)
    }
  }
}

const MOST_UNSAVED = 100_000
