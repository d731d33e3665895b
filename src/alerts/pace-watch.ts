import type { Database } from '../database/database.js'
import { addMonths, dateIn, startOfMonth } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import { parseFixed } from '../lib/decimal.js'
import type { Log } from '../lib/log.js'
import type { Announce, News, Tell, Told } from '../notifications/news.js'
import type { Goal } from '../protocol/goals.js'
import type { Channel } from '../protocol/notifications.js'
import { budgetAlertStore } from './budget-alert-store.js'
import { paceOccasion } from './occasions.js'
import { type PaceAlert, paceStore } from './pace-store.js'
import { goalWords } from './words.js'

/**
 * Tells, once in each month of the user and not before a whole one has passed since the goal was made, that a goal
 * is not reached by its deadline at the present pace. May run on any number of nodes: the row of the month decides.
 */
export function paceWatch(options: {
  readonly db: Database
  readonly clock: Clock
  /** A user's goal as it is told to him. */
  readonly goal: (userId: string, goalId: string) => Promise<Goal>
  readonly announce: Announce
  readonly tell: Tell
  /** Whether this user is this worker's now. */
  readonly mine: (userId: string) => boolean
  readonly log: Log
}) {
  const { db, clock, goal, announce, tell, mine, log } = options

  async function check(alert: PaceAlert, month: string, at: number): Promise<void> {
    const { id: alertId, userId, goalId } = alert
    const stands = await goal(userId, goalId)
    if (!isBehind(stands)) return
    const occasion = paceOccasion(month)
    const told = await db.asUser(userId, async (tx): Promise<readonly Told[]> => {
      const ways = await paceStore.lock(tx, userId, alertId, at)
      if (!ways) return []
      const fired = await budgetAlertStore.fire(tx, userId, [{ alertId, occasion, value: null }], at)
      if (fired.length === 0) return []
      const written = await announce(tx, [newsOf(alert, stands, { occasion, at, ...ways })])
      await budgetAlertStore.told(
        tx,
        written.map(({ notification }) => ({ alertId, occasion, notificationId: notification.id })),
        at,
      )
      return written
    })
    tell(told)
  }

  return {
    /** Looks at every goal of ours that may be told this month. One that it fails for does not hold up the others. */
    async run(): Promise<void> {
      const at = clock.now()
      for (let after: string | null = FIRST; after !== null; ) {
        const from: string = after
        const page = await db.asSystem((tx) => paceStore.page(tx, from, PAGE, at))
        for (const alert of page) {
          const month = dueMonth(alert, at)
          if (month === null || !mine(alert.userId)) continue
          await check(alert, month, at).catch((error: unknown) => {
            log.warn({ err: error, alertId: alert.id }, 'the pace of a goal could not be looked at')
          })
        }
        after = page.length < PAGE ? null : (page.at(-1)?.id ?? null)
      }
    },
  }
}

const PAGE = 1_000
/** Before the first id. */
const FIRST = '00000000-0000-0000-0000-000000000000'

/** The month under way, if it is to be told of; null when it was, when it is too soon and when it is too late. */
function dueMonth(alert: PaceAlert, at: number): string | null {
  const { timeZone, monthStartDay, createdAt, deadline, told } = alert
  const today = dateIn(timeZone, at)
  const month = startOfMonth(today, monthStartDay).slice(0, 7)
  const made = dateIn(timeZone, createdAt)
  const madeIn = startOfMonth(made, monthStartDay)
  const firstWhole = made === madeIn ? made : addMonths(madeIn, 1)
  if (today < addMonths(firstWhole, 1) || today > deadline) return null
  return told !== null && told >= paceOccasion(month) ? null : month
}

/** Where the pace itself cannot be known, nothing is said of it: nobody may have contributed, or nothing is recorded. */
function isBehind({ basis, deadline, current, remaining, actualPerMonth, projectedDate }: Goal): boolean {
  if (deadline === null || current === null || remaining === null || parseFixed(remaining) === 0n)
    return false
  if (projectedDate !== null) return projectedDate > deadline
  return actualPerMonth !== null || basis === 'CONTRIBUTIONS'
}

function newsOf(
  { id: alertId, userId, goalId }: PaceAlert,
  goal: Goal,
  { occasion, at, channels }: { occasion: string; at: number; channels: readonly Channel[] | null },
): News {
  const { name, deadline, projectedDate, requiredPerMonth, actualPerMonth, currency } = goal
  const facts = { name, percent: null, projectedDate, deadline, requiredPerMonth, actualPerMonth, currency }
  return {
    userId,
    kind: 'goal:behindPace',
    key: `goal:${goalId}:${occasion}`,
    words: goalWords({ kind: 'behindPace', ...facts }),
    data: { goalId, alertId, ...facts },
    channels,
    at,
  }
}
