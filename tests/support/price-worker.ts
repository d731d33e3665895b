import { systemClock } from '../../src/lib/clock.js'
import type { Log } from '../../src/lib/log.js'
import { Admission } from '../../src/prices/admission.js'
import { PriceBoard } from '../../src/prices/board.js'
import { CacheKeeper } from '../../src/prices/cache-keeper.js'
import { createRedisCoordination } from '../../src/prices/coordination-redis.js'
import { Publisher } from '../../src/prices/publisher.js'
import { Slots } from '../../src/prices/slots.js'
import type { PriceWire } from '../../src/prices/wire.js'
import { createRedisWire } from '../../src/prices/wire-redis.js'

/** What a worker is but for its exchanges and candles, on a Redis; the test says what it hears. */
export interface PriceWorker {
  readonly slots: Slots
  readonly wire: PriceWire
  /** Does with a price what a worker does with a tick; passed over when the symbol is another worker's. */
  hear(symbol: string, price: string): void
  stop(): Promise<void>
}

export async function startPriceWorker(options: {
  url: string
  member: string
  log: Log
  changed?: () => void
}): Promise<PriceWorker> {
  const { url, log } = options
  const clock = systemClock
  const wire = createRedisWire({ url, now: clock.now, log })
  const coordination = createRedisCoordination({ url, log })
  const board = new PriceBoard({ now: clock.now })
  const admission = new Admission({ board, now: clock.now })
  const slots: Slots = new Slots({
    coordination,
    member: options.member,
    clock,
    random: Math.random,
    log,
    prepare: (taken) => keeper.prepare(taken),
    changed: options.changed ?? (() => {}),
  })
  const refused = (): void => {
    keeper.doubt()
    slots.doubt()
  }
  const publisher = new Publisher({ wire, holder: () => slots.holder(), refused, clock, log })
  const keeper: CacheKeeper = new CacheKeeper({
    wire,
    board,
    mine: (symbol) => slots.mine(symbol),
    publish: (quote) => publisher.publish(quote),
    clock,
    log,
  })
  await slots.start()
  return {
    slots,
    wire,
    hear(symbol, price) {
      if (!slots.mine(symbol)) return
      const at = clock.now()
      const verdict = admission.decide({
        symbol,
        source: options.member,
        price,
        at,
        order: null,
        currency: 'USD',
        state: 'live',
      })
      if (verdict.won) publisher.publish(verdict.mark.quote)
    },
    async stop() {
      await keeper.stop()
      await publisher.stop()
      await slots.stop()
      await Promise.all([wire.close(), coordination.close()])
    },
  }
}
