import { setImmediate as turn } from 'node:timers/promises'
import type { Tx } from '../database/database.js'
import { dateIn } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import { FIXED_SCALE, type Fixed, rescale } from '../lib/decimal.js'
import type { DatedRates, LoadDated } from '../prices/dated.js'
import { activityStore, type LotMove } from './activity-store.js'
import { type Checkpoint, type CheckpointPlace, checkpointStore } from './checkpoints.js'
import { type AssetRules, type Entry, type Held, isAccount, Position, replay } from './ledger.js'
import { FIRST, type LedgerRow, ledgerStore, toEntry } from './ledger-store.js'
import type { LotMethod } from './lots.js'
import { hasRoom, requireRoom } from './mistake.js'
import { assetStore, type Counted } from './store.js'

/**
 * Everything that follows from the ledger, anew. What changed on a date leaves what was before it as it was, so an
 * asset is counted from its last checkpoint before that date; checkpoints from there on are written anew. Lots that
 * were transferred tie assets together: whoever received some is counted from then on too, and whoever gave some
 * away goes along so far that they can be given again.
 */
export type Recount = (tx: Tx, userId: string, since: ReadonlyMap<string, string>) => Promise<boolean>

export interface RecountOptions {
  readonly dated: LoadDated
  readonly clock: Clock
  /** How many activities lie between two checkpoints at least; 200 unless told. */
  readonly distance?: number
}

/**
 * Recounts assets, of each what changed on a date and after it. Throws AppError `oversold` when more is given away
 * on any day than was held. Tells whether anything came out otherwise than it was stored.
 */
export function recounter({ dated, clock, distance = 200 }: RecountOptions): Recount {
  return async (tx, userId, since) => {
    if (since.size === 0) return false
    const profile = await assetStore.profile(tx, userId)
    if (!profile) return false
    const base = profile.baseCurrency
    const moves = await activityStore.lotMoves(tx, userId)
    const changed = downstream(since, moves)
    const involved = tied([...changed.keys()], moves)
    const places = byAsset(await checkpointStore.places(tx, userId, base, involved))
    const starts = upstream(changed, moves, places)
    const rules = await assetStore.rules(tx, userId, [...starts.keys()])
    const kept = new Map(
      (
        await checkpointStore.read(
          tx,
          userId,
          [...starts.values()].filter((one) => one !== null),
        )
      ).map((one) => [one.assetId, one]),
    )
    const after = new Map([...starts].map(([id, start]) => [id, start?.date ?? FIRST]))
    const owned = new Map([...rules].map(([id, rule]) => [id, { ...rule, userId }]))
    const rows = await ledgerStore.entriesAfter(tx, owned, after)
    const today = dateIn(profile.timeZone, clock.now())
    const rates = await ratesFor(tx, dated, rows, { base, today })
    const entries = rows.map((row) => toEntry(row, { dated: rates, base }))
    const { fifo, average, checkpoints } = await count(entries, rules, kept, distance)
    const counted = [...changed.keys()].flatMap((id) => {
      const held = fifo.get(id)?.held
      const pooled = average.get(id)?.held
      return held && pooled ? [countedOf(id, rules.get(id), held, pooled, base)] : []
    })
    await checkpointStore.removeSince(tx, userId, changed)
    const fresh = checkpoints.filter(({ assetId }) => changed.has(assetId))
    await checkpointStore.save(tx, userId, base, fresh)
    return assetStore.setCounted(tx, userId, counted)
  }
}

/** With whatever received lots of what changed, from then on. */
function downstream(
  since: ReadonlyMap<string, string>,
  moves: readonly LotMove[],
): ReadonlyMap<string, string> {
  const changed = new Map(since)
  for (let again = true; again; ) {
    again = false
    for (const { from, to, date } of moves) {
      const cause = changed.get(from)
      if (cause === undefined || cause > date || (changed.get(to) ?? '9') <= date) continue
      changed.set(to, date)
      again = true
    }
  }
  return changed
}

/** These assets and all that gave lots to one of them, however far back. */
function tied(assetIds: readonly string[], moves: readonly LotMove[]): readonly string[] {
  const found = new Set(assetIds)
  for (let size = -1; size !== found.size; ) {
    size = found.size
    for (const { from, to } of moves) if (found.has(to)) found.add(from)
  }
  return [...found]
}

