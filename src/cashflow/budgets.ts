import type { Database, Tx } from '../database/database.js'
import { isDuplicate } from '../database/failures.js'
import { addDays, addMonths, dateIn, startOfMonth } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import { ONE, parseFixed } from '../lib/decimal.js'
import { AppError } from '../lib/errors.js'
import type { DatedRates, LoadDated } from '../prices/dated.js'
import type { Budget } from '../protocol/flows.js'
import type { Page } from '../protocol/resources.js'
import { type BudgetValues, budgetStore, type StoredBudget } from './budget-store.js'
import { type FlowSum, flowStore } from './flow-store.js'
import { requireCategory } from './flows.js'
import { given } from './given.js'
import { enteredText, fractionText, moneyText } from './money.js'
import { type Profile, profileStore } from './profile-store.js'
import { type CheckVersion, missing, noAccount } from './refusals.js'
import type { BudgetChange, BudgetQuery, NewBudget } from './schema.js'

/**
 * What may be spent in a category in a financial month, and what was: the sum of its expenses in the budget's
 * currency, each at the rate of its own date, refunds taken off. Nothing of it is stored, so that an expense
 * which is entered late counts as well.
 */
export type Budgets = ReturnType<typeof budgets>

export interface BudgetsOptions {
  readonly db: Database
  readonly clock: Clock
  readonly dated: LoadDated
}

/** What was spent of a budget in a financial month `YYYY-MM`, and what may be; exact, as integers times 10^-36. */
export interface BudgetStanding {
  readonly month: string
  readonly categoryId: string
  /** Of both amounts. */
  readonly currency: string
  /** Null where a rate is missing. */
  readonly spent: bigint | null
  readonly limit: bigint
}

/** By the id of the budget. */
type Standings = ReadonlyMap<string, BudgetStanding>

/** Who asks, on which date of his and in which financial month. */
interface Here extends Profile {
  readonly today: string
  readonly month: string
}

