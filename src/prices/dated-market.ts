import type { Tx } from '../database/database.js'
import { dateIn } from '../lib/calendar.js'
import type { Fixed } from '../lib/decimal.js'
import type { DatedAsk, DatedClose, DatedMarket } from './dated.js'
import { datedStore, type Series } from './dated-store.js'
import { findRate, pairsBetween } from './rates.js'

/**
 * Closes and rates of calendar dates for whoever looks back. They are the same for everybody, so what was read is
 * kept in this process, and only its end is read again: the day under way grows, and earlier days change when the
 * past of an instrument is filled in. Between two currencies a pair that is traded goes before its daily fix, as
 * in the references of day changes: coins have no other rate of a day that is past.
 */
export class DatedMarkets {
  readonly #options: DatedMarketsOptions
  readonly #closes = new Map<string, Kept>()
  readonly #fixes = new Map<string, Kept>()

  constructor(options: DatedMarketsOptions) {
    this.#options = options
  }

  /** See LoadDated. */
  readonly load = async (tx: Tx, ask: DatedAsk): Promise<DatedMarket> => {
    const now = this.#options.now()
    const fromDay = dayOf(ask.from) - OLDEST_DAYS
    const pairs = pairsAmong(ask)
    const [symbols, fixed] = [[...new Set([...ask.symbols, ...pairs])], [...pairs]]
    const closes = await this.#series(this.#closes, symbols, fromDay, now, async (names, day) => {
      const read = await datedStore.closes(tx, names, day)
      return new Map(read.map((series) => [series.symbol, series]))
    })
    const fixes = await this.#series(this.#fixes, fixed, fromDay, now, async (names, day) => {
      const read = await datedStore.fixes(tx, names, day)
      return new Map(read.map((series) => [series.pair, { ...series, currency: '', pastReadAt: 0 }]))
    })
    return this.#view(ask, now, closes, fixes)
  }

  #view(
    ask: DatedAsk,
    now: number,
    closes: ReadonlyMap<string, Kept>,
    fixes: ReadonlyMap<string, Kept>,
  ): DatedMarket {
    const { live } = this.#options
    const today = dayOf(ask.today ?? dateIn('UTC', now))
    const rates = new Map<string, Fixed | null>()
    // Whoever looks back goes from date to date, and asks many questions of each.
    let [dateAsked, dayAsked] = ['', 0]
    const dayAskedFor = (date: string): number => {
      if (date !== dateAsked) [dateAsked, dayAsked] = [date, dayOf(date)]
      return dayAsked
    }
    let [dateFound, dayFound] = ['', Number.NaN]
    const dateFoundAt = (day: number): string => {
      if (day !== dayFound) [dateFound, dayFound] = [dateOf(day), day]
      return dateFound
    }

    const closeOn = (symbol: string, day: number, since: number) => find(closes.get(symbol), day, since)
    const leg = (symbol: string, day: number, since: number): Fixed | null =>
      closeOn(symbol, day, since)?.value ?? find(fixes.get(symbol), day, day - OLDEST_DAYS)?.value ?? null
    const rateSince = (from: string, to: string, day: number, since: number): Fixed | null =>
      findRate(from, to, (base, quote) => leg(`${base}-${quote}`, day, since))?.rate ?? null
    const rateOn = (from: string, to: string, day: number): Fixed | null =>
      (day >= today ? live.rate(from, to) : null) ??
      rateSince(from, to, day, day - NEAR_DAYS) ??
      rateSince(from, to, day, day - OLDEST_DAYS)

    return {
      rate: (from, to, date) => {
        const key = `${from}>${to}>${date}`
        const known = rates.get(key)
        if (known !== undefined) return known
        const found = rateOn(from, to, dayAskedFor(date))
        if (rates.size >= MOST_RATES) rates.clear()
        rates.set(key, found)
        return found
      },
      close: (symbol, date): DatedClose | null => {
        const day = dayAskedFor(date)
        const price = day >= today ? live.price(symbol) : undefined
        if (price) return { ...price, date }
        const found = closeOn(symbol, day, day - OLDEST_DAYS)
        const currency = closes.get(symbol)?.currency
        if (!found || currency === undefined) return null
        return { amount: found.value, currency, date: found.day === day ? date : dateFoundAt(found.day) }
      },
    }
  }

  /**
   * These series, of which is read what is missing, or old: as a whole, or their end alone. They are handed out
   * as they were found here, whatever is read for others, or is let go, meanwhile.
   */
  async #series(
    kept: Map<string, Kept>,
    names: readonly string[],
    fromDay: number,
    now: number,
    read: Read,
  ): Promise<ReadonlyMap<string, Kept>> {
    const found = new Map<string, Kept>()
    for (const name of names) {
      const known = kept.get(name)
      if (known && known.fromDay <= fromDay) found.set(name, known)
    }
    const isOld = (name: string): boolean => now - (found.get(name)?.readAt ?? LONG_AGO) >= FRESH_MS
    const old = names.filter(isOld)
    if (old.length === 0) return found
    const isWhole = (name: string): boolean => now - (found.get(name)?.wholeAt ?? LONG_AGO) >= WHOLE_MS
    const ends = old.filter((name) => !isWhole(name))
    const tailDay = Math.floor(now / DAY_MS) - TAIL_DAYS
    const tails = ends.length === 0 ? new Map<string, Told>() : await read(ends, tailDay)
    // What was filled in behind our back shows by the time at which it was.
    const changed = new Set(
      ends.filter((name) => (tails.get(name)?.pastReadAt ?? 0) !== found.get(name)?.pastReadAt),
    )
    const whole = [...old.filter(isWhole), ...changed]
    const from = Math.min(fromDay, ...whole.map((name) => kept.get(name)?.fromDay ?? fromDay))
    const wholes = whole.length === 0 ? new Map<string, Told>() : await read(whole, from)
    for (const name of whole)
      found.set(name, { ...(wholes.get(name) ?? NOTHING), fromDay: from, readAt: now, wholeAt: now })
    for (const name of ends) {
      const known = found.get(name)
      if (known && !changed.has(name))
        found.set(name, { ...joined(known, tails.get(name), tailDay), readAt: now })
    }
    for (const name of old) this.#keep(kept, name, found.get(name))
    return found
  }

  #keep(kept: Map<string, Kept>, name: string, series: Kept | undefined): void {
    const other = kept.get(name)
    // Somebody who looks further back was here meanwhile.
    if (!series) return
    if (other && other.fromDay < series.fromDay && series.readAt - other.readAt < FRESH_MS) return
    // To the end of the map: what was not asked for the longest stands first, and goes first.
    kept.delete(name)
    kept.set(name, series)
    if (kept.size <= MOST_SERIES) return
    const [oldest] = kept.keys()
    if (oldest !== undefined) kept.delete(oldest)
  }
}

