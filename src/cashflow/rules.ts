import type { Database, Tx } from '../database/database.js'
import type { PageAsk } from '../http/pages.js'
import { addDays, dateIn } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import { parseFixed } from '../lib/decimal.js'
import { AppError } from '../lib/errors.js'
import type { RecurringRule } from '../protocol/flows.js'
import type { Page } from '../protocol/resources.js'
import { flowStore } from './flow-store.js'
import { requireOwn } from './flows.js'
import { given } from './given.js'
import { type Profile, profileStore } from './profile-store.js'
import { type CheckVersion, missing, mistake, noAccount } from './refusals.js'
import { type RuleValues, ruleStore } from './rule-store.js'
import { dueDates, firstDue, type Schedule } from './schedule.js'
import type { NewRule, RuleChange } from './schema.js'

/**
 * Rules of what comes again. A new rule is due from its `startsOn` on, also where that is past. A change is for
 * the future: what was booked stays, another schedule counts from today, and what was due during a pause is not
 * made up for.
 */
export type Rules = ReturnType<typeof rules>

export function rules({ db, clock }: { readonly db: Database; readonly clock: Clock }) {
  function write<T>(
    userId: string,
    work: (tx: Tx, today: string, profile: Profile) => Promise<T>,
  ): Promise<T> {
    return db.asUser(userId, async (tx) => {
      const profile = await profileStore.takeTurn(tx, userId)
      if (!profile) throw noAccount()
      return work(tx, dateIn(profile.timeZone, clock.now()), profile)
    })
  }

  async function existing(tx: Tx, userId: string, id: string): Promise<RecurringRule> {
    const rule = await ruleStore.find(tx, userId, id)
    if (!rule) throw missing('recurring rule')
    return rule
  }

  const pausedAt = (paused: boolean): Date | null => (paused ? new Date(clock.now()) : null)

  return {
    list: (userId: string, ask: PageAsk): Promise<Page<RecurringRule>> =>
      db.asUser(userId, (tx) => ruleStore.list(tx, userId, ask)),

    get: (userId: string, id: string): Promise<RecurringRule> =>
      db.asUser(userId, (tx) => existing(tx, userId, id)),

    /** Throws AppError conflict `too-many-rules`. */
    create: (userId: string, input: NewRule): Promise<RecurringRule> =>
      write(userId, async (tx, today, { baseCurrency }) => {
        if ((await ruleStore.count(tx, userId)) >= MOST_RULES) {
          throw new AppError(
            'conflict',
            'too-many-rules',
            `An account can have ${MOST_RULES} recurring rules.`,
          )
        }
        const { paused = false, ...rest } = given(input)
        const values = { ...BLANK, currency: baseCurrency, ...rest }
        const nextDueOn = firstDue(values, values.startsOn)
        requireSound({ ...values, nextDueOn }, today)
        await requireOwn(tx, userId, input.kind, input)
        return ruleStore.insert(tx, userId, { ...values, nextDueOn }, pausedAt(paused))
      }),

    change: (
      userId: string,
      id: string,
      change: RuleChange,
      checkVersion: CheckVersion,
    ): Promise<RecurringRule> =>
      write(userId, async (tx, today) => {
        const before = await existing(tx, userId, id)
        checkVersion(before)
        const after = { ...before, ...given(change) }
        const nextDueOn = next(before, after, today, await ruleStore.lastBooked(tx, userId, id))
        requireSound({ ...after, nextDueOn }, today)
        await requireOwn(tx, userId, before.kind, change)
        const pause = before.paused === after.paused ? undefined : pausedAt(after.paused)
        return ruleStore.update(tx, userId, id, { ...after, nextDueOn }, pause)
      }),

    /** What came of it stays. */
    remove: (userId: string, id: string, checkVersion: CheckVersion): Promise<void> =>
      write(userId, async (tx) => {
        const rule = await existing(tx, userId, id)
        checkVersion(rule)
        await flowStore.release(tx, userId, rule.kind, { ruleId: id })
        await ruleStore.remove(tx, userId, id)
      }),
  }
}

/** The next due date after a change, never one up to the last that was booked. */
function next(
  before: RecurringRule,
  after: RecurringRule,
  today: string,
  lastBooked: string | null,
): string | null {
  const resumed = before.paused && !after.paused
  if (!resumed && SCHEDULE.every((field) => before[field] === after[field])) return before.nextDueOn
  const waiting = before.nextDueOn
  const from = !resumed && waiting !== null && waiting < today ? waiting : today
  return firstDue(after, lastBooked !== null && lastBooked >= from ? addDays(lastBooked, 1) : from)
}

function requireSound(rule: RuleValues & Schedule, today: string): void {
  const { frequency, dueOn, startsOn, endsOn } = rule
  if (dueOn !== 'DATE' && frequency !== 'MONTHLY' && frequency !== 'YEARLY') {
    throw mistake('/dueOn', 'is for MONTHLY and YEARLY rules')
  }
  if (endsOn !== null && endsOn < startsOn) throw mistake('/endsOn', 'lies before startsOn')
  if (rule.kind === 'INCOME' && parseFixed(rule.amount) < 0n)
    throw mistake('/amount', 'must be more than zero')
  const { nextDueOn } = rule
  if (nextDueOn !== null && dueDates(rule, nextDueOn, today, MOST_OVERDUE + 1).length > MOST_OVERDUE) {
    throw mistake('/startsOn', `would be due more than ${MOST_OVERDUE} times already`)
  }
}

const MOST_RULES = 500
/** What a new rule may make up for. */
const MOST_OVERDUE = 4_000
const SCHEDULE = ['frequency', 'every', 'dueOn', 'startsOn', 'endsOn'] as const
const BLANK = {
  name: null,
  categoryId: null,
  assetId: null,
  note: null,
  tags: [],
  every: 1,
  dueOn: 'DATE',
  endsOn: null,
} as const
