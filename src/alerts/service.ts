import type { BudgetStanding } from '../cashflow/budgets.js'
import type { Database, Tx } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import type { Alert } from '../protocol/alerts.js'
import type { Page, Valuation } from '../protocol/resources.js'
import { baselineOf } from './baseline.js'
import { type Changed, changedBy, checkFuture } from './changes.js'
import { type Facts, holds, passedOf, type QuoteNow } from './conditions.js'
import { budgetOccasion } from './occasions.js'
import { mistake, noAlert } from './refusals.js'
import { type AlertRule, MOST_ALERTS, ruleOf } from './rule.js'
import type { AlertChangeInput, AlertQuery, NewAlertInput } from './schema.js'
import { alertStore, type StoredAlert } from './store.js'
import { checkSymbols, ensureSymbols } from './symbols.js'
import { toAlert } from './told.js'

export interface AlertsOptions {
  readonly db: Database
  readonly clock: Clock
  /** The price that is known now. */
  readonly quote: (symbol: string) => QuoteNow | undefined
  /** The same; where nobody has asked for it before, there is a moment to tell it. */
  readonly awaitQuote: (symbol: string) => Promise<QuoteNow | undefined>
  /** What everything of the user's is worth now. */
  readonly valuation: (userId: string) => Promise<Valuation>
  /** How far those of the ids that are budgets of this month are spent. */
  readonly budgets: (userId: string, ids: readonly string[]) => Promise<ReadonlyMap<string, BudgetStanding>>
  /** Told when there is something new for those who evaluate. */
  readonly changed: () => void
}

/**
 * What users ask to be told. An alert fires when something goes through its mark, not because it is beyond it: it
 * begins at a baseline, which is taken when it is made, changed or armed, and says whether its condition holds
 * there already. `checkVersion` compares the version that a client expects and throws when it is another.
 */
export type Alerts = ReturnType<typeof alerts>
type CheckVersion = (current: { readonly id: string; readonly version: number }) => void

export function alerts(options: AlertsOptions) {
  const { db, clock, quote, awaitQuote, valuation, budgets, changed } = options

  /** Everything that tells how some alerts of a user stand; one question of each kind. Outside of transactions. */
  async function factsOf(userId: string, some: readonly AlertRule[]): Promise<Facts> {
    const ids = some.flatMap(({ budgetId }) => budgetId ?? [])
    const isValued = some.some(({ kind }) => kind === 'PORTFOLIO')
    return {
      quote,
      valuation: isValued ? await valuation(userId) : null,
      budgets: ids.length === 0 ? new Map() : await budgets(userId, ids),
    }
  }

  /** The same of one that begins: its baseline is a price, if there is any. */
  async function factsAnew(userId: string, rule: AlertRule): Promise<Facts> {
    const asked = [rule.symbol, rule.per].filter((symbol) => symbol !== null)
    const quotes = new Map(await Promise.all(asked.map(async (one) => [one, await awaitQuote(one)] as const)))
    return { ...(await factsOf(userId, [rule])), quote: (symbol) => quotes.get(symbol) }
  }

  const tell = (alert: StoredAlert, facts: Facts): Alert =>
    toAlert(alert, holds(alert, facts, alert.isReached), clock.now())

  async function existing(userId: string, id: string): Promise<StoredAlert> {
    const alert = await db.asUser(userId, (tx) => alertStore.find(tx, userId, id))
    if (!alert) throw noAlert()
    return alert
  }

  async function lock(tx: Tx, userId: string, id: string): Promise<StoredAlert> {
    const alert = await alertStore.lock(tx, userId, id)
    if (!alert) throw noAlert()
    return alert
  }

  /** What is behind it in this month is no news. */
  async function passOver(tx: Tx, userId: string, alert: StoredAlert, facts: Facts): Promise<void> {
    const passed = passedOf(alert, facts)
    const occasions = passed?.percents.map((percent) => budgetOccasion(passed.month, percent)) ?? []
    await alertStore.passOver(tx, userId, alert.id, occasions, clock.now())
  }

  return {
    async list(userId: string, query: AlertQuery): Promise<Page<Alert>> {
      const page = await db.asUser(userId, (tx) => alertStore.list(tx, userId, query, clock.now()))
      const facts = await factsOf(userId, page.data)
      return { ...page, data: page.data.map((alert) => tell(alert, facts)) }
    },

    async get(userId: string, id: string): Promise<Alert> {
      const alert = await existing(userId, id)
      return tell(alert, await factsOf(userId, [alert]))
    },

    /** Throws AppError conflict `too-many-alerts`. */
    async create(userId: string, input: NewAlertInput): Promise<Alert> {
      const asked = ruleOf(input, null)
      checkSymbols(asked)
      checkFuture(asked, clock.now())
      // Before the transaction, which must not wait for an exchange.
      const facts = await factsAnew(userId, asked)
      const rule = ruleOf(input, facts.valuation?.currency ?? null)
      const made = await db.asUser(userId, async (tx) => {
        await alertStore.takeTurn(tx, userId)
        if ((await alertStore.count(tx, userId)) >= MOST_ALERTS) throw tooMany()
        await requireOwn(tx, userId, rule)
        await ensureSymbols(tx, [rule.symbol, rule.per])
        const now = clock.now()
        const made = await alertStore.insert(tx, userId, rule, baselineOf(rule, facts, now), now)
        await passOver(tx, userId, made, facts)
        return made
      })
      changed()
      return tell(made, facts)
    },

    async change(
      userId: string,
      id: string,
      change: AlertChangeInput,
      checkVersion: CheckVersion,
    ): Promise<Alert> {
      const before = await existing(userId, id)
      checkVersion(before)
      const { rule, isAnew } = changedBy(before, change, clock.now())
      const facts = await (isAnew ? factsAnew(userId, rule) : factsOf(userId, [rule]))
      const after = await db.asUser(userId, async (tx) => {
        const locked = await lock(tx, userId, id)
        checkVersion(locked)
        const now = clock.now()
        const made = inCurrency(changedBy(locked, change, now), change, facts)
        if (!isAnew) return alertStore.change(tx, userId, id, made, null)
        const baseline = baselineOf(made.rule, facts, now)
        const anew = await alertStore.change(tx, userId, id, made, { baseline, now })
        await passOver(tx, userId, anew, facts)
        return anew
      })
      changed()
      return tell(after, facts)
    },

    remove: (userId: string, id: string, checkVersion: CheckVersion): Promise<void> =>
      db.asUser(userId, async (tx) => {
        checkVersion(await lock(tx, userId, id))
        await alertStore.remove(tx, userId, id)
      }),
  }
}

/** A new threshold of a portfolio is told in the currency in which it is valued now. */
function inCurrency(changed: Changed, { threshold }: AlertChangeInput, { valuation }: Facts): Changed {
  if (threshold === undefined || valuation === null) return changed
  return { ...changed, rule: { ...changed.rule, currency: valuation.currency } }
}

async function requireOwn(tx: Tx, userId: string, rule: AlertRule): Promise<void> {
  const { goalId, budgetId, assetId } = rule
  for (const [what, id] of [
    ['goal', goalId],
    ['budget', budgetId],
    ['asset', assetId],
  ] as const) {
    if (id !== null && !(await alertStore.owns(tx, userId, what, id)))
      throw mistake(`/${what}Id`, `is none of your ${what}s`)
  }
}

function tooMany(): AppError {
  return new AppError('conflict', 'too-many-alerts', `An account can hold ${MOST_ALERTS} alerts.`)
}
