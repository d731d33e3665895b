import type { Ask } from '../feeds/ask.js'
import type { Dial } from '../feeds/connection.js'
import type { FeedSource } from '../feeds/lane.js'
import { binanceRest } from '../feeds/rest/binance.js'
import { bitfinexRest } from '../feeds/rest/bitfinex.js'
import { bitstampRest } from '../feeds/rest/bitstamp.js'
import { bybitRest } from '../feeds/rest/bybit.js'
import { coinbaseRest } from '../feeds/rest/coinbase.js'
import { gateRest } from '../feeds/rest/gate.js'
import { geminiRest } from '../feeds/rest/gemini.js'
import { indodaxRest } from '../feeds/rest/indodax.js'
import { krakenRest } from '../feeds/rest/kraken.js'
import { kucoinRest } from '../feeds/rest/kucoin.js'
import { okxRest } from '../feeds/rest/okx.js'
import type { VenueRest } from '../feeds/rest/rest.js'
import { tokocryptoRest } from '../feeds/rest/tokocrypto.js'
import { sharedDial } from '../feeds/shared-dial.js'
import { dialOf } from '../feeds/ticket.js'
import type { Venue } from '../feeds/venue.js'
import { binance } from '../feeds/venues/binance.js'
import { bitfinex } from '../feeds/venues/bitfinex.js'
import { bitstamp } from '../feeds/venues/bitstamp.js'
import { bybit } from '../feeds/venues/bybit.js'
import { coinbase } from '../feeds/venues/coinbase.js'
import { gate } from '../feeds/venues/gate.js'
import { gemini } from '../feeds/venues/gemini.js'
import { indodax } from '../feeds/venues/indodax.js'
import { kraken } from '../feeds/venues/kraken.js'
import { kucoin } from '../feeds/venues/kucoin.js'
import { okx } from '../feeds/venues/okx.js'
import { tokocrypto } from '../feeds/venues/tokocrypto.js'
import type { Coordination } from '../prices/coordination.js'
import type { Config, Secrets, VenueId } from './config.js'

/** A venue to listen to, and its HTTP side where it may be asked: null at a stand-in that has none. */
export interface ConfiguredVenue extends FeedSource {
  readonly rest: { readonly rest: VenueRest; readonly base: string } | null
}

const VENUES: Readonly<Record<VenueId, { readonly venue: Venue; readonly rest: VenueRest }>> = {
  binance: { venue: binance, rest: binanceRest },
  bitfinex: { venue: bitfinex, rest: bitfinexRest },
  bitstamp: { venue: bitstamp, rest: bitstampRest },
  bybit: { venue: bybit, rest: bybitRest },
  coinbase: { venue: coinbase, rest: coinbaseRest },
  gate: { venue: gate, rest: gateRest },
  gemini: { venue: gemini, rest: geminiRest },
  indodax: { venue: indodax, rest: indodaxRest },
  kraken: { venue: kraken, rest: krakenRest },
  kucoin: { venue: kucoin, rest: kucoinRest },
  okx: { venue: okx, rest: okxRest },
  tokocrypto: { venue: tokocrypto, rest: tokocryptoRest },
}

/**
 * The venues of the configuration, in its order. Where a stand-in is named for a venue's socket (a proxy, a
 * replay), the venue itself is not asked over HTTP either, unless an address is named for that, too.
 */
export function configuredVenues(options: {
  readonly config: Config
  readonly secrets: Secrets
  readonly ask: Ask
  readonly coordination: Coordination
}): readonly ConfiguredVenue[] {
  const { config, secrets, ask, coordination } = options
  return config.feeds.map((id) => {
    const { venue, rest } = VENUES[id]
    const socketBase = config.feedUrls[id]
    const restBase = config.feedRestUrls[id] ?? (socketBase === undefined ? rest.base : null)
    const own: Dial =
      socketBase === undefined
        ? dialOf(venue, ask, Math.random, config.feedRestUrls[id])
        : async () => ({ url: venue.url(socketBase) })
    const { dial, held } = sharedDial({ venue, dial: own, coordination })
    return {
      venue,
      url: dial,
      held,
      token: secrets.feedTokens[id] ?? null,
      simulated: false,
      rest: restBase === null ? null : { rest, base: restBase },
    }
  })
}
