import type { Tx } from '../database/database.js'
import { notificationStore } from '../notifications/store.js'

/**
 * What is exported, as the database itself writes it: JSON items of a page in one text, joined by commas, empty
 * behind the last one. So nothing here holds thousands of rows as objects. Inside the transaction of one user.
 */
export type ReadPage = (tx: Tx, userId: string, offset: number) => Promise<string>

/** Items of a page; a page takes the database some milliseconds. */
export const PAGE = 500

/** Of how many percentages and months an alert is exported that it has told of them: those of some years. */
const MOST_TOLD = 1_000

/** ISO 8601, as to_char writes it. */
const ISO = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'

interface Row {
  readonly items: string | null
}

const first = ([row]: readonly Row[]): string => row?.items ?? ''

export async function profileText(tx: Tx, userId: string): Promise<string> {
  const rows = await tx.$queryRaw<Row[]>`
    SELECT json_build_object('name', name, 'baseCurrency', base_currency, 'timeZone', time_zone, 'locale', locale,
      'monthStartDay', month_start_day)::text AS items FROM users WHERE id = ${userId}::uuid`
  return first(rows)
}

/** How he wants to be told; as it is for those who never said. */
export async function settingsText(tx: Tx, userId: string): Promise<string> {
  const { email, push, webhook, quietHours } = await notificationStore.settings(tx, userId)
  return JSON.stringify({ email, push, webhook, quietHours })
}

