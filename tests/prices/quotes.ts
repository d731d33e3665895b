import type { Quote } from '../../src/prices/tick.js'

/** A quote as a worker would write it, of bitcoin unless told. */
export function quoteOf(more: Partial<Quote> = {}): Quote {
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
