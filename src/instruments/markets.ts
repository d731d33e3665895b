import { addDays, dateIn, instantOf, weekdayOf } from '../lib/calendar.js'
import { isCurrency } from '../lib/currency.js'
import { parsePair } from './symbol.js'

/**
 * Exchanges, and when they trade by their own clocks. A day begins with its first auction's price and ends with
 * its closing auction, which makes the closing price; trading at that price afterwards is not counted. Holidays
 * and half days are not in the table, because they are decreed from year to year: a holiday shows by no newer
 * price, and what that means for the price that there is, quote-state.ts decides.
 *
 * Sources of the hours, and of lots where one rule holds for all shares: IDX rule II-A as in force since 3 April
 * 2023 (pre-closing until 16:00:59); SGX-ST rule 8.2 and its practice note; Bursa Malaysia "Trading Sessions"
 * (trading at last until 17:00); JPX "Trading Hours" since 5 November 2024; HKEX "Trading Hours" (closing auction
 * until 16:10; each issuer sets its lot); LSE "Trading Services", Deutsche Boerse "Xetra trading hours" and
 * Euronext "Trading hours" (closing auctions of 5 min); SIX directive 3; TSX "Trading hours" (lots by price); ASX
 * "Cash market trading hours" (closing auction until 16:11); JSE "Equity trading sessions"; NYSE and Nasdaq core
 * hours. Market identifiers are those of ISO 10383.
 */
export interface Market {
  /** Null for listings in the United States: no suffix tells whether it is XNYS, XNAS or another. */
  readonly mic: string | null
  /** What stands behind the dot of a share's symbol. */
  readonly suffix: string
  /** In which shares are quoted there: London in pence. */
  readonly currency: string
  readonly timeZone: string
  readonly hours: readonly Hours[]
  /** On Fridays, where they differ. */
  readonly fridayHours?: readonly Hours[]
  /** Days of the week without trading, by ISO 8601. */
  readonly weekend: readonly number[]
  /** The fewest shares that are traded in the regular market; null where it differs from share to share. */
  readonly lot: number | null
}

/** One session on the market's clocks, `HH:MM`; none crosses midnight. */
type Hours = readonly [from: string, to: string]

/** One session of one date: [from, to), ms since the epoch. */
export interface Session {
  readonly from: number
  readonly to: number
}

/** A date on which a market trades, by its table; at least one session. */
export interface TradingDay {
  readonly date: string
  readonly sessions: readonly Session[]
  readonly open: number
  readonly close: number
}

const SATURDAY_SUNDAY = [6, 7] as const

const MARKETS: readonly Market[] = [
  market(null, '', 'USD', 'America/New_York', 1, ['09:30', '16:00']),
  {
    ...market('XIDX', 'JK', 'IDR', 'Asia/Jakarta', 100, ['09:00', '12:00'], ['13:30', '16:01']),
    fridayHours: [
      ['09:00', '11:30'],
      ['14:00', '16:01'],
    ],
  },
  market('XSES', 'SI', 'SGD', 'Asia/Singapore', 100, ['09:00', '12:00'], ['13:00', '17:06']),
  market('XKLS', 'KL', 'MYR', 'Asia/Kuala_Lumpur', 100, ['09:00', '12:30'], ['14:30', '17:00']),
  market('XTKS', 'T', 'JPY', 'Asia/Tokyo', 100, ['09:00', '11:30'], ['12:30', '15:30']),
  market('XHKG', 'HK', 'HKD', 'Asia/Hong_Kong', null, ['09:30', '12:00'], ['13:00', '16:10']),
  market('XLON', 'L', 'GBX', 'Europe/London', 1, ['08:00', '16:35']),
  market('XETR', 'DE', 'EUR', 'Europe/Berlin', 1, ['09:00', '17:35']),
  market('XPAR', 'PA', 'EUR', 'Europe/Paris', 1, ['09:00', '17:35']),
  market('XAMS', 'AS', 'EUR', 'Europe/Amsterdam', 1, ['09:00', '17:35']),
  market('XSWX', 'SW', 'CHF', 'Europe/Zurich', 1, ['09:00', '17:30']),
  market('XTSE', 'TO', 'CAD', 'America/Toronto', null, ['09:30', '16:00']),
  market('XASX', 'AX', 'AUD', 'Australia/Sydney', 1, ['10:00', '16:11']),
  market('XJSE', 'JO', 'ZAc', 'Africa/Johannesburg', 1, ['09:00', '17:00']),
]

