import type { AssetRules } from '../assets/ledger.js'
import type { Tx } from '../database/database.js'
import { addDays, startOfDate } from '../lib/calendar.js'
import { FIXED_SCALE, type Fixed, ONE } from '../lib/decimal.js'
import type { Interval } from '../prices/candle.js'
import type { AssetType, Pricing } from '../protocol/resources.js'

/** What the figures of an asset depend on, its activities and prices apart. */
export interface OwnedAsset extends AssetRules {
  readonly id: string
  readonly name: string
  readonly symbol: string | null
  readonly currency: string
  readonly pricing: Pricing
  /** In which its market tells the price; null where it has none. */
  readonly marketCurrency: string | null
}

/** Values by time, oldest first. */
export interface TimedPrices {
  /** Days since 1970-01-01 of what is told by hand, ms since the epoch of candles. */
  readonly times: readonly number[]
  readonly values: readonly Fixed[]
}

/** Many rows are read as one text. Everything works inside the transaction of one user (Database.asUser). */
export const bookStore = {
  /**
   * How large a user's ledger is: as many activities as it has, and as it takes as long as to value what he owns
   * day by day; a hundred values take as long as one activity.
   */
  async size(tx: Tx, userId: string): Promise<number> {
    const [row] = await tx.$queryRaw<[{ size: number }]>`
      SELECT (count(*) + count(DISTINCT asset_id) * coalesce(current_date - min(date), 0)::bigint / 100)::int AS size
      FROM activities WHERE user_id = ${userId}::uuid`
    return row.size
  },

  async assets(tx: Tx, userId: string): Promise<readonly OwnedAsset[]> {
    const rows = await tx.$queryRaw<
      {
        id: string
        name: string
        symbol: string | null
        currency: string
        type: AssetType
        pricing: Pricing
        short: boolean
        market: string | null
      }[]
    >`
      SELECT assets.id::text, assets.name, assets.symbol, assets.currency, assets.type::text, assets.pricing::text,
        assets.short_allowed AS short, instruments.currency AS market
      FROM assets LEFT JOIN instruments ON instruments.symbol = assets.symbol
      WHERE assets.user_id = ${userId}::uuid
      ORDER BY assets.created_at, assets.id`
    return rows.map(({ short, market, ...asset }) => ({
      ...asset,
      shortAllowed: short,
      marketCurrency: market,
    }))
  },

  /** What the user told of the prices of assets until a date, by asset. */
  async toldPrices(tx: Tx, userId: string, to: string): Promise<ReadonlyMap<string, TimedPrices>> {
    const rows = await tx.$queryRaw<{ id: string; series: string }[]>`
      SELECT asset_id::text AS id,
        string_agg((date - '1970-01-01') || ':' || trim_scale(unit_price), ' ' ORDER BY date) AS series
      FROM asset_prices WHERE user_id = ${userId}::uuid AND date <= ${to}::date GROUP BY asset_id`
    return new Map(rows.map(({ id, series }) => [id, parseSeries(series)]))
  },

  /** When activities were entered that were entered on the very day that they are of; ms since the epoch, by id. */
  async sameDayEntries(
    tx: Tx,
    userId: string,
    ask: { readonly from: string; readonly to: string; readonly timeZone: string },
  ): Promise<ReadonlyMap<string, number>> {
    // Which zones there are, the database may know otherwise than we do; none is 16 hours from UTC.
    const [row] = await tx.$queryRaw<[{ text: string | null }]>`
      SELECT string_agg(id || ' ' || date || ' ' || floor(extract(epoch FROM created_at) * 1000)::bigint, ';') AS text
      FROM activities
      WHERE user_id = ${userId}::uuid AND date >= ${ask.from}::date AND date <= ${ask.to}::date
        AND created_at AT TIME ZONE 'UTC' BETWEEN date - interval '16 hours' AND date + interval '40 hours'`
    const days = new Map<string, readonly [start: number, end: number]>()
    const entered = new Map<string, number>()
    for (const item of row.text?.split(';') ?? []) {
      const [id = '', date = '', text] = item.split(' ')
      const at = Number(text)
      const starts = (of: string): number => startOfDate(ask.timeZone, of)
      const day = days.get(date) ?? [starts(date), starts(addDays(date, 1))]
      days.set(date, day)
      if (at >= day[0] && at < day[1]) entered.set(id, at)
    }
    return entered
  },

  /** Closes of the candles of [from, to), and of the last one before that began within `backMs`; by symbol. */
  async candleCloses(
    tx: Tx,
    symbols: readonly string[],
    ask: { readonly interval: Interval; readonly from: number; readonly to: number; readonly backMs: number },
  ): Promise<ReadonlyMap<string, TimedPrices & { readonly currency: string }>> {
    if (symbols.length === 0) return new Map()
    const { interval } = ask
    const [from, to, oldest] = [ask.from, ask.to, ask.from - ask.backMs].map(String)
    const rows = await tx.$queryRaw<{ symbol: string; currency: string; series: string }[]>`
      SELECT instruments.symbol, instruments.currency, kept.series
      FROM instruments CROSS JOIN LATERAL (
        SELECT string_agg((extract(epoch FROM at) * 1000)::bigint || ':' || trim_scale(close), ' ' ORDER BY at) AS series
        FROM (
          (SELECT at, close FROM candles WHERE instrument_id = instruments.id AND interval = ${interval}
            AND at >= to_timestamp(${oldest}::double precision / 1000)
            AND at < to_timestamp(${from}::double precision / 1000) ORDER BY at DESC LIMIT 1)
          UNION ALL
          SELECT at, close FROM candles WHERE instrument_id = instruments.id AND interval = ${interval}
            AND at >= to_timestamp(${from}::double precision / 1000)
            AND at < to_timestamp(${to}::double precision / 1000)
        ) AS closes
      ) AS kept
      WHERE instruments.symbol = ANY(${[...symbols]}::text[]) AND kept.series IS NOT NULL`
    return new Map(rows.map(({ symbol, currency, series }) => [symbol, { currency, ...parseSeries(series) }]))
  },
}

function parseSeries(text: string): TimedPrices {
  const times: number[] = []
  const values: Fixed[] = []
  for (const item of text.split(' ')) {
    const colon = item.indexOf(':')
    times.push(Number(item.slice(0, colon)))
    values.push(fixed(item.slice(colon + 1)))
  }
  return { times, values }
}

/** The scaled integer of a decimal as the database writes it. */
function fixed(text: string): Fixed {
  const point = text.indexOf('.')
  if (point === -1) return BigInt(text) * ONE
  return BigInt(text.slice(0, point) + text.slice(point + 1).padEnd(FIXED_SCALE, '0'))
}
