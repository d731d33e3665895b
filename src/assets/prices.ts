import type { Database, Tx } from '../database/database.js'
import { encodeKey } from '../http/pages.js'
import { formatFixed, parseFixed } from '../lib/decimal.js'
import { AppError } from '../lib/errors.js'
import type { Asset, AssetPrice, NewAssetPrice, Page } from '../protocol/resources.js'
import { mistake } from './mistake.js'
import { assetPriceStore } from './price-store.js'
import type { PriceQuery } from './schema.js'
import type { StoredAsset } from './store.js'

/** What the rules of prices share with those of assets (service.ts). */
interface Shared {
  readonly db: Database
  readonly write: <T>(userId: string, work: (tx: Tx) => Promise<T>) => Promise<T>
  readonly lock: (tx: Tx, userId: string, id: string) => Promise<StoredAsset>
  readonly requireAsset: (tx: Tx, userId: string, id: string) => Promise<Asset>
  readonly today: (tx: Tx, userId: string) => Promise<{ readonly date: string }>
}

/** The rules of what an asset was worth day by day: by its owner's word, or by its market's. */
export function assetPrices({ db, write, lock, requireAsset, today }: Shared) {
  return {
    listPrices: (userId: string, assetId: string, query: PriceQuery): Promise<Page<AssetPrice>> =>
      db.asUser(userId, async (tx) => {
        const asset = await requireAsset(tx, userId, assetId)
        const { limit, cursor } = query
        const ask = { limit: limit + 1, before: cursor?.[0] ?? null }
        const prices =
          asset.pricing === 'MARKET'
            ? await assetPriceStore.closes(tx, userId, assetId, ask)
            : (await assetPriceStore.list(tx, userId, assetId, ask)).map((one) => byHand(one, asset.currency))
        const shown = prices.slice(0, limit)
        const last = shown.at(-1)
        return { data: shown, nextCursor: prices.length > limit && last ? encodeKey([last.date]) : null }
      }),

    /** Gives back what is stored, by date; of several prices of one date the last one stands. */
    recordPrices: (
      userId: string,
      assetId: string,
      input: NewAssetPrice | readonly NewAssetPrice[],
    ): Promise<readonly AssetPrice[]> =>
      write(userId, async (tx) => {
        const { id, type, pricing, currency } = await lock(tx, userId, assetId)
        if (type === 'CASH' || type === 'LIABILITY')
          throw new AppError('conflict', 'account-without-price', 'An account is worth its balance.')
        if (pricing === 'MARKET')
          throw new AppError('conflict', 'priced-by-market', 'This asset has the price of its market.')
        const { date: newest } = await today(tx, userId)
        const prices = 'date' in input ? [input] : input
        const future = prices.findIndex(({ date }) => date > newest)
        if (future >= 0) throw mistake('date' in input ? '/date' : `/${future}/date`, 'lies in the future')
        const byDate = new Map(prices.map((price) => [price.date, price.unitPrice]))
        await assetPriceStore.save(tx, userId, id, byDate)
        return [...byDate]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([date, unitPrice]) => byHand({ date, unitPrice }, currency))
      }),
  }
}

function byHand({ date, unitPrice }: NewAssetPrice, currency: string): AssetPrice {
  return { date, unitPrice: formatFixed(parseFixed(unitPrice)), currency, source: 'manual', state: 'manual' }
}
