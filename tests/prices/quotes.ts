import type { Coordination } from '../../src/prices/coordination.js'
import { slotName } from '../../src/prices/slots.js'
import type { Offer, Quote } from '../../src/prices/tick.js'

/** An offer as a venue would make it, of bitcoin unless told. */
export function offerOf(more: Partial<Offer> = {}): Offer {
  return {
    symbol: 'BTC-USD',
    source: 'coinbase',
    price: '64000.5',
    at: Date.UTC(2026, 0, 1),
    order: 1,
    currency: 'USD',
    state: 'live',
    ...more,
  }
}

/** A quote as a worker would write it, fresh for five minutes unless told. */
export function quoteOf(more: Partial<Quote> = {}): Quote {
  const offer = offerOf(more)
  return { freshUntil: offer.at + 5 * 60_000, version: 1, ...offer, ...more }
}

/** Whose word counts in tests that are not about that. */
export const HOLDER = 'the only one'

/** Lets `holder` write every instrument, for longer than any test takes. */
export async function holdAllSlots(coordination: Coordination, holder = HOLDER): Promise<void> {
  const slots = Array.from({ length: 64 }, (_, slot) => slotName(slot))
  await coordination.acquireAll(slots, holder, 1e9)
}
