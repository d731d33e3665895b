import { lastTradingDay, type Market, nextTradingDay } from '../../instruments/markets.js'
import { type Heard, quietDates } from '../../instruments/quote-state.js'
import { addDays, dateIn } from '../../lib/calendar.js'

/** Before the price that was heard last; longer than any festival. */
const LONGEST_KEPT_DAYS = 30

interface Known {
  readonly heard: Map<string, Heard>
  holidays: ReadonlySet<string>
  /** Until when the market neither opens nor closes. */
  settledUntil: number
}

/** What a desk has heard of each market's shares, and the holidays that show by it. */
export class MarketDays {
  readonly #markets = new Map<Market, Known>()

  /** Takes what was heard of a share. */
  hear(market: Market, symbol: string, heard: Heard): void {
    const known = this.#known(market)
    known.heard.set(symbol, heard)
    const quiet = quietDates(market, [...known.heard.values()], heard.heardAt)
    // A date that was quiet stays so when trading has resumed, unless somebody has traded on it after all.
    const date = dateIn(market.timeZone, heard.at)
    const before = [...known.holidays].filter(
      (day) => day !== date && day > addDays(date, -LONGEST_KEPT_DAYS),
    )
    const holidays = new Set([...before, ...quiet])
    if ([...holidays].join() !== [...known.holidays].join()) known.settledUntil = 0
    known.holidays = holidays
  }

  forget(market: Market, symbol: string): void {
    this.#known(market).heard.delete(symbol)
  }

  holidays(market: Market | null): ReadonlySet<string> {
    return market ? this.#known(market).holidays : NONE
  }

  /** Whether the market has opened or closed, or turned out to be on holiday, since this was asked last. */
  hasMoved(market: Market, now: number): boolean {
    const known = this.#known(market)
    if (now < known.settledUntil) return false
    const day = lastTradingDay(market, now, known.holidays)
    known.settledUntil = now < day.close ? day.close : nextTradingDay(market, now).open
    return true
  }

  #known(market: Market): Known {
    const known = this.#markets.get(market) ?? { heard: new Map(), holidays: NONE, settledUntil: 0 }
    this.#markets.set(market, known)
    return known
  }
}

const NONE: ReadonlySet<string> = new Set()
