import type { Tx } from '../database/database.js'
import type { Lot } from './lots.js'

/**
 * What is open at the end of a date, by both methods, kept so that later activities are counted from there. The
 * base currency belongs to it: in another one nothing of it is true.
 */
export interface Checkpoint extends CheckpointPlace {
  readonly fifo: readonly Lot[]
  readonly average: readonly Lot[]
}

export interface CheckpointPlace {
  readonly assetId: string
  readonly date: string
  /** How many activities went into it. */
  readonly entries: number
}

/** Everything below works inside the transaction of one user (Database.asUser). */
export const checkpointStore = {
  /** Where these assets have one in this base currency, oldest first. */
  async places(
    tx: Tx,
    userId: string,
    base: string,
    assetIds: readonly string[],
  ): Promise<readonly CheckpointPlace[]> {
    return tx.$queryRaw<CheckpointPlace[]>`
      SELECT asset_id::text AS "assetId", date::text AS date, entries FROM asset_checkpoints
      WHERE user_id = ${userId}::uuid AND asset_id = ANY(${[...assetIds]}::uuid[]) AND state->>'base' = ${base}
      ORDER BY date`
  },

  async read(tx: Tx, userId: string, places: readonly CheckpointPlace[]): Promise<readonly Checkpoint[]> {
    if (places.length === 0) return []
    const rows = await tx.$queryRaw<(CheckpointPlace & { fifo: string; average: string })[]>`
      SELECT asset_id::text AS "assetId", kept.date::text AS date, entries, state->>'fifo' AS fifo,
        state->>'average' AS average
      FROM asset_checkpoints AS kept
      JOIN unnest(${places.map((one) => one.assetId)}::uuid[], ${places.map((one) => one.date)}::date[])
        AS asked (asset, date) ON asset_id = asset AND kept.date = asked.date
      WHERE user_id = ${userId}::uuid`
    return rows.map((row) => ({ ...row, fifo: decodeLots(row.fifo), average: decodeLots(row.average) }))
  },

  /**
   * Of each of these assets, of their users, the newest before a date of each, in any base currency; what it holds in
   * base is void.
   */
  async lastBefore(
    tx: Tx,
    asked: readonly { readonly userId: string; readonly assetId: string; readonly date: string }[],
  ): Promise<readonly { assetId: string; date: string; average: readonly Lot[] }[]> {
    const [row] = await tx.$queryRaw<{ lines: string | null }[]>`
      SELECT json_agg(json_build_array(asked.asset, kept.date, kept.average))::text AS lines
      FROM unnest(${asked.map(({ userId }) => userId)}::uuid[], ${asked.map(({ assetId }) => assetId)}::uuid[],
        ${asked.map(({ date }) => date)}::date[]) AS asked (owner, asset, before)
      CROSS JOIN LATERAL (
        SELECT date, state->>'average' AS average FROM asset_checkpoints
        WHERE user_id = asked.owner AND asset_id = asked.asset AND date < asked.before
        ORDER BY date DESC LIMIT 1
      ) AS kept`
    const lines = JSON.parse(row?.lines ?? '[]') as [assetId: string, date: string, average: string][]
    return lines.map(([assetId, date, average]) => ({ assetId, date, average: decodeLots(average) }))
  },

  /** Takes away what is no longer true of these assets, from a date of each on. */
  async removeSince(tx: Tx, userId: string, since: ReadonlyMap<string, string>): Promise<void> {
    await tx.$executeRaw`
      DELETE FROM asset_checkpoints
      USING unnest(${[...since.keys()]}::uuid[], ${[...since.values()]}::date[]) AS changed (asset, since)
      WHERE user_id = ${userId}::uuid AND asset_id = asset AND date >= since`
  },

  async save(tx: Tx, userId: string, base: string, checkpoints: readonly Checkpoint[]): Promise<void> {
    if (checkpoints.length === 0) return
    const states = checkpoints.map(({ fifo, average }) =>
      JSON.stringify({ base, fifo: encodeLots(fifo), average: encodeLots(average) }),
    )
    await tx.$executeRaw`
      INSERT INTO asset_checkpoints (user_id, asset_id, date, entries, state)
      SELECT ${userId}::uuid, asset, date, entries, state::jsonb
      FROM unnest(${checkpoints.map((one) => one.assetId)}::uuid[], ${checkpoints.map((one) => one.date)}::date[],
        ${checkpoints.map((one) => one.entries)}::int[], ${states}::text[]) AS made (asset, date, entries, state)
      ON CONFLICT (user_id, asset_id, date) DO UPDATE SET entries = excluded.entries, state = excluded.state`
  },
}

/**
 * One text of scaled integers for all lots, as there may be thousands: `date,quantity,cost,investment,rate,baseCost,baseInvestment`,
 * where the last two are left out as long as they are the rate times the amount, as they are in a whole lot.
 */
function encodeLots(lots: readonly Lot[]): string {
  return lots.map(encodeLot).join(';')
}

function encodeLot({ date, quantity, cost, investment, rate, baseCost, baseInvestment }: Lot): string {
  const whole = `${date},${quantity},${cost},${investment === cost ? '' : investment},${rate ?? ''}`
  const follows = (amount: bigint, base: bigint | null) => base === (rate === null ? null : amount * rate)
  if (follows(cost, baseCost) && follows(investment, baseInvestment)) return whole
  return `${whole},${baseCost ?? ''},${baseInvestment ?? ''}`
}

function decodeLots(text: string): readonly Lot[] {
  return text === '' ? [] : text.split(';').map(decodeLot)
}

function decodeLot(text: string): Lot {
  const [date = '', quantity = '', cost = '', investment = '', rate = '', ...base] = text.split(',')
  const amounts = { cost: BigInt(cost), investment: BigInt(investment === '' ? cost : investment) }
  const known = rate === '' ? null : BigInt(rate)
  const [baseCost, baseInvestment] = base
  const told = (amount: bigint, base: string | undefined): bigint | null =>
    base === undefined ? (known === null ? null : amount * known) : base === '' ? null : BigInt(base)
  return {
    date,
    quantity: BigInt(quantity),
    ...amounts,
    baseCost: told(amounts.cost, baseCost),
    baseInvestment: told(amounts.investment, baseInvestment),
    rate: known,
  }
}
