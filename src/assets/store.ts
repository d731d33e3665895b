import type { Tx } from '../database/database.js'
import { toFixedText } from '../database/values.js'
import type { Asset as AssetRow } from '../generated/prisma/client.js'
import { type PageAsk, pageClause, pageOf } from '../http/pages.js'
import { minorDigits } from '../lib/currency.js'
import { divideFixed, FIXED_SCALE, type Fixed, formatFixed, parseFixed, toMoney } from '../lib/decimal.js'
import type { Asset, AssetType, Page, Pricing } from '../protocol/resources.js'
import type { AssetRules } from './ledger.js'

/** An asset row as the rules work with it; of a debt quantity and cost are what is owed. */
export interface StoredAsset {
  readonly id: string
  readonly type: AssetType
  readonly name: string
  readonly symbol: string | null
  readonly currency: string
  readonly pricing: Pricing
  readonly shortAllowed: boolean
  readonly version: number
  readonly quantity: Fixed
  readonly cost: Fixed
  readonly investment: Fixed
  /** `cost` in `baseCurrency`, each lot at the rate of its purchase; null when one of them is not known. */
  readonly baseCost: Fixed | null
  /** Null as long as it was never counted. */
  readonly baseCurrency: string | null
}

/** What an asset's activities come to. */
export interface Counted {
  readonly id: string
  readonly quantity: Fixed
  /** By FIFO, as is `investment`. */
  readonly cost: Fixed
  readonly investment: Fixed
  readonly averageCost: Fixed
  readonly averageInvestment: Fixed
  readonly baseCost: Fixed | null
  readonly baseCurrency: string
}

export interface NewAssetRow {
  readonly type: AssetType
  readonly name: string
  readonly symbol: string | null
  readonly instrumentId: string | null
  readonly currency: string
  readonly pricing: Pricing
  readonly shortAllowed: boolean
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

  /** Those of the ids that are assets of the user; whoever writes for him waits (holdingsChanged). */
  async among(tx: Tx, userId: string, ids: readonly string[]): Promise<ReadonlyMap<string, StoredAsset>> {
    const rows = await tx.asset.findMany({ where: { userId, id: { in: [...ids] } } })
    return new Map(rows.map((row) => [row.id, toStored(row)]))
  },

  async change(
    tx: Tx,
    userId: string,
    id: string,
    change: { name?: string; pricing?: Pricing; shortAllowed?: boolean },
  ): Promise<void> {
    await tx.asset.update({
      where: { userId_id: { userId, id } },
      data: { ...change, version: { increment: 1 } },
    })
  },

  /** Writes what was counted; an asset whose owner sees no difference keeps its version. Tells whether any changed. */
  async setCounted(tx: Tx, userId: string, counted: readonly Counted[]): Promise<boolean> {
    const column = (read: (one: Counted) => Fixed | null): (string | null)[] =>
      counted.map((one) => {
        const value = read(one)
        return value === null ? null : formatFixed(value)
      })
    const rows = await tx.$queryRaw<{ id: string }[]>`
      WITH counted AS (
        SELECT * FROM unnest(${counted.map((one) => one.id)}::uuid[], ${column((one) => one.quantity)}::numeric[],
          ${column((one) => one.cost)}::numeric[], ${column((one) => one.investment)}::numeric[],
          ${column((one) => one.averageCost)}::numeric[], ${column((one) => one.averageInvestment)}::numeric[],
          ${column((one) => one.baseCost)}::numeric[], ${counted.map((one) => one.baseCurrency)}::text[])
          AS given (id, quantity, cost, investment, average_cost, average_investment, base_cost, base_currency)
      ), before AS (
        SELECT assets.id, (assets.quantity, assets.cost) IS DISTINCT FROM (counted.quantity, counted.cost) AS seen
        FROM assets JOIN counted USING (id)
        WHERE user_id = ${userId}::uuid AND (assets.quantity, assets.cost, assets.investment, assets.average_cost,
          assets.average_investment, assets.base_cost, assets.base_currency) IS DISTINCT FROM (counted.quantity,
          counted.cost, counted.investment, counted.average_cost, counted.average_investment, counted.base_cost,
          counted.base_currency)
      )
      UPDATE assets SET quantity = counted.quantity, cost = counted.cost, investment = counted.investment,
        average_cost = counted.average_cost, average_investment = counted.average_investment,
        base_cost = counted.base_cost, base_currency = counted.base_currency,
        version = version + seen::int, updated_at = CASE WHEN seen THEN now() ELSE updated_at END
      FROM counted JOIN before USING (id)
      WHERE assets.user_id = ${userId}::uuid AND assets.id = counted.id
      RETURNING assets.id::text AS id`
    return rows.length > 0
  },