/** Where each asset is counted from, so that no lots arrive of which it is not counted how they left; null: the first. */
function upstream(
  changed: ReadonlyMap<string, string>,
  moves: readonly LotMove[],
  places: ReadonlyMap<string, readonly CheckpointPlace[]>,
): ReadonlyMap<string, CheckpointPlace | null> {
  const before = (id: string, date: string): CheckpointPlace | null =>
    (places.get(id) ?? []).findLast((place) => place.date < date) ?? null
  const starts = new Map([...changed].map(([id, date]) => [id, before(id, date)]))
  const counts = (id: string, date: string): boolean => {
    const start = starts.get(id)
    return start !== undefined && (start === null || start.date < date)
  }
  for (let again = true; again; ) {
    again = false
    for (const { from, to, date } of moves) {
      if (!counts(to, date) || counts(from, date)) continue
      starts.set(from, before(from, date))
      again = true
    }
  }
  return starts
}

function byAsset(places: readonly CheckpointPlace[]): ReadonlyMap<string, readonly CheckpointPlace[]> {
  const found = new Map<string, CheckpointPlace[]>()
  for (const place of places) {
    const known = found.get(place.assetId)
    if (known) known.push(place)
    else found.set(place.assetId, [place])
  }
  return found
}

const NO_RATES: DatedRates = { rate: () => null }

async function ratesFor(
  tx: Tx,
  dated: LoadDated,
  rows: readonly LedgerRow[],
  { base, today }: { readonly base: string; readonly today: string },
): Promise<DatedRates> {
  const foreign = rows.filter(({ assetCurrency }) => assetCurrency !== base)
  const [first, last] = [foreign[0], foreign.at(-1)]
  if (!first || !last) return NO_RATES
  const currencies = [...new Set(foreign.map((row) => row.assetCurrency))]
  return dated(tx, { symbols: [], currencies, into: [base], from: first.date, to: last.date, today })
}

interface Counting {
  readonly fifo: ReadonlyMap<string, Position>
  readonly average: ReadonlyMap<string, Position>
  readonly checkpoints: readonly Checkpoint[]
}

const TURN_EVERY = 500

/** Both methods side by side; a checkpoint is taken where an asset's date ends, every so many entries. */
async function count(
  entries: readonly Entry[],
  rules: ReadonlyMap<string, AssetRules>,
  kept: ReadonlyMap<string, Checkpoint>,
  distance: number,
): Promise<Counting> {
  // An account has one pool by either method, which is counted once.
  const holdings = new Map([...rules].filter(([, { type }]) => !isAccount(type)))
  const begin = (method: LotMethod, of: ReadonlyMap<string, AssetRules>) =>
    new Map([...of].map(([id, rule]) => [id, new Position(rule, method, kept.get(id)?.[method])]))
  const fifo = begin('fifo', rules)
  const pools = begin('average', holdings)
  const average = new Map([...fifo, ...pools])
  const steps = [
    replay(fifo, entries),
    replay(
      pools,
      entries.filter(({ assetId }) => holdings.has(assetId)),
    ),
  ] as const
  const tallies = new Map(
    [...rules.keys()].map((id) => [id, { date: '', entries: kept.get(id)?.entries ?? 0, fresh: 0 }]),
  )
  const checkpoints: Checkpoint[] = []
  let done = 0
  for (const { assetId, date } of entries) {
    const tally = tallies.get(assetId)
    if (!tally) continue
    // The more lots are open the wider apart, so that what is kept grows with the activities alone.
    const due = Math.max(distance, (fifo.get(assetId)?.lotCount ?? 0) / 4)
    if (tally.date !== date && tally.fresh >= due) {
      const [lots, pool] = [fifo.get(assetId)?.lots ?? [], average.get(assetId)?.lots ?? []]
      checkpoints.push({ assetId, date: tally.date, entries: tally.entries, fifo: lots, average: pool })
      tally.fresh = 0
    }
    tally.date = date
    tally.entries += 1
    tally.fresh += 1
    steps[0].next()
    if (holdings.has(assetId)) steps[1].next()
    done += 1
    // Thousands of them take a while, in which nobody else would have a turn.
    if (done % TURN_EVERY === 0) await turn()
  }
  return { fifo, average, checkpoints }
}

/** A debt is kept as what is owed. */
function countedOf(
  id: string,
  rules: AssetRules | undefined,
  held: Held,
  pooled: Held,
  baseCurrency: string,
): Counted {
  const sign = rules?.type === 'LIABILITY' ? -1n : 1n
  const amount = (value: Fixed): Fixed => {
    requireRoom(value)
    return sign * value
  }
  return {
    id,
    quantity: amount(held.quantity),
    cost: amount(held.cost),
    investment: amount(held.investment),
    averageCost: amount(pooled.cost),
    averageInvestment: amount(pooled.investment),
    baseCost: baseOf(sign, held.baseCost),
    baseCurrency,
  }
}

/** What a base currency of small units has no room for is not kept. */
function baseOf(sign: bigint, amount: bigint | null): Fixed | null {
  if (amount === null) return null
  const rounded = sign * rescale(amount, 2 * FIXED_SCALE, FIXED_SCALE)
  return hasRoom(rounded) ? rounded : null
}
