import { Backoff } from '../lib/backoff.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { AlertOp, WriteOps } from './ops.js'

/**
 * Ops on their way into the database: those of one alert in their order, those of different alerts together, in
 * batches, one batch at a time. A batch that cannot be written stays and is tried again for as long as the process
 * lives. An op that is refused takes the later ones of its alert with it, because they followed from it; whoever
 * keeps the alert is told, and reads it again.
 *
 *   add -> waiting -> written | refused -> settled
 */
export class OpQueue {
  readonly #write: WriteOps
  readonly #refused: (alertId: string) => void
  readonly #clock: Clock
  readonly #log: Log
  readonly #mostAtOnce: number
  readonly #backoff = new Backoff({ baseMs: 50, capMs: 5_000 })
  /** By alert, in the order in which they came to be first of their alert. */
  readonly #waiting = new Map<string, Entry[]>()
  #added = 0
  #waiters: { readonly upTo: number; readonly resolve: () => void }[] = []
  #running: Promise<void> | null = null
  #cancelRetry: (() => void) | null = null
  #stopped = false

  constructor(options: {
    write: WriteOps
    refused: (alertId: string) => void
    clock: Clock
    log: Log
    mostAtOnce?: number
  }) {
    this.#write = options.write
    this.#refused = options.refused
    this.#clock = options.clock
    this.#log = options.log
    this.#mostAtOnce = options.mostAtOnce ?? 500
  }

  /** Alerts of which something waits. */
  get size(): number {
    return this.#waiting.size
  }

  has(alertId: string): boolean {
    return this.#waiting.has(alertId)
  }

  add(op: AlertOp): void {
    this.#added += 1
    const entry = { op, order: this.#added }
    const before = this.#waiting.get(op.alertId)
    if (before) before.push(entry)
    else this.#waiting.set(op.alertId, [entry])
    this.#run()
  }

  /** Resolves when everything that was added so far is written or refused; never, once the queue is stopped. */
  drained(): Promise<void> {
    if (this.#waiting.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push({ upTo: this.#added, resolve }))
  }

  /** Waits for the batch that is under way; what has not been written by then is decided anew by whoever is next. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelRetry?.()
    await this.#running
  }

  #run(): void {
    if (this.#running || this.#cancelRetry || this.#stopped) return
    // What the same tick decides goes into the same batch.
    this.#running = Promise.resolve()
      .then(() => this.#writeAll())
      .finally(() => {
        this.#running = null
        if (this.#waiting.size > 0) this.#run()
      })
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.size > 0 && !this.#stopped) {
      const batch = this.#firstOfEach()
      try {
        const written = await this.#write(batch.map(({ op }) => op))
        this.#backoff.reset()
        for (const [place, { op }] of batch.entries()) this.#settle(op.alertId, written[place] === true)
        this.#wakeWaiters()
      } catch (error) {
        if (this.#backoff.attempt === 0) this.#log.warn({ err: error }, 'alerts could not be written down')
        this.#retry()
        return
      }
    }
  }

  #firstOfEach(): readonly Entry[] {
    const batch: Entry[] = []
    for (const [first] of this.#waiting.values()) {
      if (first) batch.push(first)
      if (batch.length === this.#mostAtOnce) break
    }
    return batch
  }

  #settle(alertId: string, isWritten: boolean): void {
    const entries = this.#waiting.get(alertId) ?? []
    // Behind all others, so that an alert which has much to say does not keep them waiting.
    this.#waiting.delete(alertId)
    if (isWritten && entries.length > 1) this.#waiting.set(alertId, entries.slice(1))
    if (!isWritten) this.#refused(alertId)
  }

  #wakeWaiters(): void {
    if (this.#waiters.length === 0) return
    let oldest = Number.POSITIVE_INFINITY
    for (const [first] of this.#waiting.values()) oldest = Math.min(oldest, first?.order ?? oldest)
    const over = this.#waiters.filter(({ upTo }) => upTo < oldest)
    this.#waiters = this.#waiters.filter(({ upTo }) => upTo >= oldest)
    for (const { resolve } of over) resolve()
  }

  #retry(): void {
    if (this.#stopped) return
    this.#cancelRetry = this.#clock.after(this.#backoff.next() + 20, () => {
      this.#cancelRetry = null
      this.#run()
    })
  }
}

interface Entry {
  readonly op: AlertOp
  /** Counted over all alerts. */
  readonly order: number
}
