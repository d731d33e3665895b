import { budgetWatch } from '../alerts/budget-watch.js'
import { createFiring } from '../alerts/firing.js'
import { announceGoals } from '../alerts/goal-news.js'
import { OpQueue } from '../alerts/op-queue.js'
import { paceWatch } from '../alerts/pace-watch.js'
import { PortfolioWatch } from '../alerts/portfolio-watch.js'
import { tidyMarks } from '../alerts/price-alert-store.js'
import { PriceWatch } from '../alerts/price-watch.js'
import { expireAlerts } from '../alerts/store.js'
import { budgets } from '../cashflow/budgets.js'
import { createGuardedRequest } from '../delivery/guarded-request.js'
import { Outbox } from '../delivery/outbox.js'
import { tidyOutbox } from '../delivery/outbox-store.js'
import { createSecrets } from '../delivery/secrets.js'
import { tidyDeliveries } from '../delivery/webhook-queue.js'
import { WebhookSender } from '../delivery/webhook-sender.js'
import { goals } from '../goals/service.js'
import { goalWatch } from '../goals/watch.js'
import { worthsOn } from '../insights/portfolio-service.js'
import type { Clock } from '../lib/clock.js'
import type { Lifetime } from '../lib/lifetime.js'
import type { Log } from '../lib/log.js'
import { createAnnounce } from '../notifications/announce.js'
import type { Tell } from '../notifications/news.js'
import { tidyNotifications } from '../notifications/store.js'
import type { Valuation } from '../protocol/resources.js'
import type { Config } from './config.js'
import { createMarket } from './market.js'
import { repeat } from './repeat.js'
import type { Resources } from './resources.js'
import type { Ways } from './ways.js'
import type { Evaluator } from './worker.js'

const BUDGETS_MS = 1_000
const EXPIRE_MS = 10_000
/** Thousands of rows each, every ten minutes. */
const TIDY_TURNS = 20
const PACE_MS = 3_600_000

/**
 * What people asked to be told, found and sent from a worker, whether or not they are there: the prices that it
 * admits, the portfolios and goals of its users, budgets, and everything that waits to go out.
 */
export async function startAlerting(
  life: Lifetime,
  options: {
    config: Config
    resources: Resources
    ways: Ways
    /** True of the demo alone: simulated prices are told like real ones. */
    allowSimulated: boolean
    clock: Clock
    log: Log
  },
): Promise<Evaluator> {
  const { config, resources, ways, allowSimulated, clock, log } = options
  const { db } = resources
  let mine: (name: string) => boolean = () => false
  const isMine = (name: string): boolean => mine(name)
  let priceMoved = (_: string): void => {}
  let rateMoved = (_: string): void => {}

  const announce = createAnnounce({ emailConfigured: ways.ways.email !== null, clock })
  const outbox = life.add(new Outbox({ db, ways: ways.ways, clock, log }).start(), (open) => open.stop())
  const tell: Tell = (told) => {
    if (told.length === 0) return
    resources.tell(told)
    outbox.wake()
    webhooks.wake()
  }
  const request = createGuardedRequest({ allowedNetworks: config.webhookNetworks })
  const sending = { request, secrets: createSecrets(db), random: Math.random }
  const webhooks = life.add(
    new WebhookSender({ db, announce, tell, ...sending, clock, log }).start(),
    (open) => open.stop(),
  )

  const market = await createMarket(life, {
    ...{ config, resources, clock, log },
    tell: {
      // Nobody looks from here.
      update: () => {},
      snapshot: () => {},
      priceMoved: (symbol) => priceMoved(symbol),
      rateMoved: (name) => rateMoved(name),
    },
  })
  const { dated } = market
  const queue = life.add(
    new OpQueue({
      write: createFiring({ db, announce, tell }),
      refused(alertId) {
        prices.refused(alertId)
        portfolios.refused(alertId)
      },
      clock,
      log,
    }),
    (open) => open.stop(),
  )
  const found = {
    emit: (op: Parameters<OpQueue['add']>[0]) => queue.add(op),
    drained: () => queue.drained(),
    mine: isMine,
    allowSimulated,
  }
  const announceOfGoals = announceGoals({ announce, tell })
  const moved = goalWatch({ db, clock, dated, announce: announceOfGoals })
  const portfolios = life.add(
    new PortfolioWatch({
      ...{ db, load: market.load, market: market.into, checkGoals: moved.check, announce, tell, clock, log },
      ...found,
    }),
    (open) => open.stop(),
  )
  const prices = life.add(
    new PriceWatch({ db, markOf: (symbol) => market.board.get(symbol), clock, log, ...found }),
    (open) => open.stop(),
  )
  priceMoved = (symbol) => {
    prices.moved(symbol)
    portfolios.moved(symbol)
  }
  rateMoved = (name) => portfolios.moved(name)

  const standings = budgets({ db, clock, dated }).standingsIn
  const spending = budgetWatch({ db, clock, standings, announce, tell, mine: isMine, log })
  repeat(life, { everyMs: BUDGETS_MS, what: 'alerts on budgets', clock, log }, () => spending.run())
  const saved = goals({
    ...{ db, clock, dated, worthsOn: worthsOn({ db, clock, dated }), announce: announceOfGoals },
    valuation: async (userId) => JSON.parse(await market.current(userId)) as Valuation,
  })
  const pace = paceWatch({ db, clock, goal: saved.get, announce, tell, mine: isMine, log })
  repeat(life, { everyMs: PACE_MS, what: 'the pace of goals', clock, log }, () => pace.run())
  repeat(life, { everyMs: EXPIRE_MS, what: 'alerts that expire', clock, log }, () =>
    db.asSystem((tx) => expireAlerts(tx, clock.now())),
  )

  // Whoever makes an alert wakes the workers.
  life.add(await resources.wire.onDemand(() => prices.wake()), (unsubscribe) => unsubscribe())

  return {
    begin(own) {
      mine = own
      void prices.start()
      void portfolios.start()
    },
    divided() {
      prices.wake()
      portfolios.divided()
    },
    admitted: (mark) => prices.admitted(mark),
    async tidy() {
      const now = clock.now()
      for (const tidy of [tidyNotifications, tidyDeliveries, tidyOutbox, tidyMarks]) {
        for (let turn = 0; turn < TIDY_TURNS; turn += 1)
          if ((await db.asSystem((tx) => tidy(tx, now))) === 0) break
      }
    },
  }
}
