import type { Tx } from '../database/database.js'
import { fromDateText, toDateText, toFixedText } from '../database/values.js'
import { encodeKey } from '../http/pages.js'
import type { Fixed } from '../lib/decimal.js'
import type { Flow, FlowKind } from '../protocol/flows.js'
import type { Page } from '../protocol/resources.js'
import { enteredText } from './money.js'
import type { FlowQuery } from './schema.js'

/** An entry as it is written. */
export interface FlowValues {
  /** Decimal text. */
  readonly amount: string
  readonly currency: string
  readonly date: string
  readonly categoryId: string | null
  readonly assetId: string | null
  readonly ruleId: string | null
  readonly note: string | null
  readonly tags: readonly string[]
}

/** Entries of one date, kind, category and currency, summed exactly. */
export interface FlowSum {
  readonly date: string
  readonly kind: FlowKind
  readonly categoryId: string | null
  readonly currency: string
  /** May have more digits than decimal text may; refunds lower it. */
  readonly amount: Fixed
  readonly entries: number
}

/** Incomes and expenses, inside the transaction of one user (Database.asUser). */
export const flowStore = {
  /** Newest date first, of one date the newest entry first. */
  async list(tx: Tx, userId: string, kind: FlowKind, ask: FlowQuery): Promise<Page<Flow>> {
    const rows = await tableOf(tx, kind).findMany({
      where: { userId, AND: conditionsOf(ask) },
      orderBy: [{ date: 'desc' }, { id: 'desc' }],
      take: ask.limit + 1,
    })
    const shown = rows.slice(0, ask.limit).map(toFlow)
    const last = shown.at(-1)
    return {
      data: shown,
      nextCursor: rows.length > ask.limit && last ? encodeKey([last.date, last.id]) : null,
    }
  },

  async find(tx: Tx, userId: string, kind: FlowKind, id: string): Promise<Flow | null> {
    const row = await tableOf(tx, kind).findFirst({ where: { userId, id } })
    return row && toFlow(row)
  },

  async insert(tx: Tx, userId: string, kind: FlowKind, values: FlowValues): Promise<Flow> {
    return toFlow(await tableOf(tx, kind).create({ data: { userId, ...columns(values) } }))
  },

  async update(tx: Tx, userId: string, kind: FlowKind, id: string, values: FlowValues): Promise<Flow> {
    const row = await tableOf(tx, kind).update({
      where: { userId_id: { userId, id } },
      data: { ...columns(values), version: { increment: 1 } },
    })
    return toFlow(row)
  },

  async remove(tx: Tx, userId: string, kind: FlowKind, id: string): Promise<void> {
    await tableOf(tx, kind).delete({ where: { userId_id: { userId, id } } })
  },

  /** Whether it is an asset of this user's with a balance. */
  async isAccount(tx: Tx, userId: string, assetId: string): Promise<boolean> {
    const row = await tx.asset.findFirst({ where: { userId, id: assetId }, select: { type: true } })
    return row?.type === 'CASH' || row?.type === 'LIABILITY'
  },

  /** Takes a category, or a rule, that is about to go off its entries; they are other versions from then on. */
  async release(
    tx: Tx,
    userId: string,
    kind: FlowKind,
    from: { readonly categoryId: string } | { readonly ruleId: string },
  ): Promise<void> {
    const without = 'ruleId' in from ? { ruleId: null } : { categoryId: null }
    await tableOf(tx, kind).updateMany({
      where: { userId, ...from },
      data: { ...without, version: { increment: 1 } },
    })
  },

  /**
   * What came in and went out in [from, to), by date, kind, category and currency, oldest first. One text of one
   * row: many rows cost Prisma more than the sums cost the database.
   */
  async sums(
    tx: Tx,
    userId: string,
    { from, to }: { readonly from: string; readonly to: string },
  ): Promise<readonly FlowSum[]> {
    const [row] = await tx.$queryRaw<{ sums: string | null }[]>`
      SELECT string_agg(concat_ws(' ', date, kind, category, currency, units, entries), E'\n' ORDER BY date) AS sums
      FROM (
        SELECT date, kind, coalesce(category_id::text, '-') AS category, currency,
          trunc(sum(amount) * 1000000000000000000)::text AS units, count(*) AS entries
        FROM (
          SELECT date, 'INCOME' AS kind, category_id, currency, amount FROM incomes
          WHERE user_id = ${userId}::uuid AND date >= ${from}::date AND date < ${to}::date
          UNION ALL
          SELECT date, 'EXPENSE', category_id, currency, amount FROM expenses
          WHERE user_id = ${userId}::uuid AND date >= ${from}::date AND date < ${to}::date
        ) AS flow
        GROUP BY date, kind, category_id, currency
      ) AS summed`
    return (row?.sums ?? '').split('\n').filter(Boolean).map(readSum)
  },
}

function readSum(line: string): FlowSum {
  const [date = '', kind, category = '-', currency = '', units = '0', entries] = line.split(' ')
  return {
    date,
    kind: kind as FlowKind,
    categoryId: category === '-' ? null : category,
    currency,
    amount: BigInt(units),
    entries: Number(entries),
  }
}

/** Both tables have the same columns. */
function tableOf(tx: Tx, kind: FlowKind): Tx['income'] {
  return kind === 'INCOME' ? tx.income : (tx.expense as unknown as Tx['income'])
}

type FlowRow = NonNullable<Awaited<ReturnType<Tx['income']['findFirst']>>>

function conditionsOf({ cursor, from, to, categoryId, assetId, tag, query }: FlowQuery) {
  return [
    // The first of the two says what the second says already, so that the index begins there.
    ...(cursor ? [{ date: { lte: fromDateText(cursor.date) } }] : []),
    ...(cursor ? [{ OR: [{ date: { lt: fromDateText(cursor.date) } }, { id: { lt: cursor.id } }] }] : []),
    ...(from === undefined ? [] : [{ date: { gte: fromDateText(from) } }]),
    ...(to === undefined ? [] : [{ date: { lte: fromDateText(to) } }]),
    ...(categoryId === undefined ? [] : [{ categoryId }]),
    ...(assetId === undefined ? [] : [{ assetId }]),
    ...(tag === undefined ? [] : [{ tags: { has: tag } }]),
    ...(query === undefined ? [] : [{ note: { contains: literal(query), mode: 'insensitive' as const } }]),
  ]
}

/** Text as LIKE takes it for itself. */
function literal(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}

function columns(values: FlowValues) {
  const { amount, currency, categoryId, assetId, ruleId, note } = values
  const [date, tags] = [fromDateText(values.date), [...values.tags]]
  return { amount, currency, date, categoryId, assetId, ruleId, note, tags }
}

function toFlow(row: FlowRow): Flow {
  return {
    id: row.id,
    amount: enteredText(toFixedText(row.amount), row.currency),
    currency: row.currency,
    date: toDateText(row.date),
    categoryId: row.categoryId,
    assetId: row.assetId,
    ruleId: row.ruleId,
    note: row.note,
    tags: row.tags,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}
