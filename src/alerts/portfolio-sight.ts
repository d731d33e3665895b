import { dateIn } from '../lib/calendar.js'
import { amountOf, isStale, type Market, reasonOf, type Valued, type Worth } from '../valuation/value.js'
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
  if (worths.some((worth) => isDoubtful(worth, allowSimulated))) return null
  const unpriced = worths.filter((worth) => reasonOf(worth) !== null)
  if (worths.length > 0 && unpriced.length === worths.length) return null
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

function isDoubtful(worth: Worth, allowSimulated: boolean): boolean {
  const { position, mark } = worth
  if (position.quantity === 0n || reasonOf(worth) !== null) return false
  return isStale(worth) || (mark?.price.state === 'simulated' && !allowSimulated)
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
