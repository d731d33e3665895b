import type { Pair } from '../instruments/symbol.js'
import { Backoff } from '../lib/backoff.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { ListedPair } from './rest/rest.js'

const REFRESH_MS = 6 * 3_600_000
const RETRY = { baseMs: 10_000, capMs: 30 * 60_000 } as const
/** A list that has shrunk beyond belief is believed when the venue has said so for this long. */
const BELIEVED_AFTER_MS = 24 * 3_600_000

/** What asks a venue for its list (rest/venue-desk.ts). */
export interface ListingDesk {
  readonly id: string
  /** Null when none is to be had now; never rejects. */
  catalogue(): Promise<readonly ListedPair[] | null>
}

export interface VenueList {
  readonly venue: string
  /** When it came, in ms since the epoch. */
  readonly at: number
  readonly pairs: readonly ListedPair[]
}

/** `unknown` while there is no list of the venue: then the venue's own rule counts. */
export type Look = { readonly symbol: string } | 'not-listed' | 'not-trading' | 'unknown'

/**
 * What each venue lists, as it said last: asked for at the start and every six hours. An answer that does not
 * come, or that holds less than half of what was listed or traded before, leaves the list as it is and is asked
 * for again soon: a list of hours ago is nearer to the truth than half a list.
 */
export class Catalogue {
  readonly #shelves: ReadonlyMap<string, Shelf>

  constructor(options: {
    desks: readonly ListingDesk[]
    clock: Clock
    random: () => number
    log: Log
    /** Hears `catalogue-failed` and `catalogue-implausible`. */
    count: (venue: string, word: string) => void
    /** A list of this venue came. */
    changed: (venue: string) => void
  }) {
    this.#shelves = new Map(options.desks.map((desk) => [desk.id, new Shelf(desk, options)]))
  }

  start(): void {
    for (const shelf of this.#shelves.values()) shelf.start()
  }

  /** The lists stay as they are; an answer that still comes changes nothing. */
  stop(): void {
    for (const shelf of this.#shelves.values()) shelf.stop()
  }

  look(venue: string, pair: Pair): Look {
    return this.#shelves.get(venue)?.look(pair) ?? 'unknown'
  }

  /** The lists that there are. */
  lists(): readonly VenueList[] {
    return [...this.#shelves.values()].flatMap(({ list }) => list ?? [])
  }
}

interface ShelfOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly count: (venue: string, word: string) => void
  readonly changed: (venue: string) => void
}

/** One venue's list and the life of its refreshing. */
class Shelf {
  readonly #desk: ListingDesk
  readonly #options: ShelfOptions
  readonly #backoff: Backoff
  #list: VenueList | null = null
  #byPair: ReadonlyMap<string, ListedPair> = new Map()
  /** Since when the venue has told lists that are not believed. */
  #doubtedSince: number | null = null
  #running = false
  #cancel: (() => void) | null = null

  constructor(desk: ListingDesk, options: ShelfOptions) {
    this.#desk = desk
    this.#options = options
    this.#backoff = new Backoff({ ...RETRY, random: options.random })
  }

  get list(): VenueList | null {
    return this.#list
  }

  look(pair: Pair): Look {
    if (this.#list === null) return 'unknown'
    const listed = this.#byPair.get(nameOf(pair))
    if (listed === undefined) return 'not-listed'
    return listed.trading ? { symbol: listed.symbol } : 'not-trading'
  }

  start(): void {
    this.#running = true
    void this.#refresh()
  }

  stop(): void {
    this.#running = false
    this.#cancel?.()
  }

  async #refresh(): Promise<void> {
    const pairs = await this.#desk.catalogue()
    if (!this.#running) return
    const { random } = this.#options
    const delayMs = this.#take(pairs)
      ? REFRESH_MS * (0.9 + 0.2 * random())
      : RETRY.baseMs + this.#backoff.next()
    this.#cancel = this.#options.clock.after(delayMs, () => void this.#refresh())
  }

  /** Whether the list was believed. */
  #take(pairs: readonly ListedPair[] | null): boolean {
    const { clock, log, count, changed } = this.#options
    if (pairs === null) {
      count(this.#desk.id, 'catalogue-failed')
      return false
    }
    if (this.#isDoubtful(pairs, clock.now())) {
      count(this.#desk.id, 'catalogue-implausible')
      log.warn(
        { venue: this.#desk.id, pairs: pairs.length, before: this.#list?.pairs.length },
        'list not believed',
      )
      return false
    }
    this.#backoff.reset()
    this.#doubtedSince = null
    this.#list = { venue: this.#desk.id, at: clock.now(), pairs }
    this.#byPair = byPair(pairs)
    changed(this.#desk.id)
    return true
  }

  #isDoubtful(pairs: readonly ListedPair[], now: number): boolean {
    if (pairs.length === 0) return true
    const before = this.#list?.pairs ?? []
    const isHalf = pairs.length * 2 >= before.length && traded(pairs) * 2 >= traded(before)
    if (isHalf) return false
    this.#doubtedSince ??= now
    return now - this.#doubtedSince < BELIEVED_AFTER_MS
  }
}

function traded(pairs: readonly ListedPair[]): number {
  return pairs.filter(({ trading }) => trading).length
}

/** Of two listings of a pair, the one that is traded. */
function byPair(pairs: readonly ListedPair[]): ReadonlyMap<string, ListedPair> {
  const found = new Map<string, ListedPair>()
  for (const listed of pairs) {
    const name = nameOf(listed.pair)
    if (!found.get(name)?.trading) found.set(name, listed)
  }
  return found
}

function nameOf({ base, quote }: Pair): string {
  return `${base}-${quote}`
}
