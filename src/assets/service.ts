import type { Database, Tx } from '../database/database.js'
import type { PageAsk } from '../http/pages.js'
import { readListing } from '../instruments/listing.js'
import { instrumentStore } from '../instruments/store.js'
import { dateIn } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import type { Fixed } from '../lib/decimal.js'
import { AppError } from '../lib/errors.js'
import type { Asset, Page } from '../protocol/resources.js'
import {
  inputOf,
  mistake,
  needsMarketPrice,
  openingOf,
  readActivity,
  requireRoom,
  type ToldActivity,
  tell,
} from './entries.js'
import { Position, replay } from './ledger.js'
import { assetPriceStore } from './price-store.js'
import { assetPrices } from './prices.js'
import type { ActivityChange, AssetChange, NewActivity, NewAsset } from './schema.js'
import { assetStore, type NewAssetRow, type StoredAsset } from './store.js'

export interface AssetsOptions {
  readonly db: Database
  readonly clock: Clock
  /** The market's price of a symbol now, in the symbol's own currency; undefined when it is not known. */
  readonly priceOf: (symbol: string) => Promise<Fixed | undefined>
  /** Called after a change has been committed. */
  readonly changed: (userId: string) => void
}

/** The rules of what is owned. `checkVersion` compares the version that a client expects and throws when it is another. */
export type Assets = ReturnType<typeof assets>
type CheckVersion = (current: { readonly id: string; readonly version: number }) => void

