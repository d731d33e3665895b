import { flowStore } from '../cashflow/flow-store.js'
import { type Profile, profileStore } from '../cashflow/profile-store.js'
import type { Database, Tx } from '../database/database.js'
import { addDays, addMonths, dateIn } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import type { DatedRates, LoadDated } from '../prices/dated.js'
import type { Cashflow, Health } from '../protocol/insights.js'
import type { Valuation } from '../protocol/resources.js'
import { cashflow, datesOf } from './cashflow.js'
import { readMoney } from './figures.js'
import { health, type Known } from './health.js'
import { flowFacts, ownedFacts, yearUntil } from './health-facts.js'
import { type DateRange, monthOf, rangeOf } from './months.js'
import type { CashflowQuery } from './schema.js'
import { insightStore } from './store.js'

interface Source {
  readonly db: Database
  readonly dated: LoadDated
  readonly clock: Clock
}

/** Net worth at the end of a date; `complete` when everything that was held then has its value in it. */
export interface PastNetWorth {
  readonly value: string
  readonly complete: boolean
}

export type CashflowInsight = (userId: string, query: CashflowQuery) => Promise<Cashflow>
export type HealthInsight = (userId: string) => Promise<Health>

export function cashflowInsight({ db, dated, clock }: Source): CashflowInsight {
  return (userId, query) =>
    db.asUser(userId, async (tx) => {
      const { baseCurrency: currency, timeZone, monthStartDay: startDay } = await requireProfile(tx, userId)
      const today = dateIn(timeZone, clock.now())
      const range = rangeAsked(query, startDay, today)
      const flows = await readFlows(tx, userId, {
        dates: datesOf({ range, startDay, today }),
        currency,
        today,
        dated,
      })
      const categories = await insightStore.categoryNames(tx, userId)
      return cashflow({ range, currency, startDay, today, categories, ...flows })
    })
}

/**
 * `valuation` tells what the user's portfolio is worth now, `netWorthOn` what it was worth at the end of a date, in
 * the same currency; null when that is not known.
 */
export function healthInsight({
  db,
  dated,
  clock,
  valuation,
  netWorthOn,
}: Source & {
  readonly valuation: (userId: string) => Promise<Valuation>
  readonly netWorthOn: (userId: string, date: string) => Promise<PastNetWorth | null>
}): HealthInsight {
  return async (userId) => {
    const now = await valuation(userId)
    const { currency } = now
    const { today, ...flows } = await db.asUser(userId, async (tx) => {
      const { timeZone, monthStartDay: startDay } = await requireProfile(tx, userId)
      const date = dateIn(timeZone, clock.now())
      const read = await readFlows(tx, userId, { dates: yearUntil(date), currency, today: date, dated })
      return { today: date, startDay, ...read }
    })
    const before = await netWorthOn(userId, addMonths(today, -12))
    return health({
      currency,
      netWorthBefore: knownBefore(before),
      ...ownedFacts(now),
      ...flowFacts({ currency, today, ...flows }),
    })
  }
}

function knownBefore(before: PastNetWorth | null): Known {
  if (before === null) return 'net-worth-history'
  return before.complete ? readMoney(before.value) : 'prices'
}

async function requireProfile(tx: Tx, userId: string): Promise<Profile> {
  const profile = await profileStore.read(tx, userId)
  if (profile) return profile
  throw new AppError('unauthenticated', 'unauthenticated', 'This account does not exist any more.')
}

function rangeAsked({ month, from, to }: CashflowQuery, startDay: number, today: string): DateRange {
  if (from !== undefined && to !== undefined) return { from, next: addDays(to, 1) }
  return rangeOf(month ?? monthOf(today, startDay), startDay)
}

/** Everything that came in and went out on these dates, and the rates that it takes. */
async function readFlows(
  tx: Tx,
  userId: string,
  {
    dates,
    currency,
    today,
    dated,
  }: {
    readonly dates: DateRange
    readonly currency: string
    readonly today: string
    readonly dated: LoadDated
  },
) {
  const firstEntry = await insightStore.firstEntry(tx, userId)
  const sums = await flowStore.sums(tx, userId, { from: dates.from, to: dates.next })
  const foreign = sums.filter((sum) => sum.currency !== currency)
  const [first, last] = [foreign[0], foreign.at(-1)]
  const rates: DatedRates =
    first === undefined || last === undefined
      ? { rate: () => null }
      : await dated(tx, {
          symbols: [],
          currencies: [...new Set(foreign.map((sum) => sum.currency))],
          into: [currency],
          from: first.date,
          to: last.date,
          today,
        })
  return { firstEntry, sums, rates }
}
