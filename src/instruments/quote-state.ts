import { dateIn } from '../lib/calendar.js'
import type { PriceState } from '../protocol/resources.js'
import { lastTradingDay, type Market, nextTradingDay, type TradingDay } from './markets.js'

/**
 * How far the price of a listing can be trusted, by its time and its market's hours.
 *
 * While the market trades, a price is fresh until an hour and the source's delay after its time; a midday break
 * does not count. When the market has closed, every price of the last trading day is right until the next one:
 * it may have been made hours before the close, where a share is seldom traded. It is told as `closed` and stays
 * fresh until an hour and the delay after the next open, when there ought to be a new one. A price of an earlier
 * day is stale at once: the share is suspended, or its source has stopped.
 *
 * On a holiday the same rule would call every price stale, and on the days after Lebaran for a week. A holiday
 * shows by this: at least two shares of the market were asked for when prices of the day were due, and none had
 * any (`quietDates`). Such a date is no trading day, and the prices before it stay right. A share that alone
 * stands still is stale while others move, and so is the only share that is asked for: by itself a holiday
 * cannot be told from a suspension, and `stale` claims less.
 */
export interface QuoteState {
  readonly state: Extract<PriceState, 'live' | 'delayed' | 'closed'>
  /** Ms since the epoch. */
  readonly freshUntil: number
}

/** What is known of the time of a price. */
export interface QuoteTime {
  /** When it was traded, in ms since the epoch. */
  readonly at: number
  /** By how much the source is behind, by its own word; null when it does not say. */
  readonly delayMs: number | null
}

/** How long after its delay a price may be late. */
const PATIENCE_MS = 60 * 60_000
/** What is reckoned with when a source does not tell its delay; exchanges sell prices as free after 15 min. */
const USUAL_DELAY_MS = 15 * 60_000
/** A price without delay that is younger than this is `live`, and stays so for some minutes at most. */
export const LIVE_MS = 90_000
const LIVE_FRESH_MS = 5 * 60_000
/** Longer than exchanges close for festivals; without any trade for so long, nothing is known. */
const LONGEST_QUIET_MS = 15 * 24 * 60 * 60_000
/** Shares that have to agree that nothing is traded, and how long after the open and their delay. */
const FEWEST_WITNESSES = 2
const WITNESS_AFTER_MS = PATIENCE_MS / 2

/** `market` null: it trades at all hours, as coins do. `holidays`: dates that are no trading days. */
export function stateOf(
  quote: QuoteTime,
  market: Market | null,
  now: number,
  holidays: ReadonlySet<string> = new Set(),
): QuoteState {
  const patience = delayOf(quote) + PATIENCE_MS
  if (!market) return traded(quote, now, quote.at + patience)
  const day = lastTradingDay(market, now, holidays)
  const date = dateIn(market.timeZone, quote.at)
  const isOver = now >= day.close
  if (date >= day.date) {
    if (!isOver) return traded(quote, now, afterTrading(day, quote.at, patience))
    return { state: 'closed', freshUntil: nextTradingDay(market, now).open + patience }
  }
  const state = isOver ? 'closed' : 'delayed'
  const due = afterTrading(day, day.open, patience)
  const isOfDayBefore = now < due && date >= lastTradingDay(market, day.open - 1, holidays).date
  return { state, freshUntil: isOfDayBefore ? due : quote.at }
}

/** When something was heard of a share: the time of its price, and when its source told that. */
export interface Heard extends QuoteTime {
  readonly heardAt: number
}

/**
 * Dates since the newest trade on which the market was to trade and did not, as far as those show that were heard
 * of after their prices of that date were due.
 */
export function quietDates(market: Market, heard: readonly Heard[], now: number): ReadonlySet<string> {
  const newest = heard.reduce((latest, { at }) => Math.max(latest, at), Number.NEGATIVE_INFINITY)
  const quiet = new Set<string>()
  if (!(now - newest < LONGEST_QUIET_MS)) return quiet
  const lastDate = dateIn(market.timeZone, newest)
  for (let day = lastTradingDay(market, now); day.date > lastDate; ) {
    const witnessFrom = day.open + WITNESS_AFTER_MS
    const witnesses = heard.filter((one) => one.heardAt >= witnessFrom + delayOf(one))
    if (witnesses.length >= FEWEST_WITNESSES) quiet.add(day.date)
    day = lastTradingDay(market, day.open - 1)
  }
  return quiet
}

/** By how much a price may be behind. */
export function delayOf({ delayMs }: QuoteTime): number {
  return delayMs ?? USUAL_DELAY_MS
}

function traded({ at, delayMs }: QuoteTime, now: number, freshUntil: number): QuoteState {
  if (delayMs === 0 && now - at <= LIVE_MS) return { state: 'live', freshUntil: at + LIVE_FRESH_MS }
  return { state: 'delayed', freshUntil }
}

/** `ms` after an instant of a trading day, breaks between sessions left out. */
function afterTrading({ sessions }: TradingDay, from: number, ms: number): number {
  let until = from + ms
  for (const [index, { from: resumed }] of sessions.entries()) {
    const paused = sessions[index - 1]?.to ?? resumed
    if (from < resumed && until > paused) until += resumed - Math.max(paused, from)
  }
  return until
}
