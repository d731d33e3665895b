import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { LoadedPortfolios } from '../valuation/load.js'
import type { LoadedPortfolio } from '../valuation/watched.js'

/** Somebody whose holdings are kept. */
export interface Loadable {
  readonly userId: string
  /** What the holdings have to be of at least. */
  version: number
  loaded: LoadedPortfolio | null
}

interface LoadingOptions<T> {
  readonly load: (userIds: readonly string[]) => Promise<LoadedPortfolios>
  /** Null: this user is not there any more. */
  readonly loaded: (holder: T, loaded: LoadedPortfolio | null) => void
  readonly clock: Clock
  readonly log: Log
}

/**
 * Reads holdings, one batch after the other, each as large as it can be without keeping requests from the database
 * for long: those that have changed first, then those whose day is over, which at midnight are everybody's and are
 * read with pauses. What could not be read is tried again with the next `run`, behind all others; when a whole batch
 * failed, each of it among half as many, so that what ails one of them is soon nobody else's.
 */
export class Loading<T extends Loadable> {
  readonly #options: LoadingOptions<T>
  readonly #changed = new Set<T>()
  readonly #later = new Set<T>()
  readonly #failed = new Set<T>()
  /** Those that are being read and still wanted. */
  readonly #under = new Set<T>()
  /** Of whose batch failed: among how many he is read next time. */
  readonly #most = new Map<T, number>()
  #size = FIRST_SIZE
  #running: Promise<void> | null = null
  #endPause = (): void => {}
  #stopped = false

  constructor(options: LoadingOptions<T>) {
    this.#options = options
  }

  /** Its holdings are not known, or have changed. */
  changed(holder: T): void {
    this.#later.delete(holder)
    this.#changed.add(holder)
    this.#start()
  }

  /** Its holdings are what they were, but on another day. */
  dayOver(holder: T): void {
    if ([this.#changed, this.#under, this.#failed].some((some) => some.has(holder))) return
    this.#later.add(holder)
    this.#start()
  }

  drop(holder: T): void {
    for (const some of [this.#changed, this.#later, this.#failed, this.#under, this.#most])
      some.delete(holder)
  }

  /** Tries again what failed. */
  run(): void {
    for (const holder of this.#failed) this.#later.add(holder)
    this.#failed.clear()
    this.#start()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#endPause()
    await this.#running
  }

  #start(): void {
    if (this.#changed.size > 0) this.#endPause()
    this.#running ??= this.#readAll().finally(() => {
      this.#running = null
    })
  }

  async #readAll(): Promise<void> {
    // Who is told of in the same breath is read in the same batch.
    await Promise.resolve()
    const { clock } = this.#options
    while (!this.#stopped && this.#takeNext()) {
      const [began, asked] = [clock.now(), this.#under.size]
      if (!(await this.#read())) return
      const took = clock.now() - began
      this.#size = sizeAfter(this.#size, asked, took)
      if (took > 0 && this.#changed.size === 0 && this.#later.size > 0) await this.#pause(took)
      // The embedded database answers without ever giving the event loop a turn.
      else await turn()
    }
  }

  /** False when nobody waits. */
  #takeNext(): boolean {
    const waiting = this.#changed.size > 0 ? this.#changed : this.#later
    let most = this.#size
    for (const holder of waiting) {
      most = Math.min(most, this.#most.get(holder) ?? most)
      if (this.#under.size >= most) break
      this.#under.add(holder)
      waiting.delete(holder)
    }
    return this.#under.size > 0
  }

  /** Whether it is worth going on now. */
  async #read(): Promise<boolean> {
    const { load, loaded, log } = this.#options
    const asked = [...this.#under].map(({ userId }) => userId)
    try {
      const found = await load(asked)
      if (this.#stopped) return false
      for (const holder of this.#under) {
        const portfolio = found.get(holder.userId) ?? null
        this.#most.delete(holder)
        if (portfolio instanceof Error) {
          this.#failed.add(holder)
          log.warn({ err: portfolio, userId: holder.userId }, 'a portfolio could not be loaded')
        } else if (!portfolio || portfolio.version >= holder.version) loaded(holder, portfolio)
        else if (!this.#changed.has(holder)) this.#failed.add(holder)
      }
      return true
    } catch (error) {
      for (const holder of this.#under) {
        this.#failed.add(holder)
        this.#most.set(holder, Math.ceil(asked.length / 2))
      }
      log.warn({ err: error, users: asked.length }, 'portfolios could not be loaded')
      return false
    } finally {
      this.#under.clear()
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve)
      this.#endPause = () => {
        cancel()
        resolve()
      }
    })
  }
}

const [FIRST_SIZE, LEAST, MOST] = [100, 20, 500]
/** So long a request may have to wait for a database that has one connection. */
const BATCH_MS = 40

/** At most twice or half as many as before, so that one delay does not decide. */
function sizeAfter(size: number, asked: number, tookMs: number): number {
  if (tookMs > BATCH_MS) return Math.max(LEAST, Math.round(size * Math.max(BATCH_MS / tookMs, 0.5)))
  if (asked < size) return size
  return Math.min(MOST, Math.round(size * Math.min(BATCH_MS / Math.max(tookMs, 1), 2)))
}
