import type { Tx } from '../database/database.js'
import { fromDateText, toDateText, toFixedText, toFixedTextOrNull } from '../database/values.js'
import { encodeKey } from '../http/pages.js'
import { type Fixed, formatFixed, parseFixed } from '../lib/decimal.js'
import type { ActivityType, Page } from '../protocol/resources.js'
import type { Ratio } from './lots.js'

/** What is written of an activity. */
export interface ActivityValues {
  readonly type: ActivityType
  readonly date: string
  readonly quantity: Fixed | null
  readonly unitPrice: Fixed | null
  readonly amount: Fixed | null
  readonly fee: Fixed
  readonly tax: Fixed
  /** Of unitPrice, amount, fee and tax. */
  readonly currency: string
  /** Units of `rateCurrency` for one unit of `currency`. */
  readonly rate: Fixed | null
  readonly rateCurrency: string | null
  readonly ratio: Ratio | null
  readonly note: string | null
}

/** What an activity follows from, and goes with. */
export type Cause =
  | { readonly kind: 'activity'; readonly id: string }
  | { readonly kind: 'income'; readonly id: string }
  | { readonly kind: 'expense'; readonly id: string }

export interface StoredActivity extends ActivityValues {
  readonly id: string
  readonly assetId: string
  readonly sequence: bigint
  readonly cause: Cause | null
  /** What follows from it: the row that settles it, or the other half of a transfer. */
  readonly consequence: Consequence | null
  readonly version: number
}

/** An activity as it is written among many. */
export interface ChosenActivity {
  readonly id: string
  readonly assetId: string
  readonly sequence: bigint
  readonly values: ActivityValues
  readonly cause: Cause | null
}

export interface Consequence {
  readonly id: string
  readonly assetId: string
  readonly type: ActivityType
  readonly date: string
}

/** Lots that went from one asset to another on a date. */
export interface LotMove {
  readonly from: string
  readonly to: string
  readonly date: string
}

