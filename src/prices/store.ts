import { setImmediate as turn } from 'node:timers/promises'
import type { Tx } from '../database/database.js'
import { toFixedText } from '../database/values.js'
import { Prisma } from '../generated/prisma/client.js'
import { type Fixed, formatFixed, parseFixed } from '../lib/decimal.js'
import type { Candle, Interval } from './candle.js'

/** A rate of a date, or a close before an instant, is no reference when it is older. */
const OLDEST_DAYS = 7
/** Rows in one statement. */
const BATCH = 1_000
/** Instruments whose old candles go in one statement. */
const TIDY_BATCH = 500

/** A fix as a source of daily rates told it: one unit of `base` was worth `rate` of `quote`. */
export interface Fix {
  readonly base: string
  readonly quote: string
  readonly date: string
  /** Decimal text, positive. */
  readonly rate: string
  readonly source: string
}

/** Which of the recorded candles a source's word completes; see `fillCandles`. */
export interface Gap {
  /** `at` of the candle whose recording ended before its interval did; null when there is none. */
  readonly cutAt: number | null
  /** `at` of the candle whose recording began after its interval did. */
  readonly lateAt: number | null
}

/** A close before an instant; `at` is the first instant of its candle. */
export interface Close {
  readonly amount: Fixed
  readonly currency: string
  readonly at: number
}

/** What is kept of an instrument's past. */
export interface Known {
  readonly symbol: string
  /** Whether its past was read once, as far back as candles are kept. */
  readonly wasRead: boolean
  /** `at` of the newest candle before the instant that was asked for, by interval. */
  readonly newest: Readonly<Record<Interval, number | null>>
}

