import type { Pair } from '../../instruments/symbol.js'
import type { SessionMemory, Venue } from '../venue.js'

/**
 * The other end of a venue's protocol: how the exchange answers a client, as data and pure functions. The
 * simulator and the replay speak through it, so what they say and what `venues/` reads are held together by
 * real frames on a real socket.
 */
export interface ExchangeSide {
  readonly venue: Venue
  /** Sent as soon as a client is there. */
  readonly greeting: readonly string[]
  /** What a client's message does. `knows` tells whether a symbol is traded; `held` is what the client has. */
  answer(message: string, knows: (symbol: string) => boolean, held: ReadonlySet<string>): Answer
  ticker(quote: ExchangeQuote): string
  /** Frames that prove the socket to a client with these symbols; none where protocol pings do it. */
  heartbeats(symbols: ReadonlySet<string>, at: number): readonly string[]
  readonly heartbeatMs: number
  /** Whether a subscription begins with the latest price. */
  readonly startsWithPrice: boolean
  /** The pair of a symbol as the exchange spells it; null when it is not one. */
  pair(symbol: string): Pair | null
  /**
   * A recorded frame as this side would send it, where frames refer to what their socket was told; `memory` is
   * what the recording has told so far. Without it frames are sent as they were recorded.
   */
  retold?(frame: string, memory: SessionMemory): string
}

export interface Answer {
  readonly replies: readonly string[]
  readonly added: readonly string[]
  readonly dropped: readonly string[]
}

interface ExchangeQuote {
  readonly symbol: string
  readonly price: string
  readonly at: number
  readonly order: number
}

export function saying(reply: string): Answer {
  return { replies: [reply], added: [], dropped: [] }
}

export const SAYING_NOTHING: Answer = { replies: [], added: [], dropped: [] }

/** An ISO 8601 instant with the six decimals that exchanges write. */
export function microsecondInstant(at: number): string {
  return new Date(at).toISOString().replace('Z', '000Z')
}

/** The pair of a symbol that is a base and a quote without anything between them; null when it is none. */
export function pairOf(venue: Venue, symbol: string): Pair | null {
  const letters = symbol.toUpperCase()
  for (const digits of [5, 4, 3]) {
    const pair = { base: letters.slice(0, -digits), quote: letters.slice(-digits) }
    if (pair.base !== '' && venue.symbol(pair) === symbol) return pair
  }
  return null
}
