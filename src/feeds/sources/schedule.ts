import { lastTradingDay, type Market, nextOpen } from '../../instruments/markets.js'
import { delayOf, type QuoteTime } from '../../instruments/quote-state.js'

/** How long after the close and the delay a closing price is there for certain. */
const SETTLE_MS = 5 * 60_000
/** Between questions while the market is closed. */
const CLOSED_MS = 3 * 3_600_000
/** Between questions on a holiday that shows by nobody's trading: it may be a late opening. */
const QUIET_MS = 15 * 60_000
/** Over how long the first questions of a session are spread. */
const OPENING_MS = 60_000
/** A price that is stale is asked for the more rarely the older it is: after this part of its age. */
const AGE_PART = 0.1
const LONGEST_AGED_MS = 3_600_000

/**
 * When a symbol whose price is `quote` is asked for next: every `periodMs` while its market trades and until what
 * was traded has come through its source's delay, once more when the closing price has settled, rarely until the
 * next session. `market` null: it trades at all hours. Every period is drawn anew, so that installations do not
 * ask in step.
 */
export function nextAskAt(options: {
  readonly now: number
  readonly market: Market | null
  readonly holidays: ReadonlySet<string>
  readonly quote: QuoteTime
  readonly isFresh: boolean
  readonly periodMs: number
  readonly random: () => number
}): number {
  const { now, market, quote, isFresh, random } = options
  const agedMs = isFresh ? 0 : Math.min((now - quote.at) * AGE_PART, LONGEST_AGED_MS)
  const next = now + jittered(Math.max(options.periodMs, agedMs), random)
  if (!market) return next
  const day = lastTradingDay(market, now)
  if (options.holidays.has(day.date) && now < day.close) return now + jittered(QUIET_MS, random)
  const began = day.sessions.filter(({ from }) => from <= now)
  const throughAt = (began.at(-1)?.to ?? day.close) + delayOf(quote)
  const settledAt = throughAt + SETTLE_MS * (1 + random())
  if (now < throughAt) return Math.min(next, settledAt)
  if (now < throughAt + SETTLE_MS) return settledAt
  return Math.min(now + jittered(CLOSED_MS, random), nextOpen(market, now) + OPENING_MS * random())
}

/** Some time around `ms`: from 0.85 to 1.15 of it. */
export function jittered(ms: number, random: () => number): number {
  return ms * (0.85 + 0.3 * random())
}