export function assets({ db, clock, priceOf, changed }: AssetsOptions) {
  async function write<T>(userId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    const result = await db.asUser(userId, async (tx) => {
      await assetStore.holdingsChanged(tx, userId)
      return work(tx)
    })
    changed(userId)
    return result
  }

  /** Everything that follows from the ledger anew; refuses what would be oversold on any day. */
  async function recount(tx: Tx, userId: string, asset: StoredAsset): Promise<void> {
    const ledger = await assetStore.ledger(tx, userId, asset.id)
    const position = new Position(asset, 'fifo')
    for (const _ of replay(new Map([[asset.id, position]]), ledger));
    const sign = asset.type === 'LIABILITY' ? -1n : 1n
    const { held } = position
    const [quantity, cost, investment] = [sign * held.quantity, sign * held.cost, sign * held.investment]
    for (const amount of [quantity, cost, investment]) requireRoom(amount)
    await assetStore.setHeld(tx, userId, asset.id, { quantity, cost, investment })
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

  async function describe(tx: Tx, input: NewAsset, baseCurrency: string): Promise<NewAssetRow> {
    const { type } = input
    const traded = type === 'STOCK' || type === 'CRYPTO'
    const manual = input.pricing === 'MANUAL' || (!traded && type !== 'CASH' && type !== 'LIABILITY')
    if (!traded && input.symbol !== undefined)
      throw mistake('/symbol', `does not belong to an asset of type ${type}`)
    if (!traded && input.pricing === 'MARKET')
      throw mistake('/pricing', `an asset of type ${type} has no market`)
    if (traded && !manual && input.symbol === undefined)
      throw mistake('/symbol', 'is needed to find its price')
    const listing =
      traded && input.symbol !== undefined ? readListing(type, input.symbol, input.currency) : null
    // Of the instrument only its id: the rest may have been told by whoever named the symbol first.
    const instrument = listing && (await instrumentStore.ensure(tx, listing))
    return {
      type,
      name: input.name ?? listing?.name ?? NAMES[type],
      symbol: listing?.symbol ?? null,
      instrumentId: instrument?.id ?? null,
      currency: listing?.currency ?? input.currency ?? baseCurrency,
      pricing: manual ? 'MANUAL' : traded ? 'MARKET' : 'MANUAL',
    }
  }

  return {
    ...assetPrices({ db, write, lock, requireAsset, today }),

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
        const row = await describe(tx, input, baseCurrency)
        const opened = input.date ?? date
        if (opened > date) throw mistake('/date', 'lies in the future')
        const id = await assetStore.insert(tx, userId, row)
        if (input.unitPrice !== undefined && row.type !== 'CASH' && row.type !== 'LIABILITY') {
          await assetPriceStore.save(tx, userId, id, new Map([[date, input.unitPrice]]))
        }
        const opening = openingOf(input, row, opened, market)
        if (opening) {
          await assetStore.insertActivity(tx, userId, id, row.currency, opening)
          await recount(tx, userId, await lock(tx, userId, id))
        }
        return requireAsset(tx, userId, id)
      })
    },

    change: (userId: string, id: string, change: AssetChange, checkVersion: CheckVersion): Promise<Asset> =>
      write(userId, async (tx) => {
        const asset = await lock(tx, userId, id)
        checkVersion(asset)
        if (change.pricing === 'MARKET' && asset.symbol === null) {
          throw mistake('/pricing', 'an asset without a symbol has no market price')
        }
        if (change.unitPrice !== undefined) {
          if (asset.type === 'CASH' || asset.type === 'LIABILITY')
            throw mistake('/unitPrice', 'an account has no price')
          const { date } = await today(tx, userId)
          await assetPriceStore.save(tx, userId, id, new Map([[date, change.unitPrice]]))
        }
        await assetStore.change(tx, userId, id, {
          ...(change.name === undefined ? {} : { name: change.name }),
          ...(change.pricing === undefined ? {} : { pricing: change.pricing }),
        })
        return requireAsset(tx, userId, id)
      }),

    remove: (userId: string, id: string, checkVersion: CheckVersion): Promise<void> =>
      write(userId, async (tx) => {
        checkVersion(await lock(tx, userId, id))
        await assetStore.remove(tx, userId, id)
      }),

    listActivities: (userId: string, assetId: string, ask: PageAsk): Promise<Page<ToldActivity>> =>
      db.asUser(userId, async (tx) => {
        await requireAsset(tx, userId, assetId)
        const page = await assetStore.listActivities(tx, userId, assetId, ask)
        return { data: page.data.map(tell), nextCursor: page.nextCursor }
      }),

    addActivity: (userId: string, assetId: string, input: NewActivity): Promise<ToldActivity> =>
      write(userId, async (tx) => {
        const asset = await lock(tx, userId, assetId)
        const { date } = await today(tx, userId)
        const values = readActivity(asset, input, date)
        const activity = await assetStore.insertActivity(tx, userId, assetId, asset.currency, values)
        await recount(tx, userId, asset)
        return tell(activity)
      }),

    changeActivity: (
      userId: string,
      assetId: string,
      id: string,
      change: ActivityChange,
      checkVersion: CheckVersion,
    ): Promise<ToldActivity> =>
      write(userId, async (tx) => {
        const asset = await lock(tx, userId, assetId)
        const before = await assetStore.findActivity(tx, userId, assetId, id)
        if (!before) throw noActivity()
        checkVersion(before)
        const { date } = await today(tx, userId)
        const activity = await assetStore.updateActivity(
          tx,
          userId,
          id,
          readActivity(asset, { ...inputOf(before), ...given(change) }, date),
        )
        await recount(tx, userId, asset)
        return tell(activity)
      }),

    removeActivity: (
      userId: string,
      assetId: string,
      id: string,
      checkVersion: CheckVersion,
    ): Promise<void> =>
      write(userId, async (tx) => {
        const asset = await lock(tx, userId, assetId)
        const before = await assetStore.findActivity(tx, userId, assetId, id)
        if (!before) throw noActivity()
        checkVersion(before)
        await assetStore.removeActivity(tx, userId, id)
        await recount(tx, userId, asset)
      }),
  }
}

const MOST_ASSETS = 1_000
const NAMES = { CASH: 'Cash', STOCK: 'Stock', CRYPTO: 'Crypto', REAL: 'Asset', LIABILITY: 'Debt' } as const

function noAsset(): AppError {
  return new AppError('missing', 'not-found', 'There is no such asset.')
}

function noActivity(): AppError {
  return new AppError('missing', 'not-found', 'There is no such activity.')
}

/** A change without the fields that it leaves alone. */
function given(change: ActivityChange): Partial<NewActivity> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
}
