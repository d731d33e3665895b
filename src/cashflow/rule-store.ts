import type { Tx } from '../database/database.js'
import { fromDateText, toDateText, toFixedText } from '../database/values.js'
import { type PageAsk, pageClause, pageOf } from '../http/pages.js'
import type { DueOn, FlowKind, Frequency, RecurringRule } from '../protocol/flows.js'
import type { Page } from '../protocol/resources.js'
import { enteredText } from './money.js'

export type RuleValues = Omit<RecurringRule, 'id' | 'paused' | 'version'>

/** A rule that is due where its user lives. */
export interface DueRule {
  readonly id: string
  readonly userId: string
}

/** Recurring rules and what became of their due dates; inside the transaction of one user unless told. */
export const ruleStore = {
  async list(tx: Tx, userId: string, ask: PageAsk): Promise<Page<RecurringRule>> {
    const { where, ...rest } = pageClause(ask)
    const rows = await tx.recurringRule.findMany({ where: { userId, ...where }, ...rest })
    return pageOf(rows, ask.limit, toRule)
  },

  async find(tx: Tx, userId: string, id: string): Promise<RecurringRule | null> {
    const row = await tx.recurringRule.findFirst({ where: { userId, id } })
    return row && toRule(row)
  },

  async count(tx: Tx, userId: string): Promise<number> {
    return tx.recurringRule.count({ where: { userId } })
  },

  async insert(tx: Tx, userId: string, values: RuleValues, pausedAt: Date | null): Promise<RecurringRule> {
    return toRule(await tx.recurringRule.create({ data: { userId, ...columns(values), pausedAt } }))
  },

  /** `pausedAt` stays as it is where it is undefined. */
  async update(
    tx: Tx,
    userId: string,
    id: string,
    values: RuleValues,
    pausedAt: Date | null | undefined,
  ): Promise<RecurringRule> {
    const row = await tx.recurringRule.update({
      where: { userId_id: { userId, id } },
      data: {
        ...columns(values),
        ...(pausedAt === undefined ? {} : { pausedAt }),
        version: { increment: 1 },
      },
    })
    return toRule(row)
  },

  async advance(tx: Tx, userId: string, id: string, nextDueOn: string | null): Promise<void> {
    await tx.recurringRule.update({
      where: { userId_id: { userId, id } },
      data: { nextDueOn: dateOrNull(nextDueOn), version: { increment: 1 } },
    })
  },

  /** Takes a category that is about to go off its rules. */
  async releaseCategory(tx: Tx, userId: string, categoryId: string): Promise<void> {
    await tx.recurringRule.updateMany({
      where: { userId, categoryId },
      data: { categoryId: null, version: { increment: 1 } },
    })
  },

  /** What came of a rule stays. */
  async remove(tx: Tx, userId: string, id: string): Promise<void> {
    await tx.recurringRule.delete({ where: { userId_id: { userId, id } } })
  },

  async lastBooked(tx: Tx, userId: string, ruleId: string): Promise<string | null> {
    const row = await tx.recurringOccurrence.findFirst({
      where: { userId, ruleId },
      orderBy: { dueDate: 'desc' },
      select: { dueDate: true },
    })
    return row && toDateText(row.dueDate)
  },

  /** Takes due dates for the caller's transaction to book; hands back those that nobody had taken before. */
  async claim(
    tx: Tx,
    userId: string,
    ruleId: string,
    dates: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const rows = await tx.$queryRaw<{ due_date: Date }[]>`
      INSERT INTO recurring_occurrences (user_id, rule_id, due_date)
      SELECT ${userId}::uuid, ${ruleId}::uuid, unnest(${[...dates]}::text[])::date
      ON CONFLICT DO NOTHING RETURNING due_date`
    return new Set(rows.map((row) => toDateText(row.due_date)))
  },

  /** Which entry came of which due date. */
  async booked(
    tx: Tx,
    userId: string,
    ruleId: string,
    entries: readonly { readonly id: string; readonly date: string }[],
  ): Promise<void> {
    await tx.$executeRaw`
      UPDATE recurring_occurrences SET entry_id = entry.id
      FROM unnest(${entries.map(({ id }) => id)}::uuid[], ${entries.map(({ date }) => date)}::text[]) AS entry (id, date)
      WHERE user_id = ${userId}::uuid AND rule_id = ${ruleId}::uuid AND due_date = entry.date::date`
  },

  /** Time zones of users with rules that are due by this date and not paused; for the system alone. */
  async zonesWith(tx: Tx, due: string): Promise<readonly string[]> {
    const rows = await tx.$queryRaw<{ time_zone: string }[]>`
      SELECT DISTINCT users.time_zone
      FROM recurring_rules JOIN users ON users.id = recurring_rules.user_id
      WHERE next_due_on <= ${due}::date AND paused_at IS NULL AND users.disabled_at IS NULL`
    return rows.map((row) => row.time_zone)
  },

  /** Rules that are due by the dates of their users' zones, in the order of ids; for the system alone. */
  async due(
    tx: Tx,
    ask: {
      readonly dates: ReadonlyMap<string, string>
      /** The last of these dates, or later. */
      readonly latest: string
      readonly after: string | null
      readonly limit: number
    },
  ): Promise<readonly DueRule[]> {
    const { dates, latest, after, limit } = ask
    const rows = await tx.$queryRaw<{ id: string; user_id: string }[]>`
      SELECT recurring_rules.id, recurring_rules.user_id
      FROM unnest(${[...dates.keys()]}::text[], ${[...dates.values()]}::text[]) AS today (zone, date)
        JOIN users ON users.time_zone = today.zone
        JOIN recurring_rules ON recurring_rules.user_id = users.id
      WHERE next_due_on <= ${latest}::date AND next_due_on <= today.date::date AND paused_at IS NULL AND users.disabled_at IS NULL
        AND (${after}::uuid IS NULL OR recurring_rules.id > ${after}::uuid)
      ORDER BY recurring_rules.id LIMIT ${limit}::int`
    return rows.map((row) => ({ id: row.id, userId: row.user_id }))
  },
}

type RuleRow = NonNullable<Awaited<ReturnType<Tx['recurringRule']['findFirst']>>>

function dateOrNull(date: string | null): Date | null {
  return date === null ? null : fromDateText(date)
}

function columns(values: RuleValues) {
  const { kind, name, amount, currency, categoryId, assetId, note, frequency, every, dueOn } = values
  return {
    ...{ kind, name, amount, currency, categoryId, assetId, note, frequency, every, dueOn },
    tags: [...values.tags],
    startsOn: fromDateText(values.startsOn),
    endsOn: dateOrNull(values.endsOn),
    nextDueOn: dateOrNull(values.nextDueOn),
  }
}

function toRule(row: RuleRow): RecurringRule {
  return {
    id: row.id,
    kind: row.kind as FlowKind,
    name: row.name,
    amount: enteredText(toFixedText(row.amount), row.currency),
    currency: row.currency,
    categoryId: row.categoryId,
    assetId: row.assetId,
    note: row.note,
    tags: row.tags,
    frequency: row.frequency as Frequency,
    every: row.every,
    dueOn: row.dueOn as DueOn,
    startsOn: toDateText(row.startsOn),
    endsOn: row.endsOn && toDateText(row.endsOn),
    nextDueOn: row.nextDueOn && toDateText(row.nextDueOn),
    paused: row.pausedAt !== null,
    version: row.version,
  }
}
