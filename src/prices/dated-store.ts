import type { Tx } from '../database/database.js'
import { type Fixed, parseFixed } from '../lib/decimal.js'

/** Values by day, oldest first; days are counted from 1970-01-01. */
export interface Series {
  readonly days: readonly number[]
  readonly values: readonly Fixed[]
}

export interface CloseSeries extends Series {
  readonly symbol: string
  readonly currency: string
  /** ms since the epoch at which the past was read from a source; 0: not yet. */
  readonly pastReadAt: number
}

export interface FixSeries extends Series {
  /** `EUR-USD` */
  readonly pair: string
}

/** Daily closes and fixes, each series as one text: rows one by one would take many times as long. */
export const datedStore = {
  /** Closes of days from this one on; an instrument without any has empty ones, an unknown one is not in it. */
  async closes(tx: Tx, symbols: readonly string[], fromDay: number): Promise<readonly CloseSeries[]> {
    const rows = await tx.$queryRaw<
      { symbol: string; currency: string; read_at: Date | null; series: string | null }[]
    >`
      SELECT instruments.symbol, instruments.currency, instruments.past_read_at AS read_at, kept.series
      FROM instruments LEFT JOIN LATERAL (
        SELECT string_agg((extract(epoch FROM at) / 86400)::int || ':' || trim_scale(close), ' ' ORDER BY at) AS series
        FROM candles
        WHERE instrument_id = instruments.id AND interval = '1d'
          AND at >= to_timestamp(${fromDay}::double precision * 86400)
      ) AS kept ON true
      WHERE instruments.symbol = ANY(${[...symbols]}::text[])`
    return rows.map(({ symbol, currency, read_at, series }) => ({
      symbol,
      currency,
      pastReadAt: read_at?.getTime() ?? 0,
      ...parseSeries(series),
    }))
  },

  /** Fixes of days from this one on; of several sources of a day the first one. */
  async fixes(tx: Tx, pairs: readonly string[], fromDay: number): Promise<readonly FixSeries[]> {
    const halves = pairs.map((pair) => pair.split('-'))
    const rows = await tx.$queryRaw<{ pair: string; series: string }[]>`
      SELECT base || '-' || quote AS pair,
             string_agg((date - '1970-01-01'::date)::int || ':' || trim_scale(rate), ' ' ORDER BY date) AS series
      FROM (
        SELECT DISTINCT ON (base, quote, date) base, quote, date, rate
        FROM exchange_rates
        JOIN unnest(${halves.map(([base]) => base ?? '')}::text[], ${halves.map(([, quote]) => quote ?? '')}::text[])
          AS asked (b, q) ON base = asked.b AND quote = asked.q
        WHERE date >= '1970-01-01'::date + ${fromDay}::int
        ORDER BY base, quote, date, source
      ) AS fixes
      GROUP BY base, quote`
    return rows.map(({ pair, series }) => ({ pair, ...parseSeries(series) }))
  },
}

function parseSeries(text: string | null): Series {
  const days: number[] = []
  const values: Fixed[] = []
  for (const item of text === null || text === '' ? [] : text.split(' ')) {
    const colon = item.indexOf(':')
    days.push(Number(item.slice(0, colon)))
    values.push(parseFixed(item.slice(colon + 1)))
  }
  return { days, values }
}