interface DatedMarketsOptions {
  readonly now: () => number
  /** As it is now: what stands for the date under way. */
  readonly live: {
    price(symbol: string): { readonly amount: Fixed; readonly currency: string } | undefined
    rate(from: string, to: string): Fixed | null
  }
}

interface Told extends Series {
  readonly currency: string
  readonly pastReadAt: number
}

interface Kept extends Series {
  readonly currency?: string
  readonly pastReadAt?: number
  readonly fromDay: number
  readonly readAt: number
  readonly wholeAt: number
}

type Read = (names: readonly string[], fromDay: number) => Promise<ReadonlyMap<string, Told>>

const LONG_AGO = Number.NEGATIVE_INFINITY
const NOTHING: Series = { days: [], values: [] }
const DAY_MS = 86_400_000
const OLDEST_DAYS = 7
/** An older close of a pair stands behind the daily fixes. */
const NEAR_DAYS = 1
const TAIL_DAYS = 3
const FRESH_MS = 30_000
const WHOLE_MS = 15 * 60_000
/** A series of ten years takes about 200 KB. */
const MOST_SERIES = 2_000
/** That one question keeps: of more currencies than anybody holds on one date. */
const MOST_RATES = 10_000

function pairsAmong({ currencies, into = currencies }: DatedAsk): ReadonlySet<string> {
  const [froms, tos] = [new Set(currencies), new Set(into)]
  const pairs = new Set<string>()
  for (const from of froms) for (const to of tos) for (const pair of pairsBetween(from, to)) pairs.add(pair)
  return pairs
}

function joined(known: Kept, tail: Told | undefined, tailDay: number): Kept {
  if (!tail) return known
  const cut = firstAtOrAfter(known.days, tailDay)
  return {
    ...known,
    currency: tail.currency,
    days: [...known.days.slice(0, cut), ...tail.days],
    values: [...known.values.slice(0, cut), ...tail.values],
  }
}

/** The value of this day or the nearest earlier one, but of none before `since`. */
function find(series: Series | undefined, day: number, since: number) {
  if (!series) return null
  const place = firstAtOrAfter(series.days, day + 1) - 1
  const [found, value] = [series.days[place], series.values[place]]
  return found === undefined || value === undefined || found < since ? null : { day: found, value }
}

function firstAtOrAfter(days: readonly number[], day: number): number {
  let [low, high] = [0, days.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((days[middle] ?? 0) < day) low = middle + 1
    else high = middle
  }
  return low
}

/** Days since 1970-01-01. */
function dayOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS
}

function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}