function market(
  mic: string | null,
  suffix: string,
  currency: string,
  timeZone: string,
  lot: number | null,
  ...hours: readonly Hours[]
): Market {
  return { mic, suffix, currency, timeZone, hours, weekend: SATURDAY_SUNDAY, lot }
}

const BY_SUFFIX: ReadonlyMap<string, Market> = new Map(MARKETS.map((market) => [market.suffix, market]))

/** The market of a share's symbol; null for a pair in a currency, and for exchanges that are not known. */
export function marketOf(symbol: string): Market | null {
  if (quoteCurrency(symbol) !== null) return null
  const dot = symbol.lastIndexOf('.')
  return BY_SUFFIX.get(dot === -1 ? '' : symbol.slice(dot + 1)) ?? null
}

/** In which currency a symbol by itself says that it is priced; null where it does not say. */
export function currencyOf(symbol: string): string | null {
  return quoteCurrency(symbol) ?? marketOf(symbol)?.currency ?? null
}

function quoteCurrency(symbol: string): string | null {
  const quote = parsePair(symbol)?.quote ?? ''
  return isCurrency(quote) ? quote : null
}

/** Whether the market trades at this instant, its midday break left out. */
export function isOpen(market: Market, at: number): boolean {
  return sessionsOf(market, dateIn(market.timeZone, at)).some(({ from, to }) => from <= at && at < to)
}

/** When a day's trading ended last, at or before this instant. */
export function lastClose(market: Market, at: number): number {
  const day = lastTradingDay(market, at)
  return day.close <= at ? day.close : lastTradingDay(market, day.open - 1).close
}

/** When a session begins next, after this instant; the one after a midday break counts. */
export function nextOpen(market: Market, at: number): number {
  const today = sessionsOf(market, dateIn(market.timeZone, at)).find(({ from }) => from > at)
  return today?.from ?? nextTradingDay(market, at).open
}

/** The newest trading day that has begun at this instant. Dates of `closed` (holidays, as they show) are none. */
export function lastTradingDay(market: Market, at: number, closed: ReadonlySet<string> = NONE): TradingDay {
  return findDay(market, at, -1, closed, (day) => day.open <= at)
}

/** The first trading day that begins after this instant. */
export function nextTradingDay(market: Market, at: number): TradingDay {
  return findDay(market, at, 1, NONE, (day) => day.open > at)
}

function findDay(
  market: Market,
  at: number,
  step: 1 | -1,
  closed: ReadonlySet<string>,
  fits: (day: TradingDay) => boolean,
): TradingDay {
  let date = dateIn(market.timeZone, at)
  for (let count = 0; count < LONGEST_SEARCH_DAYS; count += 1) {
    const sessions = closed.has(date) ? [] : sessionsOf(market, date)
    const [first, last] = [sessions[0], sessions.at(-1)]
    const day = first && last && { date, sessions, open: first.from, close: last.to }
    if (day && fits(day)) return day
    date = addDays(date, step)
  }
  throw new RangeError(`${market.suffix || 'US'}: no trading day near ${date}`)
}

const NONE: ReadonlySet<string> = new Set()
/** More than any weekend and the holidays beside it. */
const LONGEST_SEARCH_DAYS = 40

/** Sessions by market and date: to find instants by the clocks of a zone is slow. */
const KNOWN = new WeakMap<Market, Map<string, readonly Session[]>>()
const MOST_KNOWN = 200

function sessionsOf(market: Market, date: string): readonly Session[] {
  const known = KNOWN.get(market) ?? new Map<string, readonly Session[]>()
  const sessions = known.get(date) ?? reckonSessions(market, date)
  if (known.size >= MOST_KNOWN) known.clear()
  KNOWN.set(market, known.set(date, sessions))
  return sessions
}

function reckonSessions(market: Market, date: string): readonly Session[] {
  const weekday = weekdayOf(date)
  if (market.weekend.includes(weekday)) return []
  const hours = (weekday === 5 ? market.fridayHours : undefined) ?? market.hours
  return hours.map(([from, to]) => ({
    from: instantOf(market.timeZone, date, from),
    to: instantOf(market.timeZone, date, to),
  }))
}