export const priceStore = {
  /** Writes candles; one that is there already is widened and closed anew. Unknown instruments are passed over. */
  upsertCandles: (tx: Tx, candles: readonly Candle[]): Promise<void> => writeCandles(tx, candles, null),

  /**
   * Writes what a source told of one instrument's past. What was recorded stands: it is widened, and only where
   * recording was cut short it takes the source's close, where recording began late its open.
   */
  fillCandles: (tx: Tx, candles: readonly Candle[], gap: Gap): Promise<void> =>
    writeCandles(tx, candles, gap),

  /** Candles of [from, to), oldest first. */
  async listCandles(
    tx: Tx,
    instrumentId: string,
    ask: {
      readonly symbol: string
      readonly interval: Interval
      readonly from: number
      readonly to: number
      readonly limit: number
    },
  ): Promise<readonly Candle[]> {
    const rows = await tx.candle.findMany({
      where: { instrumentId, interval: ask.interval, at: { gte: new Date(ask.from), lt: new Date(ask.to) } },
      orderBy: { at: 'asc' },
      take: ask.limit,
    })
    return rows.map(({ at, open, high, low, close, source, state }) => ({
      symbol: ask.symbol,
      interval: ask.interval,
      at: at.getTime(),
      open: parseFixed(toFixedText(open)),
      high: parseFixed(toFixedText(high)),
      low: parseFixed(toFixedText(low)),
      close: parseFixed(toFixedText(close)),
      source,
      state,
    }))
  },

  /** What is kept of these instruments; one that is not known is not in it. */
  async knownPast(tx: Tx, symbols: readonly string[], before: number): Promise<readonly Known[]> {
    const rows = await tx.$queryRaw<
      { symbol: string; was_read: boolean; minute: Date | null; hour: Date | null; day: Date | null }[]
    >`
      SELECT instruments.symbol, instruments.past_read_at IS NOT NULL AS was_read,
             minutes.at AS minute, hours.at AS hour, days.at AS day
      FROM instruments
      LEFT JOIN LATERAL (
        SELECT at FROM candles WHERE instrument_id = instruments.id AND interval = '1m'
          AND at < to_timestamp(${String(before)}::double precision / 1000) ORDER BY at DESC LIMIT 1
      ) AS minutes ON true
      LEFT JOIN LATERAL (
        SELECT at FROM candles WHERE instrument_id = instruments.id AND interval = '1h'
          AND at < to_timestamp(${String(before)}::double precision / 1000) ORDER BY at DESC LIMIT 1
      ) AS hours ON true
      LEFT JOIN LATERAL (
        SELECT at FROM candles WHERE instrument_id = instruments.id AND interval = '1d'
          AND at < to_timestamp(${String(before)}::double precision / 1000) ORDER BY at DESC LIMIT 1
      ) AS days ON true
      WHERE instruments.symbol = ANY(${[...symbols]}::text[])`
    return rows.map(({ symbol, was_read, minute, hour, day }) => ({
      symbol,
      wasRead: was_read,
      newest: {
        '1m': minute?.getTime() ?? null,
        '1h': hour?.getTime() ?? null,
        '1d': day?.getTime() ?? null,
      },
    }))
  },

  /** Remembers that the past was read as far back as candles are kept. */
  async pastWasRead(tx: Tx, symbol: string, at: number): Promise<void> {
    await tx.instrument.updateMany({ where: { symbol }, data: { pastReadAt: new Date(at) } })
  },

  /**
   * Removes candles that began before an instant, of a few hundred instruments that come after this id; gives
   * the id to go on after, null at the end.
   */
  async removeBefore(tx: Tx, interval: Interval, at: number, after: string | null): Promise<string | null> {
    const rows = await tx.instrument.findMany({
      where: after === null ? {} : { id: { gt: after } },
      orderBy: { id: 'asc' },
      take: TIDY_BATCH,
      select: { id: true },
    })
    const ids = rows.map(({ id }) => id)
    // By instrument, as the key begins with it.
    await tx.candle.deleteMany({ where: { instrumentId: { in: ids }, interval, at: { lt: new Date(at) } } })
    return ids.length < TIDY_BATCH ? null : (ids.at(-1) ?? null)
  },

  /**
   * The last close before an instant, by symbol: of a minute, or of a day that was over by then, unless a minute
   * of a later day or of the hour before was kept. `lastDays` holds for each symbol the last such day. A symbol
   * without a close in the week before is not in it.
   */
  async closesBefore(
    tx: Tx,
    lastDays: ReadonlyMap<string, string>,
    at: number,
  ): Promise<ReadonlyMap<string, Close>> {
    if (lastDays.size === 0) return new Map()
    const rows = await tx.$queryRaw<{ symbol: string; currency: string; at: Date; close: string }[]>`
      SELECT given.symbol, instruments.currency,
             CASE WHEN chosen.is_minute THEN minutes.at ELSE days.at END AS at,
             CASE WHEN chosen.is_minute THEN minutes.close ELSE days.close END::text AS close
      FROM unnest(${[...lastDays.keys()]}::text[], ${[...lastDays.values()]}::text[]) AS given (symbol, day)
      JOIN instruments ON instruments.symbol = given.symbol
      LEFT JOIN LATERAL (
        SELECT at, close FROM candles
        WHERE instrument_id = instruments.id AND interval = '1m'
          AND at < to_timestamp(${String(at)}::double precision / 1000)
          AND at >= to_timestamp(${String(at)}::double precision / 1000) - make_interval(days => ${OLDEST_DAYS}::int)
        ORDER BY at DESC LIMIT 1
      ) AS minutes ON true
      LEFT JOIN LATERAL (
        SELECT at, close FROM candles
        WHERE instrument_id = instruments.id AND interval = '1d'
          AND at <= (given.day || 'T00:00:00Z')::timestamptz
          AND at > (given.day || 'T00:00:00Z')::timestamptz - make_interval(days => ${OLDEST_DAYS}::int)
        ORDER BY at DESC LIMIT 1
      ) AS days ON true
      CROSS JOIN LATERAL (
        SELECT days.at IS NULL OR minutes.at >= days.at + interval '1 day'
            OR minutes.at >= to_timestamp(${String(at)}::double precision / 1000) - interval '1 hour' AS is_minute
      ) AS chosen
      WHERE minutes.close IS NOT NULL OR days.close IS NOT NULL`
    return new Map(
      rows.map(({ symbol, currency, at, close }) => [
        symbol,
        { amount: parseFixed(close), currency, at: at.getTime() },
      ]),
    )
  },

  /** The newest daily fix of each pair (`EUR-USD`) on or before a date, a week old at most. */
  async ratesOn(tx: Tx, date: string): Promise<ReadonlyMap<string, Fixed>> {
    // From pair to pair over the key, instead of over every row of every day.
    const rows = await tx.$queryRaw<{ base: string; quote: string; rate: string }[]>`
      WITH RECURSIVE pairs AS (
        (SELECT base, quote FROM exchange_rates ORDER BY base, quote LIMIT 1)
        UNION ALL
        SELECT next.base, next.quote FROM pairs CROSS JOIN LATERAL (
          SELECT base, quote FROM exchange_rates
          WHERE (exchange_rates.base, exchange_rates.quote) > (pairs.base, pairs.quote)
          ORDER BY base, quote LIMIT 1
        ) AS next
      )
      SELECT pairs.base, pairs.quote, newest.rate::text
      FROM pairs CROSS JOIN LATERAL (
        SELECT rate FROM exchange_rates
        WHERE base = pairs.base AND quote = pairs.quote
          AND date <= ${date}::date AND date >= ${date}::date - ${OLDEST_DAYS}::int
        ORDER BY date DESC, source LIMIT 1
      ) AS newest`
    return new Map(rows.map((row) => [`${row.base}-${row.quote}`, parseFixed(row.rate)]))
  },

  /** Writes fixes; one of the same pair, date and source takes the place of the one before. */
  async saveRates(tx: Tx, fixes: readonly Fix[]): Promise<void> {
    const byKey = new Map(fixes.map((fix) => [`${fix.base} ${fix.quote} ${fix.date} ${fix.source}`, fix]))
    for (const batch of batchesOf([...byKey.values()])) {
      const column = (name: keyof Fix): string[] => batch.map((fix) => fix[name])
      await tx.$executeRaw`
        INSERT INTO exchange_rates (base, quote, date, rate, source)
        SELECT base, quote, date::date, rate::numeric, source
        FROM unnest(
          ${column('base')}::text[], ${column('quote')}::text[], ${column('date')}::text[],
          ${column('rate')}::text[], ${column('source')}::text[]
        ) AS given (base, quote, date, rate, source)
        ON CONFLICT (base, quote, date, source) DO UPDATE SET rate = excluded.rate
        WHERE exchange_rates.rate <> excluded.rate`
    }
  },

  /** The first and the last date of which daily fixes are kept; null when there are none. */
  async keptRates(tx: Tx): Promise<{ readonly from: string; readonly to: string } | null> {
    const [row] = await tx.$queryRaw<{ from: string | null; to: string | null }[]>`
      SELECT min(date)::text AS from, max(date)::text AS to FROM exchange_rates`
    return row?.from && row.to ? { from: row.from, to: row.to } : null
  },

  /** The date from which on somebody's entries need exchange rates; null while there are none. */
  async ratesNeededFrom(tx: Tx): Promise<string | null> {
    const [row] = await tx.$queryRaw<{ date: string | null }[]>`
      SELECT least(
        (SELECT min(date) FROM activities), (SELECT min(date) FROM incomes),
        (SELECT min(date) FROM expenses), (SELECT min(date) FROM goal_contributions)
      )::text AS date`
    return row?.date ?? null
  },

  /** Symbols that somebody holds and that are priced by the market, what most people hold first; then those of alerts. */
  async heldSymbols(tx: Tx): Promise<readonly string[]> {
    // As one text: to read thousands of rows would keep the prices waiting that pass through the same process. Of
    // alerts, of which there may be a million, from symbol to symbol over the key.
    const [row] = await tx.$queryRaw<{ symbols: string | null }[]>`
      WITH RECURSIVE alerted AS (
        SELECT '' AS symbol
        UNION ALL
        SELECT (
          SELECT alerts.symbol FROM alerts WHERE ${MAY_FIRE} AND alerts.symbol > alerted.symbol
          ORDER BY alerts.symbol LIMIT 1
        ) FROM alerted WHERE alerted.symbol IS NOT NULL
      ), divided AS (
        SELECT '' AS symbol
        UNION ALL
        SELECT (
          SELECT per FROM alerts WHERE ${MAY_FIRE} AND per > divided.symbol ORDER BY per LIMIT 1
        ) FROM divided WHERE divided.symbol IS NOT NULL
      ), heard AS (
        SELECT symbol, count(DISTINCT user_id) AS holders FROM assets
        WHERE pricing = 'MARKET' AND symbol IS NOT NULL GROUP BY symbol
        UNION ALL SELECT symbol, 0 FROM alerted
        UNION ALL SELECT symbol, 0 FROM divided
      )
      SELECT string_agg(symbol, ' ' ORDER BY holders DESC, symbol) AS symbols
      FROM (SELECT symbol, sum(holders) AS holders FROM heard WHERE symbol <> '' GROUP BY symbol) AS asked`
    return row?.symbols?.split(' ') ?? []
  },

  /** Pairs of currencies between which somebody's holdings are converted. */
  async heldCurrencies(tx: Tx): Promise<readonly { from: string; to: string }[]> {
    return tx.$queryRaw<{ from: string; to: string }[]>`
      SELECT DISTINCT assets.currency AS from, users.base_currency AS to
      FROM assets JOIN users ON users.id = assets.user_id WHERE assets.currency <> users.base_currency`
  },
}

