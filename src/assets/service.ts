import type { Database, Tx } from '../database/database.js'
import type { PageAsk } from '../http/pages.js'
import { dateIn } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import type { Fixed } from '../lib/decimal.js'
import { AppError } from '../lib/errors.js'
import type { LoadDated } from '../prices/dated.js'
import type { Asset, Page } from '../protocol/resources.js'
import { activities } from './activities.js'
import { activityStore } from './activity-store.js'
import { needsMarketPrice, openingOf } from './entries.js'
import { exchange } from './exchange.js'
import { isAccount } from './ledger.js'
import { FIRST } from './ledger-store.js'
import { mistake } from './mistake.js'
import { rowOf, shortOf } from './new-asset.js'
import { assetPriceStore } from './price-store.js'
import { assetPrices } from './prices.js'
import { recounter } from './recount.js'
import type { AssetChange, NewAsset } from './schema.js'
import { assetStore, type StoredAsset } from './store.js'

export interface AssetsOptions {
  readonly db: Database
  readonly clock: Clock
  /** The market's price of a symbol now, in the symbol's own currency; undefined when it is not known. */
  readonly priceOf: (symbol: string) => Promise<Fixed | undefined>
  /** Exchange rates of past dates. */
  readonly dated: LoadDated
  /** Called after a change has been committed. */
  readonly changed: (userId: string) => void
  /** How many activities lie between two checkpoints at least. */
  readonly distance?: number
}

/** The rules of what is owned. `checkVersion` compares the version that a client expects and throws when it is another. */
export type Assets = ReturnType<typeof assets>
export type CheckVersion = (current: { readonly id: string; readonly version: number }) => void

export function assets({ db, clock, priceOf, dated, changed, distance }: AssetsOptions) {
  const recount = recounter({ dated, clock, ...(distance === undefined ? {} : { distance }) })
  async function write<T>(userId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    const result = await db.asUser(userId, async (tx) => {
      await assetStore.holdingsChanged(tx, userId)
      return work(tx)
    })
    changed(userId)
    return result
  }

  async function lock(tx: Tx, userId: string, id: string): Promise<StoredAsset> {
    const asset = await assetStore.lock(tx, userId, id)
    if (!asset) throw noAsset()
    return asset
  }

  async function requireAsset(tx: Tx, userId: string, id: string): Promise<Asset> {
    const asset = await assetStore.find(tx, userId, id)
    if (!asset) throw noAsset()
    return asset
  }

  async function today(tx: Tx, userId: string): Promise<{ date: string; baseCurrency: string }> {
    const profile = await assetStore.profile(tx, userId)
    if (!profile)
      throw new AppError('unauthenticated', 'unauthenticated', 'This account does not exist any more.')
    return { date: dateIn(profile.timeZone, clock.now()), baseCurrency: profile.baseCurrency }
  }

  /** Refuses where more was given away than was held on any day. */
  async function recountCovered(tx: Tx, userId: string, id: string): Promise<void> {
    await recount(tx, userId, new Map([[id, FIRST]])).catch((error: unknown) => {
      throw isOversold(error)
        ? mistake('/shortAllowed', 'more was sold than was held on some day', 'oversold')
        : error
    })
  }

  return {
    ...assetPrices({ db, write, lock, requireAsset, today }),
    ...activities({ db, write, lock, requireAsset, today, recount, rates: exchange({ dated, clock }) }),

    list: (userId: string, ask: PageAsk): Promise<Page<Asset>> =>
      db.asUser(userId, (tx) => assetStore.list(tx, userId, ask)),

    get: (userId: string, id: string): Promise<Asset> =>
      db.asUser(userId, (tx) => requireAsset(tx, userId, id)),

    create: async (userId: string, input: NewAsset): Promise<Asset> => {
      // Before the transaction, which must not wait for an exchange.
      const market = needsMarketPrice(input) ? await priceOf(input.symbol) : undefined
      return write(userId, async (tx) => {
        if ((await assetStore.count(tx, userId)) >= MOST_ASSETS) {
          throw new AppError('conflict', 'too-many-assets', `An account can hold ${MOST_ASSETS} assets.`)
        }
        const { date, baseCurrency } = await today(tx, userId)
        const row = await rowOf(tx, input, baseCurrency)
        const opened = input.date ?? date
        if (opened > date) throw mistake('/date', 'lies in the future')
        const id = await assetStore.insert(tx, userId, row)
        if (input.unitPrice !== undefined && !isAccount(row.type)) {
          await assetPriceStore.save(tx, userId, id, new Map([[date, input.unitPrice]]))
        }
        const opening = openingOf(input, row, opened, market)
        if (opening) await activityStore.insert(tx, userId, id, opening)
        await recount(tx, userId, new Map([[id, opened]]))
        return requireAsset(tx, userId, id)
      })
    },

    change: (userId: string, id: string, change: AssetChange, checkVersion: CheckVersion): Promise<Asset> =>
      write(userId, async (tx) => {
        const asset = await lock(tx, userId, id)
        checkVersion(asset)
        const shortAllowed = shortOf(asset.type, change.shortAllowed)
        if (change.pricing === 'MARKET' && asset.symbol === null) {
          throw mistake('/pricing', 'an asset without a symbol has no market price')
        }
        if (change.unitPrice !== undefined) {
          if (isAccount(asset.type)) throw mistake('/unitPrice', 'an account has no price')
          const { date } = await today(tx, userId)
          await assetPriceStore.save(tx, userId, id, new Map([[date, change.unitPrice]]))
        }
        await assetStore.change(tx, userId, id, {
          ...(change.name === undefined ? {} : { name: change.name }),
          ...(change.pricing === undefined ? {} : { pricing: change.pricing }),
          ...(shortAllowed === undefined ? {} : { shortAllowed }),
        })
        if (asset.shortAllowed && shortAllowed === false) await recountCovered(tx, userId, id)
        return requireAsset(tx, userId, id)
      }),

    remove: (userId: string, id: string, checkVersion: CheckVersion): Promise<void> =>
      write(userId, async (tx) => {
        checkVersion(await lock(tx, userId, id))
        const followers = await activityStore.followers(tx, userId, id)
        await activityStore.touchCauses(tx, userId, id)
        await assetStore.remove(tx, userId, id)
        await recount(tx, userId, followers).catch((error: unknown) => {
          throw isOversold(error) ? inUse() : error
        })
      }),
  }
}

const MOST_ASSETS = 1_000

function noAsset(): AppError {
  return new AppError('missing', 'not-found', 'There is no such asset.')
}

function isOversold(error: unknown): boolean {
  return error instanceof AppError && error.code === 'oversold'
}

function inUse(): AppError {
  return new AppError(
    'conflict',
    'in-use',
    'What was transferred from this asset has been given away elsewhere since; remove that first.',
  )
}
