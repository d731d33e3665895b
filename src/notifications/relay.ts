import type { Database } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import { idBefore } from '../lib/rising-ids.js'
import type { Notification } from '../protocol/notifications.js'
import type { Told } from './news.js'
import type { Notices } from './notices.js'
import { notificationStore } from './store.js'

/** The open sockets of this process. */
export interface Sockets {
  /** Users who have one. */
  users(): Iterable<string>
  /** Hands it to those of this user; false when he has none. */
  notify(userId: string, notification: Notification): boolean
}

const SWEEP_MS = 5_000
/** Between the making of an id and the commit of its row, and between the clocks of two machines. */
const OVERLAP_MS = 3 * 60_000
const USERS_AT_ONCE = 5_000
const ROWS_AT_ONCE = 500

/**
 * Between the notices and the sockets of one web process. A notice may be lost: its writer ended between commit
 * and publication, or Redis was away. So every few seconds the inbox is asked for what the users with a socket
 * here have not seen and has not been handed on. Ids tell when a row was made: whatever is older than the last
 * sweep that succeeded, less the overlap, was found by that one or by the socket when it connected.
 */
export class Relay {
  readonly #options: RelayOptions
  /** Handed on, of the time that sweeps still ask for; in the order in which they were. */
  readonly #handed = new Set<string>()
  #since: number
  #running: Promise<void> | null = null
  #again = false
  #stopped = false
  #close: (() => Promise<void>) | null = null
  #cancel: () => void = () => {}

  constructor(options: RelayOptions) {
    this.#options = options
    this.#since = options.clock.now() - OVERLAP_MS
  }

  async start(): Promise<void> {
    const { notices, clock } = this.#options
    this.#cancel = clock.every(SWEEP_MS, () => this.#sweepSoon())
    this.#close = await notices.subscribe({
      told: (told) => {
        for (const one of told) this.#hand(one)
      },
      lost: () => {
        this.#again = true
        this.#sweepSoon()
      },
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#close?.()
    await this.#running
  }

  #hand({ userId, notification }: Told): void {
    if (this.#handed.has(notification.id)) return
    if (this.#options.sockets.notify(userId, notification)) this.#handed.add(notification.id)
  }

  /** One at a time; once more behind one that may have begun too early. */
  #sweepSoon(): void {
    this.#running ??= this.#sweep()
      .catch((error: unknown) => this.#options.log.warn({ err: error }, 'the sweep of the inbox failed'))
      .finally(() => {
        this.#running = null
        if (this.#again && !this.#stopped) this.#sweepSoon()
      })
  }

  async #sweep(): Promise<void> {
    const { db, clock, sockets } = this.#options
    this.#again = false
    const begun = clock.now()
    const users = [...sockets.users()]
    for (let first = 0; first < users.length; first += USERS_AT_ONCE) {
      const some = users.slice(first, first + USERS_AT_ONCE)
      const unseen = await db.asSystem((tx) => notificationStore.unseenSince(tx, some, this.#since))
      const missed = unseen.filter((id) => !this.#handed.has(id))
      for (let row = 0; row < missed.length && !this.#stopped; row += ROWS_AT_ONCE) {
        const ids = missed.slice(row, row + ROWS_AT_ONCE)
        const told = await db.asSystem((tx) => notificationStore.unseenAmong(tx, ids))
        for (const one of told) this.#hand(one)
      }
      if (this.#stopped) return
    }
    this.#since = begun - OVERLAP_MS
    this.#forget(idBefore(this.#since))
  }

  /** Ids rise with time, but for those of machines whose clocks differ: these are kept a little longer. */
  #forget(before: string): void {
    for (const id of this.#handed) {
      if (id >= before) return
      this.#handed.delete(id)
    }
  }
}

export interface RelayOptions {
  readonly db: Database
  readonly notices: Notices
  readonly sockets: Sockets
  readonly clock: Clock
  readonly log: Log
}