/** Whoever writes for this user waits, so that all pages are of one state. */
export async function holdStill(tx: Tx, userId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`
}

/** The sections of a complete export, in the order in which they are read again. */
export const SECTIONS: Readonly<Record<string, ReadPage>> = {
  categories: async (tx, userId, offset) =>
    first(
      await tx.$queryRaw<Row[]>`
      SELECT string_agg(json_strip_nulls(row_to_json(item))::text, ',') AS items FROM (
        SELECT id, kind, name FROM categories WHERE user_id = ${userId}::uuid
        ORDER BY categories.id LIMIT ${PAGE}::int OFFSET ${offset}::int) AS item`,
    ),

  assets: async (tx, userId, offset) =>
    first(
      await tx.$queryRaw<Row[]>`
      SELECT string_agg(json_strip_nulls(row_to_json(item))::text, ',') AS items FROM (
        SELECT id, type, name, symbol, currency, pricing, short_allowed AS "shortAllowed"
        FROM assets WHERE user_id = ${userId}::uuid
        ORDER BY created_at, id LIMIT ${PAGE}::int OFFSET ${offset}::int) AS item`,
    ),

  assetPrices: async (tx, userId, offset) =>
    first(
      await tx.$queryRaw<Row[]>`
      SELECT string_agg(row_to_json(item)::text, ',') AS items FROM (
        SELECT asset_id AS "assetId", date, trim_scale(unit_price)::text AS "unitPrice"
        FROM asset_prices WHERE user_id = ${userId}::uuid
        ORDER BY asset_id, asset_prices.date LIMIT ${PAGE}::int OFFSET ${offset}::int) AS item`,
    ),

  recurringRules: async (tx, userId, offset) =>
    first(
      await tx.$queryRaw<Row[]>`
      SELECT string_agg(json_strip_nulls(row_to_json(item))::text, ',') AS items FROM (
        SELECT id, kind, name, trim_scale(amount)::text AS amount, currency, category_id AS "categoryId",
          asset_id AS "assetId", note, tags, frequency, every, due_on AS "dueOn", starts_on AS "startsOn",
          ends_on AS "endsOn", next_due_on AS "nextDueOn", paused_at IS NOT NULL AS paused,
          (SELECT max(due_date) FROM recurring_occurrences
           WHERE rule_id = recurring_rules.id AND user_id = ${userId}::uuid) AS "bookedUpTo"
        FROM recurring_rules WHERE user_id = ${userId}::uuid
        ORDER BY recurring_rules.id LIMIT ${PAGE}::int OFFSET ${offset}::int) AS item`,
    ),

  incomes: async (tx, userId, offset) =>
    first(
      await tx.$queryRaw<Row[]>`
      SELECT string_agg(json_strip_nulls(row_to_json(item))::text, ',') AS items FROM (
        SELECT id, trim_scale(amount)::text AS amount, currency, date, category_id AS "categoryId",
          asset_id AS "assetId", rule_id AS "ruleId", note, tags
        FROM incomes WHERE user_id = ${userId}::uuid
        ORDER BY incomes.id LIMIT ${PAGE}::int OFFSET ${offset}::int) AS item`,
    ),

  expenses: async (tx, userId, offset) =>
    first(
      await tx.$queryRaw<Row[]>`
      SELECT string_agg(json_strip_nulls(row_to_json(item))::text, ',') AS items FROM (
        SELECT id, trim_scale(amount)::text AS amount, currency, date, category_id AS "categoryId",
          asset_id AS "assetId", rule_id AS "ruleId", note, tags
        FROM expenses WHERE user_id = ${userId}::uuid
        ORDER BY expenses.id LIMIT ${PAGE}::int OFFSET ${offset}::int) AS item`,
    ),

  activities: async (tx, userId, offset) =>
    first(
      await tx.$queryRaw<Row[]>`
      SELECT string_agg(json_strip_nulls(row_to_json(item))::text, ',') AS items FROM (
        SELECT id, asset_id AS "assetId", type, date, trim_scale(quantity)::text AS quantity,
          trim_scale(unit_price)::text AS "unitPrice", trim_scale(amount)::text AS amount,
          nullif(trim_scale(fee), 0)::text AS fee, nullif(trim_scale(tax), 0)::text AS tax, currency,
          trim_scale(rate)::text AS rate, rate_currency AS "rateCurrency",
          split_numerator || ':' || split_denominator AS ratio, note,
          CASE WHEN cause_id IS NOT NULL THEN json_build_object('kind', 'activity', 'id', cause_id)
               WHEN income_id IS NOT NULL THEN json_build_object('kind', 'income', 'id', income_id)
               WHEN expense_id IS NOT NULL THEN json_build_object('kind', 'expense', 'id', expense_id) END AS cause
        FROM activities WHERE user_id = ${userId}::uuid
        ORDER BY activities.date, sequence LIMIT ${PAGE}::int OFFSET ${offset}::int) AS item`,
    ),

  budgets: async (tx, userId, offset) =>
    first(
      await tx.$queryRaw<Row[]>`
      SELECT string_agg(json_strip_nulls(row_to_json(item))::text, ',') AS items FROM (
        SELECT id, category_id AS "categoryId", trim_scale(amount)::text AS amount, currency,
          nullif(month, '') AS month
        FROM budgets WHERE user_id = ${userId}::uuid
        ORDER BY id LIMIT ${PAGE}::int OFFSET ${offset}::int) AS item`,
    ),

  goals: async (tx, userId, offset) =>
    first(
      await tx.$queryRaw<Row[]>`
      SELECT string_agg(json_strip_nulls(row_to_json(item))::text, ',') AS items FROM (
        SELECT id, name, trim_scale(target)::text AS target, currency, basis, deadline,
          ARRAY(SELECT asset_id FROM goal_assets WHERE goal_id = goals.id AND user_id = ${userId}::uuid) AS "assetIds",
          to_char(reached_at AT TIME ZONE 'UTC', ${ISO}) AS "reachedAt",
          to_char(fell_back_at AT TIME ZONE 'UTC', ${ISO}) AS "fellBackAt",
          to_char(created_at AT TIME ZONE 'UTC', ${ISO}) AS "createdAt",
          coalesce((
            SELECT json_agg(json_build_object('percent', percent,
              'reachedAt', to_char(goal_milestones.reached_at AT TIME ZONE 'UTC', ${ISO})))
            FROM goal_milestones WHERE goal_id = goals.id AND user_id = ${userId}::uuid
          ), '[]') AS milestones,
          coalesce((
            SELECT json_agg(json_build_object('amount', trim_scale(amount)::text, 'currency', given.currency,
              'date', given.date, 'note', note) ORDER BY given.id)
            FROM goal_contributions AS given WHERE goal_id = goals.id AND user_id = ${userId}::uuid
          ), '[]') AS contributions
        FROM goals WHERE user_id = ${userId}::uuid
        ORDER BY goals.id LIMIT ${PAGE}::int OFFSET ${offset}::int) AS item`,
    ),

  alerts: async (tx, userId, offset) =>
    first(
      await tx.$queryRaw<Row[]>`
      SELECT string_agg(json_strip_nulls(row_to_json(item))::text, ',') AS items FROM (
        SELECT kind, symbol, per, goal_id AS "goalId", budget_id AS "budgetId", asset_id AS "assetId", condition,
          trim_scale(threshold)::text AS threshold, currency, trim_scale(percent)::text AS percent, direction,
          window_minutes AS "windowMinutes", CASE WHEN kind = 'GOAL' THEN events END AS events,
          CASE WHEN kind = 'BUDGET' THEN percents END AS percents, CASE WHEN has_channels THEN channels END AS channels,
          repeat, trim_scale(hysteresis)::text AS hysteresis, min_interval_seconds AS "minIntervalSeconds", note, state,
          to_char(expires_at AT TIME ZONE 'UTC', ${ISO}) AS "expiresAt",
          to_char(snoozed_until AT TIME ZONE 'UTC', ${ISO}) AS "snoozedUntil",
          to_char(fired_at AT TIME ZONE 'UTC', ${ISO}) AS "firedAt",
          to_char(created_at AT TIME ZONE 'UTC', ${ISO}) AS "createdAt",
          CASE WHEN kind = 'BUDGET' THEN ARRAY(
            SELECT occasion FROM alert_firings WHERE alert_id = alerts.id AND user_id = ${userId}::uuid
            ORDER BY at DESC, occasion LIMIT ${MOST_TOLD}::int
          ) END AS told
        FROM alerts WHERE user_id = ${userId}::uuid
        ORDER BY alerts.id LIMIT ${PAGE}::int OFFSET ${offset}::int) AS item`,
    ),
}
