import type { Catalogue } from '../feeds/catalogue.js'
import type { VenueDesk } from '../feeds/rest/venue-desk.js'
import type { QuoteHistory } from '../feeds/sources/quote-history.js'
import { parsePair } from '../instruments/symbol.js'
import type { PastAnswer, PastAsk } from '../prices/past.js'
import type { ConfiguredVenue } from './venues.js'

interface Place {
  readonly venue: string
  readonly symbol: string
  readonly desk: VenueDesk
}

/** Where the past of an instrument is had: of a pair at the first venue that lists it, of all else from the sources. */
export function pastOf(options: {
  readonly venues: readonly ConfiguredVenue[]
  readonly desks: ReadonlyMap<string, VenueDesk>
  readonly catalogue: Catalogue
  readonly history: QuoteHistory
}) {
  const { venues, desks, catalogue, history } = options

  function place(symbol: string): Place | null {
    const pair = parsePair(symbol)
    if (!pair) return null
    for (const { venue, rest } of venues) {
      const desk = desks.get(venue.id)
      if (!desk || !rest?.rest.candles) continue
      const listed = catalogue.look(venue.id, pair)
      const name =
        typeof listed === 'object' ? listed.symbol : listed === 'unknown' ? venue.symbol(pair) : null
      if (name !== null) return { venue: venue.id, symbol: name, desk }
    }
    return null
  }

  return {
    sourceOf: (symbol: string): string | null => place(symbol)?.venue ?? history.sourceOf(symbol),
    async past(ask: PastAsk): Promise<PastAnswer> {
      const found = place(ask.symbol)
      if (!found) return history.past(ask)
      const { interval, from, to } = ask
      const candles = await found.desk.candles({ symbol: found.symbol, interval, from, to })
      return candles === null ? { kind: 'failed' } : { kind: 'past', source: found.venue, candles }
    },
  }
}
