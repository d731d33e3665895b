import type { AccountMoves } from '../assets/account-moves.js'
import type { Database, Tx } from '../database/database.js'
import { addDays, dateIn } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import type { Log } from '../lib/log.js'
import type { RecurringRule } from '../protocol/flows.js'
import { enter } from './flows.js'
import { profileStore } from './profile-store.js'
import { type DueRule, ruleStore } from './rule-store.js'
import { dueDates, nextDue } from './schedule.js'

/**
 * Books what recurring rules say, once the date has come where their user lives. A due date is written down as
 * taken first, in the transaction that also makes its entry and moves the rule on: whoever runs at the same time
 * waits for that transaction and then finds the date taken, and a process that dies leaves all of it or nothing.
 * What was due while nobody ran is made up for, a few hundred of each rule with every run; a run goes on behind the
 * rule at which the one before it ran out of time, so that nobody's many rules keep others waiting.
 */
export interface Recurring {
  /** Resolves with how many entries it has made; a call during another one waits for that. */
  run(): Promise<number>
}

export interface RecurringOptions {
  readonly db: Database
  readonly clock: Clock
  readonly moves: AccountMoves
  /** Called after the balance of an account has changed and that is committed. */
  readonly changed: (userId: string) => void
  readonly log: Log
}

const RULES_AT_ONCE = 200
const MOST_OF_A_RULE = 400
/** Of one transaction, so that others find the database free in between. */
const ENTRIES_AT_ONCE = 40
/** What is left then waits for the next run, so that whoever wants to stop need not wait for all of it. */
const LONGEST_RUN_MS = 8_000
/** A rule that cannot be booked now, such as one into an account of another currency on a day without a rate, is left alone so long. */
const RETRY_MS = 10 * 60_000

export function createRecurring(options: RecurringOptions): Recurring {
  const { db, clock, moves, changed, log } = options
  const refused = new Map<string, number>()
  let running: Promise<number> | null = null
  /** The last rule that was looked at, where a run has ended before its end. */
  let after: string | null = null

  async function runOnce(): Promise<number> {
    const now = clock.now()
    for (const [id, until] of refused) if (until <= now) refused.delete(id)
    // The earliest zones are 14 hours before UTC.
    const latest = addDays(dateIn('UTC', now), 1)
    const zones = await db.asSystem((tx) => ruleStore.zonesWith(tx, latest))
    const dates = new Map(zones.map((zone) => [zone, dateIn(zone, now)]))
    let booked = 0
    do {
      const rules = await dueAfter(after, dates, latest)
      for (const rule of rules) {
        if (isOver(now)) return booked
        after = rule.id
        if (!refused.has(rule.id)) booked += await catchUp(rule, now)
      }
      if (rules.length < RULES_AT_ONCE) after = null
    } while (after !== null)
    return booked
  }

  const isOver = (start: number): boolean => clock.now() - start >= LONGEST_RUN_MS

  function dueAfter(
    after: string | null,
    dates: ReadonlyMap<string, string>,
    latest: string,
  ): Promise<readonly DueRule[]> {
    return db.asSystem((tx) => ruleStore.due(tx, { dates, latest, after, limit: RULES_AT_ONCE }))
  }

  async function catchUp(due: DueRule, now: number): Promise<number> {
    let booked = 0
    try {
      for (let looked = 0; looked < MOST_OF_A_RULE; looked += ENTRIES_AT_ONCE) {
        const step = await db.asUser(due.userId, (tx) => book(tx, due, now))
        booked += step.booked
        if (step.moved) changed(due.userId)
        if (!step.more || isOver(now)) break
      }
    } catch (error) {
      if (error instanceof AppError && error.fault === 'unavailable') throw error
      refused.set(due.id, now + RETRY_MS)
      log.warn({ err: error, rule: due.id }, 'a recurring rule could not be booked')
    }
    return booked
  }

  async function book(
    tx: Tx,
    { userId, id }: DueRule,
    now: number,
  ): Promise<{ booked: number; moved: boolean; more: boolean }> {
    const profile = await profileStore.takeTurn(tx, userId)
    const rule = profile && (await ruleStore.find(tx, userId, id))
    const today = profile && dateIn(profile.timeZone, now)
    if (!rule || !today || rule.paused || rule.nextDueOn === null || rule.nextDueOn > today) {
      return { booked: 0, moved: false, more: false }
    }
    const dates = dueDates(rule, rule.nextDueOn, today, ENTRIES_AT_ONCE)
    const more = dates.length === ENTRIES_AT_ONCE
    const fresh = await ruleStore.claim(tx, userId, id, dates)
    const entries: { id: string; date: string }[] = []
    for (const date of dates) {
      if (fresh.has(date)) entries.push(await enter(tx, userId, rule.kind, entryOf(rule, date), moves))
    }
    await ruleStore.booked(tx, userId, id, entries)
    await ruleStore.advance(tx, userId, id, nextDue(rule, (more && dates.at(-1)) || today))
    return { booked: entries.length, moved: entries.length > 0 && rule.assetId !== null, more }
  }

  return {
    run() {
      running ??= runOnce().finally(() => {
        running = null
      })
      return running
    },
  }
}

function entryOf(rule: RecurringRule, date: string) {
  const { amount, currency, categoryId, assetId, note, tags } = rule
  return { amount, currency, date, categoryId, assetId, ruleId: rule.id, note: note ?? rule.name, tags }
}
