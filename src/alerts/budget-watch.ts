import type { BudgetStanding, Budgets } from '../cashflow/budgets.js'
import { moneyText } from '../cashflow/money.js'
import { profileStore } from '../cashflow/profile-store.js'
import type { Database, Tx } from '../database/database.js'
import { addMonths, dateIn, startOfDate, startOfMonth } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import { FIXED_SCALE, type Fixed, powerOfTen, rescale } from '../lib/decimal.js'
import type { Log } from '../lib/log.js'
import type { Announce, News, Tell, Told } from '../notifications/news.js'
import { type BudgetFiring, budgetAlertStore, type DueAlert } from './budget-alert-store.js'
import { budgetOccasion } from './occasions.js'
import { budgetWords } from './words.js'

export interface BudgetWatchOptions {
  readonly db: Database
  readonly clock: Clock
  /** How far budgets are spent in the month under way, in a transaction of the user. */
  readonly standings: Budgets['standingsIn']
  readonly announce: Announce
  readonly tell: Tell
  /** Whether this user is this worker's now. */
  readonly mine: (userId: string) => boolean
  readonly log: Log
}

const USERS_AT_ONCE = 500
/** Whoever has waited for so long is looked after by any worker. */
const OVERDUE_MS = 10_000
const LATER_SECONDS = 60
const QUARTER_MS = 900_000
/** Scale of what was spent. */
const SPENT_SCALE = 36
/** More than this no column holds. */
const MOST_VALUE = powerOfTen(20 + FIXED_SCALE)

/**
 * Tells of budgets that are spent to a percentage, once for each of them and each month of the user. Whatever
 * writes expenses or budgets marks the alerts of its user in the same transaction; here the marks are taken away in
 * the transaction that looks at what was spent, so that none is lost and two workers do not tell the same. What
 * cannot be known stays marked, for a while later. What is passed while an alert is snoozed is written down and never
 * told.
 */
export function budgetWatch(options: BudgetWatchOptions) {
  const { db, clock, standings, announce, tell, mine, log } = options

  async function check(userId: string): Promise<readonly Told[]> {
    const at = clock.now()
    return db.asUser(userId, async (tx) => {
      const due = await budgetAlertStore.take(tx, userId, at)
      await moveMonths(tx, userId, due, at)
      const armed = due.filter(({ isArmed }) => isArmed)
      if (armed.length === 0) return []
      const spent = await standings(tx, userId, budgetsOf(armed), at)
      const unknown = armed.filter(({ budgetId }) => spent.get(budgetId)?.spent === null)
      if (unknown.length > 0) await budgetAlertStore.later(tx, unknown, LATER_SECONDS)
      const passed = [
        ...(await passedBefore(tx, userId, armed, at)),
        ...armed.flatMap((alert) => passedOf(alert, spent.get(alert.budgetId))),
      ]
      return passed.length === 0 ? [] : tellOf(tx, userId, passed, at)
    })
  }

  async function moveMonths(tx: Tx, userId: string, due: readonly DueAlert[], at: number): Promise<void> {
    const moved = due.filter(({ isMonthMoved }) => isMonthMoved).map(({ id }) => id)
    const profile = moved.length === 0 ? null : await profileStore.read(tx, userId)
    if (!profile) return
    const { timeZone, monthStartDay } = profile
    const first = startOfMonth(dateIn(timeZone, at), monthStartDay)
    const month = (months: number): string => addMonths(first, months).slice(0, 7)
    const beganAt = startOfDate(timeZone, first)
    await budgetAlertStore.moveMonth(tx, moved, {
      ...{ month: month(0), before: month(-1), after: month(1) },
      beganAt,
    })
  }

  /** What was spent when a month was nearly over is of that month, also when it is looked at in the next one. */
  async function passedBefore(
    tx: Tx,
    userId: string,
    armed: readonly DueAlert[],
    at: number,
  ): Promise<readonly Passed[]> {
    const early = armed.filter(({ dueAt }) => quarterOf(dueAt) < quarterOf(at))
    if (early.length === 0) return []
    const then = Math.min(...early.map(({ dueAt }) => dueAt))
    const spent = await standings(tx, userId, budgetsOf(early), then)
    return early.flatMap((alert) => passedOf(alert, spent.get(alert.budgetId)))
  }

  async function tellOf(
    tx: Tx,
    userId: string,
    passed: readonly Passed[],
    at: number,
  ): Promise<readonly Told[]> {
    const fired = await budgetAlertStore.fire(tx, userId, passed, at)
    const isNew = new Set(fired.map(({ alertId, occasion }) => keyOf(alertId, occasion)))
    const highest = new Map<string, Passed>()
    for (const one of passed) {
      if (one.alert.isSilent || !isNew.has(keyOf(one.alertId, one.occasion))) continue
      if (one.percent > (highest.get(one.alertId)?.percent ?? 0)) highest.set(one.alertId, one)
    }
    if (highest.size === 0) return []
    const categories = [...highest.values()].map(({ standing }) => standing.categoryId)
    const names = await budgetAlertStore.categoryNames(tx, userId, categories)
    const news = [...highest.values()].map((one) =>
      newsOf(userId, one, names.get(one.standing.categoryId) ?? '', at),
    )
    const told = await announce(tx, news)
    const written = told.flatMap(({ notification }) => {
      const one = highest.get(String(notification.data.alertId))
      return one ? [{ ...one, notificationId: notification.id }] : []
    })
    await budgetAlertStore.told(tx, written, at)
    return told
  }

  return {
    /** Looks at everything that is due. One user whom it fails for does not hold up the others. */
    async run(): Promise<void> {
      const due = await db.asSystem((tx) => budgetAlertStore.users(tx, USERS_AT_ONCE))
      for (const { userId, overdueMs } of due) {
        if (!mine(userId) && overdueMs < OVERDUE_MS) continue
        try {
          tell(await check(userId))
        } catch (error) {
          log.warn({ err: error, userId }, "a user's budgets could not be looked at")
          await db.asSystem((tx) => budgetAlertStore.postpone(tx, userId, LATER_SECONDS))
        }
      }
    },
  }
}

