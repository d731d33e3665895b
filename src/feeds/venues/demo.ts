import { socketUrl, type Venue } from '../venue.js'
import { coinbase } from './coinbase.js'

/**
 * The simulated exchange of the demo: Coinbase's protocol with markets that Coinbase does not have, such as
 * dollars in rupiah. It has no address of its own; the simulator tells where it listens.
 */
export const demo: Venue = {
  ...coinbase,
  id: 'demo',
  url: (base = 'ws://127.0.0.1') => socketUrl(base, ['']),
  symbol: ({ base, quote }) => `${base}-${quote}`,
}
