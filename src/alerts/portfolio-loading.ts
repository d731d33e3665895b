import type { Log } from '../lib/log.js'
import type { LoadedPortfolio } from '../valuation/watched.js'

/** Somebody whose holdings are kept. */
export interface Loadable {
  readonly userId: string
  /** What the holdings have to be of at least. */
  version: number
  loaded: LoadedPortfolio | null
}

/**
 * Reads holdings, few at a time, so that requests find the database free: those that have changed first, then those
 * whose day is over, which at midnight are everybody's. What could not be read is tried again with the next `run`.
 */
export class Loading<T extends Loadable> {
  readonly #load: (userId: string) => Promise<LoadedPortfolio | null>
  readonly #loaded: (holder: T, loaded: LoadedPortfolio | null) => void
  readonly #log: Log
  readonly #changed = new Set<T>()
  readonly #over = new Set<T>()
  readonly #under = new Map<T, Promise<void>>()
  #stopped = false

  /** `loaded` gets null for a user who is not there any more. */
  constructor(options: {
    load: (userId: string) => Promise<LoadedPortfolio | null>
    loaded: (holder: T, loaded: LoadedPortfolio | null) => void
    log: Log
  }) {
    this.#load = options.load
    this.#loaded = options.loaded
    this.#log = options.log
  }

  /** Its holdings are not known, or have changed. */
  changed(holder: T): void {
    this.#over.delete(holder)
    this.#changed.add(holder)
    this.run()
  }

  /** Its holdings are what they were, but on another day. */
  dayOver(holder: T): void {
    if (this.#changed.has(holder) || this.#under.has(holder)) return
    this.#over.add(holder)
    this.run()
  }

  drop(holder: T): void {
    this.#changed.delete(holder)
    this.#over.delete(holder)
  }

  run(): void {
    while (!this.#stopped && this.#under.size < MOST_AT_ONCE) {
      const holder = this.#next()
      if (!holder) return
      this.#under.set(holder, this.#read(holder))
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#under.values())
  }

  #next(): T | undefined {
    for (const waiting of [this.#changed, this.#over]) {
      for (const holder of waiting) {
        if (this.#under.has(holder)) continue
        waiting.delete(holder)
        return holder
      }
    }
    return undefined
  }

  async #read(holder: T): Promise<void> {
    let goesOn = true
    try {
      const loaded = await this.#load(holder.userId)
      if (this.#stopped) return
      if (loaded && loaded.version < holder.version) this.#changed.add(holder)
      else this.#loaded(holder, loaded)
    } catch (error) {
      goesOn = false
      this.#changed.add(holder)
      this.#log.warn({ err: error, userId: holder.userId }, 'a portfolio could not be loaded')
    } finally {
      this.#under.delete(holder)
      if (goesOn) this.run()
    }
  }
}

const MOST_AT_ONCE = 4
