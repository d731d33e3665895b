import type { Tx } from '../database/database.js'
import { fromDateText, toDateText, toFixedText, toFixedTextOrNull } from '../database/values.js'
import type { Activity as ActivityRow, Asset as AssetRow } from '../generated/prisma/client.js'
import { type PageAsk, pageClause, pageOf } from '../http/pages.js'
import { minorDigits } from '../lib/currency.js'
import { divideFixed, FIXED_SCALE, type Fixed, formatFixed, parseFixed, toMoney } from '../lib/decimal.js'
import type { ActivityType, Asset, AssetType, Page, Pricing } from '../protocol/resources.js'
import type { Entry, Held } from './ledger.js'

/** An asset row as the rules work with it. */
export interface StoredAsset extends Pick<Held, 'quantity' | 'cost' | 'investment'> {
  readonly id: string
  readonly type: AssetType
  readonly name: string
  readonly symbol: string | null
  readonly currency: string
  readonly pricing: Pricing
  readonly shortAllowed: boolean
  readonly version: number
}

export interface StoredActivity extends Entry {
  readonly id: string
  readonly date: string
  readonly currency: string
  readonly rate: string | null
  readonly note: string | null
  readonly version: number
}

export interface NewAssetRow {
  readonly type: AssetType
  readonly name: string
  readonly symbol: string | null
  readonly instrumentId: string | null
  readonly currency: string
  readonly pricing: Pricing
}

export interface ActivityValues
  extends Pick<Entry, 'type' | 'date' | 'quantity' | 'unitPrice' | 'amount' | 'fee' | 'tax'> {
  readonly note: string | null
}

/** Everything below works inside the transaction of one user (Database.asUser). */
export const assetStore = {
  async list(tx: Tx, userId: string, ask: PageAsk): Promise<Page<Asset>> {
    const { where, ...rest } = pageClause(ask)
    const rows = await tx.asset.findMany({ where: { userId, ...where }, ...rest })
    return pageOf(rows, ask.limit, toAsset)
  },

  async find(tx: Tx, userId: string, id: string): Promise<Asset | null> {
    const row = await tx.asset.findFirst({ where: { userId, id } })
    return row && toAsset(row)
  },

  async count(tx: Tx, userId: string): Promise<number> {
    return tx.asset.count({ where: { userId } })
  },

  async insert(tx: Tx, userId: string, values: NewAssetRow): Promise<string> {
    const { id } = await tx.asset.create({ data: { userId, ...values }, select: { id: true } })
    return id
  },

  /** The asset, locked until the transaction ends, so that what is worked out from it stays true. */
  async lock(tx: Tx, userId: string, id: string): Promise<StoredAsset | null> {
    await tx.$queryRaw`SELECT 1 FROM assets WHERE user_id = ${userId}::uuid AND id = ${id}::uuid FOR UPDATE`
    const row = await tx.asset.findFirst({ where: { userId, id } })
    return row && toStored(row)
  },

  async change(
    tx: Tx,
    userId: string,
    id: string,
    change: { name?: string; pricing?: Pricing },
  ): Promise<void> {
    await tx.asset.update({
      where: { userId_id: { userId, id } },
      data: { ...change, version: { increment: 1 } },
    })
  },

  async setHeld(
    tx: Tx,
    userId: string,
    id: string,
    held: Pick<Held, 'quantity' | 'cost' | 'investment'>,
  ): Promise<void> {
    await tx.asset.update({
      where: { userId_id: { userId, id } },
      data: {
        quantity: formatFixed(held.quantity),
        cost: formatFixed(held.cost),
        investment: formatFixed(held.investment),
        version: { increment: 1 },
      },
    })
  },

  async remove(tx: Tx, userId: string, id: string): Promise<void> {
    await tx.asset.delete({ where: { userId_id: { userId, id } } })
  },

  /** All activities of an asset in the order in which they count. */
  async ledger(tx: Tx, userId: string, assetId: string): Promise<readonly StoredActivity[]> {
    const rows = await tx.activity.findMany({
      where: { userId, assetId },
      orderBy: [{ date: 'asc' }, { sequence: 'asc' }],
    })
    return rows.map(toActivity)
  },

  async listActivities(tx: Tx, userId: string, assetId: string, ask: PageAsk): Promise<Page<StoredActivity>> {
    const { where, ...rest } = pageClause(ask)
    const rows = await tx.activity.findMany({ where: { userId, assetId, ...where }, ...rest })
    return pageOf(rows, ask.limit, toActivity)
  },

  async findActivity(tx: Tx, userId: string, assetId: string, id: string): Promise<StoredActivity | null> {
    const row = await tx.activity.findFirst({ where: { userId, assetId, id } })
    return row && toActivity(row)
  },

  async insertActivity(
    tx: Tx,
    userId: string,
    assetId: string,
    currency: string,
    values: ActivityValues,
  ): Promise<StoredActivity> {
    const row = await tx.activity.create({
      data: { userId, assetId, currency, type: values.type, ...columns(values) },
    })
    return toActivity(row)
  },

  async updateActivity(tx: Tx, userId: string, id: string, values: ActivityValues): Promise<StoredActivity> {
    const row = await tx.activity.update({
      where: { userId_id: { userId, id } },
      data: { ...columns(values), version: { increment: 1 } },
    })
    return toActivity(row)
  },

  async removeActivity(tx: Tx, userId: string, id: string): Promise<void> {
    await tx.activity.delete({ where: { userId_id: { userId, id } } })
  },

  /** Marks that what the user holds has changed; also makes writers of one user take turns. */
  async holdingsChanged(tx: Tx, userId: string): Promise<void> {
    await tx.user.update({
      where: { id: userId },
      data: { holdingsVersion: { increment: 1 } },
      select: { id: true },
    })
  },

  async profile(
    tx: Tx,
    userId: string,
  ): Promise<{ baseCurrency: string; timeZone: string; version: number } | null> {
    const row = await tx.user.findUnique({
      where: { id: userId },
      select: { baseCurrency: true, timeZone: true, holdingsVersion: true },
    })
    return row && { baseCurrency: row.baseCurrency, timeZone: row.timeZone, version: row.holdingsVersion }
  },

  /** Holdings versions of these users; for the system alone. */
  async versions(tx: Tx, userIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await tx.user.findMany({
      where: { id: { in: [...userIds] } },
      select: { id: true, holdingsVersion: true },
    })
    return new Map(rows.map((row) => [row.id, row.holdingsVersion]))
  },

  async held(tx: Tx, userId: string): Promise<readonly StoredAsset[]> {
    const rows = await tx.asset.findMany({
      where: { userId },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    })
    return rows.map(toStored)
  },

  /** Prices typed in by hand, up to and with this date, newest first; two for each asset are enough for a day. */
  async manualPrices(
    tx: Tx,
    userId: string,
    date: string,
  ): Promise<readonly { assetId: string; date: string; unitPrice: Fixed }[]> {
    const rows = await tx.$queryRaw<{ asset_id: string; date: Date; unit_price: string }[]>`
      SELECT asset_id, date, unit_price::text FROM (
        SELECT *, row_number() OVER (PARTITION BY asset_id ORDER BY date DESC) AS place
        FROM asset_prices WHERE user_id = ${userId}::uuid AND date <= ${date}::date
      ) AS newest WHERE place <= 2 ORDER BY date DESC`
    return rows.map((row) => ({
      assetId: row.asset_id,
      date: toDateText(row.date),
      unitPrice: parseFixed(row.unit_price),
    }))
  },

  /** All activities of the assets that have one on this date or later, in the order in which they count. */
  async ledgersSince(
    tx: Tx,
    userId: string,
    date: string,
  ): Promise<ReadonlyMap<string, readonly StoredActivity[]>> {
    const recent = await tx.activity.findMany({
      where: { userId, date: { gte: fromDateText(date) } },
      select: { assetId: true },
      distinct: ['assetId'],
    })
    if (recent.length === 0) return new Map()
    const rows = await tx.activity.findMany({
      where: { userId, assetId: { in: recent.map((row) => row.assetId) } },
      orderBy: [{ date: 'asc' }, { sequence: 'asc' }],
    })
    const ledgers = new Map<string, StoredActivity[]>(recent.map((row) => [row.assetId, []]))
    for (const row of rows) ledgers.get(row.assetId)?.push(toActivity(row))
    return ledgers
  },
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
    note: values.note,
  }
}

