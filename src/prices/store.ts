import type { Tx } from '../database/database.js'
import { fromDateText } from '../database/values.js'
import { type Fixed, formatFixed, parseFixed } from '../lib/decimal.js'

/** One minute of one instrument; `at` is its first millisecond, UTC. */
export interface Candle {
  readonly symbol: string
  readonly at: number
  readonly open: Fixed
  readonly high: Fixed
  readonly low: Fixed
  readonly close: Fixed
  readonly source: string
  readonly state: string
}

/** A closing price is no reference for a day that began much later. */
const CLOSE_DAYS = 7
const RATE_DAYS = 7

export const priceStore = {
  /** Writes minutes; one that is there already is widened by the new one. Unknown instruments are passed over. */
  async upsertMinutes(tx: Tx, candles: readonly Candle[]): Promise<void> {
    const column = (read: (candle: Candle) => string): string[] => candles.map(read)
    await tx.$executeRaw`
      INSERT INTO candles (instrument_id, interval, at, open, high, low, close, source, state)
      SELECT instruments.id, '1m', to_timestamp(given.at::double precision / 1000), given.open::numeric,
             given.high::numeric, given.low::numeric, given.close::numeric, given.source, given.state
      FROM unnest(
        ${column((candle) => candle.symbol)}::text[], ${column((candle) => String(candle.at))}::text[],
        ${column((candle) => formatFixed(candle.open))}::text[], ${column((candle) => formatFixed(candle.high))}::text[],
        ${column((candle) => formatFixed(candle.low))}::text[], ${column((candle) => formatFixed(candle.close))}::text[],
        ${column((candle) => candle.source)}::text[], ${column((candle) => candle.state)}::text[]
      ) AS given (symbol, at, open, high, low, close, source, state)
      JOIN instruments ON instruments.symbol = given.symbol
      ON CONFLICT (instrument_id, interval, at) DO UPDATE SET
        high = greatest(candles.high, excluded.high), low = least(candles.low, excluded.low),
        close = excluded.close, source = excluded.source, state = excluded.state`
  },

  async removeMinutesBefore(tx: Tx, at: number): Promise<void> {
    await tx.candle.deleteMany({ where: { interval: '1m', at: { lt: new Date(at) } } })
  },

  /** The last close before an instant, by symbol; a symbol without one in the week before is not in it. */
  async closesBefore(tx: Tx, symbols: readonly string[], at: number): Promise<ReadonlyMap<string, Fixed>> {
    if (symbols.length === 0) return new Map()
    const rows = await tx.$queryRaw<{ symbol: string; close: string }[]>`
      SELECT instruments.symbol, last.close::text
      FROM instruments
      CROSS JOIN LATERAL (
        SELECT close FROM candles
        WHERE instrument_id = instruments.id AND interval = '1m'
          AND at < to_timestamp(${String(at)}::double precision / 1000)
          AND at >= to_timestamp(${String(at)}::double precision / 1000) - make_interval(days => ${CLOSE_DAYS}::int)
        ORDER BY at DESC LIMIT 1
      ) AS last
      WHERE instruments.symbol = ANY(${[...symbols]}::text[])`
    return new Map(rows.map((row) => [row.symbol, parseFixed(row.close)]))
  },

  /** The newest daily fix of each pair (`EUR-USD`) on or before a date, a week old at most. */
  async ratesOn(tx: Tx, date: string): Promise<ReadonlyMap<string, Fixed>> {
    const rows = await tx.$queryRaw<{ base: string; quote: string; rate: string }[]>`
      SELECT DISTINCT ON (base, quote) base, quote, rate::text FROM exchange_rates
      WHERE date <= ${date}::date AND date >= ${date}::date - ${RATE_DAYS}::int
      ORDER BY base, quote, date DESC, source`
    return new Map(rows.map((row) => [`${row.base}-${row.quote}`, parseFixed(row.rate)]))
  },

  async saveRate(
    tx: Tx,
    fix: { base: string; quote: string; date: string; rate: string; source: string },
  ): Promise<void> {
    const { rate, ...rest } = fix
    const key = { ...rest, date: fromDateText(fix.date) }
    await tx.exchangeRate.upsert({
      where: { base_quote_date_source: key },
      create: { ...key, rate },
      update: { rate },
    })
  },

  /** Symbols that somebody holds and that are priced by the market. */
  async heldSymbols(tx: Tx): Promise<readonly string[]> {
    const rows = await tx.$queryRaw<{ symbol: string }[]>`
      SELECT DISTINCT symbol FROM assets WHERE pricing = 'MARKET' AND symbol IS NOT NULL`
    return rows.map((row) => row.symbol)
  },

  /** Pairs of currencies between which somebody's holdings are converted. */
  async heldCurrencies(tx: Tx): Promise<readonly { from: string; to: string }[]> {
    return tx.$queryRaw<{ from: string; to: string }[]>`
      SELECT DISTINCT assets.currency AS from, users.base_currency AS to
      FROM assets JOIN users ON users.id = assets.user_id WHERE assets.currency <> users.base_currency`
  },
}