/** A list of activities, newest date first; `after` names the last one that was told. */
export interface ActivityAsk {
  readonly limit: number
  readonly cursor?: readonly [date: string, sequence: string] | undefined
  readonly assetId?: string | undefined
  readonly type?: ActivityType | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

const withConsequences = {
  consequences: { select: { id: true, assetId: true, type: true, date: true }, take: 1 },
} as const

/** Everything below works inside the transaction of one user (Database.asUser). */
export const activityStore = {
  async list(tx: Tx, userId: string, ask: ActivityAsk): Promise<Page<StoredActivity>> {
    const { limit, cursor, assetId, type, from, to } = ask
    const [date, sequence] = cursor ?? []
    const rows = await tx.activity.findMany({
      where: {
        userId,
        ...(assetId === undefined ? {} : { assetId }),
        ...(type === undefined ? {} : { type }),
        date: {
          ...(from === undefined ? {} : { gte: fromDateText(from) }),
          ...(to === undefined ? {} : { lte: fromDateText(to) }),
        },
        ...(date === undefined || sequence === undefined
          ? {}
          : {
              AND: {
                date: { lte: fromDateText(date) },
                NOT: { date: fromDateText(date), sequence: { gte: BigInt(sequence) } },
              },
            }),
      },
      orderBy: [{ date: 'desc' }, { sequence: 'desc' }],
      include: withConsequences,
      take: limit + 1,
    })
    const shown = rows.slice(0, limit).map(toActivity)
    const last = shown.at(-1)
    const more = rows.length > limit && last
    return { data: shown, nextCursor: more ? encodeKey([last.date, String(last.sequence)]) : null }
  },

  async find(tx: Tx, userId: string, assetId: string, id: string): Promise<StoredActivity | null> {
    const row = await tx.activity.findFirst({ where: { userId, assetId, id }, include: withConsequences })
    return row && toActivity(row)
  },

  /** The one that moves an account for this income or expense. */
  async findByFlow(tx: Tx, userId: string, cause: Cause): Promise<StoredActivity | null> {
    const row = await tx.activity.findFirst({
      where: { userId, ...causeColumns(cause) },
      include: withConsequences,
    })
    return row && toActivity(row)
  },

  async insert(
    tx: Tx,
    userId: string,
    assetId: string,
    values: ActivityValues,
    cause: Cause | null = null,
  ): Promise<string> {
    const { id } = await tx.activity.create({
      data: { userId, assetId, type: values.type, ...columns(values), ...causeColumns(cause) },
      select: { id: true },
    })
    return id
  },

  /** Many at once, each with an id and a place in the order of entry that were chosen for it (`reserve`). */
  async insertAll(tx: Tx, userId: string, rows: readonly ChosenActivity[]): Promise<void> {
    if (rows.length === 0) return
    const given = rows.map(({ id, assetId, sequence, cause, values }) => ({
      ...{ id, assetId, sequence: String(sequence), type: values.type },
      ...columns(values),
      date: values.date,
      ...causeColumns(cause),
    }))
    await tx.$executeRaw`
      INSERT INTO activities (id, user_id, asset_id, type, date, sequence, quantity, unit_price, amount, fee, tax,
        currency, rate, rate_currency, split_numerator, split_denominator, note, cause_id, income_id, expense_id)
      SELECT id, ${userId}::uuid, "assetId", type, date, sequence, quantity, "unitPrice", amount, fee, tax, currency,
        rate, "rateCurrency", "splitNumerator", "splitDenominator", note, "causeId", "incomeId", "expenseId"
      FROM json_to_recordset(${JSON.stringify(given)}::json) AS given (id uuid, "assetId" uuid, type activity_type,
        date date, sequence bigint, quantity numeric, "unitPrice" numeric, amount numeric, fee numeric, tax numeric,
        currency text, rate numeric, "rateCurrency" text, "splitNumerator" int, "splitDenominator" int, note text,
        "causeId" uuid, "incomeId" uuid, "expenseId" uuid)`
  },

  /** The first of so many places in the order of entry, which nobody's later activity of this user comes before. */
  async reserve(tx: Tx, count: number): Promise<bigint> {
    const [row] = await tx.$queryRaw<[{ first: bigint | null }]>`
      SELECT min(nextval(pg_get_serial_sequence('activities', 'sequence'))) AS first
      FROM generate_series(1, ${count}::int)`
    return row.first ?? 0n
  },

  /** It may move to another asset: the account that settles a trade. */
  async update(tx: Tx, userId: string, id: string, assetId: string, values: ActivityValues): Promise<void> {
    await tx.activity.update({
      where: { userId_id: { userId, id } },
      data: { assetId, type: values.type, ...columns(values), version: { increment: 1 } },
      select: { id: true },
    })
  },

  /** What follows from it goes with it. */
  async remove(tx: Tx, userId: string, id: string): Promise<void> {
    await tx.activity.delete({ where: { userId_id: { userId, id } }, select: { id: true } })
  },

  /** Transfers between holdings; those between accounts move an amount, and no lots. */
  async lotMoves(tx: Tx, userId: string): Promise<readonly LotMove[]> {
    return tx.$queryRaw<LotMove[]>`
      SELECT source.asset_id::text AS "from", arrived.asset_id::text AS "to", arrived.date::text AS date
      FROM activities AS arrived
      JOIN activities AS source ON source.user_id = arrived.user_id AND source.id = arrived.cause_id
      WHERE arrived.user_id = ${userId}::uuid AND arrived.cause_id IS NOT NULL AND arrived.type = 'TRANSFER_IN'
        AND arrived.quantity IS NOT NULL`
  },

  /** Notes on the activities that something in this asset follows from that they lose it, before it is removed. */
  async touchCauses(tx: Tx, userId: string, assetId: string): Promise<void> {
    await tx.$executeRaw`
      UPDATE activities AS cause SET version = cause.version + 1, updated_at = now()
      FROM activities AS following
      WHERE following.user_id = ${userId}::uuid AND following.asset_id = ${assetId}::uuid
        AND cause.user_id = following.user_id AND cause.id = following.cause_id`
  },

  /** Other assets in which something follows from this one's activities, each with its first date. */
  async followers(tx: Tx, userId: string, assetId: string): Promise<ReadonlyMap<string, string>> {
    const rows = await tx.$queryRaw<{ assetId: string; date: string }[]>`
      SELECT following.asset_id::text AS "assetId", min(following.date)::text AS date
      FROM activities AS cause
      JOIN activities AS following ON following.user_id = cause.user_id AND following.cause_id = cause.id
      WHERE cause.user_id = ${userId}::uuid AND cause.asset_id = ${assetId}::uuid
        AND following.asset_id <> ${assetId}::uuid
      GROUP BY following.asset_id`
    return new Map(rows.map((row) => [row.assetId, row.date]))
  },
}

function causeColumns(cause: Cause | null) {
  if (cause === null) return {}
  if (cause.kind === 'activity') return { causeId: cause.id }
  return cause.kind === 'income' ? { incomeId: cause.id } : { expenseId: cause.id }
}

function columns(values: ActivityValues) {
  const text = (amount: Fixed | null): string | null => (amount === null ? null : formatFixed(amount))
  return {
    date: fromDateText(values.date),
    quantity: text(values.quantity),
    unitPrice: text(values.unitPrice),
    amount: text(values.amount),
    fee: formatFixed(values.fee),
    tax: formatFixed(values.tax),
    currency: values.currency,
    rate: text(values.rate),
    rateCurrency: values.rateCurrency,
    splitNumerator: values.ratio === null ? null : Number(values.ratio.numerator),
    splitDenominator: values.ratio === null ? null : Number(values.ratio.denominator),
    note: values.note,
  }
}

type ActivityRow = NonNullable<Awaited<ReturnType<Tx['activity']['findFirst']>>> & {
  readonly consequences: readonly { id: string; assetId: string; type: ActivityType; date: Date }[]
}

function toActivity(row: ActivityRow): StoredActivity {
  const fixed = (value: string | null): Fixed | null => (value === null ? null : parseFixed(value))
  const [consequence] = row.consequences
  return {
    id: row.id,
    assetId: row.assetId,
    sequence: row.sequence,
    type: row.type,
    date: toDateText(row.date),
    quantity: fixed(toFixedTextOrNull(row.quantity)),
    unitPrice: fixed(toFixedTextOrNull(row.unitPrice)),
    amount: fixed(toFixedTextOrNull(row.amount)),
    fee: parseFixed(toFixedText(row.fee)),
    tax: parseFixed(toFixedText(row.tax)),
    currency: row.currency,
    rate: fixed(toFixedTextOrNull(row.rate)),
    rateCurrency: row.rateCurrency,
    ratio: ratioOf(row.splitNumerator, row.splitDenominator),
    note: row.note,
    cause: causeOf(row),
    consequence: consequence ? { ...consequence, date: toDateText(consequence.date) } : null,
    version: row.version,
  }
}

function ratioOf(numerator: number | null, denominator: number | null): Ratio | null {
  if (numerator === null || denominator === null) return null
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) }
}

function causeOf({ causeId, incomeId, expenseId }: ActivityRow): Cause | null {
  if (causeId !== null) return { kind: 'activity', id: causeId }
  if (incomeId !== null) return { kind: 'income', id: incomeId }
  return expenseId === null ? null : { kind: 'expense', id: expenseId }
}
