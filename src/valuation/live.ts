import { randomUUID } from 'node:crypto'
import { Backoff } from '../lib/backoff.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Market } from './value.js'
import { dependencies, type LoadedPortfolio, type Places, WatchedPortfolio } from './watched.js'

/**
 * The portfolios that somebody is looking at, kept at their value. A price or rate that moves marks its name; at
 * the end of a window each watched portfolio that depends on a marked name is valued once and told once, so the
 * cost grows with (portfolios holding what moved), not with the number of ticks or of registered users. The
 * window's work is spread over slots: a portfolio belongs to one slot, and the slots flush one after the other.
 *
 * A portfolio stays watched for a while after its last reader has left, so that a reader who comes back at once
 * finds the same epoch. Holdings that change are loaded again and told as a new snapshot.
 */
export class LiveValuations {
  readonly #load: (userId: string) => Promise<LoadedPortfolio | null>
  readonly #market: (currency: string) => Market
  readonly #tell: Tell
  readonly #clock: Clock
  readonly #log: Log
  readonly #lingerMs: number
  readonly #node = randomUUID().slice(0, 8)
  readonly #entries = new Map<string, Entry>()
  readonly #slots: Slot[]
  #cancelFlush: () => void = () => {}
  #nextSlot = 0
  #epochs = 0
  #stopped = false

  constructor(options: LiveOptions) {
    this.#load = options.load
    this.#market = options.market
    this.#tell = options.tell
    this.#clock = options.clock
    this.#log = options.log
    this.#lingerMs = options.lingerMs ?? 30_000
    const slots = Math.max(1, Math.min(10, Math.floor(options.windowMs / 25)))
    this.#slots = Array.from({ length: slots }, () => ({ dependents: new Map(), moved: new Set() }))
    this.#cancelFlush = options.clock.every(options.windowMs / slots, () => this.#flushNext())
  }

  /** Begins to watch; null when there is no such user. `release` has to be called once. */
  async watch(userId: string): Promise<Watch | null> {
    let entry = this.#entries.get(userId)
    if (!entry) {
      entry = this.#open(userId)
      this.#entries.set(userId, entry)
    }
    entry.readers += 1
    entry.cancelLinger()
    const watched = await entry.ready
    if (!watched) {
      this.#release(entry)
      return null
    }
    const kept = entry
    let released = false
    return {
      portfolio: () => kept.portfolio ?? watched,
      release: () => {
        if (!released) this.#release(kept)
        released = true
      },
    }
  }

