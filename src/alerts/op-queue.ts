import { isUnavailable, mayPass } from '../database/failures.js'
import { Backoff } from '../lib/backoff.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { AlertOp, WriteOps } from './ops.js'

/**
 * Ops on their way into the database: those of one alert in their order, those of different alerts together, in
 * batches, one batch at a time. While the database is away everything stays and is tried again for as long as the
 * process lives. A batch that fails for another reason is halved until it is known which op it is that cannot be
 * written; that one is tried alone behind the others, a few times. An op that is refused takes the later ones of its
 * alert with it, because they followed from it; whoever keeps the alert is told, and reads it again.
 *
 *   add -> waiting -> written | refused -> settled
 *            |
 *            +-- cannot be written --> given up: its alert is set aside until it has another version
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
  /** Alerts of which something was given up, at which version: what it leads to would be decided again and again. */
  readonly #aside = new Map<string, number>()
  #added = 0
  #waiters: { readonly upTo: number; readonly resolve: () => void }[] = []
  #running: Promise<void> | null = null
  #cancelRetry: (() => void) | null = null
  /** No batch begins after this, in ms since the epoch; null while the queue is open. */
  #endsAt: number | null = null

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
    this.#mostAtOnce = options.mostAtOnce ?? MOST_AT_ONCE
  }

  /** Alerts of which something waits. */
  get size(): number {
    return this.#waiting.size
  }

  has(alertId: string): boolean {
    return this.#waiting.has(alertId)
  }

  add(op: AlertOp): void {
    if (this.#aside.get(op.alertId) === op.armVersion) return
    this.#added += 1
    const entry = { op, order: this.#added, failures: 0 }
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

  /**
   * Writes what waits, for a few seconds and not while the database is away: the price may have come back when
   * whoever is next looks at it, who then does not decide the same.
   */
  async stop(): Promise<void> {
    this.#endsAt = this.#clock.now() + LAST_WORDS_MS
    this.#cancelRetry?.()
    await this.#running
  }

  #run(): void {
    if (this.#running || this.#cancelRetry || this.#endsAt !== null) return
    // What the same tick decides goes into the same batch.
    this.#running = Promise.resolve()
      .then(() => this.#writeAll())
      .finally(() => {
        this.#running = null
        if (this.#waiting.size > 0) this.#run()
      })
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.size > 0 && this.#clock.now() < (this.#endsAt ?? Number.POSITIVE_INFINITY)) {
      try {
        await this.#writeBatch(this.#nextBatch())
        this.#backoff.reset()
      } catch (error) {
        if (this.#backoff.attempt === 0) this.#log.warn({ err: error }, 'alerts could not be written down')
        this.#retry()
        return
      } finally {
        this.#wakeWaiters()
      }
    }
  }

  /** Rejects with what may pass, when all else is settled. */
  async #writeBatch(batch: readonly Entry[]): Promise<void> {
    let failure: unknown
    try {
      const written = await this.#write(batch.map(({ op }) => op))
      for (const [place, { op }] of batch.entries()) this.#settle(op, written[place] === true)
      return
    } catch (error) {
      failure = error
    }
    const [only] = batch
    if (isUnavailable(failure) || !only) throw failure
    if (batch.length > 1) return this.#writeHalves(batch)
    if (mayPass(failure)) throw failure
    this.#failed(only, failure)
  }

  async #writeHalves(batch: readonly Entry[]): Promise<void> {
    const middle = Math.ceil(batch.length / 2)
    const failures: unknown[] = []
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
      try {
        await this.#writeBatch(half)
      } catch (error) {
        if (isUnavailable(error)) throw error
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  /** The first of each alert; one that failed before goes alone, when it is its turn. */
  #nextBatch(): readonly Entry[] {
    const batch: Entry[] = []
    for (const [first] of this.#waiting.values()) {
      if (!first) continue
      if (first.failures > 0 && batch.length === 0) return [first]
      if (first.failures === 0) batch.push(first)
      if (batch.length === this.#mostAtOnce) break
    }
    return batch
  }

  #failed(entry: Entry, error: unknown): void {
    const { alertId, armVersion, kind } = entry.op
    const entries = this.#waiting.get(alertId) ?? []
    entry.failures += 1
    this.#waiting.delete(alertId)
    if (entry.failures < MOST_TRIES) {
      this.#waiting.set(alertId, entries)
      return
    }
    this.#aside.set(alertId, armVersion)
    this.#log.error({ err: error, alertId, op: kind }, 'an alert cannot be written down and is set aside')
  }

  #settle({ alertId }: AlertOp, isWritten: boolean): void {
    this.#aside.delete(alertId)
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
    if (this.#endsAt !== null) return
    this.#cancelRetry = this.#clock.after(this.#backoff.next() + 20, () => {
      this.#cancelRetry = null
      this.#run()
    })
  }
}

/** Every batch waits nine times for the database to answer, which on a busy machine takes longer than the work. */
const MOST_AT_ONCE = 1_000
/** Of an op that fails alone: what it refers to may just have gone. */
const MOST_TRIES = 3
const LAST_WORDS_MS = 3_000

interface Entry {
  readonly op: AlertOp
  /** Counted over all alerts. */
  readonly order: number
  /** How often it could not be written although it was alone and the database was there. */
  failures: number
}
