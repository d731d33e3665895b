import { ledgerStore } from '../assets/ledger-store.js'
import type { Tx } from '../database/database.js'
import { fromDateText, toDateText, toFixedText } from '../database/values.js'
import type { Prisma } from '../generated/prisma/client.js'
import { type PageAsk, pageClause, pageOf } from '../http/pages.js'
import { dateIn } from '../lib/calendar.js'
import type { FlowKind } from '../protocol/flows.js'
import type { Import, ImportFormat, ImportProblem } from '../protocol/imports.js'
import type { CsvReading, Page } from '../protocol/resources.js'
import { activityKey, flowKey } from './candidates.js'
import type { Known } from './known.js'
import { BATCH } from './pack.js'

/** What is kept of an import beside its plan. */
export interface Report {
  readonly csv: CsvReading | null
  readonly counts: Readonly<Record<string, number>>
  readonly problems: readonly ImportProblem[]
  readonly duplicates: readonly number[]
  /** Steps that are behind it, written or refused. */
  readonly next: number
  /** How many activities it enters at most, and the first of the places that are kept for them; null: none yet. */
  readonly places: number
  readonly first: string | null
  readonly stopOnProblem: boolean
  /** How often it was begun, or begun again, since something of it was written. */
  readonly attempts: number
}

export interface NewImportRow {
  readonly format: ImportFormat
  readonly fileName: string | null
  readonly total: number
  readonly report: Report
  /** The plan, packed. */
  readonly chunks: readonly string[]
}

/** An import that is being written, by whoever holds the claim. */
export interface Job {
  readonly id: string
  readonly userId: string
  /** ms since the epoch; nobody else takes it before. */
  readonly claimedUntil: number
  readonly total: number
  readonly done: number
  readonly report: Report
}

const KEPT_PREVIEWS = 10

const SHOWN = {
  ...{ id: true, format: true, fileName: true, state: true, report: true, total: true, done: true },
  ...{ error: true, version: true, createdAt: true, updatedAt: true },
} as const

