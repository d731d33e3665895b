import { Allowance } from './allowance.js'
import type { Asking, SessionMemory, Venue } from './venue.js'

/** How long an answer to a request is awaited. Some venues answer late, or only with data. */
const ANSWER_MS = 5_000
/** How long a venue that calls us too fast is left alone. */
const THROTTLE_MS = 5_000
/** How long an accepted symbol may stay without its first price before it is reported. */
const FIRST_PRICE_MS = 60_000

interface Request {
  readonly id: number
  readonly since: number
  /** How many symbols were asked for. */
  readonly size: number
  /** Symbols that are neither answered nor heard of. */
  readonly waiting: Set<string>
}

/**
 * What one socket is subscribed to and what it should be. It compares the two sets instead of queueing
 * commands, so however often the wish changes, the next message is the right one. One request is under way at a
 * time, because some venues refuse without naming what they refuse; a request that is refused so is asked
 * again in halves until the culprit stands alone, or whole without the culprit that was named.
 */
export class Subscriptions {
  readonly #venue: Venue
  readonly #memory: SessionMemory
  #wanted: ReadonlySet<string> = new Set()
  readonly #asked = new Map<string, { readonly at: number; heard: boolean }>()
  #request: Request | null = null
  readonly #allowance: Allowance | null
  #suspects: (readonly string[])[] = []
  #heldUntil = 0
  #lastId = 0

  /** `memory` is the socket's: some venues are told what to drop in words of their own. */
  constructor(venue: Venue, memory: SessionMemory = new Map()) {
    this.#venue = venue
    this.#memory = memory
    const { requestsPerHour } = venue.limits
    this.#allowance = requestsPerHour === undefined ? null : new Allowance(requestsPerHour)
  }

  want(symbols: ReadonlySet<string>): void {
    this.#wanted = symbols
  }

  /** The message to send now, or null: nothing to change, or an answer is awaited. */
  next(now: number): string | null {
    if (now < this.#heldUntil || this.#allowance?.has(now) === false) return null
    const { symbolsPerMessage } = this.#venue.limits
    const asking: Asking = { now, memory: this.#memory }
    const drop = this.#unwanted().slice(0, symbolsPerMessage)
    if (drop.length > 0) {
      for (const symbol of drop) this.#asked.delete(symbol)
      const message = this.#venue.unsubscribe(drop, this.#nextId(), asking)
      if (message !== null) {
        this.#allowance?.spend()
        return message
      }
    }
    if (this.#request) return null
    const add = this.#nextGroup(symbolsPerMessage)
    if (add.length === 0) return null
    this.#allowance?.spend()
    this.#request = { id: this.#nextId(), since: now, size: add.length, waiting: new Set(add) }
    for (const symbol of add) this.#asked.set(symbol, { at: now, heard: false })
    return this.#venue.subscribe(add, this.#request.id, asking)
  }

  /** Null: all that the request `id` asked for. A venue may name more than was asked. */
  acknowledged(symbols: readonly string[] | null, id: number | null): void {
    if (symbols === null) {
      if (this.#request?.id === id) this.#request = null
    } else for (const symbol of symbols) this.#answered(symbol)
  }

  /** The symbols that are refused beyond doubt; none while the culprit is being searched. */
  refused(symbols: readonly string[] | null, id: number | null): readonly string[] {
    if (symbols === null) return this.#failed(id)
    for (const symbol of symbols) {
      this.#answered(symbol)
      this.#asked.delete(symbol)
    }
    return symbols.filter((symbol) => this.#wanted.has(symbol))
  }

  throttled(now: number): void {
    this.#heldUntil = now + THROTTLE_MS
    const again = this.#takeRequest(null)
    for (const symbol of again) this.#asked.delete(symbol)
    if (again.length > 0) this.#suspects.unshift(again)
  }

  /** A price of this symbol came, which is the best of answers; false when it was not asked for. */
  heard(symbol: string): boolean {
    const asked = this.#asked.get(symbol)
    if (!asked) return false
    if (!asked.heard) this.#answered(symbol)
    asked.heard = true
    return true
  }

  /** Stops waiting for an answer that does not come; true when it did. The symbols count as accepted. */
  expire(now: number): boolean {
    if (!this.#request || now - this.#request.since < ANSWER_MS) return false
    this.#request = null
    return true
  }

  /** Nothing is left to ask for and no answer is awaited. */
  get settled(): boolean {
    return this.#request === null && [...this.#wanted].every((symbol) => this.#asked.has(symbol))
  }

  /** Symbols that were asked for long enough ago and gave no price yet. */
  silent(now: number): string[] {
    return [...this.#asked].flatMap(([symbol, asked]) =>
      !asked.heard && now - asked.at >= FIRST_PRICE_MS ? [symbol] : [],
    )
  }

  #unwanted(): string[] {
    const waiting = this.#request?.waiting
    return [...this.#asked.keys()].filter((symbol) => !this.#wanted.has(symbol) && !waiting?.has(symbol))
  }

  /** A request came to nothing. If one of its symbols has been named, that was the reason. */
  #failed(id: number | null): readonly string[] {
    const size = this.#request?.size
    const symbols = this.#takeRequest(id)
    for (const symbol of symbols) this.#asked.delete(symbol)
    if (symbols.length === size) {
      if (size === 1) return symbols
      const half = Math.ceil(size / 2)
      this.#suspects.unshift(symbols.slice(0, half), symbols.slice(half))
    } else if (symbols.length > 0) this.#suspects.unshift(symbols)
    return []
  }

  #nextGroup(size: number): readonly string[] {
    const isMissing = (symbol: string) => this.#wanted.has(symbol) && !this.#asked.has(symbol)
    for (let group = this.#suspects.shift(); group; group = this.#suspects.shift()) {
      const missing = group.filter(isMissing)
      if (missing.length > 0) return missing
    }
    return [...this.#wanted].filter(isMissing).slice(0, size)
  }

  #answered(symbol: string): void {
    if (this.#request?.waiting.delete(symbol) && this.#request.waiting.size === 0) this.#request = null
  }

  #takeRequest(id: number | null): readonly string[] {
    if (!this.#request || (id !== null && id !== this.#request.id)) return []
    const symbols = [...this.#request.waiting]
    this.#request = null
    return symbols
  }

  #nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }
}
