import type { Pair } from '../instruments/symbol.js'
import { FIAT } from './venue.js'

/**
 * The ways by which an instrument's price can be had, best first: directly at each venue that quotes the pair, in
 * the order of the venues; then over a stablecoin, whose own price is asked for and never taken for its fiat:
 * BTC-USD = BTC-USDT x USDT-USD. Only coins are worked out so: what states' currencies cost each other is no
 * matter of stablecoins. A route is named by its `source`:
 *
 *   direct    coinbase                            <venue>
 *   derived   binance:BTC-USDT*kraken:USDT-USD    <venue>:<base>-<stablecoin>*<venue>:<stablecoin>-<quote>
 */
export interface Route {
  readonly source: string
  /** The coin in the instrument's currency, or in a stablecoin where there is a `bridge`. */
  readonly coin: Quotation
  /** The stablecoin in the instrument's currency. */
  readonly bridge: Quotation | null
}

/** One pair as one venue quotes it. */
export interface Quotation {
  readonly venue: string
  readonly pair: string
  /** The venue's own spelling. */
  readonly name: string
}

const STABLECOINS: readonly string[] = ['USDT', 'USDC']
const MOST_ROUTES = 8
const MOST_BRIDGES = 3

/** `quotes` tells how a venue quotes a pair; null when it does not. */
export function routesOf(
  pair: Pair,
  venues: readonly string[],
  quotes: (venue: string, pair: Pair) => Quotation | null,
): readonly Route[] {
  const quoted = (asked: Pair) => venues.flatMap((venue) => quotes(venue, asked) ?? [])
  const routes: Route[] = quoted(pair).map((coin) => ({ source: coin.venue, coin, bridge: null }))
  const isCoin = (currency: string) => !FIAT.has(currency) && !STABLECOINS.includes(currency)
  if (!isCoin(pair.base) || STABLECOINS.includes(pair.quote)) return routes.slice(0, MOST_ROUTES)
  for (const stablecoin of STABLECOINS) {
    if (routes.length >= MOST_ROUTES) break
    const coins = quoted({ base: pair.base, quote: stablecoin })
    const bridges = coins.length === 0 ? [] : quoted({ base: stablecoin, quote: pair.quote })
    for (const coin of coins.slice(0, MOST_ROUTES)) {
      for (const bridge of bridges.slice(0, MOST_BRIDGES)) routes.push(derived(coin, bridge))
    }
  }
  return routes.slice(0, MOST_ROUTES)
}

function derived(coin: Quotation, bridge: Quotation): Route {
  return { source: `${coin.venue}:${coin.pair}*${bridge.venue}:${bridge.pair}`, coin, bridge }
}

/** How many of the venues that `route` needs could die without `other`. */
export function independence(other: Route, route: Route): number {
  const needs = (venue: string) => other.coin.venue === venue || other.bridge?.venue === venue
  const alone = needs(route.coin.venue) ? 0 : 1
  if (route.bridge === null || route.bridge.venue === route.coin.venue) return alone
  return alone + (needs(route.bridge.venue) ? 0 : 1)
}

/**
 * The route to keep warm beside the active one: the best of those that are better, to be returned to; else the
 * one that is kept already; else the one that fewest deaths would take along with the active. Null when there is
 * none. `isDown` tells of a route over a venue that has been out of reach for long.
 */
export function chooseStandby(
  routes: readonly Route[],
  active: Route,
  kept: Route | null,
  isDown: (route: Route) => boolean,
): Route | null {
  let best: Route | null = null
  let most = 0
  let isBetter = true
  for (const route of routes) {
    if (route.source === active.source) {
      isBetter = false
      continue
    }
    if (isDown(route)) continue
    if (isBetter) return route
    const score = independence(route, active)
    if (score > 0 && route.source === kept?.source) return route
    if (score > most) {
      most = score
      best = route
    }
  }
  return best ?? (kept && routes.some((route) => route.source === kept.source) ? kept : null)
}