  /** A symbol or rate moved (names as in `dependencies`). */
  moved(name: string): void {
    for (const slot of this.#slots) if (slot.dependents.has(name)) slot.moved.add(name)
  }

  /**
   * The holdings of this user changed: load them again if he is watched. Resolves when that has been told, or
   * could not be: a load that is under way may have begun too early, so the one after it is waited for.
   */
  async changed(userId: string): Promise<void> {
    const entry = this.#entries.get(userId)
    if (!entry) return
    entry.outdated = true
    if (entry.reloading) {
      entry.again = true
      await entry.reloading
    } else entry.reloading = this.#reload(entry)
    await entry.reloading
  }

  isWatched(userId: string): boolean {
    return this.#entries.has(userId)
  }

  /** The watched portfolio, once it has caught up with at least this version of the holdings; null if unwatched. */
  async current(userId: string, version: number): Promise<WatchedPortfolio | null> {
    const entry = this.#entries.get(userId)
    if (!entry) return null
    await entry.ready
    if (entry.portfolio && entry.portfolio.loaded.version < version) await this.changed(userId)
    return entry.portfolio
  }

  /** Who is watched with which holdings, for the sweep that finds what a lost message or midnight has changed. */
  *watched(): Iterable<{ readonly userId: string; readonly loaded: LoadedPortfolio }> {
    for (const entry of this.#entries.values()) {
      if (entry.portfolio) yield { userId: entry.userId, loaded: entry.portfolio.loaded }
    }
  }

  stop(): void {
    this.#stopped = true
    this.#cancelFlush()
    for (const entry of this.#entries.values()) {
      entry.cancelLinger()
      entry.cancelRetry()
    }
    this.#entries.clear()
  }

  #open(userId: string): Entry {
    const slot = this.#slots[this.#entries.size % this.#slots.length]
    if (!slot) throw new Error('there is at least one slot')
    const entry: Entry = {
      userId,
      slot,
      readers: 0,
      portfolio: null,
      places: new Map(),
      due: [],
      ready: Promise.resolve(null),
      outdated: false,
      reloading: null,
      again: false,
      backoff: null,
      cancelLinger: nothing,
      cancelRetry: nothing,
    }
    entry.ready = this.#load(userId).then(
      (loaded) => {
        if (!loaded || this.#entries.get(userId) !== entry) {
          if (!loaded) this.#entries.delete(userId)
          return null
        }
        const at = this.#clock.now()
        const epoch = this.newEpoch()
        entry.portfolio = new WatchedPortfolio({ epoch, loaded, market: this.#market(loaded.currency), at })
        this.#index(entry, loaded)
        if (entry.outdated) void this.changed(userId)
        return entry.portfolio
      },
      (error: unknown) => {
        this.#entries.delete(userId)
        throw error
      },
    )
    return entry
  }

  /** Names a new stream of updates; a valuation that nobody watches gets one of its own. */
  newEpoch(): string {
    this.#epochs += 1
    return `${this.#node}-${this.#epochs}`
  }

  #release(entry: Entry): void {
    entry.readers -= 1
    if (entry.readers > 0 || this.#entries.get(entry.userId) !== entry) return
    entry.cancelLinger = this.#clock.after(this.#lingerMs, () => this.#drop(entry))
  }

  #drop(entry: Entry): void {
    if (entry.readers > 0 || this.#entries.get(entry.userId) !== entry) return
    entry.cancelRetry()
    this.#unindex(entry)
    this.#entries.delete(entry.userId)
  }

  /** Loads and tells once; a change that came meanwhile starts the next load before this one resolves. */
  async #reload(entry: Entry): Promise<void> {
    entry.again = false
    try {
      await entry.ready
      const loaded = await this.#load(entry.userId)
      if (this.#entries.get(entry.userId) !== entry || !entry.portfolio || !loaded) return
      this.#unindex(entry)
      const text = entry.portfolio.tellHoldings(loaded, this.#market(loaded.currency), this.#clock.now())
      this.#index(entry, loaded)
      this.#tell.snapshot(entry.userId, text)
      entry.backoff = null
    } catch (error) {
      if (this.#stopped) return
      this.#log.warn({ err: error }, 'a watched portfolio could not be loaded')
      entry.cancelRetry()
      entry.backoff ??= new Backoff({ baseMs: 500, capMs: 10_000 })
      entry.cancelRetry = this.#clock.after(entry.backoff.next() + 250, () => void this.changed(entry.userId))
    } finally {
      const goOn = entry.again && this.#entries.get(entry.userId) === entry
      entry.outdated = goOn
      entry.reloading = goOn ? this.#reload(entry) : null
    }
  }

  #index(entry: Entry, loaded: LoadedPortfolio): void {
    entry.places = dependencies(loaded)
    for (const name of entry.places.keys()) {
      const dependents = entry.slot.dependents.get(name)
      if (dependents) dependents.add(entry)
      else entry.slot.dependents.set(name, new Set([entry]))
    }
  }

  #unindex(entry: Entry): void {
    for (const name of entry.places.keys()) {
      const dependents = entry.slot.dependents.get(name)
      dependents?.delete(entry)
      if (dependents?.size === 0) entry.slot.dependents.delete(name)
    }
    entry.places = new Map()
  }

  #flushNext(): void {
    const slot = this.#slots[this.#nextSlot]
    this.#nextSlot = (this.#nextSlot + 1) % this.#slots.length
    if (!slot || slot.moved.size === 0) return
    const due: Entry[] = []
    for (const name of slot.moved) {
      for (const entry of slot.dependents.get(name) ?? []) {
        if (entry.due.length === 0) due.push(entry)
        const places = entry.places.get(name) ?? []
        for (const place of typeof places === 'number' ? [places] : places) {
          if (!entry.due.includes(place)) entry.due.push(place)
        }
      }
    }
    slot.moved.clear()
    this.#flush(due)
  }

  /** Values all, then tells all: either work runs faster when the other does not come between. */
  #flush(due: readonly Entry[]): void {
    const at = this.#clock.now()
    const texts = due.map((entry) => this.#tellMoves(entry, at))
    due.forEach(({ userId }, index) => {
      const text = texts[index] ?? null
      if (text !== null) this.#tell.update(userId, text)
    })
  }

  /** One portfolio that cannot be valued must not hold up the others. */
  #tellMoves(entry: Entry, at: number): string | null {
    try {
      return entry.portfolio && !entry.outdated ? entry.portfolio.tellMoves(entry.due, at) : null
    } catch (error) {
      this.#log.error({ err: error, userId: entry.userId }, 'a watched portfolio could not be valued')
      return null
    } finally {
      entry.due.length = 0
    }
  }
}

export interface LiveOptions {
  /** Null when the user does not exist any more. */
  readonly load: (userId: string) => Promise<LoadedPortfolio | null>
  readonly market: (currency: string) => Market
  readonly tell: Tell
  readonly clock: Clock
  readonly log: Log
  /** At most one update for each portfolio in this time. */
  readonly windowMs: number
  /** How long a portfolio stays watched after its last reader left. */
  readonly lingerMs?: number
}

/** Where the JSON texts go: to all sockets of the user on this node. */
export interface Tell {
  update(userId: string, text: string): void
  snapshot(userId: string, text: string): void
}

export interface Watch {
  portfolio(): WatchedPortfolio
  release(): void
}

const nothing = (): void => {}

interface Entry {
  readonly userId: string
  readonly slot: Slot
  readers: number
  portfolio: WatchedPortfolio | null
  places: Places
  /** Places that moved in the window which is being flushed. */
  readonly due: number[]
  ready: Promise<WatchedPortfolio | null>
  /** True while changed holdings are being loaded; nothing is told in between. */
  outdated: boolean
  reloading: Promise<void> | null
  again: boolean
  /** While loads fail. */
  backoff: Backoff | null
  cancelLinger: () => void
  cancelRetry: () => void
}

interface Slot {
  readonly dependents: Map<string, Set<Entry>>
  readonly moved: Set<string>
}
