import type { Pair } from '../instruments/symbol.js'

/**
 * What Harta knows of an exchange: data and pure functions, no class and no socket. `connection.ts` gives every
 * venue the same life. A new venue is one file in `venues/` and its recorded frames in the tests.
 */
export interface Venue {
  readonly id: string
  /** The WebSocket address under a base address (a proxy, a replay); without one, the exchange's own. */
  url(base?: string): string
  /** What the venue calls a pair, one name for each pair; null when it does not quote such a pair. */
  symbol(pair: Pair): string | null
  /** One message that asks for these symbols, at most `symbolsPerMessage`; `id` comes back in the answer. */
  subscribe(symbols: readonly string[], id: number, asking?: Asking): string
  /** Null where nothing has to be said: the prices of others come along anyway. */
  unsubscribe(symbols: readonly string[], id: number, asking?: Asking): string | null
  /** What a frame says. Never throws, whatever it is given. */
  read(frame: string, memory?: SessionMemory): Reading
  readonly limits: VenueLimits
  /**
   * What is said first on a socket, before anything is asked for; null when nothing is said and the venue speaks
   * first. With it, subscribing waits for a `welcome`.
   */
  readonly hello?: (token: string | null) => string | null
  /** The venue cuts sockets that do not say this every so often; its answer is read as a heartbeat. */
  readonly ping?: { readonly everyMs: number; readonly frame: (id: number, now?: number) => string }
  /** Where the address of a socket has to be asked for by HTTP, anew for each connection. */
  readonly ticket?: Ticket
}

/**
 * What one socket's venue has told that later frames refer to, such as the symbol of a channel's number. Begins
 * empty with each socket; `read` alone writes in it.
 */
export type SessionMemory = Map<string, string>

/** What a request may need beside its symbols: the time in ms since the epoch, and the socket's memory. */
export interface Asking {
  readonly now: number
  readonly memory: SessionMemory
}

export interface Ticket {
  readonly request: { readonly url: string; readonly method: 'GET' | 'POST' }
  /** The socket's address in an answer's body; null when there is none in it. Never throws. */
  read(body: string, nonce: string): string | null
}

export interface VenueLimits {
  /**
   * How long a socket with subscribed symbols may go without any price before it is given up. Heartbeats do
   * not count. It is the patience with a venue whose symbols are lively; `silence.ts` widens it for quiet ones.
   */
  readonly silenceMs: number
  /** How long a socket may go without any frame at all, heartbeats and protocol pings included. */
  readonly idleMs: number
  /** Symbols on one connection. */
  readonly maxSymbols: number
  readonly symbolsPerMessage: number
  readonly messagesPerSecond: number
  /** Requests on one socket in an hour, those that drop symbols included; where the venue counts them so. */
  readonly requestsPerHour?: number
  /** Age at which a connection is replaced, drawn evenly from [min, max]; null when the venue never cuts. */
  readonly rolloverMs: readonly [min: number, max: number] | null
  /** Attempts to connect that one address may make in a window. */
  readonly connectsPer: { readonly count: number; readonly windowMs: number }
}

/** A price as the venue told it. `symbol` is the venue's own spelling. */
export interface VenueTick {
  readonly symbol: string
  /** Plain decimal text, positive. */
  readonly price: string
  /** Event time in ms since the epoch with a fraction; null when the venue gives none: stamped on receive. */
  readonly at: number | null
  /** Trade id or sequence, which breaks ties within one instant; null when the frame has none. */
  readonly order: number | null
}

export type Reading =
  /** One frame that holds several messages. */
  | { readonly kind: 'several'; readonly readings: readonly Reading[] }
  /** The venue has let us in: symbols may be asked for. */
  | { readonly kind: 'welcome' }
  /** At least one price. `faults` tells why other entries of the same frame gave none. */
  | { readonly kind: 'ticks'; readonly ticks: readonly VenueTick[]; readonly faults: readonly string[] }
  | { readonly kind: 'heartbeat' }
  /** `symbols` null: all that the request with this `id` asked for. */
  | { readonly kind: 'acknowledged'; readonly symbols: readonly string[] | null; readonly id: number | null }
  /**
   * `symbols` null: the venue does not say which symbol of the request it refuses, or it has said so and serves
   * the others of the request neither. `reason` is its own text.
   */
  | {
      readonly kind: 'refused'
      readonly symbols: readonly string[] | null
      readonly id: number | null
      readonly reason: string
    }
  /** We ask too fast: the request was not looked at and may be made again. */
  | { readonly kind: 'throttled' }
  /** The venue is about to cut this connection: open a new one first. */
  | { readonly kind: 'ending' }
  | { readonly kind: 'ignored'; readonly reason: string }
  /** Not what the venue promises. `reason` is one of a fixed set of words, fit for a counter's label. */
  | { readonly kind: 'malformed'; readonly reason: string }

export const HEARTBEAT: Reading = { kind: 'heartbeat' }
export const WELCOME: Reading = { kind: 'welcome' }
export const ENDING: Reading = { kind: 'ending' }
export const THROTTLED: Reading = { kind: 'throttled' }

export function ignored(reason: string): Reading {
  return { kind: 'ignored', reason }
}

export function malformed(reason: string): Reading {
  return { kind: 'malformed', reason }
}

export function refused(symbols: readonly string[] | null, id: number | null, reason: string): Reading {
  return { kind: 'refused', symbols, id, reason: reason.slice(0, 200) }
}

const NO_FAULTS: readonly string[] = []

/** The reading of a frame with one entry: a tick, or the word that says why it is none. */
export function oneTick(result: VenueTick | string): Reading {
  return typeof result === 'string'
    ? malformed(result)
    : { kind: 'ticks', ticks: [result], faults: NO_FAULTS }
}

/** The reading of a frame with several entries, each a tick or the word that says why it is none. */
export function manyTicks(results: readonly (VenueTick | string)[]): Reading {
  const ticks = results.filter((result) => typeof result !== 'string')
  const faults = results.filter((result) => typeof result === 'string')
  if (ticks.length > 0) return { kind: 'ticks', ticks, faults }
  return faults[0] === undefined ? ignored('empty') : malformed(faults[0])
}

/** A base address and the path of the venue's socket; a base that ends in one of `paths` is whole already. */
export function socketUrl(base: string, paths: readonly [string, ...string[]]): string {
  const bare = base.replace(/\/+$/, '')
  return paths.some((path) => bare.endsWith(path)) ? bare : bare + paths[0]
}

/** Currencies of states: as the base of a pair they are a foreign-exchange market, which most venues lack. */
export const FIAT: ReadonlySet<string> = new Set(
  (
    'AED ARS AUD BRL CAD CHF CLP CNY COP CZK DKK EUR GBP HKD HUF IDR ILS INR JPY KRW MXN MYR NGN NOK NZD PEN PHP ' +
    'PKR PLN RON RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR'
  ).split(' '),
)
