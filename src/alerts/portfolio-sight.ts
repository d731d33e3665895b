import { dateIn } from '../lib/calendar.js'
import {
  amountOf,
  isStale,
  type Market,
  type PriceMark,
  reasonOf,
  type Valued,
  type Worth,
} from '../valuation/value.js'
import type { LoadedPortfolio } from '../valuation/watched.js'
import { basisOf } from './basis.js'
import type { HeldValue, Sight } from './portfolio-rules.js'

/**
 * What alerts may go by of a valuation; null where it is not sure: as soon as something that is held is worth what
 * it was a while ago, or what a simulator says, unless that may be believed, or where nothing has a price at all.
 */
export function sightOf(
  { totals, worths }: Valued,
  {
    loaded,
    timeZone,
    at,
    market,
    allowSimulated,
  }: {
    readonly loaded: LoadedPortfolio
    readonly timeZone: string
    readonly at: number
    readonly market: (currency: string) => Market
    readonly allowSimulated: boolean
  },
): Sight | null {
  const held = worths.filter(isHeld)
  if (held.some((worth) => isDoubtful(worth, allowSimulated))) return null
  const unpriced = held.filter((worth) => reasonOf(worth) !== null)
  if (held.length > 0 && unpriced.length === held.length) return null
  return {
    at,
    currency: loaded.currency,
    total: totals.total,
    // After its end the day's references are of another day.
    dayChange: at < loaded.dayEndsAt ? totals.dayChange : null,
    dayBase: totals.dayBase,
    basis: basisOf(unpriced.map(({ position }) => position.assetId)),
    holding: (assetId) =>
      largest(worths.filter(({ position }) => assetId === null || position.assetId === assetId)),
    rate(currency) {
      const rate = market(currency).rate(loaded.currency)
      return rate === null || rate.isStale ? null : rate.amount
    },
    dateOf: (instant) => dateIn(timeZone, instant),
  }
}

/** A holding that keeps alerts from being looked at. */
export interface Doubt {
  readonly assetId: string
  readonly name: string
  /** Since when its price is of a while ago, ms since the epoch; null where that is not known. */
  readonly since: number | null
}

/** What there is no sight for, the oldest first. */
export function doubtsOf({ worths }: Valued, allowSimulated: boolean): readonly Doubt[] {
  const held = worths.filter(isHeld)
  const doubtful = held.filter((worth) => isDoubtful(worth, allowSimulated))
  return (doubtful.length > 0 ? doubtful : held.filter((worth) => reasonOf(worth) !== null))
    .map(({ position: { assetId, name }, mark }) => ({ assetId, name, since: staleSince(mark) }))
    .sort((a, b) => (a.since ?? Number.MAX_SAFE_INTEGER) - (b.since ?? Number.MAX_SAFE_INTEGER))
}

/** What is sold to the last is worth nothing at any price. */
function isHeld({ position }: Worth): boolean {
  return position.quantity !== 0n
}

function isDoubtful(worth: Worth, allowSimulated: boolean): boolean {
  if (reasonOf(worth) !== null) return false
  return isStale(worth) || (worth.mark?.price.state === 'simulated' && !allowSimulated)
}

function staleSince(mark: PriceMark | null): number | null {
  if (mark?.price.state !== 'stale') return null
  return mark.quote?.freshUntil ?? Date.parse(mark.price.at)
}

function largest(worths: readonly Worth[]): HeldValue | null {
  let most: HeldValue | null = null
  for (const worth of worths) {
    const value = amountOf(worth)
    const { assetId, name } = worth.position
    if (value !== null && (most === null || value > most.value)) most = { assetId, name, value }
  }
  return most
}
