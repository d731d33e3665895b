import type { Tx } from '../database/database.js'
import { dateIn } from '../lib/calendar.js'
import { type Fixed, parseFixed } from '../lib/decimal.js'
import { asError } from '../lib/errors.js'
import type { AssetType, Pricing } from '../protocol/resources.js'
import { type DayMoves, dayMoves, NO_MOVES } from './day-moves.js'
import type { StoredAsset } from './store.js'

/** What a user holds, as it stands at an instant of his day. */
export interface Holdings {
  readonly baseCurrency: string
  readonly timeZone: string
  /** Rises with every change of what is held. */
  readonly version: number
  readonly today: string
  /** In the order in which they were added. */
  readonly assets: readonly HeldAsset[]
}

/** What a valuation needs of an asset. */
export interface HeldAsset extends Omit<StoredAsset, 'shortAllowed' | 'version' | 'investment'> {
  /** The two newest prices by hand, up to and with today, newest first; of what is priced by hand alone. */
  readonly prices: readonly HandPrice[]
  /** What happened today. */
  readonly moves: DayMoves
}

export interface HandPrice {
  readonly date: string
  readonly unitPrice: Fixed
}

interface Owner {
  readonly id: string
  readonly baseCurrency: string
  readonly timeZone: string
  readonly version: number
  readonly today: string
}

/**
 * What these users hold, each on his own date, as many of them as there still are: in the transaction of one user
 * his own, in the system's of everybody who is named. For whomever it cannot be counted an error stands. Rows come
 * as one text, which is far less work for the database client than as rows.
 */
export async function holdingsOf(
  tx: Tx,
  userIds: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, Holdings | Error>> {
  const { owners, failed } = await readOwners(tx, userIds, now)
  const assets = await readAssets(tx, owners)
  const moves = await dayMoves(tx, owners, assets)
  const found = new Map<string, Holdings | Error>(failed)
  for (const { id, ...owner } of owners) {
    const moved = moves.get(id)
    if (moved instanceof Error) found.set(id, moved)
    else {
      const held = assets.get(id) ?? []
      found.set(id, {
        ...owner,
        assets: held.map((asset) => ({ ...asset, moves: moved?.get(asset.id) ?? NO_MOVES })),
      })
    }
  }
  return found
}

async function readOwners(tx: Tx, userIds: readonly string[], now: number) {
  const [row] = await tx.$queryRaw<{ lines: string | null }[]>`
    SELECT json_agg(json_build_array(id, base_currency, time_zone, holdings_version))::text AS lines
    FROM users WHERE id = ANY(${[...userIds]}::uuid[])`
  const dates = new Map<string, string>()
  const owners: Owner[] = []
  const failed = new Map<string, Error>()
  for (const [id, baseCurrency, timeZone, version] of linesOf<[string, string, string, number]>(row)) {
    try {
      const today = dates.get(timeZone) ?? dateIn(timeZone, now)
      dates.set(timeZone, today)
      owners.push({ id, baseCurrency, timeZone, version, today })
    } catch (error) {
      failed.set(id, asError(error))
    }
  }
  return { owners, failed }
}

type AssetLine = readonly [
  ...[place: number, id: string, type: AssetType, name: string, symbol: string | null, currency: string],
  ...[pricing: Pricing, quantity: string, cost: string, baseCost: string | null, baseCurrency: string | null],
  prices: readonly (readonly [date: string, unitPrice: string])[] | null,
]

/** By user; each user's are looked up by the index, whatever the planner thinks of so many. */
async function readAssets(
  tx: Tx,
  owners: readonly Owner[],
): Promise<ReadonlyMap<string, readonly Omit<HeldAsset, 'moves'>[]>> {
  const [row] = await tx.$queryRaw<{ lines: string | null }[]>`
    SELECT json_agg(json_build_array(place, asset.id, type, name, symbol, currency, pricing,
      trim_scale(quantity)::text, trim_scale(cost)::text, trim_scale(base_cost)::text, base_currency, prices)
      ORDER BY place, created_at, asset.id)::text AS lines
    FROM unnest(${owners.map(({ id }) => id)}::uuid[], ${owners.map(({ today }) => today)}::date[])
      WITH ORDINALITY AS owner (id, today, place)
    CROSS JOIN LATERAL (SELECT * FROM assets WHERE user_id = owner.id OFFSET 0) AS asset
    LEFT JOIN LATERAL (
      SELECT json_agg(json_build_array(date, trim_scale(unit_price)::text) ORDER BY date DESC) AS prices FROM (
        SELECT date, unit_price FROM asset_prices
        WHERE user_id = owner.id AND asset_id = asset.id AND date <= owner.today ORDER BY date DESC LIMIT 2
      ) AS newest
    ) AS by_hand ON pricing = 'MANUAL'`
  const found = new Map<string, Omit<HeldAsset, 'moves'>[]>()
  for (const line of linesOf<AssetLine>(row)) {
    const owner = owners[line[0] - 1]
    if (!owner) throw new Error('an asset of nobody')
    const held = found.get(owner.id)
    if (held) held.push(toHeld(line))
    else found.set(owner.id, [toHeld(line)])
  }
  return found
}

function toHeld([, id, type, name, symbol, currency, pricing, ...figures]: AssetLine): Omit<
  HeldAsset,
  'moves'
> {
  const [quantity, cost, baseCost, baseCurrency, prices] = figures
  return {
    ...{ id, type, name, symbol, currency, pricing },
    quantity: parseFixed(quantity),
    cost: parseFixed(cost),
    baseCost: baseCost === null ? null : parseFixed(baseCost),
    baseCurrency,
    prices: (prices ?? []).map(([date, unitPrice]) => ({ date, unitPrice: parseFixed(unitPrice) })),
  }
}

function linesOf<T>(row: { readonly lines: string | null } | undefined): readonly T[] {
  return JSON.parse(row?.lines ?? '[]') as readonly T[]
}