/** Price alerts for which their instruments have to be heard. */
const MAY_FIRE = Prisma.sql`kind = 'PRICE' AND (state = 'armed' OR state = 'fired' AND repeat = 'rearm')
  AND (expires_at IS NULL OR expires_at > now())`

function* batchesOf<T>(rows: readonly T[]): Iterable<readonly T[]> {
  for (let first = 0; first < rows.length; first += BATCH) yield rows.slice(first, first + BATCH)
}

/** Recorded ones without a gap, which close what is there anew; told ones with it. */
async function writeCandles(tx: Tx, candles: readonly Candle[], gap: Gap | null): Promise<void> {
  const recorded = gap === null
  const instant = (at: number | null | undefined): string | null => (at == null ? null : String(at))
  const [cutAt, lateAt] = [instant(gap?.cutAt), instant(gap?.lateAt)]
  for (const batch of batchesOf(candles)) {
    const column = (read: (candle: Candle) => string): string[] => batch.map(read)
    await tx.$executeRaw`
      WITH gap AS (
        SELECT ${recorded}::boolean AS recorded, to_timestamp(${cutAt}::double precision / 1000) AS cut_at,
               to_timestamp(${lateAt}::double precision / 1000) AS late_at
      )
      INSERT INTO candles (instrument_id, interval, at, open, high, low, close, source, state)
      SELECT instruments.id, given.interval, to_timestamp(given.at::double precision / 1000), given.open::numeric,
             given.high::numeric, given.low::numeric, given.close::numeric, given.source, given.state
      FROM unnest(
        ${column((candle) => candle.symbol)}::text[], ${column((candle) => candle.interval)}::text[],
        ${column((candle) => String(candle.at))}::text[],
        ${column((candle) => formatFixed(candle.open))}::text[], ${column((candle) => formatFixed(candle.high))}::text[],
        ${column((candle) => formatFixed(candle.low))}::text[], ${column((candle) => formatFixed(candle.close))}::text[],
        ${column((candle) => candle.source)}::text[], ${column((candle) => candle.state)}::text[]
      ) AS given (symbol, interval, at, open, high, low, close, source, state)
      JOIN instruments ON instruments.symbol = given.symbol
      -- In one order, so that two who write the same candles wait for each other and do not lock up.
      ORDER BY instruments.id, given.interval, given.at
      ON CONFLICT (instrument_id, interval, at) DO UPDATE SET
        open = CASE WHEN candles.at = (SELECT late_at FROM gap) THEN excluded.open ELSE candles.open END,
        high = greatest(candles.high, excluded.high), low = least(candles.low, excluded.low),
        close = CASE WHEN (SELECT recorded OR candles.at = cut_at FROM gap) THEN excluded.close ELSE candles.close END,
        source = CASE WHEN (SELECT recorded FROM gap) THEN excluded.source ELSE candles.source END,
        state = CASE WHEN (SELECT recorded FROM gap) THEN excluded.state ELSE candles.state END
      WHERE (SELECT recorded OR candles.at = cut_at OR candles.at = late_at FROM gap)
         OR excluded.high > candles.high OR excluded.low < candles.low`
    // The embedded database works inside of this process and lets nobody else have a turn by itself.
    await turn()
  }
}