function toStored(row: AssetRow): StoredAsset {
  return {
    id: row.id,
    type: row.type,
    name: row.name,
    symbol: row.symbol,
    currency: row.currency,
    pricing: row.pricing,
    shortAllowed: row.shortAllowed,
    version: row.version,
    quantity: parseFixed(toFixedText(row.quantity)),
    cost: parseFixed(toFixedText(row.cost)),
    investment: parseFixed(toFixedText(row.investment)),
  }
}

function toAsset(row: AssetRow): Asset {
  const quantity = parseFixed(toFixedText(row.quantity))
  const cost = parseFixed(toFixedText(row.cost))
  return {
    id: row.id,
    type: row.type,
    name: row.name,
    symbol: row.symbol,
    currency: row.currency,
    quantity: toFixedText(row.quantity),
    pricing: row.pricing,
    cost: toMoney(cost, FIXED_SCALE, minorDigits(row.currency)),
    averagePrice: quantity === 0n ? null : formatFixed(divideFixed(cost, quantity)),
    shortAllowed: row.shortAllowed,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}

function toActivity(row: ActivityRow): StoredActivity & { createdAt: Date } {
  const fixed = (value: string | null): Fixed | null => (value === null ? null : parseFixed(value))
  return {
    id: row.id,
    assetId: row.assetId,
    type: row.type satisfies ActivityType,
    date: toDateText(row.date),
    quantity: fixed(toFixedTextOrNull(row.quantity)),
    unitPrice: fixed(toFixedTextOrNull(row.unitPrice)),
    amount: fixed(toFixedTextOrNull(row.amount)),
    fee: parseFixed(toFixedText(row.fee)),
    tax: parseFixed(toFixedText(row.tax)),
    currency: row.currency,
    rate: toFixedTextOrNull(row.rate),
    exchange: null,
    ratio: null,
    causeId: row.causeId,
    baseRate: null,
    note: row.note,
    version: row.version,
    createdAt: row.createdAt,
  }
}
