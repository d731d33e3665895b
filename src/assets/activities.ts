import type { Database, Tx } from '../database/database.js'
import { AppError } from '../lib/errors.js'
import type { Activity, Asset, Page } from '../protocol/resources.js'
import { touch } from './account-moves.js'
import {
  type ActivityAsk,
  type ActivityValues,
  activityStore,
  type StoredActivity,
} from './activity-store.js'
import { consequences } from './consequences.js'
import { inputOf, tell } from './entries.js'
import type { Exchange } from './exchange.js'
import type { Recount } from './recount.js'
import type { ActivityChange, ActivityQuery, EveryActivityQuery, NewActivity } from './schema.js'
import type { CheckVersion } from './service.js'
import type { StoredAsset } from './store.js'
import { activityValues, type Today } from './values.js'

/** What the rules of activities share with those of assets (service.ts). */
interface Shared {
  readonly db: Database
  readonly write: <T>(userId: string, work: (tx: Tx) => Promise<T>) => Promise<T>
  readonly lock: (tx: Tx, userId: string, id: string) => Promise<StoredAsset>
  readonly requireAsset: (tx: Tx, userId: string, id: string) => Promise<Asset>
  readonly today: (tx: Tx, userId: string) => Promise<Today>
  readonly recount: Recount
  readonly rates: Exchange
}

/** The rules of activities: what is told of them, and what follows from them in other assets. */
export function activities({ db, write, lock, requireAsset, today, recount, rates }: Shared) {
  const { follow } = consequences(rates)
  const valuesOf = activityValues(rates)

  async function require(tx: Tx, userId: string, assetId: string, id: string): Promise<StoredActivity> {
    const activity = await activityStore.find(tx, userId, assetId, id)
    if (!activity) throw new AppError('missing', 'not-found', 'There is no such activity.')
    return activity
  }

  async function requireOwn(
    tx: Tx,
    userId: string,
    assetId: string,
    id: string,
    checkVersion: CheckVersion,
  ): Promise<StoredActivity> {
    const activity = await require(tx, userId, assetId, id)
    checkVersion(activity)
    if (activity.cause === null) return activity
    const { kind } = activity.cause
    throw new AppError(
      'conflict',
      'follows-from-another',
      `It follows from another ${kind}; change that one.`,
    )
  }

  const list = async (tx: Tx, userId: string, ask: ActivityAsk): Promise<Page<Activity>> => {
    const { data, nextCursor } = await activityStore.list(tx, userId, ask)
    return { data: data.map(tell), nextCursor }
  }

  return {
    listActivities: (userId: string, assetId: string, query: ActivityQuery): Promise<Page<Activity>> =>
      db.asUser(userId, async (tx) => {
        await requireAsset(tx, userId, assetId)
        return list(tx, userId, { ...query, assetId })
      }),

    listEveryActivity: (userId: string, query: EveryActivityQuery): Promise<Page<Activity>> =>
      db.asUser(userId, (tx) => list(tx, userId, query)),

    getActivity: (userId: string, assetId: string, id: string): Promise<Activity> =>
      db.asUser(userId, async (tx) => tell(await require(tx, userId, assetId, id))),

    addActivity: (userId: string, assetId: string, input: NewActivity): Promise<Activity> =>
      write(userId, async (tx) => {
        const asset = await lock(tx, userId, assetId)
        const values = await valuesOf(tx, userId, asset, input, await today(tx, userId), null)
        const id = await activityStore.insert(tx, userId, assetId, values)
        const since = [[assetId, values.date]] as const
        const anew = { rate: true, quantity: true }
        const elsewhere = await follow(tx, userId, { asset, id, values, input, before: null, anew })
        await recount(tx, userId, new Map([...since, ...elsewhere]))
        return tell(await require(tx, userId, assetId, id))
      }),

    changeActivity: (
      userId: string,
      assetId: string,
      id: string,
      change: ActivityChange,
      checkVersion: CheckVersion,
    ): Promise<Activity> =>
      write(userId, async (tx) => {
        const asset = await lock(tx, userId, assetId)
        const before = await requireOwn(tx, userId, assetId, id, checkVersion)
        const profile = await today(tx, userId)
        const input = changed(inputOf(before), change)
        const kept = change.rate === undefined ? before : null
        const values = keptBaseRate(await valuesOf(tx, userId, asset, input, profile, kept), kept)
        await activityStore.update(tx, userId, id, assetId, values)
        const since = new Map([[assetId, values.date]])
        touch(since, assetId, before.date)
        const anew = { rate: change.rate !== undefined, quantity: change.toQuantity !== undefined }
        const elsewhere = await follow(tx, userId, { asset, id, values, input, before, anew })
        await recount(tx, userId, new Map([...since, ...elsewhere]))
        return tell(await require(tx, userId, assetId, id))
      }),

    removeActivity: (
      userId: string,
      assetId: string,
      id: string,
      checkVersion: CheckVersion,
    ): Promise<void> =>
      write(userId, async (tx) => {
        await lock(tx, userId, assetId)
        const before = await requireOwn(tx, userId, assetId, id, checkVersion)
        const since = new Map([[assetId, before.date]])
        if (before.consequence) touch(since, before.consequence.assetId, before.consequence.date)
        await activityStore.remove(tx, userId, id)
        await recount(tx, userId, since)
      }),
  }
}

/** A rate to the base currency that was told once stands, also when the base currency is another one by now. */
function keptBaseRate(values: ActivityValues, before: StoredActivity | null): ActivityValues {
  if (values.rate !== null || before === null || before.currency !== values.currency) return values
  return { ...values, rate: before.rate, rateCurrency: before.rateCurrency }
}

/** The input with what a change tells; what it tells to be null is not told any more. */
function changed(input: NewActivity, change: ActivityChange): NewActivity {
  const split = input.type === 'SPLIT'
  const replaced = {
    ...input,
    // What is told by one of two is no longer told by the other.
    ...(split && change.ratio ? { quantity: null } : {}),
    ...(split && change.quantity ? { ratio: null } : {}),
    ...(change.unitPrice ? { amount: null } : {}),
    ...(change.amount ? { unitPrice: null } : {}),
    ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
  }
  return Object.fromEntries(Object.entries(replaced).filter(([, value]) => value !== null)) as NewActivity
}