function budgetsOf(alerts: readonly DueAlert[]): readonly string[] {
  return alerts.map(({ budgetId }) => budgetId)
}

/** In every zone days begin with a quarter of an hour. */
function quarterOf(at: number): number {
  return Math.floor(at / QUARTER_MS)
}

/** A percentage of a budget that is spent, told or not. */
interface Passed extends BudgetFiring {
  readonly alert: DueAlert
  readonly percent: number
  readonly standing: BudgetStanding
  readonly spent: bigint
}

function passedOf(alert: DueAlert, standing: BudgetStanding | undefined): readonly Passed[] {
  if (!standing || standing.spent === null) return []
  const { spent, limit, month } = standing
  const value = storable(spent)
  return alert.percents
    .filter((percent) => spent * 100n >= limit * BigInt(percent))
    .map((percent) => {
      return {
        alertId: alert.id,
        occasion: budgetOccasion(month, percent),
        value,
        alert,
        percent,
        standing,
        spent,
      }
    })
}

function newsOf(userId: string, passed: Passed, category: string, at: number): News {
  const { alert, percent, occasion, standing, spent } = passed
  const { month, currency, limit } = standing
  const figures = {
    percent,
    spent: moneyText(spent, currency),
    amount: moneyText(limit, currency),
    currency,
    month,
  }
  return {
    userId,
    kind: 'alert:fired',
    // The firing is the gate; the same name may come to be another month's.
    key: `${keyOf(alert.id, occasion)}:${new Date(at).toISOString()}`,
    words: budgetWords({ category, ...figures }),
    data: { alertId: alert.id, kind: 'BUDGET', budgetId: alert.budgetId, ...figures },
    channels: alert.channels,
    at,
  }
}

function keyOf(alertId: string, occasion: string): string {
  return `alert:${alertId}:${occasion}`
}

function storable(spent: bigint): Fixed | null {
  const value = rescale(spent, SPENT_SCALE, FIXED_SCALE)
  return value < MOST_VALUE && -value < MOST_VALUE ? value : null
}