  /** By which rules these are counted. */
  async rules(
    tx: Tx,
    userId: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, AssetRules & { readonly currency: string }>> {
    const rows = await tx.asset.findMany({
      where: { userId, id: { in: [...ids] } },
      select: { id: true, type: true, shortAllowed: true, currency: true },
    })
    return new Map(rows.map(({ id, ...rules }) => [id, rules]))
  },

  async remove(tx: Tx, userId: string, id: string): Promise<void> {
    await tx.asset.delete({ where: { userId_id: { userId, id } } })
  },

  /** Marks that what the user holds has changed; also makes writers of one user take turns. */
  async holdingsChanged(tx: Tx, userId: string): Promise<void> {
    await tx.user.update({
      where: { id: userId },
      data: { holdingsVersion: { increment: 1 } },
      select: { id: true },
    })
  },

  /** Makes writers of one user take turns, where perhaps nothing will have changed. */
  async takeTurn(tx: Tx, userId: string): Promise<void> {
    await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`
  },

  /**
   * Assets whose base cost is in another currency than their user's, or was never counted, of all users but some;
   * for the system alone.
   */
  async outdated(
    tx: Tx,
    limit: number,
    except: readonly string[],
  ): Promise<readonly { id: string; userId: string }[]> {
    return tx.$queryRaw<{ id: string; userId: string }[]>`
      SELECT assets.id::text AS id, user_id::text AS "userId" FROM assets JOIN users ON users.id = user_id
      WHERE assets.base_currency IS DISTINCT FROM users.base_currency
        AND NOT user_id = ANY(${[...except]}::uuid[])
      ORDER BY user_id, assets.id LIMIT ${limit}`
  },

  /** Assets of which a rate was not known, in the order of their ids; for the system alone. */
  async rateless(tx: Tx, after: string, limit: number): Promise<readonly { id: string; userId: string }[]> {
    return tx.$queryRaw<{ id: string; userId: string }[]>`
      SELECT id::text AS id, user_id::text AS "userId" FROM assets
      WHERE base_cost IS NULL AND currency <> base_currency AND id > ${after}::uuid
      ORDER BY id LIMIT ${limit}`
  },

  /** Leaves the figures of an asset that cannot be counted as they are. */
  async keepCounted(tx: Tx, userId: string, id: string): Promise<void> {
    await tx.$executeRaw`
      UPDATE assets SET base_cost = NULL, base_currency = users.base_currency
      FROM users WHERE users.id = user_id AND user_id = ${userId}::uuid AND assets.id = ${id}::uuid`
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

  /** Assets of these users with an activity of each one's date or later. */
  async movedSince(
    tx: Tx,
    owners: readonly { readonly id: string; readonly today: string }[],
  ): Promise<ReadonlySet<string>> {
    const [row] = await tx.$queryRaw<{ ids: string | null }[]>`
      SELECT string_agg(asset_id::text, ' ') AS ids
      FROM unnest(${owners.map(({ id }) => id)}::uuid[], ${owners.map(({ today }) => today)}::date[]) AS owner (id, today)
      CROSS JOIN LATERAL (
        SELECT DISTINCT asset_id FROM activities WHERE user_id = owner.id AND date >= owner.today
      ) AS moved`
    return new Set(row?.ids?.split(' ') ?? [])
  },
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
    baseCost: row.baseCost === null ? null : parseFixed(toFixedText(row.baseCost)),
    baseCurrency: row.baseCurrency,
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