export function budgets({ db, clock, dated }: BudgetsOptions) {
  function ask<T>(
    userId: string,
    work: (tx: Tx, here: Here) => Promise<T>,
    read: 'read' | 'takeTurn' = 'read',
  ): Promise<T> {
    return db.asUser(userId, async (tx) => work(tx, hereOf(await profileStore[read](tx, userId))))
  }

  function hereOf(profile: Profile | null, now = clock.now()): Here {
    if (!profile) throw noAccount()
    const today = dateIn(profile.timeZone, now)
    return { ...profile, today, month: startOfMonth(today, profile.monthStartDay).slice(0, 7) }
  }

  async function existing(tx: Tx, userId: string, id: string): Promise<StoredBudget> {
    const budget = await budgetStore.find(tx, userId, id)
    if (!budget) throw missing('budget')
    return budget
  }

  /** What was spent of each budget in this month, place by place; one query for all of them. */
  async function measure(
    tx: Tx,
    userId: string,
    month: string,
    { monthStartDay, today }: Here,
    stored: readonly StoredBudget[],
  ): Promise<readonly (bigint | null)[]> {
    if (stored.length === 0) return []
    const range = rangeOf(month, monthStartDay)
    const wanted = new Set(stored.map(({ categoryId }) => categoryId))
    const sums = (await flowStore.sums(tx, userId, range)).filter(
      ({ kind, categoryId }) => kind === 'EXPENSE' && categoryId !== null && wanted.has(categoryId),
    )
    const currencies = new Set([...stored, ...sums].map(({ currency }) => currency))
    const dates = { from: range.from, to: addDays(range.to, -1), today }
    const into = stored.map(({ currency }) => currency)
    const question = { symbols: [], currencies: [...currencies], into, ...dates }
    const rates = currencies.size > 1 ? await dated(tx, question) : null
    return stored.map((budget) => spentOf(budget, sums, rates))
  }

  async function tell(
    tx: Tx,
    userId: string,
    month: string,
    here: Here,
    stored: readonly StoredBudget[],
  ): Promise<readonly Budget[]> {
    const spent = await measure(tx, userId, month, here, stored)
    return stored.map((budget, place) => told(budget, spent[place] ?? null))
  }

  async function one(
    tx: Tx,
    userId: string,
    here: Here,
    stored: StoredBudget,
    month = here.month,
  ): Promise<Budget> {
    const [budget] = await tell(tx, userId, stored.month ?? month, here, [stored])
    if (!budget) throw missing('budget')
    return budget
  }

  /** Those of the ids that hold in the month under way. */
  async function standingsOf(tx: Tx, userId: string, here: Here, ids: readonly string[]): Promise<Standings> {
    const { month } = here
    const stored = await budgetStore.inForce(tx, userId, month, ids)
    const spent = await measure(tx, userId, month, here, stored)
    return new Map(
      stored.map(({ id, amount, categoryId, currency }, place) => {
        const limit = parseFixed(amount) * ONE
        return [id, { month, categoryId, currency, spent: spent[place] ?? null, limit }]
      }),
    )
  }

  return {
    list: (userId: string, query: BudgetQuery): Promise<Page<Budget>> =>
      ask(userId, async (tx, here) => {
        const month = query.month ?? here.month
        const { data, nextCursor } = await budgetStore.list(tx, userId, month, query)
        return { data: await tell(tx, userId, month, here, data), nextCursor }
      }),

    standings: (userId: string, ids: readonly string[]): Promise<Standings> =>
      ask(userId, (tx, here) => standingsOf(tx, userId, here, ids)),

    /** The same within a transaction of the user's that is under way, at an instant in ms since the epoch. */
    standingsIn: async (tx: Tx, userId: string, ids: readonly string[], at: number): Promise<Standings> =>
      standingsOf(tx, userId, hereOf(await profileStore.read(tx, userId), at), ids),

    /** A month is asked for in vain where the budget is of one alone. */
    get: (userId: string, id: string, month: string | undefined): Promise<Budget> =>
      ask(userId, async (tx, here) => one(tx, userId, here, await existing(tx, userId, id), month)),

    /** Throws AppError conflict `budget-exists`. */
    create: (userId: string, input: NewBudget): Promise<Budget> =>
      ask(
        userId,
        async (tx, here) => {
          await requireCategory(tx, userId, 'EXPENSE', input.categoryId)
          const values: BudgetValues = { month: null, currency: here.baseCurrency, ...given(input) }
          return one(tx, userId, here, await budgetStore.insert(tx, userId, values))
        },
        'takeTurn',
      ).catch(refuseSecond),

    /** Throws AppError conflict `budget-exists`. */
    change: (userId: string, id: string, change: BudgetChange, checkVersion: CheckVersion): Promise<Budget> =>
      ask(
        userId,
        async (tx, here) => {
          const before = await existing(tx, userId, id)
          checkVersion(before)
          if (change.categoryId !== undefined) await requireCategory(tx, userId, 'EXPENSE', change.categoryId)
          const after = await budgetStore.update(tx, userId, id, { ...before, ...given(change) })
          return one(tx, userId, here, after)
        },
        'takeTurn',
      ).catch(refuseSecond),

    remove: (userId: string, id: string, checkVersion: CheckVersion): Promise<void> =>
      ask(
        userId,
        async (tx) => {
          checkVersion(await existing(tx, userId, id))
          await budgetStore.remove(tx, userId, id)
        },
        'takeTurn',
      ),
  }
}

/** Dates of a financial month, `to` being the first one after it. */
function rangeOf(month: string, startDay: number): { readonly from: string; readonly to: string } {
  const from = `${month}-${String(startDay).padStart(2, '0')}`
  return { from, to: addMonths(from, 1) }
}

/** Exact, as a product of two Fixed; null as soon as one rate is not known. */
function spentOf(
  { categoryId, currency }: StoredBudget,
  sums: readonly FlowSum[],
  rates: DatedRates | null,
): bigint | null {
  let spent = 0n
  for (const sum of sums) {
    if (sum.categoryId !== categoryId) continue
    const rate = sum.currency === currency ? ONE : (rates?.rate(sum.currency, currency, sum.date) ?? null)
    if (rate === null) return null
    spent += sum.amount * rate
  }
  return spent
}

function told({ amount, ...budget }: StoredBudget, spent: bigint | null): Budget {
  const { currency } = budget
  const limit = parseFixed(amount) * ONE
  return {
    ...budget,
    amount: enteredText(amount, currency),
    spent: spent === null ? null : moneyText(spent, currency),
    remaining: spent === null ? null : moneyText(limit - spent, currency),
    ratio: spent === null ? null : fractionText(spent, limit),
  }
}

function refuseSecond(error: unknown): never {
  if (!isDuplicate(error)) throw error
  throw new AppError('conflict', 'budget-exists', 'This category has a budget of that month already.')
}
