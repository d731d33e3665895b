import type Router from '@koa/router'
import type { Middleware } from 'koa'
import type { QuoteNow } from '../alerts/conditions.js'
import { announceGoals } from '../alerts/goal-news.js'
import { alertRoutes } from '../alerts/routes.js'
import { alerts } from '../alerts/service.js'
import { accountMoves } from '../assets/account-moves.js'
import { activityBatch } from '../assets/batch.js'
import { activityRoutes, assetRoutes } from '../assets/routes.js'
import { assets } from '../assets/service.js'
import { cashflowRoutes } from '../cashflow/routes.js'
import { cashflow } from '../cashflow/service.js'
import type { Database } from '../database/database.js'
import { goalRoutes } from '../goals/routes.js'
import { goals } from '../goals/service.js'
import { allocationRoutes } from '../insights/allocation-routes.js'
import { portfolioInsightRoutes } from '../insights/portfolio-routes.js'
import { historyInsight, netWorthOn, performanceInsight, worthsOn } from '../insights/portfolio-service.js'
import { insightRoutes } from '../insights/routes.js'
import { cashflowInsight, healthInsight } from '../insights/service.js'
import type { Clock } from '../lib/clock.js'
import type { Fixed } from '../lib/decimal.js'
import type { Lifetime } from '../lib/lifetime.js'
import type { Log } from '../lib/log.js'
import type { Announce, Tell } from '../notifications/news.js'
import { exports } from '../portability/export.js'
import { ImportJobs } from '../portability/jobs.js'
import { exportRoutes, importRoutes } from '../portability/routes.js'
import { imports } from '../portability/service.js'
import type { Mark } from '../prices/board.js'
import type { ImportProgress } from '../protocol/imports.js'
import type { Valuation } from '../protocol/resources.js'
import { portfolioRoutes } from '../valuation/routes.js'
import type { LiveMarket } from './market.js'

export interface LedgerOptions {
  readonly db: Database
  /** The same, for what goes on when the request that began it is over. */
  readonly jobsDb: Database
  readonly market: LiveMarket
  readonly clock: Clock
  readonly log: Log
  /** The price of a symbol; where nobody has asked for it before, there is a moment to tell it. */
  readonly markOf: (symbol: string) => Promise<Mark | undefined>
  /** Told when what a user holds has changed. */
  readonly changed: (userId: string) => void
  /** Tells all sockets of a user how far an import is. */
  readonly importProgress: (userId: string, progress: ImportProgress) => void
  readonly signedIn: Middleware
  /** Honours Idempotency-Key. */
  readonly once: Middleware
  readonly announce: Announce
  readonly tell: Tell
  /** Told when there is something new for those who evaluate alerts. */
  readonly alertsChanged: () => void
}

/** What is owned, earned, spent and saved, and what it means: the rooms of the ledger and their routes. */
export function createLedger(
  life: Lifetime,
  options: LedgerOptions,
): { readonly routers: readonly Router[] } {
  const { db, market, clock, log, markOf, changed, signedIn, once } = options
  const { dated } = market
  const doors = { signedIn, once }
  const valuation = async (userId: string) => JSON.parse(await market.current(userId)) as Valuation

  const priceOf = async (symbol: string): Promise<Fixed | undefined> => (await markOf(symbol))?.amount
  const owned = assets({ db, clock, priceOf, dated, changed })
  const moves = accountMoves({ dated, clock })
  const flows = cashflow({ db, clock, dated, moves, changed })
  const past = { db, clock, dated }
  const announce = announceGoals({ announce: options.announce, tell: options.tell })
  const saved = goals({ db, clock, dated, valuation, worthsOn: worthsOn(past), announce })
  const asked = alerts({
    ...{ db, clock, valuation },
    quote: (symbol) => quoteOf(market.board.get(symbol)),
    awaitQuote: async (symbol) => quoteOf(await markOf(symbol)),
    budgets: flows.budgets.standings,
    changed: options.alertsChanged,
  })
  const { jobsDb, importProgress: tell } = options
  const batch = activityBatch({ dated, clock })
  const writing = new ImportJobs({ db: jobsDb, clock, enterAll: batch, changed, tell, log })
  const files = imports({ db, clock, confirmed: () => writing.wake() })
  life.add(writing.start(), (open) => open.stop())
  return {
    routers: [
      assetRoutes(owned, doors),
      activityRoutes(owned, { signedIn }),
      portfolioRoutes({ current: market.current, signedIn }),
      allocationRoutes({ valuation, signedIn }),
      portfolioInsightRoutes({
        performance: performanceInsight(past),
        history: historyInsight(past),
        signedIn,
      }),
      ...cashflowRoutes(flows, doors),
      goalRoutes(saved, doors),
      alertRoutes(asked, doors),
      importRoutes(files, doors),
      exportRoutes(exports({ db, clock }), { signedIn }),
      insightRoutes({
        cashflow: cashflowInsight({ db, dated, clock }),
        health: healthInsight({ db, dated, clock, valuation, netWorthOn: netWorthOn(past) }),
        signedIn,
      }),
    ],
  }
}

function quoteOf(mark: Mark | undefined): QuoteNow | undefined {
  return mark && { amount: mark.amount, version: mark.quote.version }
}
