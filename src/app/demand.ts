import type { Database } from '../database/database.js'
import { instrumentStore } from '../instruments/store.js'
import type { Clock } from '../lib/clock.js'
import { currencyOfHundredth } from '../lib/currency.js'
import type { Lifetime } from '../lib/lifetime.js'
import type { Log } from '../lib/log.js'
import { priceStore } from '../prices/store.js'
import type { PriceWire } from '../prices/wire.js'

/** What prices are asked for, in the order of who needs them most. */
export interface Demand {
  /** All of them, what most people hold first. */
  readonly symbols: ReadonlySet<string>
  /** Those of them that somebody holds, or needs for what somebody holds. */
  readonly held: ReadonlySet<string>
}

const REFRESH_MS = 5_000
const GATHER_MS = 50
/** Between two look-ups: each reads what everybody holds, and anybody may cause one. */
const PAUSE_MS = 1_000
/**
 * Whoever watches costs nothing to ask; what is held goes first, and this many are heard beside it. What is among
 * them stays as long as it is watched, lest venues be asked for other symbols each second.
 */
const MOST_WATCHED = 1_000

/**
 * Keeps the worker's subscriptions equal to what is asked for: what somebody holds, what somebody watches, and
 * the pairs that turn one into the other's currency. Worked out by query, from the beginning each time, so that
 * nothing can be forgotten; at once when the wire says that something changed, and every few seconds anyway.
 */
export async function startDemandWatch(
  life: Lifetime,
  options: {
    db: Database
    wire: PriceWire
    clock: Clock
    log: Log
    want: (wanted: Demand) => void
  },
): Promise<void> {
  const { db, wire, clock, log } = options
  let cancelSoon: (() => void) | null = null
  let running: Promise<void> | null = null
  let restedAt = 0
  let watched: readonly string[] = []
  let stopped = false

  async function refresh(): Promise<void> {
    const { held, pairs } = await db.asSystem(async (tx) => {
      const pairs = new Set((await priceStore.heldCurrencies(tx)).flatMap(ratePairs))
      await instrumentStore.ensurePairs(tx, [...pairs])
      return { held: await priceStore.heldSymbols(tx), pairs }
    })
    const demanded = new Set(await wire.demanded())
    if (stopped) return
    const kept = watched.filter((symbol) => demanded.has(symbol))
    watched = [...new Set([...kept, ...demanded])].slice(0, MOST_WATCHED)
    const needed = new Set([...pairs, ...held])
    options.want({ symbols: new Set([...needed, ...watched]), held: needed })
  }

  function run(): void {
    if (running) {
      soon()
      return
    }
    running = refresh()
      .catch((error: unknown) => log.warn({ err: error }, 'what is asked for could not be read'))
      .finally(() => {
        running = null
        restedAt = clock.now() + PAUSE_MS
      })
  }

  function soon(): void {
    if (stopped) return
    cancelSoon ??= clock.after(Math.max(GATHER_MS, restedAt - clock.now()), () => {
      cancelSoon = null
      run()
    })
  }

  life.add(await wire.onDemand(soon), (unsubscribe) => unsubscribe())
  life.add(clock.every(REFRESH_MS, run), async (cancel) => {
    stopped = true
    cancel()
    cancelSoon?.()
    await running
  })
  await refresh()
}

/** Currencies that are quoted in dollars by custom; all others are what a dollar is quoted in. */
const QUOTED_IN_DOLLARS: ReadonlySet<string> = new Set([
  'EUR',
  'GBP',
  'AUD',
  'NZD',
  'BTC',
  'ETH',
  'BNB',
  'USDT',
  'USDC',
])

/** Pairs over which one currency reaches the other; a venue that does not list one passes it over. */
function ratePairs({ from, to }: { readonly from: string; readonly to: string }): readonly string[] {
  return [from, to]
    .map((currency) => currencyOfHundredth(currency) ?? currency)
    .filter((currency) => currency !== 'USD')
    .map((currency) => (QUOTED_IN_DOLLARS.has(currency) ? `${currency}-USD` : `USD-${currency}`))
}