/** Everything below works inside the transaction of one user (Database.asUser), unless it says otherwise. */
export const importStore = {
  async list(tx: Tx, userId: string, ask: PageAsk): Promise<Page<Import>> {
    const { where, ...rest } = pageClause(ask)
    const rows = await tx.import.findMany({ where: { userId, ...where }, select: SHOWN, ...rest })
    return pageOf(rows, ask.limit, toImport)
  },

  async find(tx: Tx, userId: string, id: string): Promise<Import | null> {
    const row = await tx.import.findFirst({ where: { userId, id }, select: SHOWN })
    return row && toImport(row)
  },

  /** The same, locked until the transaction ends. */
  async lock(tx: Tx, userId: string, id: string): Promise<Import | null> {
    await tx.$queryRaw`SELECT 1 FROM imports WHERE user_id = ${userId}::uuid AND id = ${id}::uuid FOR UPDATE`
    return importStore.find(tx, userId, id)
  },

  /** The oldest of many that were never confirmed go. */
  async insert(tx: Tx, userId: string, values: NewImportRow): Promise<Import> {
    const { chunks, report, ...rest } = values
    const data = { userId, ...rest, report: report as unknown as Prisma.InputJsonValue }
    const row = await tx.import.create({ data, select: SHOWN })
    await tx.$executeRaw`
      UPDATE imports SET plan = jsonb_build_object('chunks', to_jsonb(${[...chunks]}::text[]))
      WHERE user_id = ${userId}::uuid AND id = ${row.id}::uuid`
    await tx.$executeRaw`
      DELETE FROM imports WHERE user_id = ${userId}::uuid AND state = 'previewed' AND id NOT IN (
        SELECT id FROM imports WHERE user_id = ${userId}::uuid AND state = 'previewed'
        ORDER BY id DESC LIMIT ${KEPT_PREVIEWS})`
    return toImport(row)
  },

  async isRunning(tx: Tx, userId: string): Promise<boolean> {
    return (await tx.import.count({ where: { userId, state: 'running' } })) > 0
  },

  /** From now on whoever asks first writes it; one of nothing is over at once. */
  async confirm(tx: Tx, userId: string, { id, total }: Import, now: number): Promise<Import> {
    const begun = { state: 'running', claimedUntil: new Date(now) }
    const row = await tx.import.update({
      where: { userId_id: { userId, id } },
      data: { ...(total === 0 ? { state: 'done', plan: {} } : begun), version: { increment: 1 } },
      select: SHOWN,
    })
    return toImport(row)
  },

  async remove(tx: Tx, userId: string, id: string): Promise<void> {
    await tx.import.delete({ where: { userId_id: { userId, id } }, select: { id: true } })
  },

  /** What of the user a file is read against. */
  async known(tx: Tx, userId: string, now: number): Promise<Known | null> {
    const user = await tx.user.findUnique({
      where: { id: userId },
      select: { baseCurrency: true, timeZone: true, locale: true },
    })
    if (!user) return null
    const assets = await tx.asset.findMany({
      where: { userId },
      orderBy: { id: 'asc' },
      select: { id: true, type: true, name: true, symbol: true, currency: true },
    })
    const categories = await tx.category.findMany({
      where: { userId },
      select: { id: true, kind: true, name: true },
    })
    return {
      baseCurrency: user.baseCurrency,
      locale: user.locale,
      today: dateIn(user.timeZone, now),
      assets,
      categories,
      empty: await importStore.isEmpty(tx, userId),
    }
  },

  /** Whether the user has nothing but categories. */
  async isEmpty(tx: Tx, userId: string): Promise<boolean> {
    const [row] = await tx.$queryRaw<[{ some: boolean }]>`
      SELECT EXISTS (SELECT FROM assets WHERE user_id = ${userId}::uuid)
        OR EXISTS (SELECT FROM incomes WHERE user_id = ${userId}::uuid)
        OR EXISTS (SELECT FROM expenses WHERE user_id = ${userId}::uuid)
        OR EXISTS (SELECT FROM budgets WHERE user_id = ${userId}::uuid)
        OR EXISTS (SELECT FROM recurring_rules WHERE user_id = ${userId}::uuid)
        OR EXISTS (SELECT FROM goals WHERE user_id = ${userId}::uuid)
        OR EXISTS (SELECT FROM alerts WHERE user_id = ${userId}::uuid) AS some`
    return !row.some
  },

  /** How often each activity is there, by its key. */
  async activityKeys(tx: Tx, userId: string, assetIds: readonly string[]): Promise<Map<string, number>> {
    const entries = await ledgerStore.entries(tx, userId, { to: '9999-12-31', assetIds })
    return counted(entries.map(activityKey))
  },

  async flowKeys(
    tx: Tx,
    userId: string,
    kind: FlowKind,
    from: string,
    to: string,
  ): Promise<Map<string, number>> {
    const table = kind === 'INCOME' ? tx.income : (tx.expense as unknown as Tx['income'])
    const rows = await table.findMany({
      where: { userId, date: { gte: fromDateText(from), lte: fromDateText(to) } },
      select: { amount: true, currency: true, date: true, note: true },
    })
    const told = rows.map((row) => ({ ...row, amount: toFixedText(row.amount), date: toDateText(row.date) }))
    return counted(told.map((flow) => flowKey(kind, flow)))
  },

  /** Takes an import that waits, or was abandoned by a process that is no more; for the system alone. */
  async claim(tx: Tx, now: number, until: number): Promise<Job | null> {
    const rows = await tx.$queryRaw<
      { id: string; user_id: string; total: number; done: number; report: Report }[]
    >`
      UPDATE imports SET claimed_until = ${new Date(until).toISOString()}::timestamptz,
        report = jsonb_set(report, '{attempts}', to_jsonb((report->>'attempts')::int + 1))
      WHERE id = (
        SELECT id FROM imports
        WHERE state = 'running' AND claimed_until <= ${new Date(now).toISOString()}::timestamptz
        ORDER BY claimed_until LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING id, user_id, total, done, report`
    const [row] = rows
    if (!row) return null
    const { id, user_id: userId, total, done, report } = row
    return { id, userId, total, done, report, claimedUntil: until }
  },

  /** The packed steps of the batch that comes next; null when all are behind it. */
  async nextChunk(tx: Tx, { id, userId, report: { next } }: Job): Promise<string | null> {
    const rows = await tx.$queryRaw<{ chunk: string | null }[]>`
      SELECT plan->'chunks'->>${Math.floor(next / BATCH)}::int AS chunk FROM imports
      WHERE user_id = ${userId}::uuid AND id = ${id}::uuid`
    return rows[0]?.chunk ?? null
  },

  /** Writes down how far it is; false when it is not this claim's any more. */
  async advance(
    tx: Tx,
    job: Job,
    after: Omit<Job, 'id' | 'userId'> & { readonly state: Import['state']; readonly error: string | null },
  ): Promise<boolean> {
    const { state, error, total, done, report, claimedUntil } = after
    const count = await tx.$executeRaw`
      UPDATE imports SET state = ${state}, error = ${error}, total = ${total}::int, done = ${done}::int,
        report = ${JSON.stringify(report)}::jsonb,
        claimed_until = ${state === 'running' ? new Date(claimedUntil).toISOString() : null}::timestamptz,
        plan = CASE WHEN ${state === 'running'}::boolean THEN plan ELSE '{}' END,
        version = version + 1, updated_at = now()
      WHERE user_id = ${job.userId}::uuid AND id = ${job.id}::uuid AND state = 'running'
        AND claimed_until = ${new Date(job.claimedUntil).toISOString()}::timestamptz`
    return count === 1
  },
}

type ImportRow = Prisma.ImportGetPayload<{ select: typeof SHOWN }>

function toImport(row: ImportRow): Import {
  const { csv, counts, problems, duplicates } = row.report as unknown as Report
  return {
    id: row.id,
    format: row.format as ImportFormat,
    fileName: row.fileName,
    state: row.state as Import['state'],
    total: row.total,
    done: row.done,
    ...{ csv, counts, problems, duplicates },
    error: row.error,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}

function counted(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}
