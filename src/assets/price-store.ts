import type { Tx } from '../database/database.js'
import { fromDateText, toDateText, toFixedText } from '../database/values.js'
import type { AssetPrice, NewAssetPrice, PriceState } from '../protocol/resources.js'

/** Which days: `limit` of them, before a date. */
export interface PriceAsk {
  readonly limit: number
  readonly before: string | null
}

/** Prices of assets by day, newest first; inside the transaction of one user (Database.asUser). */
export const assetPriceStore = {
  /** Writes prices by their dates; one of the same date takes the place of the one before. */
  async save(tx: Tx, userId: string, assetId: string, byDate: ReadonlyMap<string, string>): Promise<void> {
    await tx.$executeRaw`
      INSERT INTO asset_prices (user_id, asset_id, date, unit_price)
      SELECT ${userId}::uuid, ${assetId}::uuid, date::date, unit_price::numeric
      FROM unnest(${[...byDate.keys()]}::text[], ${[...byDate.values()]}::text[]) AS given (date, unit_price)
      ON CONFLICT (user_id, asset_id, date) DO UPDATE SET unit_price = excluded.unit_price`
  },

  /** What the user said. */
  async list(
    tx: Tx,
    userId: string,
    assetId: string,
    { limit, before }: PriceAsk,
  ): Promise<readonly NewAssetPrice[]> {
    const rows = await tx.assetPrice.findMany({
      where: { userId, assetId, ...(before === null ? {} : { date: { lt: fromDateText(before) } }) },
      orderBy: { date: 'desc' },
      take: limit,
    })
    return rows.map(({ date, unitPrice }) => ({
      date: toDateText(date),
      unitPrice: toFixedText(unitPrice),
    }))
  },

  /** How the market closed each day; the day that is under way as it stands. */
  async closes(
    tx: Tx,
    userId: string,
    assetId: string,
    { limit, before }: PriceAsk,
  ): Promise<readonly AssetPrice[]> {
    const asset = await tx.asset.findFirst({
      where: { userId, id: assetId },
      select: { instrument: { select: { id: true, currency: true } } },
    })
    const instrument = asset?.instrument
    if (!instrument) return []
    const rows = await tx.candle.findMany({
      where: {
        instrumentId: instrument.id,
        interval: '1d',
        ...(before === null ? {} : { at: { lt: fromDateText(before) } }),
      },
      orderBy: { at: 'desc' },
      take: limit,
    })
    return rows.map((row) => ({
      date: toDateText(row.at),
      unitPrice: toFixedText(row.close),
      currency: instrument.currency,
      source: row.source,
      state: row.state as PriceState,
    }))
  },
}
